"""Attendance: who takes part by right, how, and whether that is a quorum."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from agreements.agreement import Status as AgreementStatus
from agreements.mechanisms.attendance import Attendance, Quorum, State, participants, quorum
from agreements.models import GroupMembership, Notice, SpecialGroup
from governance.lifecycle import Refused
from tests.agreements.mechanisms.meetings import FIRST, attend, enter_meeting, enter_series
from tests.cast import TODAY, enter_agreement, enter_organization, enter_party

BY = {"by": None, "on": TODAY}


def called(agreement, **facts):
    meeting = enter_meeting(enter_series(agreement, **facts), FIRST)
    return meeting.convene(**BY)


@pytest.fixture
def meeting(agreement):
    return called(agreement)


@pytest.fixture
def group(agreement):
    return SpecialGroup.enter(by=None, agreement=agreement, name="Air")


def test_the_parties_of_the_day_take_part_and_observers_do_not_count(
    agreement, meeting, alba, brook, corva, dunes
):
    enter_party(agreement, corva, role="observer")
    enter_party(agreement, dunes, signed_on=TODAY, withdrawal_notified_on=TODAY, withdrawn_on=FIRST)
    enter_party(
        agreement, enter_organization("Later"), joined_on=date(2027, 3, 10), signed_on=TODAY
    )
    found = [(one.organization, one.counts) for one in participants(meeting)]
    assert found == [(alba, True), (brook, True), (corva, False)]
    assert quorum(meeting) == Quorum(None, 0, 2, met=True)


@pytest.mark.parametrize(
    ("acts", "takes_part"),
    [({}, False), ({"joined_on": TODAY}, False), ({"signed_on": TODAY}, True),
     ({"approved_on": TODAY}, True), ({"joined_on": TODAY, "signed_on": TODAY}, True)],
)  # fmt: skip
def test_who_was_merely_entered_to_join_is_no_participant_and_makes_no_quorum(
    agreement, corva, alba, acts, takes_part
):
    enter_party(agreement, corva, **acts)
    meeting = called(agreement, quorum_kind="percent", quorum=100)
    assert (corva in {one.organization for one in participants(meeting)}) is takes_part
    assert quorum(meeting).required == 2 + takes_part
    told = Notice.objects.filter(kind="consultation_called").values_list("organization", flat=True)
    assert (corva.pk in told) is takes_part


def test_before_the_signature_all_who_negotiate_take_part(alba, brook, officer):
    negotiated = enter_agreement(alba, brook, by=officer, status=AgreementStatus.NEGOTIATING)
    assert quorum(called(negotiated)).of == 2


def test_where_a_group_meets_its_members_take_part(agreement, group, alba, corva, dunes):
    for organization in (alba, corva):
        GroupMembership.enter(by=None, group=group, organization=organization)
    GroupMembership.enter(by=None, group=group, organization=dunes, left_on=FIRST)
    meeting = called(agreement, group=group)
    found = {one.organization: one.party is not None for one in participants(meeting)}
    assert found == {alba: True, corva: False}
    attend(meeting, corva)
    assert quorum(meeting).of == 2 and quorum(meeting).present == 1


@pytest.mark.parametrize(
    ("kind", "number", "of", "required"),
    [("number", 3, 2, 3), ("percent", 50, 2, 1), ("percent", 50, 5, 3), ("percent", 67, 3, 3),
     ("percent", 66, 3, 2), ("percent", 100, 4, 4), ("percent", 1, 5, 1)],
)  # fmt: skip
def test_a_share_is_rounded_up(agreement, kind, number, of, required):
    for place in range(of - 2):
        enter_party(agreement, enter_organization(f"More {place}"), signed_on=TODAY)
    meeting = called(agreement, quorum_kind=kind, quorum=number)
    assert (quorum(meeting).required, quorum(meeting).of) == (required, of)


def test_the_quorum_follows_the_list(agreement, alba, brook, corva, dunes):
    enter_party(agreement, corva, signed_on=TODAY)
    enter_party(agreement, dunes, role="observer")
    meeting = called(agreement, quorum_kind="number", quorum=2)
    guest = enter_organization("Guest")
    attend(meeting, alba, dunes, guest)
    assert quorum(meeting) == Quorum(2, 1, 3, met=False)
    attend(meeting, brook, state=State.REPRESENTED, represented_by=corva)
    assert not quorum(meeting).met  # who speaks for it is not there
    attend(meeting, corva)
    assert quorum(meeting) == Quorum(2, 3, 3, met=True)
    assert attend(meeting, alba, state=State.EXCUSED, excuse="Ill").excuse == "Ill"
    attend(meeting, brook, state=State.ABSENT, represented_by=None)
    assert quorum(meeting) == Quorum(2, 1, 3, met=False)
    attend(meeting, brook, state=State.REPRESENTED, mandate="Letter 7")
    assert quorum(meeting).met
    assert Attendance.objects.get(organization=guest).party is None
    assert Attendance.objects.get(organization=dunes).party is not None


def test_registering_again_corrects_the_row(meeting, alba):
    row = attend(meeting, alba)
    assert attend(meeting, alba, state=State.EXCUSED) == row
    with pytest.raises(ValidationError):
        Attendance.enter(by=None, consultation=meeting, organization=alba)


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"state": "represented"}, "mandate"),
     ({"state": "represented", "represented_by": "alba"}, "represented_by"),
     ({"state": "represented", "represented_by": "dunes"}, "represented_by"),
     ({"state": "present", "represented_by": "brook"}, "represented_by")],
)  # fmt: skip
def test_a_representation_that_cannot_be_is_refused_at_its_field(
    meeting, alba, brook, dunes, facts, field
):
    named = {"alba": alba, "brook": brook, "dunes": dunes}
    facts = {name: named.get(value, value) for name, value in facts.items()}
    with pytest.raises(ValidationError) as refused:
        attend(meeting, alba, **facts)
    assert set(refused.value.error_dict) == {field}


def test_nobody_is_on_the_list_before_the_call(agreement, alba):
    meeting = enter_meeting(enter_series(agreement), FIRST)
    with pytest.raises(Refused) as told:
        attend(meeting, alba)
    assert told.value.guard == "not_convened"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_and_the_quorum_take_a_constant_number_of_queries(
    agreement, rows, django_assert_num_queries
):
    meeting = called(agreement, quorum_kind="percent", quorum=50)
    guests = [enter_organization(f"Guest {place}") for place in range(rows)]
    for guest in guests:
        enter_party(agreement, guest, signed_on=TODAY)
    attend(meeting, *guests)
    meeting.refresh_from_db()
    with django_assert_num_queries(5):
        names = [str(row.organization) for row in Attendance.objects.of(meeting)]
        quorum(meeting)
    assert len(names) == rows
