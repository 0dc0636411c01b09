"""Words found in a strip of a page by what they would look like: no letter is told by itself.

Each point of the strip says how much it speaks for ink of print. A word's score at a place is the
sum over its letters' points, letters following each other as print sets them. All words that share
their first letters are followed together, and only the better of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from digitize.own_print import Letter

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int16]
Scores = Mapping[str, Floats]
"""How much a strip speaks for each letter, by its left border."""

# Points near each other say the same: what one of them says counts so much.
_POINT = 0.18
# Pixels between letters of a word, and what an unusual one costs; letters that lay on each other
# would count their ink twice.
_GAPS = ((-1, 3.0), (0, 0.4), (1, 0.0), (2, 0.2), (3, 0.8), (4, 1.6))
# What each letter costs; one above or below its row; one that was not seen in this print.
_EACH, _OFF_ROW, _UNSURE = 2.0, 0.7, 1.0
# A word goes on while its letters show at least so much each, in each part of so many
# pixels so many of them.
_LEAST_A_LETTER, _PLACE, _A_PLACE = 2.0, 16, 40
_LEAST_OF_A_WORD = 3.0
_NEVER = np.float32(-1e4)
_NEAR, _ENDS_A_PLACE = 9, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Part of a row."""

    speaks: Floats
    """How much each point speaks for ink of print, natural logarithms."""
    foot: int
    """Rows from the top to the base line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotted:
    """A word in a strip, pixels from its left."""

    text: str
    left: int
    right: int
    score: float
    """How much the strip speaks for it, natural logarithms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """All beginnings of words of one length."""

    letters: npt.NDArray[np.str_]
    """Their last letters."""
    words: Sequence[str | None]
    """The words that end here."""
    parents: npt.NDArray[np.int32]
    """Their beginnings on the level before."""
    hopes: Floats
    """The logarithm of the most frequent word that begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Words that may stand somewhere."""

    hopes: Mapping[str, float]
    """The words, with the logarithms of their frequencies."""
    levels: tuple[Level, ...]


def make_lexicon(words: Mapping[str, float]) -> Lexicon:
    """Arrange words by their beginnings.

    Args:
        words: with the logarithms of their frequencies.
    """
    levels: list[Level] = []
    above: dict[str, int] = {"": -1}
    for length in range(1, max(map(len, words), default=0) + 1):
        hopes: dict[str, float] = {}
        for word, hope in words.items():
            if len(word) >= length:
                start = word[:length]
                hopes[start] = max(hopes.get(start, hope), hope)
        levels.append(
            Level(
                letters=np.array([start[-1] for start in hopes]),
                words=[start if start in words else None for start in hopes],
                parents=np.array([above[start[:-1]] for start in hopes], dtype=np.int32),
                hopes=np.array(list(hopes.values()), dtype=np.float32),
            )
        )
        above = {start: index for index, start in enumerate(hopes)}
    return Lexicon(hopes=words, levels=tuple(levels))


def score_letters(strip: Strip, letters: Mapping[str, Letter]) -> dict[str, Floats]:
    """Return for each letter how much the strip speaks for it, by its left border."""
    return {
        text: scored
        for text, letter in letters.items()
        if (scored := _score(strip, letter)) is not None
    }


def _score(strip: Strip, letter: Letter) -> Floats | None:
    height, width = strip.speaks.shape
    top = strip.foot - letter.rise - 1
    bottom = top + letter.weights.shape[0] + 2
    if letter.width >= width or top < 0 or bottom > height:
        return None
    found = cv2.matchTemplate(strip.speaks[top:bottom], letter.weights, cv2.TM_CCORR)
    places = np.asarray(found, dtype=np.float32) * np.float32(_POINT)
    places[[0, 2]] -= _OFF_ROW
    scores = np.full(width, _NEVER, np.float32)
    scores[: places.shape[1]] = places.max(axis=0) - (_EACH if letter.sure else _EACH + _UNSURE)
    return scores


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beginnings:
    """Scores of the beginnings of words that are still followed."""

    numbers: npt.NDArray[np.int64]
    """Which of their level they are."""
    scores: Floats
    """A row each, by the left border of the last letter."""
    starts: Indices
    """The left border of the first."""


