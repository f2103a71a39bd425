"""The ground of every page: somebody is signed in, and finds only what exists for them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.utils import translation
from django.views.generic import TemplateView

from governance import clock
from governance.access import unread, visible_to


def find(user: Any, model: type[Model], public_id: UUID, *related: str) -> Any:
    """The object of that id, as far as it exists for the user. Raises Http404 otherwise."""
    rows = visible_to(user, model)
    if related:
        rows = rows.select_related(*related)
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


class Page(LoginRequiredMixin, TemplateView):
    """A page of the portal. ``section`` names its room in the main navigation."""

    section = ""
    request: HttpRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.today = clock.today()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        own = getattr(request.user, "language", "")
        if own and own != translation.get_language():
            translation.activate(own)
            request.LANGUAGE_CODE = own
        if request.user.is_authenticated:
            self.check()
        response = super().dispatch(request, *args, **kwargs)
        if own and request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != own:
            # So that the pages that belong to nobody (signing in, errors) speak it too.
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                own,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            )
        return response

    def check(self) -> None:
        """What is looked at before anything else, once somebody is signed in."""

    def trail(self) -> list[tuple[str, str]]:
        """The way up from here: addresses and words, without the page itself."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            section=self.section,
            today=self.today,
            trail=self.trail(),
            unread=unread(self.request.user),
            **kwargs,
        )


class ObjectPage(Page):
    """A page about one object, which is found before anything else is asked."""

    model: type[Model]
    related: tuple[str, ...] = ()

    def check(self) -> None:
        """Find the object. Raises Http404."""
        self.object = self.find_object()

    def find_object(self) -> Any:
        """The object of the address. Raises Http404."""
        return find(self.request.user, self.model, self.kwargs["id"], *self.related)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(object=self.object, **kwargs)
