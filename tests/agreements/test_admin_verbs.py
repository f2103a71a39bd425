"""The buttons of the back office: parties, tasks, rotations, meetings, documents."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from actors.models import User
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.models import (
    Consultation,
    ConsultationSeries,
    ConvenorTerm,
    Document,
    Indicator,
    LiaisonAppointment,
    Party,
    Rotation,
    RotationChange,
    Task,
)
from agreements.tasks import Status
from governance.record import Event
from tests.cast import enter_person, enter_rotation, enter_task
from tests.typed import errors, typed


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    """The officer's browser."""
    client.force_login(officer)
    return client


@pytest.fixture
def rotation(agreement: Any, alba: Any, brook: Any, officer: User) -> Rotation:
    return enter_rotation(agreement, alba, brook, by=officer)


def verb(obj: Any, name: str) -> str:
    return f"/secretariat/agreements/{obj._meta.model_name}/{obj.pk}/verb/{name}/"


def do(desk: Client, obj: Any, name: str, **said: Any) -> Any:
    """Open the page of a verb, say what it asks for, and send it; the object as it is then."""
    page = verb(obj, name)
    answer = desk.post(page, typed(desk.get(page)) | said)
    assert answer.status_code == 302, errors(answer)
    obj.refresh_from_db()
    return obj


# parties


def test_a_party_withdraws_with_all_that_follows(desk, rotation, alba, officer, agreement):
    party = Party.objects.get(organization=alba)
    LiaisonAppointment.enter(by=officer, party=party, person=enter_person("Ann", alba))
    task = enter_task(agreement, by=officer, lead=alba)

    page = desk.get(verb(party, "withdraw"))
    assert "Its seat leaves 1 rotation." in page.text
    assert "The appointment of 1 liaison officer ends." in page.text
    do(desk, party, "withdraw", on="2027-03-01", effective_on="2027-06-01", reason="Merged")

    task.refresh_from_db()
    assert party.withdrawn_on == date(2027, 6, 1) and task.needs_reassignment
    assert LiaisonAppointment.objects.get().ends_on == date(2027, 6, 1)
    assert RotationChange.objects.get().kind == "withdraw"


def test_a_withdrawal_cannot_take_effect_before_it_is_notified(desk, agreement):
    party = Party.objects.first()

    answer = desk.post(verb(party, "withdraw"), {"on": "2027-03-01", "effective_on": "2027-01-01"})

    assert "effective_on" in errors(answer)


def test_a_party_that_has_signed_does_not_sign_again(desk, agreement):
    party = Party.objects.first()
    page = desk.get(f"/secretariat/agreements/party/{party.pk}/change/")

    refused = {action["verb"]: action["reason"] for action in page.context_data["refused_verbs"]}
    assert refused["sign"] == "This party has signed already."
    answer = desk.post(verb(party, "sign"), {"on": "2027-03-01"})
    assert errors(answer)[""] == ["This party has signed already."]


def test_a_liaison_officer_is_relieved(desk, agreement, officer, alba):
    held = LiaisonAppointment.enter(
        by=officer, party=Party.objects.first(), person=enter_person("Ann", alba)
    )

    assert do(desk, held, "relieve", on="2027-03-02").ends_on == date(2027, 3, 2)


# tasks


def test_a_task_goes_its_way_by_buttons(desk, agreement, officer, alba):
    task = enter_task(agreement, by=officer)
    Indicator.enter(by=officer, task=task, name="Trees", unit="trees", target=100)

    do(desk, task, "assign", lead=alba.pk)
    do(desk, task, "accept")
    page = typed(desk.get(verb(task, "report")))
    (value,) = [name for name in page if name.startswith("values.")]
    do(desk, task, "report", **{value: "40", "text": "Forty trees"})
    assert (task.status, task.progress) == (Status.IN_PROGRESS, 4000)
    do(desk, task, "submit")
    do(desk, task, "return", reason="Sixty are missing")
    do(desk, task, "submit")
    do(desk, task, "verify")

    assert task.status == Status.COMPLETED and task.lead == alba


