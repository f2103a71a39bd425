"""Which rows exist for a user: the rule of each noun for partners, and the day of their leaving."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, Max, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from actors.models import (
    Appointment,
    CalendarDay,
    Identifier,
    Organization,
    Person,
    Region,
    User,
    WorkingCalendar,
)
from actors.user import Role
from agreements.agreement import Confidentiality
from agreements.mechanisms.handover import Handover
from agreements.mechanisms.special_group import Status as GroupStatus
from agreements.models import (
    AgendaItem,
    Agreement,
    Attendance,
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
    Indicator,
    LiaisonAppointment,
    LiaisonAttestation,
    Measurement,
    Minutes,
    Notice,
    Party,
    ProgressReport,
    Rotation,
    RotationChange,
    Seat,
    SpecialGroup,
    Task,
    TaskDependency,
)
from agreements.party import parties_among
from governance import clock
from governance.access.belonging import BELONGS, FROM_THE_START, HELD_ON
from governance.access.reader import oversees, own_organizations
from governance.periods import on_day
from governance.record import Event, object_type
from governance.tokens import Token

# Who reads a document is on record for those who oversee, and for nobody else.
READINGS = ("read", "download")


def visible_to(user: Any, model: type[Model]) -> Any:
    """The rows of ``model`` that exist for ``user``, as a queryset of the model's own kind."""
    rows: QuerySet[Any] = model._default_manager.all()
    if not user.is_authenticated or not user.is_active:
        return rows.none()
    if model in {Token, CalendarFeed}:
        everybodys = user.role in {Role.ADMINISTRATOR, Role.AUDITOR}
        return rows if everybodys else rows.filter(user=user)
    if oversees(user):
        return rows
    rule = PARTNER_RULES.get(model)
    if rule is not None:
        return rule(user, rows)
    if model in BELONGS:
        return rows.filter(_of_own_agreements(user, model))
    return rows.none()


def _shown(prefix: str = "") -> Q:
    """From the negotiation on, and not for the secretariat alone."""
    return Q(**{f"{prefix}negotiated_on__isnull": False}) & ~Q(
        **{f"{prefix}confidentiality": Confidentiality.SECRETARIAT}
    )


def _own_parties(user: Any) -> QuerySet[Any]:
    return Party.objects.filter(parties_among(own_organizations(user)))


def _agreements(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    mine = _own_parties(user).filter(agreement=OuterRef("pk"))
    return rows.filter(_shown(), Exists(mine))


def _of_own_agreements(user: Any, model: type[Model]) -> Any:
    path, dated = BELONGS[model]
    mine = _own_parties(user).filter(agreement=OuterRef(f"{path}_id"))
    if dated is None:
        return _shown(f"{path}__") & Exists(mine)
    day: Any = OuterRef(dated)
    if model in HELD_ON:
        day = Coalesce(OuterRef(HELD_ON[model]), day)
    dated_for_them = Exists(mine.filter(_still() | Q(withdrawn_on__gt=day)))
    if model in FROM_THE_START:
        return _shown(f"{path}__") & (dated_for_them | Q(joined_on__isnull=True) & Exists(mine))
    return _shown(f"{path}__") & dated_for_them


def _still() -> Q:
    """The parties that have not left by today."""
    return Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=clock.today())


def _open_to_the_invited(user: Any) -> Any:
    """In agreements that the user's organizations belong to or never did: who left is no guest."""
    mine = _own_parties(user).filter(agreement=OuterRef("agreement"))
    return _shown("agreement__") & (~Exists(mine) | Exists(mine.filter(_still())))


def _invited_tasks(user: Any) -> QuerySet[Any]:
    own = own_organizations(user)
    return Task.objects.of(own).filter(_open_to_the_invited(user))


