"""What every noun shares: an id for the outside, a version, and writing that is put on record."""

from datetime import date
from typing import Any, Self
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance import clock
from governance.lifecycle import Lifecycle, Refusal, Refused, Stale
from governance.periods import NoOverlap, require_calendar_day
from governance.record import plain, record, refuse, unit
from governance.wording import listed

# The day of a verb stands on its event; the day since when is that of the last one.
_HOUSEKEEPING = frozenset(
    {"id", "public_id", "created_at", "changed_at", "version", "path", "status_since"}
)


class NounQuerySet(models.QuerySet[Any]):
    """The base of all querysets that speak the domain."""


class Noun(models.Model):
    """A thing the system knows: written only through verbs, each of them put on record.

    ``version`` counts the changes and guards against overwriting (compare-and-set).
    ``secret_facts`` names the fields whose values never enter the record; ``named_by`` the
    relations of which its name is made.
    """

    public_id = models.UUIDField(_("id"), default=uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=clock.now, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    secret_facts: frozenset[str] = frozenset()
    named_by: tuple[str, ...] = ()
    # Ends of half-open periods that people read and type as the last day.
    said_as_last_day: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    # changes

    @classmethod
    def enter(cls, *, by: Any, reason: str = "", on: date | None = None, **facts: Any) -> Self:
        """Create one with these facts, checked and on record. Raises ValidationError.

        A noun that has a reason of its own keeps the reason, too.
        """
        if any(column.name == "reason" for column in cls._meta.concrete_fields):
            facts = {**facts, "reason": reason}
        with unit():
            obj = cls(**cls._own_facts(facts))
            obj.prepare(by=by, on=on)
            obj._take_turn()
            obj.full_clean()
            obj.save(force_insert=True)
            obj._set_many(facts)
            obj.record("create", by=by, on=on, reason=reason, after=obj.facts())
            obj.follow_up(by=by, on=on)
        return obj

    def edit(self, *, by: Any, version: int | None = None, reason: str = "", **facts: Any) -> Self:
        """Change facts; what did not change is not written.

        ``version`` is the one the change was made against: Stale is raised when somebody else
        changed the object since. Raises ValidationError, or Refused when it is closed.
        """
        with unit():
            self.lock(version)
            self.refuse_edit(facts)
            before, was = self.facts(), self._state_of_facts()
            for name, value in self._own_facts(facts).items():
                setattr(self, name, value)
            self.full_clean()
            self._set_many(facts)
            if was != self._state_of_facts():
                self.put(by=by, verb="change", before=before, reason=reason)
                self.follow_up(by=by, on=None)
        return self

    def remove(self, *, by: Any, version: int | None = None, reason: str = "") -> None:
        """Delete it, on record. Raises Refused when something else still depends on it."""
        with unit():
            self.lock(version)
            refusal = self.removal_refusal()
            if refusal is not None:
                raise Refused("delete", refusal)
            self.record("delete", by=by, reason=reason, before=self.facts())
            try:
                with transaction.atomic():
                    self.delete()
            except (ProtectedError, RestrictedError) as needed:
                raise Refused("delete", _still_needed(needed)) from needed

    def put(
        self,
        *,
        by: Any,
        verb: str,
        before: dict[str, Any],
        on: date | None = None,
        reason: str = "",
    ) -> None:
        """Save a change made by a verb and record what differs from ``before``."""
        after = self.facts()
        self.version += 1
        self.changed_at = clock.now()
        self.save()
        changed = [name for name in after if after[name] != before.get(name)]
        self.record(
            verb,
            by=by,
            on=on,
            reason=reason,
            before={name: before.get(name) for name in changed},
            after={name: after[name] for name in changed},
        )

    def touch(self) -> None:
        """Count a change of its parts, which are on record themselves, as a change of it too.

        Whoever read it with its parts before has read an older version.
        """
        self.version += 1
        self.changed_at = clock.now()
        self.save(update_fields=("version", "changed_at"))

    def lock(self, version: int | None = None) -> None:
        """Take the row for this transaction and read it anew. Raises Stale on another version."""
        self._take_turn()
        # Without its order, which may lead into other tables and would lock their rows too.
        rows = type(self)._base_manager.select_for_update().order_by()
        locked = rows.filter(pk=self.pk).first()
        if locked is None or (version is not None and locked.version != version):
            raise Stale(locked)
        for model_field in self._meta.concrete_fields:
            setattr(self, model_field.attname, getattr(locked, model_field.attname))
        self._state.fields_cache.clear()

    def _take_turn(self) -> None:
        """Wait for others that write periods which may not overlap with this one.

        They all lock first what the periods belong to: two overlapping ones written at once would
        wait for each other in the database, and one would be told of a deadlock, not of why.
        """
        for constraint in self._meta.constraints:
            if isinstance(constraint, NoOverlap):
                owner: Any = self._meta.get_field(constraint.keys[0])
                # Without its order, as in ``lock``: it would take rows of other tables, too.
                rows = owner.related_model._base_manager.select_for_update().order_by()
                rows.filter(pk=getattr(self, owner.attname)).first()

    def record(self, verb: str, **details: Any) -> None:
        """Put a verb on this object on record."""
        record(self, verb, **details)

    # what a noun may add

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Fill in what the system gives on creation (a reference, a number)."""

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """Bring what depends on these facts up to date, in the same transaction."""

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        """Raise Refused when these facts can no longer be edited."""

    def removal_refusal(self) -> Refusal | None:
        """Why it cannot be deleted; None when it can."""
        return None

    def record_scope(self) -> "Noun | None":
        """The agreement or organization under whose history this one is shown too."""
        return None

    def clean_fields(self, exclude: Any = None) -> None:
        """Each fact by itself; days and moments lie within the calendar that is reckoned with."""
        wrong: dict[str, Any] = {}
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as refusal:
            wrong = refusal.update_error_dict(wrong)
        for model_field in self._meta.concrete_fields:
            name = model_field.name
            day = getattr(self, model_field.attname)
            if name in wrong or name in (exclude or ()) or not isinstance(day, date):
                continue
            try:
                require_calendar_day(day)
            except ValidationError as refusal:
                wrong[name] = refusal.error_list
        if wrong:
            raise ValidationError(wrong)

    # questions

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why the state does not allow ``verb`` on that day; None when it does."""
        return None

    def facts(self) -> dict[str, Any]:
        """The facts as they go on record, without secrets."""
        named = {
            f.name: plain(getattr(self, f.name))
            for f in self._meta.concrete_fields
            if f.name not in _HOUSEKEEPING and f.name not in self.secret_facts
        }
        for f in self._meta.many_to_many:
            named[f.name] = [plain(other) for other in getattr(self, f.name).order_by("pk")]
        return named

    def _state_of_facts(self) -> dict[str, Any]:
        """Every fact as it is kept, the secret ones too, for telling whether anything changed."""
        state = {
            f.attname: getattr(self, f.attname)
            for f in self._meta.concrete_fields
            if f.name not in _HOUSEKEEPING
        }
        for f in self._meta.many_to_many:
            state[f.name] = sorted(other.pk for other in getattr(self, f.name).all())
        return state

    @classmethod
    def _own_facts(cls, facts: dict[str, Any]) -> dict[str, Any]:
        many = {f.name for f in cls._meta.many_to_many}
        return {name: value for name, value in facts.items() if name not in many}

    def _set_many(self, facts: dict[str, Any]) -> None:
        for model_field in self._meta.many_to_many:
            if model_field.name not in facts:
                continue
            getattr(self, model_field.name).set(facts[model_field.name] or ())


class LivingNoun(Noun):
    """A noun with a life cycle: its status changes only through the verbs of its table."""

    status: Any
    status_since = models.DateField(_("status since"), null=True, editable=False)
    lifecycle: Lifecycle

    class Meta:
        abstract = True

    def advance(
        self,
        verb: str,
        *,
        by: Any,
        on: date,
        reason: str = "",
        version: int | None = None,
        **facts: Any,
    ) -> Self:
        """Guard, change, record: one verb in one transaction, with the ``facts`` it states.

        Raises Refused (naming the guard), ValidationError at a field, or Stale.
        """
        with unit():
            self.lock(version)
            self._proceed(verb, by=by, on=on, reason=reason, before=self.facts(), **facts)
        return self

    def _proceed(
        self,
        verb: str,
        *,
        by: Any,
        on: date,
        reason: str,
        before: dict[str, Any],
        **facts: Any,
    ) -> None:
        """The verb on a row that is locked, and may hold facts newer than ``before`` already."""
        transition = self.lifecycle.require(verb, self, on, reason)
        self.status_since = on
        for name, value in facts.items():
            setattr(self, name, value)
        if transition.target is not None:
            self.status = transition.target
        self.full_clean()
        self.put(by=by, verb=verb, before=before, on=on, reason=reason)

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why ``verb`` is not possible on that day, as far as the state goes; None when it is."""
        return self.lifecycle.refusal(verb, self, on)


def bilingual(name: str, name_zh: str) -> str:
    """The name in the reader's language, or the only one there is."""
    if (get_language() or "").startswith("zh"):
        return name_zh or name
    return name or name_zh


def _still_needed(error: ProtectedError | RestrictedError) -> Refusal:
    names = sorted({str(obj) for obj in list(error.args[1])[:3]})
    return Refusal(
        "still_needed",
        _("It is still used by: %(names)s.") % {"names": listed(names)},
    )


def require_one_name(name: str, name_zh: str) -> None:
    """Raise ValidationError when neither name is given."""
    if not name.strip() and not name_zh.strip():
        raise refuse("name", _("Give a name in English or in Chinese."), "required")


class Sourced(models.Model):
    """A fact that says where it stands, or that it was made up for the demonstration."""

    source = models.CharField(
        _("where this is stated"), max_length=300, blank=True, help_text=_("Document and section.")
    )
    illustrative = models.BooleanField(
        _("illustrative"), default=False, help_text=_("Made up for the demonstration.")
    )

    class Meta:
        abstract = True
