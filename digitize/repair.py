"""Repair words whose marks were misread: the right letters under the wrong hat or tone.

A word is changed only where the reading speaks against itself: a syllable that Vietnamese cannot
have, or one that the law never writes in its place while a twin stands there again and again. What
was read stays beside what it became. Words with digits, abbreviations and foreign words are left
as they were read, and no repair makes a word surer. The thresholds and what they were measured on
are in docs/decisions/0009-repairs.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from config.vietnamese import fold
from digitize.model import Line, Word
from digitize.personal_names import family_name, follows_family_name
from digitize.phrases import BREAK, NUMBER, Phrases, keys, of_law, split_edges
from digitize.syllables import canonical, is_abbreviation, is_syllable, newer
from digitize.twins import legal_twins, likely_twins, without_foreign_marks

# How often the law must have a twin in a row of three, or beside one of its neighbours.
_ENOUGH_OF_THREE = 4
_ENOUGH_OF_TWO = 3
_ENOUGH_FOR_UNKNOWN = 2
# Which share of the rarer of two words their pair must be: that they belong together, not only may
# stand together. A word that the law does not know at all speaks against itself already.
_BOUND = 0.5
_BOUND_FOR_UNKNOWN = 0.15
# How much more often than any other twin; and than what was read, where that may stand there too.
_CLEARLY = 4
_FAR = 8
# For what no syllable is, and no neighbour tells: so common, and so much more than other twins.
_COMMON = 5
_ALONE = 20
# A family name read more surely than this is left; below that, letters may be no word at all, and
# become none that the law does not know.
_SURE = 0.95
_READABLE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A word as it is counted, with the two before and the two after it."""

    far: str
    left: str
    read: str
    right: str
    beyond: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Support:
    """How the law supports a word in a place."""

    word: str
    in_three: int
    in_two: int
    is_bound: bool

    @property
    def weight(self) -> int:
        """A row of three is two pairs, and more."""
        return self.in_two + 2 * self.in_three


def repair_lines(lines: Sequence[Line], phrases: Phrases | None = None) -> tuple[Line, ...]:
    """Return lines with misread marks put right, `Word.read` telling what was read.

    Args:
        lines: the running text of a page, in reading order.
        phrases: what follows what; None for the law's.
    """
    known = of_law() if phrases is None else phrases
    words = [word for line in lines for word in line.words]
    texts = [word.text for word in words]
    repaired = []
    for index, (word, place) in enumerate(zip(words, _places(lines), strict=True)):
        twin = _twin(texts, index, place, known)
        if twin is not None and not known.words[twin] and word.confidence < _READABLE:
            twin = None
        if twin is None and word.confidence < _SURE:
            twin = family_name(texts, index, known)
        repaired.append(_with_twin(word, twin))
    rest = iter(repaired)
    return tuple(replace(line, words=tuple(next(rest) for _ in line.words)) for line in lines)


def _places(lines: Sequence[Line]) -> Iterator[_Place]:
    row, at = [BREAK, BREAK], []
    for index, line in enumerate(lines):
        if not index or not _goes_on(lines[index - 1], line):
            row.append(BREAK)
        for word in line.words:
            own = keys(word.text)
            at.append(len(row) + next((place for place, key in enumerate(own) if key != BREAK), 0))
            row += own
    row += [BREAK, BREAK, BREAK]
    for place in at:
        far, left, read, right, beyond = row[place - 2 : place + 3]
        yield _Place(far=far, left=left, read=read, right=right, beyond=beyond)


def _goes_on(line: Line, following: Line) -> bool:
    """Tell whether a sentence may go on in the next line: in small letters, or all in capitals."""
    end, start = line.words[-1].text, following.words[0].text
    return start[:1].islower() or (start.isupper() and end.isupper())


def _with_twin(word: Word, twin: str | None) -> Word:
    if twin is None:
        return word
    before, core, after = split_edges(word.text)
    return replace(word, text=before + _as_written(core, twin) + after, read=word.read or word.text)


def _is_short_for_something(core: str) -> bool:
    return not is_syllable(core) and is_abbreviation(core)


def _twin(texts: Sequence[str], index: int, place: _Place, phrases: Phrases) -> str | None:
    """Return the syllable that a word should have been read as; None to leave it."""
    _, core, _ = split_edges(texts[index])
    if len(core) < 2 or not core.isalpha() or _is_short_for_something(core):
        return None
    if is_syllable(core) or core.isascii():
        is_name = follows_family_name(texts, index)
        return None if is_name else _usual(place.read, place, phrases)
    read = canonical(without_foreign_marks(core))
    if read != place.read:
        return _usual(read, place, phrases) or (read if phrases.words[read] else None)
    twins = legal_twins(read)
    if len(twins) == 1:
        return min(twins)
    return _usual(read, place, phrases) or _common(twins, phrases)


def _usual(read: str, place: _Place, phrases: Phrases) -> str | None:
    """Return the twin that stands in this place in the law, where what was read does not."""
    twins = likely_twins(read, phrases.twins.get(fold(read), ()))
    if not twins:
        return None
    own = _support(read, place, phrases)
    if own.in_three:
        return None
    best, *others = sorted(
        (_support(twin, place, phrases) for twin in twins), key=lambda item: -item.weight
    )
    rival = max((other.weight for other in others), default=0)
    is_clear = best.weight >= _CLEARLY * rival and best.weight >= _FAR * own.in_two
    in_three = best.in_three >= _ENOUGH_OF_THREE
    is_enough = in_three or (best.is_bound and not own.in_two)
    return best.word if is_clear and is_enough else None


def _support(word: str, place: _Place, phrases: Phrases) -> _Support:
    triples, pairs = phrases.triples, phrases.pairs
    in_three = (
        triples[place.left, word, place.right]
        + triples[place.far, place.left, word]
        + triples[word, place.right, place.beyond]
    )
    beside = (
        (pairs[place.left, word], place.left),
        (pairs[word, place.right], place.right),
    )
    is_unknown = not phrases.words[place.read]
    return _Support(
        word=word,
        in_three=in_three,
        in_two=sum(count for count, _ in beside),
        is_bound=any(
            _is_bound(count, _rarer(word, other, phrases), is_unknown) for count, other in beside
        ),
    )


def _rarer(word: str, other: str, phrases: Phrases) -> int:
    """Return how often the rarer of two words was counted; numbers are everywhere."""
    counted = phrases.words[word]
    return counted if other == NUMBER else min(counted, phrases.words[other])


def _is_bound(count: int, rarer: int, is_unknown: bool) -> bool:
    if is_unknown:
        return count >= _ENOUGH_FOR_UNKNOWN and count >= _BOUND_FOR_UNKNOWN * rarer
    return count >= _ENOUGH_OF_TWO and count >= _BOUND * rarer


def _common(twins: frozenset[str], phrases: Phrases) -> str | None:
    """Return the one twin that is a common word, where the others are none."""
    ranked = sorted(twins, key=lambda twin: -phrases.words[twin])
    if len(ranked) < 2 or phrases.words[ranked[0]] < _COMMON:
        return None
    first, second = (phrases.words[twin] for twin in ranked[:2])
    return ranked[0] if first >= _ALONE * second else None


def _as_written(core: str, twin: str) -> str:
    """Give a twin the capitals of the word that was read, and its school of tone marks."""
    spelled = twin if core.lower() == canonical(core) else newer(twin)
    pairs = zip(core, spelled, strict=True)
    return "".join(new.upper() if old.isupper() else new for old, new in pairs)
