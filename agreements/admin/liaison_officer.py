"""Liaison officers in the back office."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminSelectWidget

from actors.models import Person
from agreements.admin.belonging import Belonging
from agreements.admin.names import shortened
from agreements.agreement import OVER
from agreements.mechanisms.liaison_coverage import SOON_DAYS
from agreements.mechanisms.liaison_naming import in_turn
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import LiaisonAbsence, LiaisonAppointment, LiaisonAttestation, Party
from governance import clock
from governance.access import visible_to
from governance.admin.forms import NounForm
from governance.admin.nouns import NounTabular, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm
from governance.admin.widgets import searched
from governance.last_day import last_day
from governance.periods import add_months
from governance.wording import noted

_lazy_yes, _lazy_no = gettext_lazy("yes"), gettext_lazy("no")


class InPostFilter(admin.SimpleListFilter):
    """Those in post on a day: today, or any other one that the address names."""

    title = gettext_lazy("in post")
    parameter_name = "in_post"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", gettext_lazy("today")),
            ("away", gettext_lazy("away today")),
            ("month", gettext_lazy("30 days ahead")),
            ("half_year", gettext_lazy("half a year ago")),
            ("year", gettext_lazy("a year ago")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        today = clock.today()
        if self.value() == "away":
            return queryset.current(today).exclude(pk__in=queryset.at_work(today).values("pk"))
        days = {
            "today": today,
            "month": today + timedelta(days=SOON_DAYS),
            "half_year": add_months(today, -6),
            "year": add_months(today, -12),
        }
        day = days.get(self.value() or "")
        return queryset.current(day) if day is not None else queryset


class RelieveForm(VerbForm):
    """From when the person is no longer in post, which may be known ahead."""

    foresees = True


class SucceedForm(RelieveForm):
    """Who takes over, on the day on which the appointment ends."""

    person = searched(LiaisonAppointment, "person", label=gettext_lazy("Successor"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = visible_to(self.user, Person)


class AlsoForm(NounForm):
    """An appointment; a new one may be entered for several agreements of the party at once."""

    also: Any = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Also for these parties"),
        queryset=None,
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text=gettext_lazy("The same person, rank and days. All are entered, or none."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "also" not in self.fields:
            return
        parties = visible_to(self.user, Party).current(clock.today())
        self.fields["also"].queryset = parties.exclude(agreement__status__in=OVER).select_related(
            "agreement", "organization"
        )
        self.fields["also"].label_from_instance = lambda party: noted(
            party.organization, party.agreement.reference
        )

    def write(self, *, by: Any, **given: Any) -> None:
        also = list(self.cleaned_data.get("also") or ())
        if also:
            in_turn([self.cleaned_data["party"], *also])
        super().write(by=by, **given)
        made = self.instance
        for party in also:
            if party == made.party:
                continue
            LiaisonAppointment.enter(
                by=by,
                on=clock.today(),
                party=party,
                person=made.person,
                rank=made.rank,
                starts_on=made.starts_on,
                ends_on=made.ends_on,
                source=made.source,
                illustrative=made.illustrative,
            )


class AbsenceInline(NounTabular):
    """When the officer is away."""

    model = LiaisonAbsence
    fields = ("starts_on", "ends_on", "remark")
    last_days = {"ends_on": gettext_lazy("The last day away. Empty: not known yet.")}
    extra = 0


@admin.register(LiaisonAppointment, site=secretariat)
class LiaisonAppointmentAdmin(Belonging, VerbAdmin):
    """Who speaks for a party, from a day until a day."""

    belongs_by = "party"
    neighbours = ("article",)

    list_display = ("officer", "party", "agreement", "rank", "starts_on", "until")
    list_filter = ("rank", InPostFilter)
    list_select_related = ("person", "party__organization", "party__agreement")
    search_fields = (
        "person__name",
        "person__name_zh",
        "party__organization__name",
        "party__organization__name_zh",
        "party__agreement__reference",
    )
    autocomplete_fields = ("party", "person", "article")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "party",
                    ("person", "rank"),
                    ("starts_on", "ends_on"),
                    "article",
                    ("source", "illustrative"),
                )
            },
        ),
    )
    last_days = {"ends_on": gettext_lazy("Their last day in post. Empty: until further notice.")}
    form = AlsoForm
    inlines = (AbsenceInline,)
    plain_verbs = (
        PlainVerb("succeed", gettext_lazy("Name successor")),
        PlainVerb("relieve", gettext_lazy("Relieve liaison officer")),
    )
    verb_forms = {"relieve": RelieveForm, "succeed": SucceedForm}

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """Several parties are named for only when the first is."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        (title, options), *others = fieldsets
        fields = list(options["fields"])
        return [(title, options | {"fields": [fields[0], "also", *fields[1:]]}), *others]

    def consequences(self, request: Any, obj: LiaisonAppointment, verb: str) -> list[str]:
        if verb == "succeed":
            listed = [
                _("%(person)s leaves on the day given, unless an earlier end stands already.")
                % {"person": obj.person}
            ]
            if obj.rank == Rank.PRIMARY:
                listed.append(
                    _(
                        "If a deputy takes over, their post as deputy ends then: name another "
                        "deputy."
                    )
                )
            return listed
        return [
            _("The day given is the first one on which %(person)s is no longer in post.")
            % {"person": obj.person}
        ]

    @display(description=gettext_lazy("person"), ordering="person__name")
    def officer(self, obj: LiaisonAppointment) -> Any:
        return marked_name(obj, obj.person)

    @display(description=gettext_lazy("agreement"))
    def agreement(self, obj: LiaisonAppointment) -> str:
        return shortened(obj.party.agreement)

    @display(description=gettext_lazy("until"), ordering="ends_on")
    def until(self, obj: LiaisonAppointment) -> date | None:
        return last_day(obj.ends_on)


