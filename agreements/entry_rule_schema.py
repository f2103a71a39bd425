"""The shape of the rule of entry into force: published as JSON Schema, and checked by it.

``RULE_SCHEMA`` (JSON Schema 2020-12) is the one description: the doors publish it, and
``errors_in`` walks it. A leaf's ``x-refusal`` names the sentence for whoever gets it wrong;
formats that JSON Schema does not know are explained by their ``description``.
"""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.conditions import ACTS, BASES

ON_TRIGGER = "on_trigger"
NTH_DAY_AFTER = "nth_day_after"
DAYS_ELAPSED = "days_elapsed_then_next_day"
MONTHS_AFTER = "months_after"
FIRST_OF_MONTH_AFTER_DAYS = "first_of_month_after_days"
FIRST_OF_MONTH_AFTER_MONTHS = "first_of_month_after_months"
FIXED_DATE = "fixed_date"

# What each kind of delay cannot do without.
DELAY_NEEDS = {
    ON_TRIGGER: None,
    NTH_DAY_AFTER: "days",
    DAYS_ELAPSED: "days",
    MONTHS_AFTER: "months",
    FIRST_OF_MONTH_AFTER_DAYS: "days",
    FIRST_OF_MONTH_AFTER_MONTHS: "months",
    FIXED_DATE: "date",
}

Json = dict[str, Any]
Errors = list[tuple[str, str, Any]]

SENTENCES = {
    "not_object": _("This must be an object with named members."),
    "not_list": _("This must be a list."),
    "required": _("This is missing."),
    "unknown_member": _("The rule knows no member of this name."),
    "unknown_type": _("A condition is one of: count, share, fraction, all."),
    "unknown_kind": _("This kind of delay does not exist, or cannot be used here."),
    "unknown_act": _("An act is one of: signed, approved."),
    "unknown_base": _("A fraction is one of: parties, signatories."),
    "not_text": _("Give a word of 1 to 200 characters."),
    "not_whole": _("Give a whole number that is neither too small nor too large."),
    "not_weight": _("Give a positive number with at most six decimals."),
    "not_percent": _("Give a percentage above 0 and up to 100, with at most six decimals."),
    "not_fraction": _("Give a fraction such as 2/3, above 0 and up to 1."),
    "not_day": _("Give a day such as 2027-01-31."),
    "too_many": _("A rule has at most twenty conditions."),
    "needs_conditions": _("Without any condition, only a fixed date can be agreed."),
    "two_notices": _("Give the notice in days or in months, not in both."),
}


def _object(members: Json, required: tuple[str, ...] = ()) -> Json:
    return {
        "type": "object",
        "properties": members,
        "required": list(required),
        "additionalProperties": False,
    }


def _nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _one_by(name: str, refusal: str, variants: list[Json]) -> Json:
    """Objects of several shapes, told apart by their member ``name``."""
    return {"oneOf": variants, "x-told-by": name, "x-refusal": refusal}


def _whole(least: int, most: int) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most, "x-refusal": "not_whole"}


# A century: enough for any agreement, and no span leads far out of the calendar.
DAYS = _whole(0, 36_525)
MONTHS = _whole(0, 1_200)
DAY = {
    "type": "string",
    "format": "date",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "x-refusal": "not_day",
}
DECIMAL_PATTERN = r"^[0-9]{1,16}(\.[0-9]{1,6})?$"
WEIGHT = {
    "type": ["string", "number"],
    "format": "weight",
    "description": "A positive decimal, preferably as a string.",
    "pattern": DECIMAL_PATTERN,
    "exclusiveMinimum": 0,
    "x-refusal": "not_weight",
}
PERCENT = {
    "type": ["number", "string"],
    "format": "percent",
    "description": "Above 0 and up to 100; a decimal as a number or as a string.",
    "pattern": DECIMAL_PATTERN,
    "exclusiveMinimum": 0,
    "maximum": 100,
    "x-refusal": "not_percent",
}
FRACTION = {
    "type": "string",
    "format": "fraction",
    "description": "Above 0 and up to 1, such as 2/3.",
    "pattern": "^[1-9][0-9]{0,5}/[1-9][0-9]{0,5}$",
    "x-refusal": "not_fraction",
}
CATEGORY = {"type": "string", "minLength": 1, "maxLength": 200, "x-refusal": "not_text"}
ACT = {"enum": list(ACTS), "x-refusal": "unknown_act"}
BASE = {"enum": list(BASES), "x-refusal": "unknown_base"}


def _condition(kind: str, *, optional: Json | None = None, **members: Json) -> Json:
    return _object(
        {"type": {"const": kind}, "act": ACT, "category": _nullable(CATEGORY)}
        | members
        | (optional or {}),
        required=("type", "act", *members),
    )


def _delay(kind: str) -> Json:
    """A kind of delay; what another kind needs may be there, and is not read."""
    members = {"days": DAYS, "months": MONTHS, "date": DAY}
    needed = DELAY_NEEDS[kind]
    return _object(
        {"kind": {"const": kind}}
        | {name: one if name == needed else _nullable(one) for name, one in members.items()},
        required=("kind", needed) if needed else ("kind",),
    )


