"""Decisions: numbered without gaps, with the quorum, the positions and what they set off."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.decisions import Standing
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.models import Consultation, Decision, SpecialGroup, Task
from agreements.tasks import Status as TaskStatus
from governance.lifecycle import Refused
from governance.record import Event
from tests.agreements.mechanisms.meetings import FIRST, attend, enter_meeting, enter_series, propose
from tests.cast import SIGNED, TODAY, enter_agreement, enter_party, enter_task

BY = {"by": None, "on": TODAY}
DUE = date(2027, 12, 1)


@pytest.fixture
def meeting(agreement):
    return enter_meeting(enter_series(agreement), FIRST).convene(**BY)


def took(meeting, **facts):
    return decide(meeting, **BY, **{"text": "Plant trees", **facts})


# numbers and quorum


def test_numbers_have_no_gap_within_the_agreement_and_year(officer, agreement, meeting, alba):
    found = [took(meeting).reference, took(meeting, decided_on=date(2026, 5, 1)).reference]
    with pytest.raises(ValidationError):
        took(meeting, text=" ")
    with pytest.raises(ValidationError):
        took(meeting, tasks=[{"title": " "}])
    found += [took(meeting).reference, took(meeting, decided_on=date(2026, 2, 1)).reference]
    assert found == ["2027-1", "2026-1", "2027-2", "2026-2"]
    other = enter_agreement(alba, by=officer, title="Other")
    there = enter_meeting(enter_series(other), FIRST).convene(**BY)
    assert took(there).reference == "2027-1"


def test_it_is_called_by_its_number_in_both_languages(meeting):
    made = took(meeting)
    assert str(made) == "Decision 2027-1"
    with translation.override("zh-hans"):
        assert str(made) == "〔2027〕1号"


def test_it_keeps_the_quorum_it_was_taken_by(agreement, alba, brook):
    series = enter_series(agreement, quorum_kind="percent", quorum=100)
    meeting = enter_meeting(series, FIRST).convene(**BY)
    attend(meeting, alba)
    with pytest.raises(Refused) as told:
        took(meeting)
    assert told.value.guard == "no_quorum" and "1" in str(told.value) and "2" in str(told.value)
    attend(meeting, brook)
    made = took(meeting)
    attend(meeting, brook, state="absent")
    made.refresh_from_db()
    assert made.quorum == {"required": 2, "present": 2, "of": 2, "met": True}


@pytest.mark.parametrize("status", ConsultationStatus)
def test_a_consultation_decides_once_it_was_called(meeting, status):
    Consultation.objects.filter(pk=meeting.pk).update(status=status)
    if status in {ConsultationStatus.CONVENED, ConsultationStatus.CLOSED}:
        took(meeting)
        return
    with pytest.raises(Refused) as told:
        took(meeting)
    assert told.value.guard == "not_convened"


def test_it_is_dated_by_the_day_the_consultation_was_held(meeting):
    meeting.close(**BY, held_on=date(2027, 2, 20))
    assert took(meeting).decided_on == date(2027, 2, 20)
    with pytest.raises(ValidationError) as refused:
        took(meeting, decided_on=date(2027, 3, 2))
    assert set(refused.value.error_dict) == {"decided_on"}


def test_it_is_revoked_with_a_reason_and_never_deleted(meeting):
    made = took(meeting)
    with pytest.raises(Refused) as told:
        made.remove(by=None)
    assert told.value.guard == "numbered"
    with pytest.raises(ValidationError):
        made.revoke(**BY)
    made.revoke(**BY, reason="Overtaken")
    assert made.standing_now() == Standing.REVOKED
    with pytest.raises(Refused):
        made.edit(by=None, text="Other")
    assert took(meeting).number == 2


# positions


def test_positions_are_kept_and_on_record(agreement, meeting, alba, brook):
    party = agreement.party_set.get(organization=brook)
    made = took(
        meeting,
        positions=[
            {"organization": alba, "stance": "for"},
            {"party": party, "stance": "reserved", "note": "Money is missing"},
        ],
    )
    assert [(one.organization, one.stance) for one in made.positions.all()] == [
        (alba, "for"), (brook, "reserved"),
    ]  # fmt: skip
    (event,) = Event.objects.of(made)
    assert [one["stance"] for one in event.after["positions"]] == ["for", "reserved"]
    made.edit(by=None, positions=[{"organization": alba, "stance": "against"}])
    assert [one.stance for one in made.positions.all()] == ["against"]
    assert Event.objects.of(made).last().before["positions"][1]["note"] == "Money is missing"
    made.edit(by=None, positions=[{"organization": alba, "stance": "against"}])
    assert Event.objects.of(made).count() == 2


@pytest.mark.parametrize("who", ["stranger", "observer", "twice"])
def test_only_who_has_a_voice_takes_a_position_once(agreement, meeting, alba, corva, dunes, who):
    enter_party(agreement, corva, role="observer")
    named = {"stranger": [dunes], "observer": [corva], "twice": [alba, alba]}[who]
    with pytest.raises(ValidationError) as refused:
        took(meeting, positions=[{"organization": one, "stance": "for"} for one in named])
    assert set(refused.value.error_dict) == {f"positions.{len(named) - 1}"}
    assert not Decision.objects.exists()


# what follows


def test_tasks_are_created_with_it(agreement, meeting, alba):
    made = took(
        meeting,
        tasks=[{"title": "Measure", "lead": alba, "due_on": DUE}, {"title_zh": "植树"}],
    )
    one, two = made.tasks.order_by("number")
    assert (one.agreement, one.lead, one.status) == (agreement, alba, TaskStatus.ASSIGNED)
    assert (one.due_on, one.source) == (DUE, "Decision 2027-1 / 〔2027〕1号")
    assert (two.status, two.group) == (TaskStatus.PLANNED, None)
    assert "Decision 2027-1 / 〔2027〕1号: Plant trees" in Event.objects.of(one).last().reason


def test_tasks_of_a_groups_decision_belong_to_the_group(agreement):
    group = SpecialGroup.enter(by=None, agreement=agreement, name="Air")
    series = enter_series(agreement, group=group)
    meeting = enter_meeting(series, FIRST, illustrative=True).convene(**BY)
    (task,) = took(meeting, tasks=[{"title": "Measure"}]).tasks.all()
    assert (task.group, task.illustrative) == (group, True)


def test_what_is_wrong_with_a_task_is_told_at_its_place_and_nothing_is_kept(meeting):
    with pytest.raises(ValidationError) as refused:
        took(meeting, tasks=[{"title": "Good"}, {"starts_on": DUE, "due_on": SIGNED, "title": "x"}])
    assert set(refused.value.error_dict) == {"tasks.1.due_on"}
    assert not Task.objects.exists() and not Decision.objects.exists()


@pytest.mark.parametrize(
    ("status", "effect", "after"),
    [
        (TaskStatus.IN_PROGRESS, {"verb": "suspend"}, TaskStatus.SUSPENDED),
        (TaskStatus.SUSPENDED, {"verb": "resume"}, TaskStatus.IN_PROGRESS),
        (TaskStatus.ACCEPTED, {"verb": "cancel"}, TaskStatus.CANCELLED),
        (TaskStatus.PLANNED, {"verb": "assign", "lead": True}, TaskStatus.ASSIGNED),
        (TaskStatus.IN_PROGRESS, {"verb": "assign", "lead": True}, TaskStatus.ASSIGNED),
        (TaskStatus.RETURNED, {"verb": "reschedule", "due_on": DUE}, TaskStatus.RETURNED),
    ],
)
def test_a_decision_changes_a_task_by_the_tasks_own_verb(
    officer, agreement, meeting, alba, brook, status, effect, after
):
    task = enter_task(agreement, by=officer, lead=alba, status=status)
    item = propose(meeting, task=task)
    if effect.get("lead"):
        effect = {**effect, "lead": brook}
    made = took(meeting, agenda_item=item, task_effect={**effect, "reason": "Winter"})
    task.refresh_from_db()
    item.refresh_from_db()
    assert (task.status, made.task, made.effect) == (after, task, effect["verb"])
    assert task.due_on == effect.get("due_on") == made.task_due_on
    assert task.lead == made.task_lead if effect.get("lead") else task.lead == alba
    assert item.status == ItemStatus.DISCUSSED
    assert (
        Event.objects.of(task).last().reason == "Decision 2027-1 / 〔2027〕1号: Plant trees Winter"
    )


@pytest.mark.parametrize(
    ("effect", "field"),
    [({"verb": "suspend"}, "task"), ({"verb": "verify", "task": 1}, "verb"),
     ({"verb": "assign", "task": 1}, "lead"), ({"verb": "reschedule", "task": 1}, "due_on"),
     ({"verb": "cancel", "task": 2}, "task")],
)  # fmt: skip
def test_an_effect_that_cannot_be_is_refused_at_its_field(
    officer, agreement, meeting, alba, effect, field
):
    tasks = {
        1: enter_task(agreement, by=officer, lead=alba),
        2: enter_task(enter_agreement(alba, by=officer, title="Other"), by=officer),
    }
    if "task" in effect:
        effect = {**effect, "task": tasks[effect["task"]]}
    with pytest.raises(ValidationError) as refused:
        took(meeting, task_effect=effect)
    assert set(refused.value.error_dict) == {f"task_effect.{field}"}


def test_a_task_that_refuses_takes_the_decision_with_it(officer, agreement, meeting, alba):
    task = enter_task(agreement, by=officer, lead=alba, status=TaskStatus.COMPLETED)
    item = propose(meeting)
    with pytest.raises(Refused):
        took(meeting, agenda_item=item, task_effect={"verb": "suspend", "task": task})
    item.refresh_from_db()
    assert item.status == ItemStatus.PROPOSED and not Decision.objects.exists()


@pytest.mark.parametrize("ending", ["decline", "withdraw"])
def test_nothing_is_decided_on_what_is_off_the_agenda(meeting, ending):
    item = propose(meeting)
    getattr(item, ending)(**BY, reason="No")
    with pytest.raises(ValidationError) as refused:
        took(meeting, agenda_item=item)
    assert set(refused.value.error_dict) == {"agenda_item"}


def test_an_item_of_another_consultation_is_refused(agreement, meeting):
    other = enter_meeting(enter_series(agreement), FIRST)
    with pytest.raises(ValidationError) as refused:
        took(meeting, agenda_item=propose(other))
    assert set(refused.value.error_dict) == {"agenda_item"}


# how far it went


@pytest.mark.parametrize(
    ("statuses", "standing"),
    [
        ([], Standing.NO_TASK),
        ([TaskStatus.CANCELLED], Standing.NO_TASK),
        ([TaskStatus.COMPLETED, TaskStatus.SUSPENDED], Standing.OPEN),
        ([TaskStatus.PLANNED], Standing.OPEN),
        ([TaskStatus.COMPLETED, TaskStatus.CANCELLED], Standing.CARRIED_OUT),
    ],
)
def test_how_far_it_went_is_told_by_its_tasks_alike_in_sql(meeting, statuses, standing):
    made = took(meeting, tasks=[{"title": str(place)} for place, _s in enumerate(statuses)])
    for task, status in zip(made.tasks.all(), statuses, strict=True):
        Task.objects.filter(pk=task.pk).update(status=status)
    assert made.standing_now() == standing
    assert Decision.objects.with_standing().get().standing == standing
    assert Decision.objects.open().exists() == (standing == Standing.OPEN)


@pytest.mark.parametrize("rows", [1, 3])
def test_decisions_are_read_in_five_queries(meeting, alba, rows, django_assert_num_queries):
    for _place in range(rows):
        took(
            meeting,
            positions=[{"organization": alba, "stance": "for"}],
            tasks=[{"title": "T", "lead": alba}],
        )
    with django_assert_num_queries(5):
        for one in Decision.objects.of(meeting):
            assert one.standing == one.standing_now() == Standing.OPEN
            assert [str(held.organization) for held in one.positions.all()] == [str(alba)]
            assert [str(task.lead) for task in one.tasks.all()] == [str(alba)]
