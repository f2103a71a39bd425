"""The cast of the tests: people, organizations and agreements, entered by the domain's own verbs.

Plain functions enter one thing each; the fixtures at the end are the people of the play. Alba and
Brook are districts that cooperate, Corva is a company that joins them now and then, and the
university of Dunes has no part in anything. Everything lies before ``TODAY``.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from actors.models import Appointment, Organization, Person, User
from actors.organization import Kind
from actors.user import Role
from agreements.agreement import Kind as AgreementKind
from agreements.agreement import Status
from agreements.mechanisms import convenor_entry, rotating_convenor
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.models import Agreement, Party, Task
from agreements.tasks import Status as TaskStatus
from governance import clock

TODAY = date(2027, 3, 1)
ENTERED, NEGOTIATED, SIGNED, IN_FORCE = (
    date(2026, 1, 5),
    date(2026, 1, 10),
    date(2026, 2, 1),
    date(2026, 2, 2),
)
SUSPENDED, ENDED = date(2026, 6, 1), date(2026, 12, 1)

ON_SIGNATURE = {"all_of": [{"type": "all", "act": "signed"}], "delay": {"kind": "on_trigger"}}

# The verbs that lead from a draft to each status, with the day of each.
WAYS: dict[str, list[tuple[str, date, dict[str, Any]]]] = {
    Status.DRAFT: [],
    Status.NEGOTIATING: [("negotiate", NEGOTIATED, {})],
}
WAYS[Status.SIGNED] = [*WAYS[Status.NEGOTIATING], ("sign", SIGNED, {"all_parties": True})]
WAYS[Status.IN_FORCE] = [*WAYS[Status.SIGNED], ("bring_into_force", IN_FORCE, {})]
WAYS[Status.SUSPENDED] = [*WAYS[Status.IN_FORCE], ("suspend", SUSPENDED, {"reason": "Flood"})]
WAYS[Status.ENDED] = [*WAYS[Status.IN_FORCE], ("terminate", ENDED, {"reason": "Done"})]
WAYS[Status.ABANDONED] = [*WAYS[Status.NEGOTIATING], ("abandon", SIGNED, {"reason": "No money"})]

TASK_WAYS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    TaskStatus.PLANNED: [],
    TaskStatus.ASSIGNED: [("assign", {})],
}
TASK_WAYS[TaskStatus.ACCEPTED] = [*TASK_WAYS[TaskStatus.ASSIGNED], ("accept", {})]
TASK_WAYS[TaskStatus.IN_PROGRESS] = [*TASK_WAYS[TaskStatus.ACCEPTED], ("start", {})]
TASK_WAYS[TaskStatus.SUBMITTED] = [*TASK_WAYS[TaskStatus.IN_PROGRESS], ("submit", {})]
TASK_WAYS[TaskStatus.RETURNED] = [
    *TASK_WAYS[TaskStatus.SUBMITTED],
    ("send_back", {"reason": "Half done"}),
]
TASK_WAYS[TaskStatus.COMPLETED] = [*TASK_WAYS[TaskStatus.SUBMITTED], ("verify", {})]
TASK_WAYS[TaskStatus.SUSPENDED] = [
    *TASK_WAYS[TaskStatus.IN_PROGRESS],
    ("suspend", {"reason": "Winter"}),
]
TASK_WAYS[TaskStatus.CANCELLED] = [
    *TASK_WAYS[TaskStatus.IN_PROGRESS],
    ("cancel", {"reason": "Not needed"}),
]


def enter_organization(name: str, kind: str = Kind.GOVERNMENT, **facts: Any) -> Organization:
    return Organization.enter(by=None, name=name, kind=kind, **facts)


def enter_person(name: str, organization: Organization | None = None, **period: Any) -> Person:
    """A person, with a post in the organization where one is named."""
    made = Person.enter(by=None, name=name, email=f"{name.lower().replace(' ', '.')}@example.org")
    if organization is not None:
        Appointment.enter(
            by=None, person=made, organization=organization, post="Director", **period
        )
    return made


def enter_user(username: str, role: str, **facts: Any) -> User:
    return User.objects.create_user(username, password=None, role=role, **facts)


def enter_partner(username: str, organization: Organization) -> User:
    """A partner who holds a post in the organization."""
    return enter_user(username, Role.PARTNER, person=enter_person(username.title(), organization))


def again(user: User) -> User:
    """The user as the next request finds them."""
    return User.objects.get(pk=user.pk)


def enter_agreement(
    *organizations: Organization, by: Any, status: str = Status.DRAFT, **facts: Any
) -> Agreement:
    """An agreement between the organizations, brought to the status by its verbs."""
    facts = {
        "title": "Clean rivers",
        "kind": AgreementKind.FRAMEWORK,
        "entry_into_force": ON_SIGNATURE,
        **facts,
    }
    made = Agreement.enter(by=by, on=ENTERED, **facts)
    for position, organization in enumerate(organizations, 1):
        enter_party(made, organization, by=by, position=position)
    for verb, on, details in WAYS[status]:
        getattr(made, verb)(by=by, on=on, **details)
    return made


def enter_party(agreement: Agreement, organization: Organization, **facts: Any) -> Party:
    by = facts.pop("by", None)
    return Party.enter(by=by, agreement=agreement, organization=organization, **facts)


def enter_task(
    agreement: Agreement, *, by: Any, status: str = TaskStatus.PLANNED, **facts: Any
) -> Task:
    """A task brought to the status by its verbs, all on the day of signature."""
    helpers = facts.pop("cooperating", [])
    facts = {"title": "Plant trees", "starts_on": SIGNED, **facts}
    made = Task.enter(by=by, on=SIGNED, agreement=agreement, cooperating=helpers, **facts)
    for verb, details in TASK_WAYS[status]:
        getattr(made, verb)(by=by, on=SIGNED, **details)
    return made


def enter_rotation(
    agreement: Agreement, *organizations: Organization, by: Any, on: date = SIGNED, **facts: Any
) -> Rotation:
    """A rotation of half-years from the first day of 2026, with a seat for each organization."""
    facts = {"length": 6, "starts_on": date(2026, 1, 1), **facts}
    seats = [{"organization": organization} for organization in organizations]
    return convenor_entry.enter_rotation(by=by, on=on, agreement=agreement, seats=seats, **facts)


@pytest.fixture
def today(db: None) -> Iterator[date]:
    """The clock stands at noon of ``TODAY``."""
    with clock.fixed(TODAY):
        yield TODAY


@pytest.fixture
def short_horizon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms are laid down three years ahead instead of ten: the same, but quicker."""
    monkeypatch.setattr(rotating_convenor, "HORIZON_MONTHS", 36)


