"""Days, periods, numbers and names as people write them, in the reader's language."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from governance import base
from governance.bilingual_pairs import CHINESE, in_order
from governance.wording import (
    day_text,
    detailed,
    in_the_readers,
    labelled,
    noted,
    period_text,
    separator,
)

register = template.Library()
register.simple_tag(separator, name="comma")
register.simple_tag(detailed)
register.simple_tag(labelled)
register.simple_tag(noted)
register.simple_tag(period_text, name="period")

_WEEKDAY = {"en": "l j F Y", "zh": "Y年n月j日（l）"}
_MOMENT = {"en": "l j F Y, H:i", "zh": "Y年n月j日（l）H:i"}
_SHORT_MOMENT = {"en": "D j M Y, H:i", "zh": "Y年n月j日（l）H:i"}


def written(value: date, forms: dict[str, str]) -> str:
    """A day or a moment in the form of the reader's language."""
    return formatted(value, forms["zh" if (get_language() or "").startswith("zh") else "en"])


@register.filter
def said(words: str) -> str:
    """A reason in the reader's language, where the system stated it; a person's words as is."""
    return in_the_readers(words)


@register.filter
def day(value: date | None) -> str:
    """22 November 2026; empty for None."""
    return day_text(value) if value else ""


@register.filter
def day_before(value: date) -> date:
    """The last day of a half-open period, given its end."""
    return value - timedelta(days=1)


@register.filter
def short_day(value: date | None) -> str:
    """22 Nov 2026, for tables; empty for None."""
    return date_format(value, "SHORT_DATE_FORMAT") if value else ""


@register.filter
def weekday(value: date | None) -> str:
    """Sunday 22 November 2026; empty for None."""
    return written(value, _WEEKDAY) if value else ""


@register.simple_tag
def moment(value: datetime | None, zone: ZoneInfo | None = None) -> str:
    """Friday 26 March 2027, 14:30, in ``zone``; the zone is named when it is not the reader's."""
    return _moment(value, zone, _MOMENT)


@register.simple_tag
def short_moment(value: datetime | None, zone: ZoneInfo | None = None) -> str:
    """Fri 26 Mar 2027, 14:30, for tables; as ``moment`` otherwise."""
    return _moment(value, zone, _SHORT_MOMENT)


def _moment(value: datetime | None, zone: ZoneInfo | None, forms: dict[str, str]) -> str:
    if value is None:
        return ""
    here = timezone.get_current_timezone()
    local = value.astimezone(zone or here)
    text = written(local, forms)
    if local.utcoffset() != value.astimezone(here).utcoffset():
        text = _("%(time)s (%(zone)s)") % {"time": text, "zone": str(zone)}
    return text


@register.filter
def stamp(value: datetime | None) -> str:
    """22 Nov 2026, 14:30: when something was recorded."""
    if value is None:
        return ""
    local = value.astimezone(timezone.get_current_timezone())
    return date_format(local, "SHORT_DATETIME_FORMAT")


@register.simple_tag
def clock_time(value: datetime, zone: ZoneInfo | None = None) -> str:
    """14:30."""
    return formatted(value.astimezone(zone or timezone.get_current_timezone()), "H:i")


@register.simple_tag
def how_long(due_on: date, today: date) -> str:
    """How far a day is: “3 days late”, “today”, “in 5 days”."""
    days = (due_on - today).days
    if days < 0:
        return ngettext("%(days)s day late", "%(days)s days late", -days) % {"days": -days}
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}


@register.filter
def bilingual(row: Any, name: str) -> str:
    """The value called ``name`` (or ``name_zh``) of a row or an object, as the reader reads it."""
    return base.bilingual(_value(row, name) or "", _value(row, f"{name}_zh") or "")


@register.simple_tag
def pair(form: Any, name: str) -> list[Any]:
    """The two fields of a form for ``name``, the reader's own language first."""
    return [form[one] for one in in_order((name, name + CHINESE))]


@register.filter
def other_language(obj: Any, name: str) -> str:
    """The value in the language that the reader does not read; empty when there is only one."""
    both = (_value(obj, name) or "", _value(obj, f"{name}_zh") or "")
    shown = base.bilingual(*both)
    return next((text for text in both if text and text != shown), "")


@register.filter
def organization(row: Any, path: str) -> str:
    """The short name of the organization whose names a row of values holds under ``path``."""
    return bilingual(row, f"{path}__short_name") or bilingual(row, f"{path}__name")


def _value(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, dict) else getattr(row, name)


@register.filter
def number(value: Decimal | None) -> str:
    """A measured value without idle zeros, with thousands apart."""
    if value is None:
        return ""
    plain = format(value.normalize(), "f")
    decimals = len(plain.partition(".")[2])
    return number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


@register.filter
def percent(share: int | None) -> float | None:
    """Hundredths of one per cent as per cent."""
    return None if share is None else share / 100


@register.filter
def breakable(address: str) -> str:
    """An e-mail address that may be broken behind its @, in a narrow cell."""
    name, at, host = address.partition("@")
    return format_html("{}{}<wbr>{}", name, at, host)


@register.filter
def file_size(size: int) -> str:
    """A size in KB or MB, as people say it."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"


@register.filter
def tone(status: str) -> str:
    """The tone in which a status is shown: good, warn, bad, quiet or neutral."""
    return _TONES.get(status, "")


_TONES = {
    "in_force": "good",
    "completed": "good",
    "closed": "quiet",
    "convened": "good",
    "active": "good",
    "signed": "",
    "approved": "good",
    "suspended": "warn",
    "returned": "warn",
    "postponed": "warn",
    "leaving": "warn",
    "expected": "warn",
    "ended": "quiet",
    "left": "quiet",
    "abandoned": "quiet",
    "cancelled": "quiet",
    "draft": "quiet",
    "planned": "quiet",
    "discussed": "good",
    "deferred": "warn",
    "declined": "quiet",
    "withdrawn": "quiet",
    "alive": "good",
    "dormant": "warn",
    "absent": "quiet",
    "circulated": "warn",
    "asked": "warn",
    "granted": "good",
    "refused": "quiet",
}
