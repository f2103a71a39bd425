"""Regular consultation: what was promised, what comes, what was held; the verbs of one."""

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.mechanisms.consultation_hosts import hosts_of
from agreements.mechanisms.held_as_promised import Reckoning, reckoned
from agreements.mechanisms.held_as_promised import lately as last_year
from agreements.mechanisms.meeting_days import doubts_about
from agreements.mechanisms.promise_words import period_name
from agreements.mechanisms.regular_consultation import TO_COME, Cadence, QuorumKind
from agreements.models import Agreement, Consultation, ConsultationSeries
from agreements.portal.agreement import AgreementPage, agreement_path
from governance.access import may, visible_to
from governance.portal.forms import MomentField, PastDayField, VerbForm
from governance.portal.verbs import VerbPage
from governance.wording import day_text, in_a_row

_RELATED = ("agreement", "group", "series__host", "series__rotation", "host")


def consultation_path(consultation: Consultation, verb: str = "") -> str:
    """The address of a consultation's page, or of one of its verbs."""
    if not verb:
        return reverse("consultation", kwargs={"id": consultation.public_id})
    return reverse("consultation_verb", kwargs={"id": consultation.public_id, "verb": verb})


class AgreementConsultations(AgreementPage):
    """The series with their promises; the consultations, coming and past."""

    template_name = "portal/agreement_consultations.html"
    tab = "consultations"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        consultations = list(self.of(Consultation).select_related(*_RELATED))
        hosts = hosts_of(consultations)
        for one in consultations:
            one.host_now_shown = hosts[one.pk]
        coming = [one for one in consultations if one.status in TO_COME]
        past = [one for one in consultations if one.status not in TO_COME]
        # Those without a date come last.
        coming.sort(key=lambda one: (one.starts_at is None, one.starts_at))
        past.sort(key=lambda one: one.held_on or one.day or date.min, reverse=True)
        extraordinary = may(self.request.user, "create", Consultation(agreement=self.object))
        may_plan = may(self.request.user, "create", ConsultationSeries(agreement=self.object))
        return super().get_context_data(
            series=self._series(),
            coming=coming,
            past=past,
            extraordinary=extraordinary is None and not self.object.is_over,
            may_plan=may_plan is None and not self.object.is_over,
            **kwargs,
        )

    def _series(self) -> list[Any]:
        found = list(
            self.of(ConsultationSeries).select_related(
                "agreement", "group", "article", "host", "rotation"
            )
        )
        lately = reckoned(found, *last_year(self.today), self.today)
        user = self.request.user
        for series in found:
            series.reckoning = lately[series.pk]
            stated = Consultation(agreement=self.object, group=series.group, series=series)
            series.date_can_be_set = not self.object.is_over and may(user, "create", stated) is None
            series.can_be_changed = not self.object.is_over and may(user, "change", series) is None
            series.periods = periods(series.reckoning)
            series.promised = promise(series)
            series.quorum_words = quorum_words(series)
        return found


def periods(found: Reckoning | None) -> list[tuple[str, int, int, int]]:
    """The periods that were asked for: what each is called, how many it held, promised and owes."""
    if found is None:
        return []
    return [
        (period_name(found.series.cadence, one.starts_on), one.held, one.promised, one.owed)
        for one in found.periods
    ]


def promise(series: ConsultationSeries) -> str:
    """How often one has promised to meet; empty when it is not known."""
    if not series.times or not series.cadence:
        return ""
    return ngettext(
        "at least once per %(cadence)s",
        "at least %(times)s times per %(cadence)s",
        series.times,
    ) % {"times": series.times, "cadence": Cadence(series.cadence).label}


def quorum_words(series: ConsultationSeries) -> str:
    """The quorum in words; empty when it is not known."""
    if not series.quorum:
        return ""
    if series.quorum_kind == QuorumKind.PERCENT:
        return str(_("%(number)s%% of the parties") % {"number": series.quorum})
    return ngettext("%(number)s party", "%(number)s parties", series.quorum) % {
        "number": series.quorum
    }


