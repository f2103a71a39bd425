"""One's own profile: who one is here, the language, the ways to the password and out."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from actors.models import Organization, User
from actors.user import MailPreference
from governance.access import own_organizations, visible_to
from governance.portal.pages import Page

LANGUAGES = User._meta.get_field("language").choices or ()


class Profile(Page):
    """What the system knows of the reader."""

    template_name = "portal/profile.html"
    section = "profile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return super().get_context_data(
            organizations=visible_to(user, Organization)
            .filter(pk__in=own_organizations(user))
            .order_by("path"),
            languages=LANGUAGES,
            mail_preferences=MailPreference.choices,
            mail_address=(user.person.email if user.person else "") or user.email,
            **kwargs,
        )


@require_POST
@login_required
def choose_mail(request: HttpRequest) -> HttpResponse:
    """Be written to at once, once a day or not at all."""
    user: Any = request.user
    chosen = request.POST.get("mail_preference", "")
    if chosen in MailPreference.values:
        user.choose_mail(chosen, by=user)
        messages.success(
            request,
            _("Kept: notifications by e-mail: %(when)s.")
            % {"when": user.get_mail_preference_display()},
        )
    return HttpResponseRedirect(reverse("profile"))


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Set the language of this browser; of a reader who is signed in, wherever they sign in."""
    chosen = request.POST.get("language", "")
    user = request.user
    if isinstance(user, User) and chosen in dict(LANGUAGES):
        user.choose_language(chosen, by=user)
    response: HttpResponse = set_language(request)
    return response
