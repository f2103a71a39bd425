"""The record and the void references, as the back office shows them."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.http import Http404, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.views import ChangeList

from governance.access import visible_to
from governance.admin.history import entries
from governance.admin.nouns import Rights
from governance.admin.site import secretariat
from governance.base import Noun
from governance.present_names import PresentNames, model_of
from governance.record import Event
from governance.references import VoidReference
from governance.verb_words import verb_word


def kinds() -> list[tuple[str, type[models.Model]]]:
    """The kinds of object that are on record, by the name they have there."""
    return [
        (str(model._meta.label_lower), model)
        for model in apps.get_models()
        if issubclass(model, Noun) or model is get_user_model()
    ]


class KindFilter(admin.SimpleListFilter):
    """Events of one kind of object."""

    title = _("kind of object")
    parameter_name = "kind"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        named = [(key, capfirst(str(model._meta.verbose_name))) for key, model in kinds()]
        return sorted(named, key=lambda pair: pair[1])

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


class LookedAt(Rights, ModelAdmin):
    """A table that is written by the system alone."""

    list_per_page = 50
    list_filter_submit = True
    compressed_fields = False
    actions = None

    def get_queryset(self, request: Any) -> Any:
        return visible_to(request.user, self.model).order_by(*self.opts.ordering)

    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return super().change_view(
            request, object_id, form_url, {"show_history": False, **(extra_context or {})}
        )

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The record has no history but itself."""
        raise Http404

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class EventList(ChangeList):
    """A page of the record, its names looked up at once."""

    result_list: Any

    def get_results(self, request: Any) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        names = PresentNames(self.result_list)
        for event in self.result_list:
            event.names = names


def _names(event: Any) -> PresentNames:
    """The names of an event's page of the list; those of the event alone on its own page."""
    if not hasattr(event, "names"):
        event.names = PresentNames([event])
    names: PresentNames = event.names
    return names


@admin.register(Event, site=secretariat)
class EventAdmin(LookedAt):
    """Everything that was changed by anybody, the newest first."""

    list_display = ("sequence", "when", "who", "door", "what", "name", "reason")
    list_display_links = ("sequence", "when")
    list_filter = ("door", ("recorded_at", admin.DateFieldListFilter), KindFilter)
    search_fields = ("object_name", "actor_name", "reason")
    list_select_related = False
    fields = (
        ("sequence", "when", "happened_on"),
        ("who", "door"),
        ("what", "name"),
        "reason",
        "differences",
        ("hash", "previous_hash"),
    )

    def get_changelist(self, request: Any, **kwargs: Any) -> type[ChangeList]:
        return EventList

    @display(description=_("when"), ordering="sequence")
    def when(self, obj: Event) -> Any:
        return obj.recorded_at

    @display(description=_("by"), ordering="actor_name")
    def who(self, obj: Event) -> str:
        return _names(obj).of_actor(obj) or str(_("The system"))

    @display(description=_("what happened"))
    def what(self, obj: Event) -> str:
        kind = model_of(obj)
        name = kind._meta.verbose_name if kind is not None else obj.object_type
        return f"{capfirst(verb_word(obj.verb, obj.object_type))} · {name}"

    @display(description=_("name"), ordering="object_name")
    def name(self, obj: Event) -> str:
        return _names(obj).of(obj)

    @display(description=_("before and after"))
    def differences(self, obj: Event) -> Any:
        (entry,) = entries([obj])
        rows = format_html_join(
            "",
            "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
            ((one.label, one.before, one.after) for one in entry.differences),
        )
        return format_html('<table class="concord-differences">{}</table>', rows)


@admin.register(VoidReference, site=secretariat)
class VoidReferenceAdmin(LookedAt):
    """Numbers that were given out and whose draft was deleted."""

    list_display = ("reference", "title", "voided_at", "reason")
    search_fields = ("reference", "title")
