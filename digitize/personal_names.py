"""Names of persons in a text: where they stand, and family names that lost a mark.

Any syllable may be a name, so nothing that follows a family name is repaired. The family name is
one of few: what stands before Văn or Thị and is one mark away from one was misread.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from digitize.phrases import BREAK, Phrases, keys, split_edges
from digitize.syllables import canonical
from digitize.twins import is_mistakable

# Family names that lose or bend a mark, where nothing else begins so before Văn or Thị: not Đỗ
# (Đô thị), not Trương (Trường Văn hóa).
_MISREAD = ("nguyễn", "trần", "phạm", "đặng", "bùi", "hoàng", "huỳnh", "lê", "võ", "vũ", "hồ")
_MIDDLE = ("văn", "thị")
# After one of these in capitals, capitals are a name; not Hồ (HỒ SƠ), not Lý (LÝ LỊCH).
_BEGIN = frozenset({*_MISREAD, "đỗ", "ngô", "phan", "trương", "đinh", "trịnh"}) - {"hồ"}
_LONGEST = 4
_ADDRESSES = ("ông", "bà", "anh", "chị", "cháu")


def follows_family_name(words: Sequence[str], index: int) -> bool:
    """Tell whether a word is a later part of a person's name."""
    for back in range(1, _LONGEST):
        at = index - back
        if at < 0 or not _is_joined(words[at], words[at + 1]):
            return False
        if canonical(_core(words[at])) in _BEGIN:
            return True
    return False


def family_name(words: Sequence[str], index: int, phrases: Phrases) -> str | None:
    """Return the family name that a word must be, for it stands before Văn or Thị and a name.

    Args:
        words: the words of a page.
        index: which of them.
        phrases: what stands together in the law, and is no name (Văn bản).
    """
    read = canonical(_core(words[index]))
    if read in _MISREAD or index + 2 >= len(words) or _is_inside(words, index):
        return None
    row = words[index : index + 3]
    joined = all(_is_joined(*pair) for pair in pairwise(row))
    middle, given = (canonical(_core(word)) for word in row[1:])
    if not joined or middle not in _MIDDLE or phrases.pairs[middle, given]:
        return None
    names = [name for name in _MISREAD if is_mistakable(read, name)]
    return names[0] if len(names) == 1 else None


def _is_inside(words: Sequence[str], index: int) -> bool:
    before = words[index - 1] if index else ""
    return canonical(_core(before)) not in _ADDRESSES and _is_joined(before, words[index])


def _is_joined(word: str, following: str) -> bool:
    """Tell whether two words begin with capitals and no punctuation stands between them."""
    capitals = _core(word)[:1].isupper() and _core(following)[:1].isupper()
    return capitals and keys(word)[-1] != BREAK and keys(following)[0] != BREAK


def _core(word: str) -> str:
    return split_edges(word)[1]
