"""Terms and seats as people read them: names instead of the keys that the engine uses."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from difflib import SequenceMatcher
from itertools import zip_longest
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


def labels_of(keys: Iterable[str]) -> dict[str, str]:
    """The same by their short names, for pages."""
    wanted = [key for key in keys if _is_id(key)]
    found = {
        str(one.public_id): one.label for one in Organization.objects.filter(public_id__in=wanted)
    }
    regions = Region.objects.filter(public_id__in=wanted)
    return found | {str(region.public_id): str(region) for region in regions}


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


def aligned(
    before: Sequence[Term], after: Sequence[Term]
) -> Iterator[tuple[Term | None, Term | None]]:
    """The terms of two plans in pairs: by their first days, and where those move, by their order.

    None on one side where the other has a term more.
    """
    opcodes = SequenceMatcher(None, _marks(before), _marks(after), autojunk=False).get_opcodes()
    for _tag, one, one_end, other, other_end in opcodes:
        yield from zip_longest(before[one:one_end], after[other:other_end])


def _marks(terms: Sequence[Term]) -> list[date | int]:
    """What each term is known by: its first day, or its place among the turns to come."""
    ahead = 0
    marks: list[date | int] = []
    for term in terms:
        ahead += term.starts_on is None
        marks.append(term.starts_on or ahead)
    return marks


def _is_id(key: str) -> bool:
    return len(key) == 36 and key.count("-") == 4
