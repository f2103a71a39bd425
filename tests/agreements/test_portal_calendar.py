"""The calendar in the portal, subscriptions, and the dates of a series as people say them."""

import re
from datetime import date, timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from actors.models import WorkingCalendar
from agreements.calendars import CalendarFeed
from agreements.models import Consultation, ConsultationSeries, SpecialGroup
from governance import clock
from tests.agreements.mechanisms.test_regular_consultation import enter_series, local
from tests.agreements.portal_scenes import signed_in
from tests.cast import TODAY, enter_agreement, enter_rotation, enter_task

SAID = {
    "way": "said",
    "every": "1",
    "unit": "quarter",
    "how": "place",
    "place": "-1",
    "weekday": "3",
    "ends": "never",
    "starts_on": "2027-01-01",
    "starts_at": "14:00",
    "time_zone": "Asia/Shanghai",
    "duration_minutes": "120",
    "on_holiday": "keep",
    "scope": "all",
}


@pytest.fixture
def series(officer, agreement, alba, brook):
    """On the second Tuesday of each quarter; Alba convenes until July, then Brook."""
    enter_rotation(agreement, alba, brook, by=officer, on=TODAY)
    return enter_series(agreement)


def post(user, name, obj, /, **data):
    return signed_in(user).post(reverse(name, kwargs={"id": obj.public_id}), data)


def moments(series):
    return local(one.starts_at for one in series.consultations.order_by("rule_at"))


def test_the_calendar_lists_what_comes_day_by_day(alice, officer, agreement, alba, series):
    enter_task(agreement, by=officer, lead=alba, due_on=date(2027, 4, 1), title="Plant trees")
    page = signed_in(alice).get(reverse("calendar")).text
    assert page.index("Plant trees") < page.index("Tuesday 13 April 2027") < page.index("14:00")
    later = signed_in(alice).get(reverse("calendar"), {"month": "2027-07"}).text
    assert "Tuesday 13 July 2027" in later and "Plant trees" not in later
    assert signed_in(alice).get(reverse("calendar"), {"month": "nonsense"}).status_code == 200


def test_what_was_held_on_another_day_stands_there(alice, officer, agreement, series):
    april = series.consultations.order_by("rule_at").first().convene(by=officer, on=TODAY)
    with clock.fixed(date(2027, 4, 20)):
        april.close(by=officer, on=date(2027, 4, 20), held_on=date(2027, 4, 15))
    with clock.fixed(date(2027, 5, 3)):
        page = signed_in(alice).get(reverse("calendar"), {"month": "2027-04"}).text
        assert "Thursday 15 April 2027" in page and "Tuesday 13 April 2027" not in page
        name = reverse("consultation_file", kwargs={"id": april.public_id})
        file = signed_in(alice).get(name)
    assert "2027-04-15-" in file["Content-Disposition"]
    [event] = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert event["dtstart"].dt.strftime("%F %H:%M") == "2027-04-15 14:00"
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(hours=2)


def test_a_subscription_is_made_shown_once_renewed_and_revoked(alice, bob, series):
    client = signed_in(alice)
    made = client.post(reverse("calendar_feeds"), {"about": "mine", "with_tasks": "on"})
    secret = re.search(r"/api/v1/calendars/([^.]+)\.ics", made.text)[1]
    assert f'href="webcal://testserver/api/v1/calendars/{secret}.ics"' in made.text
    assert 'data-copy="feed-address"' in made.text
    assert Client().get(f"/api/v1/calendars/{secret}.ics").status_code == 200
    assert secret not in client.get(reverse("calendar_feeds")).text
    feed = CalendarFeed.objects.get()
    assert (feed.user, feed.with_tasks, feed.with_terms) == (alice, True, False)
    for name in ("rotate_feed", "revoke_feed"):
        address = reverse(name, kwargs={"id": feed.public_id})
        assert client.get(address).status_code == 200
        assert signed_in(bob).post(address).status_code == 404
    renewed = post(alice, "rotate_feed", feed).text
    fresh = re.search(r"/api/v1/calendars/([^.]+)\.ics", renewed)[1]
    assert Client().get(f"/api/v1/calendars/{secret}.ics").status_code == 404
    assert post(alice, "revoke_feed", feed, version="2").status_code == 302
    assert Client().get(f"/api/v1/calendars/{fresh}.ics").status_code == 404
    assert post(alice, "rotate_feed", feed).status_code == 409


