"""Series and calendar feeds in the back office: dates said as people say them, feeds revoked."""

from datetime import date

import pytest
from django.urls import reverse

from actors.models import WorkingCalendar
from agreements.calendars import CalendarFeed
from agreements.models import Consultation, ConsultationSeries
from tests.agreements.mechanisms.test_regular_consultation import enter_series, local
from tests.typed import typed

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
    "on": "2027-03-01",
}


@pytest.fixture
def series(officer, agreement):
    return enter_series(agreement, times=1, cadence="quarter")


def page_of(series):
    return reverse("admin:agreements_consultationseries_verb", args=[series.pk, "set-dates"])


def moments(series):
    return local(one.starts_at for one in series.consultations.order_by("rule_at"))


def test_the_dates_are_shown_and_then_changed(client, officer, series):
    client.force_login(officer)
    assert client.get(page_of(series)).status_code == 200
    was = moments(series)
    shown = client.post(page_of(series), {**SAID, "_preview": "1"})
    assert shown.status_code == 200 and "24 June 2027" in shown.text
    assert moments(series) == was
    assert client.post(page_of(series), SAID).status_code == 302
    assert "2027-06-24 14:00" in moments(series)


def test_the_following_go_on_in_a_new_series(client, officer, series):
    client.force_login(officer)
    said = {**SAID, "scope": "following", "since": "2027-07-01"}
    assert client.post(page_of(series), said).status_code == 302
    assert ConsultationSeries.objects.get(continues=series).rrule.endswith("-1TH")


def test_what_is_missing_is_said_at_its_field(client, officer, series):
    client.force_login(officer)
    answer = client.post(page_of(series), {**SAID, "scope": "following"})
    assert "since" in answer.context_data["form"].errors


def test_a_series_says_in_words_when_it_meets_and_what_it_owes(client, officer, series):
    client.force_login(officer)
    page = client.get(reverse("admin:agreements_consultationseries_change", args=[series.pk]))
    assert "every 2nd Tuesday of the quarter, 14:00 Beijing time" in page.text
    assert "1 still owed by 31 March 2027" in page.text


def test_a_series_is_entered_as_people_say_it(client, officer, agreement):
    client.force_login(officer)
    address = reverse("admin:agreements_consultationseries_add")
    assert 'name="way"' in client.get(address).text
    said = {name: value for name, value in SAID.items() if name not in {"scope", "on"}}
    said |= {
        "agreement": agreement.pk,
        "name": "Quarterly",
        "level": "leaders",
        "host_rule": "convenor",
        "times": "1",
        "cadence": "quarter",
    }
    wrong = client.post(address, {**said, "ends": "count"})
    assert "count" in wrong.context_data["adminform"].form.errors
    late = client.post(address, {**said, "starts_at": ""})
    assert "starts_on" in late.context_data["adminform"].form.errors
    answer = client.post(address, said)
    assert answer.status_code == 302, answer.context_data["adminform"].form.errors
    made = ConsultationSeries.objects.get()
    assert made.rrule == "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=-1TH"
    assert moments(made)[0] == "2027-03-25 14:00"


def test_a_series_names_the_periods_in_which_too_few_were_held(client, officer, agreement):
    owing = enter_series(
        agreement, rrule="", times=1, cadence="half_year", starts_on=date(2026, 1, 1)
    )
    client.force_login(officer)
    page = client.get(reverse("admin:agreements_consultationseries_change", args=[owing.pk]))
    assert "too few: First half of 2026, Second half of 2026" in page.text


def test_a_day_that_is_not_worked_is_told_of_when_it_is_set(client, officer, agreement):
    calendar = WorkingCalendar.enter(by=None, name="House")
    calendar.settle(2027, by=None, on=date(2027, 3, 1))
    client.force_login(officer)
    address = reverse("admin:agreements_consultation_add")
    form = typed(client.get(address)) | {
        "agreement": agreement.pk,
        "title": "On Sunday",
        "starts_at_0": "2027-05-02",
        "starts_at_1": "09:30:00",
    }
    answer = client.post(address, form, follow=True)
    assert "2 May 2027 is not worked: Sunday." in answer.text
    made = Consultation.objects.get(title="On Sunday")
    address = reverse("admin:agreements_consultation_verb", args=[made.pk, "move"])
    said = {"on": "2027-03-01", "starts_at_0": "2027-05-09", "starts_at_1": "09:30:00"}
    answer = client.post(address, said, follow=True)
    assert "9 May 2027 is not worked: Sunday." in answer.text


def test_the_dashboard_and_the_filter_name_what_is_owed(client, officer, agreement):
    owing = enter_series(agreement, rrule="", times=1, cadence="quarter", starts_on="2026-01-01")
    client.force_login(officer)
    assert "0 of 1 held by 31 December 2026" in client.get(reverse("admin:index")).text
    listed = client.get(reverse("admin:agreements_consultationseries_changelist"), {"owed": "yes"})
    assert [row.pk for row in listed.context_data["cl"].result_list] == [owing.pk]


def test_an_administrator_lists_and_revokes_feeds_and_an_officer_sees_their_own(
    client, administrator, officer, alice
):
    feed, _secret = CalendarFeed.issue(alice, by=alice)
    listed = reverse("admin:agreements_calendarfeed_changelist")
    client.force_login(officer)
    assert not client.get(listed).context_data["cl"].result_list
    client.force_login(administrator)
    assert list(client.get(listed).context_data["cl"].result_list) == [feed]
    page = reverse("admin:agreements_calendarfeed_verb", args=[feed.pk, "revoke"])
    assert client.post(page, {}).status_code == 302
    feed.refresh_from_db()
    assert not feed.is_standing
