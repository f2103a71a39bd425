"""How the things of a package are known: by keys within it, by names and numbers outside.

What an entry refers to is looked for among the package's own entries first, then among what the
system knows: an organization by an identifier, else by its exact name in either language; what
belongs to an agreement, within that agreement.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from actors.organization import Identifier, Organization
from actors.person import Person
from actors.region import Region
from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.content_area import ContentArea
from agreements.indicators import Indicator
from agreements.package.meeting_words import references_of_act
from agreements.package.reading import Problem, escaped
from agreements.package.sections import AGREEMENT, SECTION_OF, SECTIONS, Json, Section, entries
from agreements.party import Party
from agreements.tasks import Task

KEYWORDS_OF_CHANGE = frozenset({"next", "vacant", "end", "by_order"})
NAMED_BY: dict[str, tuple[str, ...]] = {
    "regions": ("key", "code", "name", "name_zh"),
    "people": ("key", "email", "name", "name_zh"),
    "articles": ("key", "number"),
    "parties": ("key",),
    "tasks": ("key", "title", "title_zh"),
    "liaison_appointments": ("key",),
    "consultations": ("key",),
}
DEFAULT_NAMES = ("key", "name", "name_zh")


class Names:
    """Under which words the entries of one package are known, section by section."""

    def __init__(self, data: Json, file: str = "") -> None:
        self.problems: list[Problem] = []
        self._pointers: dict[str, dict[Any, str]] = {}
        for section in SECTIONS:
            known = self._pointers.setdefault(section.name, {})
            for pointer, entry in entries(data, section):
                if entry.get("key") is not None and entry["key"] in known:
                    reason = _("This key is given twice in its section.")
                    self.problems.append(Problem(file, f"{pointer}/key", reason))
                for word in _words(section, entry):
                    known.setdefault(word, pointer)

    def pointer(self, model: type[Model], value: Any) -> str | None:
        """Where the package itself has the entry of that name; None when it has none."""
        word = _as_identifier(value) if isinstance(value, dict) else str(value).strip()
        return self._pointers.get(SECTION_OF.get(model, ""), {}).get(word)


def _words(section: Section, entry: Json) -> Iterator[Any]:
    for name in NAMED_BY.get(section.name, DEFAULT_NAMES):
        if entry.get(name):
            yield entry[name].strip()
    for identifier in entry.get("identifiers") or ():
        yield _as_identifier(identifier)


def _as_identifier(value: Json) -> tuple[str, str]:
    return value["scheme"], normal_number(value["scheme"], value["value"])


def normal_number(scheme: str, value: str) -> str:
    """A register's number in the form in which it is kept; as it is when it is not valid."""
    identifier = Identifier(scheme=scheme, value=value.strip())
    try:
        identifier.clean()
    except ValidationError:
        return value.strip()
    return identifier.value


# What the system knows


def either(value: str, english: str = "name", chinese: str = "name_zh") -> Q:
    """Whose name is exactly this one, in either language."""
    return Q(**{english: value}) | Q(**{chinese: value})


def stored(model: type[Model], value: Any, agreement: Agreement | None) -> QuerySet[Any]:
    """The rows that go by that word, within the agreement where they belong to one."""
    rows = model._default_manager.all()
    if isinstance(value, dict):
        scheme, number = _as_identifier(value)
        return rows.filter(identifiers__scheme=scheme, identifiers__value=number)
    word = str(value).strip()
    if model is Agreement:
        by_reference = rows.filter(reference=word)
        return (
            by_reference
            if by_reference.exists()
            else rows.filter(either(word, "title", "title_zh"))
        )
    if model is Region:
        return rows.filter(Q(code=word) | either(word))
    if model is Person:
        return rows.filter(Q(email__iexact=word) if "@" in word else either(word))
    if model in {Organization, ContentArea}:
        return rows.filter(either(word))
    rows = rows.filter(agreement=agreement)
    if model is Article:
        return rows.filter(number=word)
    if model is Party:
        return rows.filter(organization__in=stored(Organization, word, None))
    if model is Task:
        return rows.filter(either(word, "title", "title_zh"))
    return rows.filter(either(word))


# What an entry refers to


