"""Consultation series over the API: in words, split, previewed, and held as promised."""

from datetime import date

import pytest

from agreements.models import Consultation, ConsultationSeries
from tests.agreements.mechanisms.test_regular_consultation import enter_series, local
from tests.api_stage import Caller
from tests.cast import TODAY, again, enter_rotation


@pytest.fixture
def series(officer, agreement, alba, brook):
    """On the second Tuesday of each quarter; Alba convenes until July, then Brook."""
    enter_rotation(agreement, alba, brook, by=officer, on=TODAY)
    return enter_series(agreement, starts_on=date(2027, 1, 1), times=1, cadence="quarter")


@pytest.fixture
def asks(officer):
    return Caller(officer)


@pytest.fixture
def path(series):
    return f"consultation-series/{series.public_id}/"


def moments(series):
    return local(one.starts_at for one in series.consultations.order_by("rule_at"))


def test_a_rule_is_told_in_words_and_the_promise_with_it(asks, path):
    told = asks.get(path).json()
    assert told["rrule_text"] == "every 2nd Tuesday of the quarter, 14:00 Beijing time"
    assert told["held_as_promised"] == {
        "promised": 0,
        "held": 0,
        "missed": 0,
        "periods": [],
        "running": {
            "starts_on": "2027-01-01",
            "ends_on": "2027-04-01",
            "promised": 1,
            "held": 0,
            "owed": 1,
            "planned": 0,
        },
    }
    chinese = asks.get(path, **{"Accept-Language": "zh-hans"}).json()
    assert chinese["rrule_text"] == "每季度第二个星期二 14:00（北京时间）"


def test_a_split_is_previewed_and_then_made(asks, path, series):
    said = {"starts_on": "2027-07-01", "starts_at": "09:00", "reason": "Mornings suit better"}
    was = moments(series)
    told = asks.post(f"{path}split/?preview=true", said)
    assert told["ETag"] == asks.get(path)["ETag"]
    assert told.status_code == 200
    assert [one["what"] for one in told.json()["results"]] == ["stays", "moves", "moves", "moves"]
    assert moments(series) == was
    made = asks.post(f"{path}split/", said)
    assert made.status_code == 201
    later = ConsultationSeries.objects.get(public_id=made.json()["id"])
    assert made.json()["continues"] == str(series.public_id)
    assert moments(later)[0] == "2027-07-13 09:00"
    assert asks.get(path).json()["ends_on"] == "2027-07-01"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 400),
        ({"starts_on": "2026-01-01"}, 400),
        ({"starts_on": "2027-07-01", "rrule": "nonsense"}, 400),
        ({"starts_on": "2027-07-01", "agreement": "x"}, 400),
        ({"starts_on": "2027-07-01", "on": "2030-01-01"}, 400),
    ],
)
def test_a_split_that_cannot_be_is_refused(asks, path, series, said, status):
    for query in ("", "?preview=true"):
        assert asks.post(f"{path}split/{query}", said).status_code == status
    assert ConsultationSeries.objects.count() == 1


def test_a_change_of_all_is_previewed_without_being_made(asks, path, series):
    etag = asks.get(path)["ETag"]
    said = {"rrule": "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=-1TH"}
    told = asks.patch(f"{path}?preview=true", said, **{"If-Match": etag})
    assert told.status_code == 200 and "2027-06-24T06:00:00Z" in told.content.decode()
    assert asks.get(path)["ETag"] == etag


def test_a_series_is_planned_and_changed_by_the_secretariat_alone(alice, path):
    caller = Caller(again(alice))
    assert caller.post(f"{path}plan/", {}).status_code == 403
    assert caller.post(f"{path}split/", {"starts_on": "2027-07-01"}).status_code == 403


def test_the_host_enters_and_moves_a_date_and_nobody_else_does(alice, bob, agreement, series):
    said = {
        "agreement": str(agreement.public_id),
        "series": str(series.public_id),
        "starts_at": "2027-05-04T01:30:00Z",
    }
    assert Caller(again(bob)).post("consultations/", said).status_code == 403
    made = Caller(again(alice)).post("consultations/", said)
    assert made.status_code == 201
    move = {"starts_at": "2027-05-05T01:30:00Z", "place": "Town hall"}
    path = f"consultations/{made.json()['id']}/move/"
    assert Caller(again(bob)).post(path, move).status_code == 403
    moved = Caller(again(alice)).post(path, move)
    assert (moved.status_code, moved.json()["place"]) == (200, "Town hall")
    assert Consultation.objects.get(place="Town hall").series == series


def test_what_is_owed_is_told_per_series_and_together(asks, agreement, series, alice, stranger):
    enter_series(agreement, rrule="", times=2, cadence="half_year", starts_on=date(2026, 1, 1))
    address = f"agreements/{agreement.public_id}/consultations-owed/"
    told = asks.get(f"{address}?from=2026-01-01&to=2026-12-31").json()
    assert {name: told[name] for name in ("promised", "held", "missed", "owed")} == {
        "promised": 4,
        "held": 0,
        "missed": 4,
        "owed": 3,
    }
    assert [len(one["periods"]) for one in told["series"]] == [0, 2]
    assert Caller(again(alice)).get(address).status_code == 200
    assert Caller(again(stranger)).get(address).status_code == 404
    for wrong in ("?from=2027-01-02&to=2027-01-01", "?from=x", "?since=2027-01-01"):
        assert asks.get(f"{address}{wrong}").status_code == 400
