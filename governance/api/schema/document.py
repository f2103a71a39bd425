"""The whole description: made once for each process, served as YAML or JSON."""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer2
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from governance.api.schema import parameters, problems

Json = dict[str, Any]

YAML_TYPE, JSON_TYPE = "application/yaml", "application/json"
_ACCEPTED = {
    JSON_TYPE: "json",
    "application/vnd.oai.openapi+json": "json",
    YAML_TYPE: "yaml",
    "application/vnd.oai.openapi": "yaml",
}
_EVENT: Json = {
    "type": "object",
    "description": "One entry of the record; partners see only the facts that they may read.",
    "properties": {
        "sequence": {"type": "integer", "description": "Its place in the record."},
        "at": {"type": "string", "format": "date-time", "description": "When it was recorded."},
        "on": {
            "type": ["string", "null"],
            "format": "date",
            "description": "The day on which it happened; null: not told.",
        },
        "by": {"type": ["string", "null"], "description": "Who did it; null: the system."},
        "door": {"type": "string", "description": "Through which door it came."},
        "verb": {"type": "string", "description": "What was done."},
        "reason": {"type": "string", "description": "Why; empty when nothing was said."},
        "before": {"type": ["object", "null"], "description": "The facts changed, as they were."},
        "after": {"type": ["object", "null"], "description": "The facts changed, as they became."},
    },
    "required": ["sequence", "at", "on", "by", "door", "verb", "reason", "before", "after"],
}
_HISTORY: Json = {
    "type": "object",
    "description": "What happened to an object, oldest first.",
    "properties": {
        "results": {
            "type": "array",
            "description": "The entries.",
            "items": {"$ref": "#/components/schemas/HistoryEntry"},
        }
    },
    "required": ["results"],
}


def complete(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """Add what all operations refer to: problems, headers, parameters; and explain the tags."""
    components = result["components"]
    components["schemas"] |= problems.SCHEMAS | {"History": _HISTORY, "HistoryEntry": _EVENT}
    components["responses"] = problems.responses()
    components["parameters"] = parameters.HEADERS | components.get("parameters", {})
    components["headers"] = {
        "ETag": parameters.ETAG,
        "ETagOfOne": parameters.ETAG
        | {"required": False, "description": "As ETag; absent when several were entered."},
    }
    result["tags"] = _tags(generator)
    components["schemas"] = _used(result)
    return result


def _used(document: Json) -> Json:
    """The schemas that something refers to, by name; drf-spectacular leaves some behind."""
    schemas = dict(sorted(document["components"]["schemas"].items()))
    rest = {name: part for name, part in document.items() if name != "components"}
    others = {name: part for name, part in document["components"].items() if name != "schemas"}
    found: set[str] = set()
    waiting = list(_referred([rest, others]))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _referred(schemas[name])
    return {name: schema for name, schema in schemas.items() if name in found}


def _referred(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        target = part.get("$ref", "")
        if isinstance(target, str) and target.startswith("#/components/schemas/"):
            yield target.rpartition("/")[2]
        for inner in part.values():
            yield from _referred(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _referred(inner)


def _tags(generator: Any) -> list[Json]:
    told: dict[str, str] = {}
    for path, _regex, _method, callback in generator.endpoints:
        if path.startswith("/api/v1/"):
            tag = path.removeprefix("/api/v1/").partition("/")[0]
            told.setdefault(tag, (callback.cls.__doc__ or "").strip())
    return [{"name": tag, "description": told[tag]} for tag in sorted(told)]


@cache
def written(form: str) -> bytes:
    """The document as ``yaml`` or ``json``; in English, as the words of a contract are."""
    with translation.override("en"):
        document = SchemaGenerator().get_schema(request=None, public=True)
        if form == "json":
            return json.dumps(document, ensure_ascii=False).encode()
        return bytes(OpenApiYamlRenderer2().render(document))


class Description(APIView):
    """The OpenAPI document: YAML, or JSON by ``Accept`` or ``?format=json``."""

    schema = None
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self._form(request)
        content = written(form)
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return HttpResponseNotModified(headers={"ETag": etag})
        kind = JSON_TYPE if form == "json" else YAML_TYPE
        headers = {"ETag": etag, "Vary": "Accept", "Cache-Control": "no-cache"}
        return HttpResponse(content, content_type=f"{kind}; charset=utf-8", headers=headers)

    def _form(self, request: Request) -> str:
        asked = request.query_params.get("format", "")
        if asked in _ACCEPTED.values():
            return asked
        for wanted in DefaultContentNegotiation().get_accept_list(request):
            kind = wanted.partition(";")[0].strip().lower()
            if kind in _ACCEPTED:
                return _ACCEPTED[kind]
        return "yaml"
