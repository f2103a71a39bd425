"""Who may see and do what: the one policy that every door asks.

``visible_to(user, Model)`` gives the rows that exist for a user; what it leaves out does not
exist for them, at any door. ``may(user, verb, obj)`` says whether the user's role and
organization allow a verb, and if not, why; whether the object's state allows it is the noun's
own question. Roles: see ``actors.user.Role``; an integration client without an organization
acts like the secretariat within its token's scopes, one with an organization like a partner.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

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
from agreements.agreement import Confidentiality, Verification
from agreements.mechanisms.attendance import Participant, participants
from agreements.mechanisms.consultation_series import first_holder
from agreements.mechanisms.convenor_terms import convenor_term
from agreements.mechanisms.handover import Handover, Side
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.models import (
    AgendaItem,
    Agreement,
    Article,
    Attendance,
    CalendarFeed,
    Confirmation,
    Consultation,
    ConsultationSeries,
    ContentArea,
    ConvenorTerm,
    Decision,
    Document,
    GroupMembership,
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
    RotationChange,
    Seat,
    SpecialGroup,
    Task,
    TermHolder,
)
from agreements.party import parties_among
from governance import clock
from governance.lifecycle import Refusal
from governance.record import Event, object_type
from governance.tokens import Token

# By which path a noun belongs to its agreement, and which of its fields dates it: a party that
# has left reads what was dated before its leaving.
BELONGS: dict[type[Model], tuple[str, str | None]] = {
    Party: ("agreement", "joined_on"),
    Article: ("agreement", None),
    Document: ("agreement", "dated_on"),
    Phase: ("agreement", "starts_on"),
    Milestone: ("agreement", "due_on"),
    Task: ("agreement", "starts_on"),
    Indicator: ("task__agreement", "task__starts_on"),
    Measurement: ("indicator__task__agreement", "as_of"),
    ProgressReport: ("task__agreement", "reported_on"),
    Rotation: ("agreement", "starts_on"),
    Seat: ("rotation__agreement", "joined_on"),
    RotationChange: ("rotation__agreement", "decided_on"),
    ConvenorTerm: ("rotation__agreement", "starts_on"),
    Handover: ("rotation__agreement", "boundary_on"),
    LiaisonAppointment: ("party__agreement", "starts_on"),
    LiaisonAbsence: ("appointment__party__agreement", "starts_on"),
    ConsultationSeries: ("agreement", "starts_on"),
    Consultation: ("agreement", "starts_at__date"),
    AgendaItem: ("agreement", "consultation__starts_at__date"),
    Attendance: ("consultation__agreement", "consultation__starts_at__date"),
    Decision: ("agreement", "decided_on"),
    Minutes: ("consultation__agreement", "consultation__starts_at__date"),
    Confirmation: ("minutes__consultation__agreement", "confirmed_on"),
    SpecialGroup: ("agreement", "set_up_on"),
    GroupMembership: ("group__agreement", "joined_on"),
}

# Without a day of joining these were there from the start.
FROM_THE_START: frozenset[type[Model]] = frozenset({Party, Seat})

# Who reads a document is on record for those who oversee, and for nobody else.
READINGS = ("read", "download")


def registers(user: Any) -> bool:
    """Whether the user registers and edits like the secretariat."""
    return bool(
        user.is_authenticated
        and (user.is_secretariat or (user.role == Role.CLIENT and user.organization_id is None))
    )


def oversees(user: Any) -> bool:
    """Whether the user sees everything."""
    return registers(user) or bool(user.is_authenticated and user.sees_everything)


def own_organizations(user: Any) -> list[int]:
    """The ids of the organizations the user acts for today, with those under them.

    Asked once per request: kept on the user object.
    """
    today = clock.today()
    kept = getattr(user, "_own_organizations", None)
    if kept is None or kept[0] != today:
        own = user.acting_organizations(today) if user.is_authenticated else []
        kept = (today, [organization.pk for organization in own])
        user._own_organizations = kept
    return list(kept[1])


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
    rule = _PARTNER_RULES.get(model)
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
    dated_for_them = Exists(mine.filter(_still() | Q(withdrawn_on__gt=OuterRef(dated))))
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
    own = own_organizations(user)
    members = GroupMembership.objects.current(clock.today()).filter(organization__in=own)
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


def _everything(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
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
    models: list[type[Model]] = [Agreement, *BELONGS]
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


_PARTNER_RULES: dict[type[Model], Callable[[Any, QuerySet[Any]], QuerySet[Any]]] = {
    Agreement: _agreements,
    Task: _tasks,
    Indicator: _under_tasks("task"),
    Measurement: _under_tasks("indicator__task"),
    ProgressReport: _under_tasks("task"),
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
    Region: _everything,
    ContentArea: _everything,
    WorkingCalendar: _everything,
    CalendarDay: _everything,
    User: _oneself,
    Event: _events,
    Notice: _notices,
    LiaisonAttestation: _attestations,
}


# Related rows

# Who signed, convenes or is responsible is a fact of the row that says so: partners read the name.
NAMED_ANYWAY: frozenset[type[Model]] = frozenset({Person})

# Relations whose rules above show the row at the other end to whoever sees this one.
SHOWN_ALONG: frozenset[tuple[type[Model], str]] = frozenset(
    {
        (Task, "lead"),
        (Task, "cooperating"),
        (Party, "signing_body"),
        (LiaisonAppointment, "person"),
    }
)


def limited(model: type[Model], path: str) -> type[Model] | None:
    """Whose rows ``path`` may lead to that do not exist for a partner who sees the ``model``'s row.

    None when whoever sees the row also sees the one at the other end.
    """
    here, may_miss = model, False
    for step in path.split("__"):
        relation = here._meta.get_field(step)
        may_miss = may_miss or relation.many_to_many or bool(relation.null)
        here = relation.related_model  # type: ignore[assignment]
    if not may_miss or (model, path) in SHOWN_ALONG:
        return None
    return None if _PARTNER_RULES.get(here) is _everything else here


def goes_with_its_agreement(model: type[Model]) -> bool:
    """Whether all its rows exist for a party of the day."""
    return model in BELONGS and model is not Document


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
    return None if oversees(user) else _left_on(user, agreement.pk)


def day_read(user: Any, agreement: Agreement, day: date | None) -> date | None:
    """``day``, or for whoever left before it the last day of reading. None: all there is."""
    until = reads_until(user, agreement)
    if until is None:
        return day
    last = until - timedelta(days=1)
    return last if day is None else min(day, last)


def _left_on(user: Any, agreement: int) -> date | None:
    """None as long as one of the user's parties belongs, and where there never was one."""
    if agreement in agreements_of_today(user):
        return None
    left = _own_parties(user).filter(agreement=agreement).exclude(_still())
    return left.aggregate(last=Max("withdrawn_on"))["last"]


