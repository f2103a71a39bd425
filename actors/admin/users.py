"""Users in the back office: made, given a role and shut out by an administrator, on record."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from actors.models import User
from actors.user import Role
from governance.admin.nouns import NounAdmin
from governance.admin.site import secretariat
from governance.record import record, unit

FACTS = (
    "username",
    "role",
    "person",
    "organization",
    "first_name",
    "last_name",
    "email",
    "language",
    "mail_preference",
    "is_active",
)


class NewUserForm(UserCreationForm):
    """A user with a first password, to be changed on the first visit."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "role", "person", "organization", "email", "language")


class UserForm(forms.ModelForm):
    """What an administrator changes of a user."""

    class Meta:
        model = User
        fields = FACTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = facts(self.instance) if self.instance.pk else {}

    def clean(self) -> dict[str, Any]:
        """Somebody must stay who can give roles."""
        given = super().clean() or {}
        stays = given.get("role") == Role.ADMINISTRATOR and given.get("is_active")
        if self.before.get("role") == Role.ADMINISTRATOR and not stays:
            others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
            if not others.exclude(pk=self.instance.pk).exists():
                raise forms.ValidationError(
                    _("This is the last administrator: name another one first."), code="last"
                )
        return given


def facts(user: User) -> dict[str, Any]:
    """What goes on record of a user; never the password."""
    return {name: getattr(user, name) for name in FACTS}


@admin.register(User, site=secretariat)
class UserAdmin(NounAdmin, DjangoUserAdmin):  # type: ignore[misc]
    """Those who sign in."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "display_name", "role", "organization", "is_active", "last_login")
    list_filter = ("role", "is_active")
    list_select_related = ("person", "organization")
    search_fields = (
        "username",
        "email",
        "first_name",
        "last_name",
        "person__name",
        "person__name_zh",
    )
    ordering = ("username",)
    filter_horizontal = ()
    autocomplete_fields = ("person", "organization")
    readonly_fields = ("last_login", "created_at")
    fieldsets = (
        (None, {"fields": (("username", "role"), ("person", "organization"), "is_active")}),
        (
            _("About"),
            {"fields": (("first_name", "last_name"), ("email", "language"), "mail_preference")},
        ),
        (_("Traces"), {"fields": (("created_at", "last_login"),)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    ("username", "role"),
                    ("person", "organization"),
                    ("email", "language"),
                    ("password1", "password2"),
                )
            },
        ),
    )

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        # Whoever has written on record stays on record: a user is shut out, not deleted.
        return False

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return DjangoUserAdmin.get_form(self, request, obj, change=change, **kwargs)

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        with unit():
            obj.save()
            before, after = getattr(form, "before", {}), facts(obj)
            changed = [name for name in FACTS if before.get(name) != after[name]]
            if change and not changed:
                return
            record(
                obj,
                "change" if change else "create",
                by=request.user,
                before={name: before.get(name) for name in changed} if change else None,
                after={name: after[name] for name in changed},
            )

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """A user has nothing that hangs on it here."""

    def user_change_password(
        self,
        request: Any,
        id: str,
        form_url: str = "",
    ) -> HttpResponse:
        """Set another password, on record; the password is not."""
        user = self.get_object(request, unquote(id)) if request.method == "POST" else None
        if user is None:
            return super().user_change_password(request, id, form_url)
        with unit():
            before = user.password
            response = super().user_change_password(request, id, form_url)
            user.refresh_from_db()
            if user.password != before:
                record(user, "set_password", by=request.user)
        return response

    @admin.display(description=pgettext_lazy("person", "name"))
    def display_name(self, obj: User) -> str:
        return str(obj)
