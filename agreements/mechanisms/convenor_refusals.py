"""The engine's refusals as people and programs are told them."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from agreements.mechanisms.convenor_shown import names_of
from agreements.mechanisms.rotation_refusals import ChangeRefused
from governance.lifecycle import Refusal, Refused
from governance.record import refuse
from governance.wording import day_text

# Refusals of the engine that concern what was typed, not what stands against it.
INPUT_REFUSALS = frozenset(
    {
        "unknown_kind",
        "required",
        "no_such_term",
        "only_by_event",
        "only_by_order",
        "same_term",
        "ends_before_it_begins",
        "outside_the_term",
        "next_term_has_no_day",
        "not_a_seat",
        "duplicate_seat",
    }
)


def refusal_told(rotation: Any, verb: str, refused: ChangeRefused) -> Refused | ValidationError:
    """The refusal with names for its keys: at its field, or as what the state forbids.

    Where another change stands against it, the refusal is about that one.
    """
    params = {key: value for key, value in refused.params.items() if value is not None}
    names = names_of(str(value) for value in params.values())
    shown = {
        key: day_text(value) if isinstance(value, date) else names.get(str(value), value)
        for key, value in params.items()
    }
    other = None
    if "change" in shown:
        other = rotation.changes.filter(public_id=params["change"]).first()
        shown["change"] = str(other) if other else shown["change"]
    sentence = str(refused.sentence) % shown
    if refused.code in INPUT_REFUSALS:
        return refuse(refused.field or "kind", sentence, refused.code)
    return Refused(verb, Refusal(refused.code, sentence, other))
