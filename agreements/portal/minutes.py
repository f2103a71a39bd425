"""Minutes in the portal: written by several without loss, circulated, confirmed, approved."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _

from actors.models import Organization
from agreements.mechanisms.agenda_rules import ON_THE_AGENDA
from agreements.mechanisms.attendance import MET, State, participants
from agreements.mechanisms.confirmations import confirmation_refusal
from agreements.mechanisms.minutes import Stance, Status, approved_refusal
from agreements.models import Confirmation, Minutes
from agreements.portal.agenda_shown import entries
from agreements.portal.attendance_shown import roll
from agreements.portal.consultation import MeetingPart
from agreements.portal.consultation_action import ConsultationAction
from agreements.portal.decisions_shown import decisions_of
from agreements.portal.minutes_shown import (
    drafts,
    may_confirm,
    may_write,
    minutes_of,
    minutes_path,
    minutes_verb_path,
    own_missing,
    reads_revisions,
    said_of,
    standing_text,
)
from agreements.portal.regular_consultation import consultation_path, consultation_trail
from governance.access import actions, may, registers, speaks_for
from governance.lifecycle import Refusal, Stale
from governance.portal.differences import compared
from governance.portal.forms import VersionedForm
from governance.portal.verbs import ActionPage, VerbPage

_RELATED = ("consultation__agreement", "consultation__group", "consultation__host",
            "consultation__series__host", "consultation__series__rotation")  # fmt: skip


class Sheet(MeetingPart):
    """A paper of a consultation, to be printed and laid before the meeting."""

    def trail(self) -> list[tuple[str, str]]:
        return [*super().trail(), (consultation_path(self.object), str(self.object))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        agenda = entries(self, self.object)
        people = roll(self, self.object)
        return super().get_context_data(
            agenda=[one for one in agenda if one.item.status in ON_THE_AGENDA],
            roll=people,
            present=people.of(State.PRESENT),
            represented=people.of(State.REPRESENTED),
            away=people.of(State.EXCUSED, State.ABSENT),
            has_met=self.object.status in MET,
            **kwargs,
        )


class AgendaSheet(Sheet):
    """The agenda as one lays it before the meeting."""

    template_name = "portal/agenda_sheet.html"


class MinutesPage(Sheet):
    """The minutes: their text, where they stand, who confirmed what, how they came about."""

    template_name = "portal/minutes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, consultation = self.request.user, self.object
        minutes = minutes_of(user, consultation)
        writes = may_write(user, consultation, minutes) and consultation.status in MET
        context = super().get_context_data(minutes=minutes, **kwargs)
        if minutes is None:
            return {**context, "write_path": minutes_path(consultation, "write") if writes else ""}
        words = minutes.standing()
        steps = [one for one in actions(user, minutes, self.today) if one["allowed"]]
        for step in steps:
            step["path"] = minutes_verb_path(minutes, step["verb"])
        can_confirm = confirmation_refusal(minutes) is None and may_confirm(user, minutes)
        return {
            **context,
            "write_path": minutes_path(consultation, "write")
            if writes and not minutes.is_approved
            else "",
            "standing": standing_text(minutes, words),
            "said": said_of(minutes, words),
            "asked": own_missing(user, minutes, words),
            "confirm_path": minutes_verb_path(minutes, "confirm") if can_confirm else "",
            "steps": steps,
            "revisions": minutes.revisions.select_related("saved_by__person").order_by("-number")
            if reads_revisions(user, minutes)
            else [],
        }


class RevisionPage(MeetingPart):
    """One revision of the minutes, and what changed in it against another one."""

    template_name = "portal/minutes_revision.html"

    def trail(self) -> list[tuple[str, str]]:
        return [
            *super().trail(),
            (consultation_path(self.object), str(self.object)),
            (minutes_path(self.object), str(_("Minutes"))),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        minutes = minutes_of(self.request.user, self.object)
        if minutes is None or not reads_revisions(self.request.user, minutes):
            raise Http404
        revisions = {
            one.number: one for one in minutes.revisions.select_related("saved_by__person")
        }
        shown = revisions.get(self.kwargs["number"])
        if shown is None:
            raise Http404
        asked = self.request.GET.get("with", "")
        other = revisions.get(int(asked) if asked.isdecimal() and len(asked) < 9 else 0)
        other = other or revisions.get(shown.number - 1)
        return super().get_context_data(
            minutes=minutes,
            revision=shown,
            other=other,
            others=[one for one in sorted(revisions) if one != shown.number],
            text=compared(other.text if other else "", shown.text),
            text_zh=compared(other.text_zh if other else "", shown.text_zh),
            **kwargs,
        )


# writing


class TextForm(VersionedForm):
    """The text in one language or both, and the revision that the writer had before them."""

    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 18}),
    )
    text_zh = forms.CharField(
        label=_("Chinese text"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 18}),
    )

    def rebase(self, revision: int) -> None:
        """Continue on a newer revision, with what was typed."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["based_on"] = str(revision)
        self.data = data


