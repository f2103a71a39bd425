"""People and appointments over the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import DateFilter, UUIDFilter

from actors.models import Appointment, Person
from governance import access
from governance.api.filters import DAYS, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer


class PersonSerializer(NounSerializer):
    """Somebody who acts for an organization; e-mail and telephone are those of the office."""

    class Meta:
        model = Person
        fields = (
            "id",
            "name",
            "name_zh",
            "email",
            "phone",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class PersonFilters(RowFilterSet):
    """Filters of people."""

    organization = UUIDFilter(
        method="holding_post", help_text=_("Who holds or held a post in this organization.")
    )

    class Meta:
        model = Person
        fields = {"illustrative": ["exact"]}

    def holding_post(self, rows: Any, name: str, organization: Any) -> Any:
        posts = access.visible_to(self.request.user, Appointment)
        held = posts.filter(organization__public_id=organization)
        return rows.filter(pk__in=held.values("person"))


class People(Resource):
    """Who acts for the organizations."""

    model = Person
    serializer_class = PersonSerializer
    filterset_class = PersonFilters
    ordering = "name"
    ordering_fields = ("name", "name_zh", "created_at", "changed_at")
    search_fields = ("name", "name_zh")


class AppointmentSerializer(NounSerializer):
    """A person holds a post in an organization during a period."""

    class Meta:
        model = Appointment
        create_only = ("person", "organization")
        fields = (
            "id",
            "person",
            "person_name",
            "organization",
            "organization_name",
            "post",
            "post_zh",
            "starts_on",
            "ends_on",
            "created_at",
            "changed_at",
        )


class AppointmentFilters(RowFilterSet):
    """Filters of appointments; ``on`` gives those held that day."""

    on = DateFilter(method="held")

    class Meta:
        model = Appointment
        fields = {
            "person": ["exact"],
            "organization": ["exact"],
            "starts_on": DAYS,
            "ends_on": DAYS,
        }

    def held(self, rows: Any, name: str, on: Any) -> Any:
        return rows.current(on)


class Appointments(Resource):
    """Who holds which post."""

    model = Appointment
    serializer_class = AppointmentSerializer
    filterset_class = AppointmentFilters
    ordering_fields = ("created_at", "changed_at", "starts_on", "ends_on")
