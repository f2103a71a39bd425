"""One's own profile: who one is here, the language, the ways to the password and out."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from actors.models import Organization, User
from governance.access import own_organizations, visible_to
from governance.portal.pages import Page


class Profile(Page):
    """What the system knows of the reader."""

    template_name = "portal/profile.html"
    section = "profile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(
            organizations=visible_to(user, Organization)
            .filter(pk__in=own_organizations(user))
            .order_by("path"),
            languages=User._meta.get_field("language").choices,
            **kwargs,
        )


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Set the language of this browser; of a reader who is signed in, wherever they sign in."""
    chosen = request.POST.get("language", "")
    user = request.user
    if isinstance(user, User) and chosen in dict(User._meta.get_field("language").choices or ()):
        user.choose_language(chosen, by=user)
        if request.POST.get("tell"):
            with override(chosen):
                messages.success(request, str(_("The pages are in English from now on.")))
    response: HttpResponse = set_language(request)
    return response
