"""Days, lists, labels and sentences, put together as each language does it."""

from datetime import date

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from governance import wording

DAY = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("english", "chinese", "told"),
    [
        ("31 December 2026", "2026年12月31日", lambda: wording.day_text(DAY)),
        ("A, B, C", "A、B、C", lambda: wording.listed("ABC")),
        ("", "", lambda: wording.listed([])),
        ("Due: now", "Due：now", lambda: wording.labelled("Due", "now")),
        ("Lin, chief", "Lin，chief", lambda: wording.detailed("Lin", "chief")),
        ("Lin", "Lin", lambda: wording.detailed("Lin", "")),
        ("Lin (Alba)", "Lin（Alba）", lambda: wording.noted("Lin", "Alba")),
        ("A. B. C.", "A.B.C.", lambda: wording.in_a_row(["A.", "B.", "C."])),
        ("", "", lambda: wording.in_a_row([])),
        ("1 month", "1个月", lambda: wording.length_text(1, "month")),
        ("6 months", "6个月", lambda: wording.length_text(6, "month")),
        ("2 years", "2年", lambda: wording.length_text(2, "year")),
    ],
)
def test_words_are_put_together_as_the_reader_does(english, chinese, told):
    with translation.override("en"):
        assert told() == english
    with translation.override("zh-hans"):
        assert told() == chinese


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (gettext_lazy("Status"), "Status / 状态"),
        (gettext_lazy("RSS"), "RSS"),
        ("Flood / 洪水", "Flood / 洪水"),
        ("", ""),
    ],
)
def test_what_the_system_says_is_kept_in_every_language_and_a_persons_words_as_they_are(
    words, told
):
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert wording.kept(words) == told


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        ("Status / 状态", "Status", "状态"),
        ("Status / 情况", "Status / 情况", "Status / 情况"),
        ("Flood / 洪水", "Flood / 洪水", "Flood / 洪水"),
        ("Either / or", "Either / or", "Either / or"),
        (" / 状态", " / 状态", " / 状态"),
        ("", "", ""),
    ],
)
def test_what_the_system_kept_is_read_in_the_readers_language_alone(words, english, chinese):
    with translation.override("en"):
        assert wording.in_the_readers(words) == english
    with translation.override("zh-hans"):
        assert wording.in_the_readers(words) == chinese


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "told"),
    [
        (date(2026, 7, 1), date(2027, 1, 1), "1 July 2026 to 31 December 2026"),
        (date(2026, 7, 1), None, "from 1 July 2026"),
        (None, date(2027, 1, 1), "until 31 December 2026"),
        (None, None, ""),
    ],
)
def test_a_period_names_its_last_day(starts_on, ends_on, told):
    assert wording.period_text(starts_on, ends_on) == told