def history(user: Any, obj: Any) -> QuerySet[Any]:
    """The events of an object that the user sees, oldest first."""
    events = Event.objects.of(obj)
    return events if oversees(user) else events.filter(_in_time(user)).exclude(verb__in=READINGS)


# Verbs


def may(user: Any, verb: str, obj: Any) -> Refusal | None:
    """Why the user's role does not allow ``verb`` on ``obj`` (a row, or a model for ``create``).

    None when it does. The object is taken to be visible to the user.
    """
    if not user.is_authenticated or not user.is_active:
        return Refusal("sign_in", _("Please sign in."))
    model = obj if isinstance(obj, type) else type(obj)
    if user.role == Role.AUDITOR:
        return Refusal("auditor", _("An auditor reads everything and changes nothing."))
    if model is CalendarFeed:
        return _feed_verb(user, verb, obj)
    if model is User:
        if user.role == Role.ADMINISTRATOR:
            return None
        return Refusal(
            "administrators_only", _("Only an administrator manages users and settings.")
        )
    if registers(user):
        return None
    rule = _PARTNER_MAY.get(model)
    if rule is None:
        return Refusal("secretariat_only", _("Only the secretariat does this."))
    return rule(user, verb, obj)


def _feed_verb(user: Any, verb: str, feed: Any) -> Refusal | None:
    """Only whoever a feed belongs to gets its address; administrators revoke it too."""
    if isinstance(feed, type) or feed.user_id in {None, user.pk}:
        return None
    if verb == "revoke" and user.role == Role.ADMINISTRATOR:
        return None
    return Refusal("own_feed", _("Only for your own calendar feeds."))


