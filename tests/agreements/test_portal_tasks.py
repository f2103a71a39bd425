"""The task page, its verbs, and reporting progress."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from actors.models import Organization, User
from agreements.models import Agreement, Document, Indicator, Measurement, Task
from agreements.tasks import Status
from governance.record import Door, Event
from tests.agreements.portal_scenes import ABSENT, Scene, furnish, pdf, read, signed_in
from tests.cast import TODAY, enter_task


@pytest.fixture
def scene(
    agreement: Agreement, alba: Organization, brook: Organization, alice: User, officer: User
) -> Scene:
    return furnish(agreement, alba, brook, by=officer)


@pytest.fixture
def task(scene: Scene) -> Task:
    return scene.task


@pytest.fixture
def alices(alice: User) -> Client:
    return signed_in(alice)


def page_of(client: Client, task: Task) -> str:
    return read(client.get(reverse("task", kwargs={"id": task.public_id})))


def do(client: Client, task: Task, verb: str, follow: bool = True, **data: object) -> str:
    """What the browser shows after the verb was sent."""
    kwargs = {"id": task.public_id, "verb": verb}
    return read(client.post(reverse("task_verb", kwargs=kwargs), data, follow=follow))


def report_path(task: Task) -> str:
    return reverse("task_report", kwargs={"id": task.public_id})


def field_of(indicator: Indicator) -> str:
    return f"value_{indicator.public_id.hex}"


def brought_to(task: Task, status: str, officer: User) -> Task:
    """The task, taken by its lead from assigned to the status."""
    for verb in {
        Status.ACCEPTED: ["accept"],
        Status.IN_PROGRESS: ["accept", "start"],
        Status.SUBMITTED: ["accept", "start", "submit"],
    }[Status(status)]:
        getattr(task, verb)(by=officer, on=TODAY - timedelta(days=10))
    return task


# the page


def test_the_page_says_what_why_by_when_and_how_much_of_how_much(alices: Client, task: Task):
    page = page_of(alices, task)
    for words in (
        "Clean the river",
        "治理河流",
        "Article 4",
        "Clean water",
        "due 30 June 2027",
        "in 121 days",
        "42 km",
        "Not reported",
        "Alba District",
        "Brook District",
        "The secretariat",
    ):
        assert words in page, words


def test_a_late_task_says_how_late(alices: Client, officer: User, scene: Scene, alba: Organization):
    late = enter_task(
        scene.agreement,
        by=officer,
        status=Status.ACCEPTED,
        lead=alba,
        due_on=TODAY - timedelta(days=3),
    )
    page = page_of(alices, late)
    assert re.search(r'class="late">\s*3 days late', page)


def test_unknown_facts_are_said(alices: Client, officer: User, scene: Scene):
    bare = enter_task(scene.agreement, by=officer, starts_on=None)
    page = page_of(alices, bare)
    for words in ("Due date not known", "Not known which article it carries out", "Nobody named"):
        assert words in page, words


def test_the_next_step_of_the_lead_is_the_primary_button(alices: Client, task: Task, officer: User):
    assert re.search(r"button-primary[^>]*>Accept task", page_of(alices, task))
    brought_to(task, Status.ACCEPTED, officer)
    assert re.search(r"button-primary[^>]*>Report progress", page_of(alices, task))


def test_other_steps_say_why_they_are_not_possible(alices: Client, task: Task):
    page = page_of(alices, task)
    assert "Only the secretariat does this." in page
    assert "Not possible while the status is “Assigned”." in page


def test_the_page_is_read_in_chinese(alice: User, task: Task):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(alice)
    page = page_of(client, task)
    assert "<h1>治理河流</h1>" in page
    assert "2027年6月30日" in page


# verbs


def test_the_lead_accepts_with_one_press(alices: Client, task: Task, alice: User):
    page = do(alices, task, "accept", version=task.version)
    assert "You accepted the task “Clean the river”." in page
    task.refresh_from_db()
    assert (task.status, task.status_since) == (Status.ACCEPTED, TODAY)
    event = Event.objects.of(task).last()
    assert event is not None
    assert (event.verb, event.actor, event.door) == ("accept", alice, Door.PORTAL)


def test_a_verb_may_be_dated_back(alices: Client, task: Task):
    do(alices, task, "accept", on="2027-02-27", version=task.version)
    task.refresh_from_db()
    assert task.status_since == date(2027, 2, 27)


def test_a_verb_cannot_be_dated_ahead(alices: Client, task: Task):
    page = do(alices, task, "accept", on="2027-03-02", version=task.version)
    assert "This day is still to come" in page
    task.refresh_from_db()
    assert task.status == Status.ASSIGNED


def test_a_day_before_the_last_change_is_refused_at_its_field(alices: Client, task: Task):
    page = do(alices, task, "accept", on="2026-01-01", version=task.version)
    assert 'id="id_on_error"' in page
    assert 'value="2026-01-01"' in page


def test_what_the_state_forbids_is_answered_with_the_reason(alices: Client, task: Task):
    kwargs = {"id": task.public_id, "verb": "submit"}
    path = reverse("task_verb", kwargs=kwargs)
    for answer in (alices.get(path), alices.post(path, {"on": "2027-03-01"})):
        assert answer.status_code == 409
        assert "Not possible while the status is “Assigned”." in read(answer)


def test_a_change_meanwhile_is_said_and_what_was_typed_is_kept(officer: User, task: Task):
    brought_to(task, Status.SUBMITTED, officer)
    client, opened_on = signed_in(officer), task.version
    task.edit(by=officer, description="Mind the fish.")
    kwargs = {"id": task.public_id, "verb": "return"}
    answer = client.post(
        reverse("task_verb", kwargs=kwargs),
        {"on": "2027-03-01", "reason": "Photographs are missing.", "version": opened_on},
    )
    page = read(answer)
    assert answer.status_code == 409
    assert "Somebody else changed this meanwhile." in page
    assert "Photographs are missing." in page
    renewed = re.search(r'name="version" value="(\d+)"', page)
    assert renewed is not None
    page = do(
        client, task, "return", on="2027-03-01", reason="Photographs.", version=renewed.group(1)
    )
    assert "You returned the task" in page


def test_returning_needs_a_reason(officer: User, task: Task):
    brought_to(task, Status.SUBMITTED, officer)
    page = do(signed_in(officer), task, "return", on="2027-03-01", reason=" ")
    assert "Please give a reason." in page
    task.refresh_from_db()
    assert task.status == Status.SUBMITTED


def test_the_lead_reads_why_the_task_was_returned(alices: Client, officer: User, task: Task):
    brought_to(task, Status.SUBMITTED, officer)
    do(signed_in(officer), task, "return", on="2027-03-01", reason="Photographs are missing.")
    page = page_of(alices, task)
    assert "Photographs are missing." in page
    assert "it was returned: report what was still missing." in page


def test_the_secretariat_verifies(officer: User, task: Task):
    brought_to(task, Status.SUBMITTED, officer)
    client = signed_in(officer)
    assert re.search(r"button-primary[^>]*>Verify completion", page_of(client, task))
    assert "it is completed" in do(client, task, "verify", on="2027-03-01")
    task.refresh_from_db()
    assert task.status == Status.COMPLETED


def test_the_convenor_verifies_where_the_agreement_says_so(
    bob: User, officer: User, task: Task, scene: Scene
):
    brought_to(task, Status.SUBMITTED, officer)
    client = signed_in(bob)
    assert "Verify completion</a>" not in page_of(client, task)
    scene.agreement.refresh_from_db()
    scene.agreement.edit(by=officer, verification="convenor")
    holder = scene.agreement.rotations.get().terms.current(TODAY).get().holdings.get()
    assert str(holder.organization) == "Brook District"
    assert re.search(r"button-primary[^>]*>Verify completion", page_of(client, task))
    assert "it is completed" in do(client, task, "verify", on="2027-03-01")


def test_nobody_verifies_the_task_of_their_own_organization(
    alices: Client, officer: User, task: Task
):
    brought_to(task, Status.SUBMITTED, officer)
    assert "button-primary" not in page_of(alices, task)
    assert "it waits for verification" in page_of(alices, task)
    kwargs = {"id": task.public_id, "verb": "verify"}
    assert alices.post(reverse("task_verb", kwargs=kwargs)).status_code == 403


# reporting


def test_a_report_brings_words_a_value_and_evidence_at_once(
    alices: Client, task: Task, scene: Scene, alice: User, officer: User
):
    brought_to(task, Status.ACCEPTED, officer)
    answer = alices.post(
        report_path(task),
        {
            "on": "2027-02-28",
            "text": "The first stretch is clean.",
            field_of(scene.indicator): "10.5",
            "evidence": [pdf("before.pdf"), pdf("after.pdf", b"%PDF-1.7\n2 0 obj\n%%EOF\n")],
            "version": task.version,
        },
        follow=True,
    )
    page = read(answer)
    assert "Your report on “Clean the river” is filed: the task stands at 25%." in page
    for words in ("The first stretch is clean.", "10.5 km", "before.pdf", "after.pdf"):
        assert words in page, words
    report = task.reports.get()
    assert (report.reported_on, report.reported_by) == (date(2027, 2, 28), alice)
    assert report.evidence.count() == 2
    assert Measurement.objects.get().value == Decimal("10.5")
    task.refresh_from_db()
    assert task.status == Status.IN_PROGRESS


def test_the_cooperating_organization_reports_too(bob: User, officer: User, task: Task):
    brought_to(task, Status.IN_PROGRESS, officer)
    page = read(
        signed_in(bob).post(
            report_path(task), {"on": "2027-03-01", "text": "Our bank is done."}, follow=True
        )
    )
    assert "Our bank is done." in page


def test_an_empty_report_is_refused_at_the_words(alices: Client, task: Task, officer: User):
    brought_to(task, Status.IN_PROGRESS, officer)
    answer = alices.post(report_path(task), {"on": "2027-03-01", "text": " "})
    assert answer.status_code == 422
    assert 'id="id_text_error"' in read(answer)
    assert not task.reports.exists()


def test_what_was_typed_is_kept_and_files_are_asked_for_again(
    alices: Client, task: Task, scene: Scene, officer: User
):
    brought_to(task, Status.IN_PROGRESS, officer)
    answer = alices.post(
        report_path(task),
        {
            "on": "2027-03-01",
            "text": "The first stretch is clean.",
            field_of(scene.indicator): "ten",
            "evidence": [pdf()],
        },
    )
    page = read(answer)
    assert answer.status_code == 422
    for words in ("The first stretch is clean.", 'value="ten"', "Choose the files again"):
        assert words in page, words
    assert not Document.objects.filter(task=task).exists()


def test_a_file_of_another_kind_is_refused_at_the_files(alices: Client, task: Task, officer: User):
    brought_to(task, Status.IN_PROGRESS, officer)
    answer = alices.post(
        report_path(task),
        {"on": "2027-03-01", "text": "See the file.", "evidence": [pdf("virus.exe")]},
    )
    page = read(answer)
    assert 'id="id_evidence_error"' in page
    assert "Files of this kind are not accepted." in page
    assert not task.reports.exists()


def test_a_share_is_asked_for_only_without_a_target(
    alices: Client, task: Task, scene: Scene, officer: User, alba: Organization
):
    brought_to(task, Status.IN_PROGRESS, officer)
    assert 'name="share"' not in read(alices.get(report_path(task)))
    plain = enter_task(scene.agreement, by=officer, status=Status.IN_PROGRESS, lead=alba)
    assert 'name="share"' in read(alices.get(report_path(plain)))
    page = read(alices.post(report_path(plain), {"on": "2027-03-01", "share": "40"}, follow=True))
    assert "the task stands at 40%." in page


@pytest.mark.parametrize("share", ["101", "-1", "half"])
def test_a_share_outside_the_whole_is_refused_at_its_field(
    alices: Client, scene: Scene, officer: User, alba: Organization, share: str
):
    plain = enter_task(scene.agreement, by=officer, status=Status.IN_PROGRESS, lead=alba)
    page = read(alices.post(report_path(plain), {"on": "2027-03-01", "share": share}))
    assert 'id="id_share_error"' in page
    assert f'value="{share}"' in page


def test_a_stale_report_keeps_its_words(alices: Client, task: Task, officer: User):
    brought_to(task, Status.IN_PROGRESS, officer)
    opened_on = task.version
    task.edit(by=officer, description="Mind the fish.")
    answer = alices.post(
        report_path(task), {"on": "2027-03-01", "text": "Half done.", "version": opened_on}
    )
    page = read(answer)
    assert answer.status_code == 409
    assert "Half done." in page
    assert "Somebody else changed this meanwhile." in page
    assert not task.reports.exists()


def test_when_everything_is_reached_submitting_is_the_next_step(
    alices: Client, task: Task, scene: Scene, officer: User
):
    brought_to(task, Status.IN_PROGRESS, officer)
    page = read(
        alices.post(
            report_path(task), {"on": "2027-03-01", field_of(scene.indicator): "42"}, follow=True
        )
    )
    assert re.search(r"button-primary[^>]*>Submit for verification", page)
    assert "It now waits for verification." in do(alices, task, "submit", on="2027-03-01")


def test_a_task_not_yet_accepted_takes_no_report(alices: Client, task: Task):
    answer = alices.post(report_path(task), {"on": "2027-03-01", "text": "Done."})
    assert answer.status_code == 409
    assert not task.reports.exists()


# documents


def test_a_document_leaves_as_an_attachment_under_our_name_and_is_on_record(
    alices: Client, alice: User, scene: Scene
):
    answer = alices.get(reverse("document", kwargs={"id": scene.document.public_id}))
    assert read(answer).startswith("%PDF")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="{scene.agreement.reference}-signed_text-'
        f'{scene.document.public_id.hex[:8]}.pdf"'
    )
    event = Event.objects.of(scene.document).last()
    assert event is not None
    assert (event.verb, event.actor) == ("read", alice)


def test_a_document_for_the_secretariat_alone_does_not_exist_for_partners(
    alices: Client, officer: User, scene: Scene
):
    scene.document.edit(by=officer, confidentiality="secretariat")
    path = reverse("document", kwargs={"id": scene.document.public_id})
    assert alices.get(path).status_code == 404
    tab = reverse("agreement_documents", kwargs={"id": scene.agreement.public_id})
    assert "Signed text</a>" not in read(alices.get(tab))


def test_a_file_that_is_too_large_is_refused_at_its_field_and_the_words_are_kept(
    alices: Client, task: Task, officer: User, settings: Any
):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    brought_to(task, Status.ACCEPTED, officer)
    large = SimpleUploadedFile("photo.png", b"\x89PNG\r\n\x1a\n" + b"0" * (3 * 1024 * 1024))
    answer = alices.post(
        reverse("task_report", kwargs={"id": task.public_id}),
        {"on": TODAY.isoformat(), "text": "Both banks planted", "evidence": [large]},
    )
    page = read(answer)
    assert answer.status_code == 422
    assert "The file is larger than 1 MB." in page
    assert "Both banks planted" in page
    assert not task.reports.exists()


def test_what_is_hidden_has_the_page_of_what_is_not_there_also_while_debugging(
    alices: Client, task: Task, settings: Any
):
    settings.DEBUG = True
    answer = alices.get(reverse("task", kwargs={"id": ABSENT}))
    assert answer.status_code == 404
    assert "urlpatterns" not in read(answer)
