"""Calendar feeds: secret addresses, what programs read there, and invitations."""

import logging
from base64 import b64decode
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from django.core.exceptions import ValidationError
from django.test import Client

from agreements.agreement import Confidentiality
from agreements.calendars import CalendarFeed
from agreements.mechanisms.convenor_changes import Kind as ChangeKind
from agreements.models import Agreement, Consultation, LiaisonAppointment, Milestone
from governance import clock
from governance.delivery.outbox import Message
from governance.lifecycle import Refused
from governance.record import Event
from tests.agreements.mechanisms.test_regular_consultation import enter_series
from tests.api_stage import Caller
from tests.cast import TODAY, again, enter_person, enter_rotation, enter_task

FROM, TO = date(2027, 1, 1), date(2029, 1, 1)


@pytest.fixture
def series(officer, agreement):
    """On the second Tuesday of each quarter: in April, July, October and January."""
    return enter_series(agreement)


def issue(user, **facts):
    return CalendarFeed.issue(user, by=user, **facts)[1]


def fetch(secret, **headers):
    return Client(raise_request_exception=False).get(f"/api/v1/calendars/{secret}.ics", **headers)


def read(secret):
    answer = fetch(secret)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return icalendar.Calendar.from_ical(answer.content)


def seen(secret, zone="Asia/Shanghai"):
    """What a calendar program shows: the moments that are not cancelled."""
    found = recurring_ical_events.of(read(secret)).between(FROM, TO)
    shown = [one for one in found if one.get("status") != "CANCELLED"]
    return sorted(
        one["dtstart"].dt.astimezone(ZoneInfo(zone)).strftime("%F %H:%M") for one in shown
    )


def planned(*rows):
    return sorted(
        one.starts_at.astimezone(one.zone).strftime("%F %H:%M")
        for one in rows or Consultation.objects.exclude(status="cancelled")
        if one.starts_at
    )


# what programs show


def test_a_program_shows_just_what_is_planned(alice, series):
    secret = issue(alice)
    assert seen(secret) == planned()
    assert len(planned()) == 4
    events = read(secret).walk("VEVENT")
    assert len({str(event["uid"]) for event in events}) == 1
    assert [zone["tzid"] for zone in read(secret).walk("VTIMEZONE")] == ["Asia/Shanghai"]


def test_what_is_moved_cancelled_put_off_or_deleted_is_shown_so(alice, officer, series):
    secret = issue(alice)
    april, july, october, january = series.consultations.order_by("rule_at")
    april.move(by=officer, on=TODAY, starts_at=april.starts_at + timedelta(days=2))
    july.cancel(by=officer, on=TODAY, reason="Holiday")
    october.postpone(by=officer, on=TODAY, reason="Flood")
    assert seen(secret) == planned()
    occurrences = {
        event["recurrence-id"].dt: event
        for event in read(secret).walk("VEVENT")
        if "recurrence-id" in event
    }
    zone = ZoneInfo("Asia/Shanghai")
    assert set(occurrences) == {
        one.rule_at.astimezone(zone) for one in (april, july, october, january)
    }
    assert occurrences[july.rule_at.astimezone(zone)]["status"] == "CANCELLED"
    january.remove(by=officer)
    assert seen(secret) == planned()


def test_what_was_held_is_shown_on_the_day_it_was_held(alice, officer, agreement, series):
    secret = issue(alice)
    april = series.consultations.order_by("rule_at").first().convene(by=officer, on=TODAY)
    alone = Consultation.enter(by=officer, agreement=agreement, starts_at=april.starts_at)
    alone.convene(by=officer, on=TODAY)
    held_on = date(2027, 4, 20)
    with clock.fixed(held_on):
        for one in (april, alone):
            one.close(by=officer, on=held_on, held_on=held_on)
    assert seen(secret).count("2027-04-20 14:00") == 2
    assert not [moment for moment in seen(secret) if moment.startswith("2027-04-13")]
    Consultation.objects.filter(pk=alone.pk).update(starts_at=None)  # its time was never known
    days = [event["dtstart"].dt for event in read(secret).walk("VEVENT")]
    assert held_on in days