def _acts_for(user: Any, organization_id: int | None) -> bool:
    return organization_id is not None and organization_id in own_organizations(user)


def is_convenor(user: Any, agreement: Agreement, on: date) -> bool:
    """Whether the user acts for an organization that convenes the agreement on that day."""
    term = convenor_term(agreement, on)
    return term is not None and any(
        _acts_for(user, held.organization_id) for held in term.holdings.all()
    )


def _task_verb(user: Any, verb: str, task: Any) -> Refusal | None:
    if verb in {"accept", "start", "submit"}:
        if _acts_for(user, task.lead_id) and _left_on(user, task.agreement_id) is None:
            return None
        return Refusal("lead_only", _("Only the lead organization does this."))
    if verb == "report":
        if works_on(user, task):
            return None
        return Refusal("not_on_task", _("Only the organizations of this task report on it."))
    if verb in {"verify", "return"}:
        return _may_verify(user, task)
    return Refusal("secretariat_only", _("Only the secretariat does this."))


def works_on(user: Any, task: Task) -> bool:
    """Whether the user acts for the task's lead or for one of its cooperating organizations.

    Whoever has left the agreement works on none of its tasks.
    """
    if _left_on(user, task.agreement_id) is not None:
        return False
    own = own_organizations(user)
    return _acts_for(user, task.lead_id) or task.cooperating.filter(pk__in=own).exists()


def _may_verify(user: Any, task: Task) -> Refusal | None:
    if task.agreement.verification != Verification.CONVENOR:
        return Refusal("secretariat_only", _("Under this agreement the secretariat verifies."))
    if _acts_for(user, task.lead_id):
        return Refusal("own_task", _("Nobody verifies the task of their own organization."))
    if is_convenor(user, task.agreement, clock.today()):
        return None
    return Refusal("convenor_only", _("Under this agreement the convenor of the day verifies."))


def _asked_once(consultation: Any, question: str, user: Any, ask: Callable[[], Any]) -> Any:
    """The answer, kept on the consultation as long as it stands as it is.

    A page asks the same of each item of an agenda and of each line of a list.
    """
    kept: dict[Any, Any] = consultation.__dict__.setdefault("_answers", {})
    key = (question, user.pk, consultation.version, clock.today())
    if key not in kept:
        kept[key] = ask()
    return kept[key]


def hosts(user: Any, consultation: Any) -> bool:
    """Whether the user acts for the consultation's host, or for the convenor of its day."""

    def ask() -> bool:
        if _left_on(user, consultation.agreement_id) is not None:
            return False
        host = consultation.host_now()
        if host is not None and _acts_for(user, host.pk):
            return True
        day = consultation.day or clock.today()
        return consultation.group_id is None and is_convenor(user, consultation.agreement, day)

    return bool(_asked_once(consultation, "hosts", user, ask))


def speaks_for(user: Any, consultation: Any) -> list[Participant]:
    """Those who take part by right and for whom the user speaks, as they do or sign for them."""

    def ask() -> list[Participant]:
        own = own_organizations(user)
        if not own or _left_on(user, consultation.agreement_id) is not None:
            return []
        return [
            one
            for one in participants(consultation)
            if one.organization.pk in own or (one.party and one.party.signing_body_id in own)
        ]

    return list(_asked_once(consultation, "speaks_for", user, ask))


def _speaks_for_it(user: Any, consultation: Any, organization_id: int | None) -> bool:
    return any(one.organization.pk == organization_id for one in speaks_for(user, consultation))


