"""Pages as PDF, with Chinese fonts, by WeasyPrint.

WeasyPrint draws with Pango, a library of the system and not of Python: it is imported only when a
PDF is asked for, so that an installation without Pango serves everything else.
"""

from django.contrib.staticfiles import finders
from django.utils.translation import gettext_lazy as _

MEDIA_TYPE = "application/pdf"


class NoPdf(Exception):
    """This machine cannot make a PDF; the message says what is missing."""


def pdf(html: str, *styles: str, base: str) -> bytes:
    """The page as PDF, styled by these static stylesheets alone. Raises NoPdf.

    What it links to lies under the address ``base``.
    Nothing is fetched: whatever address the page names, no file and no host is asked for it.
    """
    try:
        import weasyprint  # noqa: PLC0415 - needs Pango, which may be missing: see above
    except OSError as missing:
        raise NoPdf(
            _(
                "This server cannot make PDF files: the system library Pango is missing."
                " The same report is there as a page and as XLSX."
            )
        ) from missing
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    counters = weasyprint.css.counters.CounterStyle()
    sheets = [
        weasyprint.CSS(string=_style(name), url_fetcher=nothing, counter_style=counters)
        for name in styles
    ]
    page = weasyprint.HTML(string=html, base_url=f"{base}/", url_fetcher=nothing)
    made: bytes = page.write_pdf(stylesheets=sheets, counter_style=counters)
    return made


def _style(name: str) -> str:
    path = finders.find(name)
    assert isinstance(path, str), name
    with open(path, encoding="utf-8") as file:
        return file.read()
