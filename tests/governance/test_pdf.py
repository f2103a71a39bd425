"""PDF: drawn with Chinese letters, and nothing is fetched for it."""

import re
import socket
import zlib
from pathlib import Path
from typing import Any

import pytest

from governance import system_parts
from governance.pdf import pdf

BASE = "http://testserver"


def test_a_page_becomes_a_pdf_with_its_links():
    made = pdf(
        '<html lang="zh-hans"><body><a href="/tasks/1/">工作台账</a></body></html>',
        "governance/report.css",
        base=BASE,
    )
    assert made.startswith(b"%PDF-")
    assert b"http://testserver/tasks/1/" in unpacked(made)


def unpacked(made: bytes) -> bytes:
    """All streams of a PDF, one after the other."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    return b"\n".join(zlib.decompress(one) for one in streams if one.startswith(b"x"))


@pytest.mark.parametrize(
    "asked",
    [
        '<img src="http://192.0.2.1/picture.png">',
        '<link rel="stylesheet" href="http://192.0.2.1/style.css">',
        "<style>@import url(http://192.0.2.1/style.css)</style>",
        '<object data="{file}"></object><img src="{file}">',
    ],
)
def test_nothing_is_fetched(asked: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("something was asked for over the network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>SECRET</text></svg>')
    page = f"<html><body>{asked.format(file=secret.as_uri())}</body></html>"
    plain = pdf("<html><body></body></html>", base=BASE)
    assert len(pdf(page, base=BASE)) < len(plain) + 300


def test_what_is_missing_is_told_in_a_sentence():
    assert system_parts.advice([]) == ""
    told = system_parts.advice(["libpango-1.0-0", "fonts-noto-cjk"])
    assert "apt-get install libpango-1.0-0 fonts-noto-cjk" in told


def test_what_is_missing_is_found_by_library_and_font(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(system_parts, "_has", lambda library: library != "pango-1.0")
    monkeypatch.setattr(system_parts, "has_chinese_font", lambda: False)
    assert system_parts.missing() == ["libpango-1.0-0", "fonts-noto-cjk", "fontconfig"]
