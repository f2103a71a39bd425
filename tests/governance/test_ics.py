"""Calendar files: zones whose clocks are right, checked by whoever reads them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical

from governance.ics import Entry, calendar_file, zone_described

ZONES = [
    "Asia/Shanghai",
    "Europe/Amsterdam",
    "America/New_York",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
]


@pytest.mark.parametrize("name", ZONES)
def test_a_zone_described_has_the_offset_of_every_hour(tmp_path, name):
    """Read by dateutil, which knows nothing of our zones: every third hour of three years."""
    file = tmp_path / "zone.ics"
    lines = zone_described(name, 2026, 2029).to_ical().decode()
    file.write_text(lines.replace("\r\n ", "").replace("\r\n", "\n"))
    read, zone = tzical(str(file)).get(name), ZoneInfo(name)
    moment, wrong = datetime(2026, 6, 1, tzinfo=UTC), []
    while moment.year < 2029:
        local = moment.astimezone(zone).replace(tzinfo=None)
        ours = local.replace(tzinfo=read).utcoffset()
        if ours not in {local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}:
            wrong.append(local)
        moment += timedelta(hours=3)
    assert wrong == []


def test_a_file_names_each_zone_once_and_describes_it():
    moment = datetime(2027, 3, 1, 14, tzinfo=ZoneInfo("Europe/Amsterdam"))
    rows = [
        Entry(uid=str(number), summary="Meeting", starts=moment, ends=None, changed_at=moment,
              zone="Europe/Amsterdam")
        for number in range(2)
    ]  # fmt: skip
    read = icalendar.Calendar.from_ical(calendar_file(rows, name="Mine"))
    assert [zone["tzid"] for zone in read.walk("VTIMEZONE")] == ["Europe/Amsterdam"]
    assert [event["dtstart"].params["tzid"] for event in read.walk("VEVENT")] == [
        "Europe/Amsterdam"
    ] * 2


def test_a_day_lasts_all_day_and_takes_up_no_time():
    now = datetime(2027, 3, 1, tzinfo=UTC)
    entry = Entry(uid="1", summary="Due", starts=date(2027, 5, 1), ends=None, changed_at=now)
    [event] = icalendar.Calendar.from_ical(calendar_file([entry])).walk("VEVENT")
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2027, 5, 1), date(2027, 5, 2))
    assert event["transp"] == "TRANSPARENT"


def test_lines_are_folded_and_texts_escaped():
    now = datetime(2027, 3, 1, tzinfo=UTC)
    text = "会商；日程, 地点\n" * 20
    entry = Entry(uid="1", summary=text, starts=now, ends=None, changed_at=now)
    file = calendar_file([entry])
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
    [event] = icalendar.Calendar.from_ical(file).walk("VEVENT")
    assert event["summary"] == text
