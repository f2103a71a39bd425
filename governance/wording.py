"""How words are put together in the reader's language: days, lists, labels, sentences."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext


def day_text(day: date) -> str:
    """A day as it stands in a sentence: 31 December 2026."""
    return date_format(day, "DATE_FORMAT")


def period_text(starts_on: date | None, ends_on: date | None) -> str:
    """A half-open period in words, its last day included; empty without a first and an end."""
    last = day_text(ends_on - timedelta(days=1)) if ends_on else ""
    if starts_on and last:
        return _("%(first)s to %(last)s") % {"first": day_text(starts_on), "last": last}
    if starts_on:
        return _("from %(first)s") % {"first": day_text(starts_on)}
    if last:
        return _("until %(last)s") % {"last": last}
    return ""


def length_text(number: int, unit: str) -> str:
    """How long something lasts, counted in ``unit`` (day, month or year): 6 months."""
    counted = {
        "day": ngettext("%(number)s day", "%(number)s days", number),
        "month": ngettext("%(number)s month", "%(number)s months", number),
        "year": ngettext("%(number)s year", "%(number)s years", number),
    }
    return counted[unit] % {"number": number}


def separator() -> str:
    """What stands between the items of a list."""
    return pgettext("between the items of a list", ", ")


def listed(names: Iterable[Any]) -> str:
    """The names one after the other; empty when there is none."""
    return separator().join(str(name) for name in names)


def labelled(label: Any, value: Any) -> str:
    """What something is called, and what it is: “Due: 31 December 2026”."""
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def detailed(text: Any, detail: Any) -> str:
    """A name with what is to be told of it, if anything is: “Lin Yue, section chief”."""
    return _("%(text)s, %(detail)s") % {"text": text, "detail": detail} if detail else str(text)


def noted(text: Any, note: Any) -> str:
    """A name with a note behind it: “Lin Yue (Shapingba District)”."""
    return _("%(text)s (%(note)s)") % {"text": text, "note": note}


def in_a_row(sentences: Iterable[Any]) -> str:
    """Whole sentences one after the other, as one paragraph."""
    told = ""
    for sentence in sentences:
        both = {"told": told, "sentence": sentence}
        told = _("%(told)s %(sentence)s") % both if told else str(sentence)
    return told


# Between the same thing in one language and in the other.
_BETWEEN = " / "


def in_every_language(words: Any) -> dict[str, str]:
    """What words (lazy ones, or a noun's name) say in each language of the installation."""
    texts = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            texts[language] = str(words)
    return texts


def side_by_side(texts: Iterable[str]) -> str:
    """The same thing in several languages, for who reads any of them: “Clean water / 清水”."""
    return _BETWEEN.join(dict.fromkeys(text for text in texts if text))


def in_the_readers(words: str) -> str:
    """What was kept in every language, in the reader's alone; a person's words as they are."""
    english, _between, chinese = words.partition(_BETWEEN)
    if not english or not chinese:
        return words
    with override("zh-hans"):
        is_the_systems = _(english) == chinese
    return _(english) if is_the_systems else words


def kept(words: Any) -> str:
    """What is kept of words: the system's own (lazy ones) in every language, others as they are."""
    if isinstance(words, Promise):
        return side_by_side(in_every_language(words).values())
    return str(words)
