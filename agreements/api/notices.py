"""Notices over the API: what the system told the caller's organizations, read and confirmed."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter
from rest_framework import serializers

from agreements import notice_words
from agreements.models import Notice
from governance import clock
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import Computed, NounSerializer
from governance.api.verbs import verb


class NoticeSerializer(NounSerializer):
    """One thing told to one recipient; ``person`` is null where a party had nobody in post."""

    subject = Computed(
        serializers.CharField(),
        ("kind", "params"),
        notice_words.subject,
        help_text=_("Its heading, in the reader's language."),
    )
    text = Computed(
        serializers.CharField(),
        ("kind", "params"),
        notice_words.sentence,
        help_text=_("What it says, in the reader's language."),
    )

    class Meta:
        model = Notice
        fields = (
            "id",
            "kind",
            "subject",
            "text",
            "agreement",
            "agreement_name",
            "about_type",
            "about_id",
            "party",
            "organization",
            "organization_name",
            "person",
            "person_name",
            "told_on",
            "mailed_on",
            "read_at",
            "acknowledged_on",
            "created_at",
            "changed_at",
        )
        read_only_fields = (
            *("kind", "agreement", "about_type", "about_id"),
            *("party", "organization", "person", "told_on"),
        )


class NoticeFilters(RowFilterSet):
    """Filters of notices.

    ``unread``, ``acknowledged``, ``undeliverable`` and ``to_chase`` take true or false.
    """

    agreement = RelatedFilter(field_name="agreement")
    unread = BooleanFilter(field_name="read_at", lookup_expr="isnull")
    acknowledged = BooleanFilter(field_name="acknowledged_on", lookup_expr="isnull", exclude=True)
    undeliverable = BooleanFilter(method="without_anybody")
    to_chase = BooleanFilter(method="long_unconfirmed")

    class Meta:
        model = Notice
        fields = {
            "kind": CHOICES,
            "party": ["exact"],
            "organization": ["exact"],
            "person": ["exact"],
            "about_id": ["exact"],
            "told_on": DAYS,
        }

    def without_anybody(self, rows: Any, name: str, value: bool) -> Any:
        """Those for a party that had nobody to tell, or all the others."""
        nobody = rows.undeliverable()
        return nobody if value else rows.exclude(pk__in=nobody.values("pk"))

    def long_unconfirmed(self, rows: Any, name: str, value: bool) -> Any:
        """Those whose receipt nobody has confirmed for a week, or all the others."""
        chased = rows.to_chase(clock.today())
        return chased if value else rows.exclude(pk__in=chased.values("pk"))


class Notices(Resource):
    """What the system told; entered by the system alone."""

    model = Notice
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilters
    ordering = "-told_on"
    ordering_fields = ("told_on", "created_at", "changed_at")
    writes = ()

    read = verb("read", label=_("Mark as read"))
    acknowledge = verb("acknowledge", label=_("Confirm receipt"))
