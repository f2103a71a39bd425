"""Every operation of the API against its own description, with generated requests.

Schemathesis makes requests that fit the description and such that do not, on ids that exist and
on others. Whatever comes in, the answer is one that the description names: its status, its type,
its headers, its shape; and never a failure of the server.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from actors.api import urls as actors_api
from actors.calendar_keeping import ensure_default
from agreements import package
from agreements.api import urls as agreements_api
from agreements.mechanisms.handing_over import open_handovers
from agreements.models import (
    CalendarFeed,
    Document,
    LiaisonAbsence,
    LiaisonAppointment,
    LiaisonAttestation,
    RotationChange,
    Task,
)
from agreements.notices import tell
from agreements.supervising import send_follow_up
from governance.tokens import Token
from tests.cast import TODAY

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
RESOURCES = {**actors_api.resources, **agreements_api.resources}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

WORLD: dict[str, Any] = {
    "regions": [{"key": "cq", "name": "Chongqing", "scheme": "gb_t_2260", "code": "500000"}],
    "content_areas": [{"key": "water", "name": "Water", "name_zh": "水"}],
    "organizations": [
        {"key": "upper", "name": "Upper District", "kind": "government", "region": "cq"},
        {"key": "lower", "name": "Lower District", "name_zh": "下游区", "kind": "government"},
    ],
    "people": [
        {
            "key": "wei",
            "name": "Wei",
            "email": "wei@upper.example.org",
            "appointments": [{"organization": "upper", "post": "Officer"}],
        }
    ],
    "agreement": {
        "title": "Agreement on the River",
        "title_zh": "河流协议",
        "kind": "cooperation",
        "content_areas": ["water"],
        "entry_into_force": {
            "all_of": [{"type": "all", "act": "signed"}],
            "delay": {"kind": "on_trigger"},
        },
        "acts": [
            {"verb": "negotiate", "on": "2026-01-10"},
            {"verb": "sign", "on": "2026-02-01", "all_parties": True},
            {"verb": "bring-into-force", "on": "2026-02-01"},
        ],
    },
    "articles": [{"number": "1", "title": "Convenor"}],
    "parties": [{"organization": "upper", "signatory": "wei"}, {"organization": "lower"}],
    "phases": [{"name": "First", "starts_on": "2026-01-01", "ends_on": "2027-01-01"}],
    "milestones": [{"name": "Begun", "phase": "First", "reached_on": "2026-02-02"}],
    "supervision_steps": [{"days": 3, "in_working_days": True, "action": "liaison"}],
    "special_groups": [
        {
            "key": "group",
            "name": "Banks",
            "topic": "water",
            "lead": "upper",
            "members": [{"organization": "upper"}, {"organization": "lower"}],
        }
    ],
    "rotations": [
        {
            "article": "1",
            "term": {"length": 6, "unit": "month"},
            "starts_on": "2026-01-01",
            "seats": [{"organization": "upper"}, {"organization": "lower"}],
            "changes": [{"kind": "swap", "term_on": "2028-07-01", "other_term_on": "2029-01-01"}],
        }
    ],
    "liaison_appointments": [{"party": "upper", "person": "wei", "starts_on": "2026-02-01"}],
    "consultation_series": [
        {
            "key": "series",
            "name": "Talks",
            "rrule": "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1TH",
            "starts_at": "14:00",
            "starts_on": "2026-03-01",
            "planned_from": "2026-03-01",
        }
    ],
    "consultations": [
        {
            "title": "Talks of March",
            "starts_at": "2026-03-12T10:00:00+08:00",
            "host": "upper",
            "acts": [
                {"verb": "propose", "on": "2026-03-02", "title": "Mud", "proposed_by": "lower"},
                {"verb": "convene", "on": "2026-03-03"},
                {"verb": "accept-item", "on": "2026-03-04", "item": "Mud"},
                {"verb": "register", "on": "2026-03-12", "organization": "upper"},
                {
                    "verb": "decide",
                    "on": "2026-03-12",
                    "item": "Mud",
                    "text": "Dredge.",
                    "positions": [{"organization": "lower", "stance": "for"}],
                    "tasks": [{"title": "Dredge", "lead": "lower"}],
                },
                {"verb": "close", "on": "2026-03-12"},
                {"verb": "minute", "on": "2026-03-13", "text": "All agreed."},
                {"verb": "circulate-minutes", "on": "2026-03-14"},
                {"verb": "confirm-minutes", "on": "2026-03-15", "organization": "lower"},
            ],
        }
    ],
    "tasks": [
        {
            "title": "Clean the river",
            "lead": "upper",
            "cooperating": ["lower"],
            "responsible": "wei",
            "phase": "First",
            "evidence_wanted": [{"kind": "report", "number": 1}],
            "starts_on": "2026-02-03",
            "due_on": "2027-12-31",
            "indicators": [
                {
                    "key": "km",
                    "name": "Cleaned",
                    "unit": "km",
                    "target": "12.5",
                    "measurements": [{"as_of": "2026-03-31", "value": "1.5"}],
                }
            ],
            "acts": [
                {"verb": "assign", "on": "2026-02-03"},
                {"verb": "accept", "on": "2026-02-05"},
                {"verb": "report", "on": "2026-06-30", "text": "Half.", "values": {"km": "4"}},
                {
                    "verb": "reschedule",
                    "on": "2026-07-01",
                    "due_on": "2028-01-15",
                    "cause": "funding",
                    "reason": "The grant came late.",
                },
                {
                    "verb": "ask-extension",
                    "on": "2026-07-01",
                    "due_on": "2028-03-31",
                    "reason": "Floods.",
                },
            ],
        },
        {"title": "Count the fish", "lead": "lower"},
    ],
    "task_dependencies": [
        {"predecessor": "Clean the river", "successor": "Count the fish", "lag": 5}
    ],
}


@pytest.fixture
def token(officer: Any) -> str:
    """An officer's token, in a world where each resource has rows."""
    loaded = package.load(WORLD, by=officer, on=TODAY)
    Document.file(
        SimpleUploadedFile("trees.pdf", PDF, content_type="application/pdf"),
        by=officer,
        on=TODAY,
        agreement=loaded.agreement,
        task=Task.objects.filter(agreement=loaded.agreement).first(),
        kind="evidence",
        title="Photographs",
    )
    tell(
        "announcement",
        by=officer,
        on=TODAY,
        agreement=loaded.agreement,
        about=loaded.agreement,
        parties=loaded.agreement.party_set.all(),
        subject="Water",
        text="The water rises.",
    )
    post = LiaisonAppointment.objects.get()
    LiaisonAbsence.enter(by=officer, on=TODAY, appointment=post, starts_on=TODAY)
    LiaisonAttestation.enter(by=officer, on=TODAY, appointment=post, asked_on=TODAY)
    CalendarFeed.issue(officer, by=officer, about="mine")
    ensure_default(on=TODAY)
    send_follow_up(
        Task.objects.get(title="Clean the river"),
        by=officer,
        on=TODAY,
        text="How far is it?",
        answer_by=TODAY,
    )
    open_handovers(date(2027, 6, 20))
    return Token.issue(officer, by=None)[1]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests leave the connection open, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def operations(token: str) -> list[Any]:
    schema = schemathesis.openapi.from_wsgi(
        "/api/schema/?format=json", whole(get_wsgi_application())
    )
    # A feed is asked for by its secret alone, and has tests of its own.
    return [
        operation
        for operation in (found.ok() for found in schema.get_all_operations())
        if "{secret}" not in operation.path
    ]