def test_a_subscription_names_what_it_shows(alice, agreement):
    client = signed_in(alice)
    wrong = client.post(reverse("calendar_feeds"), {"about": "agreement"})
    assert wrong.status_code == 422 and not CalendarFeed.objects.exists()
    client.post(reverse("calendar_feeds"), {"about": "agreement", "agreement": agreement.pk})
    assert CalendarFeed.objects.get().agreement == agreement


def test_an_auditor_reads_the_calendar_and_makes_no_subscription(auditor, series):
    assert signed_in(auditor).get(reverse("calendar")).status_code == 200
    assert signed_in(auditor).post(reverse("calendar_feeds"), {"about": "mine"}).status_code == 403


def test_one_consultation_is_downloaded_for_a_calendar(alice, series):
    april = series.consultations.order_by("rule_at").first()
    answer = signed_in(alice).get(reverse("consultation_file", kwargs={"id": april.public_id}))
    assert answer["Content-Type"].startswith("text/calendar")
    [event] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["dtstart"].dt == april.starts_at


def test_dates_are_changed_as_people_say_them_after_a_look_at_what_moves(officer, series):
    page = signed_in(officer).get(reverse("series_dates", kwargs={"id": series.public_id})).text
    assert "every 2nd Tuesday of the quarter, 14:00 Beijing time" in page
    was = moments(series)
    shown = post(officer, "series_dates", series, preview="1", **SAID)
    assert shown.status_code == 200 and "24 Jun 2027" in shown.text
    assert moments(series) == was
    assert post(officer, "series_dates", series, **SAID).status_code == 302
    series.refresh_from_db()
    assert series.rrule == "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=-1TH"
    assert "2027-06-24 14:00" in moments(series)


def test_from_a_day_on_a_new_series_continues(officer, series):
    later = {**SAID, "scope": "following", "since": "2027-07-01"}
    assert post(officer, "series_dates", series, **later).status_code == 302
    made = ConsultationSeries.objects.get(continues=series)
    assert moments(series) == ["2027-04-13 14:00"]
    assert moments(made)[:1] == ["2027-09-30 14:00"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"unit": "week"}, "weekdays"),
        ({"how": "day"}, "day"),
        ({"ends": "until"}, "until"),
        ({"ends": "count"}, "count"),
        ({"unit": "quarter", "month": "5"}, "month"),
        ({"scope": "following"}, "since"),
        ({"time_zone": "Nowhere"}, "time_zone"),
        ({"way": "rule", "rrule": "every Monday"}, "rrule"),
        ({"starts_at": ""}, "starts_on"),
    ],
)
def test_what_is_missing_is_said_at_its_field(officer, series, said, field):
    answer = post(officer, "series_dates", series, **{**SAID, **said})
    assert answer.status_code == 422
    assert field in answer.context_data["form"].errors


def test_a_rule_that_cannot_be_said_stays_a_rule(officer, agreement):
    series = enter_series(agreement, rrule="FREQ=MONTHLY;BYMONTHDAY=1,15")
    page = signed_in(officer).get(reverse("series_dates", kwargs={"id": series.public_id}))
    form = page.context_data["form"]
    assert (form.initial["way"], form.initial["rrule"]) == ("rule", series.rrule)


def test_the_dates_of_a_series_are_the_secretariats(alice, series):
    assert post(alice, "series_dates", series, **SAID).status_code == 403


