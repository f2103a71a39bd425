"""The rotating convenor in the back office: the rule, its terms, and every change to them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanWidget

from agreements.admin import rotation_forms
from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement, shortened
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_terms import State
from agreements.mechanisms.liaison_officer import ALIVE
from agreements.models import ConvenorTerm, Rotation, RotationChange, Seat
from agreements.needs import HANDOVER_DAYS
from agreements.party import Role
from agreements.rotation_questions import compared
from governance import clock
from governance.access import visible_to
from governance.admin.forms import NounForm
from governance.admin.nouns import NounStacked, NounTabular, ReadOnlyAdmin, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin
from governance.lifecycle import Refusal
from governance.periods import on_day
from governance.record import unit
from governance.wording import length_text, listed, period_text

TERMS_SHOWN = 12
SEATED = (Role.LEAD, Role.PARTY)


def seat_the_parties(rotation: Rotation, *, by: Any) -> None:
    """Give every party a seat, in the order of signature: what a rotation means that names none."""
    parties = rotation.agreement.party_set.filter(role__in=SEATED).order_by("position", "id")
    with unit():
        for place, party in enumerate(parties.select_related("organization"), 1):
            Seat.enter(by=by, rotation=rotation, organization=party.organization, position=place)


class RotationRow(NounForm):
    """A rotation on the page of its agreement: the parties take turns in their order."""

    wanted = forms.BooleanField(
        label=gettext_lazy("The parties take turns as convenor, in the order above"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=gettext_lazy("Tick it even where length and first day are not known."),
    )

    def write(self, *, by: Any, **given: Any) -> None:
        is_new = self.instance.pk is None
        super().write(by=by, **given)
        if is_new and not self.instance.seats.exists():
            seat_the_parties(self.instance, by=by)


class RotationInline(NounStacked):
    """The rotating convenor of an agreement; a rotation there already has a page of its own."""

    model = Rotation
    form = RotationRow
    section = gettext_lazy("How they work together")
    verbose_name = gettext_lazy("Rotating convenor")
    verbose_name_plural = gettext_lazy("Rotating convenor")
    fields = ("wanted", ("length", "unit", "starts_on", "order"))
    max_num = 1

    def get_extra(self, request: Any, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).none()


class SeatInline(NounTabular):
    """The order of seats."""

    model = Seat
    fields = ("position", "organization", "region", "sort_name", "joined_on", "left_on")
    autocomplete_fields = ("organization", "region")
    verbose_name_plural = gettext_lazy("Seats, in their order")
    extra = 0

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("organization", "region")


@admin.register(Rotation, site=secretariat)
class RotationAdmin(Belonging, VerbAdmin):
    """Rules by which convenors rotate."""

    neighbours = ("group", "article")

    list_display = (marked_name, of_agreement, "rule", "starts_on", "today")
    list_filter = ("basis", "order", "boundaries")
    list_select_related = ("agreement", "group")
    search_fields = (
        "name",
        "name_zh",
        "agreement__reference",
        "agreement__title",
        "agreement__title_zh",
    )
    autocomplete_fields = ("agreement", "group", "article", "first")
    readonly_fields = ("terms", "made_changes")
    _rule = (
        ("agreement", "group"),
        ("name", "name_zh"),
        ("length", "unit", "starts_on"),
        ("order", "reverse", "first"),
        ("basis", "boundaries", "on_admission"),
        ("handover_days", "handover_in_working_days", "handover_opens_days"),
        "article",
        ("source", "illustrative"),
    )
    add_fieldsets = ((gettext_lazy("The rule"), {"fields": _rule}),)
    fieldsets = (
        (gettext_lazy("Who convenes when"), {"fields": ("terms",)}),
        (gettext_lazy("Recorded changes"), {"fields": ("made_changes",)}),
        (gettext_lazy("The rule"), {"fields": _rule}),
    )
    inlines = (SeatInline,)
    plain_verbs = (
        PlainVerb("seat-the-parties", gettext_lazy("Give every party a seat")),
        *(PlainVerb(kind.value, kind.label) for kind in Kind),
    )
    verb_forms = dict(rotation_forms.FORMS)

    def get_queryset(self, request: Any) -> Any:
        now = (
            visible_to(request.user, ConvenorTerm)
            .current(clock.today())
            .prefetch_related("holdings__organization")
        )
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("terms", now, to_attr="current_terms"))
        )

    @display(description=gettext_lazy("term"))
    def rule(self, obj: Rotation) -> str:
        if not obj.length:
            return _("not known")
        return length_text(obj.length, obj.unit)

    @display(description=gettext_lazy("convenor today"))
    def today(self, obj: Any) -> str:
        return listed(_holders(term) for term in obj.current_terms) or "—"

    @display(description=gettext_lazy("terms"))
    def terms(self, obj: Rotation) -> Any:
        """The terms from the one before today's on, each with a way to its page."""
        if obj.pk is None:
            return "—"
        today = clock.today()
        rows = list(obj.terms.prefetch_related("holdings__organization").order_by("starts_on"))
        begun = [place for place, term in enumerate(rows) if term.starts_on <= today]
        first = max(0, (begun[-1] if begun else 0) - 1)
        shown = [
            {
                "period": _days(term),
                "url": reverse("admin:agreements_convenorterm_change", args=(term.pk,)),
                "holders": _holders(term),
                "state": term.get_state_display(),
                "current": term.is_current(today),
            }
            for term in rows[first : first + TERMS_SHOWN]
        ]
        if not shown:
            return _("No terms yet: length, first day or seats are missing.")
        return render_to_string("admin/concord/terms.html", {"rows": shown})

    @display(description=gettext_lazy("changes"))
    def made_changes(self, obj: Rotation) -> Any:
        """Every change that was recorded, each with a way to its page."""
        if obj.pk is None:
            return _("None so far.")
        changes = list(obj.changes.select_related("revoked_by__person"))
        if not changes:
            return _("None so far.")
        return render_to_string("admin/concord/changes.html", {"changes": changes})

    def state_refusal(self, obj: Rotation, verb: str, on: Any) -> Refusal | None:
        if verb == "seat_the_parties":
            if obj.seats.exists():
                return Refusal("has_seats", _("This rotation has seats already."))
            return None
        refusal: Refusal | None = obj.refusal(verb, on)
        return refusal

    def perform(self, obj: Rotation, verb: str, **said: Any) -> None:
        if verb == "seat_the_parties":
            seat_the_parties(obj, by=said["by"])
            return
        said["on"] = clock.today()
        obj.change(verb, **said)

    def can_preview(self, verb: str) -> bool:
        return verb in rotation_forms.FORMS

    def preview(self, obj: Rotation, verb: str, form: Any) -> dict[str, Any]:
        """The terms before and after the change, from the first that differs."""
        before, after = obj.preview(
            verb,
            on=clock.today(),
            facts=form.facts(),
            decided_on=form.cleaned_data["decided_on"],
            reason=form.cleaned_data["reason"],
        )
        comparison = compared(before, after)
        rows = comparison.changed or comparison.earlier
        return {"rows": rows[:TERMS_SHOWN]}


