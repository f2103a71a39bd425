"""Ledgers and reports as files: the same workbook and the same PDF at every door."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agreements.indicators import Indicator
from agreements.ledger import Entry, Figure
from governance.spreadsheet import MEDIA_TYPE, Column, Linked, Share, Sheet, workbook
from governance.wording import day_text, detailed, listed


def attached(content: bytes, name: str, media_type: str) -> HttpResponse:
    """The bytes as an attachment under a name made here, for this reader alone."""
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


def task_address(entry: Entry) -> str:
    """The whole address of a task's page."""
    return settings.PUBLIC_URL + reverse("task", kwargs={"id": entry.task.public_id})


# the ledger as a workbook


def ledger_file(entries: Iterable[Entry], *, on: date, about: str) -> HttpResponse:
    """The ledger as XLSX; ``about`` says in a line what it holds."""
    title = _("Work ledger")
    told = [detailed(about, _("as of %(day)s") % {"day": day_text(on)})]
    content = workbook([ledger_sheet(list(entries), title=title, lines=told)])
    return attached(content, f"ledger-{on}.xlsx", MEDIA_TYPE)


def ledger_sheet(entries: list[Entry], *, title: str, lines: Iterable[str] = ()) -> Sheet:
    """One row a task, with everything that is known of it."""
    columns = (
        Column(_("No."), 6),
        Column(_("Reference"), 18),
        Column(_("Agreement"), 28),
        Column(_("Task"), 36),
        Column(_("Source"), 18),
        Column(_("Phase"), 16),
        Column(_("Lead organization"), 18),
        Column(_("Cooperating organizations"), 22),
        Column(_("Person responsible"), 12),
        Column(_("Targets"), 28),
        Column(_("Starts on"), 12),
        Column(_("Due on"), 12),
        Column(_("Status"), 12),
        Column(pgettext("traffic light", "Light"), 12),
        Column(_("Progress"), 10),
        Column(_("Expected by then"), 10),
        Column(_("Reached"), 28),
        Column(_("Last report"), 40),
        Column(_("Evidence"), 8),
        Column(_("Days late"), 8),
        Column(_("Remarks"), 18),
    )
    rows = (_row(place, entry) for place, entry in enumerate(entries, 1))
    return Sheet(title, columns, rows, lines=tuple(lines))


def _row(place: int, entry: Entry) -> list[Any]:
    task = entry.task
    return [
        place,
        Linked(task.reference, task_address(entry)),
        str(task.agreement),
        str(task),
        source_text(entry),
        str(task.phase or ""),
        task.lead.label if task.lead else "",
        listed(one.label for one in entry.cooperating),
        str(task.responsible or ""),
        listed(filter(None, (target_text(one.indicator) for one in entry.figures))),
        task.starts_on,
        task.due_on,
        task.get_status_display(),
        entry.light.label if entry.light else "",
        Share(task.progress if entry.has_word else None),
        Share(entry.expected),
        listed(filter(None, (reached_text(one) for one in entry.figures))),
        word_text(entry),
        entry.evidence or None,
        entry.days_late or None,
        _("Illustrative data") if task.illustrative else "",
    ]


def source_text(entry: Entry) -> str:
    """Why it is to be done: the article or the decision that it carries out."""
    article, decision = entry.task.article, entry.decision
    named = [_("Article %(number)s") % {"number": article.number}] if article else []
    return listed([*named, *([decision] if decision else [])])


def target_text(indicator: Indicator) -> str:
    """An indicator with its target: “Banks restored 42 km”; empty without one."""
    if indicator.target is None:
        return ""
    return _quantity(indicator, indicator.target)


def reached_text(figure: Figure) -> str:
    """What an indicator had reached; empty when nothing was measured."""
    return "" if figure.value is None else _quantity(figure.indicator, figure.value)


def _quantity(indicator: Indicator, value: Any) -> str:
    return _("%(name)s %(value)s %(unit)s") % {
        "name": indicator,
        "value": f"{value.normalize():f}",
        "unit": indicator.unit_name,
    }


def word_text(entry: Entry) -> str:
    """The last report, with its day; empty without one."""
    if not entry.reports:
        return ""
    last = entry.reports[0]
    text = last.text.strip() or (f"{last.share}%" if last.share is not None else "")
    return _("%(label)s: %(value)s") % {"label": day_text(last.reported_on), "value": text or "–"}
