"""My organization: what it is, who holds which post, who its liaison officers are."""

from typing import Any

from django.db.models import Prefetch

from actors.models import Appointment, Identifier, Organization
from agreements.agreement import Status
from agreements.models import LiaisonAbsence, LiaisonAppointment, Party
from governance.access import may, own_organizations, visible_to
from governance.portal.pages import Page


class MyOrganization(Page):
    """The organizations the reader acts for, with those under them."""

    template_name = "portal/my_organization.html"
    section = "my_organization"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, self.today
        own = own_organizations(user)
        organizations = list(
            visible_to(user, Organization)
            .filter(pk__in=own)
            .select_related("region", "parent")
            .order_by("path")
        )
        identifiers = visible_to(user, Identifier).filter(organization__in=own)
        posts = (
            visible_to(user, Appointment)
            .filter(organization__in=own)
            .current(today)
            .select_related("person", "organization")
            .order_by("organization__path", "person__name", "person__name_zh", "pk")
        )
        for organization in organizations:
            organization.numbers = [
                one for one in identifiers if one.organization_id == organization.pk
            ]
        return super().get_context_data(
            organizations=organizations,
            posts=posts,
            several=len(organizations) > 1,
            parties=self._parties(own),
            **kwargs,
        )

    def _parties(self, own: list[int]) -> list[Any]:
        """The memberships in agreements that are alive, each with its officers."""
        user, today = self.request.user, self.today
        parties = list(
            visible_to(user, Party)
            .filter(organization__in=own)
            .current(today)
            .exclude(agreement__status__in=(Status.ENDED, Status.ABANDONED))
            .select_related("agreement", "organization")
            .order_by("agreement__reference", "pk")
        )
        away = visible_to(user, LiaisonAbsence).exclude(ends_on__lte=today).order_by("starts_on")
        officers = list(
            visible_to(user, LiaisonAppointment)
            .filter(party__in=parties)
            .exclude(ends_on__lte=today)
            .select_related("person", "party")
            .prefetch_related(Prefetch("absences", away, to_attr="away"))
            .order_by("-rank", "starts_on", "pk")
        )
        for party in parties:
            party.officers = [one for one in officers if one.party_id == party.pk]
            for officer in party.officers:
                officer.is_now = officer.is_current(today)
            party.may_name = may(user, "create", LiaisonAppointment(party=party)) is None
        return parties
