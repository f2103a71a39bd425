"""Handovers in the back office: what is open, who has signed, and the logging of both."""

from typing import Any

from django import forms
from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from agreements.admin.belonging import Belonging
from agreements.admin.names import shortened
from agreements.mechanisms.handing_over import matters_of, readable, sign_off
from agreements.mechanisms.handover import Side
from agreements.models import Handover
from governance import clock
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm
from governance.wording import day_text, labelled, listed, noted


class StandingFilter(admin.SimpleListFilter):
    """Open, late, or signed by both sides."""

    title = gettext_lazy("standing")
    parameter_name = "standing"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", gettext_lazy("open")),
            ("late", gettext_lazy("late")),
            ("signed", gettext_lazy("signed by both sides")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        match self.value():
            case "open":
                return queryset.open()
            case "late":
                return queryset.late(clock.today())
            case "signed":
                return queryset.signed()
            case _:
                return queryset


class SideForm(VerbForm):
    """For which side, and what it has to say."""

    side = forms.ChoiceField(
        label=gettext_lazy("Side"), choices=Side.choices, widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=20_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unsigned = [side for side in Side if self.obj.signed_on(side) is None]
        self.fields["side"].choices = [(side.value, side.label) for side in unsigned]


class SignOffForm(SideForm):
    """A side signs; the secretariat logs what was signed on paper."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].help_text = _("Empty: the note that stands.")


@admin.register(Handover, site=secretariat)
class HandoverAdmin(Belonging, VerbAdmin):
    """What one convenor hands over to the next."""

    belongs_by = "rotation"

    list_display = ("handover", "agreement", "boundary_on", "due", "signed")
    list_filter = (StandingFilter, "boundary_on")
    list_select_related = ("rotation__agreement", "rotation__group")
    search_fields = (
        "rotation__agreement__reference",
        "rotation__agreement__title",
        "rotation__agreement__title_zh",
    )
    autocomplete_fields = ("rotation",)
    readonly_fields = (
        "holders",
        "due",
        "signed",
        "outgoing_note",
        "incoming_note",
        "open_matters",
    )
    add_fieldsets = ((None, {"fields": ("rotation", "boundary_on")}),)
    fieldsets = (
        (None, {"fields": ("rotation", ("boundary_on", "due"), "holders", "signed")}),
        (gettext_lazy("Notes"), {"fields": (("outgoing_note", "incoming_note"),)}),
        (gettext_lazy("Open matters"), {"fields": ("open_matters",)}),
    )
    plain_verbs = (
        PlainVerb("sign-off", gettext_lazy("Sign off")),
        PlainVerb("note", gettext_lazy("Write a note")),
    )
    verb_forms = {"sign-off": SignOffForm, "note": SideForm}

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "boundary_on") if obj is not None else fields

    def perform(self, obj: Any, verb: str, **said: Any) -> None:
        if verb == "sign_off":
            sign_off(obj, said.pop("side"), **said)
        else:
            obj.note(said.pop("side"), said.pop("note"), **said)

    def consequences(self, request: Any, obj: Any, verb: str) -> list[str]:
        if verb != "sign_off":
            return []
        return [
            _("When both sides have signed, the list of open matters is kept as it is that day."),
            _("The outgoing term is then confirmed: no change of the rotation may alter it."),
        ]

    @display(description=gettext_lazy("handover"))
    def handover(self, obj: Handover) -> str:
        return self.holders(obj)

    @display(description=gettext_lazy("from whom to whom"))
    def holders(self, obj: Handover) -> str:
        if obj.pk is None:
            return "—"
        return _("%(outgoing)s to %(incoming)s") % {
            "outgoing": listed(obj.names_of(Side.OUTGOING)),
            "incoming": listed(obj.names_of(Side.INCOMING)),
        }

    @display(description=gettext_lazy("agreement"))
    def agreement(self, obj: Handover) -> str:
        name = shortened(obj.rotation.agreement)
        return noted(name, obj.rotation.group) if obj.rotation.group else name

    @display(description=gettext_lazy("to be signed by"), ordering="due_on")
    def due(self, obj: Handover) -> Any:
        if obj.due_on is None:
            return "—"
        if obj.due_warning:
            return format_html("{}<br>{}", day_text(obj.due_on), obj.due_warning)
        return day_text(obj.due_on)

    @display(description=gettext_lazy("signed"))
    def signed(self, obj: Handover) -> Any:
        told = [
            labelled(side.label, day_text(signed_on))
            for side in Side
            if (signed_on := obj.signed_on(side)) is not None
        ]
        late = obj.pk is not None and obj.is_late(clock.today())
        words = listed(told) or _("not yet")
        if late:
            return format_html('{} <span class="concord-mark">{}</span>', words, _("late"))
        return words

    @display(description=gettext_lazy("open matters"))
    def open_matters(self, obj: Handover) -> Any:
        """What is handed over: as it is today, or as it was when both had signed."""
        if obj.pk is None:
            return "—"
        rows = [readable(one) for one in matters_of([obj], clock.today())[obj.pk]]
        if not rows:
            return _("Nothing is open.")
        return render_to_string("admin/concord/matters.html", {"rows": rows})
