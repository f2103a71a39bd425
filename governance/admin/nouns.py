"""The base of every admin: rights from the one policy, writing through the domain, its history."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from governance.access import may, oversees, visible_to
from governance.admin.forms import REFUSALS, KeptFormSet, NotWritten, NounForm, NounFormSet
from governance.admin.history import entries
from governance.admin.widgets import only_add
from governance.bilingual_pairs import rows_in_order
from governance.last_day import LastDay
from governance.record import Event, object_type, unit

HISTORY_PAGE = 50
_OVERRIDES = {models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}


class Rights:
    """What the access policy says, in the words that Django's admin asks in."""

    model: type[models.Model]
    # The ends of periods that are typed as their last day, each with its help.
    last_days: Mapping[str, Any] = {}

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return oversees(request.user)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return may(request.user, "create", self.model) is None

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return may(request.user, "change", self.model) is None

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return may(request.user, "delete", self.model) is None

    def has_module_permission(self, request: Any) -> bool:
        return oversees(request.user)

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """What is asked in both languages stands in the reader's order."""
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        return [
            (title, options | {"fields": rows_in_order(options["fields"])})
            for title, options in fieldsets
        ]

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Nothing is chosen until somebody chooses, unless the noun has a default."""
        open_choice = db_field.blank or not db_field.has_default()
        kwargs.setdefault(
            "choices",
            db_field.get_choices(
                include_blank=open_choice, blank_choice=[("", _("Please choose"))]
            ),
        )
        return super().formfield_for_choice_field(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", visible_to(request.user, db_field.remote_field.model))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", visible_to(request.user, db_field.remote_field.model))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Beside a choice only the “+” that adds what is missing; ends as the last day."""
        if db_field.name in self.last_days:
            kwargs |= {"form_class": LastDay, "help_text": self.last_days[db_field.name]}
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            only_add(field.widget)
        return field


def _told(form: type[NounForm], request: Any) -> type[NounForm]:
    """The form class of this request, told who asks and what was refused."""
    form.refusals = getattr(request, "refusals", {})
    form.user = request.user
    return form


class NounInline(Rights):
    """The base of inlines: rows that are written through their nouns."""

    form = NounForm
    formset = NounFormSet
    formfield_overrides = _OVERRIDES
    extra = 0
    # A heading above the inline, where a page has several parts.
    section: Any = ""

    def get_formset(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.form = _told(formset.form, request)
        return formset

    def get_queryset(self, request: Any) -> Any:
        return visible_to(request.user, self.model)

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """With the version the row was read in, where it can be changed."""
        fieldsets = super().get_fieldsets(request, obj)
        if not self.has_change_permission(request, obj):
            return fieldsets
        *others, (title, options) = fieldsets
        fields = [name for name in options["fields"] if name != "read_version"]
        return [*others, (title, options | {"fields": [*fields, "read_version"]})]


class NounTabular(NounInline, TabularInline):
    """Rows of a table."""


class NounStacked(NounInline, StackedInline):
    """Rows with several lines each."""

    template = "admin/concord/stacked.html"


class KeptRows(Rights, TabularInline):
    """Rows that the domain keeps by itself: looked at, and never written here."""

    formset = KeptFormSet
    extra = 0

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class NounAdmin(Rights, ModelAdmin):
    """The admin of one kind of noun."""

    form: Any = NounForm
    list_per_page = 50
    list_filter_submit = True
    compressed_fields = False
    warn_unsaved_form = True
    formfield_overrides = _OVERRIDES
    actions = None
    change_form_template = "admin/concord/change_form.html"
    object_history_template = "admin/concord/history.html"

    def get_queryset(self, request: Any) -> Any:
        return visible_to(request.user, self.model).order_by(
            *self.get_ordering(request) or self.opts.ordering
        )

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_add_permission(request)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        if not super().has_delete_permission(request):
            return False
        return obj is None or obj.removal_refusal() is None

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return _told(super().get_form(request, obj, change=change, **kwargs), request)

    # writing

    def changeform_view(
        self,
        request: Any,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one noun; a posted page is written whole or not at all."""
        page: Callable[[], HttpResponse] = lambda: super(NounAdmin, self).changeform_view(  # noqa: E731
            request, object_id, form_url, extra_context
        )
        if request.method != "POST":
            return page()
        try:
            with unit():
                return page()
        except NotWritten as refused:
            request.refusals = refused.refusals
        return page()

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        try:
            with unit():
                form.write(by=request.user)
        except REFUSALS as refusal:
            raise NotWritten({form.prefix or "": refusal}) from refusal

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        refused: dict[str, Exception] = {}
        for formset in formsets:
            refused |= formset.write(by=request.user)
        if refused:
            raise NotWritten(refused)

    def delete_model(self, request: Any, obj: Any) -> None:
        obj.remove(by=request.user)

    def delete_view(
        self, request: Any, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, then remove; a refusal leads back to the page with its sentence."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except REFUSALS as refusal:
            for sentence in getattr(refusal, "messages", None) or [str(refusal)]:
                messages.error(request, sentence)
            return HttpResponseRedirect(self.address("change", object_id))

    def get_deleted_objects(self, objs: Any, request: Any) -> Any:
        # What goes with it is the domain's to decide, not a matter of further rights.
        listed, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return listed, counts, set(), protected

    # Django's own log stays empty: every verb puts itself on record.

    def construct_change_message(
        self, request: Any, form: Any, formsets: Any, add: bool = False
    ) -> list[Any]:
        return []

    def log_addition(self, request: Any, obj: Any, message: Any) -> None:
        """On record already."""

    def log_change(self, request: Any, obj: Any, message: Any) -> None:
        """On record already."""

    def log_deletions(self, request: Any, queryset: Any) -> None:
        """On record already."""

    # reading

    def address(self, page: str, *args: Any) -> str:
        """The address of a page of this admin: ``changelist``, ``add``, ``change``, ``history``."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def visible_or_404(self, request: Any, object_id: str) -> Any:
        """The object, for whoever may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        return obj

    def history_of(self, request: Any, obj: Any) -> Any:
        """The events shown as the history of an object, the newest first."""
        return (
            visible_to(request.user, Event)
            .filter(object_type=object_type(obj), object_id=obj.public_id)
            .order_by("-sequence")
        )

    def history_view(
        self, request: Any, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The object's history, from the record."""
        obj = self.visible_or_404(request, object_id)
        pages = Paginator(self.history_of(request, obj), HISTORY_PAGE)
        page = pages.get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(name)s") % {"name": obj},
            "subtitle": None,
            "entries": entries(page.object_list),
            "page": page,
            "own_type": object_type(obj),
            "own_id": obj.public_id,
            "object": obj,
            "original": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.object_history_template, context)


class ReadOnlyAdmin(NounAdmin):
    """What is looked at and never written here."""

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@display(description=gettext_lazy("name"))
def marked_name(obj: Any, name: Any = None) -> str:
    """The name of an object, with the mark of what was made up for the demonstration.

    ``name``: what it is called here; None: its own name.
    """
    called = str(obj if name is None else name)
    if not getattr(obj, "illustrative", False):
        return called or "—"
    return format_html('{} <span class="concord-mark">{}</span>', called, _("Illustrative data"))
