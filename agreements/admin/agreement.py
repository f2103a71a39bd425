"""Agreements in the back office: logged in one sitting, led through their life by buttons."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from agreements import ending, signing
from agreements.admin.agreement_form import AgreementForm, NewAgreementForm
from agreements.admin.documents import DocumentInline
from agreements.admin.parties import PartyInline
from agreements.admin.rotating_convenor import RotationInline
from agreements.admin.supervision import StepInline
from agreements.admin.task_forms import TaskInline
from agreements.agreement import Status
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.models import (
    Agreement,
    Article,
    Consultation,
    ConsultationSeries,
    Party,
    Phase,
    SpecialGroup,
    Task,
)
from agreements.needs import expiring, idle_drafts
from governance import clock
from governance.access import visible_to
from governance.admin.forms import REFUSALS, NotWritten
from governance.admin.nouns import NounStacked, NounTabular, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin, VerbForm
from governance.admin.widgets import searched
from governance.record import Event, object_type
from governance.wording import listed

STATUS_LABELS = {
    Status.DRAFT: "",
    Status.NEGOTIATING: "info",
    Status.SIGNED: "info",
    Status.IN_FORCE: "success",
    Status.SUSPENDED: "warning",
    Status.ENDED: "",
    Status.ABANDONED: "",
}


class ArticleInline(NounStacked):
    """New articles, for mechanisms and tasks to cite; the others have a list of their own."""

    model = Article
    fields = (("number", "title", "title_zh"), ("text", "text_zh"))

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).none()


class SeriesInline(NounStacked):
    """What the parties promised to meet for, and how often."""

    model = ConsultationSeries
    verbose_name = gettext_lazy("Regular consultation")
    verbose_name_plural = gettext_lazy("Regular consultation")
    autocomplete_fields = ("host",)
    fields = (
        ("times", "cadence", "level"),
        ("starts_on", "starts_at", "rrule"),
        ("host_rule", "host"),
    )
    show_change_link = True

    def get_extra(self, request: Any, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1


class GroupInline(NounStacked):
    """Special cooperation groups."""

    model = SpecialGroup
    autocomplete_fields = ("lead", "topic")
    fields = (("name", "name_zh"), ("lead", "topic"), ("set_up_on", "sunset_on"))
    show_change_link = True


class PhaseInline(NounTabular):
    """The stretches of the roadmap."""

    model = Phase
    fields = ("name", "name_zh", "starts_on", "ends_on")
    show_change_link = True


class IdleFilter(admin.SimpleListFilter):
    """Drafts that nobody has touched for thirty days."""

    title = gettext_lazy("progress")
    parameter_name = "idle"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("drafts without progress"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() != "yes":
            return queryset
        return queryset.filter(pk__in=idle_drafts(queryset, clock.today()).values("pk"))


class ExpiringFilter(admin.SimpleListFilter):
    """Agreements whose term ends within ninety days."""

    title = gettext_lazy("term")
    parameter_name = "expiring"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("expires within 90 days"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() != "yes":
            return queryset
        return queryset.filter(pk__in=expiring(queryset, clock.today()).values("pk"))


class AgreementSignForm(VerbForm):
    """By whom: usually by all on one day."""

    all_parties = forms.BooleanField(
        label=gettext_lazy("All parties that have not signed yet sign on that day"),
        required=False,
        initial=True,
    )


class SupersedeForm(VerbForm):
    """Which agreement has taken its place."""

    superseded_by = searched(
        Agreement, "parent", label=gettext_lazy("Superseded by"), required=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["superseded_by"].queryset = visible_to(self.user, Agreement).exclude(
            pk=self.obj.pk
        )


_WHAT: tuple[Any, ...] = (
    ("title", "title_zh"),
    ("kind", "mode", "confidentiality"),
    "content_areas",
    ("summary", "summary_zh"),
    ("parent", "officer"),
)
_MORE = (
    gettext_lazy("Entry into force and term"),
    {
        "classes": ("last",),
        "fields": (
            "entry_kind",
            ("entry_on", "entry_json"),
            ("expires_on", "provisionally_applied_from", "implemented_on"),
        ),
    },
)
_THRESHOLDS = (
    gettext_lazy("Who verifies, and when a task counts as late"),
    {
        "classes": ("last", "collapse"),
        "fields": (
            "verification",
            "attest_every_months",
            ("due_soon_days", "nearly_done_percent"),
            ("behind_percent", "far_behind_percent"),
        ),
    },
)
_NOTES = (
    gettext_lazy("Source and notes"),
    {"classes": ("last", "collapse"), "fields": (("source", "illustrative"), "notes")},
)


@admin.register(Agreement, site=secretariat)
class AgreementAdmin(VerbAdmin):
    """Agreements, with everything that is logged with them."""

    form = AgreementForm
    list_display = ("reference", "name", "state", "kind", "lead_parties", "signed_on", "expires_on")
    list_display_links = ("reference", "name")
    list_filter = ("status", "kind", "mode", "confidentiality", IdleFilter, ExpiringFilter)
    search_fields = (
        "reference",
        "title",
        "title_zh",
        "party__organization__name",
        "party__organization__name_zh",
    )
    autocomplete_fields = ("content_areas", "parent")
    add_fieldsets = (
        (
            gettext_lazy("What was agreed"),
            {"fields": (*_WHAT, ("stands", "was_signed_on", "reference"))},
        ),
        _MORE,
        _THRESHOLDS,
        _NOTES,
    )
    fieldsets = (
        (gettext_lazy("What was agreed"), {"fields": _WHAT}),
        _MORE,
        _THRESHOLDS,
        _NOTES,
    )
    inlines = (
        PartyInline,
        ArticleInline,
        RotationInline,
        SeriesInline,
        GroupInline,
        PhaseInline,
        StepInline,
        TaskInline,
        DocumentInline,
    )
    verb_forms = {"sign": AgreementSignForm, "supersede": SupersedeForm}

    def get_queryset(self, request: Any) -> Any:
        parties = (
            visible_to(request.user, Party)
            .select_related("organization")
            .order_by("position", "id")
        )
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("party_set", parties, to_attr="parties_in_order"))
        )

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewAgreementForm
        return super().get_form(request, obj, change=change, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "officer" and field is not None:
            field.queryset = field.queryset.filter(is_staff=True, is_active=True)
        return field

    # writing

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """The rows, and then the verbs that lead to where a logged agreement stands."""
        super().save_related(request, form, formsets, change)
        if isinstance(form, NewAgreementForm):
            try:
                form.bring_to_where_it_stands(by=request.user)
            except REFUSALS as refusal:
                raise NotWritten({"": refusal}) from refusal

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """On to the agreement's own page, where the next step is a button."""
        response = super().response_add(request, obj, post_url_continue)
        if {"_popup", "_addanother"} & set(request.POST):
            return response
        return HttpResponseRedirect(self.address("change", obj.pk))

    def perform(self, obj: Agreement, verb: str, **said: Any) -> None:
        """A signature keeps the timetable; an ending concerns meetings, terms and tasks, too."""
        if verb in ending.ENDINGS:
            ending.end(obj, verb, **said)
        elif verb == "sign":
            signing.sign(obj, **said)
        else:
            super().perform(obj, verb, **said)

    def consequences(self, request: Any, obj: Agreement, verb: str) -> list[str]:
        if verb == "bring_into_force":
            return [str(obj.entry_answer(clock.today()).explanation)]
        if verb not in ending.ENDINGS:
            return []
        user = request.user
        coming = visible_to(user, Consultation).filter(
            Q(starts_at__isnull=True) | Q(starts_at__gte=clock.now()),
            agreement=obj,
            status__in=(
                ConsultationStatus.PLANNED,
                ConsultationStatus.CONVENED,
                ConsultationStatus.POSTPONED,
            ),
        )
        tasks = visible_to(user, Task).open().filter(agreement=obj)
        listed = [_("The projected convenor terms after that day are dropped.")]
        if count := coming.count():
            listed.append(
                ngettext(
                    "%(count)d coming consultation is cancelled.",
                    "%(count)d coming consultations are cancelled.",
                    count,
                )
                % {"count": count}
            )
        if count := tasks.count():
            listed.append(
                ngettext(
                    "%(count)d open task is flagged for another organization.",
                    "%(count)d open tasks are flagged for another organization.",
                    count,
                )
                % {"count": count}
            )
        return listed

    # reading

    def history_of(self, request: Any, obj: Any) -> Any:
        """With everything that happened under the agreement."""
        key = obj.public_id
        own = Q(object_type=object_type(obj), object_id=key)
        under = Q(scope_type=object_type(obj), scope_id=key)
        return visible_to(request.user, Event).filter(own | under).order_by("-sequence")

    def render_change_form(self, request: Any, context: dict[str, Any], **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None:
            context["belongings"] = self._belongings(request, obj)
        return super().render_change_form(request, context, **kwargs)

    def _belongings(self, request: Any, obj: Agreement) -> list[dict[str, Any]]:
        """What belongs to the agreement, counted, each with its list."""
        listed = []
        for title, relation in (
            (_("Articles"), "articles"),
            (_("Rotating convenor"), "rotations"),
            (_("Consultations"), "consultations"),
            (_("Tasks"), "tasks"),
            (_("Milestones"), "milestones"),
            (_("Documents"), "documents"),
        ):
            manager = getattr(obj, relation)
            name = manager.model._meta.model_name
            address = reverse(f"admin:agreements_{name}_changelist")
            listed.append(
                {
                    "title": title,
                    "count": visible_to(request.user, manager.model).filter(agreement=obj).count(),
                    "url": f"{address}?agreement__id__exact={obj.pk}",
                }
            )
        return listed

    @display(description=gettext_lazy("title"), ordering="title")
    def name(self, obj: Agreement) -> Any:
        return marked_name(obj)

    @display(description=gettext_lazy("status"), label=STATUS_LABELS, ordering="status")
    def state(self, obj: Agreement) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=gettext_lazy("parties"))
    def lead_parties(self, obj: Any) -> str:
        names = [party.organization.label for party in obj.parties_in_order]
        shown = listed(names[:3])
        if len(names) > 3:
            return _("%(names)s and %(count)d more") % {"names": shown, "count": len(names) - 3}
        return shown or "—"