def consultation_trail(user: Any, consultation: Consultation) -> list[tuple[str, str]]:
    """The way up from a consultation."""
    agreement = consultation.agreement
    if not visible_to(user, Agreement).filter(pk=agreement.pk).exists():
        return []
    return [
        (reverse("agreement_list"), str(_("Agreements"))),
        (agreement_path(agreement), agreement.reference),
        (agreement_path(agreement, "consultations"), str(_("Consultations"))),
    ]


class CloseForm(VerbForm):
    """When it took place."""

    held_on = PastDayField(label=_("Held on"), help_text=_("The day on which it took place."))

    field_order = ("held_on", "reason", "on")


class PostponeForm(VerbForm):
    """To when it is put off, where that is known already."""

    starts_at = MomentField(
        label=_("New beginning"),
        required=False,
        help_text=_("Leave empty if the new day is not set yet."),
    )
    ends_at = MomentField(label=_("New end"), required=False)

    field_order = ("starts_at", "ends_at", "reason", "on")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("ends_at") and not given.get("starts_at"):
            self.add_error("starts_at", forms.ValidationError(_("Give the beginning too.")))
        return given


class MoveForm(VerbForm):
    """When and where it is to be held: only this one."""

    starts_at = MomentField(label=_("Begins"))
    ends_at = MomentField(
        label=_("Ends"), required=False, help_text=_("Empty: it lasts as long as before.")
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    place_zh = forms.CharField(label=_("Place in Chinese"), required=False, max_length=200)

    field_order = ("starts_at", "ends_at", "place", "place_zh", "reason", "on")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("ends_at") is None:
            given.pop("ends_at", None)
        return given


class ConsultationVerb(VerbPage):
    """A verb of a consultation."""

    section = "agreements"
    model = Consultation
    related = _RELATED
    sentences = {
        "move": _("Day and place of “%(name)s” are set."),
        "convene": _("You called “%(name)s”. Its host no longer follows the rotation."),
        "close": _("You closed “%(name)s”: it counts as held."),
        "postpone": _("You postponed “%(name)s”. Call it again when its day is set."),
        "cancel": _("You cancelled “%(name)s”. It stays in the history."),
    }
    warnings = {
        "move": _("Only this consultation changes; the others of its series stay."),
        "convene": _("From then on the host is kept, even when the rotation changes."),
        "close": _("What is still open on the agenda goes to the next consultation."),
        "cancel": _("The consultation will not take place. This cannot be taken back."),
    }
    _forms = {"move": MoveForm, "close": CloseForm, "postpone": PostponeForm}

    def trail(self) -> list[tuple[str, str]]:
        up = consultation_trail(self.request.user, self.object)
        return [*up, (self.address(), str(self.object))]

    def address(self) -> str:
        return consultation_path(self.object)

    def consequences(self) -> Any:
        said, day = super().consequences(), self.object.day
        if self.transition.verb != "close" or day is None or day <= self.today:
            return said
        early = _("It is set for %(day)s, which is still to come.") % {"day": day_text(day)}
        return in_a_row([early, said])

    def doubts(self, form: Any) -> list[str]:
        """About another day; one that stays was looked at when it was set."""
        moment = form.cleaned_data.get("starts_at")
        day = moment.astimezone(self.object.zone).date() if moment else None
        return doubts_about(self.object, day) if day and day != self.object.day else []

    def initial(self) -> dict[str, Any]:
        day = self.object.day
        held = day if day is not None and day <= self.today else self.today
        one = self.object
        now = {name: getattr(one, name) for name in ("starts_at", "place", "place_zh")}
        moving = now if self.transition.verb == "move" else {}
        return {**super().initial(), "held_on": held, **moving}

    def make_form(self, **given: Any) -> Any:
        self.form_class = self._forms.get(self.transition.verb, VerbForm)
        # What is typed is meant in the zone in which the consultation was agreed.
        with timezone.override(self.object.zone):
            form = super().make_form(**given)
            if form.is_bound:
                form.is_valid()
        return form
