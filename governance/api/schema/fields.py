"""How our own fields and ways to sign in are described."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from rest_framework import serializers

Json = dict[str, Any]


class AttachedAsItsChild(OpenApiSerializerFieldExtension):
    """Attached rows look like their child; only answers carry them."""

    target_class = "governance.api.serializers.Attached"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        if direction == "request":
            return {"type": "object"}
        return auto_schema._map_serializer_field(self.target.child, direction)


class ComputedAsItsChild(AttachedAsItsChild):
    """A computed value looks like its child."""

    target_class = "governance.api.serializers.Computed"


class RelatedAsId(OpenApiSerializerFieldExtension):
    """A related object is named by its id."""

    target_class = "governance.api.serializers.Related"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        schema: Json = {"type": "string", "format": "uuid"}
        if self.target.read_only and may_miss(self.target, self.target.source.replace(".", "__")):
            schema["nullable"] = True
        return schema


class RelatedManyAsIds(OpenApiSerializerFieldExtension):
    """Related objects are named by their ids."""

    target_class = "governance.api.serializers.RelatedMany"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        return {"type": "array", "items": {"type": "string", "format": "uuid"}}


class NameAsText(OpenApiSerializerFieldExtension):
    """The name of a related object; null where there may be none."""

    target_class = "governance.api.serializers.Name"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        schema: Json = {"type": "string"}
        if may_miss(self.target, self.target.relation):
            schema["nullable"] = True
        return schema


class BearerToken(OpenApiAuthenticationExtension):
    """How programs sign in."""

    target_class = "governance.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> Json:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of a user or of an integration client, with scopes and an "
            "expiry; made in the profile or with `python manage.py token`.",
        }


class SameOriginSession(OpenApiAuthenticationExtension):
    """How the browser of somebody signed in is known."""

    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> Json:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session of somebody signed in here; writing also needs the "
            "header X-CSRFToken.",
        }


def may_miss(field: serializers.Field, path: str) -> bool:
    """Whether some relation on the way from the field's own model may lead nowhere."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    for step in path.split("__"):
        if model is None:
            return False
        try:
            relation = model._meta.get_field(step)
        except FieldDoesNotExist:
            return False
        if relation.null:
            return True
        model = relation.related_model
    return False


MEANINGS = {
    "id": "The id of the object at every door.",
    "reference": "The number by which people know it.",
    "created_at": "When it was entered.",
    "changed_at": "When it was last changed.",
    "name": "The name in English; empty when there is only a Chinese one.",
    "title": "The title in English; empty when there is only a Chinese one.",
    "summary": "A summary in English; may be empty.",
    "description": "What it is about, in English; may be empty.",
    "text": "The wording in English; may be empty.",
    "mandate": "What it is to do, in English; may be empty.",
    "place": "Where it takes place, in English; may be empty.",
    "post": "The post in English; may be empty.",
    "short_name": "The short name in English; may be empty.",
    "note": "A remark; may be empty.",
    "kind": "What kind it is.",
    "status": "Where it stands in its life cycle; changed by verbs.",
    "position": "Its place among the others, from 1.",
    "weight": "How much it counts beside the others.",
    "reason": "Why it was done; some verbs demand it.",
    "results": "The objects themselves.",
    "seats": "The seats, in the order as given.",
    "changes": "The changes decided, in the order of recording.",
    "identifiers": "Its numbers in registers.",
    "allowed_actions": (
        "What the caller may do with the object now, and why not for the rest; given with one "
        "object, and in lists on request by fields=."
    ),
}
_CHINESE = "The same in Chinese; empty when there is none."
_DAY = "A day."
_NULL = "Null: none, or not known."


def meaning(field: serializers.Field) -> str:
    """What a field means, from its help text or else from what it is."""
    name = field.field_name or ""
    told = str(field.help_text or MEANINGS.get(name) or _by_kind(name, field))
    if field.allow_null:
        told = told.replace("Empty:", "Null:")
    if field.allow_null and "null" not in told.lower():
        return f"{told} {_NULL}" if told else _NULL
    return told


def _by_kind(name: str, field: Any) -> str:
    kind = type(field).__name__
    if kind == "Name":
        relation = name.removesuffix("_name")
        return f"The name of `{relation}`, in the reader's language."
    if kind == "Related":
        return f"The id: {field.model._meta.verbose_name}."
    if kind == "RelatedMany":
        return f"The ids: {field.model._meta.verbose_name_plural}."
    if name.endswith("_zh"):
        return _CHINESE
    if isinstance(field, serializers.DateField):
        return _DAY
    return f"{capfirst(str(field.label or name.replace('_', ' ')))}."