def test_the_host_of_today_or_of_the_day_sets_a_date(alice, bob, stranger, series):
    said: dict[str, Any] = {"starts_at": "2027-05-04T09:30", "place": "Town hall"}
    assert post(bob, "set_date", series, **said).status_code == 403
    assert post(stranger, "set_date", series, **said).status_code == 404
    assert post(alice, "set_date", series, **said).status_code == 302
    made = Consultation.objects.get(place="Town hall")
    assert (made.series, local([made.starts_at])) == (series, ["2027-05-04 09:30"])
    assert (made.ends_at - made.starts_at).seconds == 7200


SUNDAY = {"starts_at": "2027-05-02T09:30", "title": "On Sunday"}


@pytest.fixture
def calendar(today):
    made = WorkingCalendar.enter(by=None, name="House")
    made.settle(2027, by=None, on=TODAY)
    return made


def sign_of(answer):
    """By which the form says that what speaks against it was read."""
    return re.search(r'name="sure" value="(\w+)"', answer.text)[1]


def test_what_speaks_against_a_day_is_said_before_it_is_set(alice, series, calendar):
    asked = post(alice, "set_date", series, **SUNDAY)
    assert asked.status_code == 200 and "2 May 2027 is not worked: Sunday." in asked.text
    assert 'value="On Sunday"' in asked.text
    other = {**SUNDAY, "starts_at": "2027-05-09T09:30", "sure": sign_of(asked)}
    again = post(alice, "set_date", series, **other)
    assert again.status_code == 200 and "9 May 2027 is not worked" in again.text
    assert not Consultation.objects.filter(title="On Sunday").exists()
    assert post(alice, "set_date", series, **{**other, "sure": sign_of(again)}).status_code == 302
    assert Consultation.objects.get(title="On Sunday").day == date(2027, 5, 9)


@pytest.mark.parametrize(("day", "asked"), [("2027-05-02", True), ("2027-04-13", False)])
def test_a_move_to_another_day_is_doubted_too(alice, series, calendar, day, asked):
    april = series.consultations.order_by("rule_at").first()
    said = {"starts_at": f"{day}T10:00", "place": "Town hall", "on": TODAY}
    address = reverse("consultation_verb", kwargs={"id": april.public_id, "verb": "move"})
    answer = signed_in(alice).post(address, said)
    assert answer.status_code == (200 if asked else 302)
    if asked:
        said["sure"] = sign_of(answer)
        assert signed_in(alice).post(address, said).status_code == 302
    april.refresh_from_db()
    assert (str(april.day), april.place) == (day, "Town hall")


NEW = {
    **{name: value for name, value in SAID.items() if name != "scope"},
    "name": "Quarterly meeting",
    "level": "leaders",
    "host_rule": "convenor",
    "times": "1",
    "cadence": "quarter",
    "quorum": "50",
    "quorum_kind": "percent",
}


def test_a_series_is_entered_as_people_say_it_after_a_look_at_its_dates(officer, agreement):
    tab = reverse("agreement_consultations", kwargs={"id": agreement.public_id})
    assert "Plan regular consultations" in signed_in(officer).get(tab).text
    page = signed_in(officer).get(reverse("new_series", kwargs={"id": agreement.public_id}))
    assert page.context_data["form"].initial["way"] == "said"
    shown = post(officer, "new_series", agreement, preview="1", **NEW)
    assert shown.status_code == 200 and "Thursday 24 June 2027, 14:00" in shown.text
    assert "every last Thursday of the quarter" in shown.text
    assert not ConsultationSeries.objects.exists()
    answer = signed_in(officer).post(
        reverse("new_series", kwargs={"id": agreement.public_id}), NEW, follow=True
    )
    assert "“Quarterly meeting” is entered; 4 consultations are planned" in answer.text
    made = ConsultationSeries.objects.get()
    assert (made.times, made.cadence, made.quorum, made.quorum_kind) == (
        *(1, "quarter", 50, "percent"),
    )
    assert moments(made)[0] == "2027-03-25 14:00"


def test_a_series_whose_dates_the_host_sets_promises_a_number_alone(officer, agreement, alba):
    said = {**NEW, "way": "none", "host_rule": "fixed", "host": str(alba.pk), "starts_at": ""}
    shown = post(officer, "new_series", agreement, preview="1", **said)
    assert "the host sets each date" in shown.text
    assert post(officer, "new_series", agreement, **said).status_code == 302
    made = ConsultationSeries.objects.get()
    assert (made.rrule, made.host, made.consultations.count()) == ("", alba, 0)