_HOST_ONLY = Refusal(
    "host_only", _("Only the secretariat or the host of the consultation does this.")
)
_OWN_WORD_ONLY = Refusal(
    "participants_only", _("Only who takes part in the consultation does this, for itself.")
)


def _consultation_verb(user: Any, verb: str, consultation: Any) -> Refusal | None:
    """The host calls it, holds it and sets its date; a new date the convenor of today too."""
    if isinstance(consultation, type):
        return None if verb == "create" else _HOST_ONLY
    if verb not in {"create", "move", "convene", "close", "postpone", "cancel"}:
        return _HOST_ONLY
    if hosts(user, consultation) or (verb == "create" and _hosts_today(user, consultation)):
        return None
    return _HOST_ONLY


def _agenda_verb(user: Any, verb: str, item: Any) -> Refusal | None:
    """Parties propose, put better and withdraw what is theirs; the host settles the agenda."""
    if isinstance(item, type):
        return None if verb == "create" else _HOST_ONLY
    consultation = item.consultation
    if consultation is None:
        own = verb == "withdraw" and _acts_for(user, item.proposed_by_id)
        return None if own else _HOST_ONLY
    if verb in {"create", "change", "withdraw"} and _speaks_for_it(
        user, consultation, item.proposed_by_id
    ):
        return None
    if verb == "withdraw":
        return Refusal("proposer_only", _("Only who proposed it withdraws it."))
    if verb != "delete" and hosts(user, consultation):
        return None
    return _OWN_WORD_ONLY if verb == "create" else _HOST_ONLY


def _attendance_verb(user: Any, verb: str, attendance: Any) -> Refusal | None:
    """Each registers itself until the closing; the host keeps the whole list."""
    if isinstance(attendance, type):
        return None if verb == "create" else _HOST_ONLY
    consultation = attendance.consultation
    if hosts(user, consultation):
        return None
    if not _speaks_for_it(user, consultation, attendance.organization_id):
        return _OWN_WORD_ONLY
    if verb == "delete" or consultation.status == ConsultationStatus.CLOSED:
        return _HOST_ONLY
    return None


def _of_the_host(user: Any, verb: str, part: Any) -> Refusal | None:
    """Decisions and minutes: kept by whoever hosts."""
    if isinstance(part, type):
        return None if verb == "create" else _HOST_ONLY
    if verb != "delete" and hosts(user, part.consultation):
        return None
    return _HOST_ONLY


def handover_sides(user: Any, handover: Handover) -> list[Side]:
    """For which sides of a handover the user may write and sign: the secretariat for both.

    Whoever has left the agreement signs nothing any more.
    """
    if may(user, "create", Handover) is None:
        return list(Side)
    if user.role == Role.AUDITOR or _left_on(user, handover.rotation.agreement_id) is not None:
        return []
    terms = {Side.OUTGOING: handover.outgoing_id, Side.INCOMING: handover.incoming_id}
    own = own_organizations(user)
    held = set(
        TermHolder.objects.filter(term__in=terms.values(), organization__in=own).values_list(
            "term_id", flat=True
        )
    )
    return [side for side, term in terms.items() if term in held]


def _handover_verb(user: Any, verb: str, handover: Any) -> Refusal | None:
    if isinstance(handover, type) or verb not in {"note", "sign_off"}:
        return Refusal("secretariat_only", _("Only the secretariat does this."))
    if handover_sides(user, handover):
        return None
    return Refusal(
        "holders_only",
        _("Only the outgoing and the incoming convenor and the secretariat do this."),
    )


def _hosts_today(user: Any, consultation: Any) -> bool:
    """Whether the user acts for whoever would host such a one today."""
    if _left_on(user, consultation.agreement_id) is not None:
        return False
    today = clock.today()
    if consultation.series is not None:
        host = consultation.series.host_on(today)
    else:
        host = first_holder(convenor_term(consultation.agreement, today))
    return host is not None and _acts_for(user, host.pk)


