"""The verbs of a noun as buttons, each with a small page of its own that asks for what it needs.

A button that is refused shows why, in words. The page of a verb shows what follows from it before
it is done; what the domain refuses stands at its field, and what was typed is kept.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminTextareaWidget

from governance import clock
from governance.access import actions, may
from governance.admin.forms import REFUSALS, ReadVersion, Refusable
from governance.admin.nouns import NounAdmin
from governance.bilingual_pairs import in_order, name_in_order
from governance.lifecycle import require_past
from governance.periods import require_calendar_day


@dataclass(frozen=True, slots=True)
class PlainVerb:
    """A verb of a noun without a life cycle: its name (with dashes) and its label."""

    verb: str
    label: Any
    needs_reason: bool = False
    danger: bool = False


class VerbForm(Refusable, forms.Form):
    """What every verb asks for: the day on which it happened, and the reason."""

    on: Any = forms.DateField(
        label=gettext_lazy("On"),
        widget=UnfoldAdminSingleDateWidget,
        help_text=gettext_lazy("The day on which it happened: the past can be logged."),
        validators=[require_calendar_day],
    )
    reason: Any = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    read_version = ReadVersion(required=False, label="")

    # Whether the day may lie ahead: it is then one from which something holds.
    foresees = False

    def __init__(
        self, *args: Any, obj: Any, user: Any, needs_reason: bool = False, **kwargs: Any
    ) -> None:
        self.obj = obj
        self.user = user
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", clock.today())
        self.initial.setdefault("read_version", obj.version)
        if "reason" in self.fields:
            self.fields["reason"].required = needs_reason
            self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])
        self.order_fields(in_order(self.fields))
        name_in_order(self.fields)

    def clean_on(self) -> date | None:
        """The day, which has come already."""
        on: date | None = self.cleaned_data["on"]
        if on is not None and not self.foresees:
            require_past(on, clock.today(), at=None)
        return on

    def details(self) -> dict[str, Any]:
        """What the verb takes besides day, reason and version."""
        common = {"on", "reason", "read_version"}
        return {name: value for name, value in self.cleaned_data.items() if name not in common}


class VerbAdmin(NounAdmin):
    """An admin whose pages offer the verbs of their noun."""

    change_form_template = "admin/concord/change_form.html"
    # The form of a verb that asks for more than the day and the reason.
    verb_forms: dict[str, type[VerbForm]] = {}
    # The verbs of a noun without a life cycle.
    plain_verbs: tuple[PlainVerb, ...] = ()

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_verb"
        view = self.admin_site.admin_view(self.verb_view)
        return [path("<path:object_id>/verb/<slug:verb>/", view, name=name), *super().get_urls()]

    def verbs_of(self, request: Any, obj: Any, on: date) -> list[dict[str, Any]]:
        """What may be done, and for the rest why not, as ``access.actions`` says it."""
        if hasattr(obj, "lifecycle"):
            return actions(request.user, obj, on)
        listed = []
        for plain in self.plain_verbs:
            name = plain.verb.replace("-", "_")
            refusal = may(request.user, name, obj) or self.state_refusal(obj, name, on)
            listed.append(
                {
                    "verb": plain.verb,
                    "label": str(plain.label),
                    "allowed": refusal is None,
                    "reason": str(refusal.sentence) if refusal else None,
                    "needs_reason": plain.needs_reason,
                    "danger": plain.danger,
                }
            )
        return listed

    def state_refusal(self, obj: Any, verb: str, on: date) -> Any:
        """Why the state of the object does not allow a plain verb; None when it does."""
        return obj.refusal(verb, on) if hasattr(obj, "refusal") else None

    def perform(self, obj: Any, verb: str, **said: Any) -> None:
        """Do it, with ``by``, ``on``, ``reason``, ``version`` and what its form asks for."""
        lifecycle = getattr(obj, "lifecycle", None)
        transition = lifecycle.transitions.get(verb) if lifecycle else None
        method = transition.method_name if transition else verb
        getattr(obj, method)(**said)

    def consequences(self, request: Any, obj: Any, verb: str) -> list[str]:
        """What will follow from the verb, a sentence each."""
        return []

    def preview(self, obj: Any, verb: str, form: Any) -> dict[str, Any]:
        """What the page shows when it is asked to show and not to do. Raises as the verb does."""
        return {}

    def can_preview(self, verb: str) -> bool:
        """Whether the page of the verb can show its effect before it is done."""
        return False

    def done_sentence(self, obj: Any, action: dict[str, Any]) -> str:
        """One sentence that says what happened."""
        if hasattr(obj, "get_status_display"):
            return _("%(verb)s: done. %(name)s is now “%(status)s”.") % {
                "verb": action["label"],
                "name": obj,
                "status": obj.get_status_display(),
            }
        return _("%(verb)s: done, for %(name)s.") % {"verb": action["label"], "name": obj}

    def render_change_form(self, request: Any, context: dict[str, Any], **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None and not context.get("is_popup"):
            listed = self.verbs_of(request, obj, clock.today())
            context["verbs"] = [action for action in listed if action["allowed"]]
            context["next_verb"] = self.next_verb(obj, context["verbs"])
            context["refused_verbs"] = [action for action in listed if not action["allowed"]]
        return super().render_change_form(request, context, **kwargs)

    def next_verb(self, obj: Any, allowed: list[dict[str, Any]]) -> str:
        """The verb that is the one next step of a life cycle; empty when there is none."""
        if not hasattr(obj, "lifecycle"):
            return ""
        return next((action["verb"] for action in allowed if not action["danger"]), "")

    def verb_view(self, request: Any, object_id: str, verb: str) -> HttpResponse:
        """The page of one verb."""
        obj = self.visible_or_404(request, object_id)
        offered = {action["verb"]: action for action in self.verbs_of(request, obj, clock.today())}
        action = offered.get(verb)
        if action is None:
            raise Http404
        name = verb.replace("-", "_")
        if may(request.user, name, obj) is not None:
            raise PermissionDenied
        form = self.verb_forms.get(verb, VerbForm)(
            *((request.POST, request.FILES) if request.method == "POST" else ()),
            obj=obj,
            user=request.user,
            needs_reason=action["needs_reason"],
        )
        shown: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            try:
                if "_preview" in request.POST:
                    shown = self.preview(obj, name, form)
                else:
                    self._do(obj, name, form, by=request.user)
                    messages.success(request, self.done_sentence(obj, action))
                    return HttpResponseRedirect(self.address("change", obj.pk))
            except REFUSALS as refusal:
                form.show(refusal)
        context = {
            **self.admin_site.each_context(request),
            "title": action["label"],
            "subtitle": str(obj),
            "opts": self.opts,
            "original": obj,
            "form": form,
            "action": action,
            "can_preview": self.can_preview(name),
            "preview": shown,
            "consequences": self.consequences(request, obj, name),
            "media": self.media + form.media,
            "back": self.address("change", obj.pk),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/concord/verb.html", context)

    def _do(self, obj: Any, verb: str, form: Any, *, by: Any) -> None:
        said = form.cleaned_data
        self.perform(
            obj,
            verb,
            by=by,
            on=said.get("on"),
            reason=said.get("reason", ""),
            version=said.get("read_version"),
            **form.details(),
        )