class ChaseFilter(admin.SimpleListFilter):
    """Those that somebody has to see to."""

    title = gettext_lazy("to be chased")
    parameter_name = "chase"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", gettext_lazy("no answer")),
            ("denied", gettext_lazy("no longer, successor missing")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() == "open":
            return queryset.waiting(clock.today())
        return queryset.denied(clock.today()) if self.value() == "denied" else queryset


class AnswerForm(VerbForm):
    """Yes or no, as the officer or their organization said it."""

    still = forms.TypedChoiceField(
        label=gettext_lazy("Still in post"),
        choices=[("", gettext_lazy("Please choose")), ("yes", _lazy_yes), ("no", _lazy_no)],
        coerce=lambda word: word == "yes",
        widget=UnfoldAdminSelectWidget,
    )


@admin.register(LiaisonAttestation, site=secretariat)
class LiaisonAttestationAdmin(VerbAdmin):
    """Whether liaison officers said that they still are the ones; asked by the daily run."""

    list_display = ("officer", "party", "agreement", "asked_on", "reminded_on", "answered")
    list_filter = (ChaseFilter, "asked_on")
    list_select_related = (
        "appointment__person",
        "appointment__party__organization",
        "appointment__party__agreement",
    )
    search_fields = (
        "appointment__person__name",
        "appointment__person__name_zh",
        "appointment__party__organization__name",
        "appointment__party__organization__name_zh",
        "appointment__party__agreement__reference",
    )
    fieldsets = (
        (None, {"fields": ("appointment", ("asked_on", "reminded_on"), ("answered_on", "still"))}),
    )
    readonly_fields = ("appointment", "asked_on", "reminded_on", "answered_on", "still")
    plain_verbs = (PlainVerb("answer", gettext_lazy("Answer the question")),)
    verb_forms = {"answer": AnswerForm}

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("person"), ordering="appointment__person__name")
    def officer(self, obj: LiaisonAttestation) -> str:
        return str(obj.appointment.person)

    @display(description=gettext_lazy("party"))
    def party(self, obj: LiaisonAttestation) -> str:
        return str(obj.appointment.party)

    @display(description=gettext_lazy("agreement"))
    def agreement(self, obj: LiaisonAttestation) -> str:
        return shortened(obj.appointment.party.agreement)

    @display(
        description=gettext_lazy("answer"),
        label={"open": "warning", "yes": "success", "no": "danger"},
        ordering="answered_on",
    )
    def answered(self, obj: LiaisonAttestation) -> tuple[str, Any]:
        if obj.still is None:
            return "open", _("no answer")
        return ("yes", _lazy_yes) if obj.still else ("no", _lazy_no)