CONDITION = _one_by(
    "type",
    "unknown_type",
    [
        _condition("count", n=_whole(1, 100_000)),
        _condition("share", min_percent=PERCENT, optional={"total": _nullable(WEIGHT)}),
        _condition("fraction", min=FRACTION, of=BASE),
        _condition("all"),
    ],
)
DELAY = _one_by("kind", "unknown_kind", [_delay(kind) for kind in DELAY_NEEDS])
SPAN = _one_by("kind", "unknown_kind", [_delay(kind) for kind in DELAY_NEEDS if kind != FIXED_DATE])
WITHDRAWAL = _object(
    {
        "not_before_months": _nullable(MONTHS),
        "notice_days": _nullable(DAYS),
        "notice_months": _nullable(MONTHS),
    }
)

RULE_SCHEMA: Json = _object(
    {
        "all_of": {"type": "array", "items": CONDITION, "maxItems": 20},
        "delay": DELAY,
        "fixed_if_met_by": _nullable(DAY),
        "not_before": _nullable(DAY),
        "later_parties": _nullable(SPAN),
        "withdrawal": _nullable(WITHDRAWAL),
    },
    required=("all_of", "delay"),
)


def published(schema: Any) -> Any:
    """A schema for others: without the members that only our own checks read."""
    if isinstance(schema, dict):
        return {name: published(part) for name, part in schema.items() if name[:2] != "x-"}
    return [published(part) for part in schema] if isinstance(schema, list) else schema


def errors_in(data: Any) -> Errors:
    """All that is wrong in a rule: (JSON pointer, code, sentence), in the order of reading."""
    errors = _errors(RULE_SCHEMA, data, "")
    return errors or _contradictions(data)


def _errors(schema: Json, value: Any, path: str) -> Errors:
    if "anyOf" in schema:
        return [] if value is None else _errors(schema["anyOf"][0], value, path)
    if "oneOf" in schema:
        return _errors_of_variant(schema, value, path)
    if schema.get("type") == "object":
        return _errors_of_object(schema, value, path)
    if schema.get("type") == "array":
        return _errors_of_list(schema, value, path)
    return [] if _fits(schema, value) else [_error(path, schema["x-refusal"])]


def _errors_of_variant(schema: Json, value: Any, path: str) -> Errors:
    if not isinstance(value, dict):
        return [_error(path, "not_object")]
    name = schema["x-told-by"]
    if value.get(name) is None:
        return [_error(f"{path}/{name}", "required")]
    for variant in schema["oneOf"]:
        if variant["properties"][name]["const"] == value[name]:
            return _errors_of_object(variant, value, path)
    return [_error(f"{path}/{name}", schema["x-refusal"])]


def _errors_of_object(schema: Json, value: Any, path: str) -> Errors:
    if not isinstance(value, dict):
        return [_error(path, "not_object")]
    members = schema["properties"]
    errors: Errors = []
    for name in schema["required"]:
        if value.get(name) is None:
            errors.append(_error(f"{path}/{name}", "required"))
    for name, one in value.items():
        pointer = f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}"
        if name not in members:
            errors.append(_error(pointer, "unknown_member"))
        elif one is not None or name not in schema["required"]:
            errors.extend(_errors(members[name], one, pointer))
    return errors


def _errors_of_list(schema: Json, value: Any, path: str) -> Errors:
    if not isinstance(value, list):
        return [_error(path, "not_list")]
    if len(value) > schema["maxItems"]:
        return [_error(path, "too_many")]
    return [
        error
        for place, one in enumerate(value)
        for error in _errors(schema["items"], one, f"{path}/{place}")
    ]


def _fits(schema: Json, value: Any) -> bool:
    if "const" in schema:
        return bool(value == schema["const"])
    if "enum" in schema:
        return isinstance(value, str) and value in schema["enum"]
    if (
        "pattern" in schema
        and isinstance(value, str)
        and not re.fullmatch(schema["pattern"], value)
    ):
        return False
    match schema.get("format"):
        case "date":
            return isinstance(value, str) and _is_day(value)
        case "fraction":
            return isinstance(value, str) and Fraction(value) <= 1
        case "weight":
            return _is_positive_decimal(value, most=Decimal(10) ** 16)
        case "percent":
            return _is_positive_decimal(value, most=Decimal(100))
    if schema["type"] == "integer":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and schema["minimum"] <= value <= schema["maximum"]
    return isinstance(value, str) and schema["minLength"] <= len(value) <= schema["maxLength"]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_positive_decimal(value: Any, most: Decimal) -> bool:
    """Whether it is above 0, up to ``most``, and has six decimals at the most."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    # Compared before it is written out: a whole number of thousands of digits cannot be.
    if isinstance(value, int) and not 0 < value <= most:
        return False
    number = Decimal(str(value))
    if not number.is_finite() or not 0 < number <= most:
        return False
    return (number * 10**6) % 1 == 0


def _contradictions(data: Json) -> Errors:
    """What is wrong between members that are right by themselves."""
    errors: Errors = []
    if not data["all_of"]:
        if data["delay"]["kind"] != FIXED_DATE:
            errors.append(_error("/all_of", "needs_conditions"))
        if data.get("fixed_if_met_by") is not None:
            errors.append(_error("/fixed_if_met_by", "needs_conditions"))
    withdrawal = data.get("withdrawal") or {}
    if withdrawal.get("notice_days") is not None and withdrawal.get("notice_months") is not None:
        errors.append(_error("/withdrawal", "two_notices"))
    return errors


def _error(path: str, code: str) -> tuple[str, str, Any]:
    return path, code, SENTENCES[code]
