"""Vietnamese text as search sees it: an exact form and a form without diacritics."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from config.vietnamese import LONE_MARK, fold

# Tones and shapes of letters, as combining marks; a tone never tells two syllables apart by the
# letter it stands on.
_TONES = "\u0300\u0301\u0309\u0303\u0323"
_SHAPES = "\u0302\u0306\u031b"
_TONE_FIRST = re.compile(f"([{_TONES}]+)([{_SHAPES}])")
# A syllable spelled out, without its tone: onset, where u belongs to q and i to g; vowels; coda.
_VOWEL = "(?:[aeo]\u0302|a\u0306|[ou]\u031b|[aeiouy])"
_SYLLABLE = re.compile(
    rf"(?:qu|gi(?=[aeiouy])|[b-df-hj-np-tv-xzđ]*)"
    rf"(?P<vowels>{_VOWEL}+)(?P<coda>[b-df-hj-np-tv-xz]*)"
)
# Eth and African D look like Đ; old keyboards and fonts wrote them for it.
_STROKED_D = str.maketrans("ðɖ", "đđ")
_RUN = re.compile(r"[^\W\d_]+")

_WORD = re.compile(rf"[^\W_]+(?:{LONE_MARK}+[^\W_]*)*")
# Latin letters and their punctuation hold no combining marks: there a word is a plain run.
_UNUSUAL = re.compile("[^\x00-\u02ff\u1e00-\u1eff\u2010-\u206f]")
_PLAIN_WORD = re.compile(r"[^\W_]+")


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
    lowered = unicodedata.normalize("NFC", text).lower().translate(_STROKED_D)
    # Old keyboards and converters put the tone before the circumflex; NFC then leaves both apart.
    spelled = _TONE_FIRST.sub(r"\2\1", unicodedata.normalize("NFD", lowered))
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFC", spelled)
        if not unicodedata.combining(letter)
    )
    composed = unicodedata.normalize("NFC", bare)
    return composed if composed.isascii() else _RUN.sub(_with_tone_in_place, composed)


def _with_tone_in_place(match: re.Match[str]) -> str:
    return place_tone(match.group())


@lru_cache(maxsize=1 << 14)
def place_tone(syllable: str) -> str:
    """Return a syllable, lower case, with its tone on the letter where the older school puts it.

    hoà, thuỷ, khoẻ → hòa, thủy, khỏe, and what a keyboard or a converter misplaced: hòan, qúy,
    gía → hoàn, quý, giá. Spelling stays: quý and quí are two. What is no syllable with one tone
    stays as it is.
    """
    spelled = unicodedata.normalize("NFD", syllable)
    tones = [letter for letter in spelled if letter in _TONES]
    if len(tones) != 1:
        return syllable
    toneless = "".join(letter for letter in spelled if letter not in _TONES)
    found = _SYLLABLE.fullmatch(toneless)
    if found is None:
        return syllable
    place = found.start("vowels") + _tone_place(found["vowels"], is_open=not found["coda"])
    return unicodedata.normalize("NFC", toneless[:place] + tones[0] + toneless[place:])


def _tone_place(vowels: str, *, is_open: bool) -> int:
    """Return behind which of the vowels' letters and marks the tone stands."""
    letters = list(re.finditer(_VOWEL, vowels))
    shaped = [letter for letter in letters if len(letter.group()) > 1]
    if shaped:
        return shaped[-1].end()
    if len(letters) == 1 or (is_open and len(letters) == 2):
        return letters[0].end()
    return letters[1].end()


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


def spellings(text: str) -> list[tuple[str, str]]:
    """Return the exact and the folded form of each of `words`, without places: much faster."""
    composed = unicodedata.normalize("NFC", text)
    if not is_plain(composed):
        return [(word.exact, word.folded) for word in words(composed)]
    return plain_spellings(composed)


def plain_spellings(text: str) -> list[tuple[str, str]]:
    """Return what `spellings` does, of a text that is known to be plain and in NFC."""
    return [forms for forms in map(_forms, _PLAIN_WORD.findall(text)) if forms[1]]


def is_plain(text: str) -> bool:
    """Tell whether a text in NFC holds only letters that stand alone: then its words are runs."""
    return _UNUSUAL.search(text) is None


def placements(word: str) -> set[str]:
    """Return every spelling of an exact word, in lower case, that differs in its tone's place."""
    spelled = unicodedata.normalize("NFD", word)
    tones = [letter for letter in spelled if letter in _TONES]
    if len(tones) != 1:
        return {word}
    bare = spelled.replace(tones[0], "")
    moved = (bare[:place] + tones[0] + bare[place:] for place in range(1, len(bare) + 1))
    composed = {unicodedata.normalize("NFC", spelling) for spelling in moved}
    return {word, *(spelling for spelling in composed if exact(spelling) == word)}


@lru_cache(maxsize=1 << 16)
def _forms(word: str) -> tuple[str, str]:
    # Words only, so that any word of the one form stands beside one of the other.
    spelled = "".join(letter for letter in exact(word) if letter.isalnum())
    return spelled, fold(word).replace(LONE_MARK, "")
