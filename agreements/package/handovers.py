"""The handovers that a package tells of: opened at their boundaries, noted, signed on their days.

The list that a handover keeps is what is open when its second signature is replayed.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from agreements.mechanisms.handing_over import sign_off
from agreements.mechanisms.handover import Handover, Side
from agreements.mechanisms.rotating_convenor import Rotation

# Day, verb, where in the entry, and what performs it.
Told = tuple[date, str, str, Callable[[], bool]]


def told_of(entry: dict[str, Any], rotation: Rotation, *, by: Any, on: date) -> Iterator[Told]:
    """The acts of one handover: what is on record already does nothing and says so."""
    boundary = date.fromisoformat(entry["boundary_on"])
    yield on, "create", "", _opened(rotation, boundary, by=by, on=on)
    for side in Side:
        note, signed_on = entry.get(f"{side}_note", ""), entry.get(f"{side}_signed_on")
        if signed_on:
            day = date.fromisoformat(signed_on)
            act = _signed(rotation, boundary, side, note, by=by, on=day)
            yield day, "sign_off", f"/{side}_signed_on", act
        elif note:
            act = _noted(rotation, boundary, side, note, by=by, on=on)
            yield on, "note", f"/{side}_note", act


def _there(rotation: Rotation, boundary: date) -> Handover | None:
    return Handover.objects.filter(rotation=rotation, boundary_on=boundary).first()


def _at(rotation: Rotation, boundary: date, *, by: Any, on: date) -> Handover:
    kept = _there(rotation, boundary)
    return kept or Handover.enter(by=by, on=on, rotation=rotation, boundary_on=boundary)


def _opened(rotation: Rotation, boundary: date, *, by: Any, on: date) -> Callable[[], bool]:
    def do() -> bool:
        if _there(rotation, boundary) is not None:
            return False
        _at(rotation, boundary, by=by, on=on)
        return True

    return do


def _noted(
    rotation: Rotation, boundary: date, side: Side, note: str, *, by: Any, on: date
) -> Callable[[], bool]:
    def do() -> bool:
        handover = _at(rotation, boundary, by=by, on=on)
        if getattr(handover, f"{side}_note") == note.strip():
            return False
        handover.note(side, note, by=by, on=on)
        return True

    return do


def _signed(
    rotation: Rotation, boundary: date, side: Side, note: str, *, by: Any, on: date
) -> Callable[[], bool]:
    def do() -> bool:
        handover = _at(rotation, boundary, by=by, on=on)
        if handover.signed_on(side) is not None:
            return False
        sign_off(handover, side, by=by, on=on, note=note)
        return True

    return do
