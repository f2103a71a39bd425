"""The catalogue of translations: ``messages update`` and ``messages compile``.

``update`` collects what is marked for translation in Python files and templates into the
catalogue of every language but English, which is the source; translations are kept, and nothing
is guessed. ``compile`` makes the binary file that Django reads, when it is older than its source.
Neither needs the gettext tools or the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

PACKAGES = ("governance", "actors", "agreements", "seeds")
TEMPLATE_SUFFIXES = {".html", ".txt", ".svg"}
ONE: tuple[int, ...] = (1,)
KEYWORDS = {
    "_": ONE,
    "gettext": ONE,
    "gettext_lazy": ONE,
    "gettext_noop": ONE,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# A fixed date in the header, so that a catalogue changes only when its messages do.
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """One marked text; ``text`` is a pair for a text with a plural, ``context`` mostly None."""

    file: str
    text: str | tuple[str, ...]
    context: str | None
    notes: tuple[str, ...]


def marked_texts() -> Iterator[Found]:
    """Every text of the source that is marked for translation, file by file."""
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                yield from _texts_of(path, path.read_bytes())
            elif path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
                yield from _texts_of(path, _as_python(path))


def _texts_of(path: Path, source: bytes) -> Iterator[Found]:
    file = path.relative_to(settings.BASE_DIR).as_posix()
    options = {"encoding": "utf-8"}
    found = extract(
        "python", BytesIO(source), KEYWORDS, comment_tags=("Translators:",), options=options
    )
    for _line, text, notes, context in found:
        if text and text != ("",):
            yield Found(file, text, context, tuple(notes))


def _as_python(path: Path) -> bytes:
    """A template as the Python calls that stand for its translation tags."""
    calls = templatize(path.read_text("utf-8"), origin=str(path))
    # The indentation of a page would be read as Python's.
    return "\n".join(line.lstrip() for line in calls.splitlines()).encode()


def template_catalogue() -> Catalog:
    """The marked texts without translations."""
    catalogue = _empty(None)
    for found in marked_texts():
        catalogue.add(
            found.text,
            locations=[(found.file, 0)],
            auto_comments=found.notes,
            context=found.context,
        )
    return catalogue


def languages() -> list[str]:
    """The locales that are translated into: all but English."""
    return [to_locale(code) for code, _name in settings.LANGUAGES if code != "en"]


def source_of(locale: str) -> Path:
    """The file in which the translations of ``locale`` are written."""
    folder = Path(settings.LOCALE_PATHS[0]) / locale / "LC_MESSAGES"
    return folder / "django.po"


def catalogue_of(locale: str) -> Catalog:
    """The translations of ``locale``; an empty catalogue when there is no file yet."""
    path = source_of(locale)
    if not path.exists():
        return _empty(locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def _empty(locale: str | None) -> Catalog:
    return Catalog(
        locale=locale,
        header_comment="# Concord",
        project="Concord",
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        creation_date=BEGINNING,
        revision_date=BEGINNING,
        fuzzy=False,
    )


def update(locale: str) -> int:
    """Bring the catalogue up to date with the source; how many texts lack a translation."""
    catalogue = catalogue_of(locale)
    catalogue.update(template_catalogue(), no_fuzzy_matching=True)
    catalogue.creation_date = catalogue.revision_date = BEGINNING
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=100, sort_output=True, include_lineno=False)
    path = source_of(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != written.getvalue():
        path.write_bytes(written.getvalue())
    return sum(not is_translated(message.string) for message in catalogue if message.id)


def is_translated(translation: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether there is a translation, in each of its plural forms."""
    forms = [translation] if isinstance(translation, str) else list(translation or ())
    return bool(forms) and all(forms)


def compile_stale(locale: str) -> bool:
    """Make the binary catalogue when it is older than its source; whether that was needed."""
    path = source_of(locale)
    binary = path.with_suffix(".mo")
    if not path.exists():
        return False
    if binary.exists() and binary.stat().st_mtime > path.stat().st_mtime:
        return False
    written = BytesIO()
    write_mo(written, catalogue_of(locale))
    # Written beside and moved, because another process may read it now.
    beside = binary.with_suffix(".mo.new")
    beside.write_bytes(written.getvalue())
    beside.replace(binary)
    return True


class Command(BaseCommand):
    """``manage.py messages update|compile``."""

    help = "Collects the texts to translate, or compiles their translations."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["update", "compile"])

    def handle(self, *args: str, **options: str) -> None:
        for locale in languages():
            if options["action"] == "compile":
                done = compile_stale(locale)
                self.stdout.write(f"{locale}: {'compiled' if done else 'up to date'}")
            else:
                self.stdout.write(f"{locale}: {update(locale)} without a translation")
