"""Meetings written by many at once: one closes, no text is lost, nobody is told of a deadlock."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from agreements.mechanisms.agenda_proposals import propose_matters
from agreements.mechanisms.agenda_rules import OPEN
from agreements.mechanisms.attendance import Attendance
from agreements.mechanisms.confirmations import Confirmation
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.minutes import Status as MinutesStatus
from agreements.models import AgendaItem, Agreement, Consultation, Decision, Minutes
from governance.lifecycle import Refused, Stale
from governance.record import Event, broken_links
from tests.agreements.mechanisms.meetings import (
    SECOND,
    attend,
    enter_meeting,
    enter_series,
    propose,
)
from tests.cast import TODAY, enter_organization, enter_party, enter_task
from tests.test_concurrency import at_once, lost, won

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BY: dict[str, Any] = {"by": None, "on": TODAY}
AT_ONCE = 8


@pytest.fixture
def meeting(agreement: Any) -> Consultation:
    return enter_meeting(enter_series(agreement), TODAY).convene(**BY)


def fresh(meeting: Consultation) -> Consultation:
    return Consultation.objects.get(pk=meeting.pk)


def test_of_those_who_close_at_once_one_does_and_the_agenda_goes_on_once(meeting: Any) -> None:
    following = enter_meeting(meeting.series, SECOND)
    for title in "ABC":
        propose(meeting, title)
    results = at_once(lambda _number: fresh(meeting).close(**BY), AT_ONCE)
    assert lost(results, Refused)
    carried = AgendaItem.objects.filter(consultation=following)
    assert sorted(item.title for item in carried) == ["A", "B", "C"]
    assert list(broken_links()) == []


def test_nothing_proposed_while_a_meeting_is_closed_is_lost(meeting: Any) -> None:
    enter_meeting(meeting.series, SECOND)

    def act(number: int) -> Any:
        if number == 0:
            return fresh(meeting).close(**BY)
        return propose(fresh(meeting), f"Matter {number}")

    results = at_once(act, AT_ONCE)
    refused = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, Refused) for one in refused), refused
    assert fresh(meeting).status == "closed"
    assert not AgendaItem.objects.filter(consultation=meeting, status__in=OPEN).exists()


def test_settling_an_agenda_while_it_is_closed_refuses_nobody_the_closing(meeting: Any) -> None:
    enter_meeting(meeting.series, SECOND)
    items = [propose(meeting, f"Matter {number}").accept(**BY) for number in range(AT_ONCE)]

    def act(number: int) -> Any:
        if number == 0:
            return fresh(meeting).close(**BY)
        item = AgendaItem.objects.get(pk=items[number].pk)
        return item.discuss(**BY)

    results = at_once(act, AT_ONCE)
    assert not isinstance(results[0], Exception), results[0]
    assert all(isinstance(one, Refused) for one in results if isinstance(one, Exception)), results
    assert not AgendaItem.objects.filter(consultation=meeting, status__in=OPEN).exists()


def test_of_minutes_saved_at_once_on_one_revision_one_is_kept(meeting: Any) -> None:
    minutes = Minutes.draft(meeting, **BY, text="First.")

    def save(number: int) -> Any:
        if number % 2:
            return Minutes.draft(fresh(meeting), **BY, text=f"Text {number}", based_on=1)
        mine = Minutes.objects.get(pk=minutes.pk)
        return mine.edit(by=None, text=f"Text {number}", based_on=1)

    results = at_once(save, AT_ONCE)
    assert lost(results, Stale)
    minutes.refresh_from_db()
    assert (minutes.revision, minutes.revisions.count()) == (2, 2)
    assert [minutes.text] == [one.text for one in won(results)]


def test_of_first_drafts_at_once_one_is_kept_and_the_others_see_it(meeting: Any) -> None:
    results = at_once(lambda n: Minutes.draft(fresh(meeting), **BY, text=f"Text {n}"), AT_ONCE)
    assert lost(results, Stale)
    (raised, *_others) = [one for one in results if isinstance(one, Stale)]
    assert raised.current.text == Minutes.objects.get().text


def test_registrars_at_once_leave_one_line_each(meeting: Any, alba: Any, brook: Any) -> None:
    def register(number: int) -> Any:
        organization = alba if number % 2 else brook
        if number < AT_ONCE // 2:
            return Attendance.enter(by=None, consultation=meeting, organization=organization)
        return attend(fresh(meeting), organization, state="excused", excuse=f"Reason {number}")

    results = at_once(register, AT_ONCE)
    raised = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, ValidationError) for one in raised), raised
    assert Attendance.objects.count() == 2


def test_writing_all_parts_of_a_meeting_at_once_locks_nobody_out(
    agreement: Any, meeting: Any, alba: Any, brook: Any, officer: Any
) -> None:
    attend(meeting, alba, brook)
    item = propose(meeting, "Noise").accept(**BY)
    enter_meeting(meeting.series, SECOND)
    minutes = Minutes.draft(meeting, **BY, text="First.")
    enter_task(agreement, by=officer, lead=alba, due_on=TODAY.replace(year=2026, month=12))
    propose_matters(agreement, TODAY)
    row = Attendance.objects.get(organization=alba)
    acts: list[Any] = [
        lambda: Attendance.objects.get(pk=row.pk).edit(by=None, state="excused"),
        lambda: attend(fresh(meeting), alba, state="absent"),
        lambda: Minutes.draft(fresh(meeting), **BY, text="Second.", based_on=1),
        lambda: Minutes.objects.get(pk=minutes.pk).circulate(**BY),
        lambda: decide(fresh(meeting), **BY, text="A", agenda_item=item),
        lambda: decide(fresh(meeting), **BY, text="B"),
        lambda: propose_matters(Agreement.objects.get(pk=agreement.pk), TODAY),
        lambda: fresh(meeting).close(**BY),
        lambda: propose(fresh(meeting), "Late"),
        lambda: AgendaItem.objects.get(pk=item.pk).move(1, **BY),
    ]
    for _again in range(2):
        results = at_once(lambda number: acts[number](), len(acts))
        raised = [one for one in results if isinstance(one, Exception)]
        assert all(isinstance(one, Refused | Stale) for one in raised), raised
    numbers = sorted(Decision.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert list(broken_links()) == []


def test_the_last_answers_given_at_once_approve_the_minutes_once(
    agreement: Any, meeting: Any, alba: Any, brook: Any
) -> None:
    more = [enter_organization(f"More {number}") for number in range(AT_ONCE - 2)]
    for one in more:
        enter_party(agreement, one, signed_on=TODAY)
    minutes = Minutes.draft(meeting, **BY, text="Loud.")
    fresh(meeting).close(**BY)
    Minutes.objects.get(pk=minutes.pk).circulate(**BY)
    whose = [alba, brook, *more]

    def give(number: int) -> Any:
        return Confirmation.give(Minutes.objects.get(pk=minutes.pk), whose[number], **BY)

    assert len(won(at_once(give, AT_ONCE))) == AT_ONCE
    minutes.refresh_from_db()
    assert minutes.status == MinutesStatus.APPROVED
    assert Event.objects.of(minutes).filter(verb="approve").count() == 1


def test_nobody_changes_the_list_behind_an_approval(meeting: Any, alba: Any, brook: Any) -> None:
    attend(meeting, alba, brook)
    minutes = Minutes.draft(meeting, **BY, text="Loud.")
    fresh(meeting).close(**BY)

    def act(number: int) -> Any:
        if number == 0:
            return Minutes.objects.get(pk=minutes.pk).approve(**BY)
        return Attendance.objects.get(organization=alba).edit(by=None, excuse=f"Reason {number}")

    results = at_once(act, AT_ONCE)
    assert not isinstance(results[0], Exception), results[0]
    assert all(isinstance(one, Refused) for one in results if isinstance(one, Exception)), results
    approved = Event.objects.of(minutes).get(verb="approve").sequence
    rows = Attendance.objects.get(organization=alba)
    assert not Event.objects.of(rows).filter(sequence__gt=approved).exists()
