"""The alarm on sunsets: the lead and the convenor are told, near and past, once each."""

from datetime import timedelta

import pytest

from agreements.mechanisms.group_sunset import alarm_sunsets
from agreements.mechanisms.liaison_officer import LiaisonAppointment
from agreements.models import Notice, SpecialGroup
from tests.cast import SIGNED, TODAY, enter_organization, enter_person, enter_rotation, enter_task

pytestmark = pytest.mark.usefixtures("short_horizon")

SUNSET = TODAY + timedelta(days=40)


@pytest.fixture
def group(officer, agreement, alba, brook):
    enter_rotation(agreement, brook, alba, by=officer, starts_on=TODAY - timedelta(days=10))
    LiaisonAppointment.enter(
        by=officer, party=agreement.party_set.get(organization=alba), person=enter_person("Ann")
    )
    made = SpecialGroup.enter(
        by=officer, agreement=agreement, name="Water", lead=alba, sunset_on=SUNSET
    )
    enter_task(agreement, by=officer, group=made, lead=alba, starts_on=SIGNED)
    return made


def told(kind):
    return sorted(str(one.person or one.organization) for one in Notice.objects.filter(kind=kind))


def test_lead_and_convenor_are_told_when_it_nears_and_when_it_has_passed(group):
    near = SUNSET - timedelta(days=30)
    assert [alarm_sunsets(near - timedelta(days=1)), alarm_sunsets(near)] == [0, 1]
    assert told("group_sunset_near") == ["Ann", "Brook District"]
    assert [alarm_sunsets(near + timedelta(days=1)), alarm_sunsets(SUNSET)] == [0, 1]
    assert told("group_sunset_past") == ["Ann", "Brook District"]
    notice = Notice.objects.filter(kind="group_sunset_past").first()
    assert "1 of its tasks are open" in notice.sentence


def test_a_sunset_that_was_put_off_is_told_of_again(group):
    near = SUNSET - timedelta(days=30)
    alarm_sunsets(near)
    later = SUNSET + timedelta(days=100)
    group.extend(by=None, on=near, sunset_on=later, reason="More")
    assert [alarm_sunsets(near), alarm_sunsets(later - timedelta(days=10))] == [0, 1]


def test_a_lead_that_is_no_party_is_told_as_an_organization(officer, group):
    group.edit(by=officer, lead=enter_organization("Guest"))
    alarm_sunsets(SUNSET)
    assert told("group_sunset_past") == ["Brook District", "Guest"]
