"""What differs between two texts, as one reads it: paragraph by paragraph, word by word.

Pure. Chinese is compared by characters, since it is written without spaces.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"
_PIECES = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: the same in both, gone, or new."""

    kind: str
    text: str


def compared(before: str, after: str) -> list[list[Piece]]:
    """The paragraphs of both texts in one, each with what went and what came."""
    old, new = before.splitlines(), after.splitlines()
    found: list[list[Piece]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [[Piece(SAME, line)] for line in new[j1:j2]]
            continue
        gone, come = old[i1:i2], new[j1:j2]
        paired = min(len(gone), len(come))
        found += [_pieces(*pair) for pair in zip(gone, come, strict=False)]
        found += [[Piece(GONE, line)] for line in gone[paired:]]
        found += [[Piece(NEW, line)] for line in come[paired:]]
    return found


def _pieces(before: str, after: str) -> list[Piece]:
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.3:  # hardly anything in common: read them one after the other
        return [Piece(GONE, before), Piece(NEW, after)]
    return list(_runs(matcher, old, new))


def _runs(matcher: "SequenceMatcher[str]", old: list[str], new: list[str]) -> Iterator[Piece]:
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(SAME, "".join(new[j1:j2]))
            continue
        if i2 > i1:
            yield Piece(GONE, "".join(old[i1:i2]))
        if j2 > j1:
            yield Piece(NEW, "".join(new[j1:j2]))
