"""The agenda: proposed, taken on, settled, and carried to the next consultation."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from agreements import ending
from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.agenda_rules import Origin, Status, agenda_closes_on
from agreements.models import Consultation, SpecialGroup
from governance.lifecycle import Refused
from governance.record import Event
from tests.agreements.mechanisms.meetings import (
    FIRST,
    SECOND,
    THIRD,
    at,
    enter_meeting,
    enter_series,
    propose,
)
from tests.cast import TODAY, enter_agreement, enter_rotation, enter_task

BY = {"by": None, "on": TODAY}


@pytest.fixture
def series(agreement):
    return enter_series(agreement)


@pytest.fixture
def first(series):
    return enter_meeting(series, FIRST)


@pytest.fixture
def second(first, series):
    return enter_meeting(series, SECOND)


def titles(consultation):
    return [(item.number, item.title, item.status) for item in AgendaItem.objects.of(consultation)]


# proposing


def test_a_party_proposes_and_the_host_accepts_in_its_order(first, alba, brook):
    one = propose(first, "One", proposed_by=brook, explanation="Because")
    two = propose(first, "Two", proposed_by=alba)
    assert (one.origin, one.status, one.number) == (Origin.PARTY, Status.PROPOSED, None)
    two.accept(**BY)
    one.accept(**BY)
    three = propose(first, "Three")
    assert three.origin == Origin.SECRETARIAT
    assert titles(first) == [
        (1, "Two", "accepted"),
        (2, "One", "accepted"),
        (None, "Three", "proposed"),
    ]


@pytest.mark.parametrize(
    ("on", "refused"),
    [(FIRST - timedelta(days=8), False), (FIRST - timedelta(days=7), False),
     (FIRST - timedelta(days=6), True), (FIRST, True)],
)  # fmt: skip
def test_parties_propose_up_to_the_cut_off(agreement, alba, brook, on, refused):
    meeting = enter_meeting(enter_series(agreement, agenda_cutoff_days=7), FIRST, host=alba)
    assert agenda_closes_on(meeting) == FIRST - timedelta(days=7)
    facts = {"by": None, "on": on, "title": "Late"}
    AgendaItem.propose(meeting, **facts, proposed_by=alba)  # the host
    AgendaItem.propose(meeting, **facts)  # the secretariat
    AgendaItem.propose(meeting, **facts, proposed_by=brook, bound=False)  # which enters it for one
    if not refused:
        AgendaItem.propose(meeting, **facts, proposed_by=brook)
        return
    with pytest.raises(Refused) as told:
        AgendaItem.propose(meeting, **facts, proposed_by=brook)
    assert told.value.guard == "cut_off"


def test_the_cut_off_counts_from_the_local_day(agreement, alba):
    """Early in Auckland is still the day before in Shanghai."""
    series = enter_series(agreement, agenda_cutoff_days=0, time_zone="Pacific/Auckland")
    meeting = enter_meeting(series, FIRST)
    meeting.edit(by=None, starts_at=at(FIRST).replace(hour=23), ends_at=None)
    assert agenda_closes_on(meeting) == FIRST + timedelta(days=1)
    meeting.edit(by=None, starts_at=None)
    assert agenda_closes_on(meeting) is None


@pytest.mark.parametrize("verb", ["close", "cancel"])
def test_nothing_is_proposed_for_what_is_over(first, alba, verb):
    first.convene(**BY)
    getattr(first, verb)(**BY, reason="Over")
    with pytest.raises(Refused) as told:
        propose(first, proposed_by=alba)
    assert told.value.guard == f"consultation_{first.status}"


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"title": " "}, "title"), ({"task": "other"}, "task"),
     ({"about_group": "other"}, "about_group")],
)  # fmt: skip
def test_facts_that_do_not_fit_are_refused_at_their_field(first, officer, alba, facts, field):
    other = enter_agreement(alba, by=officer, title="Other")
    made = {
        "task": lambda: enter_task(other, by=None),
        "about_group": lambda: SpecialGroup.enter(by=None, agreement=other, name="G"),
    }
    facts = {name: made[name]() if value == "other" else value for name, value in facts.items()}
    with pytest.raises(ValidationError) as refused:
        propose(first, **{"title": "Noise", **facts})
    assert set(refused.value.error_dict) == {field}


def test_a_matter_of_the_system_is_proposed_once_per_consultation(first, second):
    facts = {"origin": Origin.SYSTEM, "key": "task:1"}
    propose(first, **facts)
    propose(second, **facts)
    with pytest.raises(ValidationError):
        propose(first, **facts)


# settling

ALLOWED = {
    Status.PROPOSED: {"accept", "decline", "withdraw", "defer"},
    Status.ACCEPTED: {"discuss", "defer"},
    Status.DECLINED: set(),
    Status.WITHDRAWN: set(),
    Status.DISCUSSED: set(),
    Status.DEFERRED: {"discuss"},
}


@pytest.mark.parametrize("status", Status)
def test_each_status_allows_its_verbs_and_no_others(first, alba, status):
    item = propose(first, proposed_by=alba)
    first.convene(**BY)
    AgendaItem.objects.filter(pk=item.pk).update(status=status)
    item.refresh_from_db()
    verbs = AgendaItem.lifecycle.transitions
    assert {verb for verb in verbs if item.refusal(verb, TODAY) is None} == ALLOWED[status]


@pytest.mark.parametrize("verb", ["decline", "defer"])
def test_declining_and_deferring_ask_for_a_reason(first, verb):
    item = propose(first)
    with pytest.raises(ValidationError) as refused:
        getattr(item, verb)(**BY)
    assert set(refused.value.error_dict) == {"reason"}


def test_nothing_is_discussed_before_the_call(first):
    item = propose(first).accept(**BY)
    with pytest.raises(Refused) as told:
        item.discuss(**BY)
    assert told.value.guard == "not_convened"
    first.convene(**BY)
    item.discuss(**BY, minutes_note="Agreed in principle")
    assert (item.status, item.minutes_note) == (Status.DISCUSSED, "Agreed in principle")


def test_what_is_settled_is_kept_as_it_is(first):
    item = propose(first).accept(**BY)
    item.edit(by=None, title="Put better")
    first.convene(**BY)
    item.discuss(**BY)
    item.edit(by=None, minutes_note="Said")
    for facts in ({"title": "Other"}, {"minutes_note": "x", "explanation": "y"}):
        with pytest.raises(Refused) as told:
            item.edit(by=None, **facts)
        assert told.value.guard == "settled"
    with pytest.raises(Refused):
        item.remove(by=None)


def test_items_are_moved_and_the_others_close_up(first):
    made = [propose(first, name).accept(**BY) for name in "ABCD"]
    for place, to, order in [(3, 1, "DABC"), (3, 4, "ABCD"), (0, 9, "BCDA"), (0, 4, "BCDA")]:
        made[place].refresh_from_db()
        made[place].move(to, **BY)
        assert "".join(item.title for item in AgendaItem.objects.of(first)) == order
        assert [number for number, _t, _s in titles(first)] == [1, 2, 3, 4]
    with pytest.raises(Refused) as told:
        propose(first).move(1, **BY)
    assert told.value.guard == "not_on_agenda"


# carrying over


def test_closing_carries_on_what_was_left_open(first, second, brook):
    done, open_, asked, no = (propose(first, name, proposed_by=brook) for name in "ABCD")
    done.accept(**BY)
    open_.accept(**BY)
    no.decline(**BY, reason="Not ours")
    first.convene(**BY)
    done.discuss(**BY)
    first.close(**BY)
    assert titles(first) == [
        (1, "A", "discussed"), (2, "B", "deferred"), (None, "C", "deferred"),
        (None, "D", "declined"),
    ]  # fmt: skip
    carried = list(AgendaItem.objects.of(second))
    assert [(one.title, one.status, one.proposed_by) for one in carried] == [
        ("B", Status.PROPOSED, brook), ("C", Status.PROPOSED, brook),
    ]  # fmt: skip
    assert {one.carried_from for one in carried} == {open_, asked}
    assert {(one.raised_at, one.times_deferred) for one in carried} == {(first, 1)}


def test_why_the_system_settles_an_item_is_kept_in_every_language(first, second):
    left = propose(first, "A")
    first.convene(**BY)
    with translation.override("zh-hans"):
        first.close(**BY)
    said = Event.objects.of(left).last().reason
    assert said.startswith("Not reached before the consultation was closed. / ")
    left.refresh_from_db()
    left.discuss(**BY)
    said = Event.objects.of(left.carried_to).last().reason
    assert said.startswith("Dealt with by the consultation before. / ")


def test_the_lineage_goes_back_to_where_it_was_raised(first, second, series):
    third = enter_meeting(series, THIRD)
    propose(first, "A")
    for meeting in (first, second):
        meeting.convene(**BY)
        meeting.close(**BY)
    (item,) = AgendaItem.objects.of(third)
    assert (item.raised_at, item.times_deferred) == (first, 2)
    assert item.carried_from.carried_from.consultation == first


def test_what_has_no_next_waits_until_one_is_planned(first, series):
    item = propose(first, "A")
    first.convene(**BY)
    first.close(**BY)
    (waiting,) = AgendaItem.objects.waiting()
    assert (waiting.consultation, waiting.carried_from, waiting.series) == (None, item, series)
    for verb, guard in [("accept", "waiting"), ("defer", "waiting")]:
        assert waiting.refusal(verb, TODAY).guard == guard
    enter_meeting(enter_series(series.agreement, name="Other"), SECOND)
    enter_meeting(series, TODAY - timedelta(days=9))  # entered afterwards, long over
    assert AgendaItem.objects.waiting().count() == 1
    following = enter_meeting(series, SECOND)
    assert titles(following) == [(None, "A", "proposed")]
    assert not AgendaItem.objects.waiting().exists()
    assert Event.objects.of(waiting).last().verb == "place"


def test_an_extraordinary_one_hands_on_to_the_next_of_its_group_or_agreement(agreement, first):
    group = SpecialGroup.enter(by=None, agreement=agreement, name="G")
    for of_group in (None, group):
        early = Consultation.enter(
            **BY, agreement=agreement, group=of_group, starts_at=at(date(2027, 3, 2))
        )
        propose(early, "A")
        early.convene(**BY)
        early.close(**BY)
    assert titles(first) == [(None, "A", "proposed")]
    assert AgendaItem.objects.waiting().get().carried_from.consultation.group == group
    meeting = Consultation.enter(**BY, agreement=agreement, group=group, starts_at=at(SECOND))
    assert titles(meeting) == [(None, "A", "proposed")]


def test_what_is_cancelled_hands_its_agenda_on(first, second):
    propose(first, "A").accept(**BY)
    first.cancel(**BY, reason="Flood")
    assert titles(first) == [(1, "A", "deferred")]
    assert titles(second) == [(None, "A", "proposed")]


def test_what_is_postponed_keeps_its_agenda(first, second):
    propose(first, "A").accept(**BY)
    first.postpone(**BY, reason="Flood")
    assert titles(first) == [(1, "A", "accepted")]


def test_a_consultation_that_is_deleted_leaves_its_proposals_to_the_next(first, second, series):
    propose(first, "A").accept(**BY)
    propose(first, "B").decline(**BY, reason="No")
    first.remove(by=None)
    assert titles(second) == [(None, "A", "proposed")]
    second.remove(by=None)
    assert AgendaItem.objects.waiting().get().title == "A"
    third = enter_meeting(series, THIRD)
    assert titles(third) == [(None, "A", "proposed")]


def test_an_extraordinary_one_with_proposals_is_cancelled_not_deleted(agreement):
    meeting = Consultation.enter(**BY, agreement=agreement, starts_at=at(FIRST))
    propose(meeting)
    with pytest.raises(Refused):
        meeting.remove(by=None)


def test_the_end_of_the_agreement_carries_nothing_on(first, second, agreement):
    propose(first, "A")
    ending.end(agreement, "terminate", **BY, reason="Done")
    assert titles(first) == [(None, "A", "deferred")]
    assert titles(second) == []


def test_what_turns_out_to_have_been_dealt_with_is_taken_back_from_the_next(first, second):
    item = propose(first, "A").accept(**BY)
    first.convene(**BY)
    first.close(**BY)
    item.refresh_from_db()
    item.discuss(**BY)
    assert [one.status for one in AgendaItem.objects.of(second)] == [Status.WITHDRAWN]


def test_what_a_later_one_has_dealt_with_stays_deferred(first, second):
    item = propose(first, "A").accept(**BY)
    first.convene(**BY)
    first.close(**BY)
    second.convene(**BY)
    AgendaItem.objects.of(second).get().accept(**BY).discuss(**BY)
    item.refresh_from_db()
    assert item.refusal("discuss", TODAY).guard == "taken_up_later"


def test_a_matter_that_the_next_has_already_is_not_doubled(first, second):
    facts = {"origin": Origin.SYSTEM, "key": "task:1"}
    propose(first, "A", **facts)
    propose(second, "A", **facts)
    first.convene(**BY)
    first.close(**BY)
    assert AgendaItem.objects.of(second).count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_agenda_is_read_in_one_query(
    first, officer, agreement, alba, rows, django_assert_num_queries, short_horizon
):
    enter_rotation(agreement, alba, by=officer)
    task = enter_task(agreement, by=None)
    for place in range(rows):
        propose(first, f"T{place}", task=task, proposed_by=alba)
    with django_assert_num_queries(1):
        for item in AgendaItem.objects.of(first):
            assert str(item.task) and str(item.proposed_by) and item.raised_at is None
