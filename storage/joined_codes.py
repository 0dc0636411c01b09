"""Codes run together: 12/QĐ-UBND is found as 12QĐUBND, and the other way round."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from config.vietnamese import LONE_MARK, fold
from storage.fold import is_plain, spellings

# Parts of a code on paper; around a slash printers and recognition leave blanks.
# Whole words, never tried again in part: hostile texts have very long ones.
_WORD = rf"[^\W_]++(?:{LONE_MARK}[^\W_]*+)*+"
_PIECE = re.compile(rf"(?<![^\W_]){_WORD}(?:(?:[.\-–_:&()]+|[ \t]?/[ \t]?){_WORD})+")
_DIGIT = re.compile(r"\d")
_MAX_WORDS = 8
_LENGTHS = range(5, 41)
# So many digits in a row are a number of something, fewer may be a day or a sum.
_NUMBER_DIGITS = 9


def joined(words: Sequence[str]) -> str | None:
    """Return the folded words of a code run together; None where they are no code."""
    together = "".join(words)
    if len(together) not in _LENGTHS or len(words) > _MAX_WORDS:
        return None
    digits = sum(letter.isdigit() for letter in together)
    is_mixed = 0 < digits < len(together)
    return together if is_mixed or digits >= _NUMBER_DIGITS else None


def joined_codes(text: str) -> set[str]:
    """Return the codes of a text whose parts are parted by signs, each run together."""
    lines = unicodedata.normalize("NFC", text).split("\n")
    # A mark that belongs to no letter parts no word.
    numbered = (_marked(line) for line in lines if _DIGIT.search(line))
    found = (piece.group() for line in numbered for piece in _PIECE.finditer(line))
    pieces = (piece for piece in found if _DIGIT.search(piece))
    words = ([form for _, form in spellings(piece)] for piece in pieces)
    return {code for parts in words if (code := joined(parts)) is not None}


def _marked(line: str) -> str:
    return line if is_plain(line) else fold(line)
