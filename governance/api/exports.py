"""Lists as files: CSV, XLSX and JSON, streamed, inert when a spreadsheet opens them."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from tempfile import TemporaryFile
from typing import Any

import orjson
from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from rest_framework.exceptions import ErrorDetail, ValidationError

from governance.api.serializers import Reader
from governance.spreadsheet import clean, inert

CHUNK = 1000


class _Line:
    """A file for the csv module that hands each line on."""

    def write(self, line: str) -> str:
        return line


def export(form: str, name: str, reader: Reader, rows: Any) -> Any:
    """The answer that carries the rows as ``form``. Raises ValidationError for any other form."""
    if form not in {"csv", "xlsx", "json"}:
        raise ValidationError(
            {"as": [ErrorDetail(_("Export as csv, xlsx or json."), code="invalid_choice")]}
        )
    shown = _represented(reader, rows)
    if form == "xlsx":
        return _workbook(name, list(reader.fields), shown)
    content = _csv(list(reader.fields), shown) if form == "csv" else _json(shown)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    return StreamingHttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )


def _represented(reader: Reader, rows: Any) -> Iterator[dict[str, Any]]:
    source = rows.values(*reader.columns).iterator(chunk_size=CHUNK)
    while chunk := list(islice(source, CHUNK)):
        yield from reader.represent(chunk)


def _csv(columns: list[str], shown: Iterable[dict[str, Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"  # Without this mark Excel reads Chinese as Latin.
    yield writer.writerow(columns)
    for one in shown:
        yield writer.writerow([inert(text(one[column])) for column in columns])


def _json(shown: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    yield b"["
    for place, one in enumerate(shown):
        yield (b",\n" if place else b"\n") + orjson.dumps(one, default=str)
    yield b"\n]\n"


def _workbook(name: str, columns: list[str], shown: Iterable[dict[str, Any]]) -> FileResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.append(columns)
    for one in shown:
        sheet.append([_cell(sheet, one[column]) for column in columns])
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it when it has been sent
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx")


def _cell(sheet: Any, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    cell = WriteOnlyCell(sheet, value=clean(text(value)))
    cell.data_type = "s"  # a text, whatever it looks like
    return cell


def text(value: Any) -> str:
    """A value as a cell shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return orjson.dumps(value, default=str).decode()
    return str(value)
