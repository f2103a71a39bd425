"""What a package tells of a consultation: its agenda, who was there, what was decided and minuted.

Each is an act of the consultation, told where it happened. One that is there already by its own
words is left alone, so that loading a package again adds nothing.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Person
from agreements.articles import Article
from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.attendance import Attendance, State
from agreements.mechanisms.confirmations import Confirmation
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.minutes import Minutes, Stance, digest
from agreements.mechanisms.minutes import Status as MinutesStatus
from agreements.package.names import nowhere, several
from agreements.package.rows import Rows
from agreements.package.sections import Json
from agreements.timetable import Phase


class Meeting:
    """The acts of one consultation, as they are performed."""

    def __init__(self, rows: Rows, consultation: Consultation) -> None:
        self.rows = rows
        self.by = rows.by
        self.consultation = consultation

    def act(self, told: Json, on: date, where: str) -> Callable[[], bool]:
        """What performs it; False when it turns out to be done already."""
        perform = getattr(self, "_" + told["verb"].replace("-", "_"))

        def do() -> bool:
            self.consultation.refresh_from_db()
            return bool(perform(told, on, where))

        return do

    # agenda

    def _propose(self, told: Json, on: date, where: str) -> bool:
        words = _words(told, "title", "title_zh")
        if self.consultation.agenda_items.filter(**words).exists():
            return False
        AgendaItem.propose(
            self.consultation,
            by=self.by,
            on=on,
            bound=False,
            proposed_by=self._organization(told, "proposed_by", where),
            **words,
            **_words(told, "explanation", "explanation_zh"),
            **self._standing(),
        )
        return True

    def _accept_item(self, told: Json, on: date, where: str) -> bool:
        item = self._item(told)
        if item.status != ItemStatus.PROPOSED:
            return False
        item.accept(by=self.by, on=on)
        return True

    def _decline_item(self, told: Json, on: date, where: str) -> bool:
        item = self._item(told)
        if item.status == ItemStatus.DECLINED:
            return False
        item.decline(by=self.by, on=on, reason=told.get("reason", ""))
        return True

    def _discuss_item(self, told: Json, on: date, where: str) -> bool:
        item = self._item(told)
        if item.status == ItemStatus.DISCUSSED:
            return False
        item.discuss(by=self.by, on=on, minutes_note=told.get("minutes_note", ""))
        return True

    def _item(self, told: Json) -> AgendaItem:
        word = told.get("item", "")
        found = [
            item
            for item in self.consultation.agenda_items.all()
            if word and word in (item.title, item.title_zh)
        ]
        if len(found) != 1:
            raise ValidationError({"item": several() if found else nowhere(word)})
        return found[0]

    # attendance

    def _register(self, told: Json, on: date, where: str) -> bool:
        organization = self._organization(told, "organization", where)
        if organization is None:
            raise ValidationError({"organization": _("Name the organization.")})
        facts: dict[str, Any] = {
            "state": told.get("state", State.PRESENT),
            "represented_by": self._organization(told, "represented_by", where),
            "excuse": told.get("reason", ""),
            **_words(told, "name", "mandate"),
        }
        if told.get("person"):
            facts["person"] = self.rows.find(Person, told["person"], f"{where}/person")
        there = Attendance.objects.filter(
            consultation=self.consultation, organization=organization
        ).first()
        if there is not None and all(getattr(there, name) == facts[name] for name in facts):
            return False
        Attendance.register(self.consultation, organization, by=self.by, on=on, **facts)
        return True

    # decisions

    def _decide(self, told: Json, on: date, where: str) -> bool:
        words = _words(told, "text", "text_zh")
        if self.consultation.decisions.filter(**words).exists():
            return False
        decide(
            self.consultation,
            by=self.by,
            on=on,
            agenda_item=self._item(told) if told.get("item") else None,
            positions=[
                {
                    "organization": self._organization(
                        held, "organization", f"{where}/positions/{place}"
                    ),
                    "stance": held["stance"],
                    "note": held.get("note", ""),
                }
                for place, held in enumerate(told.get("positions") or ())
            ],
            tasks=[
                self._task(one, f"{where}/tasks/{place}")
                for place, one in enumerate(told.get("tasks") or ())
            ],
            **words,
            **self._standing(),
        )
        return True

    def _task(self, told: Json, where: str) -> Mapping[str, Any]:
        facts: dict[str, Any] = _words(told, "title", "title_zh", "description", "description_zh")
        facts["lead"] = self._organization(told, "lead", where)
        facts["cooperating"] = [
            self.rows.find(Organization, word, f"{where}/cooperating/{place}")
            for place, word in enumerate(told.get("cooperating") or ())
        ]
        for name, model in (("article", Article), ("phase", Phase)):
            if told.get(name):
                facts[name] = self.rows.find(model, told[name], f"{where}/{name}")
        for name in ("starts_on", "due_on"):
            if told.get(name):
                facts[name] = date.fromisoformat(told[name])
        return facts

    # minutes

    def _minute(self, told: Json, on: date, where: str) -> bool:
        words = _words(told, "text", "text_zh")
        there = Minutes.objects.filter(consultation=self.consultation).first()
        meant = digest(words["text"], words["text_zh"])
        if there is not None and there.revisions.filter(sha256=meant).exists():
            return False
        based_on = there.revision if there is not None else None
        standing = {} if there is not None else self._standing()
        Minutes.draft(self.consultation, by=self.by, on=on, based_on=based_on, **words, **standing)
        return True

    def _circulate_minutes(self, told: Json, on: date, where: str) -> bool:
        minutes = self._minutes()
        if minutes.status != MinutesStatus.DRAFTED:
            return False
        minutes.circulate(by=self.by, on=on)
        return True

    def _confirm_minutes(self, told: Json, on: date, where: str) -> bool:
        minutes = self._minutes()
        organization = self._organization(told, "organization", where)
        if organization is None:
            raise ValidationError({"organization": _("Name the organization.")})
        said = {"stance": told.get("stance", Stance.CONFIRMED), "note": told.get("note", "")}
        if minutes.confirmations.filter(organization=organization, **said).exists():
            return False
        Confirmation.give(minutes, organization, by=self.by, on=on, **said)
        return True

    def _approve_minutes(self, told: Json, on: date, where: str) -> bool:
        minutes = self._minutes()
        if minutes.is_approved:
            return False
        minutes.approve(by=self.by, on=on)
        return True

    def _minutes(self) -> Minutes:
        found = Minutes.objects.filter(consultation=self.consultation).first()
        if found is None:
            raise ValidationError(_("There are no minutes yet."))
        return found

    # words

    def _organization(self, told: Json, name: str, where: str) -> Organization | None:
        word = told.get(name)
        return self.rows.find(Organization, word, f"{where}/{name}") if word else None

    def _standing(self) -> dict[str, Any]:
        """Where it is stated and whether it is made up, as of the consultation itself."""
        return {
            "source": self.consultation.source,
            "illustrative": self.consultation.illustrative,
        }


def _words(told: Json, *names: str) -> dict[str, Any]:
    return {name: (told.get(name) or "").strip() for name in names}
