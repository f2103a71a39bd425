"""Which stored row an entry of a package speaks of: by its number, its name, its place and day.

An entry that nothing matches is new. Loading the same package again therefore finds every row
that the first time made.
"""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from agreements.agreement import Agreement
from agreements.package.names import either, normal_number
from agreements.package.sections import Json, Section

Facts = dict[str, Any]


def agreements_of(data: Json) -> QuerySet[Any]:
    """The agreement that a package speaks of: named by reference, else by title and day.

    Without a reference, one of the same title (in either language) that was signed on the same
    day, or is not signed yet; if the package tells of no signature, the title alone.
    """
    rows: QuerySet[Any] = Agreement.objects.all()
    if data.get("extends"):
        word = data["extends"].strip()
        by_reference = rows.filter(reference=word)
        return (
            by_reference
            if by_reference.exists()
            else rows.filter(either(word, "title", "title_zh"))
        )
    entry = data["agreement"]
    if entry.get("reference"):
        return rows.filter(reference=entry["reference"].strip())
    rows = _named(rows, entry, "title", "title_zh")
    signed_on = next((act["on"] for act in entry.get("acts") or () if act["verb"] == "sign"), None)
    if signed_on is not None:
        rows = rows.filter(Q(signed_on=signed_on) | Q(signed_on__isnull=True))
    return rows


def matches(section: Section, entry: Json, facts: Facts, within: Any) -> QuerySet[Any]:
    """The rows that the entry may speak of: none, the one, or several to choose from."""
    rows = section.model._default_manager.all()
    if section.within:
        rows = rows.filter(**{section.within: within})
    special = _SPECIAL.get(section.name)
    if special is not None:
        return special(rows, entry, facts)
    return _named(rows, facts)


def _named(
    rows: QuerySet[Any], facts: Facts, english: str = "name", chinese: str = "name_zh"
) -> QuerySet[Any]:
    """Those of the same name: in both languages if there are such, else in either."""
    given = {name: facts[name].strip() for name in (english, chinese) if facts.get(name)}
    if not given:
        return rows.none()
    in_both = rows.filter(**given)
    if in_both.exists():
        return in_both
    in_either = Q()
    for name, value in given.items():
        in_either |= Q(**{name: value})
    return rows.filter(in_either)


def _step(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    in_working_days = facts.get("in_working_days", False)
    rows = rows.filter(days=facts["days"], action=facts["action"])
    return rows.filter(in_working_days=in_working_days)


def _titled(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    return _named(rows, facts, "title", "title_zh")


def _region(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    if not facts.get("code"):
        return _named(rows, facts)
    by_code = rows.filter(code=facts["code"], scheme=facts.get("scheme", ""))
    return by_code if by_code.exists() else _named(rows.filter(code=""), facts)


def _organization(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    """By an identifier, else by name: but not one that another number of that register has."""
    numbers = [
        (one["scheme"], normal_number(one["scheme"], one["value"]))
        for one in entry.get("identifiers") or ()
    ]
    by_number = Q(pk__in=[])
    for scheme, number in numbers:
        by_number |= Q(identifiers__scheme=scheme, identifiers__value=number)
    found = rows.filter(by_number).distinct()
    if numbers and found.exists():
        return found
    taken = rows.filter(identifiers__scheme__in=[scheme for scheme, _number in numbers])
    return _named(rows.exclude(pk__in=taken.values("pk")), facts)


def _person(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    """By e-mail; else by name, among those who hold a post where the entry says."""
    if facts.get("email"):
        by_mail = rows.filter(email__iexact=facts["email"])
        if by_mail.exists():
            return by_mail
        rows = rows.filter(email="")
    posts = facts.get("_organizations")
    if posts:
        rows = rows.filter(appointments__organization__in=posts).distinct()
    return _named(rows, facts)


def _appointment(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    rows = rows.filter(organization=facts["organization"])
    return _named(rows, facts, "post", "post_zh") if _names(facts, "post", "post_zh") else rows


def _party(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    rows = rows.filter(organization=facts["organization"])
    joined = facts.get("joined_on") or entry.get("acceded_on")
    if joined is None:
        return rows
    return rows.filter(Q(joined_on=joined) | Q(joined_on__isnull=True, signed_on__isnull=True))


def _member(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    rows = rows.filter(organization=facts["organization"])
    return rows.filter(joined_on=facts["joined_on"]) if facts.get("joined_on") else rows


def _seat(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    return rows.filter(organization=facts.get("organization"), region=facts.get("region"))


def _mechanism(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    """By name; without one, the one of the same group that has no name either."""
    if _names(facts, "name", "name_zh"):
        return _named(rows, facts)
    return rows.filter(name="", name_zh="", group=facts.get("group"))


def _liaison(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    rows = rows.filter(
        party=facts["party"], person=facts["person"], rank=facts.get("rank", "primary")
    )
    return rows.filter(starts_on=facts["starts_on"]) if "starts_on" in facts else rows


def _consultation(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    """By series and day; else by the moment it begins, else by title."""
    series = facts.get("series")
    rows = rows.filter(series=series)
    if entry.get("day"):
        day = date.fromisoformat(entry["day"])
        return rows.filter(pk__in=[row.pk for row in rows if day in {_rule_day(row), row.day}])
    if facts.get("starts_at"):
        at_moment = rows.filter(starts_at=facts["starts_at"])
        if at_moment.exists() or not _names(facts, "title", "title_zh"):
            return at_moment
    return _named(rows, facts, "title", "title_zh")


def _rule_day(consultation: Any) -> date | None:
    moment = consultation.rule_at
    return moment.astimezone(consultation.zone).date() if moment else None


def _names(facts: Facts, *names: str) -> bool:
    return any(facts.get(name) for name in names)


def _by(*names: str) -> Any:
    def rule(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
        return rows.filter(**{name: facts.get(name) for name in names})

    return rule


def _identifier(rows: QuerySet[Any], entry: Json, facts: Facts) -> QuerySet[Any]:
    number = normal_number(facts["scheme"], facts["value"])
    return rows.filter(scheme=facts["scheme"], value=number)


_SPECIAL: dict[str, Any] = {
    "regions": _region,
    "organizations": _organization,
    "identifiers": _identifier,
    "people": _person,
    "appointments": _appointment,
    "articles": _by("number"),
    "parties": _party,
    "supervision_steps": _step,
    "members": _member,
    "rotations": _mechanism,
    "seats": _seat,
    "consultation_series": _mechanism,
    "liaison_appointments": _liaison,
    "consultations": _consultation,
    "tasks": _titled,
    "evidence_wanted": _by("kind"),
    "measurements": _by("as_of"),
    "task_dependencies": _by("predecessor", "successor"),
    "absences": _by("starts_on"),
    "attestations": _by("asked_on"),
}
