"""The description of the API: valid, complete, without warnings, and served in both forms."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

METHODS = ("get", "put", "post", "delete", "patch")
WRITING = ("put", "post", "delete", "patch")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    with translation.override("en"):
        return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True)))


# Whoever knows the secret address reads it, signed in or not.
OPEN = "/api/v1/calendars/{secret}.ics"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item and path != OPEN:
                yield method, path, item[method]


def parameters(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [resolved(document, one) for one in operation["parameters"]]
    return {one["name"]: one for one in found}


def resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        target: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_it_is_made_without_warnings() -> None:
    said = io.StringIO()
    with redirect_stderr(said), translation.override("en"):
        SchemaGenerator().get_schema(request=None, public=True)
    assert said.getvalue() == ""


def test_it_is_the_same_each_time(document: dict[str, Any]) -> None:
    with translation.override("en"):
        again = SchemaGenerator().get_schema(request=None, public=True)
    assert json.dumps(again) == json.dumps(document)


def addresses(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for one in patterns:
        path = f"{prefix}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, path)
        elif isinstance(one, URLPattern):
            yield path, one.callback


def test_every_address_of_the_api_is_described(document: dict[str, Any]) -> None:
    served = {
        "/" + path.replace("<uuid:", "{").replace("<str:", "{").replace(">", "}")
        for path, callback in addresses(get_resolver().url_patterns)
        if path.startswith("api/v1/") and getattr(callback, "cls", None) is not None
    }
    assert served == set(document["paths"])


def test_what_is_open_to_whoever_knows_its_address_says_so(document: dict[str, Any]) -> None:
    [read] = document["paths"][OPEN].values()
    assert read["summary"] and read["description"]
    assert "security" not in read and "security" not in document
    assert "text/calendar" in read["responses"]["200"]["content"]


def test_every_operation_says_what_it_is(document: dict[str, Any]) -> None:
    ids = [one["operationId"] for _method, _path, one in operations(document)]
    assert len(ids) == len(set(ids))
    tags = {tag["name"] for tag in document["tags"]}
    told = {tag for _method, _path, one in operations(document) for tag in one["tags"]}
    assert tags == told | set(document["paths"][OPEN]["get"]["tags"])
    for method, path, one in operations(document):
        assert one["summary"] and one["description"], (method, path)
        assert set(one["tags"]) <= tags
        assert {"token": []} in one["security"] and {"session": []} in one["security"]


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for method, path, one in operations(document):
        statuses = set(one["responses"])
        assert {"401", "403", "429"} <= statuses, (method, path)
        assert "{" not in path or "404" in statuses, (method, path)
        for status, answer in one["responses"].items():
            if status.startswith(("4", "5")):
                assert resolved(document, answer)["content"] == problem, (method, path, status)


def test_changes_demand_the_version(document: dict[str, Any]) -> None:
    for method, path, one in operations(document):
        found = parameters(document, one)
        demanded = method in {"put", "patch", "delete"} or path.endswith("/changes/")
        assert found.get("If-Match", {}).get("required", False) == demanded, (method, path)
        assert ("428" in one["responses"]) == demanded, (method, path)
        assert ("Idempotency-Key" in found) == (method == "post"), (method, path)
        assert "Accept-Language" in found


def test_objects_come_with_their_etag(document: dict[str, Any]) -> None:
    for method, path, one in operations(document):
        if path.endswith("{id}/") and method in {"get", "put", "patch"}:
            answer = one["responses"]["200"]
            assert resolved(document, answer["headers"]["ETag"])["required"], (method, path)
        if path.endswith("{id}/") and method == "get":
            assert "304" in one["responses"] and "If-None-Match" in parameters(document, one)


def test_lists_are_pages(document: dict[str, Any]) -> None:
    lists = [one for _m, _p, one in operations(document) if one["operationId"].endswith("_list")]
    assert len(lists) > 15
    for one in lists:
        schema = one["responses"]["200"]["content"]["application/json"]["schema"]
        page = resolved(document, schema)
        assert set(page["properties"]) == {"next", "previous", "count", "results"}
        assert {"cursor", "page_size", "ordering", "fields", "count"} <= set(
            parameters(document, one)
        )


def test_exports_name_their_forms(document: dict[str, Any]) -> None:
    exports = [one for _m, path, one in operations(document) if path.endswith("/export/")]
    assert len(exports) > 15
    for one in exports:
        assert parameters(document, one)["as"]["schema"]["enum"] == ["csv", "xlsx", "json"]
        assert len(one["responses"]["200"]["content"]) == 3


def test_bodies_hold_nothing_that_is_only_read(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if name.endswith(("Input", "Update", "Patch", "Body")):
            for member, part in schema.get("properties", {}).items():
                assert not part.get("readOnly"), (name, member)
    schemas = document["components"]["schemas"]
    assert "agreement" in schemas["TaskInput"]["properties"]
    assert "agreement" not in schemas["TaskUpdate"]["properties"]
    assert "file" in schemas["DocumentInput"]["properties"]
    assert "file" not in schemas["DocumentPatch"]["properties"]
    assert "identifiers" in schemas["OrganizationPatch"]["properties"]


def test_files_are_sent_as_forms(document: dict[str, Any]) -> None:
    body = document["paths"]["/api/v1/documents/"]["post"]["requestBody"]["content"]
    assert list(body) == ["multipart/form-data"]
    file = document["components"]["schemas"]["DocumentInput"]["properties"]["file"]
    assert file["format"] == "binary"


def test_collections_take_one_or_several(document: dict[str, Any]) -> None:
    for method, path, one in operations(document):
        if one["operationId"].endswith("_create") and path != "/api/v1/documents/":
            schema = one["requestBody"]["content"]["application/json"]["schema"]
            single, several = schema["oneOf"]
            assert several["items"] == single and several["maxItems"] == 1000, (method, path)
            assert len(one["responses"]["201"]["content"]["application/json"]["schema"]["oneOf"])


def test_every_member_has_a_meaning(document: dict[str, Any]) -> None:
    unexplained = [
        f"{name}.{member}"
        for name, schema in document["components"]["schemas"].items()
        if name not in {"EntryRule", "PackageInput"}
        for member, part in schema.get("properties", {}).items()
        if not resolved(document, part).get("description") and not part.get("description")
    ]
    assert unexplained == []


def test_words_have_names_of_their_own(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    words = {name for name, schema in schemas.items() if "enum" in schema}
    assert {"AgreementStatus", "TaskStatus", "TaskLight", "TermState", "PartyStanding"} <= words
    assert not [name for name in words if name.endswith("Enum")]


def test_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    seen = 0
    for method, path, one in operations(document):
        for content in one.get("requestBody", {}).get("content", {}).values():
            for name, example in content.get("examples", {}).items():
                check = Draft202012Validator(
                    content["schema"] | {"components": document["components"]}
                )
                errors = [error.message for error in check.iter_errors(example["value"])]
                assert not errors, (method, path, name, errors)
                seen += 1
    assert seen > 10


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", "*/*", "application/yaml"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "application/yaml"),
        ("", "application/json", "application/json"),
        ("", "application/vnd.oai.openapi+json", "application/json"),
        ("?format=json", "*/*", "application/json"),
        ("?format=yaml", "application/json", "application/yaml"),
    ],
)
def test_it_is_served(db: None, query: str, accept: str, kind: str) -> None:
    answer = Client().get(f"/api/schema/{query}", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    read = json.loads if kind == "application/json" else yaml.safe_load
    if kind == "application/json" or not query:
        assert read(answer.content)["openapi"] == "3.1.0"
    again = Client().get(
        f"/api/schema/{query}",
        headers={"accept": accept, "if-none-match": answer.headers["ETag"]},
    )
    assert again.status_code == 304 and again.content == b""


def test_unknown_addresses_are_problems(db: None) -> None:
    for path in ("/api/v1/nothing/", "/api/v1/agreements/no-id/", "/api/x/"):
        for method in ("get", "post", "delete"):
            answer = getattr(Client(), method)(path)
            assert answer.status_code == 404
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["type"] == "urn:concord:problem:not_found"
