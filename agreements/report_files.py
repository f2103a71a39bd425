"""Ledgers and reports as files: the same workbook and the same PDF at every door."""

import re
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from agreements.ledger import Entry
from agreements.report_sheets import ledger_sheet, paper_sheets
from agreements.reports import Paper
from governance.pdf import MEDIA_TYPE as PDF_TYPE
from governance.pdf import pdf
from governance.spreadsheet import MEDIA_TYPE, workbook
from governance.wording import day_text, detailed


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


def ledger_file(entries: Iterable[Entry], *, on: date, about: str) -> HttpResponse:
    """The ledger as XLSX; ``about`` says in a line what it holds."""
    title = _("Work ledger")
    told = [detailed(about, _("as of %(day)s") % {"day": day_text(on)})]
    content = workbook([ledger_sheet(list(entries), title=title, lines=told)])
    return attached(content, f"ledger-{on}.xlsx", MEDIA_TYPE)


FORMS = ("html", "pdf", "xlsx")


def paper_page(paper: Paper, *, styled: bool = True) -> str:
    """The paper as a page of its own; not ``styled``: whoever draws it brings the style."""
    about = {"paper": paper, "single": paper.single, "styled": styled}
    return render_to_string("report/paper.html", about)


def paper_file(paper: Paper, form: str) -> HttpResponse:
    """The paper as ``html``, ``pdf`` or ``xlsx``. Raises NoPdf where the machine makes none."""
    if form == "html":
        return HttpResponse(paper_page(paper))
    about = paper.single.agreement.reference if paper.single else "all"
    safe = re.sub(r"[^A-Za-z0-9-]+", "-", about)
    name = f"{paper.kind}-{safe}-{paper.first}-{paper.last}.{form}"
    if form == "pdf":
        page = paper_page(paper, styled=False)
        content = pdf(page, "governance/report.css", base=settings.PUBLIC_URL)
        return attached(content, name, PDF_TYPE)
    return attached(workbook(paper_sheets(paper)), name, MEDIA_TYPE)
