"""Indicators and reports: numbers as of a day, kept whole or not at all, and progress in step."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from agreements.indicators import report
from agreements.models import Document, Indicator, Measurement, ProgressReport
from agreements.progress import WHOLE
from agreements.tasks import REPORTABLE, Status
from governance import access
from governance.lifecycle import Refused, Stale
from governance.record import Event
from tests.cast import SIGNED, TODAY, enter_task

FIRST, SECOND = date(2027, 2, 1), date(2027, 2, 15)


@pytest.fixture
def task(officer, agreement, alba):
    return enter_task(agreement, by=officer, lead=alba, status=Status.ACCEPTED)


@pytest.fixture
def trees(officer, task):
    return enter_indicator(task, target=Decimal(100))


def enter_indicator(task, **facts):
    return Indicator.enter(by=None, task=task, **{"name": "Trees", "unit": "trees", **facts})


def measure(indicator, value, on=FIRST):
    return Measurement.enter(by=None, indicator=indicator, as_of=on, value=Decimal(value))


def progress_of(task):
    task.refresh_from_db()
    return task.progress


def paper(name="photo.txt", content=b"A photograph."):
    return ContentFile(content, name=name)


# one report, at once


def test_a_report_enters_words_numbers_and_evidence_at_once_and_begins_the_task(
    officer, alice, task, trees
):
    made = report(
        task,
        by=alice,
        on=FIRST,
        text="Planted at the river",
        values=[(trees, Decimal(40))],
        files=[paper(), paper("list.csv", b"a,b")],
    )
    assert (task.status, task.status_since, task.progress) == (Status.IN_PROGRESS, FIRST, 4000)
    assert (made.reported_by, made.reported_on, made.text) == (
        alice,
        FIRST,
        "Planted at the river",
    )
    measurement = trees.measurements.get()
    assert (measurement.value, measurement.as_of) == (Decimal(40), FIRST)
    assert (measurement.report, measurement.measured_by) == (made, alice)
    assert {(file.name, file.kind, file.task, file.dated_on) for file in made.evidence.all()} == {
        ("photo.txt", "evidence", task, FIRST),
        ("list.csv", "evidence", task, FIRST),
    }


@pytest.mark.parametrize("status", Status)
def test_a_report_is_taken_while_the_work_is_on(officer, agreement, alba, status):
    task = enter_task(agreement, by=officer, lead=alba, status=status)
    if status in REPORTABLE:
        report(task, by=officer, on=TODAY, text="Dug")
        assert task.status == Status.IN_PROGRESS
    else:
        with pytest.raises(Refused):
            report(task, by=officer, on=TODAY, text="Dug")
        assert not ProgressReport.objects.exists()


def test_a_report_of_an_earlier_day_does_not_begin_the_task_before_it_was_accepted(officer, task):
    report(task, by=officer, on=date(2026, 1, 20), share=5)
    assert (task.status, task.status_since) == (Status.IN_PROGRESS, SIGNED)
    assert task.reports.get().reported_on == date(2026, 1, 20)


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_report_is_refused(officer, task, text):
    with pytest.raises(ValidationError) as refused:
        report(task, by=officer, on=FIRST, text=text)
    assert set(refused.value.error_dict) == {"text"}


def test_a_report_against_an_older_version_is_stale(officer, task):
    seen = task.version
    task.edit(by=officer, title="Plant more trees")
    with pytest.raises(Stale):
        report(task, by=officer, on=FIRST, text="Dug", version=seen)


def test_the_evidence_of_a_report_stands_on_its_creation(officer, task):
    made = report(task, by=officer, on=FIRST, files=[paper()])
    [event] = Event.objects.of(made)
    assert [filed["name"] for filed in event.after["evidence"]] == ["photo.txt"]


def test_what_has_not_happened_yet_is_not_measured(trees):
    with pytest.raises(ValidationError) as refused:
        measure(trees, 40, on=TODAY + timedelta(days=1))
    assert set(refused.value.error_dict) == {"as_of"}
    assert measure(trees, 40, on=TODAY).value == 40


@pytest.mark.parametrize("number", ["96000000", "185000.5", "31210000000.1234"])
def test_a_number_is_kept_to_its_last_digit(trees, number):
    made = measure(trees, number)
    made.refresh_from_db()
    assert made.value == Decimal(number)


def test_a_number_of_more_digits_than_are_kept_is_refused(trees):
    with pytest.raises(ValidationError) as refused:
        measure(trees, "123456789012.3456")
    assert set(refused.value.error_dict) == {"value"}


@pytest.mark.parametrize("status", Status)
def test_partners_file_values_and_evidence_while_the_work_is_on(
    officer, agreement, alba, alice, status
):
    task = enter_task(agreement, by=officer, lead=alba, status=status)
    for part in (
        Measurement(indicator=enter_indicator(task)),
        Document(agreement=agreement, task=task),
    ):
        assert access.may(officer, "create", part) is None
        refusal = access.may(alice, "create", part)
        assert (refusal is None) == (status in REPORTABLE)
        assert refusal is None or refusal.guard == f"status_{status}"


# never half-written


def kept(task):
    return (
        ProgressReport.objects.count(),
        Measurement.objects.count(),
        Document.objects.count(),
        Event.objects.count(),
        progress_of(task),
        task.status,
    )


def foreign_indicator(task, alba):
    other = enter_task(task.agreement, by=None, lead=alba, status=Status.ACCEPTED)
    return enter_indicator(other, target=Decimal(10))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"share": 101}, "share"),
        ({"share": -1}, "share"),
        ({"files": [("virus.exe", b"MZ")]}, "files"),
        ({"files": [("ok.txt", b"fine"), ("page.pdf", b"<html>")]}, "files"),
        ({"values": [Decimal("1e30")]}, "values.{id}"),
        ({"values": [Decimal("NaN")]}, "values.{id}"),
        ({"values": [Decimal(10), Decimal("0.0000001")]}, "values.{id}"),
    ],
)
def test_a_report_of_which_one_part_is_refused_is_kept_in_no_part(
    officer, task, trees, wrong, field
):
    before = kept(task)
    facts = dict(wrong)
    if "files" in wrong:
        facts["files"] = [paper(name, content) for name, content in wrong["files"]]
    if "values" in wrong:
        facts["values"] = [(trees, value) for value in wrong["values"]]
    with pytest.raises(ValidationError) as refused:
        report(task, by=officer, on=FIRST, **{"text": "Dug", **facts})
    assert set(refused.value.error_dict) == {field.format(id=trees.public_id)}
    assert kept(task) == before


def test_a_report_does_not_measure_another_task(officer, task, trees, alba):
    other = foreign_indicator(task, alba)
    before = kept(task)
    values = [(trees, Decimal(1)), (other, Decimal(5))]
    with pytest.raises(ValidationError) as refused:
        report(task, by=officer, on=FIRST, values=values)
    assert set(refused.value.error_dict) == {"values"}
    assert kept(task) == before


# corrections


def test_a_second_value_for_the_same_day_corrects_the_first(officer, task, trees):
    report(task, by=officer, on=FIRST, values=[(trees, Decimal(40))])
    second = report(task, by=officer, on=FIRST, values=[(trees, Decimal(30))])
    measurement = trees.measurements.get()
    assert (measurement.value, measurement.report, task.progress) == (Decimal(30), second, 3000)
    assert [event.verb for event in Event.objects.of(measurement)] == ["create", "change"]


def test_typing_a_second_value_for_a_day_is_refused_with_advice(trees):
    measure(trees, 40)
    with pytest.raises(ValidationError) as refused:
        measure(trees, 50)
    assert refused.value.messages == ["There is already a value for this day: correct that one."]


def test_evidence_of_another_task_proves_nothing(officer, task, trees, alba):
    other = enter_task(task.agreement, by=officer, lead=alba, status=Status.ACCEPTED)
    evidence = report(other, by=officer, on=FIRST, files=[paper()]).evidence.get()
    with pytest.raises(ValidationError) as refused:
        Measurement.enter(
            by=officer, indicator=trees, as_of=FIRST, value=Decimal(1), evidence=evidence
        )
    assert set(refused.value.error_dict) == {"evidence"}


# progress keeps in step


def test_without_an_indicator_the_last_share_reported_counts(officer, task):
    report(task, by=officer, on=SECOND, share=60)
    report(task, by=officer, on=FIRST, share=20)
    assert progress_of(task) == 6000
    report(task, by=officer, on=date(2027, 2, 20), text="Rain")
    assert progress_of(task) == 6000
    report(task, by=officer, on=SECOND, share=50)
    assert progress_of(task) == 5000


def test_an_indicator_with_a_target_counts_instead_of_the_share(officer, task):
    report(task, by=officer, on=FIRST, share=60)
    without_target = enter_indicator(task)
    assert progress_of(task) == 6000
    indicator = enter_indicator(task, target=Decimal(100))
    assert progress_of(task) == 0
    measure(indicator, 25)
    assert progress_of(task) == 2500
    indicator.remove(by=officer)
    assert progress_of(task) == 6000
    assert without_target.attainment() is None


def test_indicators_count_by_their_weight(task):
    heavy = enter_indicator(task, target=Decimal(10), weight=Decimal(3))
    light = enter_indicator(task, target=Decimal(10), weight=Decimal(1))
    measure(heavy, 10)
    assert progress_of(task) == 7500
    measure(light, 5)
    assert progress_of(task) == 8750


def test_every_change_of_indicator_or_measurement_brings_progress_in_step(officer, task, trees):
    first, second = measure(trees, 20, FIRST), measure(trees, 50, SECOND)
    steps = [
        (lambda: None, 5000),
        (lambda: second.edit(by=officer, value=Decimal(60)), 6000),
        (lambda: trees.edit(by=officer, target=Decimal(120)), 5000),
        (lambda: trees.edit(by=officer, aggregation="sum"), 6667),
        (lambda: trees.edit(by=officer, aggregation="average"), 3333),
        (lambda: trees.edit(by=officer, baseline=Decimal(30)), 1111),
        (lambda: first.edit(by=officer, as_of=date(2027, 2, 16)), 1111),
        (lambda: trees.edit(by=officer, aggregation="latest", baseline=None), 1667),
        (lambda: first.remove(by=officer), 5000),
        (lambda: second.remove(by=officer), 0),
    ]
    for step, share in steps:
        step()
        assert progress_of(task) == share


def test_a_completed_task_stays_whole_whatever_is_measured(officer, task, trees):
    task.submit(by=officer, on=FIRST)
    task.verify(by=officer, on=FIRST)
    measure(trees, 10)
    assert progress_of(task) == WHOLE


def test_keeping_progress_in_step_is_no_change_of_the_task(task, trees):
    task.refresh_from_db()
    version = task.version
    events = Event.objects.of(task).count()
    measure(trees, 10)
    task.refresh_from_db()
    assert (task.version, Event.objects.of(task).count()) == (version, events)


# facts


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"),
        ({"unit": ""}, "unit"),
        ({"lower": Decimal(1)}, "lower"),
        ({"direction": "within", "target": Decimal(5), "lower": Decimal(6)}, "lower"),
        ({"weight": Decimal(-1)}, "weight"),
        ({"direction": "sideways"}, "direction"),
        ({"aggregation": "median"}, "aggregation"),
    ],
)
def test_facts_that_cannot_be_are_refused_at_their_field(task, facts, field):
    with pytest.raises(ValidationError) as refused:
        enter_indicator(task, **facts)
    assert set(refused.value.error_dict) == {field}


def test_a_value_is_written_with_its_unit_and_without_empty_decimals(task):
    indicator = enter_indicator(task, name="Length", unit="km")
    measurement = measure(indicator, "1200.5000")
    measurement.refresh_from_db()
    assert str(measurement) == "1200.5 km"
