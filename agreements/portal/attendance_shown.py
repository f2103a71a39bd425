"""The list of who takes part in a consultation as it is shown, and the quorum in words."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from actors.models import Organization
from agreements.mechanisms.attendance import (
    Participant,
    Quorum,
    State,
    participants,
    quorum,
    registration_refusal,
)
from agreements.models import Attendance, Consultation
from governance.access import may, visible_to
from governance.lifecycle import Refusal
from governance.portal.pages import Page
from governance.wording import detailed, in_a_row, noted


@dataclass(frozen=True, slots=True)
class Line:
    """One organization of the list. ``row`` None: nothing is known of it yet.

    ``counts``: for the quorum; ``invited``: by nobody's right; ``path``: where the reader
    registers it, empty where they do not.
    """

    organization: Organization
    row: Attendance | None
    counts: bool
    invited: bool
    path: str

    @property
    def state(self) -> str:
        """How it takes part; empty as long as that is not known."""
        return self.row.state if self.row is not None else ""

    @property
    def state_name(self) -> str:
        """The same in words."""
        return str(self.row.get_state_display()) if self.row is not None else ""

    @property
    def speaker(self) -> str:
        """Who speaks for it, by what mandate, or why nobody does; empty where nothing is said."""
        row = self.row
        if row is None:
            return ""
        if row.state in {State.EXCUSED, State.ABSENT}:
            return row.excuse
        told = str(row.person) if row.person is not None else row.name
        if row.state == State.REPRESENTED and row.represented_by is not None:
            whom = _("by %(organization)s") % {"organization": row.represented_by.label}
            told = noted(whom, told) if told else str(whom)
        return detailed(told, row.mandate) if told else row.mandate


@dataclass(frozen=True, slots=True)
class Roll:
    """The list of a consultation with its quorum."""

    lines: list[Line]
    quorum: Quorum
    refusal: Refusal | None

    @property
    def words(self) -> str:
        """The quorum as it stands, in one or two sentences."""
        return quorum_text(self.quorum)

    @property
    def tone(self) -> str:
        """How the quorum is marked; neither way where none is stated."""
        if self.quorum.required is None:
            return ""
        return "quorum-met" if self.quorum.met else "quorum-missed"

    @property
    def missing(self) -> list[Line]:
        """Those of whom nothing is known."""
        return [line for line in self.lines if line.row is None]

    def of(self, *states: str) -> list[Line]:
        """The lines of these states."""
        return [line for line in self.lines if line.state in states]


def roll(page: Page, consultation: Consultation) -> Roll:
    """Who takes part by right, and whoever else is on the list; a constant number of queries."""
    user = page.request.user
    by_right = participants(consultation)
    rows = {row.organization_id: row for row in visible_to(user, Attendance).of(consultation)}
    refusal = registration_refusal(consultation)
    lines = [
        _line(user, consultation, one, rows.pop(one.organization.pk, None), refusal)
        for one in by_right
    ]
    lines += [
        _line(user, consultation, Participant(row.organization, None, False), row, refusal, True)
        for row in rows.values()
    ]
    return Roll(lines, quorum(consultation, by_right), refusal)


def _line(
    user: Any,
    consultation: Consultation,
    one: Participant,
    row: Attendance | None,
    refusal: Refusal | None,
    invited: bool = False,
) -> Line:
    asked = row or Attendance(consultation=consultation, organization=one.organization)
    asked.consultation = consultation
    verb = "create" if row is None else "change"
    open_to_reader = refusal is None and may(user, verb, asked) is None
    path = attendance_path(consultation, one.organization) if open_to_reader else ""
    return Line(one.organization, row, one.counts, invited, path)


def attendance_path(consultation: Consultation, organization: Organization) -> str:
    """The address at which an organization is registered."""
    return reverse(
        "attendance",
        kwargs={"id": consultation.public_id, "organization": organization.public_id},
    )


def quorum_text(found: Quorum) -> str:
    """The quorum as it stands: who is there, of how many, how many are needed."""
    there = ngettext(
        "%(present)s of %(of)s is there or represented.",
        "%(present)s of %(of)s are there or represented.",
        found.present,
    ) % {"present": found.present, "of": found.of}
    if found.required is None:
        return in_a_row([there, _("No quorum is stated.")])
    needed = {"required": found.required}
    if found.met:
        return in_a_row([there, _("Quorum met: %(required)s needed.") % needed])
    return in_a_row([there, _("No quorum: %(required)s needed.") % needed])
