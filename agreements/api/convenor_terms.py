"""The terms of the convenors over the API, and who convenes on a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from actors.models import Organization, Person
from agreements.mechanisms.convenor_shown import terms_shown
from agreements.mechanisms.convenor_terms import State, TermHolder, convenor_term
from agreements.mechanisms.rotation_plan import Term
from agreements.models import Agreement, ConvenorTerm, Rotation
from governance import access
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import (
    Attached,
    Name,
    NounSerializer,
    Related,
    RelatedMany,
    grouped,
)
from governance.api.verbs import verb
from governance.base import bilingual


class TermText(serializers.Serializer):
    """A term: whose turn it is, who serves it, and its days; ``ends_on`` is not part of it."""

    class Turn(serializers.Serializer):
        """The seat that the order gave the term."""

        organization = serializers.UUIDField(allow_null=True, help_text=_("Null: a region's."))
        region = serializers.UUIDField(allow_null=True, help_text=_("Null: an organization's."))
        name = serializers.CharField(help_text=_("Whose turn it is, in the reader's language."))

    id = serializers.UUIDField(
        allow_null=True, help_text=_("The id of the stored term; null: only projected.")
    )
    turn = Turn(allow_null=True, help_text=_("Whose turn it is; null: nobody's."))
    holders = serializers.ListField(
        child=serializers.UUIDField(), help_text=_("The organizations that serve it.")
    )
    holder_names = serializers.ListField(
        child=serializers.CharField(), help_text=_("Their names, in the reader's language.")
    )
    starts_on = serializers.DateField(
        allow_null=True, help_text=_("Its first day; null: behind an end not yet set.")
    )
    ends_on = serializers.DateField(
        allow_null=True, help_text=_("The first day behind it; null: not yet set.")
    )
    expected_ends_on = serializers.DateField(
        allow_null=True, help_text=_("The forecast where the end is not set; else null.")
    )
    state = serializers.ChoiceField(
        choices=State.choices, help_text=_("How firm its holder stands.")
    )
    current = serializers.BooleanField(help_text=_("Whether it holds today."))
    changes = serializers.ListField(
        child=serializers.UUIDField(), help_text=_("The changes that shaped it.")
    )


class PersonName(serializers.Serializer):
    """A person by id and name."""

    id = serializers.UUIDField(
        allow_null=True, help_text=_("The id of the person; null: not for this reader.")
    )
    name = serializers.CharField(help_text=_("The name, in the reader's language."))


class ConvenorAnswer(serializers.Serializer):
    """Who convenes on a day, with the term before and the one to come."""

    on = serializers.DateField(help_text=_("The day asked about."))
    previous = TermText(allow_null=True, help_text=_("The term before; null: none."))
    current = TermText(allow_null=True, help_text=_("The term that holds; null: none."))
    next = TermText(allow_null=True, help_text=_("The term to come; null: none."))
    person = PersonName(allow_null=True, help_text=_("Who convenes in person; null: not named."))


class PreviewedTermText(TermText):
    """A term as a change would make it."""

    changes = serializers.ListField(
        child=serializers.CharField(),
        help_text=_("The changes that shape it; “new” is the one that is previewed."),
    )


class Preview(serializers.Serializer):
    """The terms before and after a change that was not made."""

    before = TermText(many=True, help_text=_("The terms as they are."))
    after = PreviewedTermText(many=True, help_text=_("The terms as they would be."))


class ConvenorTermSerializer(NounSerializer):
    """A stored term: laid down ten years ahead."""

    agreement = Related(Agreement, source="rotation.agreement", read_only=True)
    agreement_name = Name("rotation__agreement", ("title", "title_zh"))
    turn = Related(Organization, source="seat.organization", read_only=True)
    turn_name = Name("seat__organization", ("name", "name_zh"))
    holders = RelatedMany(Organization, read_only=True)
    holder_names = Attached(
        serializers.ListField(child=serializers.CharField()),
        lambda ids, user: grouped(
            (term, bilingual(name, name_zh))
            for term, name, name_zh in TermHolder.objects.filter(
                term__in=ids, organization__in=access.visible_to(user, Organization).values("pk")
            )
            .order_by("position")
            .values_list("term_id", "organization__name", "organization__name_zh")
        ),
    )

    class Meta:
        model = ConvenorTerm
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "rotation",
            "turn",
            "turn_name",
            "holders",
            "holder_names",
            "starts_on",
            "ends_on",
            "expected_ends_on",
            "state",
            "person",
            "person_name",
            "created_at",
            "changed_at",
        )
        read_only_fields = ("rotation", "starts_on", "ends_on", "expected_ends_on", "state")


class ConvenorTermFilters(RowFilterSet):
    """Filters of terms; ``on`` gives those that hold a day."""

    agreement = RelatedFilter(field_name="rotation__agreement")
    holder = RelatedFilter(field_name="holders", distinct=True)

    class Meta:
        model = ConvenorTerm
        fields = {"rotation": ["exact"], "state": CHOICES, "starts_on": DAYS, "ends_on": DAYS}


class ConvenorTerms(Resource):
    """The terms of all rotations; changed through ``/rotations/{id}/changes/``."""

    model = ConvenorTerm
    serializer_class = ConvenorTermSerializer
    filterset_class = ConvenorTermFilters
    ordering = "starts_on"
    ordering_fields = ("starts_on", "ends_on", "created_at", "changed_at")
    writes = ("change",)

    confirm = verb("confirm", label=_("Confirm term"))


def readable_terms(
    user: Any, rotation: Rotation, terms: Iterable[Term], today: date
) -> list[dict[str, Any]]:
    """The terms as the user may read them: whoever left, those that began before that day.

    Of organizations that do not exist for the user neither the id nor the name.
    """
    until = access.reads_until(user, rotation.agreement)
    shown = terms_shown(
        rotation,
        [term for term in terms if until is None or (term.starts_on or until) < until],
        today,
    )
    asked = {key for term in shown for key in (*term["holders"], _turn_of(term)) if key}
    hidden = asked - {str(key) for key in access.seen(user, Organization, asked)}
    for term in shown if hidden else ():
        pairs = zip(term["holders"], term["holder_names"], strict=True)
        kept = [pair for pair in pairs if pair[0] not in hidden]
        term["holders"] = [key for key, _name in kept]
        term["holder_names"] = [name for _key, name in kept]
        if _turn_of(term) in hidden:
            term["turn"] = None
    return shown


def _turn_of(term: dict[str, Any]) -> str | None:
    return term["turn"] and term["turn"]["organization"]


def convenor_answer(user: Any, agreement: Agreement, on: date) -> dict[str, Any]:
    """Who convenes on a day, with the term before and the one to come, as the user may read it."""
    rotation = agreement.rotations.filter(group__isnull=True).order_by("pk").first()
    if rotation is None:
        return {"on": on, "previous": None, "current": None, "next": None, "person": None}
    shown = [
        next(iter(readable_terms(user, rotation, [term], on)), None) if term else None
        for term in rotation.around(on)
    ]
    stored = convenor_term(agreement, on) if access.day_read(user, agreement, on) == on else None
    return {
        "on": on,
        **dict(zip(("previous", "current", "next"), shown, strict=True)),
        "person": _named(user, stored.person) if stored and stored.person else None,
    }


def _named(user: Any, person: Person) -> dict[str, Any]:
    seen = access.seen(user, Person, [person.public_id])
    return {"id": next(iter(seen), None), "name": str(person)}