def references(
    section: Section, entry: Json, pointer: str
) -> Iterator[tuple[str, type[Model], Any]]:
    """All that an entry refers to, with what lies in it: (pointer, model, word)."""
    for name in section.facts:
        model_field = section.field(name)
        if not model_field.is_relation or not entry.get(name):
            continue
        many = model_field.many_to_many
        for place, value in enumerate(entry[name] if many else (entry[name],)):
            where = f"{pointer}/{name}/{place}" if many else f"{pointer}/{name}"
            yield where, model_field.related_model, value
    for part in section.parts:
        for where, inner in entries(entry, part, pointer):
            yield from references(part, inner, where)
    for place, act in enumerate(entry.get("acts") or ()):
        if act.get("lead"):
            yield f"{pointer}/acts/{place}/lead", Organization, act["lead"]
        if act.get("asked_by"):
            yield f"{pointer}/acts/{place}/asked_by", Organization, act["asked_by"]
        if act.get("superseded_by"):
            yield f"{pointer}/acts/{place}/superseded_by", Agreement, act["superseded_by"]
        yield from references_of_act(act, f"{pointer}/acts/{place}")
    for place, change in enumerate(entry.get("changes") or ()):
        yield from _of_change(change, f"{pointer}/changes/{place}")


def _of_change(change: Json, pointer: str) -> Iterator[tuple[str, type[Model], Any]]:
    for name in ("organization", "then", "after", "first"):
        if change.get(name) and change[name] not in KEYWORDS_OF_CHANGE:
            yield f"{pointer}/{name}", Organization, change[name]
    for name in ("organizations", "seats"):
        for place, value in enumerate(change.get(name) or ()):
            yield f"{pointer}/{name}/{place}", Organization, value


def reference_problems(
    data: Json, names: Names, agreement: Agreement | None, file: str = ""
) -> list[Problem]:
    """The references of a package of the right shape that lead nowhere, or to several."""
    problems = list(names.problems)
    wholes = [("/agreement", AGREEMENT, data.get("agreement") or {})]
    for section in SECTIONS:
        wholes += [(pointer, section, entry) for pointer, entry in entries(data, section)]
    answers: dict[tuple[type[Model], str], str | None] = {}
    for pointer, section, entry in wholes:
        for where, model, value in references(section, entry, pointer):
            asked = (model, repr(value))
            if asked not in answers:
                answers[asked] = _not_found(model, value, names, agreement)
            reason = answers[asked]
            if reason is not None:
                problems.append(Problem(file, where, reason))
        problems += _unknown_indicators(section, entry, pointer, agreement, file)
    return problems


def _not_found(
    model: type[Model], value: Any, names: Names, agreement: Agreement | None
) -> str | None:
    if names.pointer(model, value) is not None:
        return None
    if model is Party and names.pointer(Organization, value) is not None:
        return None
    count = len(stored(model, value, agreement)[:2])
    if count == 1 or (count and model is Party):
        return None
    return several() if count else nowhere(value)


def _unknown_indicators(
    section: Section, entry: Json, pointer: str, agreement: Agreement | None, file: str
) -> list[Problem]:
    if section.model is not Task:
        return []
    own = {
        word
        for indicator in entry.get("indicators") or ()
        for word in (indicator.get(name) for name in DEFAULT_NAMES)
        if word
    }
    problems = []
    for place, act in enumerate(entry.get("acts") or ()):
        for word in act.get("values") or ():
            known = word in own or indicators_of(entry, agreement, word).exists()
            if not known:
                where = f"{pointer}/acts/{place}/values/{escaped(word)}"
                problems.append(Problem(file, where, nowhere(word)))
    return problems


def indicators_of(entry: Json, agreement: Agreement | None, word: str) -> QuerySet[Any]:
    """The stored indicators of that name of the task that an entry tells of."""
    titles = Q(pk__in=[])
    for name in ("title", "title_zh"):
        if entry.get(name):
            titles |= Q(**{f"task__{name}": entry[name].strip()})
    return Indicator.objects.filter(titles, either(word), task__agreement=agreement)


def nowhere(value: Any) -> str:
    """That nothing goes by this word."""
    shown = f"{value['scheme']} {value['value']}" if isinstance(value, dict) else value
    return _("Neither the package nor the system knows “%(word)s”.") % {"word": shown}


def several() -> str:
    """That more than one thing goes by this word."""
    return _("Several go by this name: give a key, a number or the other name.")
