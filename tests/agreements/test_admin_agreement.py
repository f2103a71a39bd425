"""An agreement is logged in one sitting, and edited without anything being lost."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from actors.models import Organization, User
from agreements.agreement import Status
from agreements.models import (
    Agreement,
    ConsultationSeries,
    Indicator,
    LiaisonAppointment,
    Party,
    Rotation,
    Seat,
    Task,
)
from governance.record import Event, broken_links
from tests.cast import enter_person, enter_task
from tests.typed import errors, typed

ADD = "/secretariat/agreements/agreement/add/"


def change(agreement: Agreement) -> str:
    return f"/secretariat/agreements/agreement/{agreement.pk}/change/"


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    """The officer's browser."""
    client.force_login(officer)
    return client


def queries(act: Callable[[], Any]) -> int:
    """How many queries it costs."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


@pytest.fixture
def sheet(
    desk: Client, alba: Organization, corva: Organization, dunes: Organization
) -> dict[str, Any]:
    """A district, a company, a university; half-year terms; quarterly meetings; three tasks."""
    people = [enter_person(name, of) for name, of in (("Ann", alba), ("Cai", corva), ("Du", dunes))]
    sent = typed(desk.get(ADD), title="Clean air together", kind="framework", mode="public_private")
    sent |= {"party_set-TOTAL_FORMS": "3", "tasks-TOTAL_FORMS": "3"}
    for place, (organization, person) in enumerate(zip((alba, corva, dunes), people, strict=True)):
        sent |= {
            f"party_set-{place}-organization": organization.pk,
            f"party_set-{place}-role": "party",
            f"party_set-{place}-liaison_person": person.pk,
        }
        sent |= {
            f"tasks-{place}-title": f"Task {place + 1}",
            f"tasks-{place}-lead": organization.pk,
            f"tasks-{place}-starts_on": "2027-01-01",
            f"tasks-{place}-due_on": "2027-12-31",
            f"tasks-{place}-indicator_name": "Stations",
            f"tasks-{place}-indicator_unit": "stations",
            f"tasks-{place}-indicator_target": "12.5",
        }
    sent |= {"rotations-0-length": "6", "rotations-0-starts_on": "2027-01-01"}
    sent |= {"series-0-times": "1", "series-0-cadence": "quarter"}
    return sent


def test_an_agreement_is_logged_on_one_page(desk, sheet, alba, corva, dunes):
    answer = desk.post(ADD, sheet)

    assert answer.status_code == 302, errors(answer)
    made = Agreement.objects.get()
    assert answer["Location"] == change(made)
    assert made.status == Status.DRAFT and made.reference
    parties = Party.objects.filter(agreement=made)
    assert [party.organization for party in parties] == [alba, corva, dunes]
    assert [party.position for party in parties] == [1, 2, 3]
    officers = LiaisonAppointment.objects.filter(party__agreement=made).order_by("party__position")
    assert [str(officer.person) for officer in officers] == ["Ann", "Cai", "Du"]
    rotation = Rotation.objects.get(agreement=made)
    assert (rotation.length, rotation.starts_on) == (6, date(2027, 1, 1))
    assert [seat.organization for seat in Seat.objects.filter(rotation=rotation)] == [
        alba,
        corva,
        dunes,
    ]
    assert rotation.terms.order_by("starts_on").first().holders.get() == alba
    series = ConsultationSeries.objects.get(agreement=made)
    assert (series.times, series.cadence) == (1, "quarter")
    assert [task.lead for task in Task.objects.filter(agreement=made)] == [alba, corva, dunes]
    assert (
        Indicator.objects.filter(task__agreement=made, unit="stations", target="12.5").count() == 3
    )
    assert list(broken_links()) == []


def test_everything_is_on_record_with_who_and_through_which_door(desk, sheet, officer):
    desk.post(ADD, sheet)

    events = Event.objects.filter(scope_id=Agreement.objects.get().public_id)
    assert {event.actor_id for event in events} == {officer.pk}
    assert {event.door for event in events} == {"back_office"}
    assert events.filter(object_type="agreements.party", verb="create").count() == 3


def test_a_signed_agreement_is_logged_as_signed(desk, sheet):
    sheet |= {"stands": "in_force", "was_signed_on": "2027-02-01", "entry_kind": "all_signed"}

    desk.post(ADD, sheet)

    made = Agreement.objects.get()
    assert made.status == Status.IN_FORCE
    assert (made.signed_on, made.in_force_on) == (date(2027, 2, 1), date(2027, 2, 1))
    assert set(Party.objects.values_list("signed_on", flat=True)) == {date(2027, 2, 1)}


def test_what_the_rule_refuses_stands_where_it_was_asked_for(desk, sheet):
    sheet |= {"stands": "in_force", "was_signed_on": "2027-02-01"}

    page = desk.post(ADD, sheet)

    assert "not known" in errors(page)["stands"][0]
    assert not Agreement.objects.exists() and not Event.objects.filter(verb="sign").exists()


def test_what_a_row_refuses_stands_in_that_row_and_nothing_is_half_written(desk, sheet):
    sheet |= {
        "party_set-1-organization": sheet["party_set-0-organization"],
        "tasks-2-due_on": "2026-12-31",
        "tasks-0-indicator_unit": "",
        "tasks-1-phase_name": "No such phase",
    }

    page = desk.post(ADD, sheet)

    assert page.status_code == 200
    found = errors(page)
    assert "already a party" in " ".join(found["party_set-1"])
    assert "before it starts" in found["tasks-2-due_on"][0]
    assert found["tasks-0-indicator_unit"] and found["tasks-1-phase_name"]
    assert 'value="Clean air together"' in page.text
    assert not Agreement.objects.exists() and not Task.objects.exists()


def test_tasks_name_phase_and_article_as_they_stand_on_the_page(desk, sheet):
    sheet |= {"phases-TOTAL_FORMS": "1", "phases-0-name": "Start"}
    sheet |= {"articles-TOTAL_FORMS": "1", "articles-0-number": "4"}
    sheet |= {"tasks-0-phase_name": "start", "tasks-0-article_number": "4"}

    desk.post(ADD, sheet)

    task = Task.objects.get(number=1)
    assert (task.phase.name, task.article.number) == ("Start", "4")


def test_a_rotation_of_unknown_length_is_logged_as_unknown(desk, sheet):
    sheet |= {"rotations-0-length": "", "rotations-0-starts_on": "", "rotations-0-wanted": "on"}

    desk.post(ADD, sheet)

    rotation = Rotation.objects.get()
    assert rotation.length is None and rotation.seats.count() == 3 and not rotation.terms.exists()


def test_an_untouched_mechanism_is_not_entered(desk, sheet):
    sheet |= {"rotations-0-length": "", "rotations-0-starts_on": ""}
    sheet |= {"series-0-times": "", "series-0-cadence": ""}

    desk.post(ADD, sheet)

    assert Agreement.objects.exists()
    assert not Rotation.objects.exists() and not ConsultationSeries.objects.exists()


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"entry_kind": "unknown"}, None),
        (
            {"entry_kind": "all_signed"},
            {"all_of": [{"type": "all", "act": "signed"}], "delay": {"kind": "on_trigger"}},
        ),
        (
            {"entry_kind": "fixed", "entry_on": "2027-05-01"},
            {"all_of": [], "delay": {"kind": "fixed_date", "date": "2027-05-01"}},
        ),
        (
            {
                "entry_kind": "other",
                "entry_json": '{"all_of": [{"type": "all", "act": "approved"}],'
                ' "delay": {"kind": "on_trigger"}}',
            },
            {"all_of": [{"type": "all", "act": "approved"}], "delay": {"kind": "on_trigger"}},
        ),
    ],
)
def test_the_rule_of_entry_is_a_choice_in_plain_words(desk, sheet, asked, kept):
    desk.post(ADD, sheet | asked)

    made = Agreement.objects.get()
    assert made.entry_into_force == kept
    shown = desk.get(change(made)).context_data["adminform"].form
    assert shown["entry_kind"].value() == asked["entry_kind"]


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"entry_kind": "fixed"}, "entry_on"),
        ({"entry_kind": "other"}, "entry_json"),
        ({"entry_kind": "other", "entry_json": "{"}, "entry_json"),
        ({"entry_kind": "other", "entry_json": '{"all_of": []}'}, "entry_json"),
        ({"stands": "signed"}, "was_signed_on"),
        ({"title": ""}, "title"),
        ({"party_set-0-organization": "987654"}, "party_set-0-organization"),
        ({"party_set-0-liaison_person": "987654"}, "party_set-0-liaison_person"),
        ({"reference": "CA-2027-0009"}, "reference"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(desk, sheet, asked, place):
    page = desk.post(ADD, sheet | asked)

    assert place in errors(page)
    assert not Agreement.objects.exists()


# editing


def test_only_what_was_changed_is_written(desk, agreement):
    before = Event.objects.count()

    desk.post(change(agreement), typed(desk.get(change(agreement)), summary="For the rivers"))

    (event,) = Event.objects.order_by("sequence")[before:]
    assert (event.verb, event.after) == ("change", {"summary": "For the rivers"})


def test_a_page_saved_without_a_change_writes_nothing(desk, agreement):
    before = Event.objects.count()

    answer = desk.post(change(agreement), typed(desk.get(change(agreement))))

    assert answer.status_code == 302 and Event.objects.count() == before


def test_a_change_made_meanwhile_is_shown_and_nothing_typed_is_lost(desk, agreement, administrator):
    sent = typed(desk.get(change(agreement)), title="Mine", summary="My summary")
    again_read = Agreement.objects.get(pk=agreement.pk)
    again_read.edit(by=administrator, title="Theirs")

    page = desk.post(change(agreement), sent)

    found = errors(page)
    assert "administrator changed this on" in found[""][0]
    assert found["title"] == ["Now it says: Theirs"] and "summary" not in found
    assert 'value="Mine"' in page.text
    again_read.refresh_from_db()
    assert again_read.title == "Theirs"

    answer = desk.post(change(agreement), typed(page))

    again_read.refresh_from_db()
    assert answer.status_code == 302
    assert (again_read.title, again_read.summary) == ("Mine", "My summary")


def test_a_row_changed_meanwhile_is_refused_in_that_row(desk, agreement, administrator):
    sent = typed(desk.get(change(agreement)), **{"party_set-0-signed_on": "2026-02-03"})
    party = Party.objects.get(agreement=agreement, position=1)
    party.edit(by=administrator, signed_on=date(2026, 2, 5))

    page = desk.post(change(agreement), sent)

    assert errors(page)["party_set-0-signed_on"] == ["Now it says: 5 February 2026"]
    party.refresh_from_db()
    assert party.signed_on == date(2026, 2, 5)


def test_a_party_that_is_needed_is_not_deleted(desk, agreement):
    sent = typed(desk.get(change(agreement)), **{"party_set-0-DELETE": "on"})
    sent |= {"title": "Other rivers"}
    Party.objects.filter(agreement=agreement, position=1).update(version=7)

    page = desk.post(change(agreement), sent)

    assert "party_set" in errors(page)
    agreement.refresh_from_db()
    assert agreement.title == "Clean rivers" and agreement.party_set.count() == 2


def test_a_liaison_officer_is_named_on_the_row_of_the_party(desk, agreement, brook):
    person = enter_person("Bea", brook)
    sent = typed(desk.get(change(agreement)), **{"party_set-1-liaison_person": person.pk})

    desk.post(change(agreement), sent)

    assert LiaisonAppointment.objects.get().party.organization == brook
    page = desk.get(change(agreement))
    row = page.context_data["inline_admin_formsets"][0].formset.forms[1]
    assert row.fields["liaison_person"].disabled and row["liaison_person"].value() == person.pk


def test_a_closed_agreement_says_that_it_is_closed(desk, agreement, officer):
    agreement.terminate(by=officer, on=date(2027, 1, 1), reason="Done")

    page = desk.post(change(agreement), typed(desk.get(change(agreement)), title="New"))

    assert "closed" in errors(page)[""][0]


# verbs


def test_an_agreement_is_led_through_its_life_by_buttons(desk, sheet):
    desk.post(ADD, sheet | {"entry_kind": "all_signed"})
    made = Agreement.objects.get()
    for verb, asked in (
        ("negotiate", {"on": "2027-01-05"}),
        ("sign", {"on": "2027-02-01", "all_parties": "on"}),
        ("bring-into-force", {"on": "2027-03-01"}),
        ("terminate", {"on": "2027-03-01", "reason": "Done"}),
    ):
        page = f"/secretariat/agreements/agreement/{made.pk}/verb/{verb}/"
        answer = desk.post(page, typed(desk.get(page)) | asked)
        assert answer.status_code == 302, errors(answer)

    made.refresh_from_db()
    assert (made.status, made.ended_on) == (Status.ENDED, date(2027, 3, 1))
    assert set(Task.objects.values_list("needs_reassignment", flat=True)) == {True}


def test_a_refused_verb_says_why_on_the_page(desk, agreement):
    page = desk.get(change(agreement))

    assert "Suspend agreement" in [action["label"] for action in page.context_data["verbs"]]
    refused = {action["verb"]: action["reason"] for action in page.context_data["refused_verbs"]}
    assert refused["sign"] == "Not possible while the status is “In force”."
    assert refused["sign"] in page.text


@pytest.mark.parametrize(
    ("verb", "asked", "place"),
    [
        ("suspend", {"reason": ""}, "reason"),
        ("suspend", {"reason": "Flood", "on": "2020-01-01"}, "on"),
        ("suspend", {"reason": "Flood", "on": "tomorrow"}, "on"),
        ("supersede", {"superseded_by": ""}, "superseded_by"),
        ("supersede", {"superseded_by": "987654"}, "superseded_by"),
        ("expire", {}, ""),
    ],
)
def test_what_a_verb_refuses_stands_on_its_page(desk, agreement, verb, asked, place):
    page = f"/secretariat/agreements/agreement/{agreement.pk}/verb/{verb}/"

    answer = desk.post(page, typed(desk.get(page)) | asked)

    assert place in errors(answer)
    agreement.refresh_from_db()
    assert agreement.status == Status.IN_FORCE


def test_a_verb_of_a_state_that_has_changed_meanwhile_is_shown_again(desk, agreement, officer):
    page = f"/secretariat/agreements/agreement/{agreement.pk}/verb/terminate/"
    sent = typed(desk.get(page)) | {"reason": "Done"}
    agreement.edit(by=officer, summary="New")

    first = desk.post(page, sent)
    second = desk.post(page, typed(first))

    assert "changed this on" in errors(first)[""][0] and second.status_code == 302


def test_ending_shows_what_follows_from_it(desk, agreement, officer, alba):
    enter_task(agreement, by=officer, lead=alba)

    page = desk.get(f"/secretariat/agreements/agreement/{agreement.pk}/verb/terminate/")

    assert "1 open task is flagged for another organization." in page.text


# deleting


def test_a_draft_is_deleted_and_its_number_stays_as_void(desk, sheet):
    desk.post(ADD, sheet)
    made = Agreement.objects.get()

    desk.post(f"/secretariat/agreements/agreement/{made.pk}/delete/", {"post": "yes"})

    assert not Agreement.objects.exists()
    assert made.reference in desk.get("/secretariat/governance/voidreference/").text


def test_an_agreement_in_force_is_not_deleted(desk, agreement):
    address = f"/secretariat/agreements/agreement/{agreement.pk}/delete/"

    assert desk.get(address).status_code == 403
    assert desk.post(address, {"post": "yes"}).status_code == 403
    assert Agreement.objects.exists()


# lists


def test_the_list_costs_the_same_for_one_row_and_for_three(desk, agreement, alba, officer):
    address = "/secretariat/agreements/agreement/"
    one = queries(lambda: desk.get(address))
    for title in ("Two", "Three"):
        made = Agreement.enter(by=officer, title=title, kind="contract")
        Party.enter(by=officer, agreement=made, organization=alba)
    three = queries(lambda: desk.get(address))

    assert one == three


def test_illustrative_agreements_are_marked(desk, agreement, officer):
    agreement.edit(by=officer, illustrative=True)

    assert "Illustrative data" in desk.get("/secretariat/agreements/agreement/").text
    assert "Illustrative data" in desk.get(change(agreement)).text


def test_the_history_shows_what_happened_under_the_agreement(desk, agreement, officer):
    agreement.edit(by=officer, expires_on=date(2028, 1, 31), reason="As agreed")

    page = desk.get(f"/secretariat/agreements/agreement/{agreement.pk}/history/")

    newest = page.context_data["entries"][0]
    assert (newest.verb, newest.event.reason) == ("Changed", "As agreed")
    (one,) = newest.differences
    assert (one.label, one.before, one.after) == ("Expires on", "—", "31 January 2028")
    assert "Signature recorded" in page.text and "back office" not in newest.event.door
