"""The life that a package tells: every act of every noun, replayed in the order of its days.

An act that is on record already, by the same verb on the same day, is left alone; so loading a
package again adds nothing. What parties did is known by its dates alone.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actors.organization import Organization
from agreements import ending, indicators, membership, signing
from agreements.agreement import Agreement
from agreements.baselines import Baseline
from agreements.baselines import Kind as BaselineKind
from agreements.mechanisms import group_closing
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.convenor_terms import ConvenorTerm, State
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.mechanisms.special_group import SpecialGroup
from agreements.package.extensions import LABELS as LABELS_OF_EXTENSIONS
from agreements.package.extensions import extension_act
from agreements.package.handovers import told_of
from agreements.package.meeting_words import LABELS as LABELS_OF_MEETINGS
from agreements.package.meetings import Meeting
from agreements.package.names import KEYWORDS_OF_CHANGE, indicators_of, nowhere, several
from agreements.package.rows import Rows
from agreements.package.sections import AGREEMENT, OWN, Json, Section, entries
from agreements.package.steps import LEAVE
from agreements.party import Party
from agreements.tasks import Task
from agreements.timetable import Milestone
from governance.record import Event
from governance.wording import day_text

# Within one day: negotiation, signatures, approvals, entry into force, work, leaving, ending.
_RANKS = {
    "negotiate": 0,
    "party.sign": 1,
    "sign": 2,
    "party.approve": 3,
    "party.accede": 3,
    "bring-into-force": 4,
    "party.withdraw": 6,
    "take-baseline": 6,
    "suspend": 7,
    "resume": 7,
}
_WORK, _ENDING, _CONFIRMING = 5, 8, 9
LABELS_OF_PARTIES = {
    "sign": gettext_lazy("Record signature of party"),
    "approve": gettext_lazy("Record approval of party"),
    "accede": gettext_lazy("Record accession"),
    "withdraw": gettext_lazy("Record withdrawal"),
}
HANDED_OVER = {
    "create": gettext_lazy("Open handover"),
    "note": gettext_lazy("Write a note"),
    "sign_off": gettext_lazy("Sign off the handover"),
}
# Verbs of a noun with a life cycle that leave its status alone.
FURTHER = {"reschedule": gettext_lazy("Set another date")}
DATES_OF_PARTIES = {
    "signed_on": "sign",
    "approved_on": "approve",
    "acceded_on": "accede",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One act: ``do`` performs it and returns False when it turned out to be done already."""

    on: date
    rank: int
    path: str
    row: Any
    verb: str
    label: Any
    do: Callable[[], bool]


