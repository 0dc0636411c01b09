"""Twins: syllables of the same letters under other marks, and which of them print confuses.

Marks above a letter melt into each other where print is small or faint: hook, acute, tilde, grave,
and the hat below them. A dot below is lost or made by dirt; it never becomes a mark above.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from config.vietnamese import fold
from digitize.syllables import canonical, is_syllable

_HATS = {"a": "aăâ", "e": "eê", "o": "oôơ", "u": "uư", "d": "dđ"}
_VOWELS = "aeiouy"
_TONES = "\u0300\u0301\u0309\u0303\u0323"
_DOT_BELOW = "\u0323"
_OWN_MARKS = _TONES + "\u0302\u0306\u031b"


def without_foreign_marks(word: str) -> str:
    """Return a word without marks that Vietnamese does not have, as dirt adds them: trä."""
    split = unicodedata.normalize("NFD", word)
    kept = (part for part in split if part in _OWN_MARKS or not unicodedata.combining(part))
    return unicodedata.normalize("NFC", "".join(kept))


@lru_cache(maxsize=1 << 14)
def is_mistakable(read: str, meant: str) -> bool:
    """Tell whether two spellings of the same letters differ in one mark that print confuses."""
    if fold(read) != fold(meant):
        return False
    tones = {_tone(read), _tone(meant)}
    if len(tones) == 1:
        return _changed_letters(read, meant) == 1
    is_likely = _DOT_BELOW not in tones or "" in tones
    return is_likely and not _changed_letters(read, meant)


@lru_cache(maxsize=1 << 14)
def has_fewer_marks(read: str, meant: str) -> bool:
    """Tell whether a spelling is another one that lost marks, and has none of its own."""
    if read == meant or len(read) != len(meant) or fold(read) != fold(meant):
        return False
    return all(_marks(one) <= _marks(other) for one, other in zip(read, meant, strict=True))


@lru_cache(maxsize=1 << 14)
def has_all_marks(word: str) -> bool:
    """Tell whether a syllable has a mark of shape and one of tone: no other has more."""
    marks = frozenset(mark for letter in word for mark in _marks(letter))
    return bool(marks & set(_TONES)) and bool(marks - set(_TONES))


def _marks(letter: str) -> frozenset[str]:
    return frozenset("đ" if letter == "đ" else unicodedata.normalize("NFD", letter)[1:])


@lru_cache(maxsize=1 << 14)
def likely_twins(read: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of known words that a spelling may be a misreading of."""
    return tuple(word for word in known if is_mistakable(read, word))


def _changed_letters(one: str, other: str) -> int:
    """Return how many letters bear another hat or stroke."""
    pairs = zip(_without_tone(one), _without_tone(other), strict=True)
    return sum(left != right for left, right in pairs)


def _without_tone(word: str) -> str:
    split = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(part for part in split if part not in _TONES))


def _tone(word: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFD", word) if part in _TONES)


@lru_cache(maxsize=1 << 12)
def legal_twins(read: str) -> frozenset[str]:
    """Return the legal syllables that a spelling may be a misreading of, as `canonical` does."""
    hatted = product(*(_HATS.get(letter, letter) for letter in fold(read)))
    spelled = (word for letters in hatted for word in _with_tones("".join(letters)))
    return frozenset(
        canonical(word) for word in spelled if is_syllable(word) and is_mistakable(read, word)
    )


def _with_tones(word: str) -> Iterator[str]:
    yield word
    places = [place for place, letter in enumerate(word) if fold(letter) in _VOWELS]
    for place, tone in product(places, _TONES):
        yield unicodedata.normalize("NFC", word[: place + 1] + tone + word[place + 1 :])
