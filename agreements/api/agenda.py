"""Agenda items over the API: proposals of the parties, and what the host makes of them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agreements.models import AgendaItem, Consultation
from governance import access, clock
from governance.api.filters import CHOICES, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer
from governance.api.verbs import OnReason, verb
from governance.record import refuse


class AgendaItemSerializer(NounSerializer):
    """A matter for a consultation."""

    class Meta:
        model = AgendaItem
        create_only = ("consultation", "proposed_by")
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "consultation",
            "consultation_name",
            "number",
            "title",
            "title_zh",
            "explanation",
            "explanation_zh",
            "proposed_by",
            "proposed_by_name",
            "origin",
            "task",
            "task_name",
            "about_group",
            "about_group_name",
            "about_party",
            "decision",
            "carried_from",
            "raised_at",
            "times_deferred",
            "minutes_note",
            "status",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )
        extra_kwargs = {
            "agreement": {"read_only": True},
            "consultation": {"required": True},
            "minutes_note": {"read_only": True},
            "proposed_by": {
                "help_text": _("Left out: the organization that you speak for; null: nobody's.")
            },
        }


class AgendaItemFilters(RowFilterSet):
    """Filters of agenda items."""

    class Meta:
        model = AgendaItem
        fields = {
            "agreement": ["exact"],
            "consultation": ["exact", "isnull"],
            "proposed_by": ["exact", "isnull"],
            "task": ["exact", "isnull"],
            "origin": CHOICES,
            "status": CHOICES,
        }


class DiscussBody(OnReason):
    """What is noted of it for the minutes."""

    minutes_note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


class PlaceBody(OnReason):
    """The place it takes on the agenda."""

    number = serializers.IntegerField(
        min_value=1, max_value=32_767, help_text=_("1 is the first; beyond the last: the last.")
    )


class AgendaItems(Resource):
    """What is proposed for consultations, taken onto their agendas and carried on."""

    model = AgendaItem
    serializer_class = AgendaItemSerializer
    filterset_class = AgendaItemFilters
    ordering_fields = ("number", "created_at", "changed_at")
    search_fields = ("title", "title_zh", "explanation", "explanation_zh")

    def enter(self, data: Any) -> Any:
        """Propose; a partner that names nobody speaks for its own organization."""
        facts = self.facts_of(data)
        consultation = facts.get("consultation")
        if consultation is None:
            raise refuse("consultation", _("Say for which consultation."), "required")
        if "proposed_by" not in facts:
            facts["proposed_by"] = self._own(consultation)
        self.require_on(facts)
        return self.enter_facts(facts)

    def _own(self, consultation: Consultation) -> Any:
        if access.registers(self.request.user):
            return None
        spoken_for = access.speaks_for(self.request.user, consultation)
        return spoken_for[0].organization if spoken_for else None

    def enter_facts(self, facts: dict[str, Any]) -> Any:
        user = self.request.user
        return AgendaItem.propose(
            facts.pop("consultation"),
            by=user,
            on=clock.today(),
            bound=not access.registers(user),
            **facts,
        )

    accept = verb("accept")
    decline = verb("decline")
    withdraw = verb("withdraw")
    discuss = verb("discuss", body=DiscussBody)
    defer = verb("defer")
    move = verb("move", body=PlaceBody, label=_("Move on the agenda"))
