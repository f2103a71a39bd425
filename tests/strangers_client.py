"""A client that knows nothing of Concord but its OpenAPI document.

It looks every operation up, refuses to send what the document does not describe, and takes an
answer for broken when the document does not describe that.
"""

import json
import re
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Json = dict[str, Any]

HERE = "urn:concord"
JSON, FORM, PROBLEM = "application/json", "multipart/form-data", "application/problem+json"


class Undescribed(AssertionError):
    """Something passed between client and server that the document does not describe."""


class Stranger:
    """One caller with a token and the document; ``language`` as in Accept-Language."""

    def __init__(self, document: Json, token: str = "", language: str = "en") -> None:
        self.document = document
        self.client = Client()
        self.headers = {"accept-language": language}
        if token:
            self.headers["authorization"] = f"Bearer {token}"
        self.etag = ""
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self.registry = Registry().with_resource(HERE, resource)

    # calling

    def get(self, path: str, **query: Any) -> Any:
        return self.call("get", path, query=query)

    def post(self, path: str, body: Any = None, *, expect: int | None = None, **more: Any) -> Any:
        return self.call("post", path, body={} if body is None else body, expect=expect, **more)

    def patch(self, path: str, body: Json, **more: Any) -> Any:
        return self.call("patch", path, body=body, **more)

    def all(self, path: str, **query: Any) -> list[Json]:
        """The objects of all pages, turned by the addresses that the pages name."""
        page = self.get(path, **query)
        found = list(page["results"])
        while page["next"]:
            page = self._checked(
                "get", self._template(path), self.client.get(page["next"], headers=self.headers)
            )
            found += page["results"]
        return found

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Json | None = None,
        headers: dict[str, str] | None = None,
        expect: int | None = None,
    ) -> Any:
        """One call, described at every step. ``expect``: the status, when an error is meant."""
        template = self._template(path)
        operation = self._operation(method, template)
        query, headers = query or {}, headers or {}
        self._check_parameters(operation, query, headers)
        extra: Json = {}
        if body is not None:
            content_type = self._check_body(method, template, operation, body)
            plain = content_type == JSON
            extra = {
                "data": json.dumps(body) if plain else body,
                **({"content_type": JSON} if plain else {}),
            }
        send = getattr(self.client, method)
        if method == "post" and body is not None and not extra.get("content_type"):
            answer = send(path + _query(query), extra["data"], headers={**self.headers, **headers})
        else:
            answer = send(path + _query(query), headers={**self.headers, **headers}, **extra)
        return self._checked(method, template, answer, expect)

    # what is described

    def _template(self, path: str) -> str:
        if path in self.document["paths"]:
            return path
        for template in self.document["paths"]:
            pattern = re.sub(r"\{\w+\}", "[0-9a-f-]{36}", template)
            if re.fullmatch(pattern, path):
                return template
        raise Undescribed(f"{path} is not in the document")

    def _operation(self, method: str, template: str) -> Json:
        found = self.document["paths"][template].get(method)
        if found is None:
            raise Undescribed(f"{method} {template} is not in the document")
        return found

    def _resolved(self, part: Json) -> Json:
        while "$ref" in part:
            target: Any = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            part = target
        return part

    def _check_parameters(self, operation: Json, query: Json, headers: dict[str, str]) -> None:
        described = {}
        for one in map(self._resolved, operation.get("parameters", ())):
            described[one["in"], one["name"]] = one
        given = {("query", name): value for name, value in query.items()}
        given |= {("header", name): value for name, value in headers.items()}
        for key, value in given.items():
            if key not in described:
                raise Undescribed(f"{key} is no parameter of {operation['operationId']}")
            self._fits({**described[key]["schema"]}, value, f"parameter {key}")
        for key, one in described.items():
            if one.get("required") and key[0] != "path" and key not in given:
                raise Undescribed(f"{operation['operationId']} demands {key}")

    def _check_body(self, method: str, template: str, operation: Json, body: Any) -> str:
        contents = operation.get("requestBody", {}).get("content", {})
        if not contents:
            raise Undescribed(f"{method} {template} takes no body")
        content_type = next(iter(contents))
        sent = body
        if content_type == FORM:
            sent = {name: str(value) for name, value in body.items()}
        place = ["paths", template, method, "requestBody", "content", content_type, "schema"]
        self._fits({"$ref": _pointer(place)}, sent, f"body of {method} {template}")
        return content_type

    def _checked(self, method: str, template: str, answer: Any, expect: int | None = None) -> Any:
        name = f"{method} {template}"
        self.etag = answer.headers.get("ETag", "")
        status = str(answer.status_code)
        said = self._operation(method, template)["responses"]
        if status not in said:
            raise Undescribed(f"{name} answered {status}: {answer.content[:500]!r}")
        described = self._resolved(said[status])
        for header, one in described.get("headers", {}).items():
            if self._resolved(one).get("required") and header not in answer.headers:
                raise Undescribed(f"{name} answered without {header}")
        body = self._body(name, status, described, answer)
        if expect is None:
            assert answer.status_code < 400, (name, status, body)
        else:
            assert answer.status_code == expect, (name, status, body)
        return body

    def _body(self, name: str, status: str, described: Json, answer: Any) -> Any:
        raw = b"".join(answer) if answer.streaming else answer.content
        contents = described.get("content")
        if not contents:
            assert raw == b"", (name, status, raw)
            return None
        content_type = answer.headers["Content-Type"].partition(";")[0]
        if content_type not in contents:
            raise Undescribed(f"{name} answered {status} as {content_type}")
        if content_type not in {JSON, PROBLEM}:
            return raw
        body = json.loads(raw)
        schema = contents[content_type]["schema"]
        strict = {} if isinstance(body, list) else {"unevaluatedProperties": False}
        self._fits({**_absolute(schema), **strict}, body, f"{status} of {name}")
        return body

    def _fits(self, schema: Json, value: Any, what: str) -> None:
        checker = Draft202012Validator(
            schema, registry=self.registry, format_checker=FormatChecker()
        )
        errors = [f"{error.json_path}: {error.message}" for error in checker.iter_errors(value)]
        if errors:
            raise Undescribed(f"{what}: {errors[:5]} in {value!r}")


def upload(name: str, content: bytes, kind: str) -> SimpleUploadedFile:
    """A file as a form carries it."""
    return SimpleUploadedFile(name, content, content_type=kind)


def _absolute(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: HERE + inner if name == "$ref" else _absolute(inner)
            for name, inner in part.items()
        }
    return [_absolute(inner) for inner in part] if isinstance(part, list) else part


def _pointer(steps: list[str]) -> str:
    return f"{HERE}#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


def _query(query: Json) -> str:
    flat = {
        name: ",".join(value) if isinstance(value, list) else _word(value)
        for name, value in query.items()
    }
    return f"?{urlencode(flat)}" if flat else ""


def _word(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
