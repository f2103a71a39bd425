"""Users: the role says what somebody is, their posts say for whom they act, and when."""

from datetime import date

import pytest

from actors.models import User
from actors.user import Role
from governance.record import Event
from tests.cast import TODAY, again, enter_organization, enter_person, enter_user

pytestmark = pytest.mark.django_db

BEFORE = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("role", "secretariat", "sees_everything", "staff", "superuser"),
    [
        (Role.ADMINISTRATOR, True, True, True, True),
        (Role.SECRETARIAT, True, True, True, False),
        (Role.AUDITOR, False, True, True, False),
        (Role.PARTNER, False, False, False, False),
        (Role.CLIENT, False, False, False, False),
    ],
)
def test_what_a_user_is_follows_from_the_role_alone(
    role, secretariat, sees_everything, staff, superuser
):
    user = enter_user("somebody", role, is_staff=not staff, is_superuser=not superuser)
    found = (user.is_secretariat, user.sees_everything, user.is_staff, user.is_superuser)
    assert found == (secretariat, sees_everything, staff, superuser)


def test_every_role_is_declared_in_the_table_above():
    assert set(Role) == {
        Role.ADMINISTRATOR,
        Role.SECRETARIAT,
        Role.AUDITOR,
        Role.PARTNER,
        Role.CLIENT,
    }


def test_a_superuser_made_on_the_command_line_is_an_administrator():
    assert User.objects.create_superuser("root", None, "secret").role == Role.ADMINISTRATOR


def test_a_new_role_takes_effect_at_once_and_is_on_record(officer, administrator):
    officer.change_role(Role.AUDITOR, by=administrator, reason="New duties")
    event = Event.objects.of(officer).get()
    assert (event.verb, event.before, event.after) == (
        "change_role",
        {"role": "secretariat"},
        {"role": "auditor"},
    )
    assert (event.actor, event.reason) == (administrator, "New duties")
    assert not again(officer).is_secretariat


def test_a_user_without_a_post_acts_for_nobody(today):
    assert enter_user("nobody", Role.PARTNER).acting_organizations(today) == []


def test_a_partner_acts_for_the_organizations_under_their_own_but_not_above(today):
    city = enter_organization("City")
    district = enter_organization("District", parent=city)
    bureau = enter_organization("Bureau", parent=district)
    enter_organization("Other district", parent=city)
    user = enter_user("somebody", Role.PARTNER, person=enter_person("Somebody", district))
    assert set(user.acting_organizations(today)) == {district, bureau}


def test_a_partner_acts_for_all_the_organizations_in_which_they_hold_a_post(today, alba, brook):
    person = enter_person("Somebody", alba)
    person.appointments.model.enter(by=None, person=person, organization=brook)
    user = enter_user("somebody", Role.PARTNER, person=person)
    assert set(user.acting_organizations(today)) == {alba, brook}


@pytest.mark.parametrize(
    ("period", "acts"),
    [
        ({}, True),
        ({"starts_on": TODAY}, True),
        ({"starts_on": date(2027, 3, 2)}, False),
        ({"ends_on": TODAY}, False),
        ({"ends_on": date(2027, 3, 2)}, True),
        ({"starts_on": date(2026, 1, 1), "ends_on": BEFORE}, False),
    ],
)
def test_a_partner_acts_for_an_organization_on_the_days_of_the_post(today, alba, period, acts):
    person = enter_person("Somebody", alba, **period)
    user = enter_user("somebody", Role.PARTNER, person=person)
    assert user.acting_organizations(today) == ([alba] if acts else [])


def test_a_client_acts_for_the_organization_it_was_given_with_those_under_it(today, alba):
    bureau = enter_organization("Bureau", parent=alba)
    client = enter_user("client", Role.CLIENT, organization=alba)
    assert set(client.acting_organizations(today)) == {alba, bureau}


def test_a_user_is_called_as_the_person_is(alice, officer):
    assert str(alice) == "Alice"
    assert str(officer) == "officer"