class WriteMinutes(ConsultationAction):
    """Writing the minutes, or revising them.

    When somebody saved meanwhile, both texts are shown; nothing of either is lost.
    """

    label = _("Write the minutes")
    form_class = TextForm
    template_name = "portal/minutes_write.html"

    def find_object(self) -> Any:
        found = super().find_object()
        self.minutes = minutes_of(self.request.user, found)
        if self.minutes is not None:
            self.label = _("Revise the minutes")
        return found

    def role_refusal(self) -> Refusal | None:
        made = self.minutes or Minutes(consultation=self.object)
        return may(self.request.user, "create" if self.minutes is None else "revise", made)

    def state_refusal(self) -> Refusal | None:
        if self.object.status not in MET:
            return Refusal("not_convened", _("The consultation has not been called."))
        if self.minutes is not None and self.minutes.is_approved:
            return approved_refusal()
        return None

    def initial(self) -> dict[str, Any]:
        minutes = self.minutes
        if minutes is not None:
            texts = {"text": minutes.text, "text_zh": minutes.text_zh}
            return {"based_on": minutes.revision, **texts}
        agenda = [one for one in entries(self, self.object) if one.item.status in ON_THE_AGENDA]
        return drafts(agenda, decisions_of(self.request.user, self.object))

    def perform(self, form: TextForm) -> None:
        said = form.cleaned_data
        self.minutes = Minutes.draft(
            self.object,
            by=self.request.user,
            on=self.today,
            text=said["text"],
            text_zh=said["text_zh"],
            based_on=said["based_on"],
        )

    def _stale(self, form: Any, stale: Stale) -> HttpResponse:
        theirs = stale.current
        form.rebase(theirs.revision)
        saved = theirs.revisions.select_related("saved_by__person").get(number=theirs.revision)
        context = self.get_context_data(
            form=form,
            heading=self.label,
            address=self.address(),
            theirs=saved,
            text=compared(saved.text, form.cleaned_data["text"]),
            text_zh=compared(saved.text_zh, form.cleaned_data["text_zh"]),
        )
        return self.render_to_response(context, status=409)

    def consequences(self) -> Any:
        if self.minutes is not None and self.minutes.status == Status.CIRCULATED:
            return _(
                "They were circulated: with another text they are a draft again, and everybody is "
                "asked anew."
            )
        return ""

    def done(self) -> Any:
        assert self.minutes is not None
        return _("The minutes are saved as revision %(number)s.") % {
            "number": self.minutes.revision
        }

    def address(self) -> str:
        return minutes_path(self.object)


# verbs


