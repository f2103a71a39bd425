"""Special groups: a topic, a mandate, members over time, and an end."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from agreements.mechanisms.special_group import Status
from agreements.models import Article, ContentArea, GroupMembership, SpecialGroup
from governance.lifecycle import Refused
from tests.cast import TODAY, enter_agreement

START, SUNSET = date(2026, 3, 1), date(2027, 4, 1)


@pytest.fixture
def group(officer, agreement):
    return enter_group(agreement)


def enter_group(agreement, **facts):
    facts = {"name": "Rivers", "set_up_on": START, "sunset_on": SUNSET, **facts}
    return SpecialGroup.enter(by=None, agreement=agreement, **facts)


def test_a_group_is_closed_with_its_report_against_the_mandate(officer, group):
    group.close(by=officer, on=TODAY, reason="Both rivers are clean.")
    group.refresh_from_db()
    assert (group.status, group.closing_report) == (Status.CLOSED, "Both rivers are clean.")
    with pytest.raises(Refused) as refused:
        group.close(by=officer, on=TODAY, reason="Again")
    assert refused.value.guard == "status_closed"


def test_a_group_is_not_closed_without_a_report(officer, group):
    with pytest.raises(ValidationError) as refused:
        group.close(by=officer, on=TODAY)
    assert set(refused.value.error_dict) == {"reason"}


def test_a_group_is_past_its_sunset_from_that_day_on_until_it_is_closed(officer, group):
    assert [group.is_past_sunset(SUNSET + timedelta(days=n)) for n in (-1, 0, 1)] == [
        False,
        True,
        True,
    ]
    group.close(by=officer, on=SUNSET, reason="Done")
    assert not group.is_past_sunset(SUNSET)


def test_a_group_without_sunset_is_never_past_it(agreement):
    assert not enter_group(agreement, sunset_on=None).is_past_sunset(date.max)


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"name": ""}, "name"), ({"sunset_on": START}, "sunset_on")],
)
def test_facts_that_cannot_be_are_refused_at_their_field(agreement, facts, field):
    with pytest.raises(ValidationError) as refused:
        enter_group(agreement, **facts)
    assert set(refused.value.error_dict) == {field}


def test_an_article_of_another_agreement_is_refused_at_its_field(officer, agreement, alba):
    other = enter_agreement(alba, by=officer)
    article = Article.enter(by=officer, agreement=other, number="1")
    with pytest.raises(ValidationError) as refused:
        enter_group(agreement, article=article)
    assert set(refused.value.error_dict) == {"article"}


def test_the_topic_of_a_group_is_not_deleted_under_it(agreement):
    topic = ContentArea.enter(by=None, name="Water")
    enter_group(agreement, topic=topic)
    with pytest.raises(Refused):
        topic.remove(by=None)


def test_any_organization_may_be_a_member_and_come_back(group, dunes):
    def join(**period):
        return GroupMembership.enter(by=None, group=group, organization=dunes, **period)

    first = join(joined_on=START, left_on=TODAY)
    second = join(joined_on=SUNSET)
    days = [START - timedelta(days=1), START, TODAY, SUNSET]
    assert [first.is_current(day) for day in days] == [False, True, False, False]
    assert [set(GroupMembership.objects.current(day)) for day in days] == [
        set(),
        {first},
        set(),
        {second},
    ]
    with pytest.raises(ValidationError) as refused:
        join(joined_on=date(2026, 12, 1))
    assert refused.value.messages == ["It is already a member of the group at that time."]


@pytest.mark.parametrize("gone", [None, TODAY])
def test_a_membership_that_is_over_lasts_at_least_a_day(group, dunes, gone):
    with pytest.raises(ValidationError):
        GroupMembership.enter(
            by=None, group=group, organization=dunes, joined_on=TODAY, left_on=TODAY
        )
    made = GroupMembership.enter(by=None, group=group, organization=dunes, left_on=gone)
    assert made.is_current(START)