def _holders(term: ConvenorTerm) -> str:
    return listed(held.organization for held in term.holdings.all()) or term.get_state_display()


def _days(term: ConvenorTerm) -> str:
    return period_text(term.starts_on, term.ends_on or term.expected_ends_on)


class EndingFilter(admin.SimpleListFilter):
    """Terms of today, and those that end soon."""

    title = gettext_lazy("when")
    parameter_name = "when"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", gettext_lazy("today")),
            ("ending", gettext_lazy("handed over within 30 days")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        today = clock.today()
        current = queryset.filter(on_day(today))
        if self.value() == "today":
            return current
        if self.value() == "ending":
            return current.filter(
                rotation__agreement__status__in=ALIVE,
                ends_on__lte=today + timedelta(days=HANDOVER_DAYS),
            )
        return queryset


@admin.register(ConvenorTerm, site=secretariat)
class ConvenorTermAdmin(VerbAdmin):
    """The terms that the rotations yield: laid down by the system, confirmed by people."""

    list_display = ("agreement", "term", "held_by", "state_label", "person")
    list_filter = ("state", EndingFilter, ("rotation__agreement", AutocompleteSelectFilter))
    list_select_related = ("rotation__agreement", "person")
    search_fields = (
        "rotation__agreement__reference",
        "rotation__agreement__title",
        "rotation__agreement__title_zh",
        "holders__name",
        "holders__name_zh",
    )
    autocomplete_fields = ("person",)
    readonly_fields = ("rotation", "term", "held_by", "state")
    fieldsets = ((None, {"fields": ("rotation", ("term", "state"), ("held_by", "person"))}),)
    plain_verbs = (PlainVerb("confirm", gettext_lazy("Confirm term")),)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("holdings__organization")

    def consequences(self, request: Any, obj: ConvenorTerm, verb: str) -> list[str]:
        return [_("From then on no change may alter this term, but to end or extend it in time.")]

    @display(description=gettext_lazy("agreement"), ordering="rotation__agreement")
    def agreement(self, obj: ConvenorTerm) -> str:
        return shortened(obj.rotation.agreement)

    @display(description=gettext_lazy("term"), ordering="starts_on")
    def term(self, obj: ConvenorTerm) -> str:
        return _days(obj)

    @display(description=gettext_lazy("held by"))
    def held_by(self, obj: ConvenorTerm) -> str:
        return _holders(obj)

    @display(
        description=gettext_lazy("state"),
        label={
            State.CONFIRMED: "success",
            State.PROJECTED: "",
            State.UNDECIDED: "warning",
            State.VACANT: "warning",
        },
        ordering="state",
    )
    def state_label(self, obj: ConvenorTerm) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


@admin.register(RotationChange, site=secretariat)
class RotationChangeAdmin(VerbAdmin, ReadOnlyAdmin):
    """Decisions that altered a rotation: recorded on the rotation's page, revoked here."""

    list_display = ("__str__", "rotation", "decided_by", "decided_on", "revoked_on")
    list_select_related = ("rotation__agreement",)
    search_fields = ("decided_by", "reason", "rotation__agreement__reference")
    fields = (
        "rotation",
        ("number", "kind"),
        ("decided_by", "decided_on"),
        "reason",
        "terms_of_change",
        ("revoked_on", "revoked_by"),
        "revocation_reason",
    )
    readonly_fields = ("number", "revoked_on", "revoked_by", "revocation_reason")
    plain_verbs = (
        PlainVerb("revoke", gettext_lazy("Revoke change"), needs_reason=True, danger=True),
    )

    def state_refusal(self, obj: RotationChange, verb: str, on: Any) -> Refusal | None:
        if obj.revoked_on is None:
            return None
        return Refusal("revoked", _("This change has been revoked already."))

    def perform(self, obj: RotationChange, verb: str, **said: Any) -> None:
        obj.rotation.revoke(obj, by=said["by"], on=said["on"], reason=said["reason"])
