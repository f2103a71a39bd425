"""One consultation: before it the agenda being made, afterwards what was decided, the minutes."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.mechanisms.agenda_rules import (
    ON_THE_AGENDA,
    agenda_closes_on,
    approved_refusal,
    proposal_refusal,
)
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.attendance import MET
from agreements.mechanisms.minutes import Status as MinutesStatus
from agreements.mechanisms.minutes import Word
from agreements.mechanisms.regular_consultation import TO_COME, HostRule, Status
from agreements.models import AgendaItem, Consultation, Decision, Minutes
from agreements.portal.agenda_shown import Entry, entries
from agreements.portal.attendance_shown import Roll, roll
from agreements.portal.consultation_action import RELATED, meeting_path
from agreements.portal.decisions_shown import decisions_of
from agreements.portal.minutes_shown import (
    may_write,
    minutes_of,
    minutes_path,
    minutes_verb_path,
    own_missing,
    standing_text,
)
from agreements.portal.regular_consultation import (
    consultation_path,
    consultation_trail,
    promise,
    quorum_words,
)
from governance.access import actions, hosts, may, registers, speaks_for
from governance.lifecycle import Refusal
from governance.portal import history
from governance.portal.pages import ObjectPage


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing to do next: where, what it is called, and why now."""

    path: str
    label: Any
    sentence: Any


class MeetingPart(ObjectPage):
    """What the pages of one consultation share: its agenda, its list and its decisions."""

    section = "agreements"
    model = Consultation
    related = RELATED

    def trail(self) -> list[tuple[str, str]]:
        return consultation_trail(self.request.user, self.object)

    @cached_property
    def decisions(self) -> list[Any]:
        """What it decided, as far as the reader sees it."""
        return decisions_of(self.request.user, self.object)

    @property
    def is_run(self) -> bool:
        """Whether the reader may run the meeting, as far as its state goes."""
        return self.run_refusal() is None and self.object.status in MET

    def run_refusal(self) -> Refusal | None:
        """Why the reader does not run the meeting; None when they do."""
        made = Decision(consultation=self.object, agreement=self.object.agreement)
        return may(self.request.user, "create", made)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        consultation = self.object
        return super().get_context_data(
            consultation=consultation,
            zone=consultation.zone,
            host=consultation.host_now(),
            decisions=self.decisions,
            **kwargs,
        )


