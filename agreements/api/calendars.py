"""Calendar feeds over the API: made, given a new address, revoked; and the feeds themselves."""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agreements.calendar_entries import Scope, entries
from agreements.calendars import About, CalendarFeed, address_of
from agreements.models import Agreement
from governance import access, clock
from governance.api.filters import CHOICES, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import Attached, NounSerializer
from governance.api.verbs import OnReason, verb
from governance.ics import MEDIA, calendar_file
from governance.lifecycle import Refused


class FeedSerializer(NounSerializer):
    """A calendar at a secret address, which is told once, when it is made."""

    address = Attached(
        serializers.CharField(
            allow_null=True,
            help_text=_("Where programs subscribe; told once, when it is made, null ever after."),
        ),
        lambda ids, user: {},
        empty=lambda: None,
    )

    class Meta:
        model = CalendarFeed
        create_only = ("about", "organization", "agreement")
        fields = (
            "id",
            "about",
            "organization",
            "organization_name",
            "agreement",
            "agreement_name",
            "with_terms",
            "with_milestones",
            "with_tasks",
            "language",
            "address",
            "addressed_at",
            "used_on",
            "revoked_at",
            "created_at",
            "changed_at",
        )


class FeedFilters(RowFilterSet):
    """Filters of feeds."""

    class Meta:
        model = CalendarFeed
        fields = {"about": CHOICES, "agreement": ["exact"], "revoked_at": ["isnull"]}


class CalendarFeeds(Resource):
    """One's own calendar feeds. What they show is what one may see at the time of asking."""

    model = CalendarFeed
    serializer_class = FeedSerializer
    filterset_class = FeedFilters
    writes = ("create", "change")

    revoke = verb("revoke", label=_("Revoke"))

    def enter_facts(self, facts: dict[str, Any]) -> Any:
        user = self.request.user
        made, secret = CalendarFeed.issue(user, by=user, **facts)
        self.secrets = {**getattr(self, "secrets", {}), made.public_id: secret}
        return made

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a feed; its address is told in this answer, and never again."""
        answer = super().create(request, *args, **kwargs)
        several = isinstance(answer.data, list)
        told = [self._told(one) for one in (answer.data if several else [answer.data])]
        # An answer that is given again does not tell the address again.
        answer.kept = answer.data  # type: ignore[attr-defined]
        answer.data = told if several else told[0]
        return answer

    def _told(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "address": address_of(self.secrets[body["id"]])}

    @extend_schema(request=OnReason, responses=FeedSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new address, told in this answer and never again; the old one leads nowhere."""
        feed = self.get_object()
        self.require("rotate", feed)
        version = self.precondition(feed, required=False)
        OnReason(data=request.data or {}).is_valid(raise_exception=True)
        refusal = feed.refusal("rotate", clock.today())
        if refusal is not None:
            raise Refused("rotate", refusal)
        with self.unless_stale(feed):
            self.secrets = {feed.public_id: feed.rotate(by=request.user, version=version)}
        answer = self._answer(feed)
        answer.kept = answer.data  # type: ignore[attr-defined]
        answer.data = self._told(answer.data)
        return answer

    rotate.verb, rotate.label = "rotate", _("New address")  # type: ignore[attr-defined]


class Feed(APIView):
    """One calendar, for programs that know its secret address and nothing else."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        auth=[],
        responses={
            (200, "text/calendar"): OpenApiResponse(
                OpenApiTypes.BINARY, description="The calendar (RFC 5545)."
            ),
            304: OpenApiResponse(description="As you have it."),
        },
    )
    def get(self, request: Request, secret: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The calendar as its owner may see it now; 404 for an address that is not one any more."""
        feed = CalendarFeed.at(secret)
        if feed is None:
            raise Http404
        with override(feed.language or settings.LANGUAGE_CODE):
            file = calendar_of(feed)
        tag = f'"{sha256(file).hexdigest()[:32]}"'
        headers = {
            "ETag": tag,
            "Cache-Control": "private, no-cache",
            "Referrer-Policy": "no-referrer",
        }
        known = [one.strip().removeprefix("W/") for one in _known(request)]
        if tag in known or "*" in known:
            return HttpResponse(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return HttpResponse(file, content_type=MEDIA, headers=headers)


def _known(request: Request) -> list[str]:
    return str(request.headers.get("If-None-Match", "")).split(",")


def calendar_of(feed: CalendarFeed) -> bytes:
    """The file of a feed, bounded by what its owner may see today."""
    user = feed.user
    organizations: tuple[int, ...] | None = None
    if feed.about == About.ORGANIZATION:
        organizations = (feed.organization_id or 0,)
    elif feed.about == About.MINE and not access.oversees(user):
        organizations = tuple(access.own_organizations(user))
    agreement = None
    if feed.about == About.AGREEMENT:
        seen = access.visible_to(user, Agreement).filter(pk=feed.agreement_id)
        agreement = feed.agreement_id if seen.exists() else 0
    scope = Scope(lambda model: access.visible_to(user, model), organizations, agreement)
    rows = entries(
        scope,
        clock.today(),
        terms=feed.with_terms,
        milestones=feed.with_milestones,
        tasks=feed.with_tasks,
    )
    return calendar_file(rows, name=_name(feed))


def _name(feed: CalendarFeed) -> str:
    """What programs call it: Concord, and what it is about where that is still to be seen."""
    about = feed.organization or feed.agreement
    if about is None or not access.seen(feed.user, type(about), [about.public_id]):
        return "Concord"
    return f"Concord · {about}"