def spot(scores: Scores, letters: Mapping[str, Letter], lexicon: Lexicon) -> Iterator[Spotted]:
    """Yield the words that a strip speaks for, with their places."""
    before: _Beginnings | None = None
    for length, level in enumerate(lexicon.levels, 1):
        before = _follow(level, before, scores)
        if before is None:
            return
        kept = _hopeful(before, level.hopes[before.numbers], length)
        if not len(kept):
            return
        before = _Beginnings(
            numbers=before.numbers[kept], scores=before.scores[kept], starts=before.starts[kept]
        )
        last = np.array(
            [letters[letter].width for letter in level.letters[before.numbers].tolist()]
        )
        yield from _ended(level, before, last, _LEAST_OF_A_WORD * length)
        before = _set_off(before, last)


def _hopeful(beginnings: _Beginnings, hopes: Floats, length: int) -> npt.NDArray[np.int64]:
    """Return which beginnings to follow: everywhere in the strip those that fit best there."""
    count, width = beginnings.scores.shape
    wide = -(-width // _PLACE)
    padded = np.full((count, wide * _PLACE), _NEVER, np.float32)
    padded[:, :width] = beginnings.scores
    best = padded.reshape(count, wide, _PLACE).max(axis=2)
    ranked = np.where(best >= _LEAST_A_LETTER * length, best + hopes[:, None], _NEVER)
    if count <= _A_PLACE:
        return np.flatnonzero(ranked.max(axis=1) > _NEVER)
    chosen = np.argpartition(-ranked, _A_PLACE - 1, axis=0)[:_A_PLACE]
    fits = np.take_along_axis(ranked, chosen, axis=0) > _NEVER
    return np.unique(chosen[fits])


def _follow(level: Level, before: _Beginnings | None, scores: Scores) -> _Beginnings | None:
    """Set one more letter to each beginning, of the letters that are known."""
    is_known = np.isin(level.letters, list(scores))
    if before is None:
        numbers = np.flatnonzero(is_known)
    else:
        row_of = np.full(int(level.parents.max()) + 1, -1, np.int32)
        followed = before.numbers[before.numbers < len(row_of)]
        row_of[followed] = np.arange(len(followed))
        numbers = np.flatnonzero(is_known & (row_of[level.parents] >= 0))
    if not len(numbers):
        return None
    own = np.stack([scores[letter] for letter in level.letters[numbers].tolist()])
    if before is None:
        starts = np.tile(np.arange(own.shape[1], dtype=np.int16), (len(numbers), 1))
        return _Beginnings(numbers=numbers, scores=own, starts=starts)
    rows = row_of[level.parents[numbers]]
    return _Beginnings(
        numbers=numbers, scores=before.scores[rows] + own, starts=before.starts[rows]
    )


def _set_off(beginnings: _Beginnings, widths: npt.NDArray[np.int64]) -> _Beginnings:
    """Move each beginning to where its next letter may start, by the best gap."""
    size = beginnings.scores.shape[1]
    scores = np.full_like(beginnings.scores, _NEVER)
    starts = np.zeros_like(beginnings.starts)
    for width in np.unique(widths):
        rows = np.flatnonzero(widths == width)
        best, first = scores[rows], starts[rows]
        for gap, cost in _GAPS:
            ahead = int(width) + gap
            if not 0 < ahead < size:
                continue
            offered = beginnings.scores[rows, : size - ahead] - np.float32(cost)
            better = offered > best[:, ahead:]
            best[:, ahead:][better] = offered[better]
            first[:, ahead:][better] = beginnings.starts[rows, : size - ahead][better]
        scores[rows], starts[rows] = best, first
    return _Beginnings(numbers=beginnings.numbers, scores=scores, starts=starts)


def _ended(
    level: Level, beginnings: _Beginnings, widths: npt.NDArray[np.int64], least: float
) -> Iterator[Spotted]:
    """Yield the words that end with a level, where they stand best."""
    rows = [row for row, number in enumerate(beginnings.numbers) if level.words[number]]
    if not rows:
        return
    scores = beginnings.scores[rows]
    peaks = np.asarray(cv2.dilate(scores, np.ones((1, _NEAR), np.uint8)))
    which, places = np.nonzero((scores >= peaks) & (scores >= least))
    taken: Counter[int] = Counter()
    for index in np.argsort(-scores[which, places]):
        row, place = int(which[index]), int(places[index])
        taken[place // _PLACE] += 1
        if taken[place // _PLACE] > _ENDS_A_PLACE:
            continue
        own = rows[row]
        yield Spotted(
            text=level.words[beginnings.numbers[own]] or "",
            left=int(beginnings.starts[own, place]),
            right=int(place + widths[own]),
            score=float(scores[row, place]),
        )
