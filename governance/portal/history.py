"""What happened, from the record, in sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import JSONField, Model, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access import READINGS, visible_to
from governance.fact_limits import FactLimits
from governance.last_day import last_day
from governance.present_names import Facts, PresentNames, model_of
from governance.record import Event, object_type
from governance.templatetags.words import day, stamp
from governance.verb_words import verb_word
from governance.wording import in_the_readers, listed

_PER_PAGE = 50
_TURNING_POINTS = frozenset(
    {"sign", "bring_into_force", "expire", "terminate", "supersede", "verify", "convene", "close"}
)
_DID = {
    "create": gettext_lazy("%(actor)s entered %(kind)s “%(name)s”."),
    "change": gettext_lazy("%(actor)s changed %(kind)s “%(name)s”."),
    "delete": gettext_lazy("%(actor)s deleted %(kind)s “%(name)s”."),
    "negotiate": gettext_lazy("%(actor)s opened the negotiation of “%(name)s”."),
    "sign": gettext_lazy("%(actor)s recorded the signature of %(kind)s “%(name)s”."),
    "approve": gettext_lazy("%(actor)s recorded the approval by %(kind)s “%(name)s”."),
    "accede": gettext_lazy("%(actor)s recorded the accession of %(kind)s “%(name)s”."),
    "withdraw": gettext_lazy("%(actor)s recorded the withdrawal of %(kind)s “%(name)s”."),
    "bring_into_force": gettext_lazy("%(actor)s brought “%(name)s” into force."),
    "expire": gettext_lazy("%(actor)s recorded the expiry of “%(name)s”."),
    "terminate": gettext_lazy("%(actor)s terminated “%(name)s”."),
    "supersede": gettext_lazy("%(actor)s recorded that “%(name)s” was superseded."),
    "abandon": gettext_lazy("%(actor)s abandoned “%(name)s”."),
    "assign": gettext_lazy("%(actor)s assigned %(kind)s “%(name)s”."),
    "accept": gettext_lazy("%(actor)s accepted %(kind)s “%(name)s”."),
    "start": gettext_lazy("%(actor)s started %(kind)s “%(name)s”."),
    "submit": gettext_lazy("%(actor)s submitted %(kind)s “%(name)s” for verification."),
    "verify": gettext_lazy("%(actor)s verified %(kind)s “%(name)s” as completed."),
    "return": gettext_lazy("%(actor)s returned %(kind)s “%(name)s”."),
    "suspend": gettext_lazy("%(actor)s suspended %(kind)s “%(name)s”."),
    "resume": gettext_lazy("%(actor)s resumed %(kind)s “%(name)s”."),
    "cancel": gettext_lazy("%(actor)s cancelled %(kind)s “%(name)s”."),
    "flag_for_reassignment": gettext_lazy(
        "%(actor)s noted that %(kind)s “%(name)s” needs another organization."
    ),
    "confirm": gettext_lazy("%(actor)s confirmed %(kind)s “%(name)s”."),
    "revoke": gettext_lazy("%(actor)s revoked %(kind)s “%(name)s”."),
    "relieve": gettext_lazy("%(actor)s relieved %(kind)s “%(name)s”."),
    "come_back": gettext_lazy("%(actor)s recorded the end of %(kind)s “%(name)s”."),
    "answer": gettext_lazy("%(actor)s answered %(kind)s “%(name)s”."),
    "remind": gettext_lazy("%(actor)s sent a reminder of %(kind)s “%(name)s”."),
    "leave": gettext_lazy("%(actor)s recorded the end of %(kind)s “%(name)s”."),
    "extend": gettext_lazy("%(actor)s extended %(kind)s “%(name)s”."),
    "reach": gettext_lazy("%(actor)s recorded that %(kind)s “%(name)s” was reached."),
    "convene": gettext_lazy("%(actor)s called %(kind)s “%(name)s”."),
    "close": gettext_lazy("%(actor)s closed %(kind)s “%(name)s”."),
    "postpone": gettext_lazy("%(actor)s postponed %(kind)s “%(name)s”."),
}
# The same verb of another kind of object, where it means another thing.
_DID_TO: dict[tuple[str, str], Any] = {
    ("agreements.liaisonabsence", "delete"): gettext_lazy(
        "%(actor)s withdrew %(kind)s “%(name)s”."
    ),
}
_OTHERWISE = gettext_lazy("%(actor)s: %(verb)s, %(kind)s “%(name)s”.")


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that changed; empty where there was or is nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as people read it. ``happened_on`` is None when it is the day of recording."""

    recorded_at: datetime
    happened_on: date | None
    sentence: str
    changes: list[Change]
    reason: str
    is_key: bool


