"""The addresses of the API."""

from typing import Any

from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from governance.api.schema.document import Description


class Router(SimpleRouter):
    """Plain addresses with a trailing slash; ids are UUIDs, anything else is a 404."""

    def __init__(self) -> None:
        super().__init__(use_regex_path=False)


def addresses(resources: dict[str, Any], questions: list[Any]) -> list[Any]:
    """The address list of the API from its resources by name, and its questions."""
    router = Router()
    for name, resource in resources.items():
        router.register(name, resource, basename=name)
    return [
        path("v1/", include([*questions, *router.urls])),
        path("schema/", Description.as_view(), name="schema"),
        path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="api_docs"),
    ]