def _attestation_verb(user: Any, verb: str, attestation: Any) -> Refusal | None:
    if verb != "answer":
        return Refusal("secretariat_only", _("Only the secretariat does this."))
    if isinstance(attestation, type):
        return None
    post = attestation.appointment
    themselves = user.person_id is not None and post.person_id == user.person_id
    if themselves or _acts_for(user, post.party.organization_id):
        return None
    return Refusal("own_party", _("Only for your own organization."))


_OWN_LIAISON = frozenset({"create", "relieve", "succeed"})


def _liaison_verb(user: Any, verb: str, appointment: Any) -> Refusal | None:
    if isinstance(appointment, type):
        return (
            None if verb == "create" else Refusal("own_party", _("Only for your own organization."))
        )
    if _acts_for(user, appointment.party.organization_id) and verb in _OWN_LIAISON:
        return None
    return Refusal("own_party", _("Only for your own organization."))


def _absence_verb(user: Any, verb: str, absence: Any) -> Refusal | None:
    if verb not in {"create", "come_back"}:
        return Refusal("secretariat_only", _("Only the secretariat does this."))
    if isinstance(absence, type) or _acts_for(user, absence.appointment.party.organization_id):
        return None
    return Refusal("own_party", _("Only for your own organization."))


def _notice_verb(user: Any, verb: str, notice: Any) -> Refusal | None:
    if verb in {"read", "acknowledge"} and not isinstance(notice, type):
        theirs = notice.person_id is not None and notice.person_id == user.person_id
        if theirs or _acts_for(user, notice.organization_id):
            return None
    return Refusal("recipient_only", _("Only whoever it is for does this."))


def _task_part_verb(user: Any, verb: str, part: Any) -> Refusal | None:
    """Reports, measurements and evidence: filed by the task's organizations, changed by nobody."""
    if verb == "create":
        if isinstance(part, type):
            return None
        task = part.indicator.task if isinstance(part, Measurement) else part.task
        if task is None or not works_on(user, task):
            return Refusal("not_on_task", _("Only the organizations of this task report on it."))
        # A report asks the task itself.
        return None if isinstance(part, ProgressReport) else task.report_refusal()
    return Refusal("secretariat_only", _("Only the secretariat does this."))


def _confirmation_verb(user: Any, verb: str, confirmation: Any) -> Refusal | None:
    """Each gives its own word, and nobody another's."""
    if verb != "create":
        return _OWN_WORD_ONLY
    if isinstance(confirmation, type):
        return None
    consultation = confirmation.minutes.consultation
    own = _speaks_for_it(user, consultation, confirmation.organization_id)
    return None if own else _OWN_WORD_ONLY


_PARTNER_MAY: dict[type[Model], Callable[[Any, str, Any], Refusal | None]] = {
    Task: _task_verb,
    Consultation: _consultation_verb,
    Handover: _handover_verb,
    AgendaItem: _agenda_verb,
    Attendance: _attendance_verb,
    Decision: _of_the_host,
    Minutes: _of_the_host,
    Confirmation: _confirmation_verb,
    LiaisonAppointment: _liaison_verb,
    LiaisonAbsence: _absence_verb,
    LiaisonAttestation: _attestation_verb,
    Notice: _notice_verb,
    ProgressReport: _task_part_verb,
    Measurement: _task_part_verb,
    Document: _task_part_verb,
}


def actions(user: Any, obj: Any, on: date) -> list[dict[str, Any]]:
    """What the user may do with ``obj`` on that day and, for the rest, why not.

    Each: ``verb``, ``label``, ``allowed``, ``reason`` (None when allowed), ``needs_reason``,
    ``danger``.
    """
    listed = []
    for transition in obj.lifecycle.transitions.values():
        refusal = may(user, transition.verb, obj) or obj.refusal(transition.verb, on)
        listed.append(
            {
                "verb": transition.verb.replace("_", "-"),
                "label": str(transition.label),
                "allowed": refusal is None,
                "reason": str(refusal.sentence) if refusal else None,
                "needs_reason": transition.needs_reason,
                "danger": transition.danger,
            }
        )
    return listed
