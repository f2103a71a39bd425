"""Tasks: numbered in their agreement, and taken from plan to verification by their verbs."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from agreements.agreement import Status as AgreementStatus
from agreements.models import Article, Phase, SpecialGroup, Task
from agreements.progress import WHOLE
from agreements.tasks import OPEN, REPORTABLE, Status
from governance.lifecycle import Refused, Stale
from tests.cast import SIGNED, TODAY, enter_agreement, enter_person, enter_task

VERBS = Task.lifecycle.transitions
EVERY_STEP = [(verb, status) for verb in VERBS for status in Status]


@pytest.fixture
def at(officer, agreement, alba):
    """Enters a task in a status."""

    def enter(status, **facts):
        return enter_task(agreement, by=officer, status=status, **{"lead": alba, **facts})

    return enter


# every verb from every status


@pytest.mark.parametrize(("verb", "status"), EVERY_STEP)
def test_a_verb_is_possible_from_its_states_and_refused_from_all_others(officer, at, verb, status):
    task = at(status)
    act = getattr(task, VERBS[verb].method_name)
    # What was taken up already is assigned anew only while it is flagged for that.
    if status in VERBS[verb].sources and not (verb == "assign" and status in REPORTABLE):
        assert task.refusal(verb, TODAY) is None
        act(by=officer, on=TODAY, reason="Letter")
        task.refresh_from_db()
        assert task.status == (VERBS[verb].target or Status.IN_PROGRESS)
        assert task.status_since == TODAY
        return
    for language in ("en", "zh-hans"):
        with translation.override(language), pytest.raises(Refused) as refused:
            act(by=officer, on=TODAY, reason="Letter")
        assert (refused.value.verb, refused.value.guard) == (verb, f"status_{status}")
        with translation.override(language):
            assert f"“{status.label}”" in str(refused.value)
    task.refresh_from_db()
    assert task.status == status


@pytest.mark.parametrize("status", sorted(REPORTABLE))
def test_work_that_was_taken_up_goes_to_another_organization_while_it_is_flagged(
    officer, at, brook, status
):
    task = at(status)
    task.flag_for_reassignment(by=officer, on=TODAY, reason="Alba left")
    task.assign(by=officer, on=TODAY, lead=brook)
    task.refresh_from_db()
    assert (task.status, task.lead, task.needs_reassignment) == (Status.ASSIGNED, brook, False)
    task.accept(by=officer, on=TODAY)
    with pytest.raises(Refused) as refused:
        task.assign(by=officer, on=TODAY, lead=brook)
    assert refused.value.guard == "status_accepted"


@pytest.mark.parametrize("verb", [verb for verb in VERBS if VERBS[verb].needs_reason])
def test_what_sets_a_task_back_needs_a_reason(officer, at, verb):
    task = at(sorted(VERBS[verb].sources)[0])
    with pytest.raises(ValidationError) as refused:
        getattr(task, VERBS[verb].method_name)(by=officer, on=TODAY)
    assert set(refused.value.error_dict) == {"reason"}


def test_a_verb_against_an_older_version_is_stale(officer, at, brook):
    for status, verb, details in [
        (Status.PLANNED, "assign", {"lead": brook}),
        (Status.ASSIGNED, "accept", {}),
        (Status.IN_PROGRESS, "suspend", {}),
        (Status.SUSPENDED, "resume", {}),
    ]:
        task = at(status)
        seen = task.version
        task.edit(by=officer, title="Plant more trees")
        with pytest.raises(Stale):
            getattr(task, verb)(by=officer, on=TODAY, reason="x", version=seen, **details)


@pytest.mark.parametrize("ending", [AgreementStatus.ENDED, AgreementStatus.ABANDONED])
def test_when_the_agreement_is_over_its_tasks_are_not_carried_on(officer, alba, brook, ending):
    agreement = enter_agreement(alba, brook, by=officer, status=ending)
    guards = {}
    for verb, transition in VERBS.items():
        task = Task.enter(by=officer, agreement=agreement, title="T", lead=alba)
        Task.objects.filter(pk=task.pk).update(status=sorted(transition.sources)[0])
        task.refresh_from_db()
        refusal = task.refusal(verb, TODAY)
        guards[verb] = refusal.guard if refusal else ""
    assert guards == {
        **dict.fromkeys(("assign", "accept", "start", "submit", "resume"), "agreement_over"),
        **dict.fromkeys(("verify", "return", "suspend", "cancel"), ""),
    }


# assigning


def test_nothing_is_assigned_to_nobody(officer, at, brook):
    task = at(Status.PLANNED, lead=None)
    with pytest.raises(Refused) as refused:
        task.assign(by=officer, on=TODAY)
    assert refused.value.guard == "no_lead"
    task.assign(by=officer, on=TODAY, lead=brook)
    assert (task.status, task.lead) == (Status.ASSIGNED, brook)


def test_until_it_is_accepted_a_task_may_go_to_another(officer, at, brook):
    task = at(Status.ASSIGNED)
    task.assign(by=officer, on=TODAY, lead=brook)
    task.refresh_from_db()
    assert task.lead == brook


def test_a_refused_assignment_leaves_the_lead_as_it_was(officer, at, alba, brook):
    task = at(Status.COMPLETED)
    with pytest.raises(Refused):
        task.assign(by=officer, on=TODAY, lead=brook)
    task.refresh_from_db()
    assert task.lead == alba


def test_an_assignment_clears_the_flag_for_reassignment(officer, at, brook):
    task = at(Status.ASSIGNED)
    task.flag_for_reassignment(by=officer, on=TODAY, reason="Left")
    assert task.needs_reassignment
    task.assign(by=officer, on=TODAY, lead=brook)
    assert not task.needs_reassignment


# what the verbs leave


def test_submission_and_verification_leave_their_days_and_the_whole(officer, at):
    task = at(Status.IN_PROGRESS)
    task.submit(by=officer, on=SIGNED)
    assert (task.submitted_on, task.progress) == (SIGNED, 0)
    task.verify(by=officer, on=TODAY)
    task.refresh_from_db()
    assert (task.submitted_on, task.completed_on, task.progress) == (SIGNED, TODAY, WHOLE)


def test_a_returned_task_is_no_longer_submitted(officer, at):
    task = at(Status.SUBMITTED)
    task.send_back(by=officer, on=TODAY, reason="Half done")
    assert (task.status, task.submitted_on) == (Status.RETURNED, None)


@pytest.mark.parametrize("status", sorted(VERBS["suspend"].sources))
def test_a_suspended_task_goes_on_where_it_was(officer, at, status):
    task = at(Status(status))
    task.suspend(by=officer, on=TODAY, reason="Winter")
    task.resume(by=officer, on=TODAY)
    task.refresh_from_db()
    assert (task.status, task.suspended_from) == (status, "")


def test_open_is_what_is_neither_completed_nor_cancelled(at):
    for status in Status:
        at(status)
    assert set(Task.objects.open().values_list("status", flat=True)) == set(OPEN)
    assert set(Status) - set(OPEN) == {Status.COMPLETED, Status.CANCELLED}


@pytest.mark.parametrize("status", Status)
def test_progress_is_reported_while_the_work_is_on(at, status):
    task = at(status)
    if status in REPORTABLE:
        task.require_reportable()
    else:
        with pytest.raises(Refused) as refused:
            task.require_reportable()
        assert (refused.value.verb, refused.value.guard) == ("report", f"status_{status}")


# numbers


def test_numbers_count_up_within_each_agreement(officer, agreement, alba, brook):
    other = enter_agreement(alba, brook, by=officer)
    assert [enter_task(agreement, by=officer).number for _turn in range(3)] == [1, 2, 3]
    first = enter_task(other, by=officer)
    assert (first.number, first.reference) == (1, f"{other.reference}/1")


def test_a_refused_task_uses_up_no_number(officer, agreement):
    with pytest.raises(ValidationError):
        enter_task(agreement, by=officer, title="")
    assert enter_task(agreement, by=officer).number == 1


# what belongs together


@pytest.mark.parametrize(
    ("name", "enter"),
    [
        ("article", lambda agreement: Article.enter(by=None, agreement=agreement, number="1")),
        ("phase", lambda agreement: Phase.enter(by=None, agreement=agreement, name="One")),
        ("group", lambda agreement: SpecialGroup.enter(by=None, agreement=agreement, name="G")),
    ],
)
def test_what_belongs_to_another_agreement_is_refused_at_its_field(
    officer, agreement, alba, name, enter
):
    other = enter_agreement(alba, by=officer)
    with pytest.raises(ValidationError) as refused:
        enter_task(agreement, by=officer, **{name: enter(other)})
    assert set(refused.value.error_dict) == {name}
    assert enter_task(agreement, by=officer, **{name: enter(agreement)}).number == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": " ", "title_zh": " "}, "title"),
        ({"starts_on": TODAY, "due_on": SIGNED}, "due_on"),
        ({"weight": Decimal(-1)}, "weight"),
        ({"priority": "urgent"}, "priority"),
    ],
)
def test_facts_that_cannot_be_are_refused_at_their_field(officer, agreement, facts, field):
    with pytest.raises(ValidationError) as refused:
        enter_task(agreement, by=officer, **facts)
    assert set(refused.value.error_dict) == {field}


def test_a_task_may_be_due_on_the_day_it_starts(officer, agreement):
    assert enter_task(agreement, by=officer, starts_on=TODAY, due_on=TODAY).pk


def test_dates_may_be_unknown(officer, agreement):
    task = enter_task(agreement, by=officer, starts_on=None, due_on=None)
    assert (task.expected(TODAY), task.light(TODAY)) == (None, "not_started")


# removal


@pytest.mark.parametrize("status", Status)
def test_only_what_nobody_has_taken_up_is_deleted(officer, at, status):
    task = at(status)
    if status == Status.PLANNED:
        task.remove(by=officer)
        assert not Task.objects.exists()
    else:
        with pytest.raises(Refused) as refused:
            task.remove(by=officer)
        assert refused.value.guard == "not_planned"


# whose they are


def test_tasks_of_organizations_are_those_they_lead_or_help_with(
    officer, agreement, alba, brook, corva
):
    led = enter_task(agreement, by=officer, lead=alba)
    helped = enter_task(agreement, by=officer, lead=brook, cooperating=[alba, corva])
    enter_task(agreement, by=officer, lead=brook)
    assert set(Task.objects.of([alba.pk])) == {led, helped}
    assert Task.objects.of([alba.pk, corva.pk, brook.pk]).count() == 3
    assert not Task.objects.of([]).exists()


def test_a_person_responsible_is_kept_with_the_task(officer, agreement, alba):
    person = enter_person("Ann", alba)
    task = enter_task(agreement, by=officer, responsible=person, due_on=date(2027, 5, 1))
    with pytest.raises(Refused):
        person.remove(by=officer)
    task.edit(by=officer, responsible=None)
    assert task.responsible is None
