"""Reading a package: bytes to plain data, and what is wrong with its shape, place by place.

Files come from strangers: dates stay text, a key given twice is refused, and so are YAML
aliases, by which a small file could unfold into a huge one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError as ShapeError

from agreements.entry_rule_schema import errors_in
from agreements.package.sections import Json
from agreements.package.shape import schema
from governance.wording import listed

CENTURIES = ("19", "20", "21")
MOST_BYTES = 10 * 1024 * 1024
RULE = ["agreement", "entry_into_force"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a package. ``path`` is a JSON pointer, "" for the whole."""

    file: str
    path: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """As the doors hand it out."""
        return {"file": self.file, "path": self.path, "reason": self.reason}


class PackageInvalid(Exception):
    """A package that cannot be loaded; nothing of it was. ``problems`` in the order of reading."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{one.path or '/'}: {one.reason}" for one in problems[:5]))


class _Doubled(ValueError):
    """A name given twice in one object."""


class _Loader(yaml.SafeLoader):
    """Safe YAML in which days stay text, no name comes twice and nothing is aliased."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem="aliases are not allowed", problem_mark=self.peek_event().start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        pairs = [(self.construct_object(key, deep=True), key) for key, _value in node.value]
        seen: set[Any] = set()
        for name, key in pairs:
            if not isinstance(name, str):
                raise yaml.MarkedYAMLError(
                    problem="a name must be text", problem_mark=key.start_mark
                )
            if name in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"“{name}” is given twice", problem_mark=key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


# What stands without quotation marks is text, but for these words of YAML 1.2: of version 1.1,
# "on" would be yes, 14:00 a number and 2027-01-31 a date.
_Loader.yaml_implicit_resolvers = {}
for _tag, _form, _first in (
    ("bool", r"^(?:true|True|false|False)$", "tTfF"),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?[0-9]+\.[0-9]+$", "-0123456789"),
    ("null", r"^(?:~|null|Null|)$", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_form), list(_first))


