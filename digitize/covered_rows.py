"""Rows of print that black seals lie over: where they go on below, and what their points say.

Print and seal are one black, but of the seal it is known how dense its ink is at each distance from
its middle, and of a row where it stands, from both sides of the seal.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.lifting import Covered, seal_odds
from digitize.masks import Mask, grown
from digitize.model import Line, Word
from digitize.own_print import OwnPrint, PrintedWord, Row, learn
from digitize.phrases import BREAK, keys, split_edges
from digitize.seals import Ring

_POINTS_PER_INCH, _MILLIMETRES_PER_INCH = 72.0, 25.4
# Ink is darker; what was lifted off a page besides seals is lighter there.
_INK, _LIFTED = 128, 200
# Chance that a point is inked: no print there nor mark; a stroke of a pen; print. That ink is lost;
# at the rim of print a scan may have lost a pixel, so that counts less.
_BLANK, _STROKE, _PRINT, _LOST = 0.02, 0.93, 0.97, 0.03
_AT_RIM = np.float32(-0.8)
# What is inked by a seal more often tells nothing of print.
_TELLING = 0.6
# Millimetres: a word so near to a ring is covered; rows are known so far beside it.
_NEAR, _BESIDE = 0.4, 60.0
# Heights of small letters: from the middle of a row, words of it; between rows; above it and below.
_SAME_ROW, _OTHER_ROW, _ABOVE, _BELOW = 0.9, 0.6, 2.4, 0.9
_LEAST_CROSSED = 0.8
# Heights of a word between columns.
_COLUMN = 2.5
# Pixels: where no word was read beside a seal, words are looked for so far.
_REACH = 100
# What is wider than this many radii was read across the seal.
_WIDEST = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page as words are looked for on it."""

    ink: Picture
    """1 and 0."""
    speaks: npt.NDArray[np.float32]
    """How much each point speaks for ink of print, natural logarithms."""
    telling: Mask
    """Where ink tells of print."""
    dpi: float
    own: OwnPrint
    words: Sequence[PrintedWord]
    """What was read, in its order."""
    pairs: Counter[tuple[str, str]]
    """Uncovered words that follow each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What of a row a seal has spoiled, pixels."""

    row: Row
    left: int
    right: int
    before: str
    """The last word that was read before it; empty for none."""
    after: str
    """The first word after it."""
    heard: Mapping[str, float]
    """What the engine made of it: words, and how surely it read them."""

    @property
    def foot(self) -> int:
        """Its base line, pixels from the top of the page."""
        return round(self.row.foot_at((self.left + self.right) / 2))

    @property
    def top(self) -> int:
        """Above all marks of its letters."""
        return self.foot - round(_ABOVE * self.row.x_height) - 3

    @property
    def bottom(self) -> int:
        """Below all that hangs from its letters."""
        return self.foot + round(_BELOW * self.row.x_height) + 3

    def holds(self, box: tuple[float, float, float, float]) -> bool:
        """Tell whether a box stands in its row."""
        middle = (box[1] + box[3]) / 2 - (self.foot - self.row.x_height / 2)
        return abs(middle) < _SAME_ROW * self.row.x_height


def lay_out(page: Covered, lines: Sequence[Line]) -> Sheet:
    """Prepare a page for the search.

    Args:
        page: with its seals.
        lines: its running text; boxes in points.
    """
    columns = [column for line in lines for column in _columns(_in_pixels(line.words, page))]
    ink = (page.picture < _INK).astype(np.uint8)
    odds = _ink_odds(page, ink)
    lost = np.where(grown(ink, 3, 3) > 0, _AT_RIM, math.log(_LOST) - np.log(1 - odds))
    follows = (
        keys(one.text) + keys(other.text)
        for column in columns
        for one, other in pairwise(column)
        if not one.covered and not other.covered
    )
    return Sheet(
        ink=ink,
        speaks=np.where(ink > 0, math.log(_PRINT) - np.log(odds), lost).astype(np.float32),
        telling=odds < _TELLING,
        dpi=page.dpi,
        own=learn(ink, columns),
        words=[word for column in columns for word in column],
        pairs=Counter(pair for row in follows for pair in pairwise(row) if BREAK not in pair),
    )


def _ink_odds(page: Covered, ink: Picture) -> npt.NDArray[np.float32]:
    """Return how likely each point would be inked if nothing were printed there."""
    odds = np.full(ink.shape, _BLANK, np.float32)
    odds[(ink > 0) & (page.lifted > _LIFTED)] = _STROKE
    for ring in page.seals:
        seal = seal_odds(ink, ring, page.dpi / _MILLIMETRES_PER_INCH)
        odds[seal.place][seal.inside] = seal.odds[seal.inside]
    return np.clip(odds, _BLANK, _PRINT)


