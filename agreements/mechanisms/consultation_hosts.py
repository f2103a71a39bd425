"""Who hosts many consultations at once, in a constant number of queries."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q

from actors.organization import Organization
from agreements.mechanisms.convenor_terms import ConvenorTerm, first_holder
from agreements.mechanisms.regular_consultation import HostRule
from governance.periods import overlapping


def hosts_of(consultations: Iterable[Any]) -> dict[int, Organization | None]:
    """The host of each, in a constant number of queries: the one set, else by its rule."""
    found = {one.pk: one.host for one in consultations}
    open_ones = [one for one in consultations if one.host is None]
    terms = _terms_around(open_ones)
    for one in open_ones:
        series = one.series
        if series is not None and series.host_rule == HostRule.FIXED:
            found[one.pk] = series.host
        elif one.day is not None:
            key: tuple[str, int | None] = ("agreement", one.agreement_id)
            if series is not None and series.host_rule == HostRule.ROTATION:
                key = ("rotation", series.rotation_id)
            held = (term for term in terms.get(key, ()) if term.is_current(one.day))
            found[one.pk] = first_holder(next(held, None))
    return found


def _terms_around(
    consultations: list[Any],
) -> dict[tuple[str, int | None], list[ConvenorTerm]]:
    """The terms that may give hosts to these consultations, by rotation and by agreement."""
    days = [one.day for one in consultations if one.day is not None]
    if not days:
        return {}
    rotations = [one.series.rotation_id for one in consultations if one.series is not None]
    agreements = [one.agreement_id for one in consultations]
    rows = (
        ConvenorTerm.objects.filter(
            overlapping(min(days), max(days) + timedelta(days=1), start="starts_on", end="ends_on")
        )
        .filter(
            Q(rotation__in=[key for key in rotations if key])
            | Q(rotation__agreement__in=agreements, rotation__group__isnull=True)
        )
        .select_related("rotation")
        .prefetch_related("holdings__organization")
        .order_by("rotation_id", "starts_on")
    )
    found: dict[tuple[str, int | None], list[ConvenorTerm]] = {}
    for term in rows:
        found.setdefault(("rotation", term.rotation_id), []).append(term)
        if term.rotation.group_id is None:
            found.setdefault(("agreement", term.rotation.agreement_id), []).append(term)
    return found
