"""Vietnamese text as search sees it: an exact form and a form without diacritics."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from config.vietnamese import LONE_MARK, fold

# The tone of oa, oe, uy at the end of a syllable stands on either letter, by school or by
# keyboard; the older place is the canonical one here. Not after q: there u belongs to the q.
_TONES = (
    "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ",
    "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy",
)
_PLACES = dict(zip(_TONES[0].split(), _TONES[1].split(), strict=True))
_MISPLACED = re.compile(rf"(?<!q)(?:{'|'.join(_PLACES)})(?!\w)")

_WORD = re.compile(rf"[^\W_]+(?:{LONE_MARK}+[^\W_]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a text."""

    start: int
    """Offset of its first character in the NFC form of the text."""
    end: int
    """Offset after its last character."""
    exact: str
    """Exact form."""
    folded: str
    """Form without diacritics."""


def exact(text: str) -> str:
    """Return the form in which spelling counts: NFC, lower case, canonical tone placement.

    Combining marks that belong to no letter are dropped. Idempotent.
    """
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    bare = "".join(letter for letter in lowered if not unicodedata.combining(letter))
    composed = unicodedata.normalize("NFC", bare)
    return _MISPLACED.sub(lambda match: _PLACES[match.group()], composed)


def words(text: str) -> list[Word]:
    """Return the words of a text in order: runs of letters and digits."""
    composed = unicodedata.normalize("NFC", text)
    found = []
    for match in _WORD.finditer(fold(composed)):
        start, end = match.span()
        form, folded = _forms(composed[start:end])
        if form and folded:
            found.append(Word(start=start, end=end, exact=form, folded=folded))
    return found


@lru_cache(maxsize=1 << 16)
def _forms(word: str) -> tuple[str, str]:
    # Words only, so that any word of the one form stands beside one of the other.
    spelled = "".join(letter for letter in exact(word) if letter.isalnum())
    return spelled, fold(word).replace(LONE_MARK, "")
