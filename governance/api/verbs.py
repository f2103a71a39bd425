"""Verbs over the API: ``POST`` on a sub-path with the day, the reason and what the verb takes."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.input import Day, StrictSerializer


class OnReason(StrictSerializer):
    """What every verb takes: the day on which it happened, and why."""

    on = Day(required=False, help_text=_("The day on which it happened; today when left out."))
    reason = serializers.CharField(required=False, allow_blank=True, default="")


def verb(
    name: str,
    *,
    method: str = "",
    label: Any = "",
    body: type[serializers.Serializer] = OnReason,
) -> Callable[..., Any]:
    """A verb as an action: ``accept = verb("accept")``.

    ``label`` is what people read, where no life cycle of the noun says it.
    """
    called = method or name

    def perform(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.perform(name, called, body)

    perform.__name__ = called
    perform.__doc__ = f"Perform “{name.replace('_', ' ')}”; 409 names the guard that refuses it."
    path = name.replace("_", "-")
    made = action(detail=True, methods=["post"], url_path=path, url_name=name)(perform)
    made = extend_schema(request=body)(made)
    made.verb = name  # type: ignore[attr-defined]
    made.label = label  # type: ignore[attr-defined]
    return made


def refusable(name: str, label: Any, refusal: Any) -> dict[str, Any]:
    """One entry of ``allowed_actions``."""
    return {
        "verb": name.replace("_", "-"),
        "label": str(label or name.replace("_", " ")),
        "allowed": refusal is None,
        "reason": str(refusal.sentence) if refusal else None,
        "needs_reason": False,
        "danger": False,
    }
