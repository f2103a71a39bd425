"""The sheets of ledgers and reports: rows out of what was counted, none of them a formula."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agreements.indicators import Indicator
from agreements.ledger import Entry, Figure
from agreements.report_figures import LIGHTS, runs
from agreements.reports import Paper, Report
from governance.spreadsheet import Column, Linked, Share, Sheet
from governance.wording import day_text, listed


def task_address(entry: Entry) -> str:
    """The whole address of a task's page."""
    return settings.PUBLIC_URL + reverse("task", kwargs={"id": entry.task.public_id})


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


def paper_sheets(paper: Paper) -> list[Sheet]:
    """One sheet a part, over all agreements of the paper."""
    of = Column(_("Agreement"), 18)
    task, title = Column(_("Reference"), 18), Column(_("Task"), 40)
    lines = [
        listed(one.agreement for one in paper.reports),
        _("%(first)s to %(last)s") % {"first": day_text(paper.first), "last": day_text(paper.last)},
        *(one.summary for one in paper.reports),
    ]
    parts: list[tuple[str, list[Column], Callable[[Report], Iterable[list[Any]]]]] = [
        (
            _("Figures"),
            [of, Column(_("Figure"), 34), Column(_("How many"), 10), Column(_("Tasks"), 60)],
            _figures,
        ),
        (
            _("By lead organization"),
            [of, Column(_("Organization"), 24), Column(_("Tasks"), 10), Column(_("Completed"), 10),
             *(Column(str(light.label), 10) for light in LIGHTS),
             Column(_("Progress"), 10), Column(_("Expected by then"), 10), Column(_("Tasks"), 40)],
            _by_party,
        ),
        (
            _("Late and at risk"),
            [task, title, Column(_("Lead organization"), 20), Column(_("Due on"), 12),
             Column(_("Days late"), 8), Column(_("Progress"), 10),
             Column(pgettext("traffic light", "Light"), 12), Column(_("Last report"), 50)],
            _late,
        ),
        (
            _("Quantities"),
            [task, title, Column(_("Indicator"), 30), Column(_("Before the period"), 14),
             Column(_("At its end"), 14), Column(_("Target"), 14), Column(_("Unit"), 12),
             Column(_("Attained"), 10)],
            _quantities,
        ),
        (
            _("Dates moved"),
            [task, title, Column(_("Date"), 12), Column(_("Was"), 12), Column(_("Became"), 12),
             Column(_("Days"), 8), Column(_("Cause"), 22), Column(_("Reason"), 50)],
            _moved,
        ),
        (
            _("Meetings held"),
            [of, Column(_("Consultation"), 40), Column(_("Date"), 12), Column(_("Decisions"), 10)],
            _meetings,
        ),
        (
            _("Decisions"),
            [of, Column(_("Decision"), 20), Column(_("Date"), 12),
             Column(_("What was decided"), 70), Column(_("How far carried out"), 18),
             Column(_("Tasks"), 16)],
            _decisions,
        ),
        (
            _("What comes next"),
            [of, Column(_("Due on"), 12), Column(_("What"), 50),
             Column(_("Lead organization"), 20)],
            _coming,
        ),
    ]  # fmt: skip
    sheets = [
        Sheet(
            f"{paper.title} · {name}" if place == 0 else name,
            columns,
            [row for one in paper.reports for row in rows(one)],
            name=name,
            lines=lines if place == 0 else (),
        )
        for place, (name, columns, rows) in enumerate(parts)
    ]
    entries = [entry for one in paper.reports for entry in one.entries]
    return [*sheets, ledger_sheet(entries, title=_("Work ledger"))]


def _numbers(entries: Iterable[Entry]) -> str:
    return listed(
        f"{one.first.task.number}–{one.last.task.number}" if one.last else one.first.task.number
        for one in runs(entries)
    )


def _figures(found: Report) -> Iterable[list[Any]]:
    for one in (*found.stock, *found.flow):
        yield [found.agreement.reference, one.label, one.number, _numbers(one.entries)]


def _by_party(found: Report) -> Iterable[list[Any]]:
    for one in found.parties:
        yield [
            found.agreement.reference,
            one.organization.label if one.organization else _("No lead organization"),
            len(one.entries),
            one.completed,
            *(one.standing.lights[light] for light in LIGHTS),
            Share(one.standing.progress),
            Share(one.standing.expected),
            _numbers(one.entries),
        ]


def _of_task(entry: Entry) -> list[Any]:
    return [Linked(entry.task.reference, task_address(entry)), str(entry.task)]


def _late(found: Report) -> Iterable[list[Any]]:
    for entry in (*found.late, *found.at_risk):
        yield [
            *_of_task(entry),
            entry.task.lead.label if entry.task.lead else "",
            entry.task.due_on,
            entry.days_late or None,
            Share(entry.task.progress if entry.has_word else None),
            entry.light.label if entry.light else "",
            word_text(entry),
        ]


def _quantities(found: Report) -> Iterable[list[Any]]:
    for one in found.quantities:
        yield [
            *_of_task(one.entry),
            str(one.indicator),
            one.before,
            one.value,
            one.indicator.target,
            one.indicator.unit_name,
            Share(one.attainment),
        ]


def _moved(found: Report) -> Iterable[list[Any]]:
    shown = {entry.task.pk: entry for entry in found.entries}
    for one in found.moved:
        entry = shown[one.task_id]
        cause, fact = one.get_cause_display(), one.get_fact_display()
        yield [*_of_task(entry), fact, one.was, one.became, one.days, cause, one.reason]


def _meetings(found: Report) -> Iterable[list[Any]]:
    for one in found.meetings:
        yield [found.agreement.reference, str(one), one.held_on, one.decided]


def _decisions(found: Report) -> Iterable[list[Any]]:
    for one in found.decisions:
        tasks = listed(str(task.number) for task in one.tasks.all())
        yield [
            found.agreement.reference,
            str(one),
            one.decided_on,
            one.wording,
            one.standing_label,
            tasks,
        ]


def _coming(found: Report) -> Iterable[list[Any]]:
    for one in found.coming:
        lead = one.entry.task.lead if one.entry else None
        yield [found.agreement.reference, one.on, one.title, lead.label if lead else ""]
