"""The record: every change is one event in the same transaction, in a chain showing tampering."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from actors.models import Identifier, Person
from actors.organization import Scheme
from agreements.agreement import Status
from agreements.documents import Kind as DocumentKind
from agreements.models import (
    Article,
    Consultation,
    ConsultationSeries,
    Document,
    GroupMembership,
    Indicator,
    LiaisonAppointment,
    Measurement,
    Milestone,
    Phase,
    ProgressReport,
    SpecialGroup,
)
from governance import clock
from governance.record import ChainHead, Door, Event, broken_links, plain, record, through, unit
from tests.cast import (
    SIGNED,
    TODAY,
    enter_agreement,
    enter_party,
    enter_person,
    enter_rotation,
    enter_task,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(officer, alba, brook, corva, agreement):
    """One of each noun, by name."""
    enter = {"by": officer, "on": SIGNED}
    things = {"agreement": agreement, "party": agreement.party_set.first(), "organization": alba}
    things["person"] = enter_person("Ann", alba)
    things["appointment"] = things["person"].appointments.get()
    things["identifier"] = Identifier.enter(
        **enter, organization=alba, scheme=Scheme.URL, value="https://alba.example.org"
    )
    things["article"] = Article.enter(**enter, agreement=agreement, number="5")
    things["phase"] = Phase.enter(**enter, agreement=agreement, name="First year")
    things["milestone"] = Milestone.enter(**enter, agreement=agreement, name="Half way")
    things["group"] = SpecialGroup.enter(**enter, agreement=agreement, name="Rivers")
    things["membership"] = GroupMembership.enter(**enter, group=things["group"], organization=corva)
    things["task"] = enter_task(agreement, by=officer, lead=alba)
    things["indicator"] = Indicator.enter(
        **enter, task=things["task"], name="Trees", unit="trees", target=Decimal(10)
    )
    things["measurement"] = Measurement.enter(
        **enter, indicator=things["indicator"], as_of=SIGNED, value=Decimal(2)
    )
    things["report"] = ProgressReport.enter(
        **enter, task=things["task"], reported_on=SIGNED, text="Dug"
    )
    things["document"] = Document.file(
        ContentFile(b"Signed by both.", name="text.txt"),
        **enter,
        agreement=agreement,
        kind=DocumentKind.SIGNED_TEXT,
    )
    things["rotation"] = enter_rotation(agreement, alba, brook, by=officer)
    things["seat"] = things["rotation"].seats.first()
    things["term"] = things["rotation"].terms.first()
    things["liaison"] = LiaisonAppointment.enter(
        **enter, party=things["party"], person=things["person"], starts_on=SIGNED
    )
    things["series"] = ConsultationSeries.enter(**enter, agreement=agreement, name="Leaders")
    things["consultation"] = Consultation.enter(
        **enter, agreement=agreement, series=things["series"]
    )
    return things


# one event for each verb


EDITS = {
    "agreement": {"title": "Cleaner rivers"},
    "party": {"weight": Decimal("2.5")},
    "organization": {"short_name": "Alba"},
    "person": {"phone": "+86 23 1234"},
    "appointment": {"post": "Mayor"},
    "identifier": {"value": "https://www.alba.example.org"},
    "article": {"title": "Mechanisms"},
    "phase": {"name": "Second year"},
    "milestone": {"due_on": date(2027, 6, 1)},
    "group": {"mandate": "Clean the river"},
    "membership": {"left_on": date(2027, 6, 1)},
    "task": {"weight": Decimal(3)},
    "indicator": {"target": Decimal(20)},
    "measurement": {"value": Decimal(3)},
    "report": {"text": "Dug and planted"},
    "document": {"title": "The text"},
    "rotation": {"name": "Presidency"},
    "seat": {"sort_name": "A"},
    "term": {"expected_ends_on": date(2026, 7, 2)},
    "liaison": {"ends_on": date(2027, 6, 1)},
    "series": {"times": 4, "cadence": "year"},
    "consultation": {"place": "Town hall"},
}


def test_an_edit_leaves_exactly_one_event_with_what_was_and_what_is(world, officer):
    for name, facts in EDITS.items():
        thing, mark = world[name], Event.objects.count()
        thing.edit(by=officer, reason="Letter", **facts)
        event = Event.objects.get(sequence__gt=mark)
        changed = {field: plain(value) for field, value in facts.items()}
        assert event.after == changed, name
        assert set(event.before) == set(changed)
        assert all(event.before[field] != value for field, value in changed.items())
        assert (event.verb, event.reason) == ("change", "Letter")
        assert (event.actor, event.actor_name) == (officer, "officer")
        assert event.object_id == thing.public_id
        thing.refresh_from_db()
        assert all(getattr(thing, field) == value for field, value in facts.items())


def test_an_edit_that_changes_nothing_leaves_neither_an_event_nor_a_version(world, officer):
    mark = Event.objects.count()
    for name, facts in EDITS.items():
        thing = type(world[name]).objects.get(pk=world[name].pk)
        version = thing.version
        thing.edit(by=officer, **{field: getattr(thing, field) for field in facts})
        thing.refresh_from_db()
        assert thing.version == version, name
    assert Event.objects.count() == mark


def test_entering_leaves_exactly_one_event_with_the_facts(world):
    for name, thing in world.items():
        entered = Event.objects.of(thing).filter(verb="create")
        if name == "term":  # laid down from the facts of its rotation
            assert not entered.exists()
        else:
            assert entered.get().after, name


REMOVED = ["membership", "measurement", "report", "milestone", "liaison", "identifier"]


def test_a_removal_leaves_exactly_one_event_with_what_there_was(world, officer):
    for name in REMOVED:
        thing = world[name]
        mark, facts = Event.objects.count(), thing.facts()
        thing.remove(by=officer, reason="Entered twice")
        event = Event.objects.get(sequence__gt=mark)
        assert (event.verb, event.reason, event.after) == ("delete", "Entered twice", None)
        assert event.before == facts, name


def test_every_verb_of_every_life_leaves_exactly_one_event(world, officer, brook):
    agreement, task = world["agreement"], world["task"]
    act = {"by": officer, "on": TODAY, "reason": "Letter"}
    lead = {"lead": brook}
    series = [
        (task, "assign", partial(task.assign, **act, **lead)),
        (task, "accept", partial(task.accept, **act)),
        (task, "start", partial(task.start, **act)),
        (task, "suspend", partial(task.suspend, **act)),
        (task, "resume", partial(task.resume, **act)),
        (task, "submit", partial(task.submit, **act)),
        (task, "return", partial(task.send_back, **act)),
        (task, "submit", partial(task.submit, **act)),
        (task, "verify", partial(task.verify, **act)),
        (world["party"], "approve", partial(world["party"].approve, **act)),
        (world["term"], "confirm", partial(world["term"].confirm, **act)),
        (world["liaison"], "relieve", partial(world["liaison"].relieve, **act)),
        (world["milestone"], "reach", partial(world["milestone"].reach, by=officer, on=TODAY)),
        (world["group"], "close", partial(world["group"].close, **act)),
        (world["consultation"], "postpone", partial(world["consultation"].postpone, **act)),
        (world["consultation"], "cancel", partial(world["consultation"].cancel, **act)),
        (agreement, "suspend", partial(agreement.suspend, **act)),
        (agreement, "resume", partial(agreement.resume, **act)),
        (agreement, "terminate", partial(agreement.terminate, **act)),
    ]
    for thing, verb, do in series:
        mark = Event.objects.count()
        do()
        # What the parties are told of it stands on record for each of them.
        event = Event.objects.exclude(verb="tell").get(sequence__gt=mark)
        assert (event.verb, event.object_id, event.happened_on) == (verb, thing.public_id, TODAY)
    assert task.lead == brook


def test_an_assignment_tells_of_the_new_lead_in_its_own_event(world, officer, brook):
    world["task"].assign(by=officer, on=TODAY, lead=brook)
    event = Event.objects.of(world["task"]).last()
    assert event.after["lead"] == {"id": str(brook.public_id), "name": "Brook District"}
    assert event.after["status"] == "assigned"


# whose history it belongs to


def test_an_event_is_filed_under_the_agreement_or_the_organization_it_belongs_to(world):
    for name in set(EDITS) - {"person", "term"}:
        event = Event.objects.of(world[name]).first()
        of_alba = name in {"organization", "appointment", "identifier"}
        owner = world["organization" if of_alba else "agreement"]
        assert event.scope_id == owner.public_id, name
        assert event.scope_type == owner._meta.label_lower


def test_a_person_belongs_to_nobody(world):
    event = Event.objects.of(world["person"]).first()
    assert (event.scope_type, event.scope_id) == ("", None)


# what is never recorded


@pytest.mark.parametrize("name", ["agreement", "organization"])
def test_the_notes_of_the_secretariat_are_kept_but_never_recorded(world, officer, name):
    thing = world[name]
    version = thing.version
    thing.edit(by=officer, notes="SECRET-CANARY")
    thing.edit(by=officer, notes="SECRET-CANARY-2", source="Page 3")
    thing.refresh_from_db()
    assert (thing.notes, thing.version) == ("SECRET-CANARY-2", version + 2)
    quiet, spoken = Event.objects.of(thing).order_by("-sequence")[:2][::-1]
    assert (quiet.verb, quiet.before, quiet.after) == ("change", {}, {})
    assert spoken.after == {"source": "Page 3"}
    assert "SECRET-CANARY" not in dump()


def dump():
    return str(list(Event.objects.values()))


def test_passwords_and_the_bytes_of_files_are_never_recorded(world, officer):
    officer.set_password("SECRET-CANARY")
    officer.save()
    officer.change_role("auditor", by=None)
    everything = dump()
    assert "SECRET-CANARY" not in everything
    assert officer.password not in everything
    assert "Signed by both." not in everything
    assert world["document"].sha256 in everything


def test_every_value_is_recorded_in_what_json_can_hold(alba):
    value = {
        "day": date(2027, 1, 2),
        "decimal": Decimal("1.500000"),
        "large": Decimal("100"),
        "noun": alba,
        "many": {3},
        "none": None,
        "label": Status.DRAFT.label,
    }
    assert plain(value) == {
        "day": "2027-01-02",
        "decimal": "1.5",
        "large": "100",
        "noun": {"id": str(alba.public_id), "name": "Alba District"},
        "many": [3],
        "none": None,
        "label": "Draft",
    }


# one transaction


def test_recording_outside_of_a_unit_is_an_error(alba):
    with pytest.raises(RuntimeError):
        record(alba, "change", by=None)


def edit_and_fail(thing, within=unit):
    with within():
        thing.edit(by=None, short_name="Elsewhere")
        raise ZeroDivisionError


def test_a_unit_that_fails_leaves_neither_change_nor_event(alba):
    mark = Event.objects.count()
    with pytest.raises(ZeroDivisionError):
        edit_and_fail(alba)
    alba.refresh_from_db()
    assert (alba.short_name, Event.objects.count()) == ("", mark)
    assert list(broken_links()) == []


def test_a_unit_within_that_fails_takes_its_own_events_with_it_and_no_others(alba, brook):
    mark = Event.objects.count()
    with unit():
        alba.edit(by=None, short_name="A")
        with pytest.raises(ZeroDivisionError):
            edit_and_fail(brook)
        alba.edit(by=None, short_name_zh="甲")
    events = Event.objects.filter(sequence__gt=mark).order_by("sequence")
    assert [event.after for event in events] == [{"short_name": "A"}, {"short_name_zh": "甲"}]
    brook.refresh_from_db()
    assert brook.short_name == ""
    assert list(broken_links()) == []


def test_a_refused_verb_within_a_unit_leaves_no_event(officer, alba, brook):
    agreement = enter_agreement(alba, brook, by=officer)
    mark = Event.objects.count()
    with pytest.raises(ValidationError):
        agreement.abandon(by=officer, on=TODAY)
    with pytest.raises(ValidationError):
        enter_party(agreement, alba)
    assert Event.objects.count() == mark


def test_a_change_whose_event_cannot_be_written_is_taken_back(alba):
    """The head of the chain points at an event that is there already."""
    ChainHead.objects.filter(pk=1).update(sequence=0)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), transaction.atomic():
        alba.edit(by=None, name="Elsewhere")
    alba.refresh_from_db()
    assert alba.name == "Alba District"


def test_an_outer_transaction_that_is_rolled_back_takes_change_and_event_with_it(alba):
    mark = Event.objects.count()
    with pytest.raises(ZeroDivisionError):
        edit_and_fail(alba, within=transaction.atomic)
    assert Event.objects.count() == mark
    assert list(broken_links()) == []


# the door


def test_an_event_says_through_which_door_it_came(alba):
    with through(Door.PORTAL):
        alba.edit(by=None, short_name="A")
    alba.edit(by=None, short_name="B")
    doors = Event.objects.of(alba).values_list("door", flat=True)
    assert list(doors)[-2:] == [Door.PORTAL, Door.COMMAND]


def test_what_the_system_does_by_itself_has_no_actor(alba):
    alba.edit(by=None, short_name="A")
    event = Event.objects.of(alba).last()
    assert (event.actor, event.actor_name) == (None, "")


# the chain


@pytest.fixture
def chain(today):
    """Ten events."""
    for name in "abcdefghij":
        Person.enter(by=None, name=name)
    assert list(broken_links()) == []
    return list(Event.objects.order_by("sequence"))


def test_the_sequence_counts_without_gaps_and_the_head_is_its_end(chain):
    assert [event.sequence for event in chain] == list(range(1, len(chain) + 1))
    head = ChainHead.objects.get()
    assert (head.sequence, head.hash) == (chain[-1].sequence, chain[-1].hash)


def test_the_chain_holds_what_was_written_while_the_clock_was_set(today):
    with clock.fixed(date(2021, 1, 21)):
        Person.enter(by=None, name="Ann")
    assert list(broken_links()) == []


@pytest.mark.parametrize(
    "forged",
    [
        {"after": {"name": "somebody else"}},
        {"before": {"name": "x"}},
        {"reason": "because"},
        {"object_name": "somebody else"},
        {"actor_name": "nobody"},
        {"verb": "delete"},
        {"door": Door.API},
        {"happened_on": date(2020, 1, 1)},
        {"recorded_at": "2020-01-01T00:00:00Z"},
        {"object_type": "actors.user"},
        {"object_id": "00000000-0000-0000-0000-000000000000"},
        {"scope_type": "actors.user"},
        {"scope_id": "00000000-0000-0000-0000-000000000000"},
        {"content_digest": "0" * 64},
        {"hash": "0" * 64},
        {"previous_hash": "1" * 64},
        {"salt": "0" * 32},
        {"salt": "", "after": {"name": "somebody else"}},
    ],
    ids=lambda forged: "+".join(forged),
)
@pytest.mark.parametrize("place", [1, 5, 10])
def test_a_changed_event_shows(chain, place, forged):
    Event.objects.filter(sequence=place).update(**forged)
    assert list(broken_links())


@pytest.mark.parametrize("place", [1, 5, 10])
def test_a_deleted_event_shows(chain, place):
    Event.objects.filter(sequence=place).delete()
    assert list(broken_links())


def test_a_deleted_event_shows_even_when_the_rest_moves_up(chain):
    Event.objects.filter(sequence=5).delete()
    for place in range(6, 11):
        Event.objects.filter(sequence=place).update(sequence=place - 1)
    assert list(broken_links())


def test_an_inserted_event_shows(chain):
    copy = Event.objects.get(sequence=10)
    copy.sequence, copy.hash = 11, "1" * 64
    copy.save(force_insert=True)
    assert list(broken_links())


def test_events_in_another_order_show(chain):
    Event.objects.filter(sequence=4).update(sequence=99)
    Event.objects.filter(sequence=5).update(sequence=4)
    Event.objects.filter(sequence=99).update(sequence=5)
    assert list(broken_links())


@pytest.mark.parametrize("cut", [1, 3, 10])
def test_a_cut_tail_shows_against_the_head(chain, cut):
    Event.objects.filter(sequence__gt=10 - cut).delete()
    assert list(broken_links()) == ["the end of the chain was cut or added to"]


def test_a_head_that_is_gone_shows(chain):
    ChainHead.objects.all().delete()
    assert list(broken_links()) == ["the end of the chain was cut or added to"]


def test_erasing_a_persons_data_leaves_the_chain_whole(chain):
    Event.objects.filter(sequence=5).update(
        salt="", actor_name="", object_name="", reason="", before=None, after=None
    )
    assert list(broken_links()) == []


def test_the_history_of_an_object_is_its_own_and_oldest_first(world, officer):
    world["article"].edit(by=officer, title="One")
    world["article"].edit(by=officer, title="Two")
    verbs = [(event.verb, event.object_id) for event in Event.objects.of(world["article"])]
    own = world["article"].public_id
    assert verbs == [("create", own), ("change", own), ("change", own)]


def test_the_events_are_appended_when_the_outermost_unit_ends(officer, alba, brook):
    agreement = enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)
    mark = Event.objects.count()
    with unit():
        agreement.sign(by=officer, on=SIGNED, all_parties=True)
        assert Event.objects.count() == mark
    signed = Event.objects.filter(sequence__gt=mark).order_by("sequence")
    assert [event.object_type for event in signed] == [
        "agreements.party",
        "agreements.party",
        "agreements.agreement",
    ]