class ConsultationPage(MeetingPart):
    """When, where, who hosts and takes part; the agenda, what was decided, what comes next."""

    template_name = "portal/consultation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, consultation = self.request.user, self.object
        listed = actions(user, consultation, self.today)
        for action in listed:
            action["path"] = consultation_path(consultation, action["verb"])
        allowed = [action for action in listed if action["allowed"]]
        agenda, people = entries(self, consultation), roll(self, consultation)
        minutes = minutes_of(user, consultation)
        words = minutes.standing() if minutes is not None else []
        on_it = [one for one in agenda if one.item.status in ON_THE_AGENDA]
        begun = bool(on_it or self.decisions)
        step = self._next(allowed, people, agenda) or self._next_of_minutes(minutes, words, begun)
        return super().get_context_data(
            host_by=self._host_by(),
            step=step,
            rest=[one for one in listed if step is None or one["path"] != step.path]
            if allowed
            else [],
            promise=promise(consultation.series) if consultation.series else "",
            rule=quorum_words(consultation.series) if consultation.series else "",
            agenda=on_it,
            proposals=[one for one in agenda if one.item.status == ItemStatus.PROPOSED],
            refused=[
                one
                for one in agenda
                if one.item.status in {ItemStatus.DECLINED, ItemStatus.WITHDRAWN}
            ],
            closes_on=agenda_closes_on(consultation) if consultation.status in TO_COME else None,
            propose=self._propose(),
            roll=people,
            minutes=minutes,
            minutes_path=minutes_path(consultation),
            minutes_standing=standing_text(minutes, words) if minutes is not None else "",
            reserved=[word for word in words if word.matches and word.note],
            has_met=consultation.status in MET,
            is_over=consultation.status == Status.CLOSED,
            meeting_path=meeting_path(consultation)
            if self.is_run and approved_refusal(consultation) is None
            else "",
            history=history.entries(
                user, history.of_objects(user, consultation).order_by("-sequence")[:20]
            ),
            **kwargs,
        )

    def _host_by(self) -> Any:
        """Why it is this host; empty when it was set or is kept."""
        consultation = self.object
        if consultation.host_id is not None or consultation.host_now() is None:
            return ""
        rule = consultation.series.host_rule if consultation.series else HostRule.CONVENOR
        if rule == HostRule.FIXED:
            return _("always the host of this series")
        return _("by the rotation, until the consultation is called")

    def _propose(self) -> dict[str, Any]:
        """Whether the reader may propose, and if it is too late, why; empty when they may not."""
        user, consultation = self.request.user, self.object
        if consultation.status not in TO_COME:
            return {}
        settles = registers(user) or hosts(user, consultation)
        own = None if registers(user) else next(iter(speaks_for(user, consultation)), None)
        whose = own.organization if own is not None else None
        asked = AgendaItem(
            consultation=consultation, agreement=consultation.agreement, proposed_by=whose
        )
        if may(user, "create", asked) is not None:
            return {}
        refusal = proposal_refusal(
            consultation, None if settles else whose, self.today, bound=not settles
        )
        path = reverse("propose", kwargs={"id": consultation.public_id})
        return {
            "path": path,
            "refusal": refusal.sentence if refusal else "",
            "settles": settles,
        }

    def _next(
        self, allowed: list[dict[str, Any]], people: Roll, agenda: list[Entry]
    ) -> Step | None:
        """What is asked of the reader now; None when nothing is."""
        consultation = self.object
        verbs = {action["verb"]: action for action in allowed}
        day = consultation.day
        if self.is_run and consultation.status == Status.CONVENED and day and day <= self.today:
            return Step(
                meeting_path(consultation),
                _("Run the meeting"),
                _("run the meeting from here: attendance, agenda, decisions."),
            )
        waiting = [one for one in agenda if one.item.status == ItemStatus.PROPOSED]
        answers = [one for one in waiting if any(s["verb"] == "accept" for s in one.steps)]
        if answers:
            sentence = ngettext(
                "answer the proposal for the agenda.",
                "answer the %(number)s proposals for the agenda.",
                len(answers),
            ) % {"number": len(answers)}
            return Step("#proposals", _("Answer proposals"), sentence)
        if "convene" in verbs:
            return Step(
                verbs["convene"]["path"],
                verbs["convene"]["label"],
                _("call the consultation, when day and place are right."),
            )
        own = self._own_line(people)
        if own and consultation.status == Status.CONVENED:
            return Step(own, _("Register attendance"), _("say who comes for your organization."))
        return None

    def _next_of_minutes(
        self, minutes: Minutes | None, words: list[Word], begun: bool
    ) -> Step | None:
        """What is asked of the reader for the minutes, once the consultation is closed.

        ``begun``: whether agenda or decisions give them a text to begin with.
        """
        user, consultation = self.request.user, self.object
        if consultation.status != Status.CLOSED:
            return None
        writes = may_write(user, consultation, minutes)
        if minutes is None and writes:
            return Step(
                minutes_path(consultation, "write"),
                _("Write the minutes"),
                _("write the minutes; agenda, notes and decisions stand there already.")
                if begun
                else _("write the minutes."),
            )
        if minutes is None:
            return None
        if minutes.status == MinutesStatus.DRAFTED and writes:
            return Step(
                minutes_verb_path(minutes, "circulate"),
                _("Circulate minutes"),
                _("circulate the minutes, when they are as they should be."),
            )
        if own_missing(user, minutes, words):
            return Step(
                minutes_verb_path(minutes, "confirm"),
                _("Confirm the minutes"),
                _("read the minutes and confirm them, with a reservation if need be."),
            )
        return None

    def _own_line(self, people: Roll) -> str:
        """Where the reader registers their own organization; empty when that is done."""
        own = {one.organization.pk for one in speaks_for(self.request.user, self.object)}
        missing = (line for line in people.missing if line.organization.pk in own)
        return next((line.path for line in missing if line.path), "")
