"""The addresses of the API."""

from collections.abc import Mapping
from typing import Any

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from governance.api.failures import nowhere
from governance.api.schema.document import Description

_WRITING = {
    "create": "create",
    "update": "change",
    "partial_update": "change",
    "destroy": "delete",
}


class Router(SimpleRouter):
    """Plain addresses with a trailing slash; ids are UUIDs, anything else is a 404."""

    def __init__(self) -> None:
        super().__init__(use_regex_path=False)

    def get_method_map(self, viewset: Any, method_map: Mapping[str, str]) -> dict[str, str]:
        """Only what the resource writes; the rest is 405, also in the list of methods."""
        kept = {
            method: action
            for method, action in method_map.items()
            if action not in _WRITING or _WRITING[action] in viewset.writes
        }
        return dict(super().get_method_map(viewset, kept))


def addresses(resources: dict[str, Any], questions: list[Any]) -> list[Any]:
    """The address list of the API from its resources by name, and its questions."""
    router = Router()
    for name, resource in resources.items():
        router.register(name, resource, basename=name)
    return [
        path("v1/", include([*questions, *router.urls])),
        path("schema/", Description.as_view(), name="schema"),
        path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="api_docs"),
        re_path("", nowhere),
    ]
