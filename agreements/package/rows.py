"""Loading the rows of a package: each entry entered or edited through its noun's own verbs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from actors.organization import Identifier, Organization
from agreements.agreement import Agreement
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.package.extensions import told_first
from agreements.package.matching import agreements_of, matches
from agreements.package.names import Names, normal_number, nowhere, several, stored
from agreements.package.reading import PackageInvalid, Problem, escaped
from agreements.package.sections import AGREEMENT, OWN, SECTIONS, SHARED, Json, Section, entries
from agreements.package.steps import CHANGE, CREATE, LABELS, LEAVE, Plan, Step
from agreements.party import Party
from agreements.tasks import Task
from governance.lifecycle import Refused
from governance.periods import add_months
from governance.record import Event, unit

UNPLACED = frozenset({"parties"})


class Unresolved(Exception):
    """An entry refers to one that could not be loaded itself; that one's problem is told."""


@dataclass
class Rows:
    """The rows of one package, entered or found, by the JSON pointers of their entries."""

    data: Json
    by: Any
    on: date
    file: str = ""
    plan: Plan = field(default_factory=Plan)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = Names(self.data, self.file)
        self.rows: dict[str, Any] = {}
        self.made: set[str] = set()
        self._begun: set[str] = set()
        self._open: set[str] = set()
        self._taken: dict[tuple[type[models.Model], int], str] = {}
        self._entries: dict[str, tuple[Section, Json]] = {
            pointer: (section, entry)
            for section in SECTIONS
            for pointer, entry in entries(self.data, section)
        }

    @property
    def agreement(self) -> Agreement:
        """The agreement of the package; there once its entry has been loaded."""
        found = self.plan.agreement
        if found is None:
            raise Unresolved
        return found

    def load(self) -> None:
        """Enter or edit every entry; what cannot be is told in ``problems``."""
        for section in SHARED:
            self._load_section(section)
        self._load_agreement()
        for section in OWN:
            self._load_section(section)
            if section.model is ConsultationSeries:
                self._plan_consultations()

    # entries

    def _load_section(self, section: Section) -> None:
        for pointer, _entry in entries(self.data, section):
            if pointer not in self._begun:
                self._load_entry(pointer)

    def _load_entry(self, pointer: str) -> None:
        self._begun.add(pointer)
        self._open.add(pointer)
        section, entry = self._entries[pointer]
        with self.telling(pointer):
            within = self.agreement if section.within == "agreement" else None
            self._put(section, entry, pointer, within)
        self._open.discard(pointer)

    def _load_agreement(self) -> None:
        found = list(agreements_of(self.data)[:2])
        at = "/extends" if self.data.get("extends") else "/agreement"
        if len(found) > 1:
            self.problems.append(Problem(self.file, at, several()))
            return
        if self.data.get("extends") and not found:
            reason = nowhere(self.data["extends"])
            self.problems.append(Problem(self.file, at, reason))
            return
        entry = self.data.get("agreement") or {}
        with self.telling("/agreement"):
            # Known before its own facts are loaded: they may refer to what is within it.
            self.plan.agreement = found[0] if found else None
            facts = self._facts(AGREEMENT, entry, "/agreement")
            row = self._enter_or_edit(
                AGREEMENT, facts, "/agreement", found[0] if found else None, {}
            )
            self.plan.agreement = row

    def _put(self, section: Section, entry: Json, pointer: str, within: Any) -> Any:
        facts = self._facts(section, entry, pointer)
        if section.name == "rotations" and "term" in entry:
            term = entry["term"] or {"length": None}
            facts |= term
        if section.model is Identifier:
            facts["value"] = normal_number(facts["scheme"], facts["value"])
        hints = dict(facts)
        if section.name == "people":
            hints["_organizations"] = [
                self.find(Organization, post["organization"], f"{where}/organization")
                for where, post in entries(entry, section.parts[0], pointer)
            ]
        row = self._matching(section, entry, hints, pointer, within)
        if row is not None and section.name == "rotations":
            # Seats before a length: the terms are then laid down once, not once per seat.
            self._put_parts(section, entry, pointer, row)
            return self._enter_or_edit(section, facts, pointer, row, {})
        if isinstance(row, Task):
            facts |= _given_since(row, entry, facts)
        more = {section.within: within} if section.within else {}
        if row is None:
            self._complete(section, entry, facts, pointer)
        row = self._enter_or_edit(section, facts, pointer, row, more)
        self._put_parts(section, entry, pointer, row)
        return row

    def _put_parts(self, section: Section, entry: Json, pointer: str, row: Any) -> None:
        for part in section.parts:
            for where, inner in entries(entry, part, pointer):
                with self.telling(where):
                    self._put(part, inner, where, row)

    def _matching(
        self, section: Section, entry: Json, hints: Json, pointer: str, within: Any
    ) -> Any | None:
        found = list(matches(section, entry, hints, within)[:2])
        if len(found) > 1:
            raise ValidationError(several())
        return found[0] if found else None

    def _enter_or_edit(
        self, section: Section, facts: Json, pointer: str, row: Any | None, more: Json
    ) -> Any:
        if row is None:
            defaults = {
                name: self.data[name]
                for name in ("source", "illustrative")
                if name in section.facts and name in self.data
            }
            row = section.model.enter(by=self.by, on=self.on, **(defaults | facts), **more)
            self.made.add(pointer)
            self.step(CREATE, row, pointer)
        else:
            stated = told_first(row, facts)
            changed = {name: value for name, value in stated.items() if _differs(row, name, value)}
            if changed:
                _section, entry = self._entries.get(pointer, (section, {}))
                told = {name: entry[name] for name in section.told if name in entry}
                row.edit(by=self.by, **told, **changed)
            labels = tuple(str(row._meta.get_field(name).verbose_name) for name in changed)
            self.step(CHANGE if changed else LEAVE, row, pointer, labels)
        self._claim(row, pointer)
        self.rows[pointer] = row
        return row

    def _claim(self, row: Any, pointer: str) -> None:
        """Two entries that speak of one row would overwrite each other."""
        other = self._taken.setdefault((type(row), row.pk), pointer)
        if other != pointer:
            raise ValidationError(_("This is the same as the entry at %(path)s.") % {"path": other})

    def _complete(self, section: Section, entry: Json, facts: Json, pointer: str) -> None:
        """What a new entry leaves open and its place in the package tells."""
        if "position" in section.facts and section.name not in UNPLACED:
            facts.setdefault("position", int(pointer.rpartition("/")[2]) + 1)
        series = facts.get("series")
        if section.model is Consultation and entry.get("day") and series is not None:
            if "starts_at" not in facts and series.starts_at is not None:
                local = datetime.combine(date.fromisoformat(entry["day"]), series.starts_at)
                facts["starts_at"] = local.replace(tzinfo=ZoneInfo(series.time_zone))
            if facts.get("starts_at") and "ends_at" not in facts:
                facts["ends_at"] = facts["starts_at"] + timedelta(minutes=series.duration_minutes)

    def _plan_consultations(self) -> None:
        """The consultations that the rules of the series yield, from ``planned_from`` on."""
        section = next(one for one in OWN if one.model is ConsultationSeries)
        for pointer, entry in entries(self.data, section):
            series = self.rows.get(pointer)
            if series is None or not series.rrule or self.agreement.is_over:
                continue
            days = [self.on]
            if entry.get("planned_from"):
                day = date.fromisoformat(entry["planned_from"])
                while day < self.on:
                    days.insert(-1, day)
                    day = add_months(day, 12)
            with self.telling(pointer):
                # A new series has planned the coming year by itself.
                planned = list(series.consultations.all()) if pointer in self.made else []
                for day in days:
                    planned += series.plan(by=self.by, on=day)
                for consultation in sorted(planned, key=lambda one: one.rule_at):
                    self.step(CREATE, consultation, pointer)

    # facts

    def _facts(self, section: Section, entry: Json, pointer: str) -> Json:
        return {
            name: self._value(section.field(name), entry[name], f"{pointer}/{name}")
            for name in section.facts
            if name in entry
        }

    def _value(self, model_field: Any, value: Any, pointer: str) -> Any:
        if model_field.many_to_many:
            model = model_field.related_model
            return [self.find(model, one, f"{pointer}/{place}") for place, one in enumerate(value)]
        if value is None:
            return None
        if model_field.is_relation:
            return self.find(model_field.related_model, value, pointer)
        match model_field:
            case models.DateTimeField():
                return datetime.fromisoformat(value)
            case models.DateField():
                return date.fromisoformat(value)
            case models.TimeField():
                return time.fromisoformat(value)
            case models.DecimalField():
                return Decimal(str(value))
        return value.strip() if isinstance(value, str) else value

    def find(self, model: type[models.Model], value: Any, pointer: str) -> Any:
        """What that word refers to, loaded first if it is an entry of this package.

        Raises Unresolved when that entry failed, ValidationError when nothing or several match.
        """
        own = self.names.pointer(model, value)
        if own is not None:
            if own not in self._begun:
                self._load_entry(own)
            if own in self.rows:
                return self.rows[own]
            if own in self._open:
                step = pointer.rpartition("/")[2]
                raise ValidationError({step: _("This leads back to the entry itself.")})
            raise Unresolved
        if model is Party:
            organization = self.find(Organization, value, pointer)
            found = list(
                Party.objects.filter(agreement=self.agreement, organization=organization).order_by(
                    "-joined_on"
                )[:1]
            )
        else:
            found = list(stored(model, value, self.plan.agreement)[:2])
        if len(found) != 1:
            step = pointer.rpartition("/")[2]
            raise ValidationError({step: several() if found else nowhere(value)})
        return found[0]

    # telling

    def step(
        self, verb: str, row: Any, path: str, fields: tuple[str, ...] = (), label: Any = None
    ) -> None:
        """Note one step of the plan."""
        shown = str(label or LABELS[verb])
        kind = str(row._meta.verbose_name)
        self.plan.steps.append(Step(verb, shown, kind, str(row), path, fields))

    @contextmanager
    def telling(self, pointer: str) -> Iterator[None]:
        """Turn what a verb refuses into problems at that place, and go on with the next entry."""
        mark = len(self.plan.steps)
        try:
            with unit():
                yield
        except Unresolved:
            del self.plan.steps[mark:]
        except PackageInvalid as wrong:
            self.problems += wrong.problems
        except Refused as refused:
            self.problems.append(Problem(self.file, pointer, str(refused.sentence)))
        except ValidationError as wrong:
            for path, reason in _told(wrong, pointer):
                self.problems.append(Problem(self.file, path, reason))


