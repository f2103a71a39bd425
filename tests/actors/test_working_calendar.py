"""Working calendars: days from the library, corrected by hand, provisional until announced."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from actors.calendar_keeping import ensure_default, keep_up
from actors.models import CalendarDay, Region, WorkingCalendar
from actors.working_calendar import (
    calendar_for,
    default_calendar,
)
from governance.lifecycle import Refused
from governance.record import Event
from tests.api_stage import Caller
from tests.cast import enter_organization

pytestmark = pytest.mark.django_db

# The installation of these tests stands in China, and its library knows up to the year 2026.
NOW, AUTUMN = date(2026, 5, 4), date(2026, 11, 25)


@pytest.fixture
def china():
    """The default calendar of an installation that was set up in the autumn of 2026."""
    return ensure_default(on=AUTUMN)


def enter_calendar(**facts):
    return WorkingCalendar.enter(by=None, **{"name": "Somewhere", **facts})


class TestLoading:
    def test_the_default_is_entered_for_the_country_of_the_installation(self, china):
        assert (china.country, china.weekend, china.region) == ("CN", [6, 7], None)
        assert china.announced_yearly
        assert china.loaded_years == [2025, 2026, 2027]
        assert ensure_default(on=AUTUMN).pk == china.pk

    def test_in_spring_the_year_ahead_is_not_looked_at(self):
        assert ensure_default(on=NOW).loaded_years == [2025, 2026]

    @override_settings(COUNTRY="DE")
    def test_where_nobody_moves_days_every_year_is_known(self):
        germany = ensure_default(on=AUTUMN)
        assert not germany.announced_yearly
        assert germany.provisional_years == []

    def test_make_up_working_days_are_known(self, china):
        days = china.as_days()
        assert days.is_working(date(2026, 10, 10))  # a Saturday
        assert not days.is_working(date(2026, 10, 7))  # a Wednesday
        assert days.add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)

    def test_holidays_have_names_in_both_languages(self, china):
        day = china.days.get(day=date(2026, 10, 1))
        assert (day.name, day.name_zh, day.by_hand) == ("National Day", "国庆节", False)
        moved = china.days.get(day=date(2026, 2, 20))
        assert moved.name == "Day off (substituted from 2026-02-14)"

    def test_a_year_that_is_not_announced_is_provisional(self, china):
        assert china.provisional_years == [2027]
        assert china.is_known(2026)
        assert not china.is_known(2027)
        assert not china.is_known(2031)

    def test_reckoning_says_what_makes_it_uncertain(self, china):
        assert china.reckon(date(2026, 9, 30), 3).warning == ""
        found = china.reckon(date(2026, 12, 28), 15)
        assert found.day == date(2027, 1, 19)
        assert "2027" in found.warning
        assert "not announced yet" in found.warning

    def test_loading_again_changes_nothing_and_is_not_on_record(self, china):
        version, events = china.version, Event.objects.count()
        china.load([2026, 2027], by=None, on=AUTUMN)
        assert (china.version, Event.objects.count()) == (version, events)

    def test_what_stands_by_hand_is_never_overwritten(self, china):
        row = china.days.get(day=date(2027, 2, 10))
        row.edit(by=None, kind="working", name="Worked after all")
        CalendarDay.enter(by=None, calendar=china, day=date(2027, 4, 6), name="Local festival")
        china.load([2027], by=None, on=AUTUMN)
        kept = china.days.filter(by_hand=True).values_list("day", "kind", "name")
        assert list(kept) == [
            (date(2027, 2, 10), "working", "Worked after all"),
            (date(2027, 4, 6), "holiday", "Local festival"),
        ]

    def test_what_the_library_gave_before_is_replaced_and_recorded(self, china):
        CalendarDay.objects.filter(day=date(2026, 10, 10)).update(kind="holiday", name="Wrong")
        CalendarDay.objects.filter(day=date(2026, 10, 7)).delete()
        china.load([2026], by=None, on=AUTUMN)
        assert china.as_days().add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)
        event = Event.objects.of(china).last()
        assert event.verb == "load"
        assert event.before == {"days": ["2026-10-10 holiday Wrong"]}
        assert [day.split()[0] for day in event.after["days"]] == ["2026-10-07", "2026-10-10"]

    def test_an_announcement_ends_the_doubt(self, china):
        # As it was before 2026 was announced: the library knows it by now.
        WorkingCalendar.objects.filter(pk=china.pk).update(provisional_years=[2026, 2027])
        assert keep_up(AUTUMN) == 1
        china.refresh_from_db()
        assert china.provisional_years == [2027]
        assert keep_up(AUTUMN) == 0

    def test_whoever_checked_a_year_by_hand_ends_the_doubt_too(self, china):
        china.settle(2027, by=None, on=AUTUMN, reason="State Council notice")
        china.load([2027], by=None, on=AUTUMN)
        assert china.provisional_years == []
        assert china.is_known(2027)
        with pytest.raises(Refused) as refused:
            china.settle(2027, by=None, on=AUTUMN)
        assert refused.value.guard == "settled"

    def test_the_daily_step_loads_the_year_ahead_from_october_on(self):
        calendar = ensure_default(on=NOW)
        assert keep_up(date(2026, 9, 30)) == 0
        assert keep_up(date(2026, 10, 1)) == 1
        calendar.refresh_from_db()
        assert calendar.loaded_years == [2025, 2026, 2027]
        assert keep_up(date(2026, 10, 2)) == 0

    def test_without_a_country_nothing_is_loaded(self):
        calendar = enter_calendar()
        with pytest.raises(Refused) as refused:
            calendar.load([2026], by=None, on=NOW)
        assert refused.value.guard == "no_country"

    @pytest.mark.parametrize("years", [[], [1989], [2101], list(range(2000, 2021))])
    def test_years_that_the_library_cannot_give_are_refused(self, china, years):
        with pytest.raises(ValidationError) as refused:
            china.load(years, by=None, on=NOW)
        assert set(refused.value.error_dict) == {"years"}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"country": "DE", "subdivision": "XX"}, "subdivision"),
        ({"subdivision": "BY"}, "subdivision"),
        ({"weekend": [1, 2, 3, 4, 5, 6, 7]}, "weekend"),
        ({"weekend": [0]}, "weekend"),
        ({"weekend": ["6"]}, "weekend"),
        ({"weekend": [True]}, "weekend"),
        ({"weekend": 6}, "weekend"),
        ({"name": " "}, "name"),
    ],
)
def test_what_is_no_calendar_is_refused_at_its_field(facts, field):
    with pytest.raises(ValidationError) as refused:
        enter_calendar(**facts)
    assert set(refused.value.error_dict) == {field}


def test_there_is_one_calendar_without_a_region_and_it_stays():
    only = enter_calendar()
    with pytest.raises(ValidationError):
        enter_calendar(name="Another")
    with pytest.raises(Refused) as refused:
        only.remove(by=None)
    assert refused.value.guard == "default_calendar"


def test_a_day_stands_once_in_a_calendar():
    calendar = enter_calendar()
    CalendarDay.enter(by=None, calendar=calendar, day=NOW)
    with pytest.raises(ValidationError):
        CalendarDay.enter(by=None, calendar=calendar, day=NOW)


class TestRegions:
    @pytest.fixture
    def tree(self):
        south = Region.enter(by=None, name="South")
        return south, Region.enter(by=None, name="Coast", parent=south)

    def test_the_nearest_calendar_up_the_tree_holds(self, china, tree, django_assert_num_queries):
        south, coast = tree
        assert calendar_for(coast) == calendar_for(None) == default_calendar() == china
        of_south = enter_calendar(name="South", region=south)
        assert calendar_for(coast) == calendar_for(south) == of_south
        of_coast = enter_calendar(name="Coast", region=coast)
        with django_assert_num_queries(1):
            assert calendar_for(coast) == of_coast
        assert calendar_for(south) == of_south

    def test_an_organization_has_the_calendar_of_its_region(self, china, tree):
        of_coast = enter_calendar(name="Coast", region=tree[1])
        harbour = enter_organization("Harbour")
        assert calendar_for(harbour) == china
        harbour.edit(by=None, region=tree[1])
        assert calendar_for(harbour) == of_coast

    def test_before_the_first_day_there_is_none(self):
        assert calendar_for(None) is None


class TestApi:
    @pytest.fixture
    def api(self, officer, today):
        return Caller(officer)

    def address(self, calendar):
        return f"working-calendars/{calendar.public_id}/"

    def test_everybody_reads_and_the_secretariat_writes(self, china, officer, stranger, today):
        partner = Caller(stranger)
        shown = partner.get(self.address(china)).json()
        assert shown["provisional_years"] == [2027]
        assert "2027" in shown["warning"]
        assert shown["days"][0]["day"] == "2025-01-01"
        assert partner.post(f"{self.address(china)}load/", {"years": [2026]}).status_code == 403
        assert partner.patch(self.address(china), {"name": "Ours"}, if_match="*").status_code == 403
        assert not [one for one in shown["allowed_actions"] if one["allowed"]]

    def test_the_reckoning_tells_the_day_and_the_warning(self, china, stranger, today):
        reckon = f"{self.address(china)}reckon/"
        partner = Caller(stranger)
        found = partner.get(f"{reckon}?from=2026-09-30&days=3").json()
        assert found == {"from": "2026-09-30", "days": 3, "date": "2026-10-10", "warning": ""}
        back = partner.get(f"{reckon}?from=2026-10-10&days=-3").json()
        assert back["date"] == "2026-09-30"
        assert "2027" in partner.get(f"{reckon}?from=2026-12-31&days=1").json()["warning"]
        for wrong in ("days=x", "days=3000", "days=1.5", "days=--1", "from=tomorrow", "to=1"):
            assert partner.get(f"{reckon}?{wrong}").status_code == 400
        assert partner.get(f"{reckon}?from=2999-12-31&days=9").status_code == 400

    def test_its_days_are_written_with_it(self, api):
        made = api.post(
            "working-calendars/",
            {
                "name": "Coast",
                "weekend": [7],
                "days": [{"day": "2027-05-04", "kind": "holiday", "name": "Harbour Day"}],
            },
        )
        assert made.status_code == 201
        body = made.json()
        assert body["days"] == [
            {
                "day": "2027-05-04",
                "kind": "holiday",
                "name": "Harbour Day",
                "name_zh": "",
                "by_hand": True,
            }
        ]
        days = [*body["days"], {"day": "2027-05-09", "kind": "working"}]
        address = f"working-calendars/{body['id']}/"
        changed = api.patch(address, {"days": days}, if_match=made["ETag"])
        assert [one["day"] for one in changed.json()["days"]] == ["2027-05-04", "2027-05-09"]
        assert changed["ETag"] != made["ETag"]
        gone = api.patch(address, {"days": days[1:]}, if_match=changed["ETag"]).json()
        assert [one["day"] for one in gone["days"]] == ["2027-05-09"]
        twice = api.patch(address, {"days": [days[1], days[1]]}, if_match="*")
        assert (twice.status_code, twice.json()["errors"][0]["code"]) == (400, "unique")

    def test_days_sent_back_as_they_were_read_stay_from_the_library(self, api, china):
        days = api.get(self.address(china)).json()["days"]
        days[0]["name"] = "New Year"
        shown = api.patch(self.address(china), {"days": days}, if_match="*").json()
        assert [one["by_hand"] for one in shown["days"][:2]] == [True, False]

    def test_loading_and_settling_are_verbs(self, api, china):
        loaded = api.post(f"{self.address(china)}load/", {"years": [2024]}).json()
        assert loaded["loaded_years"] == [2024, 2025, 2026, 2027]
        settled = api.post(f"{self.address(china)}settle/", {"year": 2027}).json()
        assert (settled["provisional_years"], settled["settled_years"]) == ([], [2027])
        assert settled["warning"] == ""

    def test_three_cost_no_more_queries_than_one(self, api, china):
        def cost() -> int:
            with CaptureQueriesContext(connection) as captured:
                api.get("working-calendars/")
            return len(captured)

        cost()  # the token is marked as used
        one = cost()
        for name in ("North", "South"):
            region = Region.enter(by=None, name=name)
            enter_calendar(name=name, region=region, country="CN").load([2026], by=None, on=NOW)
        assert cost() == one


class TestBackOffice:
    @pytest.fixture
    def office(self, officer, today):
        client = Client()
        client.force_login(officer)
        return client

    def test_the_page_shows_the_days_and_what_is_not_announced(self, office, china):
        listed = office.get("/secretariat/actors/workingcalendar/").content.decode()
        assert "2027" in listed
        page = office.get(f"/secretariat/actors/workingcalendar/{china.pk}/change/")
        assert page.status_code == 200
        assert "National Day" in page.content.decode()

    def test_years_are_loaded_and_settled_by_a_button(self, office, china):
        verbs = f"/secretariat/actors/workingcalendar/{china.pk}/verb"
        said = {"on": "2027-03-01", "first_year": "2023", "last_year": "2024", "reason": ""}
        assert office.post(f"{verbs}/load/", said).status_code == 302
        said = {"on": "2027-03-01", "year": "2027", "reason": ""}
        assert office.post(f"{verbs}/settle/", said).status_code == 302
        china.refresh_from_db()
        assert china.loaded_years == [2023, 2024, 2025, 2026, 2027]
        assert china.provisional_years == []
        wrong = office.post(f"{verbs}/load/", said | {"first_year": "1800"})
        assert "Give years from 1990 to 2100." in wrong.content.decode()

    def test_the_history_says_which_days_came(self, office, china):
        page = office.get(f"/secretariat/actors/workingcalendar/{china.pk}/history/")
        assert "Days of a working calendar" in page.content.decode()
