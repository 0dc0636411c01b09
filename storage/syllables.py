"""Is a word a possible Vietnamese syllable? By its letters alone: no list of words is needed."""

from __future__ import annotations

import re
import unicodedata

from config.vietnamese import fold

_ONSET = "(?:ch|gh|gi|kh|ngh|ng|nh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
_NUCLEUS = (
    "(?:i?êu|yêu|uôi|ươ[iu]|oa[iy]|oeo|uây|uya|uyu|uyê|[iy]ê|uô|ươ|uâ|oă|o[aei]|u[êơyia]|[iy]a"
    "|ư[aiu]|a[iouy]|â[uy]|eo|iu|[ôơ]i|[aăâeêioôơuưy])"
)
_CODA = "(?:ch|ng|nh|[cmnpt])?"
_SYLLABLE = re.compile(_ONSET + _NUCLEUS + _CODA)
_FOLDED = re.compile(fold(_ONSET + _NUCLEUS + _CODA))
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def is_syllable(word: str) -> bool:
    """Tell whether a word is spelled as Vietnamese syllables are, with one tone at most."""
    spelled = unicodedata.normalize("NFD", word.lower())
    tones = sum(letter in _TONES for letter in spelled)
    bare = "".join(letter for letter in spelled if letter not in _TONES)
    return tones <= 1 and _SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)) is not None


def is_folded_syllable(word: str) -> bool:
    """Tell whether a folded word is a syllable without its marks."""
    return _FOLDED.fullmatch(word) is not None