def test_a_cancelled_one_is_left_out_once_every_program_took_it_out(alice, officer, series):
    secret = issue(alice)
    july = series.consultations.order_by("rule_at")[1]
    july.cancel(by=officer, on=TODAY, reason="Holiday")
    with clock.fixed(date(2027, 12, 1)):
        assert b"STATUS:CANCELLED" not in fetch(secret).content
        assert seen(secret) == planned()


def test_a_series_that_was_split_or_changed_is_shown_as_it_stands(alice, officer, series):
    secret = issue(alice)
    april = series.consultations.order_by("rule_at").first()
    april.convene(by=officer, on=TODAY)
    later = series.split(by=officer, on=TODAY, starts_on=date(2027, 7, 1), starts_at=time(9))
    assert seen(secret) == planned()
    later.edit(by=officer, rrule="FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=-1TH")
    series.refresh_from_db()
    series.edit(by=officer, starts_at=time(8))
    assert seen(secret) == planned()


@pytest.mark.parametrize(
    ("zone", "rule", "at"),
    [
        ("Europe/Amsterdam", "FREQ=WEEKLY;BYDAY=SU", time(14)),
        ("Europe/Amsterdam", "FREQ=WEEKLY;BYDAY=SU", time(2, 30)),
        ("America/New_York", "FREQ=MONTHLY;BYDAY=-1SU;COUNT=7", time(1, 30)),
        ("Pacific/Auckland", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", time(9)),
        ("UTC", "FREQ=WEEKLY;UNTIL=20271001T000000Z", time(23, 30)),
        ("Asia/Shanghai", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", time(14)),
    ],
)
def test_the_hour_is_right_in_zones_whose_clocks_change(alice, officer, agreement, zone, rule, at):
    series = enter_series(agreement, time_zone=zone, rrule=rule, starts_at=at)
    third, fourth = series.consultations.order_by("rule_at")[2:4]
    third.move(by=officer, on=TODAY, starts_at=third.starts_at + timedelta(hours=3))
    fourth.cancel(by=officer, on=TODAY, reason="Holiday")
    assert seen(issue(alice), zone) == planned()


def test_each_change_raises_the_number_and_the_name_stays(alice, officer, series):
    secret = issue(alice)

    def told():
        events = [one for one in read(secret).walk("VEVENT") if "recurrence-id" in one]
        first = min(events, key=lambda one: one["recurrence-id"].dt)
        return str(first["uid"]), int(first["sequence"]), str(first["status"])

    april = series.consultations.order_by("rule_at").first()
    found = [told()]
    april.move(by=officer, on=TODAY, place="Town hall")
    found.append(told())
    april.convene(by=officer, on=TODAY)
    found.append(told())
    april.cancel(by=officer, on=TODAY, reason="Flood")
    found.append(told())
    assert len({uid for uid, _number, _status in found}) == 1
    numbers = [number for _uid, number, _status in found]
    assert numbers == sorted(set(numbers))
    assert [status for _uid, _number, status in found] == [
        "TENTATIVE", "TENTATIVE", "CONFIRMED", "CANCELLED",
    ]  # fmt: skip


def test_a_feed_follows_the_rotation_until_a_consultation_is_called(
    alice, officer, agreement, alba, brook
):
    rotation = enter_rotation(agreement, alba, brook, by=officer, on=TODAY)
    series = enter_series(agreement)
    secret = issue(alice)

    def hosts():
        events = [one for one in read(secret).walk("VEVENT") if "recurrence-id" in one]
        events.sort(key=lambda one: one["recurrence-id"].dt)
        return ["Brook" in one["description"] for one in events]

    assert hosts() == [False, True, True, False]
    series.consultations.order_by("rule_at")[1].convene(by=officer, on=TODAY)
    swap = {"term_on": "2027-07-01", "other_term_on": "2028-01-01"}
    rotation.change(ChangeKind.SWAP, by=officer, on=TODAY, facts=swap, decided_on=TODAY)
    assert hosts() == [False, True, False, True]


def test_terms_milestones_and_due_dates_are_whole_days_and_only_if_asked_for(
    alice, officer, agreement, alba, brook
):
    enter_rotation(agreement, alba, brook, by=officer, on=TODAY)
    enter_task(agreement, by=officer, lead=alba, due_on=date(2027, 5, 1))
    enter_task(agreement, by=officer, lead=brook, due_on=date(2027, 6, 1), title="Not ours")
    Milestone.enter(by=officer, agreement=agreement, name="Half way", due_on=date(2027, 7, 1))
    assert read(issue(alice)).walk("VEVENT") == []
    secret = issue(alice, with_terms=True, with_milestones=True, with_tasks=True)
    found = sorted(
        (one["dtstart"].dt, one["dtend"].dt, str(one["summary"]))
        for one in read(secret).walk("VEVENT")
    )
    assert found[0] == (date(2026, 1, 1), date(2026, 7, 1), "Alba District convenes")
    assert (date(2027, 5, 1), date(2027, 5, 2), "Task due: Plant trees") in found
    assert (date(2027, 7, 1), date(2027, 7, 2), "Milestone: Half way") in found
    assert not any("Not ours" in summary or "Brook" in summary for *_days, summary in found)
    whole = issue(alice, about="agreement", agreement=agreement, with_terms=True, with_tasks=True)
    assert {"Not ours", "Brook"} <= {
        word for word in ("Not ours", "Brook") if word.encode() in fetch(whole).content
    }


# whose it is


def test_a_feed_shows_what_its_owner_may_see_when_it_is_fetched(
    alice, stranger, officer, agreement, series
):
    mine = issue(alice, about="agreement", agreement=agreement)
    theirs = issue(stranger, about="agreement", agreement=agreement)
    assert len(seen(mine)) == 4
    answer = fetch(theirs)
    assert b"VEVENT" not in answer.content and b"Clean rivers" not in answer.content
    agreement.edit(by=officer, confidentiality=Confidentiality.SECRETARIAT)
    assert b"VEVENT" not in fetch(mine).content
    assert b"Clean rivers" not in fetch(mine).content


def test_whoever_was_barred_has_no_feed_any_more(alice, series):
    secret = issue(alice)
    alice.is_active = False
    alice.save()
    assert fetch(secret).status_code == 404


def test_an_address_is_kept_nowhere_and_logged_nowhere(alice, series, caplog):
    feed, secret = CalendarFeed.issue(alice, by=alice)
    with caplog.at_level(logging.DEBUG):
        fetch(secret)
        fetch("nothing-" + secret)
    assert len(secret) >= 43
    assert secret not in caplog.text
    assert secret not in str(CalendarFeed.objects.values()) + str(Event.objects.values())
    assert feed.hash not in str(Event.objects.values())


def test_a_new_address_makes_the_old_one_worthless_and_a_revoked_feed_is_gone(alice):
    feed, old = CalendarFeed.issue(alice, by=alice)
    new = feed.rotate(by=alice)
    assert (fetch(old).status_code, fetch(new).status_code) == (404, 200)
    feed.revoke(by=alice)
    assert fetch(new).status_code == 404
    for verb in (feed.rotate, feed.revoke):
        with pytest.raises(Refused):
            verb(by=alice)


def test_a_feed_is_not_sent_again_when_nothing_changed(alice, officer, series):
    secret = issue(alice)
    answer = fetch(secret)
    assert answer["Cache-Control"] == "private, no-cache"
    again_ = fetch(secret, headers={"if-none-match": answer["ETag"]})
    assert (again_.status_code, again_.content) == (304, b"")
    series.consultations.first().move(by=officer, on=TODAY, place="Town hall")
    assert fetch(secret, headers={"if-none-match": answer["ETag"]}).status_code == 200


def test_a_feed_costs_a_constant_number_of_queries(
    alice, officer, agreement, alba, series, django_assert_max_num_queries
):
    enter_rotation(agreement, alba, by=officer, on=TODAY)
    secret = issue(alice, with_terms=True, with_milestones=True, with_tasks=True)
    fetch(secret)
    for _number in range(2):
        enter_series(agreement)
        enter_task(agreement, by=officer, lead=alba, due_on=date(2027, 5, 1))
    with django_assert_max_num_queries(16):
        fetch(secret)


@pytest.mark.parametrize("facts", [{"about": "agreement"}, {"about": "organization"}])
def test_what_a_feed_is_about_is_named(alice, facts):
    with pytest.raises(ValidationError) as refused:
        issue(alice, **facts)
    assert set(refused.value.error_dict) == {"about"}


# over the API


def test_an_address_is_told_once_and_not_kept_for_a_request_sent_again(alice, series):
    caller = Caller(again(alice))
    first = caller.post("calendar-feeds/", {}, **{"Idempotency-Key": "one"})
    assert first.status_code == 201
    address = first.json()["address"]
    assert fetch(address.rpartition("/")[2].removesuffix(".ics")).status_code == 200
    repeated = caller.post("calendar-feeds/", {}, **{"Idempotency-Key": "one"})
    assert repeated.json()["address"] is None
    path = f"calendar-feeds/{first.json()['id']}/"
    assert caller.get(path).json()["address"] is None
    rotated = caller.post(f"{path}rotate/", {})
    assert rotated.status_code == 200 and rotated.json()["address"] != address
    assert caller.post(f"{path}revoke/", {}).json()["revoked_at"]
    assert caller.post(f"{path}rotate/", {}).status_code == 409


def test_a_feed_is_its_owners_and_an_administrator_may_only_revoke_it(
    alice, bob, officer, administrator
):
    feed, _secret = CalendarFeed.issue(alice, by=alice)
    path = f"calendar-feeds/{feed.public_id}/"
    for other in (bob, officer):
        assert Caller(again(other)).get(path).status_code == 404
    asks = Caller(administrator)
    assert asks.post(f"{path}rotate/", {}).status_code == 403
    assert asks.post(f"{path}revoke/", {}).status_code == 200


def test_a_feed_of_what_one_may_not_see_is_refused(stranger, agreement):
    said = {"about": "agreement", "agreement": str(agreement.public_id)}
    assert Caller(again(stranger)).post("calendar-feeds/", said).status_code == 400


# invitations


@pytest.fixture
def officer_of_alba(officer, agreement, alba):
    party = agreement.party_set.get(organization=alba)
    return LiaisonAppointment.enter(
        by=officer, on=TODAY, party=party, person=enter_person("Lin Yue", alba),
        starts_on=date(2026, 1, 1),
    )  # fmt: skip


def invitations():
    """The calendar files of all mails, read: method, the one event."""
    found = []
    for message in Message.objects.order_by("pk"):
        for file in message.attachments:
            read_file = icalendar.Calendar.from_ical(b64decode(file["content"]))
            [event] = read_file.walk("VEVENT")
            assert file["type"].endswith(f"method={read_file['method']}")
            found.append((str(read_file["method"]), event))
    return found


def test_who_takes_part_is_invited_and_the_invitation_follows_what_changes(
    officer, series, officer_of_alba
):
    april = series.consultations.order_by("rule_at").first()
    april.convene(by=officer, on=TODAY)
    april.move(by=officer, on=TODAY, place="Town hall")
    april.postpone(by=officer, on=TODAY, reason="Flood")
    april.move(by=officer, on=TODAY, starts_at=datetime(2027, 5, 4, 6, tzinfo=UTC))
    april.cancel(by=officer, on=TODAY, reason="Flood")
    found = invitations()
    assert [method for method, _event in found] == [
        "REQUEST", "REQUEST", "CANCEL", "REQUEST", "CANCEL",
    ]  # fmt: skip
    assert len({str(event["uid"]) for _method, event in found}) == 1
    numbers = [int(event["sequence"]) for _method, event in found]
    assert numbers == sorted(set(numbers))
    for method, event in found:
        assert (event["status"] == "CANCELLED") == (method == "CANCEL")
        assert str(event["attendee"]) == "mailto:lin.yue@example.org"
        assert event["organizer"].startswith("mailto:")


def test_nobody_is_invited_to_what_lies_behind_nor_told_off_what_nobody_was_called_to(
    officer, agreement, series, officer_of_alba
):
    series.consultations.order_by("rule_at").first().cancel(by=officer, on=TODAY, reason="Flood")
    old = Consultation.enter(
        by=officer, agreement=agreement, starts_at=datetime(2027, 2, 1, 6, tzinfo=UTC)
    )
    old.convene(by=officer, on=date(2027, 1, 20))
    assert invitations() == []
    assert Agreement.objects.count() == 1
