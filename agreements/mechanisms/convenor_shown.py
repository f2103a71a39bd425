"""Terms and seats as people read them: names instead of the keys that the engine uses."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from actors.organization import Organization
from actors.region import Region
from agreements.mechanisms.rotation_plan import Term
from governance.periods import covers


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """The names of organizations and regions by their ids; unknown ids are left out."""
    wanted = [key for key in keys if _is_id(key)]
    found: dict[str, str] = {}
    for model in (Organization, Region):
        for obj in model.objects.filter(public_id__in=wanted):
            found[str(obj.public_id)] = str(obj)
    return found


def terms_shown(rotation: Any, terms: Iterable[Term], today: date) -> list[dict[str, Any]]:
    """Computed terms for a page or an answer: names instead of keys, stored ids where there are."""
    terms = list(terms)
    keys = {key for term in terms for key in (*term.holders, term.turn) if key}
    names = names_of(keys)
    regions = {
        str(key)
        for key in Region.objects.filter(public_id__in=[k for k in keys if _is_id(k)]).values_list(
            "public_id", flat=True
        )
    }
    stored = dict(rotation.terms.values_list("starts_on", "public_id"))
    return [
        {
            "id": stored.get(term.starts_on) if term.starts_on else None,
            "turn": {
                "organization": None if term.turn in regions else term.turn,
                "region": term.turn if term.turn in regions else None,
                "name": names.get(term.turn, ""),
            }
            if term.turn
            else None,
            "holders": list(term.holders),
            "holder_names": [names.get(key, "") for key in term.holders],
            "starts_on": term.starts_on,
            "ends_on": term.ends_on,
            "expected_ends_on": term.expected_ends_on,
            "state": term.state,
            "current": term.starts_on is not None and covers(term.starts_on, term.ends_on, today),
            "changes": list(term.changes),
        }
        for term in terms
    ]


def _is_id(key: str) -> bool:
    return len(key) == 36 and key.count("-") == 4