def read(path_or_bytes: Path | str | bytes, file: str = "") -> Json:
    """The plain data of a package, from a file (JSON or YAML) or its bytes.

    Raises PackageInvalid when it cannot be read as either.
    """
    if isinstance(path_or_bytes, bytes):
        content = path_or_bytes
    else:
        file = file or str(path_or_bytes)
        try:
            content = Path(path_or_bytes).read_bytes()
        except OSError as wrong:
            reason = _("The file cannot be opened: %(why)s.") % {"why": wrong.strerror}
            raise PackageInvalid([Problem(file, "", reason)]) from wrong
    if len(content) > MOST_BYTES:
        raise PackageInvalid([Problem(file, "", _("The file is larger than 10 MB."))])
    try:
        data = _parsed(content.decode("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        raise PackageInvalid([Problem(file, "", _("The file is not text in UTF-8."))]) from wrong
    except RecursionError as wrong:
        raise PackageInvalid([Problem(file, "", _("The file is nested too deeply."))]) from wrong
    except (ValueError, yaml.YAMLError) as wrong:
        reason = _("The file cannot be read: %(why)s") % {"why": _in_one_line(wrong)}
        raise PackageInvalid([Problem(file, "", reason)]) from wrong
    if not isinstance(data, dict):
        reason = _("A package is an object with named members.")
        raise PackageInvalid([Problem(file, "", reason)])
    return data


def _parsed(text: str) -> Any:
    if text.lstrip().startswith("{"):
        return json.loads(
            text, object_pairs_hook=_once, parse_float=Decimal, parse_constant=_refused
        )
    return yaml.load(text, Loader=_Loader)


def _once(pairs: list[tuple[str, Any]]) -> Json:
    data = dict(pairs)
    if len(data) != len(pairs):
        names = [name for name, _value in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise _Doubled(f"“{doubled}” is given twice")
    return data


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is not a number")


def _in_one_line(wrong: Exception) -> str:
    if isinstance(wrong, yaml.MarkedYAMLError) and wrong.problem_mark is not None:
        mark = wrong.problem_mark
        return f"{wrong.problem} ({mark.line + 1}:{mark.column + 1})"
    return " ".join(str(wrong).split())


# The shape


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema(), format_checker=_exists)


# Only these formats: those of the rule of entry into force are read by its own schema.
_exists = FormatChecker(formats=())


@_exists.checks("date", raises=ValueError)
def _is_day(value: Any) -> bool:
    return not isinstance(value, str) or bool(
        date.fromisoformat(value) and value.startswith(CENTURIES)
    )


@_exists.checks("date-time", raises=ValueError)
def _is_moment(value: Any) -> bool:
    return not isinstance(value, str) or bool(
        datetime.fromisoformat(value) and value.startswith(CENTURIES)
    )


@_exists.checks("time", raises=ValueError)
def _is_time(value: Any) -> bool:
    return not isinstance(value, str) or time.fromisoformat(value) is not None


def shape_problems(data: Any, file: str = "") -> list[Problem]:
    """Where the data does not have the shape of a package, in the order of reading."""
    if not isinstance(data, dict):
        return [Problem(file, "", _("A package is an object with named members."))]
    found: dict[tuple[str, str], Problem] = {}
    try:
        for path, reason in (*_shape(data), *_rule(data), *_values(data, "")):
            found.setdefault((path, reason), Problem(file, path, reason))
    except RecursionError:
        return [Problem(file, "", _("The file is nested too deeply."))]
    return list(found.values())


def _shape(data: Json) -> Iterator[tuple[str, str]]:
    errors = sorted(_validator().iter_errors(data), key=lambda error: list(map(str, error.path)))
    for error in errors:
        if list(error.absolute_path)[:2] == RULE:
            continue
        yield from _told(error)


def _told(error: ShapeError) -> Iterator[tuple[str, str]]:
    path = pointer(error.absolute_path)
    value, wanted = error.instance, error.validator_value
    match error.validator:
        case "required":
            for name in wanted:
                if name not in value:
                    yield f"{path}/{name}", _("This is missing.")
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for name in value:
                if name not in known:
                    yield f"{path}/{escaped(name)}", _("A package has no member of this name here.")
        case "enum":
            yield path, _("Give one of: %(words)s.") % {"words": listed(filter(None, wanted))}
        case "type":
            yield path, _EXPECTED.get(wanted, lambda: str(wanted))()
        case "pattern" if error.schema.get("format") in _FORMS:
            yield path, _FORMS[error.schema["format"]]()
        case "format":
            yield path, _("There is no such day or time, or it lies outside of 1900 to 2199.")
        case "minLength" | "maxLength":
            yield (
                path,
                _("Give a text of 1 to %(most)s characters.")
                % {"most": error.schema.get("maxLength")},
            )
        case "minimum" | "maximum":
            yield (
                path,
                _("Give a whole number from %(least)s to %(most)s.")
                % {
                    "least": error.schema.get("minimum"),
                    "most": error.schema.get("maximum"),
                },
            )
        case "anyOf" if not path:
            yield path, _("Name the agreement, or the one that this package extends.")
        case "anyOf":
            yield from _told_of_variants(error)
        case "maxItems" | "maxProperties":
            yield path, _("At most %(most)s are possible here.") % {"most": wanted}
        case _:
            yield path, _("This is not what is expected here.")


def _told_of_variants(error: ShapeError) -> Iterator[tuple[str, str]]:
    """What is wrong by the variant that was meant: the one of the same type, else the first."""
    variants: dict[Any, list[ShapeError]] = {}
    for cause in error.context or ():
        variants.setdefault(cause.schema_path[0], []).append(cause)
    for causes in variants.values():
        if not any(cause.validator == "type" and not cause.path for cause in causes):
            for cause in causes:
                yield from _told(cause)
            return
    first = next(iter(variants.values()), [])
    for cause in first:
        yield from _told(cause)


_EXPECTED = {
    "string": lambda: _("Give a text (numbers and yes or no in quotation marks)."),
    "integer": lambda: _("Give a whole number."),
    "number": lambda: _("Give a number."),
    "boolean": lambda: _("Give true or false."),
    "array": lambda: _("Give a list."),
    "object": lambda: _("Give an object with named members."),
}
_FORMS = {
    "date": lambda: _("Give a day such as 2027-01-31."),
    "time": lambda: _("Give a time such as 14:00."),
    "date-time": lambda: _("Give a moment with its zone, such as 2027-01-31T14:00:00+08:00."),
}


def _rule(data: Json) -> Iterator[tuple[str, str]]:
    agreement = data.get("agreement")
    rule = agreement.get("entry_into_force") if isinstance(agreement, dict) else None
    if rule is not None:
        for path, _code, sentence in errors_in(rule):
            yield f"/agreement/entry_into_force{path}", str(sentence)


def _values(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Texts that no database takes, and numbers that are none."""
    if isinstance(value, dict):
        for name, item in value.items():
            if not _is_storable(name):
                yield path, _("This text holds characters that cannot be stored.")
            yield from _values(item, f"{path}/{escaped(str(name))}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _values(item, f"{path}/{place}")
    elif isinstance(value, str):
        if not _is_storable(value):
            yield path, _("This text holds characters that cannot be stored.")
    elif isinstance(value, float | Decimal) and not Decimal(str(value)).is_finite():
        yield path, _("Give a number.")


def _is_storable(text: Any) -> bool:
    return not any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in str(text))


def pointer(path: Any) -> str:
    """A JSON pointer (RFC 6901) of the members and places of ``path``."""
    return "".join(f"/{escaped(str(step))}" for step in path)


def escaped(name: str) -> str:
    """A member's name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
