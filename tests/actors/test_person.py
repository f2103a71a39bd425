"""People hold posts in organizations, each for a period whose ends may be unknown."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from actors.models import Appointment, Person
from governance.lifecycle import Refused
from tests.cast import enter_person

pytestmark = pytest.mark.django_db

START, END = date(2026, 5, 1), date(2027, 5, 1)


def test_one_name_is_enough():
    assert str(Person.enter(by=None, name_zh="王芳")) == "王芳"
    with pytest.raises(ValidationError) as refused:
        Person.enter(by=None, name=" ")
    assert set(refused.value.error_dict) == {"name"}


@pytest.mark.parametrize(
    ("period", "held"),
    [
        ((START, END), [False, True, True, False, False]),
        ((None, END), [True, True, True, False, False]),
        ((START, None), [False, True, True, True, True]),
        ((None, None), [True, True, True, True, True]),
    ],
)
def test_a_post_is_held_from_its_first_day_until_before_its_last(today, alba, period, held):
    person = enter_person("Ann", alba, starts_on=period[0], ends_on=period[1])
    post = person.appointments.get()
    days = [date(2026, 4, 30), START, date(2027, 4, 30), END, date(2030, 1, 1)]
    assert [post.is_current(day) for day in days] == held
    assert [Appointment.objects.current(day).exists() for day in days] == held


def test_a_person_may_hold_several_posts_at_once(today, alba, brook):
    person = enter_person("Ann", alba)
    Appointment.enter(by=None, person=person, organization=brook)
    Appointment.enter(by=None, person=person, organization=alba, post="Chair")
    assert person.appointments.count() == 3


@pytest.mark.parametrize("end", [START, date(2026, 4, 30)])
def test_a_post_does_not_end_before_it_begins(today, alba, end):
    with pytest.raises(ValidationError) as refused:
        enter_person("Ann", alba, starts_on=START, ends_on=end)
    assert set(refused.value.error_dict) == {"ends_on"}


def test_whoever_held_a_post_is_not_deleted(today, alba):
    person = enter_person("Ann", alba)
    with pytest.raises(Refused) as refused:
        person.remove(by=None)
    assert refused.value.guard == "still_needed"


def test_a_wrong_address_is_refused_at_its_field():
    with pytest.raises(ValidationError) as refused:
        Person.enter(by=None, name="Ann", email="ann at example")
    assert set(refused.value.error_dict) == {"email"}