@pytest.fixture
def officer(today: date) -> User:
    return enter_user("officer", Role.SECRETARIAT)


@pytest.fixture
def administrator(today: date) -> User:
    return enter_user("administrator", Role.ADMINISTRATOR)


@pytest.fixture
def auditor(today: date) -> User:
    return enter_user("auditor", Role.AUDITOR)


@pytest.fixture
def alba(today: date) -> Organization:
    return enter_organization("Alba District", name_zh="阿尔巴区")


@pytest.fixture
def brook(today: date) -> Organization:
    return enter_organization("Brook District", name_zh="布鲁克区")


@pytest.fixture
def corva(today: date) -> Organization:
    return enter_organization("Corva Ltd", Kind.ENTERPRISE)


@pytest.fixture
def dunes(today: date) -> Organization:
    return enter_organization("University of Dunes", Kind.UNIVERSITY)


@pytest.fixture
def alice(alba: Organization) -> User:
    """Partner: of Alba."""
    return enter_partner("alice", alba)


@pytest.fixture
def bob(brook: Organization) -> User:
    """Partner: of Brook."""
    return enter_partner("bob", brook)


@pytest.fixture
def cora(corva: Organization) -> User:
    """Partner: of Corva."""
    return enter_partner("cora", corva)


@pytest.fixture
def stranger(dunes: Organization) -> User:
    """Partner: of the university that has no part in anything."""
    return enter_partner("stranger", dunes)


@pytest.fixture
def client_of_alba(alba: Organization) -> User:
    return enter_user("client-of-alba", Role.CLIENT, organization=alba)


@pytest.fixture
def free_client(today: date) -> User:
    """An integration client of no organization."""
    return enter_user("free-client", Role.CLIENT)


@pytest.fixture
def agreement(officer: User, alba: Organization, brook: Organization) -> Agreement:
    """In force between Alba and Brook."""
    return enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
