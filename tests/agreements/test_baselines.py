"""Baselines: the timetable as signed and as revised, kept for good, and what slipped since."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements import signing
from agreements.agreement import Status
from agreements.baselines import Kind, shadow, take_as_signed
from agreements.date_changes import Cause
from agreements.models import Baseline, DateChange, Indicator, Phase, Task
from agreements.slippage import Fate, slippage
from agreements.tasks import Status as TaskStatus
from governance.lifecycle import Refused
from tests.api_stage import Caller
from tests.cast import SIGNED, TODAY, again, enter_agreement, enter_task

DUE = date(2027, 6, 30)
REVISION = {"kind": Kind.REVISION, "reason": "Half-time", "approved_by": "Leading group"}


@pytest.fixture
def negotiated(officer, alba, brook):
    return enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)


@pytest.fixture
def signed(officer, negotiated, alba, brook):
    """Signed with two tasks: Alba's, due at mid-year, and Brook's, due a month later."""
    phase = Phase.enter(by=officer, agreement=negotiated, name="First", name_zh="一期")
    first = enter_task(negotiated, by=officer, lead=alba, due_on=DUE, phase=phase)
    Indicator.enter(by=officer, task=first, name="Banks", unit="km", target=Decimal("42.5"))
    enter_task(negotiated, by=officer, lead=brook, due_on=DUE + timedelta(30), title="Count fish")
    return signing.sign(negotiated, by=officer, on=SIGNED, all_parties=True)


def revise(agreement, officer, **facts):
    return Baseline.enter(by=officer, on=TODAY, agreement=agreement, **{**REVISION, **facts})


def measured(agreement, *, on=TODAY):
    baseline = Baseline.objects.of(agreement).first()
    return slippage(baseline, on, tasks=Task.objects.all(), changes=DateChange.objects.all())


# taking


def test_the_signature_keeps_the_timetable_as_signed(signed, alba):
    baseline = signed.baselines.get()
    assert (baseline.number, baseline.kind, baseline.taken_on) == (1, Kind.AS_SIGNED, SIGNED)
    assert (baseline.task_count, baseline.rows.count()) == (2, 2)
    row = baseline.rows.get(number=1)
    assert (row.title, row.lead, row.due_on, row.phase_name_zh) == (
        "Plant trees",
        alba,
        DUE,
        "一期",
    )
    assert row.targets[0]["target"] == "42.5"


def test_signed_without_tasks_it_is_kept_once_they_are_in(officer, negotiated, alba):
    signing.sign(negotiated, by=officer, on=SIGNED, all_parties=True)
    assert not negotiated.baselines.exists()
    with pytest.raises(Refused) as refused:
        revise(negotiated, officer)
    assert refused.value.guard == "no_tasks"
    enter_task(negotiated, by=officer, lead=alba, due_on=DUE)
    assert take_as_signed(negotiated, by=officer, on=TODAY).taken_on == SIGNED
    assert take_as_signed(negotiated, by=officer, on=TODAY) is None


def test_nothing_is_agreed_before_the_signature(officer, negotiated):
    enter_task(negotiated, by=officer)
    with pytest.raises(Refused) as refused:
        revise(negotiated, officer)
    assert refused.value.guard == "not_signed"


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"reason": ""}, "reason"),
        ({"approved_by": " "}, "approved_by"),
        ({"taken_on": TODAY + timedelta(1)}, "taken_on"),
        ({"taken_on": SIGNED - timedelta(1)}, "taken_on"),
        ({"kind": Kind.AS_SIGNED}, "kind"),
    ],
)
def test_a_revision_says_why_and_who_approved_it_in_the_order_of_days(
    officer, signed, facts, place
):
    with pytest.raises(ValidationError) as refused:
        revise(signed, officer, **facts)
    assert set(refused.value.error_dict) == {place}


def test_baselines_are_numbered_and_leave_out_what_was_cancelled(officer, signed):
    Task.objects.get(number=2).cancel(by=officer, on=TODAY, reason="Not needed")
    made = revise(signed, officer)
    assert (made.number, made.task_count) == (2, 1)


def test_nothing_of_a_baseline_is_changed_or_deleted(officer, signed):
    baseline = signed.baselines.get()
    for act in (lambda: baseline.edit(by=officer, name="New"), lambda: baseline.remove(by=officer)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.guard == "kept"


# what slipped


def test_what_moved_is_told_by_task_party_and_cause(officer, signed, alba, brook):
    first, second = Task.objects.order_by("number")
    first.edit(by=officer, due_on=DUE + timedelta(10), cause=Cause.FUNDING, reason="Late")
    first.edit(by=officer, due_on=DUE + timedelta(7), cause=Cause.CORRECTION, reason="Typed wrong")
    second.edit(by=officer, due_on=DUE + timedelta(50), cause=Cause.FUNDING, reason="Late, too")
    answer = measured(signed)
    assert [(line.fate, line.slip, line.moved, line.unagreed) for line in answer.lines] == [
        (Fate.MOVED, 7, 7, 0),
        (Fate.MOVED, 20, 20, 0),
    ]
    assert [(one.organization, one.days, one.longest) for one in answer.by_party()] == [
        (brook, 20, 20),
        (alba, 7, 7),
    ]
    assert [(one.cause, one.days, len(one.lines)) for one in answer.by_cause()] == [
        (Cause.FUNDING, 30, 2),
        (Cause.CORRECTION, -3, 1),
    ]
    assert answer.days == 27


def test_what_is_late_without_a_new_date_is_told_as_that(officer, signed):
    on = DUE + timedelta(5)
    answer = measured(signed, on=on)
    assert [(line.slip, line.unagreed) for line in answer.lines] == [(5, 5), (0, 0)]
    (late,) = answer.by_cause()
    assert (late.cause, late.days, str(late.label)) == ("", 5, "Late without a new date")


@pytest.mark.parametrize(
    ("completed", "slip"), [(DUE - timedelta(3), -3), (DUE, 0), (DUE + timedelta(9), 9)]
)
def test_what_is_completed_slipped_until_then(signed, completed, slip):
    Task.objects.filter(number=1).update(status=TaskStatus.COMPLETED, completed_on=completed)
    assert measured(signed, on=DUE + timedelta(100)).lines[0].slip == slip


def test_what_was_deleted_cancelled_and_added_stays_visible(officer, signed):
    Task.objects.get(number=1).remove(by=officer)
    Task.objects.get(number=2).cancel(by=officer, on=TODAY, reason="Not needed")
    enter_task(signed, by=officer, title="New")
    answer = measured(signed)
    assert [(line.fate, line.title, line.slip) for line in answer.lines] == [
        (Fate.DELETED, "Plant trees", None),
        (Fate.CANCELLED, "Count fish", None),
        (Fate.ADDED, "New", None),
    ]


def test_a_later_baseline_takes_the_changes_before_it_for_agreed(officer, signed):
    task = Task.objects.get(number=1)
    task.edit(by=officer, due_on=DUE + timedelta(10), cause=Cause.FUNDING, reason="Late")
    newest = revise(signed, officer)
    task.edit(by=officer, due_on=DUE + timedelta(14), cause=Cause.SCOPE, reason="More trees")
    answer = slippage(newest, TODAY, tasks=Task.objects.all(), changes=DateChange.objects.all())
    assert (answer.lines[0].slip, answer.lines[0].by_cause) == (4, {Cause.SCOPE: 4})


def test_a_date_taken_away_and_given_anew_still_adds_up(officer, signed):
    task = Task.objects.get(number=1)
    task.edit(by=officer, due_on=None, cause=Cause.SCOPE, reason="Open")
    assert measured(signed).lines[0].slip is None
    task.edit(by=officer, due_on=DUE + timedelta(4), cause=Cause.FUNDING, reason="Known again")
    line = measured(signed).lines[0]
    assert (line.slip, line.by_cause, line.unagreed) == (4, {Cause.FUNDING: 4}, 0)


def test_the_shadow_tells_the_promised_days_and_what_is_gone(officer, signed):
    first, second = Task.objects.order_by("number")
    key = second.pk
    first.remove(by=officer)
    found = shadow(Baseline.objects.of(signed))
    assert found.dates == {key: (SIGNED, DUE + timedelta(30))}
    assert [row.title for row in found.gone] == ["Plant trees"]
    assert shadow(Baseline.objects.none()) is None


def test_the_answer_costs_the_same_whatever_the_number_of_tasks(officer, negotiated, alba):
    counts = []
    for number in (1, 3):
        agreement = enter_agreement(alba, by=officer, status=Status.NEGOTIATING)
        for place in range(number):
            enter_task(agreement, by=officer, lead=alba, due_on=DUE, title=f"T{place}")
        type(agreement).objects.filter(pk=agreement.pk).update(signed_on=SIGNED)
        agreement.refresh_from_db()
        take_as_signed(agreement, by=officer, on=SIGNED)
        for task in agreement.tasks.all():
            task.edit(by=officer, due_on=DUE + timedelta(1), cause="other", reason="r")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = measured(agreement)
            assert answer.days == number and answer.by_party() and answer.by_cause()
        counts.append(len(queries))
    assert counts[0] == counts[1] == 4


# the doors


def test_over_the_api_a_baseline_is_taken_read_and_asked_about(officer, alice, stranger, signed):
    body = {
        "agreement": str(signed.public_id),
        "reason": "Half-time",
        "approved_by": "Leading group",
    }
    made = Caller(officer).post("baselines/", body)
    assert (made.status_code, made.json()["number"], made.json()["kind"]) == (201, 2, "revision")
    assert [row["title"] for row in made.json()["tasks"]] == ["Plant trees", "Count fish"]
    path = f"baselines/{made.json()['id']}/"
    assert Caller(officer).patch(path, {"name": "New"}).status_code == 405
    assert Caller(alice).get(path).status_code == 200
    assert Caller(alice).post("baselines/", body).status_code == 403
    assert Caller(stranger).get(path).status_code == 404
    Task.objects.get(number=1).edit(
        by=officer, due_on=DUE + timedelta(7), cause="scope", reason="r"
    )
    question = f"agreements/{signed.public_id}/slippage/"
    told = Caller(alice).get(question).json()
    assert (told["baseline"]["number"], told["days"], told["causes"][0]["cause"]) == (1, 7, "scope")
    assert Caller(alice).get(f"{question}?baseline=newest").json()["baseline"]["number"] == 2
    assert Caller(alice).get(f"{question}?baseline=9").status_code == 400
    assert Caller(stranger).get(question).status_code == 404
    (change,) = Caller(alice).get("date-changes/").json()["results"]
    assert (change["cause"], change["became"]) == ("scope", (DUE + timedelta(7)).isoformat())


def test_whoever_left_is_told_how_it_stood_on_their_last_day(officer, alice, alba, signed):
    left = TODAY - timedelta(10)
    signed.party_set.filter(organization=alba).update(withdrawn_on=left)
    question = f"agreements/{signed.public_id}/slippage/"
    for user, day in ((officer, TODAY), (again(alice), left - timedelta(1))):
        assert Caller(user).get(question).json()["on"] == day.isoformat()


def test_signing_over_the_api_and_in_the_back_office_keeps_it_too(officer, alba, brook, client):
    for door in ("api", "admin"):
        agreement = enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)
        enter_task(agreement, by=officer, due_on=DUE)
        if door == "api":
            body = {"on": SIGNED.isoformat(), "all_parties": True}
            answer = Caller(officer).post(f"agreements/{agreement.public_id}/sign/", body)
            assert answer.status_code == 200
        else:
            client.force_login(officer)
            page = reverse("admin:agreements_agreement_change", args=[agreement.pk])
            client.post(
                f"{page.removesuffix('change/')}verb/sign/",
                {"on": SIGNED.isoformat(), "all_parties": "on"},
            )
        assert agreement.baselines.get().kind == Kind.AS_SIGNED, door


def test_in_the_portal_slippage_is_read_and_a_baseline_taken(officer, alice, signed, client):
    Task.objects.get(number=1).edit(
        by=officer, due_on=DUE + timedelta(7), cause="scope", reason="Rain"
    )
    page = reverse("agreement_baselines", args=[signed.public_id])
    take = reverse("take_baseline", args=[signed.public_id])
    client.force_login(alice)
    shown = client.get(page).content.decode()
    assert "Change of scope" in shown and "+7" in shown and take not in shown
    assert client.get(take).status_code == 403
    assert client.get(page, {"baseline": "7"}).status_code == 404
    client.force_login(officer)
    assert take in client.get(page).content.decode()
    answer = client.post(take, {"kind": "revision", "reason": "Half-time"})
    assert answer.status_code == 422
    answer = client.post(take, {"kind": "revision", "reason": "Half-time", "approved_by": "All"})
    assert answer.status_code == 302
    assert signed.baselines.count() == 2


def test_in_the_back_office_a_baseline_is_taken_and_shown_with_its_tasks(officer, signed, client):
    client.force_login(officer)
    answer = client.post(
        reverse("admin:agreements_baseline_add"),
        {"agreement": signed.pk, "kind": "revision", "reason": "Half", "approved_by": "All"},
    )
    assert answer.status_code == 302
    made = signed.baselines.get(number=2)
    shown = client.get(reverse("admin:agreements_baseline_change", args=[made.pk]))
    assert "Count fish" in shown.content.decode()
