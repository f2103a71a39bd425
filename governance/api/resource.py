"""The base of all resources: rows in, rows out, and writing through the verbs of the noun.

A resource names its model, serializer, filters and orderings; verbs are one line each. The order
of checks is the same everywhere: signed in (401), exists for this user (404), may (403), the
precondition (428, 412), the input (400), the state (409).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import orjson
from django.core.exceptions import ValidationError as DomainError
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance import access, clock
from governance.api.errors import PreconditionFailed, PreconditionRequired
from governance.api.exports import export
from governance.api.filters import filtered
from governance.api.pagination import KeysetPagination
from governance.api.serializers import NounSerializer, Reader
from governance.record import Event, unit
from governance.search import matching

BULK = 1000


class OnReason(serializers.Serializer):
    """What every verb takes: the day on which it happened, and why."""

    on = serializers.DateField(
        required=False, help_text=_("The day on which it happened; today when left out.")
    )
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class Resource(viewsets.GenericViewSet):
    """Read, write, history and export of one noun."""

    model: type[Model]
    serializer_class: type[NounSerializer]
    partner_serializer_class: type[NounSerializer] | None = None
    filterset_class: Any = None
    ordering: str = "-created_at"
    ordering_fields: tuple[str, ...] = ("created_at", "changed_at")
    search_fields: tuple[str, ...] = ()
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    writes: tuple[str, ...] = ("create", "change", "delete")
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
        found, following, before = page.page(
            rows.values(*{*reader.columns, *([page.field] if page.field != "pk" else [])})
        )
        body: dict[str, Any] = {"next": following, "previous": before}
        if request.query_params.get("count") == "true":
            body["count"] = rows.count()
        body["results"] = self._with_actions(reader.represent(found), found)
        return Response(body)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One object, with what may be done with it now."""
        obj = self.get_object()
        body = self.represent(obj)
        etag = self.etag(obj, body)
        if request.headers.get("If-None-Match") == etag:
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag})
        return Response(body, headers={"ETag": etag})

    @extend_schema(responses={(200, "text/csv"): str})
    @action(detail=False, methods=["get"])
    def export(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The whole list with its filters, as a file: ``?as=csv``, ``xlsx`` or ``json``."""
        rows, reader, page = self._listed(request)
        form = request.query_params.get("as", "csv")
        ordered = rows.order_by(page.ordering, "pk")
        return export(form, self.family, reader, ordered)

    @action(detail=True, methods=["get"])
    def history(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What happened to the object, oldest first."""
        obj = self.get_object()
        shown = None if access.oversees(request.user) else set(self._reader(request).fields)
        return Response({"results": [event_text(event, shown) for event in Event.objects.of(obj)]})

    def _listed(self, request: Request) -> tuple[QuerySet[Any], Reader, KeysetPagination]:
        rows = filtered(self.filterset_class, request, self.get_queryset())
        words = request.query_params.get("search", "")
        if words and not self.search_fields:
            raise ValidationError({"search": [_("This list cannot be searched.")]})
        rows = matching(rows, self.search_fields, words)
        return rows, self._reader(request), KeysetPagination(request, self._ordering(request))

    def _ordering(self, request: Request) -> str:
        wanted = request.query_params.get("ordering", "")
        if not wanted:
            return self.ordering
        if wanted.removeprefix("-") not in self.ordering_fields:
            raise ValidationError(
                {
                    "ordering": [
                        _("Order by one of: %(fields)s.")
                        % {"fields": ", ".join(self.ordering_fields)}
                    ]
                }
            )
        return wanted

    def _reader(self, request: Request, only: set[str] | None = None) -> Reader:
        serializer = self.get_serializer_class()
        only = only or self._fields_wanted(request, serializer)
        return serializer.read(self.model._default_manager.all(), request.user, only)

    def _fields_wanted(
        self, request: Request, serializer: type[NounSerializer]
    ) -> set[str] | None:
        wanted = request.query_params.get("fields", "")
        if not wanted:
            return None
        names = {name.strip() for name in wanted.split(",")}
        known = set(serializer.row_fields(request.user)) | {"allowed_actions"}
        if names - known:
            raise ValidationError(
                {
                    "fields": [
                        _("There is no field %(name)s here.") % {"name": sorted(names - known)[0]}
                    ]
                }
            )
        return names

    def _with_actions(
        self, shown: list[dict[str, Any]], rows: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        if "allowed_actions" in self.request.query_params.get("fields", "").split(","):
            objects = self.model._default_manager.in_bulk([row["pk"] for row in rows])
            for one, row in zip(shown, rows, strict=True):
                one["allowed_actions"] = self.allowed_actions(objects[row["pk"]])
        return shown

    def represent(self, obj: Any) -> dict[str, Any]:
        """One object as a list would show it, with ``allowed_actions``."""
        reader = self._reader(self.request) if self.request.method == "GET" else self._whole()
        rows = list(self._rows_of(obj).values(*reader.columns))
        body = reader.represent(rows)[0]
        wanted = self.request.query_params.get("fields", "")
        if not wanted or "allowed_actions" in wanted.split(",") or self.request.method != "GET":
            body["allowed_actions"] = self.allowed_actions(obj)
        return body

    def _whole(self) -> Reader:
        return self.get_serializer_class().read(
            self.model._default_manager.all(), self.request.user
        )

    def _rows_of(self, obj: Any) -> QuerySet[Any]:
        return self.annotated(self.model._default_manager.filter(pk=obj.pk))

    def allowed_actions(self, obj: Any) -> list[dict[str, Any]]:
        """What the caller may do with the object now, and why not for the rest."""
        if hasattr(obj, "lifecycle"):
            return access.actions(self.request.user, obj, clock.today())
        return [
            refusable(verb, access.may(self.request.user, verb, obj) or obj.refusal(verb, clock.today()))
            for verb in self.verbs()
        ]

    @classmethod
    def verbs(cls) -> Iterator[str]:
        """The verbs this resource offers, as the noun names them."""
        for name in dir(cls):
            found = getattr(getattr(cls, name, None), "verb", None)
            if found is not None:
                yield found

    # writing

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter one, or all of a list or none."""
        self.require("create", self.model)
        if isinstance(request.data, list):
            return self._create_many(request)
        obj = self.enter(request.data)
        return self._answer(obj, status.HTTP_201_CREATED)

    def _create_many(self, request: Request) -> Response:
        if len(request.data) > BULK:
            raise ValidationError({"": [_("At most 1,000 at once.")]})
        made, wrong = [], {}
        with unit():
            for place, item in enumerate(request.data):
                try:
                    made.append(self.enter(item))
                except (ValidationError, DomainError) as refused:
                    detail = refused.detail if isinstance(refused, ValidationError) else _plain(refused)
                    wrong[str(place)] = detail
            if wrong:
                raise ValidationError(wrong)
        return Response([self.represent(obj) for obj in made], status=status.HTTP_201_CREATED)

    def enter(self, data: Any) -> Any:
        """Check the facts and enter one through its noun."""
        facts = self.facts_of(data)
        self.require_on(facts)
        return self.enter_facts(facts)

    def facts_of(self, data: Any, obj: Any = None, *, partial: bool = False) -> dict[str, Any]:
        """The facts that the body states, checked. Raises ValidationError."""
        serializer = self.get_serializer_class()(
            obj, data=data, partial=partial, context={"request": self.request}
        )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def enter_facts(self, facts: dict[str, Any]) -> Any:
        """Enter one with these facts; overridden where a noun is made by a verb of its own."""
        return self.model.enter(by=self.request.user, on=clock.today(), **facts)  # type: ignore[attr-defined]

    def require_on(self, facts: dict[str, Any]) -> None:
        """Whether the user may enter such a one, the object it belongs to being known."""
        refusal = access.may(self.request.user, "create", self.model(**_columns_only(self.model, facts)))
        if refusal is not None:
            raise PermissionDenied(refusal.sentence)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some facts."""
        return self.update(request, *args, partial=True, **kwargs)

    def update(self, request: Request, *args: Any, partial: bool = False, **kwargs: Any) -> Response:
        """Change the facts."""
        obj = self.get_object()
        self.require("change", obj)
        version = self.precondition(obj, required=True)
        self.edit_facts(obj, version, self.facts_of(request.data, obj, partial=partial))
        return self._answer(self.get_object_again(obj))

    def edit_facts(self, obj: Any, version: int | None, facts: dict[str, Any]) -> None:
        """Change these facts; overridden where a noun is changed together with its parts."""
        obj.edit(by=self.request.user, version=version, **facts)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete it."""
        obj = self.get_object()
        self.require("delete", obj)
        version = self.precondition(obj, required=True)
        obj.remove(by=request.user, version=version)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def perform(self, verb: str, method: str, body: type[serializers.Serializer]) -> Response:
        """One verb: allowed, precondition, what it takes, the domain's call, the object."""
        obj = self.get_object()
        self.require(verb, obj)
        version = self.precondition(obj, required=False)
        taken = body(data=self.request.data or {}, context={"request": self.request})
        taken.is_valid(raise_exception=True)
        facts = dict(taken.validated_data)
        on = facts.pop("on", None) or clock.today()
        require_past(on)
        self.call(obj, method, by=self.request.user, on=on, version=version, **facts)
        return self._answer(self.get_object_again(obj))

    def call(self, obj: Any, method: str, **facts: Any) -> None:
        """The domain's one call; overridden where a verb reaches over several nouns."""
        getattr(obj, method)(**facts)

    def get_object_again(self, obj: Any) -> Any:
        """The object as it is now."""
        return self._rows_of(obj).get()

    def require(self, verb: str, obj: Any) -> None:
        """Raise 405 or 403 unless the user's role allows it."""
        if verb in {"create", "change", "delete"} and verb not in self.writes:
            self.http_method_not_allowed(self.request)
        refusal = access.may(self.request.user, verb, obj)
        if refusal is not None:
            raise PermissionDenied(refusal.sentence)

    def precondition(self, obj: Any, *, required: bool) -> int | None:
        """The version that ``If-Match`` names; None without one. Raises 428 or 412."""
        given = self.request.headers.get("If-Match", "").strip()
        if not given:
            if required:
                raise PreconditionRequired
            return None
        if given == "*":
            return int(obj.version)
        version = given.removeprefix("W/").strip('"').partition(".")[0]
        if version != str(obj.version):
            body = self.represent(obj)
            raise PreconditionFailed(self.etag(obj, body), differing(obj, version))
        return int(obj.version)

    def etag(self, obj: Any, body: dict[str, Any]) -> str:
        """``"version.hash"``: If-Match compares the version, If-None-Match the whole."""
        packed = orjson.dumps(body, default=str)
        return f'"{obj.version}.{hashlib.sha256(packed).hexdigest()[:16]}"'

    def _answer(self, obj: Any, code: int = status.HTTP_200_OK) -> Response:
        obj.refresh_from_db(fields=["version"])
        body = self.represent(obj)
        return Response(body, status=code, headers={"ETag": self.etag(obj, body)})


def verb(
    name: str, *, method: str = "", body: type[serializers.Serializer] = OnReason
) -> Callable[..., Any]:
    """A verb as an action: ``accept = verb("accept")``."""
    called = method or name

    def perform(self: Resource, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.perform(name, called, body)

    perform.__name__ = called
    perform.__doc__ = f"Perform “{name.replace('_', ' ')}”; 409 names the guard that refuses it."
    made = action(detail=True, methods=["post"], url_path=name.replace("_", "-"), url_name=name)(perform)
    made = extend_schema(request=body)(made)
    made.verb = name  # type: ignore[attr-defined]
    return made


def refusable(name: str, refusal: Any) -> dict[str, Any]:
    """One entry of ``allowed_actions``."""
    return {
        "verb": name.replace("_", "-"),
        "label": name.replace("_", " "),
        "allowed": refusal is None,
        "reason": str(refusal.sentence) if refusal else None,
        "needs_reason": False,
        "danger": False,
    }


def require_past(on: date) -> None:
    """What happened cannot lie in the future. Raises ValidationError at ``on``."""
    if on > clock.today():
        raise ValidationError(
            {"on": [ErrorDetail(_("This day lies in the future."), code="in_the_future")]}
        )


def event_text(event: Event, shown: set[str] | None) -> dict[str, Any]:
    """One event of a history; only the ``shown`` facts (None: all of them)."""
    return {
        "sequence": event.sequence,
        "at": event.recorded_at,
        "on": event.happened_on,
        "by": event.actor_name or None,
        "door": event.door,
        "verb": event.verb,
        "reason": event.reason,
        "before": _only(event.before, shown),
        "after": _only(event.after, shown),
    }


def _only(facts: dict[str, Any] | None, shown: set[str] | None) -> dict[str, Any] | None:
    if facts is None or shown is None:
        return facts
    return {name: value for name, value in facts.items() if name in shown}


def differing(obj: Any, version: str) -> list[str]:
    """The fields that changed since that version, as far as the record tells."""
    if not version.isdecimal():
        return []
    behind = obj.version - int(version)
    if behind <= 0:
        return []
    recent = Event.objects.of(obj).exclude(after=None).order_by("-sequence")[:behind]
    return sorted({name for event in recent for name in (event.after or {})})


def _columns_only(model: type[Model], facts: dict[str, Any]) -> dict[str, Any]:
    columns = {f.name for f in model._meta.concrete_fields}
    return {name: value for name, value in facts.items() if name in columns}


def _plain(refused: DomainError) -> dict[str, Any]:
    if hasattr(refused, "error_dict"):
        return {
            "non_field_errors" if name == "__all__" else name: [
                ErrorDetail(text, code=one.code or "invalid") for one in found for text in one.messages
            ]
            for name, found in refused.error_dict.items()
        }
    return {"non_field_errors": list(refused.messages)}