@pytest.mark.parametrize("looked_at", [{}, {"preview": "1"}])
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"host_rule": "fixed"}, "host"),
        ({"host_rule": "rotation"}, "rotation"),
        ({"quorum_kind": ""}, "quorum"),
        ({"cadence": ""}, "times"),
        ({"starts_at": ""}, "starts_on"),
        ({"way": "rule", "rrule": "every Monday"}, "rrule"),
        ({"ends": "count"}, "count"),
    ],
)
def test_what_a_new_series_lacks_is_said_at_its_field(officer, agreement, said, field, looked_at):
    answer = post(officer, "new_series", agreement, **{**NEW, **said, **looked_at})
    assert answer.status_code == 422
    assert field in answer.context_data["form"].errors
    assert not ConsultationSeries.objects.exists()


def test_series_are_entered_by_the_secretariat_while_the_agreement_lives(
    officer, alice, stranger, agreement
):
    tab = reverse("agreement_consultations", kwargs={"id": agreement.public_id})
    assert "Plan regular consultations" not in signed_in(alice).get(tab).text
    assert post(alice, "new_series", agreement, **NEW).status_code == 403
    assert post(stranger, "new_series", agreement, **NEW).status_code == 404
    agreement.terminate(by=officer, on=TODAY, reason="Done")
    for more in ({}, {"preview": "1"}):
        assert post(officer, "new_series", agreement, **NEW, **more).status_code == 409
    assert not ConsultationSeries.objects.exists()
    late = {"starts_at": "2027-05-04T09:30", "title": "Too late"}
    assert post(officer, "extraordinary_consultation", agreement, **late).status_code == 409
    assert not Consultation.objects.exists()


def test_a_new_series_names_only_what_belongs_to_its_agreement(
    officer, agreement, brook, corva, dunes
):
    other = enter_agreement(brook, corva, by=officer)
    group = SpecialGroup.enter(by=officer, agreement=other, name="Elsewhere")
    for said in ({"group": str(group.pk)}, {"host_rule": "fixed", "host": str(dunes.pk)}):
        answer = post(officer, "new_series", agreement, **{**NEW, **said})
        assert answer.status_code == 422


def test_the_convenor_plans_an_extraordinary_consultation(alice, bob, agreement, series):
    said = {"starts_at": "2027-05-04T09:30", "title": "Flood"}
    assert post(bob, "extraordinary_consultation", agreement, **said).status_code == 403
    assert post(alice, "extraordinary_consultation", agreement, **said).status_code == 302
    assert Consultation.objects.get(title="Flood").series is None


def test_the_host_moves_one_consultation_and_the_others_stay(alice, series):
    april, *others = series.consultations.order_by("rule_at")
    address = reverse("consultation_verb", kwargs={"id": april.public_id, "verb": "move"})
    said = {"starts_at": "2027-04-15T10:00", "ends_at": "", "place": "Town hall", "on": TODAY}
    assert signed_in(alice).post(address, said).status_code == 302
    april.refresh_from_db()
    assert local([april.starts_at, april.ends_at]) == ["2027-04-15 10:00", "2027-04-15 12:00"]
    assert local(one.starts_at for one in others)[0] == "2027-07-13 14:00"


def test_the_tab_says_what_was_promised_and_what_is_owed(alice, officer, agreement):
    enter_series(
        agreement, rrule="", times=1, cadence="quarter", starts_on=date(2026, 1, 1), starts_at=None
    )
    page = (
        signed_in(alice)
        .get(reverse("agreement_consultations", kwargs={"id": agreement.public_id}))
        .text
    )
    assert "0 held of 4 due" in page
    for period in ("First quarter of 2026: 0 of 1", "Fourth quarter of 2026: 0 of 1"):
        assert period in page
    assert "1 still owed, by 31 March 2027" in page