class MinutesVerb(VerbPage):
    """Circulating and approving minutes."""

    section = "agreements"
    model = Minutes
    related = _RELATED
    sentences = {
        "circulate": _("The minutes are circulated: the participants are asked to confirm them."),
        "approve": _("The minutes are approved. Attendance and decisions are kept as they are."),
    }
    warnings = {
        "approve": _("From then on neither the text nor attendance nor decisions can be changed."),
    }

    def consequences(self) -> Any:
        if self.transition.verb != "circulate":
            return super().consequences()
        series = self.object.consultation.series
        days = series.minutes_silence_days if series is not None else None
        if days is None:
            return _(
                "Every participant is asked for its word; they are approved with the last one."
            )
        return _(
            "Every participant is asked for its word. Whoever says nothing within %(days)s days "
            "counts as agreeing."
        ) % {"days": days}

    def trail(self) -> list[tuple[str, str]]:
        return minutes_trail(self.request.user, self.object)

    def address(self) -> str:
        return minutes_path(self.object.consultation)


def minutes_trail(user: Any, minutes: Minutes) -> list[tuple[str, str]]:
    """The way up from what is done to minutes."""
    consultation = minutes.consultation
    return [
        *consultation_trail(user, consultation),
        (consultation_path(consultation), str(consultation)),
        (minutes_path(consultation), str(_("Minutes"))),
    ]


class ConfirmForm(VersionedForm):
    """Whose word it is, to which text, and what is reserved."""

    sha256 = forms.CharField(widget=forms.HiddenInput)
    organization = forms.ChoiceField(label=_("For whom"))
    stance = forms.ChoiceField(
        label=_("What you say"),
        choices=[(one.value, one.label) for one in (Stance.CONFIRMED, Stance.RESERVED)],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Reservation"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It stays with the minutes."),
    )

    def __init__(self, *args: Any, whose: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["organization"]
        chosen.choices = [(str(one.public_id), one.label) for one in whose]
        if len(whose) == 1:
            chosen.widget = forms.HiddenInput()
            chosen.initial = str(whose[0].public_id)


class ConfirmMinutes(ActionPage):
    """A participant's word to the text that stands before it."""

    section = "agreements"
    model = Minutes
    related = _RELATED
    label = _("Confirm the minutes")
    form_class = ConfirmForm
    template_name = "portal/minutes_confirm.html"

    def check(self) -> None:
        super().check()
        user, consultation = self.request.user, self.object.consultation
        taking_part = (
            participants(consultation) if registers(user) else speaks_for(user, consultation)
        )
        self.whose = [one.organization for one in taking_part if one.counts]

    def role_refusal(self) -> Refusal | None:
        whose = next(iter(self.whose), None)
        return may(
            self.request.user, "create", Confirmation(minutes=self.object, organization=whose)
        )

    def state_refusal(self) -> Refusal | None:
        return confirmation_refusal(self.object)

    def initial(self) -> dict[str, Any]:
        return {"sha256": self.object.sha256, "stance": Stance.CONFIRMED}

    def make_form(self, **given: Any) -> ConfirmForm:
        return ConfirmForm(initial=self.initial(), whose=self.whose, **given)

    def perform(self, form: ConfirmForm) -> None:
        said = form.cleaned_data
        if said["sha256"] != self.object.sha256:
            raise Stale(self.object)
        organization = next(one for one in self.whose if str(one.public_id) == said["organization"])
        reserved = said["stance"] == Stance.RESERVED
        Confirmation.give(
            self.object,
            organization,
            by=self.request.user,
            on=self.today,
            stance=said["stance"],
            note=said["note"] if reserved else "",
            sha256=said["sha256"],
        )
        self.object.refresh_from_db()

    def _stale(self, form: Any, stale: Stale) -> HttpResponse:
        data: Any = form.data.copy()
        data["sha256"] = self.object.sha256
        form.data = data
        return super()._stale(form, stale)

    def done(self) -> Any:
        if self.object.is_approved:
            return _(
                "Your answer is recorded. It was the last one missing: the minutes are approved."
            )
        return _("Your answer is recorded with the minutes.")

    def address(self) -> str:
        return minutes_path(self.object.consultation)

    def trail(self) -> list[tuple[str, str]]:
        return minutes_trail(self.request.user, self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            minutes=self.object, consultation=self.object.consultation, **kwargs
        )
