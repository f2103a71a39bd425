"""Scenes for the tests of the portal: an agreement with everything in it, and its addresses."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from actors.models import Organization, Person, User
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.handover import Side
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import (
    AgendaItem,
    Agreement,
    Article,
    Consultation,
    ConsultationSeries,
    Decision,
    Document,
    ExtensionRequest,
    GroupMembership,
    Handover,
    Indicator,
    LiaisonAbsence,
    LiaisonAppointment,
    LiaisonAttestation,
    Milestone,
    Minutes,
    Notice,
    Party,
    Phase,
    RotationChange,
    SpecialGroup,
    Task,
)
from agreements.notices import tell
from agreements.portal.urls import TABS
from agreements.tasks import Status
from governance import clock
from tests.cast import SIGNED, TODAY, enter_rotation, enter_task

ABSENT = "00000000-0000-4000-8000-000000000000"
DUE = date(2027, 6, 30)


@dataclass(frozen=True)
class Scene:
    """The things of one furnished agreement between Alba and Brook."""

    agreement: Agreement
    task: Task
    indicator: Indicator
    consultation: Consultation
    group: SpecialGroup
    document: Document
    party: Party
    appointment: LiaisonAppointment
    absence: LiaisonAbsence
    attestation: LiaisonAttestation
    notice: Notice
    handover: Handover
    change: RotationChange
    item: AgendaItem
    decision: Decision
    minutes: Minutes
    extension: ExtensionRequest


def signed_in(user: User) -> Client:
    """A browser with the user's session, who reads English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def read(answer: Any) -> str:
    """The whole answer as text: of a workbook its cells; a file is read to its end, and closed."""
    if "spreadsheet" in answer.headers.get("Content-Type", ""):
        sheets = load_workbook(BytesIO(answer.getvalue()))
        return " ".join(str(value) for sheet in sheets for row in sheet.values for value in row)
    if not answer.streaming:
        return str(answer.content.decode())
    return b"".join(answer.streaming_content).decode("latin-1")


