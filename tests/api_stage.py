"""The stage of the API's tests: who asks, what there is to ask for, and one of everything.

The lists are derived from the router: a resource that is not on the stage is a failing test.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db import models
from django.test import Client
from django.urls import URLPattern, get_resolver

from actors.api import urls as actors_api
from actors.models import (
    Appointment,
    Identifier,
    Organization,
    Person,
    Region,
    User,
    WorkingCalendar,
)
from actors.organization import Kind as OrganizationKind
from agreements import indicators
from agreements.agreement import Status
from agreements.api import urls as agreements_api
from agreements.documents import Kind as DocumentKind
from agreements.mechanisms.convenor_changes import Kind as ChangeKind
from agreements.models import (
    AgendaItem,
    Agreement,
    Article,
    Attendance,
    Baseline,
    CalendarFeed,
    Confirmation,
    Consultation,
    ConsultationSeries,
    ContentArea,
    ConvenorTerm,
    DateChange,
    Decision,
    Document,
    Escalation,
    EvidenceRequirement,
    ExtensionRequest,
    GroupMembership,
    Handover,
    Indicator,
    LiaisonAbsence,
    LiaisonAppointment,
    LiaisonAttestation,
    Measurement,
    Milestone,
    Minutes,
    Notice,
    Party,
    Phase,
    ProgressReport,
    Rotation,
    SpecialGroup,
    SupervisionStep,
    Task,
    TaskDependency,
)
from agreements.notices import tell
from agreements.supervising import send_follow_up
from governance.tokens import SCOPES, Token
from tests.cast import IN_FORCE, NEGOTIATED, ON_SIGNATURE, SIGNED, TODAY

RESOURCES: dict[str, Any] = {**actors_api.resources, **agreements_api.resources}
# Texts that mean something to a program.
_MEANT = {"email", "path", "code", "rrule", "time_zone", "reference", "sector", "number"}
ABSENT = "00000000-0000-4000-8000-000000000000"


class Caller:
    """A program that asks the API with a token."""

    def __init__(self, user: User | None, scopes: Any = SCOPES, **headers: str) -> None:
        if user is not None:
            self.token, key = Token.issue(user, by=None, scopes=scopes)
            headers = {"authorization": f"Bearer {key}", **headers}
        self.client = Client(headers=headers, raise_request_exception=False)

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """The answer to a request beneath ``/api/v1/``, its body read to the end."""
        body = {} if data is None else {"data": json.dumps(data)}
        content = {} if method in {"get", "head"} else {"content_type": "application/json"}
        if method in {"get", "head"}:
            body = {}
        address = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        answer = getattr(self.client, method)(address, headers=headers, **body, **content)
        answer.bytes = answer.getvalue()
        return answer

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("get", path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.ask("post", path, {} if data is None else data, **headers)

    def patch(self, path: str, data: Any, **headers: str) -> Any:
        return self.ask("patch", path, data, **headers)


def texts(model: type[models.Model], mark: str, *, without: Any = ()) -> dict[str, str]:
    """A marked text for every free text of the model."""
    return {
        field.name: f"{mark}-{field.name}"[: field.max_length or 200]
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and field.editable
        and not field.choices
        and field.name not in {*_MEANT, *without}
    }


def upload(mark: str) -> ContentFile:
    return ContentFile(f"{mark} in a file".encode(), name=f"{mark}.txt")


def set_the_stage(mark: str, officer: User, **facts: Any) -> dict[type[models.Model], Any]:
    """An agreement in force with one of everything, and ``mark`` in every text of it all."""
    by = {"by": officer}
    kinds = (OrganizationKind.GOVERNMENT, OrganizationKind.ENTERPRISE)
    one, two = (
        Organization.enter(**by, kind=kind, **texts(Organization, f"{mark}{place}"))
        for place, kind in enumerate(kinds)
    )
    identifier = Identifier.enter(
        **by, organization=one, scheme="url", value=f"https://{mark.lower()}.example.org/"
    )
    person = Person.enter(**by, **texts(Person, mark, without={"phone"}))
    post = Appointment.enter(**by, person=person, organization=one, **texts(Appointment, mark))
    agreement = Agreement.enter(
        **by,
        on=NEGOTIATED,
        kind="framework",
        entry_into_force=ON_SIGNATURE,
        **texts(Agreement, mark),
        **facts,
    )
    under = {**by, "agreement": agreement, "on": NEGOTIATED}
    parties = [
        Party.enter(**under, organization=each, signatory=person, **texts(Party, mark))
        for each in (one, two)
    ]
    article = Article.enter(**under, number="1", **texts(Article, mark))
    phase = Phase.enter(**under, **texts(Phase, mark))
    milestone = Milestone.enter(**under, phase=phase, **texts(Milestone, mark))
    group = SpecialGroup.enter(**under, article=article, lead=one, **texts(SpecialGroup, mark))
    member = GroupMembership.enter(
        **by, group=group, organization=two, **texts(GroupMembership, mark)
    )
    agreement.negotiate(**by, on=NEGOTIATED)
    agreement.sign(**by, on=SIGNED, all_parties=True)
    agreement.bring_into_force(**by, on=IN_FORCE, reason=f"{mark}-reason")
    task = Task.enter(
        **{**under, "on": SIGNED},
        article=article,
        group=group,
        phase=phase,
        lead=one,
        cooperating=[two],
        responsible=person,
        starts_on=SIGNED,
        due_on=date(2027, 12, 31),
        **texts(Task, mark),
    )
    task.assign(**by, on=SIGNED)
    task.accept(**by, on=SIGNED)
    baseline = Baseline.enter(
        **under,
        kind="revision",
        taken_on=SIGNED,
        reason=f"{mark}-reason",
        **texts(Baseline, mark, without={"reason"}),
    )
    task.edit(**by, due_on=date(2027, 12, 30), cause="other", reason=f"{mark}-reason", on=SIGNED)
    before = Task.enter(**{**under, "on": SIGNED}, lead=one, **texts(Task, f"{mark}before"))
    dependency = TaskDependency.enter(
        **by, predecessor=before, successor=task, lag=3, **texts(TaskDependency, mark)
    )
    indicator = Indicator.enter(**by, task=task, target=Decimal(10), **texts(Indicator, mark))
    document = Document.file(
        upload(f"{mark}doc"), **{**under, "kind": DocumentKind.EVIDENCE, "task": task},
        **texts(Document, mark),
    )  # fmt: skip
    report = indicators.report(
        task,
        **by,
        on=SIGNED,
        text=f"{mark}-text",
        values=[(indicator, Decimal(3))],
        documents=[document],
    )
    extension = ExtensionRequest.ask(
        task, **by, on=SIGNED, due_on=date(2028, 6, 30), **texts(ExtensionRequest, mark)
    )
    rotation = Rotation.enter(
        **{**under, "on": SIGNED}, length=6, starts_on=date(2026, 1, 1), **texts(Rotation, mark)
    )
    for place, each in enumerate((one, two), 1):
        rotation.seats.model.enter(
            **by, rotation=rotation, organization=each, position=place, sort_name=f"{mark}-{place}"
        )
    rotation.refresh_from_db()
    rotation.change(
        ChangeKind.SWAP,
        **by,
        on=TODAY,
        facts={"term_on": "2027-07-01", "other_term_on": "2028-01-01"},
        decided_by=f"{mark}-decided",
        reason=f"{mark}-reason",
    )
    handover = Handover.enter(
        **{**by, "on": TODAY}, rotation=rotation, boundary_on=date(2026, 7, 1)
    )
    for side in ("outgoing", "incoming"):
        handover.note(side, f"{mark}-{side}-note", **by, on=TODAY)
    series = ConsultationSeries.enter(**under, rotation=rotation, **texts(ConsultationSeries, mark))
    consultation = Consultation.enter(
        **under,
        series=series,
        host=one,
        starts_at=datetime(2026, 2, 1, 4, tzinfo=UTC),
        **texts(Consultation, mark),
    )
    item = AgendaItem.enter(
        **under, consultation=consultation, proposed_by=one, task=task, **texts(AgendaItem, mark)
    )
    consultation.convene(**by, on=SIGNED)
    attendance = Attendance.enter(
        **{**by, "on": SIGNED},
        consultation=consultation,
        organization=one,
        person=person,
        **texts(Attendance, mark),
    )
    decision = Decision.enter(
        **{**under, "on": SIGNED},
        consultation=consultation,
        agenda_item=item,
        decided_on=SIGNED,
        positions=[{"organization": two, "stance": "reserved", "note": f"{mark}-note"}],
        **texts(Decision, mark),
    )
    minutes = Minutes.enter(
        **{**by, "on": SIGNED}, consultation=consultation, **texts(Minutes, mark)
    )
    confirmation = Confirmation.enter(
        **{**by, "on": SIGNED},
        minutes=minutes,
        organization=one,
        sha256=minutes.sha256,
        confirmed_on=SIGNED,
        **texts(Confirmation, mark, without={"sha256"}),
    )
    liaison = LiaisonAppointment.enter(
        **by, party=parties[0], person=person, article=article, **texts(LiaisonAppointment, mark)
    )
    attestation = LiaisonAttestation.enter(**by, appointment=liaison, asked_on=TODAY)
    absence = LiaisonAbsence.enter(
        **by,
        appointment=liaison,
        starts_on=date(2027, 12, 1),
        **texts(LiaisonAbsence, mark),
    )
    (notice,) = tell(
        *("announcement",),
        **{**under, "on": TODAY},
        about=task,
        parties=parties[:1],
        subject=f"{mark}-subject",
        text=f"{mark}-text",
    )
    step = SupervisionStep.enter(**{**under, "on": SIGNED}, days=3, action="convenor")
    escalation = send_follow_up(
        task, **{**by, "on": TODAY}, text=f"{mark}-text", answer_by=date(2027, 12, 1)
    )
    agreement.refresh_from_db()
    task.refresh_from_db()
    return {
        Organization: one,
        Identifier: identifier,
        Person: person,
        Appointment: post,
        Region: None,
        WorkingCalendar: None,
        ContentArea: None,
        Agreement: agreement,
        Party: parties[0],
        Article: article,
        Phase: phase,
        Milestone: milestone,
        SpecialGroup: group,
        GroupMembership: member,
        Task: task,
        DateChange: task.date_changes.get(),
        Baseline: baseline,
        TaskDependency: dependency,
        Indicator: indicator,
        Document: document,
        ProgressReport: report,
        EvidenceRequirement: EvidenceRequirement.enter(
            **by, task=task, number=2, **texts(EvidenceRequirement, mark)
        ),
        ExtensionRequest: extension,
        Measurement: Measurement.objects.get(report=report),
        Rotation: rotation,
        ConvenorTerm: ConvenorTerm.objects.filter(rotation=rotation).order_by("starts_on")[0],
        Handover: handover,
        ConsultationSeries: series,
        Consultation: consultation,
        CalendarFeed: CalendarFeed.issue(
            officer, by=officer, about="agreement", agreement=agreement
        )[0],
        AgendaItem: item,
        Attendance: attendance,
        Decision: decision,
        Minutes: minutes,
        Confirmation: confirmation,
        LiaisonAppointment: liaison,
        LiaisonAbsence: absence,
        LiaisonAttestation: attestation,
        Notice: notice,
        SupervisionStep: step,
        Escalation: escalation,
    }


def shown(stage: dict[type[models.Model], Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, resource and object of each resource that has one on the stage."""
    for name, resource in RESOURCES.items():
        if stage[resource.model] is not None:
            yield name, resource, stage[resource.model]


def addresses_of(name: str) -> list[tuple[str, dict[str, str]]]:
    """The addresses of one resource: route and its actions by method."""
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/")
    v1 = next(one for one in api.url_patterns if str(one.pattern) == "v1/")
    return [
        (str(one.pattern), dict(one.callback.actions))
        for one in v1.url_patterns
        if isinstance(one, URLPattern)
        and str(one.pattern).split("/")[0] == name
        and hasattr(one.callback, "actions")
    ]


def operations_on(name: str, obj: Any) -> Iterator[tuple[str, str]]:
    """Method and address of every operation on one object of a resource."""
    for route, actions in addresses_of(name):
        if "<uuid:id>" in route:
            path = route.replace("<uuid:id>", str(obj)).replace("<uuid:change>", ABSENT)
            for method in actions:
                if method != "head":
                    yield method, path


def status_to(agreement: Agreement, status: Status) -> None:
    """Put an agreement back, as no verb would."""
    since = None if status == Status.DRAFT else agreement.negotiated_on
    Agreement.objects.filter(pk=agreement.pk).update(
        status=status, in_force_on=None, negotiated_on=since
    )
