"""Supervision: each step of the ladder on its day and once, and what answers it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from actors.models import WorkingCalendar
from agreements import daily, indicators
from agreements.extension_requests import ExtensionRequest
from agreements.models import Escalation, LiaisonAppointment, Notice, SupervisionStep
from agreements.supervising import on_the_agenda, send_follow_up, supervise
from agreements.supervision import USUAL, Action, Answer, Rung, ladder
from agreements.tasks import Status
from governance import clock
from governance.lifecycle import Refused
from governance.record import Event
from governance.workdays import Calendar
from tests.agreements.test_daily import run
from tests.cast import TODAY, enter_person, enter_rotation, enter_task

DUE = TODAY
DAY = timedelta(days=1)


@pytest.fixture
def posts(agreement):
    """A liaison officer for each party."""
    return {
        party.organization: LiaisonAppointment.enter(
            by=None, party=party, person=enter_person(f"Officer of {party.organization}")
        )
        for party in agreement.party_set.all()
    }


@pytest.fixture
def task(agreement, alba, posts):
    return enter_task(agreement, by=None, status=Status.IN_PROGRESS, lead=alba, due_on=DUE)


@pytest.fixture
def convened(short_horizon, agreement, officer, brook):
    enter_rotation(agreement, brook, by=officer)


def play(first, last):
    """The days from ``first`` to ``last``, each supervised under its own clock."""
    day = first
    while day <= last:
        with clock.fixed(day):
            supervise(day)
        day += DAY


def steps(task):
    return [
        ((one.taken_on - one.due_on).days, one.action)
        for one in task.escalations.order_by("taken_on", "pk")
    ]


# the ladder


def test_without_steps_of_its_own_the_usual_ladder_holds(agreement):
    assert ladder(agreement.supervision_steps.all()) == USUAL
    own = SupervisionStep.enter(by=None, agreement=agreement, days=3, action=Action.CONVENOR)
    SupervisionStep.enter(by=None, agreement=agreement, days=-2, action=Action.REMIND)
    assert ladder(agreement.supervision_steps.all()) == (
        Rung(-2, Action.REMIND),
        Rung(3, Action.CONVENOR),
    )
    assert own.record_scope() == agreement


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"days": 0, "action": Action.LIAISON}, "days"),
        ({"days": -1, "action": Action.AGENDA}, "days"),
        ({"days": 366, "action": Action.REMIND}, "days"),
        ({"days": 1, "action": Action.FOLLOW_UP}, "action"),
        ({"days": 1, "action": "shout"}, "action"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_at_its_field(agreement, facts, field):
    with pytest.raises(ValidationError) as wrong:
        SupervisionStep.enter(by=None, agreement=agreement, **facts)
    assert field in wrong.value.message_dict


def test_a_step_stands_on_a_ladder_once(agreement):
    facts = {"agreement": agreement, "days": 1, "action": Action.LIAISON}
    SupervisionStep.enter(by=None, **facts)
    with pytest.raises(ValidationError, match="on the ladder already"):
        SupervisionStep.enter(by=None, **facts)
    SupervisionStep.enter(by=None, **facts, in_working_days=True)


# 26 February 2027 is a Friday.
@pytest.mark.parametrize(
    ("days", "in_working_days", "due", "expected"),
    [
        (7, False, date(2027, 2, 26), date(2027, 3, 5)),
        (-7, False, date(2027, 2, 26), date(2027, 2, 19)),
        (1, True, date(2027, 2, 26), date(2027, 3, 1)),
        (0, True, date(2027, 2, 27), date(2027, 3, 1)),
        (-1, True, date(2027, 3, 1), date(2027, 2, 26)),
    ],
)
def test_a_step_lies_so_many_days_from_the_due_date(days, in_working_days, due, expected):
    assert Rung(days, Action.REMIND, in_working_days).day(due, Calendar()) == expected


# taking the steps


def test_every_step_is_taken_on_its_day_and_told_to_whom_it_concerns(convened, task, posts, brook):
    play(DUE - 40 * DAY, DUE + 20 * DAY)
    assert steps(task) == [
        (-30, "remind"),
        (-7, "remind"),
        (0, "remind"),
        (1, "liaison"),
        (7, "convenor"),
        (14, "agenda"),
    ]
    told = [
        (notice.kind, notice.told_on, notice.person)
        for notice in Notice.objects.order_by("told_on", "pk")
    ]
    alba, brook_officer = posts[task.lead].person, posts[brook].person
    assert told == [
        ("task_due", DUE - 30 * DAY, alba),
        ("task_due", DUE - 7 * DAY, alba),
        ("task_due", DUE, alba),
        ("task_late", DUE + DAY, alba),
        ("task_late_convenor", DUE + 7 * DAY, brook_officer),
        ("task_on_agenda", DUE + 14 * DAY, alba),
    ]
    assert all(one.notices.count() == 1 for one in task.escalations.all())


def test_however_often_it_runs_each_step_is_taken_once(convened, task):
    for _again in range(3):
        play(DUE + DAY, DUE + 8 * DAY)
    assert steps(task) == [(1, "liaison"), (7, "convenor")]
    assert Notice.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation(task=task, due_on=DUE, days=1, action=Action.LIAISON, taken_on=TODAY).save(
            force_insert=True
        )


def test_what_was_entered_late_is_made_up_for_but_not_with_reminders(convened, task):
    play(DUE + 20 * DAY, DUE + 20 * DAY)
    assert sorted(steps(task)) == [(20, "agenda"), (20, "convenor"), (20, "liaison")]


def test_of_several_missed_steps_with_the_same_effect_only_the_last_is_taken(agreement, task):
    for days in (1, 5, 9):
        SupervisionStep.enter(by=None, agreement=agreement, days=days, action=Action.LIAISON)
    play(DUE + 6 * DAY, DUE + 8 * DAY)
    assert [(one.days, one.taken_on) for one in task.escalations.all()] == [(5, DUE + 6 * DAY)]
    play(DUE + 9 * DAY, DUE + 12 * DAY)
    assert task.escalations.count() == 2


def test_another_date_begins_the_ladder_anew(task):
    play(DUE, DUE + DAY)
    task.reschedule(by=None, on=DUE + 2 * DAY, due_on=DUE + 3 * DAY, reason="Flood")
    play(DUE + 3 * DAY, DUE + 4 * DAY)
    assert [(one.due_on, one.days) for one in task.escalations.order_by("pk")] == [
        (DUE, 0),
        (DUE, 1),
        (DUE + 3 * DAY, 0),
        (DUE + 3 * DAY, 1),
    ]


def test_working_days_are_those_of_the_region_of_the_lead(agreement, task, officer):
    SupervisionStep.enter(
        by=None, agreement=agreement, days=1, in_working_days=True, action=Action.LIAISON
    )
    WorkingCalendar.enter_with_days(
        by=None, on=TODAY, name="Default", days=[{"day": DUE + DAY, "name": "Spring"}]
    )
    play(DUE, DUE + 3 * DAY)
    assert steps(task) == [(2, "liaison")]


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.SUBMITTED, Status.CANCELLED])
def test_what_rests_is_done_or_waits_to_be_verified_is_left_in_peace(
    agreement, alba, posts, status
):
    task = enter_task(agreement, by=None, status=status, lead=alba, due_on=DUE)
    play(DUE - 30 * DAY, DUE - 30 * DAY)
    play(DUE + 20 * DAY, DUE + 20 * DAY)
    assert not task.escalations.exists() and not on_the_agenda(agreement, DUE + 20 * DAY)


def test_what_is_taken_up_again_is_supervised_again(agreement, alba, posts):
    task = enter_task(agreement, by=None, status=Status.SUBMITTED, lead=alba, due_on=DUE)
    play(DUE + DAY, DUE + 2 * DAY)
    task.send_back(by=None, on=DUE + 3 * DAY, reason="Half of it")
    play(DUE + 3 * DAY, DUE + 4 * DAY)
    assert steps(task) == [(3, "liaison")]


@pytest.mark.parametrize("status", ["suspended", "negotiating"])
def test_nothing_is_urged_under_an_agreement_that_binds_nobody(agreement, task, status):
    type(agreement).objects.update(status=status)
    play(DUE + 10 * DAY, DUE + 10 * DAY)
    assert not Escalation.objects.exists()


def test_a_task_without_lead_is_told_to_the_convenor_and_to_its_lead_once_it_has_one(
    convened, agreement, alba, posts
):
    task = enter_task(agreement, by=None, due_on=DUE)
    play(DUE - 30 * DAY, DUE - 30 * DAY)
    play(DUE, DUE + 8 * DAY)
    assert steps(task) == [(7, "convenor")]
    task.edit(by=None, lead=alba)
    play(DUE + 9 * DAY, DUE + 9 * DAY)
    assert (9, "liaison") in steps(task)


def test_without_a_convenor_the_step_is_taken_and_told_to_nobody(task):
    play(DUE + 7 * DAY, DUE + 7 * DAY)
    step = task.escalations.get(action=Action.CONVENOR)
    assert not step.notices.exists()


def test_the_person_responsible_is_reminded_beside_the_liaison_officer(task):
    anna = enter_person("Anna")
    task.edit(by=None, responsible=anna)
    play(DUE, DUE + DAY)
    assert [one.person == anna for one in Notice.objects.order_by("pk")] == [False, True, False]


def test_a_person_responsible_who_is_the_liaison_officer_is_told_once(task, posts):
    task.edit(by=None, responsible=posts[task.lead].person)
    play(DUE, DUE)
    assert Notice.objects.count() == 1


def test_a_lead_that_is_no_party_is_told_as_an_organization(agreement, posts, dunes):
    enter_task(agreement, by=None, status=Status.ACCEPTED, lead=dunes, due_on=DUE)
    play(DUE + DAY, DUE + DAY)
    notice = Notice.objects.get()
    assert (notice.party, notice.organization) == (None, dunes)


def test_a_body_that_signed_is_told_through_its_partys_liaison_officer(
    agreement, posts, alba, dunes
):
    agreement.party_set.get(organization=alba).edit(by=None, signing_body=dunes)
    enter_task(agreement, by=None, status=Status.ACCEPTED, lead=dunes, due_on=DUE)
    play(DUE + DAY, DUE + DAY)
    assert Notice.objects.get().person == posts[alba].person


def test_killed_between_two_steps_the_rest_is_taken_and_nothing_twice(convened, task, monkeypatch):
    """The second step dies when it has told: nothing of it is kept, and the next run takes it."""
    enter = Escalation.record
    calls = []

    def dies(self, *args, **kwargs):
        calls.append(self)
        if len(calls) == 2:
            raise KeyboardInterrupt
        enter(self, *args, **kwargs)

    monkeypatch.setattr(Escalation, "record", dies)
    day = DUE + 20 * DAY
    with clock.fixed(day):
        with pytest.raises(KeyboardInterrupt):
            supervise(day)
        assert (Escalation.objects.count(), Notice.objects.count()) == (1, 1)
        assert supervise(day) == 2
        assert supervise(day) == 0
    assert (Escalation.objects.count(), Notice.objects.count()) == (3, 3)


def test_missed_days_are_supervised_each_as_itself(convened, task):
    with clock.fixed(DUE + 9 * DAY):
        run(DUE - DAY)
        run(DUE + 9 * DAY)
    assert steps(task) == [(0, "remind"), (1, "liaison"), (7, "convenor")]
    assert dict(daily.STEPS)["tasks supervised"](DUE + 9 * DAY) == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_what_is_due_is_found_in_a_constant_number_of_queries(
    agreement, alba, rows, django_assert_num_queries
):
    for place in range(rows):
        enter_task(agreement, by=None, title=f"T{place}", lead=alba, due_on=DUE + 5 * DAY)
    with django_assert_num_queries(4):
        assert supervise(TODAY) == 0


def test_on_a_day_that_is_caught_up_with_a_later_report_has_answered_already(task):
    indicators.report(task, by=None, on=DUE + 3 * DAY, text="Half")
    play(DUE + DAY, DUE + DAY)
    step = task.escalations.get()
    assert (step.answer, step.answered_on) == (Answer.REPORT, DUE + 3 * DAY)


# what answers


@pytest.mark.parametrize(
    ("act", "answer"),
    [
        (lambda task, on: indicators.report(task, by=None, on=on, text="Half"), Answer.REPORT),
        (lambda task, on: task.submit(by=None, on=on), Answer.SUBMIT),
        (
            lambda task, on: ExtensionRequest.ask(
                task, by=None, on=on, due_on=TODAY + 60 * DAY, reason="Flood"
            ),
            Answer.EXTENSION,
        ),
        (lambda task, on: task.suspend(by=None, on=on, reason="Winter"), Answer.SUSPEND),
        (lambda task, on: task.cancel(by=None, on=on, reason="Gone"), Answer.CANCEL),
        (
            lambda task, on: task.reschedule(by=None, on=on, due_on=TODAY + DAY, reason="Flood"),
            Answer.NEW_DATE,
        ),
    ],
)
def test_what_moves_the_task_on_answers_what_was_escalated(task, officer, act, answer):
    play(DUE + DAY, DUE + DAY)
    step = Escalation.objects.unanswered().get()
    assert step.is_unanswered
    act(task, DUE + 3 * DAY)
    step.refresh_from_db()
    assert (step.answer, step.answered_on) == (answer, DUE + 3 * DAY)
    assert not step.is_unanswered and not Escalation.objects.unanswered().exists()
    assert Event.objects.of(step).last().verb == "answer"


def test_what_answered_first_stays(task):
    play(DUE + DAY, DUE + DAY)
    indicators.report(task, by=None, on=DUE + 2 * DAY, text="Half")
    task.cancel(by=None, on=DUE + 3 * DAY, reason="Gone")
    assert Escalation.objects.get().answer == Answer.REPORT


def test_what_merely_changes_words_answers_nothing(task):
    play(DUE + DAY, DUE + DAY)
    task.edit(by=None, title="Plant more trees")
    assert Escalation.objects.get().is_unanswered


def test_a_reminder_asks_for_nothing_yet(task):
    play(DUE, DUE)
    assert not task.escalations.get().is_unanswered and not Escalation.objects.unanswered()


# follow-up notices


def test_a_follow_up_notice_reaches_the_liaison_officer_and_waits_for_an_answer(
    task, posts, officer
):
    made = send_follow_up(task, by=officer, on=TODAY, text="How far?", answer_by=TODAY + 5 * DAY)
    notice = made.notices.get()
    assert (notice.kind, notice.person) == ("follow_up", posts[task.lead].person)
    assert "How far?" in notice.sentence
    assert made.is_unanswered and made.sent_by == officer
    send_follow_up(task, by=officer, on=TODAY, text="And?", answer_by=TODAY)
    assert task.escalations.count() == 2


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"text": " ", "answer_by": TODAY}, "text"),
        ({"text": "How far?", "answer_by": None}, "answer_by"),
        ({"text": "How far?", "answer_by": TODAY - DAY}, "answer_by"),
    ],
)
def test_a_follow_up_notice_says_what_is_asked_and_by_when(task, facts, field):
    with pytest.raises(ValidationError) as wrong:
        send_follow_up(task, by=None, on=TODAY, **facts)
    assert field in wrong.value.message_dict and not Notice.objects.exists()


@pytest.mark.parametrize(
    ("status", "guard"),
    [(Status.COMPLETED, "status_completed"), (Status.CANCELLED, "status_cancelled")],
)
def test_nobody_is_asked_about_what_is_over(agreement, alba, status, guard):
    task = enter_task(agreement, by=None, status=status, lead=alba)
    with pytest.raises(Refused) as refused:
        send_follow_up(task, by=None, on=TODAY, text="How far?", answer_by=TODAY)
    assert refused.value.guard == guard


def test_nobody_is_asked_where_nobody_leads(agreement):
    task = enter_task(agreement, by=None)
    with pytest.raises(Refused) as refused:
        send_follow_up(task, by=None, on=TODAY, text="How far?", answer_by=TODAY)
    assert refused.value.guard == "no_lead"


# the agenda


def test_the_ladder_says_when_a_task_comes_before_a_consultation(agreement, task):
    assert on_the_agenda(agreement, DUE + 13 * DAY) == []
    assert on_the_agenda(agreement, DUE + 14 * DAY) == [task]
    SupervisionStep.enter(by=None, agreement=agreement, days=3, action=Action.AGENDA)
    assert on_the_agenda(agreement, DUE + 3 * DAY) == [task]
    SupervisionStep.objects.update(action=Action.LIAISON)
    assert on_the_agenda(agreement, DUE + 99 * DAY) == []