def pdf(
    name: str = "evidence.pdf", content: bytes = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def furnish(agreement: Agreement, alba: Organization, brook: Organization, *, by: Any) -> Scene:
    """Give the agreement one of everything; Alba leads the task and the group, Brook helps."""
    whose = {"by": by, "agreement": agreement}
    article = Article.enter(number="4", title="Clean water", **whose)
    phase = Phase.enter(name="First phase", starts_on=SIGNED, ends_on=date(2027, 1, 1), **whose)
    Milestone.enter(name="Mid-term review", due_on=date(2027, 4, 1), phase=phase, **whose)
    group = SpecialGroup.enter(name="Water group", lead=alba, mandate="Keep it clean.", **whose)
    GroupMembership.enter(by=by, group=group, organization=alba)
    task = enter_task(
        agreement,
        by=by,
        status=Status.ASSIGNED,
        title="Clean the river",
        title_zh="治理河流",
        article=article,
        phase=phase,
        group=group,
        lead=alba,
        cooperating=[brook],
        due_on=DUE,
    )
    indicator = Indicator.enter(
        by=by, task=task, name="Clean banks", unit="km", baseline=Decimal(0), target=Decimal(42)
    )
    rotation = enter_rotation(agreement, brook, alba, by=by)
    # From Brook to Alba: a boundary that has come, so that there is something to sign.
    handover = Handover.enter(by=by, on=SIGNED, rotation=rotation, boundary_on=date(2026, 7, 1))
    change = rotation.change(
        Kind.ASSIGN,
        by=by,
        on=clock.today(),
        facts={"term_on": "2029-07-01", "organization": [str(brook.public_id)]},
        decided_by="The second consultation",
        reason="Brook asked for it",
    )
    rotation.revoke(change, by=by, on=clock.today())
    series = ConsultationSeries.enter(
        name="Quarterly consultation", times=1, cadence="quarter", **whose
    )
    consultation = Consultation.enter(
        series=series,
        starts_at=datetime(2027, 3, 20, 6, tzinfo=UTC),
        ends_at=datetime(2027, 3, 20, 8, tzinfo=UTC),
        place="Town hall",
        **whose,
    )
    document = Document.file(pdf("signed.pdf"), kind="signed_text", title="Signed text", **whose)
    party = agreement.party_set.get(organization=alba)
    appointment = appoint(party, alba, by=by)
    absence = LiaisonAbsence.enter(by=by, appointment=appointment, starts_on=DUE)
    attestation = LiaisonAttestation.enter(by=by, appointment=appointment, asked_on=SIGNED)
    (notice,) = tell(
        "announcement",
        on=TODAY,
        about=task,
        parties=[party],
        subject="Clean rivers begin",
        text="Alba begins to clean the river.",
        **whose,
    )
    return Scene(
        agreement,
        task,
        indicator,
        consultation,
        group,
        document,
        party,
        appointment,
        absence,
        attestation,
        notice,
        handover,
        change,
        AgendaItem.propose(
            consultation, by=by, on=SIGNED, title="Noise at night", proposed_by=alba, task=task
        ),
        *_decided(series, by=by),
        _asked(task, by=by),
    )


def _asked(task: Task, *, by: Any) -> ExtensionRequest:
    """More time that the lead asked for and no longer wants."""
    made = ExtensionRequest.ask(task, by=by, on=TODAY, due_on=date(2027, 9, 30), reason="Floods")
    return made.withdraw(by=by, on=TODAY)


def _decided(series: ConsultationSeries, *, by: Any) -> tuple[Decision, Minutes]:
    """What a meeting some days ago decided, and its minutes."""
    meeting = Consultation.enter(
        by=by,
        agreement=series.agreement,
        series=series,
        title="Meeting in winter",
        starts_at=datetime(2027, 2, 20, 6, tzinfo=UTC),
    )
    meeting.convene(by=by, on=date(2027, 2, 10))
    day = date(2027, 2, 20)
    made = decide(meeting, by=by, on=day, text="Keep the banks clean.")
    return made, Minutes.draft(meeting, by=by, on=day, text="The banks are to be kept clean.")


def appoint(party: Party, organization: Organization, *, by: Any) -> LiaisonAppointment:
    """Somebody who holds a post there becomes the party's liaison officer."""
    person = Person.objects.filter(appointments__organization=organization).first()
    person = person or Person.enter(by=by, name="Olive Office", email="olive@example.org")
    return LiaisonAppointment.enter(
        by=by, party=party, person=person, rank=Rank.PRIMARY, starts_on=SIGNED
    )


def addresses_of(scene: Scene) -> dict[str, tuple[str, dict[str, str]]]:
    """Every address about an object: the name of the url, its arguments with the object's id.

    A verb's address is there once for each verb.
    """
    found: dict[str, tuple[str, dict[str, str]]] = {}

    def add(name: str, obj: Any, **more: str) -> None:
        key = " ".join((name, *more.values()))
        found[key] = (name, {"id": str(obj.public_id), **more})

    add("agreement", scene.agreement)
    for tab in TABS:
        add(f"agreement_{tab}", scene.agreement)
    add("task", scene.task)
    add("task_report", scene.task)
    add("ask_extension", scene.task)
    add("task_follow_up", scene.task)
    for name, obj in (
        ("task", scene.task),
        ("consultation", scene.consultation),
        ("group", scene.group),
        ("agenda_item", scene.item),
        ("decision", scene.decision),
        ("minutes", scene.minutes),
        ("extension", scene.extension),
    ):
        for verb in obj.lifecycle.transitions:
            add(f"{name}_verb", obj, verb=verb.replace("_", "-"))
    add("consultation", scene.consultation)
    add("consultation_file", scene.consultation)
    add("series_dates", scene.consultation.series)
    add("set_date", scene.consultation.series)
    add("extraordinary_consultation", scene.agreement)
    add("take_baseline", scene.agreement)
    add("new_series", scene.agreement)
    for name in ("propose", "decide", "meeting", "invite", "agenda_sheet"):
        add(name, scene.consultation)
    for name in ("minutes", "minutes_write"):
        add(name, scene.minutes.consultation)
    add("minutes_revision", scene.minutes.consultation, number="1")
    add("minutes_confirm", scene.minutes)
    for name in ("attendance", "attendance_state"):
        add(name, scene.consultation, organization=str(scene.party.organization.public_id))
    for name in ("agenda_item_edit", "agenda_item_move", "agenda_item_note"):
        add(name, scene.item)
    add("decision", scene.decision)
    add("decision_edit", scene.decision)
    add("group", scene.group)
    add("group_report", scene.group)
    add("join_group", scene.group)
    add("leave_group", scene.group.memberships.get())
    add("document", scene.document)
    for kind in Kind:
        add("change_rotation", scene.change.rotation, kind=kind.value)
    add("revoke_rotation_change", scene.change)
    add("confirm_term", scene.change.rotation.terms.order_by("starts_on")[0])
    add("appoint_liaison_officer", scene.party)
    add("relieve_liaison_officer", scene.appointment)
    add("succeed_officer", scene.appointment)
    add("report_absence", scene.appointment)
    add("come_back", scene.absence)
    add("withdraw_absence", scene.absence)
    add("attest", scene.attestation)
    add("accede", scene.party)
    add("withdraw", scene.party)
    add("handover", scene.handover)
    for side in Side.values:
        add("handover_note", scene.handover, side=side)
        add("handover_sign_off", scene.handover, side=side)
    add("open_notification", scene.notice)
    add("acknowledge_notification", scene.notice)
    return found


LISTS = (
    *("my_work", "agreement_list", "task_list", "notifications"),
    *("group_overview", "liaison_coverage", "attestation_list", "ledger"),
    "reports",
    *("my_organization", "profile", "calendar", "calendar_feeds"),
)


def every_address(scene: Scene) -> list[str]:
    """All addresses of the portal."""
    objects = [reverse(name, kwargs=kwargs) for name, kwargs in addresses_of(scene).values()]
    return [*(reverse(name) for name in LISTS), *objects]
