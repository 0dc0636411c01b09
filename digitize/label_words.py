"""Labels as words: how they are compared, where they may begin, and where their values do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from config.vietnamese import fold
from digitize.model import Word

# Between a label and its colon there may stand a hint in brackets, its English, or an address.
_BETWEEN = re.compile(r"^(?:\(.*\)|/.*|(?:cua )?(?:ong|ba|ong/ba|ong \(ba\))|\W*)$")
_LONGEST_BETWEEN = 14
BULLET = re.compile(
    r"^(?:[\W_]+|[(\[]?\w{1,2}[\].)]+|[ivx]{1,4}[.)]|\d{1,2}(?:\.\d{1,2})*[.)]?)$", re.IGNORECASE
)
_SENTENCE_END = (".", ",", ";", ":", ")")
# A misread letter is passed over in words of so many letters.
_FORGIVEN = 5
# What opens a clause about another paper.
_CITES = re.compile(r"^\W*(?:can cu|theo|kem theo|xet|thuc hien|thay the|kem|ban hanh)\b")
_SHORTEST_NAME = 2
# What may stand behind a label without a colon.
_UNPARTED = re.compile(r"^(?:\S*\d\S*|ngay|luc|vao)\W*$")
ADDRESSES = frozenset({"ong", "ba", "ong ba", "ho ong", "ho ba"})
"""Before a person's name, with a colon or not: they head a row, and are no label within one."""


def fold_label(text: str) -> str:
    """Return a label as labels are compared: folded, letters and digits, single spaces."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(text)).split())


def may_begin(words: Sequence[Word], at: int) -> bool:
    """Tell whether a label may begin at a word: at the start, or where something ended."""
    before = words[:at]
    if all(BULLET.match(word.text) for word in before):
        return True
    return before[-1].text.endswith(_SENTENCE_END) or any(
        word.text.endswith(":") for word in before
    )


def is_of_cited(words: Sequence[Word], at: int) -> bool:
    """Tell whether a clause that names another paper by its number goes on at a word."""
    before = [fold(word.text) for word in words[:at]]
    return bool(_CITES.match(" ".join(before))) and any(
        word.strip(":.") == "so" and any(map(str.isdigit, number))
        for word, number in pairwise(before)
    )


def is_alike(read: str, wanted: str) -> bool:
    """Tell whether a word is one of a label's, one letter of a long word misread at most."""
    if read == wanted:
        return True
    if len(read) != len(wanted) or len(wanted) < _FORGIVEN:
        return False
    return sum(one != other for one, other in zip(read, wanted, strict=True)) == 1


def value_after(words: Sequence[Word], end: int) -> int | None:
    """Return where the value begins; None where the words go on and name something else."""
    if words[end - 1].text.endswith(":") or end == len(words):
        return end
    if words[end].text.startswith("(") and words[-1].text.endswith(")"):
        # The head of a part: BÊN TẶNG CHO (sau đây gọi là Bên A).
        return len(words)
    for at in range(end, min(end + _LONGEST_BETWEEN, len(words))):
        if words[at].text.endswith(":"):
            between = fold(" ".join(word.text for word in words[end : at + 1])).rstrip(" :")
            return at + 1 if _BETWEEN.match(between.strip()) else None
    is_told = _UNPARTED.match(fold(words[end].text)) or is_name_behind(words[:end], words[end:])
    return end if is_told else None


def is_name_behind(label: Sequence[Word], behind: Sequence[Word]) -> bool:
    """Tell whether capitals stand behind a label that is none: a name parts from it so, too."""
    first = behind[:_SHORTEST_NAME]
    is_name = len(first) == _SHORTEST_NAME and all(
        word.text.isupper() and word.text.strip(".,;").isalpha() for word in first
    )
    return is_name and not label[-1].text.isupper()
