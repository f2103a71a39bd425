"""A series of consultations: its dates as people say them, and dates that a host sets."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.meeting_days import doubts_about
from agreements.mechanisms.regular_consultation import Cadence, Status
from agreements.mechanisms.series_preview import Moved, previewed
from agreements.models import Agreement, Consultation, ConsultationSeries
from agreements.portal.agreement import agreement_path
from agreements.portal.regular_consultation import consultation_path
from agreements.recurrence_form import RecurrenceFields, initial_of
from governance import clock
from governance.access import may, visible_to
from governance.lifecycle import Refusal, Refused
from governance.portal.forms import MomentField, VersionedForm
from governance.portal.verbs import ActionPage
from governance.templatetags.words import day as day_words

ALL, FOLLOWING = "all", "following"


class PromiseForm(RecurrenceFields, VersionedForm):
    """The dates of a series, and how often at least."""

    times = forms.IntegerField(
        label=_("At least … times"), required=False, min_value=1, max_value=32767
    )
    cadence = forms.ChoiceField(
        label=_("Per"),
        required=False,
        choices=[("", _("not known how often")), *Cadence.choices],
    )

    def stated(self, series: ConsultationSeries) -> dict[str, Any]:
        """The facts of the series that the form states."""
        given = self.cleaned_data
        return {**self.dates(series), "times": given["times"], "cadence": given["cadence"]}


class SeriesForm(PromiseForm):
    """Its dates, how often at least, and which of the consultations it holds for."""

    scope = forms.ChoiceField(
        label=_("This holds for"),
        choices=(
            (ALL, _("all coming consultations")),
            (FOLLOWING, _("those from a day on: a new series continues this one")),
        ),
        initial=ALL,
        widget=forms.RadioSelect,
    )
    since = forms.DateField(
        label=_("From which day on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("scope") == FOLLOWING and not given.get("since"):
            self.add_error("since", ValidationError(_("This is needed here."), code="required"))
        return given


class EditSeries(ActionPage):
    """Changing the dates of a series: all of it, or from a day on; first shown, then done."""

    template_name = "portal/series_edit.html"
    section = "agreements"
    model = ConsultationSeries
    related = ("agreement", "group", "host", "rotation", "continues")
    label = _("Change the dates")
    form_class = SeriesForm
    renamed = {"host": "scope", "quorum": "scope"}
    moves: list[Moved] | None = None

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "change", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("split", self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        coming = (
            visible_to(self.request.user, Consultation)
            .filter(series=self.object, status=Status.PLANNED, starts_at__gte=clock.now())
            .order_by("starts_at")
            .first()
        )
        return {
            **super().initial(),
            **initial_of(self.object),
            "times": self.object.times,
            "cadence": self.object.cadence,
            "since": coming.day if coming is not None else None,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "preview" not in request.POST or self.role_refusal() is not None:
            return super().post(request, *args, **kwargs)
        form = self.make_form(data=request.POST)
        if form.is_valid():
            try:
                change = self._change(form)
                self.moves = previewed(self.object, change, clock.now())
            except ValidationError as wrong:
                form.take(wrong, self.renamed)
            except Refused as refused:
                return self._page(form, refused, status=409)
        return self._page(form, status=200 if self.moves is not None else 422)

    def perform(self, form: SeriesForm) -> None:
        before = self.object.version
        made = self._change(form, version=form.cleaned_data["version"])(self.object)
        self.changed = made.pk != self.object.pk or self.object.version != before

    def _change(self, form: SeriesForm, version: int | None = None) -> Any:
        """What is to be done to the series, as the form says it."""
        user, facts = self.request.user, form.stated(self.object)
        if form.cleaned_data["scope"] == ALL:
            return lambda series: series.edit(by=user, version=version, **facts)
        facts["starts_on"] = form.first_from(form.cleaned_data["since"])
        if facts["rrule"] == self.object.rrule:
            # What is left of its count goes on by itself.
            facts.pop("rrule")
        return lambda series: series.split(by=user, on=self.today, version=version, **facts)

    def done(self) -> Any:
        if not self.changed:
            return _("Nothing was changed: “%(name)s” keeps its dates.") % {"name": self.object}
        return _("The dates of “%(name)s” are changed; its coming consultations follow.") % {
            "name": self.object
        }

    def address(self) -> str:
        return agreement_path(self.object.agreement, "consultations")

    def trail(self) -> list[tuple[str, str]]:
        return series_trail(self.object.agreement)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(moves=self.moves, zone=self.object.zone, **kwargs)


class DateForm(VersionedForm):
    """When and where a consultation is to be held."""

    title = forms.CharField(label=_("Title"), required=False, max_length=300)
    starts_at = MomentField(label=_("Begins"))
    ends_at = MomentField(label=_("Ends"), required=False)
    place = forms.CharField(label=_("Place"), required=False, max_length=200)


class SetDate(ActionPage):
    """The host sets the date of the next consultation of a series."""

    section = "agreements"
    model: Any = ConsultationSeries
    related: tuple[str, ...] = ("agreement", "group", "host", "rotation")
    label = _("Set a date")
    form_class = DateForm

    def stated(self, **facts: Any) -> Consultation:
        """The consultation that is to be entered."""
        series = self.object
        return Consultation(agreement=series.agreement, group=series.group, series=series, **facts)

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "create", self.stated())

    def state_refusal(self) -> Refusal | None:
        return self.stated().agreement.over_refusal()

    def make_form(self, **given: Any) -> Any:
        # What is typed is meant in the zone in which the consultation is agreed.
        with timezone.override(self.stated().zone):
            form = super().make_form(**given)
            if form.is_bound:
                form.is_valid()
        return form

    def doubts(self, form: Any) -> list[str]:
        stated = self.stated()
        day = form.cleaned_data["starts_at"].astimezone(stated.zone).date()
        return doubts_about(stated, day)

    def perform(self, form: Any) -> None:
        # The noun itself allows it, since the past of what is over is entered too.
        refusal = self.state_refusal()
        if refusal is not None:
            raise Refused("create", refusal)
        given = dict(form.cleaned_data)
        given.pop("version")
        stated = self.stated()
        if given["ends_at"] is None and stated.series is not None:
            given["ends_at"] = given["starts_at"] + stated.series.duration
        self.made = Consultation.enter(
            by=self.request.user,
            on=self.today,
            agreement=stated.agreement,
            group=stated.group,
            series=stated.series,
            **given,
        )

    def done(self) -> Any:
        return _("“%(name)s” is planned for %(day)s. Call it when day and place are right.") % {
            "name": self.made,
            "day": day_words(self.made.day),
        }

    def address(self) -> str:
        made = getattr(self, "made", None)
        if made is not None:
            return consultation_path(made)
        return agreement_path(self.stated().agreement, "consultations")

    def trail(self) -> list[tuple[str, str]]:
        return series_trail(self.stated().agreement)


class Extraordinary(SetDate):
    """A consultation outside of any series."""

    model = Agreement
    related = ()
    label = _("Plan an extraordinary consultation")

    def stated(self, **facts: Any) -> Consultation:
        return Consultation(agreement=self.object, **facts)


def series_trail(agreement: Agreement) -> list[tuple[str, str]]:
    """The way up from what is done to the series of an agreement."""
    return [
        (reverse("agreement_list"), str(_("Agreements"))),
        (agreement_path(agreement), agreement.reference),
        (agreement_path(agreement, "consultations"), str(_("Consultations"))),
    ]
