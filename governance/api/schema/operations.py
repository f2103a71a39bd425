"""How one operation is described: from the resource's own declarations, nothing said twice."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, is_list_serializer
from rest_framework import serializers

from governance.api.schema import fields, parameters, problems
from governance.api.schema.examples import BODIES

Json = dict[str, Any]

JSON, FORM = "application/json", "multipart/form-data"
BULK = 1000
EXPORTS: Json = {
    "text/csv": {"schema": {"type": "string"}},
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
        "schema": {"type": "string", "contentMediaType": "application/octet-stream"}
    },
}
_WRITING = {"create": "create", "update": "change", "partial_update": "change", "destroy": "delete"}
_ENDINGS = ("Text", "Input")


class ConcordSchema(AutoSchema):
    """drf-spectacular's description, with what all our resources have in common."""

    view: Any

    # what the operation is

    @property
    def action(self) -> str:
        """The name of the resource's method; empty for a question that is no resource."""
        return getattr(self.view, "action", None) or ""

    @property
    def kind(self) -> str:
        """What kind of request it is, as ``problems.OF_KIND`` knows them."""
        if self.action == "partial_update":
            return "update"
        if self.action in problems.OF_KIND:
            return self.action
        if self.method == "POST":
            return "verb" if "{" in self.path else "create"
        return "question of one" if "{" in self.path else "question"

    @property
    def needs_version(self) -> bool:
        """Whether ``If-Match`` is demanded; an action says so by naming it as a parameter."""
        named = {getattr(one, "name", "") for one in self.get_override_parameters()}
        return self.kind in {"update", "destroy"} or "If-Match" in named

    @property
    def performs(self) -> str:
        """The verb of the noun that the operation performs; empty for anything else."""
        return getattr(getattr(self.view, self.action or "get", None), "verb", "")

    def is_excluded(self) -> bool:
        writing = _WRITING.get(self.action)
        if writing is not None and writing not in self.view.writes:
            return True
        return super().is_excluded()

    def get_operation_id(self) -> str:
        tokens = [token.replace("-", "_") for token in self._tokenize_path()]
        if self.action in {"list", "retrieve", *_WRITING}:
            tokens.append(self.action)
        return "_".join(tokens)

    def get_summary(self) -> str:
        if not hasattr(self.view, "model"):
            return self.get_description().partition("\n")[0].rstrip(".")
        meta = self.view.model._meta
        one, many = str(meta.verbose_name), str(meta.verbose_name_plural)
        if self.performs:
            return capfirst(f"{self.performs.replace('_', ' ')}: {one}")
        told = {
            "list": f"List {many}",
            "create": f"Enter {many}",
            "retrieve": f"Read one: {one}",
            "update": f"Change all facts: {one}",
            "partial_update": f"Change some facts: {one}",
            "destroy": f"Delete: {one}",
            "export": f"Export {many}",
            "history": f"History: {one}",
        }
        return told.get(self.action) or self.get_description().partition("\n")[0].rstrip(".")

    def get_operation(self, *args: Any, **kwargs: Any) -> Json | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation["parameters"] = [*operation.get("parameters", ()), *self._parameters()]
        if self.action == "create":
            self._offer_bulk(operation)
        for content_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if content_type == JSON and operation["operationId"] in BODIES:
                content["examples"] = BODIES[operation["operationId"]]
        self._describe_answers(operation["responses"])
        operation["responses"] |= problems.of(self.kind, versioned=self.needs_version)
        if "501" in operation["responses"]:  # where it may be answered, the view says so itself
            operation["responses"] |= problems.named(501)
        if self.action == "create" and self.view.creating_revises:
            operation["responses"] |= problems.named(412)
        return operation

    # what it takes

    def _parameters(self) -> list[Json]:
        found = []
        if self.action in {"list", "export"}:
            found += [self._fields(), *parameters.of_lists(self.view)]
        if self.action == "list":
            found += parameters.of_pages()
        if self.action == "export":
            forms = {"type": "string", "enum": ["csv", "xlsx", "json"], "default": "csv"}
            found.append(parameters.query("as", forms, "The form of the file."))
        if self.action == "retrieve":
            found.append(self._fields())
            found.append(parameters.header("IfNoneMatch"))
        if self.kind in {"update", "destroy"}:
            found.append(parameters.header("IfMatch"))
        if self.performs:
            found.append(parameters.header("IfMatchIfWished"))
        if self.method == "POST":
            found.append(parameters.header("IdempotencyKey"))
        return [*found, parameters.header("AcceptLanguage")]

    def _fields(self) -> Json:
        """A reference to the parameter ``fields=`` of this resource."""
        serializer = self.view.serializer_class()
        names = [name for name, field in serializer.fields.items() if not field.write_only]
        name = f"{_of_model(serializer)}Fields"
        shared = ResolvedComponent(
            name, ResolvedComponent.PARAMETER, parameters.of_fields(names), object=name
        )
        self.registry.register_on_missing(shared)
        return shared.ref

    def get_request_serializer(self) -> Any:
        found = super().get_request_serializer()
        if self.action in _WRITING:
            # Some nouns take more than they show: a number in a register, seats at the start.
            taken = getattr(self.view, "input_serializer_class", None) or self.view.serializer_class
            found = taken() if self.action == "create" else taken.for_changes()
        if self.action == "create" and self._has_file():
            return {FORM: found}
        return {JSON: found}

    def _has_file(self) -> bool:
        serializer = self.view.serializer_class()
        return any(isinstance(field, serializers.FileField) for field in serializer.fields.values())

    def _offer_bulk(self, operation: Json) -> None:
        content = operation["requestBody"]["content"].get(JSON)
        if content is None:
            return
        one = content["schema"]
        many = {"type": "array", "items": one, "maxItems": BULK}
        content["schema"] = {"oneOf": [one, many]}
        made = operation["responses"]["201"]["content"][JSON]
        made["schema"] = {"oneOf": [made["schema"], {"type": "array", "items": made["schema"]}]}

    # what it answers

    def _is_list_view(self, serializer: Any = None) -> bool:
        # Pages are described by us; an array is what says of itself that it is many.
        return bool(is_list_serializer(serializer or self.get_response_serializers()))

    def get_response_serializers(self) -> Any:
        match self.action:
            case "list":
                return {200: self._page()}
            case "retrieve":
                return {200: self._selected()}
            case "history":
                return {200: {"$ref": "#/components/schemas/History"}}
        return super().get_response_serializers()

    def _describe_answers(self, responses: Json) -> None:
        for status, answer in responses.items():
            answer["description"] = answer.get("description") or _SUCCESS.get(status, "")
        if self.action == "export":
            rows = {"type": "array", "items": self._selected()}
            responses["200"]["content"] = {JSON: {"schema": rows}} | EXPORTS
            responses["200"]["headers"] = {"Content-Disposition": _ATTACHMENT}
        if self.action == "retrieve":
            responses["304"] = {
                "description": "Nothing differs from what was read.",
                "headers": {"ETag": _ETAG},
            }
        answers_one = self.performs or self.action in {"retrieve", "update", "partial_update"}
        if answers_one and "200" in responses:  # a verb that takes something back leaves none
            responses["200"]["headers"] = {"ETag": _ETAG}
        if self.action == "create":
            responses["201"]["headers"] = {"ETag": {"$ref": "#/components/headers/ETagOfOne"}}

    def _one(self) -> ResolvedComponent:
        return self.resolve_serializer(self.view.serializer_class, "response")

    def _selected(self) -> Json:
        """The object, or with ``fields=`` some members of it."""
        whole = self._one()
        part = ResolvedComponent(f"{whole.name}Part", ResolvedComponent.SCHEMA, object=whole.name)
        if part not in self.registry:
            part.schema = {
                "type": "object",
                "description": f"The members of {whole.name} that `fields` asked for.",
                "properties": whole.schema["properties"],
                "additionalProperties": False,
            }
            self.registry.register(part)
        return {"anyOf": [whole.ref, part.ref]}

    def _page(self) -> Json:
        name = f"{self._one().name}Page"
        page = ResolvedComponent(name, ResolvedComponent.SCHEMA, object=name)
        if page not in self.registry:
            page.schema = {
                "type": "object",
                "properties": {
                    "next": _link("The address of the next page; null on the last one."),
                    "previous": _link("The address of the page before; null on the first one."),
                    "count": {
                        "type": "integer",
                        "description": "The length of the whole list; only with count=true.",
                    },
                    "results": {
                        "type": "array",
                        "description": "The objects of this page.",
                        "items": self._selected(),
                    },
                },
                "required": ["next", "previous", "results"],
            }
            self.registry.register(page)
        return page.ref

    # names and meanings of components

    def _get_serializer_name(self, serializer: Any, direction: Any, *args: Any) -> str:
        name = super()._get_serializer_name(serializer, direction, *args)
        patched, taken = name.startswith("Patched"), direction == "request"
        name = name.removeprefix("Patched").removesuffix("Request")
        if getattr(serializer, "changes_only", False):
            return f"{_of_model(serializer)}{'Patch' if patched else 'Update'}"
        if hasattr(serializer, "changes_only") and not name.endswith("Body"):
            name = _of_model(serializer)
        if name == "OnReason":
            return "VerbBody"
        if name.endswith("Body"):
            return name
        for ending in _ENDINGS:
            name = name.removesuffix(ending)
        return f"{name}Input" if taken else name

    def _get_serializer_field_meta(self, field: Any, direction: Any) -> Json:
        found = super()._get_serializer_field_meta(field, direction)
        if isinstance(field, serializers.Field) and field.field_name:
            told = fields.meaning(field)
            if told:
                found["description"] = told
        return found

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Json:
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "request" and getattr(serializer, "refuses_unknown", False):
            schema["additionalProperties"] = False
        if direction == "response":
            given = set(schema.get("properties", ())) - self._not_always(serializer)
            schema["required"] = sorted(given)
        return schema

    def _not_always(self, serializer: Any) -> set[str]:
        """What some answers leave out: actions in lists, and what partners never see."""
        missing = {"allowed_actions"} if hasattr(serializer, "changes_only") else set()
        partners = getattr(self.view, "partner_serializer_class", None)
        if partners is not None and isinstance(serializer, self.view.serializer_class):
            missing |= set(serializer.fields) - set(partners().fields)
        return missing | {
            name
            for name, field in serializer.fields.items()
            if not hasattr(serializer, "changes_only") and not field.required
        }

    def _map_serializer_field(self, field: Any, direction: Any, *args: Any) -> Any:
        schema = super()._map_serializer_field(field, direction, *args)
        if isinstance(schema, Mapping) and schema.get("format") == "decimal":
            schema = {**schema, "pattern": _decimal(field)}
        if isinstance(schema, Mapping) and schema.get("format") == "time":
            # The format of JSON Schema demands a zone; ours are local times of day.
            schema = {**schema, "pattern": "^[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?$"}
            del schema["format"]
        return schema


_ETAG = {"$ref": "#/components/headers/ETag"}
_ATTACHMENT = {
    "description": "Names the file.",
    "required": True,
    "schema": {"type": "string"},
}
_SUCCESS = {
    "200": "The answer.",
    "201": "What was entered.",
    "204": "Deleted.",
}


def _link(description: str) -> Json:
    return {"type": ["string", "null"], "format": "uri", "description": description}


def _decimal(field: Any) -> str:
    inner = getattr(field, "child", field)
    whole = max(inner.max_whole_digits or 18, 1)
    return rf"^-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{inner.decimal_places}}})?$"


def _of_model(serializer: Any) -> str:
    return str(serializer.Meta.model.__name__)
