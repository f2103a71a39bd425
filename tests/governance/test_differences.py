"""What differs between two texts, as one reads it."""

import pytest

from governance.portal.differences import GONE, NEW, SAME, compared


def told(before: str, after: str) -> list[list[tuple[str, str]]]:
    return [[(piece.kind, piece.text) for piece in line] for line in compared(before, after)]


def test_equal_texts_do_not_differ():
    assert told("One\nTwo", "One\nTwo") == [[(SAME, "One")], [(SAME, "Two")]]
    assert told("", "") == []


def test_a_changed_word_is_shown_within_its_paragraph():
    assert told("It was loud.", "It was quiet.") == [
        [(SAME, "It was "), (GONE, "loud"), (NEW, "quiet"), (SAME, ".")]
    ]


def test_chinese_is_compared_by_characters():
    assert told("会议听取了汇报。", "会议听取了季度汇报。") == [
        [(SAME, "会议听取了"), (NEW, "季度"), (SAME, "汇报。")]
    ]


def test_paragraphs_that_have_nothing_in_common_stand_one_after_the_other():
    assert told("abc", "xyz") == [[(GONE, "abc"), (NEW, "xyz")]]


@pytest.mark.parametrize(("before", "after", "kind"), [("", "New", NEW), ("Old", "", GONE)])
def test_a_whole_paragraph_comes_or_goes(before: str, after: str, kind: str):
    assert told(before, after) == [[(kind, before or after)]]