def whole(application: Any) -> Any:
    """The application, with its answers read and their files closed at once."""

    def read(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        answer = application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return read


def some_ids(model: Any) -> list[str]:
    """The ids of up to three rows."""
    return [str(key) for key in model._base_manager.values_list("public_id", flat=True)[:3]]


class Luck:
    """Puts ids that exist where any would do."""

    def __init__(self) -> None:
        models = {resource.model for resource in RESOURCES.values()}
        self.ids = {model: some_ids(model) for model in models}
        self.changes = some_ids(RotationChange)

    def bring(self, case: Any, luck: int) -> None:
        """Seven times of eight the request speaks of what there is."""
        if luck == 7:
            return
        resource = RESOURCES.get(case.path.removeprefix("/api/v1/").partition("/")[0])
        if resource is None:
            return
        mine = self.ids[resource.model]
        if "id" in case.path_parameters:
            case.path_parameters = {**case.path_parameters, "id": mine[luck % len(mine)]}
        if "change" in case.path_parameters:
            case.path_parameters["change"] = self.changes[0]
        if "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
        serializer = resource.serializer_class()
        models = {
            name: field.model
            for name, field in serializer.fields.items()
            if hasattr(field, "model")
        }
        if isinstance(case.body, dict):
            case.body = self._meant(case.body, models, luck)
        elif isinstance(case.body, list):
            case.body = [
                self._meant(one, models, luck) if isinstance(one, dict) else one
                for one in case.body
            ]

    def _meant(self, body: dict[str, Any], models: dict[str, Any], luck: int) -> dict[str, Any]:
        meant = dict(body)
        for name, model in models.items():
            known = self.ids.get(model)
            if known and isinstance(meant.get(name), str):
                meant[name] = known[luck % len(known)]
            elif known and isinstance(meant.get(name), list):
                meant[name] = known[: luck % 3]
        return meant


def failures_of(operation: Any, token: str, luck: Luck, examples: int) -> tuple[str, Counter[int]]:
    """What goes wrong with an operation, in words; and how often each status was answered."""
    statuses: Counter[int] = Counter()

    def call(case: Any, lucky: int) -> None:
        luck.bring(case, lucky)
        with transaction.atomic():
            answer = case.call_and_validate(
                headers={"Authorization": f"Bearer {token}"}, checks=CHECKS
            )
            transaction.set_rollback(True)
        statuses[answer.status_code] += 1

    told = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        if mode == GenerationMode.NEGATIVE and examples < 2:
            continue
        count = examples if mode == GenerationMode.POSITIVE else max(examples // 3, 1)
        run = settings(
            max_examples=count,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            deadline=None,
            database=None,
        )(given(case=operation.as_strategy(generation_mode=mode), lucky=st.integers(0, 7))(call))
        try:
            run()
        except FailureGroup as group:
            told += [f"{operation.label}: {one}" for one in group.exceptions]
        except Exception as broken:
            told.append(f"{operation.label}: {type(broken).__name__}: {broken}")
    return "\n".join(told), statuses


def run_all(operations: list[Any], token: str, examples: int) -> tuple[list[str], list[str]]:
    """What went wrong, and the operations of which no request ever succeeded."""
    luck = Luck()
    told, never = [], []
    for operation in operations:
        found, statuses = failures_of(operation, token, luck, examples)
        if found:
            told.append(found)
        if not any(200 <= status < 300 for status in statuses):
            never.append(operation.label)
    return told, never


@pytest.mark.slow
def test_whatever_comes_the_answer_is_described(operations: list[Any], token: str) -> None:
    assert len(operations) > 200
    told, never = run_all(operations, token, examples=6)
    assert told == [], "\n\n".join(told)
    # Random requests rarely fit the state; yet most operations must have been seen to work.
    assert len(never) < len(operations) / 6, never


@pytest.mark.soak
def test_for_longer(operations: list[Any], token: str) -> None:
    told, _never = run_all(operations, token, examples=200)
    assert told == [], "\n\n".join(told)


def test_there_are_rows_of_everything(token: str) -> None:
    assert [model.__name__ for model, ids in Luck().ids.items() if not ids] == []
