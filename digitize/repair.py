"""Repair words whose marks were misread: the right letters under the wrong hat or tone.

A word is changed only where the reading speaks against itself: a syllable that Vietnamese cannot
have, or one that the law never writes in this place while its twin stands there again and again.
What was read stays beside what it became. Names, words with digits, abbreviations and foreign words
are left as they were read, and no repair makes a word surer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

from config.vietnamese import fold
from digitize.model import Line, Word
from digitize.phrases import BREAK, Phrases, keys, of_law, split_edges
from digitize.syllables import canonical, is_abbreviation, is_syllable

_HATS = {"a": "aăâ", "e": "eê", "i": "i", "o": "oôơ", "u": "uư", "y": "y", "d": "dđ"}
_TONES = "\u0300\u0301\u0309\u0303\u0323"
# A twin differs in the tone, or in one hat; more is another word.
_MAX_CHANGES = 2
# How often a twin must stand in this place in the law. Surer words need more to speak against them.
_ENOUGH = 2
_ENOUGH_IF_SURE = 4
_SURE = 0.95
# How much more often than any other twin.
_CLEARLY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The syllables around a word, as phrases are counted."""

    before: tuple[str, str]
    after: tuple[str, str]


def repair_lines(lines: Sequence[Line], phrases: Phrases | None = None) -> tuple[Line, ...]:
    """Return lines with misread marks put right, `Word.read` telling what was read.

    Args:
        lines: the running text of a page, in reading order.
        phrases: what follows what; None for the law's.
    """
    known = of_law() if phrases is None else phrases
    words = [word for line in lines for word in line.words]
    repaired = iter([_repaired(word, place, known) for word, place in _placed(words)])
    return tuple(replace(line, words=tuple(next(repaired) for _ in line.words)) for line in lines)


def _placed(words: Sequence[Word]) -> Iterator[tuple[Word, _Place]]:
    rows = [list(keys([word.text])) for word in words]
    row = [BREAK, BREAK, *(key for keys_of_word in rows for key in keys_of_word), BREAK, BREAK]
    at = 2
    for word, own in zip(words, rows, strict=True):
        core = at + next((place for place, key in enumerate(own) if key != BREAK), 0)
        before = (row[core - 2], row[core - 1])
        after = (row[core + 1], row[core + 2]) if core + 2 < len(row) else (BREAK, BREAK)
        yield word, _Place(before=before, after=after)
        at += len(own)


def _repaired(word: Word, place: _Place, phrases: Phrases) -> Word:
    before, core, after = split_edges(word.text)
    if not _may_be_misread(core):
        return word
    twin = _twin(core, place, phrases, word.confidence)
    if twin is None:
        return word
    text = before + _as_written(core, twin) + after
    return replace(word, text=text, read=word.read or word.text)


def _may_be_misread(core: str) -> bool:
    return len(core) > 1 and core.isalpha() and (is_syllable(core) or not is_abbreviation(core))


def _twin(core: str, place: _Place, phrases: Phrases, confidence: float) -> str | None:
    """Return the syllable that a word should have been read as; None to leave it."""
    read = canonical(core)
    if not is_syllable(core) and not core.isascii():
        only = _only_legal(read)
        if only is not None:
            return only
    return _usual(read, place, phrases, confidence)


def _only_legal(read: str) -> str | None:
    """Return the one legal twin that is nearest to what no syllable is."""
    twins = _legal_twins(read)
    nearest = min(twins.values(), default=0)
    found = [twin for twin, changes in twins.items() if changes == nearest]
    return found[0] if len(found) == 1 else None


def _usual(read: str, place: _Place, phrases: Phrases, confidence: float) -> str | None:
    """Return the twin that stands in this place in the law, where what was read never does."""
    if _evidence(read, place, phrases):
        return None
    enough = _ENOUGH_IF_SURE if confidence >= _SURE else _ENOUGH
    ranked = sorted(
        (
            (_evidence(twin, place, phrases), twin)
            for twin in phrases.twins.get(fold(read), ())
            if 0 < changes_between(read, twin) <= _MAX_CHANGES
        ),
        reverse=True,
    )
    if not ranked or ranked[0][0] < enough:
        return None
    if len(ranked) > 1 and ranked[0][0] < _CLEARLY * ranked[1][0]:
        return None
    return ranked[0][1]


def _evidence(word: str, place: _Place, phrases: Phrases) -> int:
    """Return how often a word stands in this place: between both neighbours, or in a three."""
    (far, left), (right, beyond) = place.before, place.after
    return (
        phrases.triples[left, word, right]
        + phrases.triples[far, left, word]
        + phrases.triples[word, right, beyond]
    )


def changes_between(one: str, other: str) -> int:
    """Return in how many hats, strokes and tones two spellings of the same letters differ."""
    hats = sum(
        _without_tone(left) != _without_tone(right) for left, right in zip(one, other, strict=True)
    )
    return hats + (_tone(one) != _tone(other))


def _without_tone(letter: str) -> str:
    split = unicodedata.normalize("NFD", letter)
    return unicodedata.normalize("NFC", "".join(mark for mark in split if mark not in _TONES))


def _tone(word: str) -> str:
    return "".join(mark for mark in unicodedata.normalize("NFD", word) if mark in _TONES)


@lru_cache(maxsize=1 << 12)
def _legal_twins(read: str) -> dict[str, int]:
    """Return the legal syllables of the same letters, with what differs."""
    letters = [_HATS.get(letter, letter) for letter in fold(read)]
    twins: dict[str, int] = {}
    for hatted in product(*letters):
        for spelled in _with_tones("".join(hatted)):
            changes = changes_between(read, spelled) if is_syllable(spelled) else 0
            if 0 < changes <= _MAX_CHANGES:
                twins[canonical(spelled)] = changes
    return twins


def _with_tones(hatted: str) -> Iterator[str]:
    yield hatted
    places = [place for place, letter in enumerate(hatted) if fold(letter) in "aeiouy"]
    for place, tone in product(places, _TONES):
        yield unicodedata.normalize("NFC", hatted[: place + 1] + tone + hatted[place + 1 :])


def _as_written(core: str, twin: str) -> str:
    """Give a twin the capitals of the word that was read."""
    pairs = zip(core, twin, strict=True)
    return "".join(new.upper() if old.isupper() else new for old, new in pairs)