def _tasks(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(_of_own_agreements(user, Task) | Q(pk__in=_invited_tasks(user).values("pk")))


def _dependencies(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Between tasks that both exist for the reader: a guest on one learns nothing of the other."""
    tasks = visible_to(user, Task).values("pk")
    return rows.filter(predecessor__in=tasks, successor__in=tasks)


def _under_tasks(path: str) -> Callable[[Any, QuerySet[Any]], QuerySet[Any]]:
    def rule(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        invited = Q(**{f"{path}__in": _invited_tasks(user).values("pk")})
        return rows.filter(_of_own_agreements(user, rows.model) | invited)

    return rule


def _documents(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    open_to_parties = ~Q(confidentiality=Confidentiality.SECRETARIAT)
    invited = Q(task__in=_invited_tasks(user).values("pk"))
    return rows.filter(open_to_parties, _of_own_agreements(user, Document) | invited)


def _invited_groups(user: Any) -> QuerySet[Any]:
    """Where the user's organizations are members, or were when the group was closed."""
    own = own_organizations(user)
    to_the_end = Q(group__status=GroupStatus.CLOSED, left_on=F("group__status_since"))
    members = GroupMembership.objects.filter(
        on_day(clock.today(), start="joined_on", end="left_on") | to_the_end, organization__in=own
    )
    return SpecialGroup.objects.filter(_open_to_the_invited(user), pk__in=members.values("group"))


def _groups(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    invited = Q(pk__in=_invited_groups(user).values("pk"))
    return rows.filter(_of_own_agreements(user, SpecialGroup) | invited)


def _under_groups(path: str) -> Callable[[Any, QuerySet[Any]], QuerySet[Any]]:
    """What is a group's own is seen by its members, too; the agreement's own has no group."""

    def rule(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        invited = Q(**{f"{path}__in": _invited_groups(user).values("pk")})
        return rows.filter(_of_own_agreements(user, rows.model) | invited)

    return rule


def _organizations(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    parties = visible_to(user, Party)
    tasks = visible_to(user, Task)
    members = visible_to(user, GroupMembership)
    attending = visible_to(user, Attendance)
    helping = Task.cooperating.through.objects.filter(task__in=tasks.values("pk"))
    return rows.filter(
        Q(pk__in=own_organizations(user))
        | Q(pk__in=parties.values("organization"))
        | Q(pk__in=parties.filter(signing_body__isnull=False).values("signing_body"))
        | Q(pk__in=tasks.filter(lead__isnull=False).values("lead"))
        | Q(pk__in=helping.values("organization"))
        | Q(pk__in=members.values("organization"))
        | Q(pk__in=attending.values("organization"))
    )


def _people(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    own = Appointment.objects.filter(organization__in=own_organizations(user))
    officers = visible_to(user, LiaisonAppointment)
    return rows.filter(
        Q(pk__in=own.values("person"))
        | Q(pk__in=officers.values("person"))
        | Q(pk=user.person_id or 0)
    )


def _own(path: str) -> Callable[[Any, QuerySet[Any]], QuerySet[Any]]:
    def rule(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(**{f"{path}__in": own_organizations(user)})

    return rule


def everything(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


def _oneself(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(pk=user.pk)


def _events(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    seen = Q()
    models: list[type[Model]] = [Agreement, *BELONGS]
    for model in models:
        ids = visible_to(user, model).values("public_id")
        seen |= Q(object_type=object_type(model), object_id__in=ids)
    return rows.filter(seen).filter(_in_time(user)).exclude(verb__in=READINGS)


def _notices(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those to oneself and to one's organizations, about what still exists for oneself.

    The kinds of object they speak of are asked first: each costs a condition of its own.
    """
    to_them = rows.filter(
        Q(person=user.person_id or 0) | Q(organization__in=own_organizations(user))
    )
    kinds = set(to_them.order_by().values_list("about_type", flat=True).distinct())
    models: list[type[Model]] = [Agreement, *BELONGS, LiaisonAttestation]
    about = Q(pk__in=())
    for model in models:
        if object_type(model) in kinds:
            there = visible_to(user, model).filter(public_id=OuterRef("about_id"))
            about |= Q(Exists(there), about_type=object_type(model))
    mine = _own_parties(user).filter(agreement=OuterRef("agreement"))
    in_time = ~Exists(mine) | Exists(
        mine.filter(_still() | Q(withdrawn_on__gt=OuterRef("told_on")))
    )
    return to_them.filter(about).filter(in_time)


def unread(user: Any) -> int:
    """How many notices for the user wait to be read."""
    if not user.is_authenticated:
        return 0
    to_them = Notice.objects.unread().addressed_to(user.person_id, own_organizations(user))
    if oversees(user) or not to_them.exists():
        return int(to_them.count())
    return int(_notices(user, to_them).count())


def _in_time(user: Any) -> Any:
    """Whoever has left an agreement reads its history up to that day."""
    mine = _own_parties(user).filter(agreement__public_id=OuterRef("scope_id"))
    in_time = Exists(mine.filter(_still() | Q(withdrawn_on__gt=OuterRef("happened_on")))) | (
        Q(happened_on__isnull=True)
        & Exists(mine.filter(withdrawn_on__gt=OuterRef("recorded_at__date")))
    )
    return ~Exists(mine) | in_time


def _attestations(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Whether somebody has answered concerns their own organization alone, and themselves."""
    own = Q(appointment__party__organization__in=own_organizations(user))
    themselves = Q(appointment__person=user.person_id or 0)
    return rows.filter(
        own | themselves,
        appointment__in=visible_to(user, LiaisonAppointment).values("pk"),
    )


PARTNER_RULES: dict[type[Model], Callable[[Any, QuerySet[Any]], QuerySet[Any]]] = {
    Agreement: _agreements,
    Task: _tasks,
    DateChange: _under_tasks("task"),
    TaskDependency: _dependencies,
    Indicator: _under_tasks("task"),
    Measurement: _under_tasks("indicator__task"),
    ProgressReport: _under_tasks("task"),
    EvidenceRequirement: _under_tasks("task"),
    ExtensionRequest: _under_tasks("task"),
    Escalation: _under_tasks("task"),
    Document: _documents,
    SpecialGroup: _groups,
    GroupMembership: _under_groups("group"),
    Rotation: _under_groups("group"),
    Seat: _under_groups("rotation__group"),
    RotationChange: _under_groups("rotation__group"),
    ConvenorTerm: _under_groups("rotation__group"),
    Handover: _under_groups("rotation__group"),
    ConsultationSeries: _under_groups("group"),
    Consultation: _under_groups("group"),
    AgendaItem: _under_groups("consultation__group"),
    Attendance: _under_groups("consultation__group"),
    Decision: _under_groups("consultation__group"),
    Minutes: _under_groups("consultation__group"),
    Confirmation: _under_groups("minutes__consultation__group"),
    Organization: _organizations,
    Identifier: _own("organization"),
    Appointment: _own("organization"),
    Person: _people,
    Region: everything,
    ContentArea: everything,
    WorkingCalendar: everything,
    CalendarDay: everything,
    User: _oneself,
    Event: _events,
    Notice: _notices,
    LiaisonAttestation: _attestations,
}


def seen(user: Any, model: type[Model], ids: Iterable[Any]) -> set[Any]:
    """Those of the public ids whose rows exist for the user."""
    rows = visible_to(user, model).filter(public_id__in=set(ids))
    return set(rows.values_list("public_id", flat=True))


def agreements_of_today(user: Any) -> set[int]:
    """The agreements all of whose rows exist for the user, but for documents of the secretariat.

    Asked once per request: kept on the user object.
    """
    today = clock.today()
    kept = getattr(user, "_agreements_of_today", None)
    if kept is None or kept[0] != today:
        parties = _own_parties(user).filter(_still(), _shown("agreement__"))
        kept = (today, set(parties.values_list("agreement_id", flat=True)))
        user._agreements_of_today = kept
    return set(kept[1])


def reads_until(user: Any, agreement: Agreement) -> date | None:
    """The day on which the last of the user's parties left: of what began later nothing is read.

    None for whoever reads on.
    """
    return None if oversees(user) else left_on(user, agreement.pk)


def day_read(user: Any, agreement: Agreement, day: date | None) -> date | None:
    """``day``, or for whoever left before it the last day of reading. None: all there is."""
    until = reads_until(user, agreement)
    if until is None:
        return day
    last = until - timedelta(days=1)
    return last if day is None else min(day, last)


def left_on(user: Any, agreement: int) -> date | None:
    """None as long as one of the user's parties belongs, and where there never was one."""
    if agreement in agreements_of_today(user):
        return None
    left = _own_parties(user).filter(agreement=agreement).exclude(_still())
    return left.aggregate(last=Max("withdrawn_on"))["last"]


def closings_read(user: Any, groups: Any) -> Any:
    """Those of the groups whose closing the user reads, if they are closed.

    Whoever had left the agreement by that day reads nothing of it.
    """
    if oversees(user):
        return groups
    mine = _own_parties(user).filter(agreement=OuterRef("agreement"))
    since = Q(withdrawn_on__gt=OuterRef("status_since"))
    return groups.filter(~Exists(mine) | Exists(mine.filter(_still() | since)))


def history(user: Any, obj: Any) -> QuerySet[Any]:
    """The events of an object that the user sees, oldest first."""
    events = Event.objects.of(obj)
    return events if oversees(user) else events.filter(_in_time(user)).exclude(verb__in=READINGS)
