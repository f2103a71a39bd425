"""A new series of consultations: who meets, how often, on which days, and who hosts."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from actors.models import Organization
from agreements.mechanisms.consultation_series import HORIZON_MONTHS
from agreements.mechanisms.regular_consultation import HostRule, Level, QuorumKind
from agreements.models import (
    Agreement,
    Article,
    ConsultationSeries,
    Party,
    Rotation,
    SpecialGroup,
)
from agreements.portal.agreement import agreement_path
from agreements.portal.consultation_series import PromiseForm, series_trail
from agreements.recurrence_form import initial_of_new
from governance.access import may, visible_to
from governance.lifecycle import Refusal, Refused
from governance.periods import add_months
from governance.portal.verbs import ActionPage

# Relations of the series that are chosen among those of the agreement.
_CHOSEN = ("group", "article", "host", "rotation")
_SAID = (
    *("name", "name_zh", "level", "host_rule", "quorum", "quorum_kind"),
    *("agenda_cutoff_days", "minutes_silence_days", *_CHOSEN),
)


def _days(label: Any, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=365, help_text=help_text
    )


def _choice(label: Any, empty: Any, help_text: Any = "") -> Any:
    return forms.ModelChoiceField(
        label=label, queryset=None, required=False, empty_label=empty, help_text=help_text
    )


class NewSeriesForm(PromiseForm):
    """All that a series states."""

    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    name_zh = forms.CharField(label=_("Chinese name"), required=False, max_length=200)
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)
    group = _choice(_("Special group"), _("None: all parties meet"))
    article = _choice(_("Article"), _("None"), _("Where it is agreed."))
    host_rule = forms.ChoiceField(
        label=_("Host"), choices=HostRule.choices, widget=forms.RadioSelect
    )
    host = _choice(_("Fixed host"), _("Choose an organization"))
    rotation = _choice(_("Rotation of the hosts"), _("Choose a rotation"))
    quorum = forms.IntegerField(label=_("Quorum"), required=False, min_value=1, max_value=32767)
    quorum_kind = forms.ChoiceField(
        label=_("Stated as"),
        required=False,
        choices=[("", _("none is stated")), *QuorumKind.choices],
    )
    agenda_cutoff_days = _days(
        _("Proposals until … days before"),
        _("After that the host and the secretariat alone add to the agenda."),
    )
    minutes_silence_days = _days(
        _("Minutes approved by silence after … days"),
        _("Empty: minutes are approved expressly only."),
    )

    def __init__(self, *args: Any, chosen_from: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in chosen_from.items():
            field: Any = self.fields[name]
            field.queryset = rows


class NewSeries(ActionPage):
    """Entering a series of an agreement; its dates can be looked at first."""

    template_name = "portal/series_new.html"
    section = "agreements"
    model = Agreement
    label = _("Plan regular consultations")
    form_class = NewSeriesForm
    shown: ConsultationSeries | None = None

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "create", ConsultationSeries(agreement=self.object))

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.over_refusal()
        return refusal

    def initial(self) -> dict[str, Any]:
        return {
            **initial_of_new(self.today, settings.TIME_ZONE),
            "level": Level.LEADERS,
            "host_rule": HostRule.CONVENOR,
        }

    def make_form(self, **given: Any) -> NewSeriesForm:
        of_it = {
            name: visible_to(self.request.user, model).filter(agreement=self.object)
            for name, model in (
                ("group", SpecialGroup),
                ("article", Article),
                ("rotation", Rotation),
            )
        }
        parties = visible_to(self.request.user, Party).filter(agreement=self.object)
        organizations = visible_to(self.request.user, Organization)
        hosts = organizations.filter(pk__in=parties.values("organization"))
        return NewSeriesForm(
            initial=self.initial(),
            chosen_from={**of_it, "host": hosts.order_by("name", "name_zh")},
            **given,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "preview" not in request.POST or self._refused() is not None:
            return super().post(request, *args, **kwargs)
        form = self.make_form(data=request.POST)
        if form.is_valid():
            series = ConsultationSeries(agreement=self.object, **self._facts(form))
            try:
                series.full_clean()
                self.shown = series
            except ValidationError as wrong:
                form.take(wrong)
        return self._page(form, status=200 if self.shown is not None else 422)

    @staticmethod
    def _facts(form: NewSeriesForm) -> dict[str, Any]:
        facts = form.stated(ConsultationSeries())
        return {**facts, **{name: form.cleaned_data[name] for name in _SAID}}

    def perform(self, form: NewSeriesForm) -> None:
        # The noun itself allows it, since the past of what is over is entered too.
        refusal = self.state_refusal()
        if refusal is not None:
            raise Refused("create", refusal)
        self.made = ConsultationSeries.enter(
            by=self.request.user, on=self.today, agreement=self.object, **self._facts(form)
        )

    def done(self) -> Any:
        planned = self.made.consultations.count()
        if not self.made.rrule:
            return _("“%(name)s” is entered. The host sets the date of each consultation.") % {
                "name": self.made
            }
        return ngettext(
            "“%(name)s” is entered; %(number)s consultation is planned for the year ahead.",
            "“%(name)s” is entered; %(number)s consultations are planned for the year ahead.",
            planned,
        ) % {"name": self.made, "number": planned}

    def address(self) -> str:
        return agreement_path(self.object, "consultations")

    def trail(self) -> list[tuple[str, str]]:
        return series_trail(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        series = self.shown
        return super().get_context_data(
            series=series,
            zone=series.zone if series is not None else None,
            moments=self._moments(series) if series is not None else None,
            **kwargs,
        )

    def _moments(self, series: ConsultationSeries) -> list[datetime]:
        """When the series would meet in the year ahead."""
        placing = series.placing()
        until = add_months(self.today, HORIZON_MONTHS)
        return [placing(moment) for moment in series.occurrences(self.today, until)]
