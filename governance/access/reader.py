"""Who asks: what a user's role and organizations make of them."""

from datetime import date
from typing import Any

from actors.user import Role
from agreements.mechanisms.convenor_terms import convenor_term
from agreements.models import Agreement
from governance import clock


def registers(user: Any) -> bool:
    """Whether the user registers and edits like the secretariat."""
    return bool(
        user.is_authenticated
        and (user.is_secretariat or (user.role == Role.CLIENT and user.organization_id is None))
    )


def oversees(user: Any) -> bool:
    """Whether the user sees everything."""
    return registers(user) or bool(user.is_authenticated and user.sees_everything)


def own_organizations(user: Any) -> list[int]:
    """The ids of the organizations the user acts for today, with those under them.

    Asked once per request: kept on the user object.
    """
    today = clock.today()
    kept = getattr(user, "_own_organizations", None)
    if kept is None or kept[0] != today:
        own = user.acting_organizations(today) if user.is_authenticated else []
        kept = (today, [organization.pk for organization in own])
        user._own_organizations = kept
    return list(kept[1])


def acts_for(user: Any, organization_id: int | None) -> bool:
    """Whether it is one of the user's organizations of today."""
    return organization_id is not None and organization_id in own_organizations(user)


def is_convenor(user: Any, agreement: Agreement, on: date) -> bool:
    """Whether the user acts for an organization that convenes the agreement on that day."""
    term = convenor_term(agreement, on)
    return term is not None and any(
        acts_for(user, held.organization_id) for held in term.holdings.all()
    )