def test_a_report_brings_its_evidence(desk, agreement, officer, alba):
    task = enter_task(agreement, by=officer, lead=alba, status=Status.ACCEPTED)
    files = [SimpleUploadedFile("trees.txt", b"40 trees"), SimpleUploadedFile("more.csv", b"a,b")]

    do(desk, task, "report", share="40", text="Forty", files=files)

    assert sorted(document.name for document in task.evidence.all()) == ["more.csv", "trees.txt"]


def test_a_refused_report_keeps_what_was_typed(desk, agreement, officer, alba):
    task = enter_task(agreement, by=officer, lead=alba, status=Status.ACCEPTED)
    page = verb(task, "report")

    empty = desk.post(page, typed(desk.get(page)))
    wrong = desk.post(
        page, typed(desk.get(page)) | {"text": "Forty", "files": SimpleUploadedFile("x.exe", b"MZ")}
    )

    assert "text" in errors(empty) and "files" in errors(wrong)
    assert "Forty" in wrong.text and not Document.objects.exists()


def test_tasks_are_filtered_by_their_light(desk, agreement, officer, alba):
    enter_task(agreement, by=officer, lead=alba, title="Late", due_on=date(2026, 12, 31))
    enter_task(
        agreement,
        by=officer,
        lead=alba,
        title="Later",
        due_on=date(2028, 12, 31),
        starts_on=date(2027, 6, 1),
    )

    late = desk.get("/secretariat/agreements/task/?light=overdue").context_data["cl"].result_list

    assert [task.title for task in late] == ["Late"]
    page = desk.get("/secretariat/agreements/task/?o=2")
    assert "light-overdue" in page.text


# rotations


def test_a_swap_is_shown_before_it_is_recorded(desk, rotation, alba, brook):
    page = verb(rotation, "swap")
    sent = typed(desk.get(page)) | {"term": "2027-07-01", "other_term": "2028-01-01"}

    shown = desk.post(page, sent | {"_preview": "1"})

    differing = [row for row in shown.context_data["preview"]["rows"] if row.differs]
    assert len(differing) == 2 and "Brook District" in differing[0].before + differing[0].after
    assert not RotationChange.objects.exists()

    do(desk, rotation, "swap", term="2027-07-01", other_term="2028-01-01", decided_by="All")
    held = ConvenorTerm.objects.get(starts_on=date(2027, 7, 1)).holders.get()
    assert held == (brook if differing[0].after.startswith("Brook") else alba)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("assign", {"term": "2027-07-01"}),
        ("skip", {"term": "2027-07-01"}),
        ("extend", {"term": "2027-07-01", "ends_on": "2028-03-01", "realign": "on"}),
        ("vacate", {"term": "2027-07-01", "on_day": "2027-09-01", "then": "vacant"}),
        ("withdraw", {"effective_on": "2028-01-01", "then": "next"}),
        ("reorder", {"effective_on": "2028-01-01"}),
    ],
)
def test_every_change_is_recorded_from_its_page(desk, rotation, alba, name, said):
    if name == "assign":
        said = said | {"holder": [str(alba.public_id)]}
    if name == "withdraw":
        said = said | {"seat": str(alba.public_id)}

    do(desk, rotation, name, reason="Decided", **said)

    assert RotationChange.objects.get().kind == name


def test_a_newcomer_is_admitted(desk, rotation, agreement, corva, officer):
    Party.enter(by=officer, agreement=agreement, organization=corva, joined_on=date(2027, 1, 1))

    do(
        desk,
        rotation,
        "admit",
        newcomer=str(corva.public_id),
        effective_on="2027-07-01",
        after="end",
    )

    assert rotation.seats.get(organization=corva).admitted


def test_a_change_that_cannot_be_says_why(desk, rotation):
    page = verb(rotation, "extend")

    answer = desk.post(
        page, typed(desk.get(page)) | {"term": "2027-07-01", "ends_on": "2027-06-01"}
    )

    assert "must last a day at least" in errors(answer)["ends_on"][0]
    refused = desk.get(f"/secretariat/agreements/rotation/{rotation.pk}/change/").context_data
    assert (
        "follow the calendar"
        in {action["verb"]: action["reason"] for action in refused["refused_verbs"]}["end"]
    )