def _told(wrong: ValidationError, pointer: str) -> Iterator[tuple[str, str]]:
    if not hasattr(wrong, "error_dict"):
        for reason in wrong.messages:
            yield pointer, reason
        return
    for name, reasons in wrong.message_dict.items():
        path = pointer if name == "__all__" else f"{pointer}/{escaped(name)}"
        for reason in reasons:
            yield path, reason


def _given_since(task: Task, entry: Json, facts: Json) -> Json:
    """The dates that an entry's own acts gave the task after those it begins with."""
    acts = sorted(
        (act for act in entry.get("acts") or () if act["verb"] == "reschedule"),
        key=lambda act: str(act["on"]),
    )
    events = Event.objects.of(task).filter(verb="reschedule")
    recorded = {str(day) for day in events.values_list("happened_on", flat=True)}
    return {
        name: date.fromisoformat(act[name])
        for act in acts
        if act["on"] in recorded
        for name in ("starts_on", "due_on")
        if name in facts and act.get(name)
    }


def _differs(row: Any, name: str, value: Any) -> bool:
    model_field = row._meta.get_field(name)
    if model_field.many_to_many:
        kept = set(getattr(row, name).values_list("pk", flat=True))
        return kept != {other.pk for other in value}
    if model_field.is_relation:
        return getattr(row, model_field.attname) != (value.pk if value is not None else None)
    return bool(getattr(row, name) != value)
