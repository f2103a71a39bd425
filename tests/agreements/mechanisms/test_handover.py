"""Handover: opened near a boundary, follows it, signed by both sides, then it stands."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.calendar_keeping import ensure_default
from actors.models import Region
from agreements import daily, ending
from agreements.agreement import Status
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_terms import State
from agreements.mechanisms.handing_over import (
    matters_of,
    open_handovers,
    open_now,
    readable,
    report_late,
    sign_off,
)
from agreements.mechanisms.handover import Side
from agreements.models import (
    Consultation,
    Handover,
    LiaisonAppointment,
    Minutes,
    Notice,
    SpecialGroup,
)
from agreements.tasks import Status as TaskStatus
from governance import clock
from governance.lifecycle import Refused
from governance.record import Event
from tests.cast import (
    IN_FORCE,
    TODAY,
    enter_agreement,
    enter_person,
    enter_rotation,
    enter_task,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("short_horizon")]

# Alba convenes in the first half of each year and Brook in the second; it is 1 March 2027.
BOUNDARY = date(2027, 7, 1)
NEAR = date(2027, 6, 1)
DUE = date(2027, 7, 22)  # fifteen working days, none of them a holiday


@pytest.fixture
def rotation(agreement, officer, alba, brook):
    ensure_default(on=TODAY)
    return enter_rotation(agreement, alba, brook, by=officer)


@pytest.fixture
def handover(rotation, officer):
    return Handover.enter(by=officer, on=NEAR, rotation=rotation, boundary_on=BOUNDARY)


def both_sign(handover, officer, on=BOUNDARY):
    for side in Side:
        sign_off(handover, side, by=officer, on=on)
    return handover


class TestOpening:
    def test_the_daily_run_opens_it_so_many_days_before(self, rotation):
        assert open_handovers(date(2027, 5, 31)) == 0
        assert open_handovers(NEAR) == 1
        made = Handover.objects.get()
        assert (made.boundary_on, made.due_on) == (BOUNDARY, DUE)
        assert made.names_of(Side.OUTGOING) == ["Alba District"]
        assert made.names_of(Side.INCOMING) == ["Brook District"]
        assert open_handovers(NEAR) == 0

    def test_how_many_days_before_is_the_rotations_to_say(self, rotation, officer):
        rotation.edit(by=officer, handover_opens_days=10)
        assert open_handovers(NEAR) == 0
        assert open_handovers(date(2027, 6, 21)) == 1

    def test_a_boundary_missed_lately_is_opened_too(self, rotation):
        assert open_handovers(date(2027, 7, 31)) == 1
        assert open_handovers(date(2027, 8, 1)) == 0

    def test_a_past_laid_down_afterwards_was_handed_over_long_ago(
        self, agreement, officer, alba, brook
    ):
        enter_rotation(agreement, alba, brook, by=officer, starts_on=date(1990, 2, 15))
        assert open_handovers(TODAY) == 0

    def test_where_the_same_stay_on_nothing_is_handed_over(self, agreement, officer, alba):
        enter_rotation(agreement, alba, by=officer)
        assert open_handovers(NEAR) == 0

    def test_nothing_is_handed_over_in_an_agreement_that_is_over(
        self, rotation, agreement, officer
    ):
        agreement.terminate(by=officer, on=TODAY, reason="done")
        assert open_handovers(NEAR) == 0

    @pytest.mark.parametrize("day", [date(2027, 7, 2), date(2020, 1, 1), date(2900, 1, 1)])
    def test_a_day_that_is_no_boundary_is_refused(self, rotation, officer, day):
        with pytest.raises(ValidationError) as refused:
            Handover.enter(by=officer, on=NEAR, rotation=rotation, boundary_on=day)
        assert refused.value.error_dict["boundary_on"][0].code == "no_boundary"

    def test_a_boundary_is_handed_over_once(self, handover, rotation, officer):
        with pytest.raises(ValidationError):
            Handover.enter(by=officer, on=NEAR, rotation=rotation, boundary_on=BOUNDARY)

    def test_a_group_with_a_rotation_of_its_own_hands_over_too(
        self, agreement, officer, alba, brook
    ):
        group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water")
        for one in (alba, brook):
            group.memberships.model.enter(by=officer, group=group, organization=one)
        enter_rotation(agreement, alba, brook, by=officer, group=group)
        inside = enter_task(agreement, by=officer, title="Inside", group=group)
        enter_task(agreement, by=officer, title="Outside")
        open_handovers(NEAR)
        made = Handover.objects.get()
        assert [one["id"] for one in matters_of([made], NEAR)[made.pk]] == [str(inside.public_id)]
        group.close(by=officer, on=NEAR, reason="done")
        made.remove(by=officer)
        assert open_handovers(NEAR) == 0


class TestDeadline:
    def test_working_days_are_those_where_the_incoming_holder_is(self, rotation, officer, brook):
        north = Region.enter(by=officer, name="North")
        brook.edit(by=officer, region=north)
        north_days = [{"day": date(2027, 7, 5), "kind": "holiday", "name": "", "name_zh": ""}]
        type(ensure_default(on=TODAY)).enter_with_days(
            by=officer, on=TODAY, name="North", region=north, days=north_days
        )
        made = Handover.enter(by=officer, on=NEAR, rotation=rotation, boundary_on=BOUNDARY)
        assert made.due_on == date(2027, 7, 23)
        assert "2027" in made.due_warning

    def test_a_year_that_is_not_announced_is_told_until_it_is(self, handover, officer):
        assert "2027" in handover.due_warning
        ensure_default(on=TODAY).settle(2027, by=officer, on=TODAY)
        assert open_handovers(NEAR) == 1
        handover.refresh_from_db()
        assert handover.due_warning == ""

    def test_it_may_count_in_plain_days(self, rotation, officer):
        rotation.edit(by=officer, handover_in_working_days=False, handover_days=10)
        made = Handover.enter(by=officer, on=NEAR, rotation=rotation, boundary_on=BOUNDARY)
        assert (made.due_on, made.due_warning) == (date(2027, 7, 11), "")

    def test_open_ones_follow_the_rule(self, handover, rotation, officer):
        rotation.edit(by=officer, handover_in_working_days=False, handover_days=10)
        handover.refresh_from_db()
        assert handover.due_on == date(2027, 7, 11)

    @pytest.mark.parametrize(
        ("signs", "day", "late"),
        [
            (0, DUE, False),
            (0, date(2027, 7, 23), True),
            (1, date(2027, 7, 23), True),
            (2, date(2027, 7, 23), False),
        ],
    )
    def test_it_is_late_when_its_deadline_passed_unsigned(
        self, handover, officer, signs, day, late
    ):
        for side in list(Side)[:signs]:
            sign_off(handover, side, by=officer, on=BOUNDARY)
        handover.refresh_from_db()
        assert handover.is_open == Handover.objects.open().exists() == (signs < 2)
        assert handover.is_late(day) == Handover.objects.late(day).exists() == late


class TestMatters:
    @pytest.fixture
    def open_matters(self, agreement, officer, alba, brook):
        """An open task, a finished one, and consultations inside and behind the term to come."""
        task = enter_task(
            agreement, by=officer, title="Clean", lead=alba, due_on=date(2027, 5, 1),
            status=TaskStatus.IN_PROGRESS,
        )  # fmt: skip
        done = enter_task(
            agreement, by=officer, title="Done", lead=brook, status=TaskStatus.COMPLETED
        )
        coming, later = (
            Consultation.enter(by=officer, agreement=agreement, title=title, starts_at=at)
            for title, at in [
                ("Autumn", datetime(2027, 9, 1, 6, tzinfo=UTC)),
                ("Much later", datetime(2028, 3, 1, 6, tzinfo=UTC)),
            ]
        )
        return task, done, coming, later

    def test_what_is_open_is_listed_as_it_is_today(self, handover, open_matters):
        task, _done, coming, _later = open_matters
        (first, second) = matters_of([handover], NEAR)[handover.pk]
        assert first == {
            "kind": "task",
            "id": str(task.public_id),
            "reference": f"T{task.number}",
            "name": "Clean",
            "name_zh": "",
            "state": "in_progress",
            "who": {
                "id": str(task.lead.public_id),
                "name": "Alba District",
                "name_zh": "阿尔巴区",
            },
            "due_on": "2027-05-01",
            "late": True,
        }
        assert (second["kind"], second["id"]) == ("consultation", str(coming.public_id))

    def test_agenda_items_that_are_undecided_are_listed(self, handover, agreement, officer, alba):
        meeting = Consultation.enter(
            by=officer, agreement=agreement, starts_at=datetime(2027, 9, 1, 6, tzinfo=UTC)
        )
        meeting.agenda_items.model.propose(
            meeting, by=officer, on=TODAY, title="Budget", proposed_by=alba
        )
        listed = matters_of([handover], NEAR)[handover.pk]
        assert [(one["kind"], one["name"]) for one in listed] == [
            ("agenda_item", "Budget"),
            ("consultation", ""),
        ]

    def test_minutes_of_the_outgoing_term_that_are_not_approved_are_listed(
        self, handover, agreement, officer
    ):
        held = [
            Consultation.enter(
                by=officer,
                agreement=agreement,
                title=f"Held {day}",
                starts_at=datetime(day.year, day.month, day.day, 6, tzinfo=UTC),
            )
            for day in (date(2026, 12, 1), date(2027, 2, 1), date(2027, 2, 2))
        ]
        for one in held:
            one.convene(by=officer, on=one.day)
            one.close(by=officer, on=one.day)
        minutes = Minutes.draft(held[2], by=officer, on=TODAY, text="All agreed.")
        found = matters_of([handover], NEAR)[handover.pk]
        assert [(one["kind"], one["name"], one["state"]) for one in found] == [
            ("minutes", "Held 2027-02-01", ""),
            ("minutes", "Held 2027-02-02", "drafted"),
        ]
        assert [one["due_on"] for one in found] == ["2027-02-15", "2027-02-16"]
        assert [one["late"] for one in found] == [True, True]
        assert [readable(one).state for one in found] == ["Not written yet", "Drafted"]
        minutes.approve(by=officer, on=TODAY)
        assert open_now(found) == {str(held[1].public_id)}

    def test_signed_by_both_it_is_kept_and_what_is_open_passes_on(
        self, handover, open_matters, officer
    ):
        task, _done, coming, _later = open_matters
        both_sign(handover, officer)
        kept = handover.matters
        assert len(kept) == 2
        assert open_now(kept) == {str(task.public_id), str(coming.public_id)}
        task.cancel(by=officer, on=BOUNDARY, reason="no more")
        handover.refresh_from_db()
        assert handover.matters == kept == matters_of([handover], BOUNDARY)[handover.pk]
        assert open_now(kept) == {str(coming.public_id)}
        event = Event.objects.of(handover).last()
        assert event.after["matters"] == ["Clean", "Autumn"]

    def test_three_handovers_cost_no_more_queries_than_one(
        self, handover, open_matters, officer, alba, brook
    ):
        def cost():
            rows = list(Handover.objects.select_related("rotation", "outgoing", "incoming"))
            with CaptureQueriesContext(connection) as captured:
                matters_of(rows, NEAR)
            return len(captured)

        one = cost()
        for _number in range(2):
            other = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
            rotation = enter_rotation(other, alba, brook, by=officer)
            enter_task(other, by=officer, title="More", lead=alba)
            Handover.enter(by=officer, on=NEAR, rotation=rotation, boundary_on=BOUNDARY)
        assert cost() == one


class TestSigning:
    def test_each_side_signs_once(self, handover, officer):
        sign_off(handover, Side.OUTGOING, by=officer, on=BOUNDARY, note="All said.")
        assert handover.is_open
        assert (handover.outgoing_signed_on, handover.outgoing_note) == (BOUNDARY, "All said.")
        for act in (
            lambda: sign_off(handover, Side.OUTGOING, by=officer, on=DUE),
            lambda: handover.note(Side.OUTGOING, "More", by=officer, on=DUE),
        ):
            with pytest.raises(Refused) as refused:
                act()
            assert refused.value.guard == "signed"
        handover.note(Side.INCOMING, "Thank you.", by=officer, on=DUE)
        sign_off(handover, Side.INCOMING, by=officer, on=DUE)
        assert not handover.is_open
        assert handover.incoming_note == "Thank you."

    def test_nobody_signs_before_the_boundary(self, handover, officer):
        with pytest.raises(ValidationError) as refused:
            sign_off(handover, Side.INCOMING, by=officer, on=date(2027, 6, 30))
        assert set(refused.value.error_dict) == {"on"}
        assert handover.refusal("sign_off", date(2027, 6, 30)).guard == "before_the_boundary"
        assert handover.refusal("sign_off", BOUNDARY) is None
        assert handover.refusal("note", NEAR) is None

    def test_an_unknown_side_is_refused(self, handover, officer):
        with pytest.raises(ValidationError) as refused:
            handover.note("third", "", by=officer, on=NEAR)
        assert set(refused.value.error_dict) == {"side"}

    def test_a_person_of_the_side_is_named_and_the_secretariat_logs(self, handover, officer, alice):
        sign_off(handover, Side.OUTGOING, by=alice, on=BOUNDARY)
        sign_off(handover, Side.INCOMING, by=officer, on=BOUNDARY)
        assert (handover.outgoing_signed_by, handover.incoming_signed_by) == (alice.person, None)

    def test_one_that_is_signed_stays(self, handover, officer):
        both_sign(handover, officer)
        for verb in ("note", "sign_off"):
            assert handover.refusal(verb, DUE).guard == "signed"
        with pytest.raises(Refused):
            handover.remove(by=officer)


class TestFollowing:
    def extend(self, rotation, officer, ends_on, term_on="2027-01-01", **more):
        rotation.change(
            Kind.EXTEND,
            by=officer,
            on=TODAY,
            facts={"term_on": term_on, "ends_on": ends_on},
            **more,
        )

    def test_an_open_one_goes_with_its_boundary(self, handover, rotation, officer):
        handover.note(Side.OUTGOING, "Kept.", by=officer, on=TODAY)
        self.extend(rotation, officer, "2027-09-01")
        handover.refresh_from_db()
        assert (handover.boundary_on, handover.due_on) == (date(2027, 9, 1), date(2027, 9, 23))
        assert handover.outgoing_note == "Kept."
        assert handover.incoming.starts_on == date(2027, 9, 1)
        assert Event.objects.of(handover).last().verb == "follow"

    def test_a_side_that_somebody_else_takes_has_written_nothing(
        self, agreement, handover, rotation, officer, alba, brook
    ):
        for side in Side:
            handover.note(side, f"{side} note", by=officer, on=TODAY)
        rotation.change(
            Kind.SWAP,
            by=officer,
            on=TODAY,
            facts={"term_on": "2027-07-01", "other_term_on": "2028-01-01"},
        )
        # Alba stays on: there is no boundary any more.
        assert not Handover.objects.exists()

    def test_it_goes_when_the_agreement_ends_before(self, handover, agreement, officer):
        ending.end(agreement, "terminate", by=officer, on=TODAY, reason="done")
        assert not Handover.objects.exists()

    def test_a_first_day_of_the_rotation_that_moves_takes_it_along(
        self, handover, rotation, officer
    ):
        rotation.edit(by=officer, starts_on=date(2026, 2, 1))
        handover.refresh_from_db()
        assert handover.boundary_on == date(2027, 8, 1)

    def test_signed_off_the_term_is_confirmed_and_no_change_may_alter_it(
        self, handover, rotation, officer
    ):
        both_sign(handover, officer)
        term = rotation.terms.get(starts_on=date(2027, 1, 1))
        assert term.state == State.CONFIRMED
        with clock.fixed(DUE), pytest.raises(Refused) as refused:
            rotation.change(
                Kind.EXTEND,
                by=officer,
                on=DUE,
                facts={"term_on": "2027-01-01", "ends_on": "2027-09-01"},
                reason="correction",
            )
        assert refused.value.guard == "term_is_confirmed"


class TestTelling:
    @pytest.fixture
    def ann(self, agreement, officer, alba):
        person = enter_person("Ann", alba)
        LiaisonAppointment.enter(
            by=officer,
            party=agreement.party_set.get(organization=alba),
            person=person,
            starts_on=IN_FORCE,
        )
        return person

    def test_both_sides_are_told_when_it_opens_and_once_when_it_is_late(self, rotation, ann):
        open_handovers(NEAR)
        opened = Notice.objects.filter(kind="handover_opened")
        assert {one.organization.name: one.person for one in opened} == {
            "Alba District": ann,
            "Brook District": None,
        }
        assert "22 July 2027" in opened.first().sentence
        assert report_late(DUE) == 0
        assert report_late(date(2027, 7, 23)) == 1
        assert report_late(date(2027, 7, 24)) == 0
        assert Notice.objects.filter(kind="handover_late").count() == 2

    def test_one_that_is_signed_is_not_late(self, handover, officer):
        both_sign(handover, officer)
        assert report_late(date(2028, 1, 1)) == 0

    def test_the_steps_stand_in_the_daily_run_behind_the_laying_of_terms(self):
        names = [name for name, _act in daily.STEPS]
        assert names.index("convenor terms laid down") < names.index("handovers opened")
        assert names.index("handovers opened") < names.index("late handovers reported")
