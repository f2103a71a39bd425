"""The base of all resources: rows in, rows out, and writing through the verbs of the noun.

A resource names its model, serializer, filters and orderings; verbs are one line each. The order
of checks is the same everywhere: signed in (401), exists for this user (404), may (403), the
precondition (428, 412), the input (400), the state (409).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError as DomainError
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance import access, clock
from governance.api.conditional import (
    answered,
    differing,
    digest_of,
    etag_of,
    versions_named,
)
from governance.api.errors import (
    PreconditionFailed,
    PreconditionRequired,
    SomeInvalid,
    SomeRefused,
    errors_at,
)
from governance.api.exports import export
from governance.api.filters import filtered, refusal_of, refuse_parameters
from governance.api.history import history_of
from governance.api.idempotency import OncePerKey
from governance.api.pagination import KeysetPagination
from governance.api.serializers import NounSerializer, Reader
from governance.api.verbs import refusable
from governance.lifecycle import Refused, Stale, require_past
from governance.record import unit
from governance.search import matching

Shown = dict[str, Any]
Rows = list[Shown]
Ids = list[int]

BULK = 1000
# Whether a verb is possible is asked object by object.
ACTIONS_AT_ONCE = 50
ACTIONS = "allowed_actions"


class Resource(OncePerKey, viewsets.GenericViewSet):
    """Read, write, history and export of one noun."""

    model: type[Model]
    serializer_class: type[NounSerializer]
    partner_serializer_class: type[NounSerializer] | None = None
    input_serializer_class: type[NounSerializer] | None = None
    filterset_class: Any = None
    ordering: str = "-created_at"
    ordering_fields: tuple[str, ...] = ("created_at", "changed_at")
    search_fields: tuple[str, ...] = ()
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    writes: tuple[str, ...] = ("create", "change", "delete")
    # Whether entering one revises the one that is there, which somebody may have changed (412).
    creating_revises = False
    http_method_names = ("get", "post", "put", "patch", "delete", "head", "options")

    # what exists

    @property
    def family(self) -> str:
        """The resource's name in scopes and addresses."""
        return str(self.basename)

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.annotated(access.visible_to(self.request.user, self.model))

    def annotated(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows with what their fields need beyond columns."""
        return rows

    def get_serializer_class(self) -> type[NounSerializer]:
        if self.partner_serializer_class is None or getattr(self, "swagger_fake_view", False):
            return self.serializer_class
        if access.oversees(self.request.user):
            return self.serializer_class
        return self.partner_serializer_class

    def get_object(self) -> Any:
        """The object, or 404 for what does not exist for this user."""
        found = self.get_queryset().filter(public_id=self.kwargs["id"]).first()
        if found is None:
            raise Http404
        return found

    # reading

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page of rows."""
        rows, reader, page = self._listed(request)
        if self._asks_for_actions() and page.size > ACTIONS_AT_ONCE:
            raise refusal_of("page_size", _("What may be done is told for up to 50 objects."))
        found, following, before = page.page(rows.values(*{*reader.columns, page.field}))
        body: dict[str, Any] = {"next": following, "previous": before}
        if self._counts(request):
            body["count"] = rows.count()
        body["results"] = self._with_actions(reader.represent(found), found)
        return answered(request, body, f'"{digest_of(body)}"')

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One object, with what may be done with it now."""
        obj = self.get_object()
        refuse_parameters(request, {"fields"})
        body, etag = self.represent(obj)
        return answered(request, body, etag)

    @action(detail=False, methods=["get"])
    def export(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The whole list with its filters, as a file: ``?as=csv``, ``xlsx`` or ``json``."""
        rows, reader, page = self._listed(request, export=True)
        form = request.query_params.get("as", "csv")
        return export(form, self.family, reader, page.ordered(rows))

    @action(detail=True, methods=["get"])
    def history(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What happened to the object, oldest first."""
        obj = self.get_object()
        refuse_parameters(request, set())
        shown = set(self.get_serializer_class().row_fields(request.user))
        return Response({"results": history_of(obj, request.user, shown)})

    def _listed(
        self, request: Request, *, export: bool = False
    ) -> tuple[QuerySet[Any], Reader, KeysetPagination]:
        rows = filtered(self.filterset_class, request, self.get_queryset(), export=export)
        words = request.query_params.get("search", "")
        if words and not self.search_fields:
            raise refusal_of("search", _("This list cannot be searched."))
        rows = matching(rows, self.search_fields, words)
        reader = self._reader(request)
        if export and not reader.fields:
            raise refusal_of("fields", _("Exports do not tell what may be done."))
        return rows, reader, KeysetPagination(request, self._ordering(request))

    def _ordering(self, request: Request) -> str:
        wanted = request.query_params.get("ordering", "")
        if not wanted:
            return self.ordering
        if wanted.removeprefix("-") not in self.ordering_fields:
            fields = ", ".join(self.ordering_fields)
            raise refusal_of("ordering", _("Order by one of: %(fields)s.") % {"fields": fields})
        return wanted

    def _counts(self, request: Request) -> bool:
        wanted = request.query_params.get("count", "false")
        if wanted not in {"true", "false"}:
            raise refusal_of("count", _("Give true or false."))
        return wanted == "true"

    def _reader(self, request: Request) -> Reader:
        serializer = self.get_serializer_class()
        only = self._fields_wanted(request, serializer)
        return serializer.read(self.model._default_manager.all(), request.user, only)

    def _fields_wanted(self, request: Request, serializer: type[NounSerializer]) -> set[str] | None:
        wanted = request.query_params.get("fields", "")
        if not wanted:
            return None
        names = {name.strip() for name in wanted.split(",")}
        unknown = sorted(names - {*serializer.row_fields(request.user), ACTIONS})
        if unknown:
            raise refusal_of("fields", _("There is no field %(name)s here.") % {"name": unknown[0]})
        return names

    def _asks_for_actions(self) -> bool:
        wanted = self.request.query_params.get("fields", "").split(",")
        return ACTIONS in (name.strip() for name in wanted)

    def _with_actions(self, shown: Rows, rows: Rows) -> Rows:
        if self._asks_for_actions():
            objects = self.model._default_manager.in_bulk([row["pk"] for row in rows])
            for one, row in zip(shown, rows, strict=True):
                one[ACTIONS] = self.allowed_actions(objects[row["pk"]])
        return shown

    def represent(self, obj: Any) -> tuple[dict[str, Any], str]:
        """One object as a list would show it, with ``allowed_actions``, and its ETag."""
        reading = self.request.method in {"GET", "HEAD"}
        reader = self._reader(self.request) if reading else self._whole()
        row = self._rows_of([obj.pk]).values(*reader.columns).first()
        if row is None:
            raise Http404
        body = reader.represent([row])[0]
        if not reading or not self.request.query_params.get("fields") or self._asks_for_actions():
            body[ACTIONS] = self.allowed_actions(obj)
        return body, etag_of(row["version"], body)

    def _whole(self) -> Reader:
        serializer = self.get_serializer_class()
        return serializer.read(self.model._default_manager.all(), self.request.user)

    def _rows_of(self, ids: Sequence[int]) -> QuerySet[Any]:
        return self.annotated(self.model._default_manager.filter(pk__in=ids))

    def allowed_actions(self, obj: Any) -> Rows:
        """What the caller may do with the object now, and why not for the rest."""
        user, today = self.request.user, clock.today()
        if hasattr(obj, "lifecycle"):
            return access.actions(user, obj, today)
        return [
            refusable(name, label, access.may(user, name, obj) or obj.refusal(name, today))
            for name, label in self.verbs()
        ]

    @classmethod
    def verbs(cls) -> Iterator[tuple[str, Any]]:
        """The verbs this resource offers, as the noun names them, and what people call them."""
        for found in vars(cls).values():
            if callable(found) and hasattr(found, "verb"):
                yield found.verb, found.label

    # writing

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter one, or all of a list or none."""
        self.require("create", self.model)
        if isinstance(request.data, list):
            return self._create_many(request.data)
        return self._answer(self.enter(request.data), status.HTTP_201_CREATED)

    def _create_many(self, items: Sequence[Any]) -> Response:
        if len(items) > BULK:
            sentence = _("At most 1,000 at once.")
            raise ValidationError(
                {"non_field_errors": [ErrorDetail(str(sentence), code="too_many")]}
            )
        made: Ids = []
        wrong: Rows = []
        refused: dict[int, Refused] = {}
        with unit():
            for place, item in enumerate(items):
                try:
                    with unit():
                        made.append(self.enter(item).pk)
                except (ValidationError, DomainError) as invalid:
                    wrong.extend(errors_at(invalid, f"/{place}"))
                except Refused as refusal:
                    refused[place] = refusal
            if wrong:
                raise SomeInvalid(wrong)
            if refused:
                raise SomeRefused(refused)
        reader = self._whole()
        rows = {row["pk"]: row for row in self._rows_of(made).values(*reader.columns)}
        shown = reader.represent([rows[pk] for pk in made])
        return Response(shown, status=status.HTTP_201_CREATED)

    def enter(self, data: Any) -> Any:
        """Check the facts and enter one through its noun."""
        facts = self.facts_of(data)
        self.require_on(facts)
        return self.enter_facts(facts)

    def facts_of(self, data: Any, obj: Any = None, *, partial: bool = False) -> dict[str, Any]:
        """The facts that the body states, checked. Raises ValidationError.

        A whole change (PUT) states every fact: what it leaves out goes back to its default.
        """
        serializer = (self.input_serializer_class or self.get_serializer_class())(
            obj, data=data, partial=partial, context={"request": self.request}
        )
        serializer.is_valid(raise_exception=True)
        facts = dict(serializer.validated_data)
        if obj is not None and not partial:
            facts = {**self.unstated(serializer), **facts}
        return facts

    def unstated(self, serializer: NounSerializer) -> dict[str, Any]:
        """What each fact is when a whole change does not state it."""
        columns = {field.name: field for field in self.model._meta.concrete_fields}
        several = {field.name for field in self.model._meta.many_to_many}
        found: dict[str, Any] = {}
        for name, field in serializer.fields.items():
            if field.read_only:
                continue
            if name in columns:
                found[name] = columns[name].get_default()
            elif name in several:
                found[name] = []
        return found

    def enter_facts(self, facts: dict[str, Any]) -> Any:
        """Enter one with these facts; overridden where a noun is made by a verb of its own."""
        return self.model.enter(by=self.request.user, on=clock.today(), **facts)  # type: ignore[attr-defined]

    def require_on(self, facts: dict[str, Any]) -> None:
        """Whether the user may enter such a one, the object it belongs to being known."""
        stated = self.model(**_columns_only(self.model, facts))
        refusal = access.may(self.request.user, "create", stated)
        if refusal is not None:
            raise PermissionDenied(refusal.sentence)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some facts."""
        return self.update(request, *args, partial=True, **kwargs)

    def update(
        self, request: Request, *args: Any, partial: bool = False, **kwargs: Any
    ) -> Response:
        """Change the facts; what is left out goes back to its default."""
        obj = self.get_object()
        self.require("change", obj)
        version = self.precondition(obj, required=True)
        facts = self.facts_of(request.data, obj, partial=partial)
        with self.unless_stale(obj):
            self.edit_facts(obj, version, facts)
        return self._answer(obj)

    def edit_facts(self, obj: Any, version: int | None, facts: dict[str, Any]) -> None:
        """Change these facts; overridden where a noun is changed together with its parts."""
        obj.edit(by=self.request.user, version=version, **facts)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete it."""
        obj = self.get_object()
        self.require("delete", obj)
        version = self.precondition(obj, required=True)
        with self.unless_stale(obj):
            obj.remove(by=request.user, version=version)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def perform(self, verb: str, method: str, body: type[serializers.Serializer]) -> Response:
        """One verb: allowed, precondition, what it takes, the domain's call, the object."""
        obj, facts = self.asked(verb, body)
        with self.unless_stale(obj):
            self.call(obj, method, by=self.request.user, **facts)
        return self._answer(obj)

    def asked(self, verb: str, body: type[serializers.Serializer]) -> tuple[Any, dict[str, Any]]:
        """The object and what the verb takes, once it is allowed and checked."""
        obj = self.get_object()
        self.require(verb, obj)
        version = self.precondition(obj, required=False)
        given = {} if self.request.data is None else self.request.data
        taken = body(data=given, context={"request": self.request})
        taken.is_valid(raise_exception=True)
        facts = dict(taken.validated_data)
        on = facts.pop("on", None) or clock.today()
        if not getattr(body, "foresees", False):
            require_past(on, clock.today())
        return obj, {"on": on, "version": version, **facts}

    def call(self, obj: Any, method: str, **facts: Any) -> None:
        """The domain's one call; overridden where a verb reaches over several nouns."""
        getattr(obj, method)(**facts)

    def require(self, verb: str, obj: Any) -> None:
        """Raise 405 or 403 unless the user's role allows it."""
        if verb in {"create", "change", "delete"} and verb not in self.writes:
            self.http_method_not_allowed(self.request)
        refusal = access.may(self.request.user, verb, obj)
        if refusal is not None:
            raise PermissionDenied(refusal.sentence)

    def precondition(self, obj: Any, *, required: bool) -> int | None:
        """The version that ``If-Match`` names; None for any. Raises 428 or 412."""
        given = self.request.headers.get("If-Match", "").strip()
        if not given:
            if required:
                raise PreconditionRequired
            return None
        versions = versions_named(given)
        if versions is None:
            return None
        if str(obj.version) not in versions:
            raise self.stale(obj, versions)
        return int(obj.version)

    @contextmanager
    def unless_stale(self, obj: Any) -> Iterator[None]:
        """What somebody else changed or deleted since it was read: 412, or 404."""
        read = str(obj.version)
        try:
            yield
        except Stale as stale:
            if stale.current is None:
                raise Http404 from stale
            raise self.stale(stale.current, {read}) from stale

    def stale(self, obj: Any, versions: set[str]) -> PreconditionFailed:
        """The refusal of a version that is no longer the object's, with what differs."""
        body, etag = self.represent(obj)
        return PreconditionFailed(etag, differing(obj, versions, set(body)))

    def _answer(self, obj: Any, code: int = status.HTTP_200_OK) -> Response:
        body, etag = self.represent(obj)
        return Response(body, status=code, headers={"ETag": etag})


def _columns_only(model: type[Model], facts: dict[str, Any]) -> dict[str, Any]:
    columns = {f.name for f in model._meta.concrete_fields}
    return {name: value for name, value in facts.items() if name in columns}
