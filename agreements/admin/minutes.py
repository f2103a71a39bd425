"""Minutes in the back office: their text, every revision, and who confirmed what."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from agreements.admin.belonging import Belonging
from agreements.mechanisms.minutes import MinutesRevision, Stance, Status
from agreements.models import Confirmation, Minutes
from governance import clock
from governance.admin.forms import NounForm
from governance.admin.nouns import KeptRows, NounTabular, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin


class RevisionInline(KeptRows):
    """Every text that was saved; nobody changes one."""

    model = MinutesRevision
    fields = readonly_fields = ("revision", "when", "who", "words", "digest")
    ordering = ("-number",)
    verbose_name_plural = gettext_lazy("Revisions")

    def get_queryset(self, request: Any) -> Any:
        return MinutesRevision.objects.select_related("saved_by__person")

    @display(description=gettext_lazy("revision"))
    def revision(self, obj: MinutesRevision) -> int:
        return obj.number

    @display(description=gettext_lazy("when"))
    def when(self, obj: MinutesRevision) -> Any:
        return obj.saved_at

    @display(description=gettext_lazy("by"))
    def who(self, obj: MinutesRevision) -> str:
        return str(obj.saved_by or _("The system"))

    @display(description=gettext_lazy("text"))
    def words(self, obj: MinutesRevision) -> Any:
        texts = [(text,) for text in (obj.text, obj.text_zh) if text]
        return format_html_join("", '<p class="whitespace-pre-line min-w-96">{}</p>', texts)

    @display(description=gettext_lazy("digest"))
    def digest(self, obj: MinutesRevision) -> str:
        return obj.sha256[:12]


class WordForm(NounForm):
    """The word of a participant to the text as it is."""

    def enter(self, *, by: Any, **facts: Any) -> Confirmation:
        return Confirmation.give(
            facts.pop("minutes"), facts.pop("organization"), by=by, on=clock.today(), **facts
        )


class ConfirmationInline(NounTabular):
    """What the participants said, to which text. A word given to the secretariat is added."""

    model = Confirmation
    form = WordForm
    section = gettext_lazy("Confirmations")
    fields = ("organization", "stance", "note", "confirmed_on", "to_this_text")
    readonly_fields = ("confirmed_on", "to_this_text")
    autocomplete_fields = ("organization",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("organization", "minutes")

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        waiting = obj is not None and obj.status == Status.CIRCULATED
        return waiting and super().has_add_permission(request, obj)

    @display(description=gettext_lazy("to the text as it is"), boolean=True)
    def to_this_text(self, obj: Confirmation) -> bool:
        return obj.pk is not None and obj.matches


class ReservedFilter(admin.SimpleListFilter):
    """Minutes to whose text somebody has a reservation."""

    title = gettext_lazy("reservations")
    parameter_name = "reserved"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("with a reservation"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return reserved(queryset) if self.value() == "yes" else queryset


def reserved(minutes: Any) -> Any:
    """Those to whose present text a participant has a reservation."""
    words = Confirmation.objects.filter(
        minutes=OuterRef("pk"), sha256=OuterRef("sha256"), stance=Stance.RESERVED
    )
    return minutes.filter(Exists(words))


@admin.register(Minutes, site=secretariat)
class MinutesAdmin(Belonging, VerbAdmin):
    """The minutes of consultations."""

    belongs_by = "consultation"
    inlines = (ConfirmationInline, RevisionInline)

    list_display = ("named", "state", "agreement", "revision", "circulated_on", "silence_until")
    list_filter = ("status", ReservedFilter)
    list_select_related = ("consultation__series", "consultation__agreement")
    search_fields = ("consultation__title", "consultation__title_zh", "text", "text_zh")
    autocomplete_fields = ("consultation",)
    readonly_fields = ("revision", "sha256", "circulated_on", "silence_until", "approved_on")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("consultation", "revision"),
                    ("text", "text_zh"),
                    ("circulated_on", "silence_until", "approved_on"),
                    "sha256",
                    ("source", "illustrative"),
                )
            },
        ),
    )

    @display(description=gettext_lazy("consultation"), ordering="consultation__starts_at")
    def named(self, obj: Minutes) -> Any:
        return marked_name(obj.consultation)

    @display(
        description=gettext_lazy("status"),
        label={Status.DRAFTED: "", Status.CIRCULATED: "warning", Status.APPROVED: "success"},
        ordering="status",
    )
    def state(self, obj: Minutes) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=gettext_lazy("agreement"))
    def agreement(self, obj: Minutes) -> str:
        return str(obj.consultation.agreement.reference)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_approved)

    def consequences(self, request: Any, obj: Minutes, verb: str) -> list[str]:
        if verb == "approve":
            return [_("From then on neither the text nor attendance nor decisions can be changed.")]
        series = obj.consultation.series
        days = series.minutes_silence_days if series is not None else None
        if days is None:
            return [
                _("Every participant is asked for its word; they are approved with the last one.")
            ]
        return [
            _(
                "Every participant is asked for its word. Whoever says nothing within %(days)s "
                "days counts as agreeing."
            )
            % {"days": days}
        ]
