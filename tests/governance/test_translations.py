"""Everything a person reads is there in both languages."""

import ast
import re

import pytest
from babel.messages.catalog import Message
from django.conf import settings

from governance.management.commands import messages

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[sdrfiu]|\{\w*\}")


def placeholders(text: str) -> list[str]:
    """What is filled in when ``text`` is shown: ``%(name)s``, ``%d``, ``{name}``."""
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def texts(locale: str) -> list[Message]:
    """The marked texts of the source, each with its entry in the catalogue of ``locale``."""
    catalogue = messages.catalogue_of(locale)
    return [
        catalogue.get(wanted.id, wanted.context) or wanted
        for wanted in messages.template_catalogue()
        if wanted.id
    ]


@pytest.fixture(scope="module", params=messages.languages())
def locale(request: pytest.FixtureRequest) -> str:
    return request.param


def test_marked_texts_are_found_in_python_and_in_templates():
    files = {found.file.rpartition(".")[2] for found in messages.marked_texts()}
    assert files >= {"py", "html"}


def test_texts_are_marked_by_the_names_that_are_searched_for():
    """Under another name a text would be marked and never found, and so never translated."""
    unknown = [
        (path.name, alias.asname or alias.name)
        for package in messages.PACKAGES
        for path in (settings.BASE_DIR / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in messages.KEYWORDS and (alias.asname or alias.name) not in messages.KEYWORDS
    ]
    assert unknown == []


def test_every_marked_text_is_translated(locale):
    missing = [text.id for text in texts(locale) if not messages.is_translated(text.string)]
    assert missing == [], f"run 'make messages' and translate into {locale}"


def test_no_translation_is_a_guess(locale):
    assert [text.id for text in texts(locale) if text.fuzzy] == []


def test_translations_fill_in_what_the_source_fills_in(locale):
    # The last form of a plural names the number; the first may say "one day" instead.
    differing = {
        text.id: form
        for text in texts(locale)
        for form in forms(text.string)
        if form and placeholders(form) != placeholders(forms(text.id)[-1])
    }
    assert differing == {}


def test_the_catalogue_holds_nothing_that_is_no_longer_used(locale):
    wanted = {(text.id, text.context) for text in messages.template_catalogue()}
    kept = {(text.id, text.context) for text in messages.catalogue_of(locale)}
    assert kept - wanted == set(), "run 'make messages'"
