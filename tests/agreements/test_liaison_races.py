"""Liaison officers and groups written by many at once, and two daily runs at the same moment."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from agreements import daily, membership
from agreements.agreement import Status
from agreements.mechanisms import group_closing
from agreements.mechanisms.group_sunset import alarm_sunsets
from agreements.mechanisms.liaison_attestation import ask_officers, remind_officers
from agreements.mechanisms.liaison_naming import appoint, report_absence
from agreements.models import (
    GroupMembership,
    LiaisonAbsence,
    LiaisonAppointment,
    LiaisonAttestation,
    Notice,
    Party,
    SpecialGroup,
)
from agreements.notices import tell
from governance.lifecycle import Refused, Stale
from governance.record import broken_links
from tests.cast import (
    SIGNED,
    TODAY,
    enter_agreement,
    enter_organization,
    enter_person,
)
from tests.test_concurrency import at_once, lost, won

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BY: dict[str, Any] = {"by": None, "on": TODAY}
AT_ONCE = 8
LATER = TODAY + timedelta(days=30)


@pytest.fixture
def party(agreement: Any, alba: Any) -> Party:
    return agreement.party_set.get(organization=alba)


@pytest.fixture
def post(party: Party) -> LiaisonAppointment:
    return LiaisonAppointment.enter(
        by=None, party=party, person=enter_person("Ann"), starts_on=SIGNED
    )


def fresh(obj: Any) -> Any:
    return type(obj).objects.get(pk=obj.pk)


def test_of_two_successors_at_once_one_takes_over(post: Any) -> None:
    people = [enter_person(f"Bea {number}") for number in range(AT_ONCE)]
    results = at_once(
        lambda number: fresh(post).succeed(by=None, on=LATER, person=people[number]), AT_ONCE
    )
    assert lost(results, ValidationError)
    assert LiaisonAppointment.objects.filter(starts_on=LATER).count() == 1
    assert fresh(post).ends_on == LATER
    assert list(broken_links()) == []


def test_of_one_deputy_named_successor_twice_no_second_post_is_left(post: Any, party: Any) -> None:
    bea = enter_person("Bea")
    LiaisonAppointment.enter(
        by=None, party=party, person=bea, rank="deputy", starts_on=LATER + timedelta(days=9)
    )
    results = at_once(lambda _number: fresh(post).succeed(by=None, on=LATER, person=bea), AT_ONCE)
    assert lost(results, ValidationError)
    assert [one.rank for one in party.liaison_appointments.filter(person=bea)] == ["primary"]


def test_naming_for_the_same_parties_in_another_order_ends_in_no_deadlock(
    officer: Any, party: Any, alba: Any, brook: Any
) -> None:
    other = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
    both = [party, other.party_set.get(organization=alba)]
    people = [enter_person(f"Bea {number}") for number in range(AT_ONCE)]

    def name(number: int) -> Any:
        asked = [fresh(one) for one in (both if number % 2 else reversed(both))]
        return appoint(asked, **BY, person=people[number], starts_on=TODAY)

    assert lost(at_once(name, AT_ONCE), ValidationError)
    assert LiaisonAppointment.objects.current(TODAY).count() == 2


def test_nobody_is_absent_from_a_post_that_ends_at_this_moment(post: Any) -> None:
    def act(number: int) -> Any:
        mine = fresh(post)
        if number == 0:
            return mine.relieve(**BY)
        start = LATER + timedelta(days=number)
        return report_absence([mine], **BY, starts_on=start, ends_on=start + timedelta(days=1))

    results = at_once(act, AT_ONCE)
    assert not isinstance(results[0], Exception), results[0]
    assert all(isinstance(one, ValidationError) for one in results if isinstance(one, Exception))
    assert not LiaisonAbsence.objects.exists()


def test_nobody_is_named_for_a_party_that_leaves_at_this_moment(party: Any, officer: Any) -> None:
    people = [enter_person(f"Bea {number}") for number in range(AT_ONCE)]

    def act(number: int) -> Any:
        mine = fresh(party)
        if number == 0:
            return membership.withdraw(
                mine, by=None, on=TODAY, effective_on=TODAY, reason="Elsewhere"
            )
        return LiaisonAppointment.enter(
            **BY, party=mine, person=people[number], rank="deputy", starts_on=TODAY
        )

    results = at_once(act, AT_ONCE)
    assert not isinstance(results[0], Exception), results[0]
    assert all(isinstance(one, Refused) for one in results if isinstance(one, Exception)), results
    assert not party.liaison_appointments.current(TODAY).exists()


def test_an_absence_is_withdrawn_once(post: Any) -> None:
    absence = LiaisonAbsence.enter(**BY, appointment=post, starts_on=LATER)
    results = at_once(lambda _number: fresh(absence).withdraw(**BY), AT_ONCE)
    gone = [one for one in results if isinstance(one, Exception)]
    assert len(won(results)) == 1
    assert all(isinstance(one, Stale | LiaisonAbsence.DoesNotExist) for one in gone), gone


def test_nobody_joins_a_group_that_is_closed_at_this_moment(officer: Any, agreement: Any) -> None:
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water", set_up_on=SIGNED)
    guests = [enter_organization(f"Guest {number}") for number in range(AT_ONCE)]

    def act(number: int) -> Any:
        mine = fresh(group)
        if number == 0:
            return group_closing.close(mine, **BY, reason="Clean.")
        return GroupMembership.enter(
            **BY, group=mine, organization=guests[number], joined_on=SIGNED + timedelta(days=1)
        )

    results = at_once(act, AT_ONCE)
    assert not isinstance(results[0], Exception), results[0]
    still = GroupMembership.objects.current(TODAY).filter(group=group)
    # Who was before the closing left with it; who comes after it says so when it left.
    assert fresh(group).status == "closed"
    joined_now = at_once(
        lambda number: GroupMembership.enter(
            **BY, group=fresh(group), organization=guests[number], joined_on=TODAY
        ),
        2,
    )
    assert all(isinstance(one, Refused) for one in joined_now)
    assert not still.exists()


def test_the_same_told_at_once_is_told_once(agreement: Any, alba: Any) -> None:
    results = at_once(
        lambda _number: tell(
            "announcement",
            **BY,
            agreement=agreement,
            about=agreement,
            organizations=[alba],
            once="only",
            subject={"en": "News"},
            text={"en": "News."},
        ),
        AT_ONCE,
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    assert sum(len(told) for told in results) == 1
    assert Notice.objects.filter(once__startswith="only").count() == 1


def test_daily_steps_run_twice_at_once_do_everything_once(
    officer: Any, agreement: Any, alba: Any, post: Any
) -> None:
    agreement.edit(by=officer, attest_every_months=6)
    for number in range(3):
        SpecialGroup.enter(
            by=officer, agreement=agreement, name=f"Group {number}", lead=alba, sunset_on=TODAY
        )
    for step in (ask_officers, alarm_sunsets, remind_officers):
        results = at_once(lambda _number, step=step: step(TODAY), 2)
        assert [one for one in results if isinstance(one, Exception)] == [], step
    assert LiaisonAttestation.objects.count() == 1
    assert Notice.objects.filter(kind="group_sunset_past").count() == 3


def test_a_whole_day_run_twice_at_once_has_no_failed_step(officer: Any, agreement: Any) -> None:
    results = at_once(lambda _number: list(daily.run_day(TODAY)), 2)
    assert [one for one in results if isinstance(one, Exception)] == []
    run = daily.DailyRun.objects.get()
    assert run.failed == {}
    assert run.finished_at is not None
