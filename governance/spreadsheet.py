"""Workbooks: sheets that print well and that no spreadsheet takes for formulas."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

# What spreadsheets take for the beginning of a formula, also as Chinese keyboards type it.
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LONGEST_CELL = 32_767

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DAY, SHARE = "yyyy-mm-dd", "0%"
_HEAD = PatternFill("solid", fgColor="EEEFEA")
_LINE = Border(bottom=Side("thin", color="D8DDD8"))


def inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if cell.lstrip().startswith(_LIVE) or cell.startswith(_LIVE):
        return cell if _NUMBER.fullmatch(cell) else "'" + cell
    return cell


def clean(text: str) -> str:
    """A text as a cell may hold it: inert, and without characters that XML refuses."""
    return ILLEGAL_CHARACTERS_RE.sub("", inert(text))[:_LONGEST_CELL]


class Linked(NamedTuple):
    """A text that leads to an address."""

    text: str
    address: str


class Share(NamedTuple):
    """A share, counted in hundredths of one per cent; shown in per cent."""

    hundredths: int | None


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column, and how many characters wide it is."""

    head: str
    width: int = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a title with lines under it, then a table.

    A value is a text, a number, a day, a Share, a Linked or None.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    name: str = ""
    lines: Sequence[str] = field(default_factory=tuple)


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """The bytes of a workbook with these sheets."""
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(_name(sheet.name or sheet.title)), sheet)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31]


def _fill(page: Any, sheet: Sheet) -> None:
    page.append([])
    page.cell(1, 1, clean(sheet.title)).font = Font(bold=True, size=14)
    for place, line in enumerate(sheet.lines, 2):
        page.cell(place, 1, clean(line)).data_type = "s"
    head = len(sheet.lines) + 2
    for place, column in enumerate(sheet.columns, 1):
        cell = page.cell(head, place, clean(column.head))
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _LINE
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        page.column_dimensions[get_column_letter(place)].width = column.width
    for row, values in enumerate(sheet.rows, head + 1):
        for place, value in enumerate(values, 1):
            _put(page.cell(row, place), value)
    page.freeze_panes = page.cell(head + 1, 1)
    page.print_title_rows = f"{head}:{head}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9  # A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _put(cell: Any, value: Any) -> None:
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.border = _LINE
    if isinstance(value, Share):
        if value.hundredths is not None:
            cell.value, cell.number_format = Decimal(value.hundredths) / 10_000, SHARE
    elif isinstance(value, date):
        cell.value, cell.number_format = value, DAY
    elif isinstance(value, bool | int | Decimal) or value is None:
        cell.value = value
    else:
        text, address = value if isinstance(value, Linked) else (str(value), "")
        cell.value = clean(text)
        cell.data_type = "s"  # a text, whatever it looks like
        if address:
            cell.hyperlink = address
            cell.font = Font(color="0B5F4F", underline="single")
