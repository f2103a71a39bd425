"""Parties over the API: memberships and the acts that make them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from actors.models import Organization, Person
from agreements import membership
from agreements.api.membership import (
    PREVIEW,
    AccedeBody,
    MembershipPreview,
    WithdrawBody,
    preview_answer,
)
from agreements.membership_preview import preview_accession, preview_withdrawal
from agreements.models import Party
from agreements.party import JOINING, LEAVING, Standing
from governance import clock
from governance.api.filters import CHOICES, DAYS, RowFilterSet
from governance.api.questions import flag_asked
from governance.api.resource import Resource
from governance.api.serializers import Computed, NounSerializer, Related
from governance.api.verbs import OnReason, verb


def standing(signed_on: Any, approved_on: Any, notified_on: Any, withdrawn_on: Any) -> str:
    """What the party is today, by its acts."""
    party = Party(
        signed_on=signed_on,
        approved_on=approved_on,
        withdrawal_notified_on=notified_on,
        withdrawn_on=withdrawn_on,
    )
    return party.standing(clock.today()).value


class PartySerializer(NounSerializer):
    """An organization in an agreement, and what it did."""

    standing = Computed(
        serializers.ChoiceField(choices=Standing.choices),
        ("signed_on", "approved_on", "withdrawal_notified_on", "withdrawn_on"),
        standing,
    )
    categories = serializers.ListField(child=serializers.CharField(max_length=60), required=False)

    class Meta:
        model = Party
        create_only = ("agreement", "organization", *JOINING)
        read_only_fields = LEAVING
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "organization",
            "organization_name",
            "role",
            "position",
            "signing_body",
            "signing_body_name",
            "signatory",
            "signatory_name",
            "standing",
            "signed_on",
            "approved_on",
            "joined_on",
            "withdrawal_notified_on",
            "withdrawn_on",
            "counts",
            "weight",
            "categories",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class PartyFilters(RowFilterSet):
    """Filters of parties."""

    class Meta:
        model = Party
        fields = {
            "agreement": ["exact"],
            "organization": ["exact"],
            "signing_body": ["exact"],
            "role": CHOICES,
            "signed_on": DAYS,
            "joined_on": DAYS,
            "withdrawn_on": DAYS,
        }


class SignPartyBody(OnReason):
    """Who signed for the party."""

    signing_body = Related(Organization, required=False)
    signatory = Related(Person, required=False)


# Joining and leaving reach over all the mechanisms of the agreement.
_ACROSS: dict[str, Any] = {"accede": membership.accede, "withdraw": membership.withdraw}
_PREVIEWS: dict[str, Any] = {"accede": preview_accession, "withdraw": preview_withdrawal}


def _previewed(action: Any) -> Any:
    """A verb that may be previewed: the party, or what the act would change."""
    answer = PolymorphicProxySerializer(
        "PartyOrPreview", [PartySerializer, MembershipPreview], resource_type_field_name=None
    )
    return extend_schema(parameters=[PREVIEW], responses={200: answer})(action)


class Parties(Resource):
    """Who has agreed."""

    model = Party
    serializer_class = PartySerializer
    filterset_class = PartyFilters
    ordering_fields = ("created_at", "changed_at", "signed_on", "joined_on")

    sign = verb("sign", label=_("Record signature"), body=SignPartyBody)
    approve = verb("approve", label=_("Record approval"))
    accede = _previewed(verb("accede", label=_("Record accession"), body=AccedeBody))
    withdraw = _previewed(verb("withdraw", label=_("Record withdrawal"), body=WithdrawBody))

    def perform(self, verb: str, method: str, body: type[serializers.Serializer]) -> Response:
        preview = _PREVIEWS.get(method)
        if preview is None or not flag_asked(self.request, "preview"):
            return super().perform(verb, method, body)
        obj, facts = self.asked(verb, body)
        with self.unless_stale(obj):
            shown = preview(obj, **facts)
        _body, etag = self.represent(obj)
        return Response(preview_answer(shown), headers={"ETag": etag})

    def call(self, obj: Any, method: str, **facts: Any) -> None:
        across = _ACROSS.get(method)
        if across is None:
            super().call(obj, method, **facts)
        else:
            across(obj, **facts)
