"""What proposes itself: matters that come before the next consultation, once each."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from agreements import daily
from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.agenda_proposals import matters, propose_matters, propose_to_agendas
from agreements.mechanisms.agenda_rules import Origin, Status
from agreements.mechanisms.deciding import decide
from agreements.models import LiaisonAppointment, SpecialGroup, Task
from agreements.tasks import Status as TaskStatus
from tests.agreements.mechanisms.meetings import FIRST, SECOND, enter_meeting, enter_series
from tests.cast import SIGNED, TODAY, enter_agreement, enter_person, enter_rotation, enter_task

BY = {"by": None, "on": TODAY}
PAST = date(2027, 2, 1)


@pytest.fixture
def covered(agreement):
    """An agreement in which nothing is wrong."""
    for party in agreement.party_set.all():
        LiaisonAppointment.enter(by=None, party=party, person=enter_person(f"Of {party}"))
    return agreement


@pytest.fixture
def meeting(covered):
    return enter_meeting(enter_series(covered), FIRST)


def proposed(meeting):
    return {item.key.partition(":")[0]: item for item in meeting.agenda_items.all()}


# each kind


def overdue(agreement, **facts):
    return enter_task(
        agreement, by=None, status=TaskStatus.IN_PROGRESS, lead=facts.pop("lead"), due_on=PAST,
        **facts,
    )  # fmt: skip


def test_where_nothing_is_wrong_nothing_is_proposed(meeting):
    assert propose_to_agendas(TODAY) == 0


def test_an_overdue_task_proposes_itself_in_both_languages(meeting, alba):
    task = overdue(meeting.agreement, lead=alba, title="Plant trees", title_zh="植树")
    overdue(meeting.agreement, lead=alba, title="Rests").suspend(**BY, reason="Winter")
    assert propose_to_agendas(TODAY) == 1
    (item,) = meeting.agenda_items.all()
    assert (item.origin, item.status, item.task) == (Origin.SYSTEM, Status.PROPOSED, task)
    assert (item.title, item.proposed_by) == ("Overdue task: Plant trees", None)
    assert "植树" in item.title_zh and not item.title_zh.isascii()
    assert "1 February 2027" in item.explanation and "Alba District" in item.explanation
    assert "阿尔巴区" in item.explanation_zh
    with translation.override("zh-hans"):
        assert str(item) == item.title_zh


def test_an_open_decision_comes_back(meeting, alba):
    past = enter_meeting(meeting.series, SIGNED, on=SIGNED).convene(by=None, on=SIGNED)
    decision = decide(past, by=None, on=SIGNED, text="Plant", tasks=[{"title": "T", "lead": alba}])
    past.close(by=None, on=SIGNED)
    propose_to_agendas(TODAY)
    assert proposed(meeting)["decision"].decision == decision
    assert "minutes" in proposed(meeting)  # held a year ago, and nobody was sent any
    Task.objects.update(status=TaskStatus.COMPLETED)
    propose_to_agendas(TODAY)
    assert proposed(meeting)["decision"].status == Status.WITHDRAWN


def test_a_decision_whose_task_is_late_is_told_of_by_the_task(meeting, alba):
    past = enter_meeting(meeting.series, SIGNED, on=SIGNED).convene(by=None, on=SIGNED)
    late = {"title": "T", "lead": alba, "due_on": PAST}
    decide(past, by=None, on=SIGNED, text="Plant", tasks=[late])
    propose_to_agendas(TODAY)
    assert "task" in proposed(meeting) and "decision" not in proposed(meeting)


@pytest.mark.parametrize(("basis", "expected"), [("decision", 2), ("order", 0)])
def test_a_term_without_holder_now_or_next_proposes_itself(
    short_horizon, officer, meeting, alba, basis, expected
):
    enter_rotation(meeting.agreement, alba, by=officer, basis=basis)
    assert propose_to_agendas(TODAY) == expected
    assert all(one.key.startswith("term:") for one in meeting.agenda_items.all())


def test_a_party_without_liaison_officer_proposes_itself(meeting, brook):
    party = meeting.agreement.party_set.get(organization=brook)
    post = LiaisonAppointment.objects.get(party=party)
    post.relieve(by=None, on=TODAY + timedelta(days=20))
    propose_to_agendas(TODAY)
    item = proposed(meeting)["liaison"]
    assert item.about_party == party and "thirty days" in item.explanation
    LiaisonAppointment.enter(
        by=None, party=party, person=enter_person("New"), starts_on=TODAY + timedelta(days=20)
    )
    assert propose_to_agendas(TODAY) == 1
    assert proposed(meeting)["liaison"].status == Status.WITHDRAWN


def test_a_groups_matters_go_to_its_own_consultation_if_it_has_one(meeting, alba):
    agreement = meeting.agreement
    group = SpecialGroup.enter(by=None, agreement=agreement, name="Air", sunset_on=PAST)
    overdue(agreement, lead=alba, group=group)
    propose_to_agendas(TODAY)
    assert set(proposed(meeting)) == {"sunset", "task"}
    meeting.agenda_items.all().delete()
    of_group = enter_meeting(enter_series(agreement, group=group), SECOND)
    propose_to_agendas(TODAY)
    assert set(proposed(of_group)) == {"sunset", "task"} and not proposed(meeting)


# once


def test_it_proposes_once_per_consultation_whatever_becomes_of_it(meeting, alba):
    overdue(meeting.agreement, lead=alba)
    assert propose_matters(meeting.agreement, TODAY) == 1
    assert propose_matters(meeting.agreement, TODAY) == 0
    meeting.agenda_items.get().decline(**BY, reason="Not again")
    assert propose_matters(meeting.agreement, TODAY) == 0
    following = enter_meeting(meeting.series, SECOND)
    meeting.convene(**BY)
    meeting.close(**BY)
    assert propose_matters(meeting.agreement, TODAY) == 1
    assert following.agenda_items.count() == 1


def test_what_was_carried_on_is_not_proposed_beside_itself(meeting, alba):
    overdue(meeting.agreement, lead=alba)
    propose_to_agendas(TODAY)
    following = enter_meeting(meeting.series, SECOND)
    meeting.agenda_items.get().accept(**BY)
    meeting.convene(**BY)
    meeting.close(**BY)
    propose_to_agendas(TODAY)
    assert [one.times_deferred for one in following.agenda_items.all()] == [1]


def test_what_was_proposed_to_a_meeting_that_nobody_recorded_goes_on_to_the_next(meeting, alba):
    overdue(meeting.agreement, lead=alba)
    propose_matters(meeting.agreement, TODAY)
    following = enter_meeting(meeting.series, SECOND)
    for days, moved in ((1, 0), (8, 1), (9, 0)):
        assert propose_matters(meeting.agreement, FIRST + timedelta(days=days)) == moved
    (item,) = AgendaItem.objects.filter(key__startswith="task:")
    assert (item.consultation, item.status) == (following, Status.PROPOSED)


def test_what_is_on_the_agenda_stays_when_its_reason_has_gone(meeting, alba):
    task = overdue(meeting.agreement, lead=alba)
    propose_to_agendas(TODAY)
    meeting.agenda_items.get().accept(**BY)
    task.cancel(**BY, reason="Not needed")
    assert propose_to_agendas(TODAY) == 0
    assert meeting.agenda_items.get().status == Status.ACCEPTED


def test_a_series_comes_before_an_extraordinary_one_and_the_past_not_at_all(covered, alba):
    overdue(covered, lead=alba)
    assert propose_to_agendas(TODAY) == 0  # nothing is planned
    series = enter_series(covered)
    enter_meeting(series, PAST, on=PAST)
    extra = type(enter_meeting(series, SECOND)).enter(
        **BY, agreement=covered, starts_at=enter_meeting(series, FIRST).starts_at
    )
    propose_to_agendas(TODAY)
    item = AgendaItem.objects.get()
    assert item.consultation not in {extra} and item.consultation.day == FIRST


def test_an_agreement_that_is_over_takes_its_proposals_back(meeting, officer, alba):
    overdue(meeting.agreement, lead=alba)
    propose_to_agendas(TODAY)
    type(meeting.agreement).objects.filter(pk=meeting.agreement.pk).update(status="suspended")
    assert propose_to_agendas(TODAY) == 0
    meeting.agreement.refresh_from_db()
    meeting.agreement.terminate(**BY, reason="Done")
    assert propose_to_agendas(TODAY) == 1
    assert meeting.agenda_items.get().status == Status.WITHDRAWN


def test_what_waits_is_put_before_a_meeting_that_was_planned_just_meanwhile(meeting, alba):
    held = enter_meeting(meeting.series, TODAY).convene(by=None, on=TODAY)
    left = AgendaItem.propose(held, by=None, on=TODAY, title="Noise", proposed_by=alba)
    held.close(by=None, on=TODAY)
    # Whoever closed did not see yet what somebody else was planning.
    AgendaItem.objects.filter(carried_from=left).update(consultation=None)
    assert propose_to_agendas(TODAY) == 1
    assert AgendaItem.objects.get(carried_from=left).consultation == meeting
    assert propose_to_agendas(TODAY) == 0


def test_the_daily_run_does_it(meeting, alba):
    overdue(meeting.agreement, lead=alba)
    assert dict(daily.STEPS)["matters proposed to agendas"](TODAY) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_matters_are_found_in_a_constant_number_of_queries(
    officer, alba, brook, rows, django_assert_num_queries
):
    other = enter_agreement(alba, brook, by=officer, status="in_force", title="Other")
    for place in range(rows):
        overdue(other, lead=alba, title=f"T{place}")
        SpecialGroup.enter(by=None, agreement=other, name=f"G{place}", sunset_on=PAST)
    with django_assert_num_queries(8):
        assert len([one.facts() for one in matters(other, TODAY)]) == 2 * rows + 2
