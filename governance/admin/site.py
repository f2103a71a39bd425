"""The site of the back office: who may enter, how one signs in, and how one searches it."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from governance.access import oversees
from governance.admin import dashboard, delivery

FOUND_PER_KIND = 8


class Secretariat(UnfoldAdminSite):
    """The back office. For whoever has no business here it does not exist."""

    site_title = _("Concord")
    index_title = _("What needs a hand today")
    index_template = "admin/concord/index.html"

    def has_permission(self, request: Any) -> bool:
        """The secretariat, administrators and auditors."""
        return bool(request.user.is_active and request.user.is_staff and oversees(request.user))

    def admin_view(self, view: Any, cacheable: bool = False) -> Callable[..., Any]:
        """Everybody else who is signed in finds nothing here; visitors are asked to sign in."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: Any, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, view)

    def login(self, request: Any, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in, with its second factor: allauth's."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise Http404
        to_index = secure_admin_login(lambda _request: HttpResponseRedirect(reverse("admin:index")))
        return to_index(request)

    def logout(self, request: Any, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign out, and back to the sign-in."""
        if request.method == "POST":
            logout(request)
        return HttpResponseRedirect(reverse("account_login"))

    def password_change(
        self, request: Any, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One changes one's password where everybody does."""
        return HttpResponseRedirect(reverse("account_change_password"))

    def index(self, request: Any, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What needs a hand today."""
        found = [*dashboard.sections(request.user), *delivery.sections(request.user)]
        needs = {"sections": found}
        return super().index(request, extra_context={**needs, **(extra_context or {})})

    def search(self, request: Any, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What carries the words searched for, a few of each kind. Nothing is kept for later."""
        term = (request.GET.get("s") or "").strip()
        if not term:
            return HttpResponse()
        found = [
            *self._search_apps(self.get_app_list(request), term.lower()),
            *self._found(request, term),
        ]
        pages = Paginator(found, max(1, len(found)))
        return TemplateResponse(
            request,
            "admin/concord/found.html",
            {"results": pages.page(1), "page_obj": pages, "page_counter": 0},
            headers={"HX-Trigger": "search"},
        )

    def _found(self, request: Any, term: str) -> list[SearchResult]:
        listed = []
        for model, model_admin in self._registry.items():
            if not model_admin.get_search_fields(request):
                continue
            if not model_admin.has_view_permission(request):
                continue
            rows, _distinct = model_admin.get_search_results(
                request, model_admin.get_queryset(request), term
            )
            address = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            listed += [
                SearchResult(
                    title=str(row),
                    description=str(model._meta.verbose_name),
                    link=reverse(address, args=(row.pk,)),
                    icon="draft",
                )
                for row in rows.distinct()[:FOUND_PER_KIND]
            ]
        return listed


def stylesheet(request: Any) -> str:
    """The address of the back office's own stylesheet."""
    return static("governance/back_office.css")


def favicon(request: Any) -> str:
    """The address of the product's mark."""
    return static("governance/mark.svg")


def script(request: Any) -> str:
    """The address of the back office's own script."""
    return static("governance/back_office.js")


secretariat = Secretariat(name="admin")
