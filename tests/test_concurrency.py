"""Sixteen at once: numbers stay gapless, one edit wins, no two overlap, the chain stays whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from actors.models import Organization
from agreements.agreement import Kind, Status
from agreements.mechanisms.convenor_changes import Kind as ChangeKind
from agreements.models import Agreement, ConsultationSeries, LiaisonAppointment, Task
from agreements.tasks import Status as TaskStatus
from governance.lifecycle import Refused, Stale
from governance.record import Event, broken_links
from governance.references import VoidReference
from tests.cast import TODAY, enter_person, enter_rotation, enter_task

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AT_ONCE = 16


def at_once(do: Callable[[int], Any], times: int = AT_ONCE) -> list[Any]:
    """What ``do(0)`` … ``do(times - 1)`` gave or raised, begun together, each on a connection."""
    barrier = Barrier(times)

    def run(number: int) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            return do(number)
        except Exception as raised:
            return raised
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        waiting = [pool.submit(copy_context().run, run, number) for number in range(times)]
        return [one.result() for one in waiting]


def won(results: list[Any]) -> list[Any]:
    return [result for result in results if not isinstance(result, Exception)]


def lost(results: list[Any], *errors: type[Exception]) -> bool:
    """Whether all but one were refused, and in these ways only."""
    raised = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(result, errors) for result in raised), raised
    return len(raised) == len(results) - 1


def test_agreements_entered_at_once_have_numbers_without_gap_or_double(officer):
    def enter(number):
        on = date(2027, 12, 31) if number % 2 else date(2028, 1, 1)
        return Agreement.enter(by=officer, on=on, title=f"Pact {number}", kind=Kind.CONTRACT)

    made = won(at_once(enter))
    assert len(made) == AT_ONCE
    half = AT_ONCE // 2
    assert sorted(agreement.reference for agreement in made) == [
        *(f"CA-2027-{number:04d}" for number in range(1, half + 1)),
        *(f"CA-2028-{number:04d}" for number in range(1, half + 1)),
    ]
    assert list(broken_links()) == []


def test_refused_and_deleted_ones_among_them_leave_no_gap_unexplained(officer):
    def enter(number):
        title = "" if number % 4 == 0 else f"Pact {number}"
        made = Agreement.enter(by=officer, on=TODAY, title=title, kind=Kind.CONTRACT)
        if number % 4 == 1:
            made.remove(by=officer)
        return made.reference

    results = at_once(enter)
    assert len(won(results)) == AT_ONCE * 3 // 4
    used = set(Agreement.objects.values_list("reference", flat=True))
    void = set(VoidReference.objects.values_list("reference", flat=True))
    assert not used & void
    assert used | void == {f"CA-2027-{number:04d}" for number in range(1, 13)}
    assert list(broken_links()) == []


def test_of_edits_against_one_version_exactly_one_wins(officer, agreement):
    seen = agreement.version

    def edit(number):
        mine = Agreement.objects.get(pk=agreement.pk)
        mine.edit(by=officer, version=seen, title=f"Title {number}")
        return mine.title

    results = at_once(edit)
    assert lost(results, Stale)
    agreement.refresh_from_db()
    assert ([agreement.title], agreement.version) == (won(results), seen + 1)
    assert Event.objects.of(agreement).filter(verb="change").count() == 1
    assert list(broken_links()) == []


def test_edits_of_different_facts_without_a_version_all_last(officer, agreement):
    fields = ("title", "title_zh", "summary", "summary_zh", "source", "notes")

    def edit(number):
        mine = Agreement.objects.get(pk=agreement.pk)
        mine.edit(by=officer, **{fields[number]: f"Text {number}"})

    assert len(won(at_once(edit, len(fields)))) == len(fields)
    agreement.refresh_from_db()
    assert [getattr(agreement, name) for name in fields] == [
        f"Text {number}" for number in range(len(fields))
    ]


def test_a_verb_is_done_once_however_many_try(officer, agreement):
    def suspend(number):
        mine = Agreement.objects.get(pk=agreement.pk)
        return mine.suspend(by=officer, on=TODAY, reason=f"Reason {number}")

    assert lost(at_once(suspend), Refused)
    agreement.refresh_from_db()
    assert agreement.status == Status.SUSPENDED
    assert Event.objects.of(agreement).filter(verb="suspend").count() == 1
    assert list(broken_links()) == []


def test_of_liaison_officers_appointed_at_once_one_is_in_post(officer, agreement):
    party = agreement.party_set.first()
    people = [enter_person(f"Person {number}") for number in range(AT_ONCE)]

    def appoint(number):
        return LiaisonAppointment.enter(
            by=officer, party=party, person=people[number], starts_on=TODAY
        )

    assert lost(at_once(appoint), ValidationError, IntegrityError)
    assert party.liaison_appointments.count() == 1
    assert list(broken_links()) == []


def test_tasks_entered_at_once_are_numbered_without_gap_or_double(officer, agreement):
    def enter(number):
        return enter_task(agreement, by=officer, title=f"Task {number}").number

    assert sorted(won(at_once(enter))) == list(range(1, AT_ONCE + 1))
    assert list(broken_links()) == []


def test_a_task_is_accepted_once(officer, agreement, alba):
    task = enter_task(agreement, by=officer, lead=alba, status=TaskStatus.ASSIGNED)

    def accept(number):
        return Task.objects.get(pk=task.pk).accept(by=officer, on=TODAY)

    assert lost(at_once(accept), Refused)


def test_a_year_planned_at_once_is_planned_once(officer, agreement):
    series = ConsultationSeries.enter(
        by=officer,
        agreement=agreement,
        rrule="FREQ=MONTHLY",
        starts_on=TODAY,
        starts_at="14:00",
    )

    # Entering a series plans its first year; as if that had not been done yet.
    series.consultations.all().delete()

    def plan(number):
        return ConsultationSeries.objects.get(pk=series.pk).plan(by=officer, on=TODAY)

    planned = won(at_once(plan, 8))
    assert sorted(len(one) for one in planned) == [*[0] * 7, 12]
    assert series.consultations.count() == 12


def test_changes_of_a_rotation_at_once_are_judged_one_after_the_other(
    officer, agreement, alba, brook
):
    rotation = enter_rotation(agreement, alba, brook, by=officer, on=TODAY)
    facts = {"term_on": "2027-07-01", "ends_on": "2027-09-01"}

    def extend(number):
        mine = type(rotation).objects.get(pk=rotation.pk)
        return mine.change(
            ChangeKind.EXTEND, by=officer, on=TODAY, facts=facts, version=rotation.version
        )

    results = won(at_once(extend, 8))
    numbers = sorted(change.number for change in results)
    assert numbers == list(range(1, len(numbers) + 1))
    rows = list(rotation.terms.order_by("starts_on"))
    assert all(one.ends_on == rows[place + 1].starts_on for place, one in enumerate(rows[:-1]))
    assert list(broken_links()) == []


def test_branches_moved_under_each_other_at_once_make_no_circle(officer, today):
    for turn in range(4):
        one, two = (
            Organization.enter(by=officer, name=f"{name} {turn}", kind="government")
            for name in ("One", "Two")
        )
        pair = (one.pk, two.pk)

        def move(number, pair=pair):
            mine, other = pair if number else pair[::-1]
            above = Organization.objects.get(pk=other)
            return Organization.objects.get(pk=mine).edit(by=officer, parent=above)

        at_once(move, 2)
        one.refresh_from_db()
        two.refresh_from_db()
        assert one.parent_id is None or two.parent_id is None
        assert not (one.path.startswith(two.path) and two.path.startswith(one.path))
    assert list(broken_links()) == []
