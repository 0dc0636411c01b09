"""Vietnamese text in the form in which only base letters count."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# A combining mark that NFC leaves alone keeps its place in the folded text as this private-use
# character, so that lengths agree; search drops it.
LONE_MARK = "\ue000"
# Eth and African D look like Đ; old keyboards and fonts wrote them for it.
_STROKED_D = ("đ", "ð", "ɖ")
_LONGEST_KEPT = 100


def fold(text: str) -> str:
    """Return the form in which only base letters count: no marks, đ as d, lower case.

    As long as the NFC form of the text, letter for letter, so that places carry over. Idempotent.
    """
    return _folded(text) if len(text) <= _LONGEST_KEPT else _folded.__wrapped__(text)


def fold_unkept(text: str) -> str:
    """Return what `fold` does, of which nothing stays in memory: for passwords."""
    return _folded.__wrapped__(text)


# A page's words are asked for hundreds of times while it is understood; whole pages but once.
@lru_cache(maxsize=1 << 14)
def _folded(text: str) -> str:
    return "".join(map(_fold_letter, unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=1 << 14)
def _fold_letter(letter: str) -> str:
    if unicodedata.combining(letter):
        return LONE_MARK
    parts = unicodedata.normalize("NFD", letter)
    # Parts that are no marks belong to Hangul and the like; those letters stay whole.
    base = parts[0] if all(map(unicodedata.combining, parts[1:])) else letter
    lowered = base.lower()
    if len(lowered) != 1:
        lowered = base
    if lowered in _STROKED_D:
        return "d"
    return lowered if lowered == letter else _fold_letter(lowered)
