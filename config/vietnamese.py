"""Vietnamese text reduced to the form that two spellings or two readings share."""

from __future__ import annotations

import unicodedata

# Eth and African D look like Đ; old keyboards and fonts wrote them for it.
_STROKE = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ɖ": "d", "Ɖ": "D"})
# A mark that composes with nothing keeps its place as this sign: were it kept itself, it would
# compose with the bare letter when folded again.
_LOST_MARK = "\ue000"


def strip_marks(text: str) -> str:
    """Drop tone and vowel marks, đ to d; one character out for each NFC character in."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(_base(character) for character in composed).translate(_STROKE)


def _base(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.category(character) == "Mn":
        return _LOST_MARK
    bare = unicodedata.normalize("NFD", character)[0]
    return bare if unicodedata.category(bare).startswith("L") else character


def fold(text: str) -> str:
    """Lower case without marks; keeps the length of NFC text, so places carry over."""
    return "".join(_lower(character) for character in strip_marks(text))


def _lower(character: str) -> str:
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character
