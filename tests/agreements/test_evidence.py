"""The checklist of evidence: a task is submitted when what it asks for is filed."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements import indicators, package
from agreements.agreement import Confidentiality
from agreements.documents import Kind
from agreements.models import Document, EvidenceRequirement, Task
from agreements.tasks import Status
from governance.lifecycle import Refused
from tests.agreements.portal_scenes import pdf, read, signed_in
from tests.api_stage import Caller
from tests.cast import ON_SIGNATURE, TODAY, again, enter_task


@pytest.fixture
def task(officer, agreement, alba):
    return enter_task(agreement, by=officer, status=Status.IN_PROGRESS, lead=alba)


def want(task, kind, number=1, **facts):
    return EvidenceRequirement.enter(by=None, task=task, kind=kind, number=number, **facts)


def file(task, kind):
    return Document.file(pdf(), by=None, agreement=task.agreement, task=task, kind=kind)


def test_without_a_checklist_nothing_is_missing(officer, task):
    task.submit(by=officer, on=TODAY)
    assert task.status == Status.SUBMITTED


def test_submission_is_refused_and_names_what_is_missing(officer, task):
    want(task, Kind.REPORT)
    want(task, Kind.EVIDENCE, 2)
    file(task, Kind.EVIDENCE)
    with pytest.raises(Refused) as refused:
        task.submit(by=officer, on=TODAY)
    assert refused.value.guard == "evidence_missing"
    told = "Evidence is missing: Report (0 of 1 filed), Evidence (1 of 2 filed)."
    assert str(refused.value) == told
    file(task, Kind.REPORT)
    file(task, Kind.EVIDENCE)
    file(task, Kind.EVIDENCE)
    task.submit(by=officer, on=TODAY)


def test_evidence_of_another_task_counts_for_nothing(officer, agreement, task):
    want(task, Kind.REPORT)
    file(enter_task(agreement, by=officer), Kind.REPORT)
    assert task.missing_evidence()


@pytest.mark.parametrize("number", [0, -1])
def test_a_line_wants_something(task, number):
    with pytest.raises(ValidationError) as refused:
        want(task, Kind.REPORT, number)
    assert "number" in refused.value.error_dict


def test_a_kind_stands_on_a_checklist_once(task):
    want(task, Kind.REPORT)
    with pytest.raises(ValidationError):
        want(task, Kind.REPORT)


def test_a_report_files_its_papers_as_the_kind_it_says(officer, task):
    want(task, Kind.REPORT)
    indicators.report(task, by=officer, on=TODAY, files=[pdf()], files_are=Kind.REPORT)
    assert not task.missing_evidence()


def test_the_pages_tell_what_is_wanted_and_ask_for_its_kind(alice, task):
    want(task, Kind.REPORT, note="The certificate of acceptance")
    client = signed_in(alice)
    page = read(client.get(f"/tasks/{task.public_id}/"))
    assert "The certificate of acceptance" in page
    assert "0 of 1 filed" in page
    assert "Evidence is missing: Report" in page
    said = {"on": TODAY.isoformat(), "text": "Done", "files_are": "report", "evidence": [pdf()]}
    client.post(f"/tasks/{task.public_id}/report/", said)
    assert not Task.objects.get(pk=task.pk).missing_evidence()


def test_over_the_api_the_secretariat_keeps_the_checklist(officer, alice, task):
    said = {"task": str(task.public_id), "kind": "report", "number": 2}
    assert Caller(again(alice)).post("evidence-requirements/", said).status_code == 403
    made = Caller(officer).post("evidence-requirements/", said)
    assert made.status_code == 201, made.bytes
    file(task, Kind.REPORT)
    found = Caller(again(alice)).get(f"evidence-requirements/{made.json()['id']}/").json()
    assert (found["number"], found["filed"]) == (2, 1)
    refused = Caller(again(alice)).post(f"tasks/{task.public_id}/submit/")
    assert (refused.status_code, refused.json()["guard"]) == (409, "evidence_missing")


def test_what_the_secretariat_keeps_to_itself_is_counted_for_nobody_else(officer, alice, task):
    line = want(task, Kind.REPORT)
    Document.file(
        pdf(), by=None, agreement=task.agreement, task=task, kind=Kind.REPORT,
        confidentiality=Confidentiality.SECRETARIAT,
    )  # fmt: skip
    path = f"evidence-requirements/{line.public_id}/"
    for user, filed, told in ((officer, 1, "1 of 1"), (alice, 0, "0 of 1")):
        assert Caller(again(user)).get(path).json()["filed"] == filed
        page = signed_in(again(user)).get(reverse("task", kwargs={"id": task.public_id}))
        assert told in read(page)


def test_a_package_brings_checklists_and_loading_it_twice_changes_nothing(officer):
    told = {
        "organizations": [{"key": "up", "name": "Up", "kind": "government"}],
        "agreement": {"title": "R", "kind": "cooperation", "entry_into_force": ON_SIGNATURE},
        "parties": [{"organization": "up"}],
        "tasks": [{"title": "Dredge", "evidence_wanted": [{"kind": "report", "number": 2}]}],
    }
    package.load(told, by=officer, on=TODAY)
    assert EvidenceRequirement.objects.get().number == 2
    assert package.load(told, by=officer, on=TODAY).changes_nothing
