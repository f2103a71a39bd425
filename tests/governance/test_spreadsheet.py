"""Workbooks: texts stay texts, days are days, and nothing becomes a formula."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from governance.spreadsheet import Column, Linked, Share, Sheet, workbook


def written(value: Any) -> Any:
    """The cell that the value becomes, read back."""
    made = workbook([Sheet("Sheet", [Column("Head")], [[value]])])
    return load_workbook(BytesIO(made)).worksheets[0].cell(3, 1)


@pytest.mark.parametrize("live", ["=1+1", "+1+1", "-A1", "@SUM(A1)", "\t=1", "＝1", "  =1", "|cmd"])
def test_a_text_that_looks_like_a_formula_is_inert(live):
    cell = written(live)
    assert (cell.data_type, cell.value[0]) == ("s", "'")


@pytest.mark.parametrize("text", ["-12.5", "River", "河流", "a=b", "12"])
def test_other_texts_stay_as_they_are(text):
    cell = written(text)
    assert (cell.data_type, cell.value) == ("s", text)


def test_characters_that_xml_refuses_are_left_out():
    assert written("a\x00b\x0bc").value == "abc"


def test_a_text_longer_than_a_cell_is_cut():
    assert len(written("x" * 40_000).value) == 32_767


def test_days_numbers_and_shares_keep_their_kind():
    assert written(date(2027, 3, 1)).value.date() == date(2027, 3, 1)
    assert written(Decimal("1.5")).value == 1.5
    share = written(Share(2500))
    assert (share.value, share.number_format) == (0.25, "0%")
    assert written(Share(None)).value is None
    assert written(None).value is None


def test_a_link_leads_to_its_address():
    cell = written(Linked("=River", "https://concord.example.org/tasks/1/"))
    assert (cell.value, cell.hyperlink.target) == (
        "'=River",
        "https://concord.example.org/tasks/1/",
    )


def test_sheets_bear_names_that_spreadsheets_take():
    sheets = [Sheet("A: [very] long name of a sheet, really?", [Column("Head")], [])]
    (name,) = load_workbook(BytesIO(workbook(sheets))).sheetnames
    assert len(name) <= 31 and not set(name) & set("[]:*?/\\")
