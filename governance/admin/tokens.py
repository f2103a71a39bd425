"""Tokens in the back office: issued here, shown once, listed, revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from actors.models import User
from governance import clock
from governance.access import may, visible_to
from governance.admin.forms import NounForm
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm
from governance.base import Noun
from governance.lifecycle import Refusal
from governance.tokens import SCOPES, Token


class TokenForm(NounForm):
    """A new token: for whom, for what, how far it reaches and for how long."""

    reach = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=(
            ("read", pgettext_lazy("scope", "Read")),
            ("write", pgettext_lazy("scope", "Write")),
        ),
        initial=list(SCOPES),
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=gettext_lazy("Valid for … days"),
        min_value=1,
        max_value=3650,
        initial=90,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    key = ""

    def enter(self, *, by: Any, **facts: Any) -> Noun:
        """Issue it; the key is kept until the answer to this request, and nowhere else."""
        token, self.key = Token.issue(
            facts["user"],
            by=by,
            name=facts.get("name", ""),
            scopes=self.cleaned_data["reach"],
            days=self.cleaned_data["days"],
        )
        return token


class RevokeForm(VerbForm):
    """Revoking asks for nothing: it holds from this moment."""

    on = None
    reason = None


@admin.register(Token, site=secretariat)
class TokenAdmin(VerbAdmin):
    """Keys for programs: one's own, and for an administrator everybody's."""

    form = TokenForm
    list_display = ("start", "name", "user", "expires_at", "used_at", "revoked_at", "usable")
    search_fields = ("start", "name", "user__username")
    list_select_related = ("user__person",)
    readonly_fields = ("start", "expires_at", "used_at", "revoked_at")
    add_fieldsets = ((None, {"fields": ("user", "name", "reach", "days")}),)
    fieldsets = (
        (None, {"fields": (("start", "name"), "user", ("expires_at", "used_at", "revoked_at"))}),
    )
    plain_verbs = (PlainVerb("revoke", gettext_lazy("Revoke token"), danger=True),)
    verb_forms = {"revoke": RevokeForm}

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        # Whoever reads the users does not for that reason act for them.
        if may(request.user, "change", User) is not None:
            kwargs["queryset"] = visible_to(request.user, User).filter(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        # What a token may do is fixed when it is issued.
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        return {"user": request.user.pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        messages.warning(
            request,
            format_html(
                "{} <code>{}</code>", _("The key, shown this once: copy it now."), form.key
            ),
        )

    def state_refusal(self, obj: Any, verb: str, on: Any) -> Refusal | None:
        if obj.revoked_at is None:
            return None
        return Refusal("revoked", _("This token has been revoked already."))

    def perform(self, obj: Any, verb: str, **said: Any) -> None:
        obj.revoke(by=said["by"])

    @display(description=gettext_lazy("usable"), boolean=True)
    def usable(self, obj: Token) -> bool:
        return obj.revoked_at is None and obj.expires_at > clock.now()
