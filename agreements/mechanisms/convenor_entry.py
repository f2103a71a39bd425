"""A rotation entered or edited whole: the rule with its seats and its changes, all or nothing."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from agreements.mechanisms.convenor_seats import Seat, awaiting_seats
from agreements.mechanisms.rotating_convenor import Rotation
from governance.record import unit


def enter_rotation(
    *,
    by: Any,
    on: date,
    seats: Iterable[dict[str, Any]] = (),
    changes: Iterable[dict[str, Any]] = (),
    **facts: Any,
) -> Rotation:
    """Enter a rotation with its seats (in the order given) and its changes, all or nothing."""
    with unit():
        made = Rotation.enter(by=by, on=on, **facts)
        with awaiting_seats(made):
            for place, seat in enumerate(seats):
                with _at(f"seats.{place}"):
                    Seat.enter(by=by, on=on, rotation=made, **{"position": place + 1, **seat})
        made.lay_down(on)
        for place, change in enumerate(changes):
            with _at(f"changes.{place}"):
                made.change(by=by, on=on, **change)
    made.refresh_from_db()
    return made


def edit_rotation(
    rotation: Rotation,
    *,
    by: Any,
    on: date,
    seats: Iterable[dict[str, Any]] | None = None,
    version: int | None = None,
    **facts: Any,
) -> Rotation:
    """Change the rule, and with ``seats`` (None: as they are) who has one, from the start.

    A seat that is listed again keeps its place in the record; one that is not is taken out as if
    it had never been. Seats that a change brought in stay with that change.
    """
    with unit():
        with awaiting_seats(rotation):
            rotation.edit(by=by, version=version, **facts)
            if seats is not None and _take_seats(rotation, list(seats), by=by, on=on):
                rotation.touch()
        rotation.lay_down(on)
    return rotation


def _take_seats(rotation: Rotation, seats: list[dict[str, Any]], *, by: Any, on: date) -> bool:
    """Enter, edit and take out seats so that exactly these are left; whether any differs."""
    before = _versions(rotation)
    present = {
        (seat.organization, seat.region): seat
        for seat in rotation.seats.filter(admitted=False).select_related("organization", "region")
    }
    stated = [(seat.get("organization"), seat.get("region")) for seat in seats]
    for holder, seat in present.items():
        if holder not in stated:
            seat.remove(by=by)
    for place, (holder, facts) in enumerate(zip(stated, seats, strict=True)):
        with _at(f"seats.{place}"):
            given = {**_UNSTATED, "position": place + 1, **facts}
            if holder in present:
                present[holder].edit(by=by, **given)
            else:
                Seat.enter(by=by, on=on, rotation=rotation, **given)
    return before != _versions(rotation)


def _versions(rotation: Rotation) -> set[tuple[int, int]]:
    return set(rotation.seats.values_list("pk", "version"))


_UNSTATED: dict[str, Any] = {
    "sort_name": "",
    "joined_on": None,
    "left_on": None,
    "co_holders": [],
}


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Whatever is refused within is refused at this place of the whole."""
    try:
        yield
    except ValidationError as wrong:
        found = wrong.error_dict if hasattr(wrong, "error_dict") else {"__all__": wrong.error_list}
        raise ValidationError(
            {
                place if name == "__all__" else f"{place}.{name}": errors
                for name, errors in found.items()
            }
        ) from wrong
