"""Those who serve a term, as far as they exist for the reader."""

from typing import Any

from django.db.models import Prefetch, Q

from actors.models import Organization
from agreements.mechanisms.convenor_terms import State
from agreements.models import ConvenorTerm, Seat, TermHolder
from governance.access import visible_to
from governance.wording import listed


def holdings_seen(user: Any) -> Any:
    """The holders of terms that the reader may know of, for ``term.holdings``.

    Whoever left an agreement sees its terms up to then, but not who has come since to serve one.
    """
    seen = visible_to(user, Organization).values("pk")
    rows = TermHolder.objects.filter(organization__in=seen).select_related("organization")
    return Prefetch("holdings", rows)


def seats_seen(user: Any) -> Any:
    """The seats that the reader may know of: not those of parties that came after they left."""
    seen = visible_to(user, Organization).values("pk")
    return visible_to(user, Seat).filter(Q(organization__isnull=True) | Q(organization__in=seen))


def holder_names(term: ConvenorTerm) -> str:
    """Who serves the term, by name; what is known instead where nobody does."""
    names = [held.organization.label for held in term.holdings.all()]
    if names or term.state not in {State.UNDECIDED, State.VACANT}:
        return listed(names) or "–"
    return str(State(term.state).label)
