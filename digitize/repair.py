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
from digitize.phrases import BREAK, NUMBER, Phrases, keys, of_law, split_edges
from digitize.syllables import canonical, is_abbreviation, is_syllable, newer
from digitize.twins import is_mistakable, legal_twins, without_foreign_marks

# How often the law must have a twin in a row of three, or beside one of its neighbours.
_ENOUGH_OF_THREE = 2
_ENOUGH_OF_TWO = 3
_ENOUGH_FOR_UNKNOWN = 2
# Which share of the rarer of two words their pair must be: that they belong together, not only may
# stand together. A word that the law does not know at all speaks against itself already.
_BOUND = 0.5
_BOUND_FOR_UNKNOWN = 0.1
# How much more often than any other twin; and than what was read, where that may stand there too.
_CLEARLY = 4
_FAR = 8
# For what no syllable is, and no neighbour tells: so common, and so much more than other twins.
_COMMON = 20
# Family names that lose a mark, where nothing else begins so before Văn or Thị: not Đỗ (Đô thị),
# not Trương (Trường Văn hóa).
_FAMILY_NAMES = ("nguyễn", "trần", "phạm", "đặng", "bùi", "hoàng", "huỳnh", "lê", "võ", "vũ", "hồ")
_MIDDLE_NAMES = ("văn", "thị")
_SURE = 0.95


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
    places = list(_places(words))
    repaired = iter(
        [
            _repaired(word, place, known, _may_be_family(words, index))
            for index, (word, place) in enumerate(zip(words, places, strict=True))
        ]
    )
    return tuple(replace(line, words=tuple(next(repaired) for _ in line.words)) for line in lines)


def _places(words: Sequence[Word]) -> Iterator[_Place]:
    counted = [keys(word.text) for word in words]
    row = [BREAK, BREAK, *(key for own in counted for key in own), BREAK, BREAK, BREAK]
    at = 2
    for own in counted:
        core = at + next((place for place, key in enumerate(own) if key != BREAK), 0)
        far, left, read, right, beyond = row[core - 2 : core + 3]
        yield _Place(far=far, left=left, read=read, right=right, beyond=beyond)
        at += len(own)


def _repaired(word: Word, place: _Place, phrases: Phrases, may_be_family: bool) -> Word:
    before, core, after = split_edges(word.text)
    if len(core) < 2 or not core.isalpha() or _is_short_for_something(core):
        return word
    twin = _twin(core, place, phrases)
    if twin is None and may_be_family and word.confidence < _SURE:
        twin = _family_name(canonical(core), place, phrases)
    if twin is None:
        return word
    return replace(word, text=before + _as_written(core, twin) + after, read=word.read or word.text)


def _is_short_for_something(core: str) -> bool:
    return not is_syllable(core) and is_abbreviation(core)


def _twin(core: str, place: _Place, phrases: Phrases) -> str | None:
    """Return the syllable that a word should have been read as; None to leave it."""
    read = canonical(without_foreign_marks(core))
    if is_syllable(core) or core.isascii():
        return _usual(read, place, phrases)
    twins = legal_twins(read) if read == canonical(core) else frozenset()
    if len(twins) == 1:
        return min(twins)
    return _usual(read, place, phrases) or _common(twins, phrases)


def _usual(read: str, place: _Place, phrases: Phrases) -> str | None:
    """Return the twin that stands in this place in the law, where what was read does not."""
    twins = [twin for twin in phrases.twins.get(fold(read), ()) if is_mistakable(read, twin)]
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
            _is_bound(count, min(phrases.words[word], phrases.words[other]), is_unknown)
            for count, other in beside
            if other != NUMBER
        ),
    )


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
    return ranked[0] if first >= _COMMON * second else None


def _may_be_family(words: Sequence[Word], index: int) -> bool:
    """Tell whether three words begin a person's name: capitals, and none before them."""
    cores = [split_edges(word.text)[1][:1] for word in words[index : index + 3]]
    before, _, after = split_edges(words[index - 1].text) if index else ("", "", ".")
    is_first = bool(after) or not words[index - 1].text[len(before) :][:1].isupper()
    return len(cores) == 3 and all(map(str.isupper, cores)) and is_first


def _family_name(read: str, place: _Place, phrases: Phrases) -> str | None:
    """Return the family name before Văn or Thị, where those begin no phrase of their own."""
    if place.right not in _MIDDLE_NAMES or phrases.pairs[place.right, place.beyond]:
        return None
    if read in _FAMILY_NAMES or place.beyond == BREAK:
        return None
    names = [name for name in _FAMILY_NAMES if is_mistakable(read, name)]
    return names[0] if len(names) == 1 else None


def _as_written(core: str, twin: str) -> str:
    """Give a twin the capitals of the word that was read, and its school of tone marks."""
    spelled = twin if core.lower() == canonical(core) else newer(twin)
    pairs = zip(core, spelled, strict=True)
    return "".join(new.upper() if old.isupper() else new for old, new in pairs)