def of_scope(user: Any, scope: Any) -> "QuerySet[Event]":
    """The events that the user may see of an agreement or organization and all under it."""
    kind = object_type(scope)
    return (
        visible_to(user, Event)
        .filter(
            Q(scope_type=kind, scope_id=scope.public_id)
            | Q(object_type=kind, object_id=scope.public_id)
        )
        .exclude(verb__in=READINGS)  # on record too, but no history of the thing
    )


def of_objects(user: Any, *objects: Any) -> "QuerySet[Event]":
    """The events that the user may see of these objects."""
    wanted = Q(pk__in=())
    for obj in objects:
        wanted |= Q(object_type=object_type(obj), object_id=obj.public_id)
    return visible_to(user, Event).filter(wanted).exclude(verb__in=READINGS)


def entries(user: Any, events: Iterable[Event]) -> list[Entry]:
    """The events in sentences, with the names that are true now, in the reader's language.

    Of what does not exist for the user nothing is said.
    """
    found = list(events)
    names, limits = PresentNames(found), FactLimits(user, found)
    return [_entry(event, names, limits) for event in found]


def _entry(event: Event, names: PresentNames, limits: FactLimits) -> Entry:
    model = model_of(event)
    kind = str(model._meta.verbose_name) if model else event.object_type
    words = {
        "actor": names.of_actor(event) or _("The system"),
        "kind": kind,
        "name": names.of(event),
        "verb": verb_word(event.verb, event.object_type),
    }
    own_day = event.happened_on
    if own_day is not None and own_day == event.recorded_at.date():
        own_day = None
    return Entry(
        recorded_at=event.recorded_at,
        happened_on=own_day,
        sentence=str(
            _DID_TO.get((event.object_type, event.verb)) or _DID.get(event.verb, _OTHERWISE)
        )
        % words,
        changes=[]
        if event.verb == "create" or model is None
        else _changes(
            model,
            *(
                limits.apply(model, names.in_facts(facts)) or {}
                for facts in (event.before, event.after)
            ),
        ),
        reason=in_the_readers(event.reason),
        is_key=event.verb in _TURNING_POINTS,
    )


def _changes(model: type[Model], before: Facts, after: Facts) -> list[Change]:
    found = []
    for name in after:
        if name == "status":
            continue
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        label = str(getattr(field, "verbose_name", ""))
        if not getattr(field, "editable", True) or not label or isinstance(field, JSONField):
            continue
        found.append(Change(label, _shown(before.get(name), field), _shown(after[name], field)))
    return found


def _shown(value: Any, field: Any) -> str:
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return listed(_shown(item, field) for item in value)
    if isinstance(value, dict):
        return str(value.get("name", ""))
    chosen = dict(getattr(field, "flatchoices", ()) or ())
    if value in chosen:
        return str(chosen[value])
    if isinstance(value, str) and field.get_internal_type() == "DateField":
        is_last = field.name in getattr(field.model, "said_as_last_day", ())
        return day(last_day(parse_date(value)) if is_last else parse_date(value))
    if isinstance(value, str) and field.get_internal_type() == "DateTimeField":
        return stamp(parse_datetime(value))
    return str(value)


def page(user: Any, events: "QuerySet[Event]", number: str | None) -> Any:
    """One page of the events in sentences, the newest first."""
    found: Any = Paginator(events.order_by("-sequence"), _PER_PAGE).get_page(number)
    found.object_list = entries(user, found.object_list)
    return found