def _in_pixels(words: Sequence[Word], page: Covered) -> list[PrintedWord]:
    scale = page.dpi / _POINTS_PER_INCH
    near = _NEAR * page.dpi / _MILLIMETRES_PER_INCH
    found = []
    for word in words:
        left, top, right, bottom = (side * scale for side in word.box)
        away = (
            math.hypot(max(left - ring.x, ring.x - right, 0), max(top - ring.y, ring.y - bottom, 0))
            - ring.radius
            for ring in page.seals
        )
        found.append(
            PrintedWord(
                text=word.text,
                confidence=word.confidence,
                box=(left, top, right, bottom),
                covered=min(away, default=math.inf) <= near,
            )
        )
    return found


def _columns(words: Sequence[PrintedWord]) -> Iterator[Sequence[PrintedWord]]:
    """Yield what stands together in a line: columns side by side are printed apart."""
    start = 0
    for end, (one, other) in enumerate(pairwise(words), 1):
        if other.box[0] - one.box[2] > _COLUMN * (one.box[3] - one.box[1]):
            yield words[start:end]
            start = end
    yield words[start:]


def find_gaps(sheet: Sheet, ring: Ring) -> Iterator[Gap]:
    """Yield the parts of rows that a seal covers."""
    beside = _BESIDE * sheet.dpi / _MILLIMETRES_PER_INCH
    left, right = ring.x - ring.radius, ring.x + ring.radius
    rows = sorted(sheet.own.rows, key=lambda row: max(row.left - right, left - row.right, 0.0))
    chosen: list[Row] = []
    for row in rows:
        if max(row.left - right, left - row.right) > beside:
            return
        foot = row.foot_at(ring.x)
        crosses = abs(foot - row.x_height / 2 - ring.y) <= (
            ring.radius + _LEAST_CROSSED * row.x_height
        )
        others = (abs(foot - other.foot_at(ring.x)) for other in chosen)
        if crosses and min(others, default=math.inf) > _OTHER_ROW * row.x_height:
            chosen.append(row)
            gap = _gap_of(sheet, ring, row)
            if gap is not None:
                yield gap


def _gap_of(sheet: Sheet, ring: Ring, row: Row) -> Gap | None:
    """Return what a seal spoils of a row: its chord, and the words that reach into it."""
    radius = ring.radius + 1.5 * _NEAR * sheet.dpi / _MILLIMETRES_PER_INCH
    sides = (row.foot_at(ring.x) + share * row.x_height - ring.y for share in (-1.6, -0.5, 0.3))
    reach = max((math.sqrt(radius**2 - y**2) for y in sides if abs(y) < radius), default=0.0)
    if reach < row.x_height:
        return None
    left, right = ring.x - reach, ring.x + reach
    bare = Gap(row=row, left=int(left), right=int(right), before="", after="", heard={})
    same = [word for word in sheet.words if bare.holds(word.box)]
    spoiled = [
        word
        for word in same
        if word.covered
        and word.box[0] < right
        and word.box[2] > left
        and word.box[2] - word.box[0] < _WIDEST * ring.radius
    ]
    left = min([left, *(word.box[0] for word in spoiled)])
    right = max([right, *(word.box[2] for word in spoiled)])
    before, after = _beside(same, left, right)
    start = left - _REACH if before is None else before.box[2] + 3
    end = right + _REACH if after is None else after.box[0] - 1
    return Gap(
        row=row,
        left=max(int(start), 0),
        right=min(int(end), sheet.ink.shape[1]),
        before="" if before is None else before.text,
        after="" if after is None else after.text,
        heard={split_edges(word.text)[1]: word.confidence for word in spoiled},
    )


def _beside(
    words: Sequence[PrintedWord], left: float, right: float
) -> tuple[PrintedWord | None, PrintedWord | None]:
    """Return the words that stand next to a gap, uncovered."""
    near = 1.5 * _REACH
    bare = [word for word in words if not word.covered]
    before = [word for word in bare if left - near < word.box[2] <= left + 4]
    after = [word for word in bare if right - 4 <= word.box[0] < right + near]
    return (
        max(before, key=lambda word: word.box[2], default=None),
        min(after, key=lambda word: word.box[0], default=None),
    )