class Life:
    """The acts that a package tells of its rows."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.by = rows.by

    def replay(self) -> None:
        """Perform what is not on record yet, day by day; refusals become problems."""
        acts: list[Act] = []
        for pointer, section, entry in self._told():
            with self.rows.telling(pointer):
                acts += self._acts_of(section, entry, pointer, self.rows.rows[pointer])
        for act in sorted(acts, key=lambda act: (act.on, act.rank)):
            with self.rows.telling(act.path):
                verb = act.verb if act.do() else LEAVE
                self.rows.step(verb, act.row, act.path, label=None if verb == LEAVE else act.label)

    def _told(self) -> Iterator[tuple[str, Section, Json]]:
        if "/agreement" in self.rows.rows:
            yield "/agreement", AGREEMENT, self.rows.data.get("agreement") or {}
        for section in OWN:
            for pointer, entry in entries(self.rows.data, section):
                if pointer in self.rows.rows:
                    yield pointer, section, entry

    def _acts_of(self, section: Section, entry: Json, pointer: str, row: Any) -> list[Act]:
        if section.model is Party:
            return list(self._of_party(entry, pointer, row))
        if section.model is Rotation:
            return list(self._of_rotation(entry, pointer, row))
        if section.model is Milestone:
            return list(self._of_milestone(entry, pointer, row))
        return list(self._of_life(entry, pointer, row))

    # acts of a life cycle

    def _of_life(self, entry: Json, pointer: str, row: Any) -> Iterator[Act]:
        told = entry.get("acts") or []
        if not told:
            return
        recorded = self._recorded(row, pointer)
        for place, act in enumerate(told):
            on = date.fromisoformat(act["on"])
            where = f"{pointer}/acts/{place}"
            if act["verb"] == "report":
                do, label = self._report(row, entry, act, on, where, pointer), _("Report progress")
            elif act["verb"] in LABELS_OF_EXTENSIONS:
                find = partial(self._asker, where=f"{where}/asked_by")
                do = extension_act(row, act, by=self.by, on=on, find=find)
                label = LABELS_OF_EXTENSIONS[act["verb"]]
            elif act["verb"] == "take-baseline":
                do, label = self._baseline(row, act, on), _("Take baseline")
            elif act["verb"] in LABELS_OF_MEETINGS and isinstance(row, Consultation):
                do = Meeting(self.rows, row).act(act, on, where)
                label = LABELS_OF_MEETINGS[act["verb"]]
            else:
                verb = act["verb"].replace("-", "_")
                label = str(FURTHER.get(verb) or row.lifecycle.transitions[verb].label)
                done = recorded[verb, on] > 0
                recorded[verb, on] -= 1
                do = self._already if done else self._verb(row, verb, act, on, where)
            rank = _RANKS.get(act["verb"], _WORK) if isinstance(row, Agreement) else _WORK
            if isinstance(row, Agreement) and act["verb"] not in _RANKS:
                rank = _ENDING
            yield Act(on, rank, where, row, act["verb"].replace("-", "_"), label, do)

    def _recorded(self, row: Any, pointer: str) -> Counter[tuple[str, date | None]]:
        if pointer in self.rows.made:
            return Counter()
        return Counter(Event.objects.of(row).values_list("verb", "happened_on"))

    @staticmethod
    def _already() -> bool:
        return False

    def _verb(self, row: Any, verb: str, act: Json, on: date, where: str) -> Callable[[], bool]:
        def do() -> bool:
            details: Json = {"by": self.by, "on": on, "reason": act.get("reason", "")}
            details |= self._details(act, where)
            if isinstance(row, Agreement) and verb in ending.ENDINGS:
                ending.end(row, verb, **details)
            elif isinstance(row, Agreement) and verb == "sign":
                signing.sign(row, **details)
            elif isinstance(row, SpecialGroup) and verb == "close":
                group_closing.close(row, **details)
            else:
                method = verb if verb in FURTHER else row.lifecycle.transitions[verb].method_name
                getattr(row, method)(**details)
            return True

        return do

    def _details(self, act: Json, where: str) -> Json:
        details: Json = {}
        for name in ("held_on", "sunset_on", "starts_on", "due_on", "starts_at", "ends_at"):
            if act.get(name):
                read = date.fromisoformat if name.endswith("_on") else datetime.fromisoformat
                details[name] = read(act[name])
        if act.get("cause"):
            details["cause"] = act["cause"]
        if "all_parties" in act:
            details["all_parties"] = act["all_parties"]
        if act.get("lead"):
            details["lead"] = self.rows.find(Organization, act["lead"], f"{where}/lead")
        if act.get("superseded_by"):
            details["superseded_by"] = self.rows.find(
                Agreement, act["superseded_by"], f"{where}/superseded_by"
            )
        return details

    def _asker(self, model: type[Organization], word: str, where: str) -> Organization:
        found: Organization = self.rows.find(model, word, where)
        return found

    def _baseline(self, agreement: Agreement, act: Json, on: date) -> Callable[[], bool]:
        def do() -> bool:
            kind = act.get("kind", BaselineKind.REVISION)
            if Baseline.objects.of(agreement).filter(kind=kind, taken_on=on).exists():
                return False
            named = {name: act.get(name, "") for name in ("name", "name_zh", "approved_by")}
            Baseline.enter(
                by=self.by,
                on=on,
                agreement=agreement,
                kind=kind,
                taken_on=on,
                reason=act.get("reason", ""),
                illustrative=self.rows.data.get("illustrative", False),
                **named,
            )
            return True

        return do

    def _report(
        self, task: Task, entry: Json, act: Json, on: date, where: str, pointer: str
    ) -> Callable[[], bool]:
        def do() -> bool:
            text = (act.get("text") or "").strip()
            if task.reports.filter(reported_on=on, text=text, share=act.get("share")).exists():
                return False
            values = [
                (self._indicator(task, entry, word, pointer), Decimal(str(value)))
                for word, value in (act.get("values") or {}).items()
            ]
            indicators.report(
                task, by=self.by, on=on, text=text, share=act.get("share"), values=values
            )
            return True

        return do

    def _indicator(self, task: Task, entry: Json, word: str, pointer: str) -> Any:
        for place, told in enumerate(entry.get("indicators") or ()):
            if word in (told.get("key"), told.get("name"), told.get("name_zh")):
                return self.rows.rows[f"{pointer}/indicators/{place}"]
        found = list(indicators_of(entry, self.rows.agreement, word).filter(task=task)[:2])
        if len(found) != 1:
            raise ValidationError({"values": several() if found else nowhere(word)})
        return found[0]

    # what is known by its dates

    def _of_party(self, entry: Json, pointer: str, party: Party) -> Iterator[Act]:
        for name, verb in DATES_OF_PARTIES.items():
            if entry.get(name):
                on = date.fromisoformat(entry[name])
                kept = "joined_on" if verb == "accede" else name
                yield self._party_act(party, verb, on, f"{pointer}/{name}", kept)
        withdrawal = entry.get("withdrawal")
        if withdrawal:
            on = date.fromisoformat(withdrawal["notified_on"])
            yield self._party_act(
                party, "withdraw", on, f"{pointer}/withdrawal", "withdrawal_notified_on", withdrawal
            )

    def _party_act(
        self,
        party: Party,
        verb: str,
        on: date,
        where: str,
        kept: str,
        withdrawal: Json | None = None,
    ) -> Act:
        def do() -> bool:
            party.refresh_from_db()
            if self._stands(getattr(party, kept), on):
                return False
            if withdrawal is None:
                getattr(party, verb)(by=self.by, on=on)
                return True
            day = withdrawal.get("effective_on")
            membership.withdraw(
                party,
                by=self.by,
                on=on,
                effective_on=date.fromisoformat(day) if day else None,
                reason=withdrawal.get("reason", ""),
            )
            return True

        label = LABELS_OF_PARTIES[verb]
        return Act(on, _RANKS[f"party.{verb}"], where, party, verb, label, do)

    @staticmethod
    def _stands(kept: date | None, told: date) -> bool:
        """Whether it is kept as told. Raises ValidationError when another day is."""
        if kept is not None and kept != told:
            raise ValidationError(
                _("Another day, %(day)s, is on record already.") % {"day": day_text(kept)}
            )
        return kept is not None

    def _of_milestone(self, entry: Json, pointer: str, milestone: Milestone) -> Iterator[Act]:
        if not entry.get("reached_on"):
            return
        on = date.fromisoformat(entry["reached_on"])

        def do() -> bool:
            if self._stands(milestone.reached_on, on):
                return False
            milestone.reach(by=self.by, on=on)
            return True

        where = f"{pointer}/reached_on"
        yield Act(on, _WORK, where, milestone, "reach", _("Record as reached"), do)

    # rotations

    def _of_rotation(self, entry: Json, pointer: str, rotation: Rotation) -> Iterator[Act]:
        kept = list(rotation.changes.order_by("number"))
        for place, change in enumerate(entry.get("changes") or ()):
            where = f"{pointer}/changes/{place}"
            facts = self._facts_of_change(change, where)
            decided = date.fromisoformat(change["decided_on"]) if change.get("decided_on") else None
            same = next(
                (
                    one
                    for one in kept
                    if (one.kind, one.decided_on) == (change["kind"], decided)
                    and facts.items() <= one.terms_of_change.items()
                ),
                None,
            )
            if same is not None:
                kept.remove(same)
            do = self._change(rotation, change, facts, decided) if same is None else self._already
            on = decided or self.rows.on
            yield Act(on, _WORK, where, rotation, change["kind"], _("Change rotation"), do)
        for place, day in enumerate(entry.get("confirmed") or ()):
            where = f"{pointer}/confirmed/{place}"
            do = self._confirm(rotation, date.fromisoformat(day))
            yield Act(self.rows.on, _CONFIRMING, where, rotation, "confirm", _("Confirm term"), do)
        for place, told in enumerate(entry.get("handovers") or ()):
            where = f"{pointer}/handovers/{place}"
            for day, verb, at, do in told_of(told, rotation, by=self.by, on=self.rows.on):
                yield Act(day, _ENDING, where + at, rotation, verb, HANDED_OVER[verb], do)

    def _facts_of_change(self, change: Json, where: str) -> Json:
        facts: Json = {}
        for name, value in change.items():
            if name in {"kind", "decided_by", "decided_on", "reason"}:
                continue
            if name in {"organization", "then", "after", "first"}:
                facts[name] = self._organization(value, f"{where}/{name}")
            elif name == "organizations":
                facts["organization"] = [
                    self._organization(one, f"{where}/{name}") for one in value
                ]
            elif name == "seats":
                facts[name] = [
                    {"organization": self._organization(one, f"{where}/{name}")} for one in value
                ]
            else:
                facts[name] = value
        return facts

    def _organization(self, word: str, where: str) -> str:
        if word in KEYWORDS_OF_CHANGE:
            return word
        return str(self.rows.find(Organization, word, where).public_id)

    def _change(
        self, rotation: Rotation, change: Json, facts: Json, decided: date | None
    ) -> Callable[[], bool]:
        def do() -> bool:
            rotation.change(
                change["kind"],
                by=self.by,
                on=decided or self.rows.on,
                facts=facts,
                decided_by=change.get("decided_by", ""),
                decided_on=decided,
                reason=change.get("reason", ""),
            )
            return True

        return do

    def _confirm(self, rotation: Rotation, day: date) -> Callable[[], bool]:
        def do() -> bool:
            term = ConvenorTerm.objects.filter(rotation=rotation, starts_on=day).first()
            if term is None:
                raise ValidationError(_("No term begins on %(day)s.") % {"day": day_text(day)})
            if term.state == State.CONFIRMED:
                return False
            term.confirm(by=self.by, on=self.rows.on)
            return True

        return do
