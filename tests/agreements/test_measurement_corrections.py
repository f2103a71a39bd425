"""Corrected measurements: what was said before stays readable, and no longer counts."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements import indicators
from agreements.models import Indicator, Measurement
from agreements.tasks import Status as TaskStatus
from tests.api_stage import Caller
from tests.cast import SIGNED, TODAY, enter_task

DAY = date(2026, 6, 30)


@pytest.fixture
def indicator(officer, agreement, alba):
    task = enter_task(agreement, by=officer, lead=alba, status=TaskStatus.IN_PROGRESS)
    return Indicator.enter(by=officer, task=task, name="Banks", unit="km", target=Decimal(10))


@pytest.fixture
def measurement(officer, indicator):
    return Measurement.enter(by=officer, indicator=indicator, as_of=DAY, value=Decimal(4))


def kept(measurement):
    return list(measurement.corrections.values_list("as_of", "value", "reason"))


def test_a_corrected_value_is_kept_and_no_longer_counts(officer, alice, indicator, measurement):
    measurement.correct(by=alice, on=TODAY, value=Decimal(5), reason="Counted twice")
    assert kept(measurement) == [(DAY, Decimal(4), "Counted twice")]
    row = measurement.corrections.get()
    assert (row.measured_by, row.corrected_by, row.corrected_on) == (officer, alice, TODAY)
    assert indicator.value() == 5
    indicator.task.refresh_from_db()
    assert indicator.task.progress == 5000


def test_a_correction_needs_a_reason(officer, measurement):
    with pytest.raises(ValidationError) as refused:
        measurement.correct(by=officer, on=TODAY, value=Decimal(5))
    assert set(refused.value.error_dict) == {"reason"}


def test_another_value_at_any_door_keeps_the_one_before_and_a_note_keeps_none(officer, measurement):
    measurement.edit(by=officer, note="By hand")
    assert kept(measurement) == []
    measurement.edit(by=officer, value=Decimal(6))
    measurement.edit(by=officer, as_of=SIGNED)
    assert kept(measurement) == [(DAY, Decimal(4), ""), (DAY, Decimal(6), "")]


def test_a_second_report_of_the_same_day_corrects_the_first(officer, indicator):
    task = indicator.task
    for value in (2, 3):
        report = indicators.report(
            task, by=officer, on=DAY, text="Half", values=[(indicator, Decimal(value))]
        )
    measurement = indicator.measurements.get()
    assert (measurement.value, measurement.report) == (3, report)
    first = task.reports.order_by("pk").first()
    assert [row.value for row in first.corrected.all()] == [2]


def test_over_the_api_and_on_the_pages_both_values_are_read(officer, alice, measurement, client):
    path = f"measurements/{measurement.public_id}/"
    body = {"value": "5.5", "reason": "Counted twice"}
    assert Caller(alice).post(f"{path}correct/", body).status_code == 403
    assert Caller(officer).post(f"{path}correct/", {"value": "5.5"}).status_code == 400
    told = Caller(officer).post(f"{path}correct/", body).json()
    assert told["value"] == "5.5"
    assert [(old["value"], old["reason"]) for old in told["corrections"]] == [
        ("4", "Counted twice")
    ]
    client.force_login(officer)
    page = reverse("admin:agreements_measurement_change", args=[measurement.pk])
    assert "Counted twice" in client.get(page).content.decode()
    answer = client.post(
        f"{page.removesuffix('change/')}verb/correct/",
        {"on": TODAY.isoformat(), "value": "6", "reason": "Once more"},
    )
    assert answer.status_code == 302
    assert measurement.corrections.count() == 2