def test_a_change_is_revoked_and_a_term_confirmed(desk, rotation, alba):
    do(desk, rotation, "skip", term="2027-07-01", reason="Busy")
    change = RotationChange.objects.get()

    do(desk, change, "revoke", reason="Not busy after all")
    term = ConvenorTerm.objects.get(starts_on=date(2027, 1, 1))
    do(desk, term, "confirm")

    assert change.revoked_on == date(2027, 3, 1) and term.state == "confirmed"
    page = desk.get(f"/secretariat/agreements/rotation/{rotation.pk}/change/")
    assert "Revoked on" in page.text and "concord-now" in page.text


def test_a_rotation_without_seats_seats_the_parties(desk, agreement, officer, alba, brook):
    made = Rotation.enter(by=officer, agreement=agreement, length=6, starts_on=date(2027, 1, 1))

    do(desk, made, "seat-the-parties")

    assert [seat.organization for seat in made.seats.all()] == [alba, brook]


# consultations


def test_a_consultation_is_planned_called_put_off_and_closed(desk, agreement, officer):
    series = ConsultationSeries.enter(
        by=officer,
        agreement=agreement,
        rrule="FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=10",
        starts_on=date(2027, 3, 10),
        starts_at="14:00",
    )

    do(desk, series, "plan")
    first = Consultation.objects.order_by("starts_at").first()
    do(desk, first, "convene")
    do(desk, first, "postpone", reason="Flood", starts_at_0="2027-03-01", starts_at_1="09:00")
    do(desk, first, "convene")
    do(desk, first, "close")

    assert (first.status, first.held_on) == (ConsultationStatus.CLOSED, date(2027, 3, 1))


# documents


def test_a_document_is_filed_and_handed_out_as_a_file(desk, agreement, auditor, client):
    add = "/secretariat/agreements/document/add/"
    sent = typed(desk.get(add), agreement=agreement.pk, kind="annex", title="Map")
    sent["file"] = SimpleUploadedFile("map.txt", b"here be rivers")

    desk.post(add, sent)

    document = Document.objects.get()
    client.force_login(auditor)
    answer = client.get(f"/secretariat/agreements/document/{document.pk}/download/")
    assert b"".join(answer.streaming_content) == b"here be rivers"
    name = f"{agreement.reference}-annex-{document.public_id.hex[:8]}.txt"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    event = Event.objects.of(document).last()
    assert (event.verb, event.actor) == ("read", auditor)


def test_the_file_of_a_document_stays_and_what_is_said_of_it_changes(desk, agreement, officer):
    document = Document.file(
        SimpleUploadedFile("map.txt", b"rivers"), by=officer, agreement=agreement, kind="annex"
    )
    page = f"/secretariat/agreements/document/{document.pk}/change/"

    desk.post(page, typed(desk.get(page), title="Map"))

    document.refresh_from_db()
    assert (document.title, document.name) == ("Map", "map.txt")


def test_a_file_that_is_not_what_it_says_is_refused(desk, agreement):
    add = "/secretariat/agreements/document/add/"
    sent = typed(desk.get(add), agreement=agreement.pk, kind="annex")

    page = desk.post(add, sent | {"file": SimpleUploadedFile("map.pdf", b"not a pdf")})

    assert "file" in errors(page)
    nothing = desk.get("/secretariat/agreements/document/987/download/")
    assert nothing.status_code == 404


def test_task_dates_in_the_wrong_order_stand_at_their_field(desk, agreement, officer):
    task = enter_task(agreement, by=officer)
    page = f"/secretariat/agreements/task/{task.pk}/change/"

    answer = desk.post(page, typed(desk.get(page), due_on="2020-01-01"))

    assert "before it starts" in errors(answer)["due_on"][0]
    assert Task.objects.get().due_on is None


# days


@pytest.mark.parametrize("day", ["2027-03-02", "2099-01-01", "9999-12-31", "0001-01-01"])
def test_no_verb_is_dated_in_the_future_or_beyond_the_calendar(desk, agreement, day):
    page = verb(agreement, "suspend")
    answer = desk.post(page, typed(desk.get(page)) | {"on": day, "reason": "Flood"})
    assert answer.status_code == 200 and "on" in answer.context["form"].errors
    agreement.refresh_from_db()
    assert agreement.status == "in_force"
