"""Attempts at reading one page: a copy is prepared and recognised, the better attempt is kept.

Everything of an attempt (words, marks, pictures) lies in the place of the copy that was read; only
`digitize.reading` brings it to the page that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from digitize import enhance
from digitize.confidence import Judgement, judge, judge_text, weight
from digitize.frames import Picture
from digitize.images import PageImage
from digitize.model import Line
from digitize.negative import has_dark_ground
from digitize.ocr import Recognizer
from digitize.recipes import Prepared, Recipe, prepare, second_looks

_MOST_RETRIES = 2
_ON_ITS_HEAD = 2
# The same page read twice differs by a hundredth; a retry must win by more.
_CLEARLY_BETTER = 1.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One reading of a page."""

    lines: tuple[Line, ...]
    """Boxes in points of the copy that was read."""
    prepared: Prepared
    """That copy."""
    judgement: Judgement
    """How good it is."""

    @property
    def dpi(self) -> float:
        """Of the copy."""
        return self.prepared.dpi

    @property
    def turns(self) -> int:
        """Clockwise quarter turns beyond what the page brought."""
        return self.prepared.turns

    def original(self, page: PageImage) -> Picture:
        """Return the page's own picture in the place of the copy, colour and all."""
        larger = self.dpi / page.dpi
        return enhance.stretch(self.laid(page.picture), (larger, larger))

    def laid(self, picture: Picture) -> Picture:
        """Return a picture of the page upright and level as the copy is, as large as it came."""
        upright = enhance.turn(picture, self.turns)
        if not self.prepared.skew_degrees:
            return upright
        return enhance.rotate(upright, self.prepared.skew_degrees)


def read_best(page: PageImage, recognizer: Recognizer, work: Path) -> Attempt:
    """Read a page once, and again at most twice where that is doubtful; return the best attempt."""
    best = _attempt(page, recognizer, work)
    tries = _MOST_RETRIES
    if best.judgement.may_lie_wrong:
        turns = recognizer.quarter_turns(best.prepared.picture, best.dpi, work)
        if not turns and best.judgement.is_scant:
            turns = _ON_ITS_HEAD  # too few letters to ask the engine, and few to read once more
        if turns:
            other = _attempt(page, recognizer, work, turns=(best.turns + turns) % 4)
            best, tries = better(best, other), tries - 1
    for recipe in second_looks(page)[:tries] if best.judgement.is_doubtful else ():
        if not best.judgement.is_doubtful:
            break
        best = better(best, _attempt(page, recognizer, work, recipe, turns=best.turns))
    return best


def better(first: Attempt, second: Attempt) -> Attempt:
    """Return the attempt that read more, and more surely; the first where they are alike."""
    if first.judgement.upwards != second.judgement.upwards:
        return second if first.judgement.upwards else first
    return second if weight(second.lines) > _CLEARLY_BETTER * weight(first.lines) else first


def own_text(page: PageImage) -> Attempt:
    """Return what a page says that brings its text."""
    prepared = Prepared(
        picture=page.picture,
        dpi=page.dpi,
        turns=0,
        skew_degrees=0.0,
        recipe="text layer",
        colour=enhance.is_coloured(page.picture),
    )
    return Attempt(lines=page.lines, prepared=prepared, judgement=judge_text(page.lines))


def _attempt(
    page: PageImage,
    recognizer: Recognizer,
    work: Path,
    recipe: Recipe = Recipe.USUAL,
    *,
    turns: int | None = None,
) -> Attempt:
    prepared = prepare(page, recipe, turns=turns)
    lines = recognizer.read(
        prepared.picture,
        prepared.dpi,
        work,
        negative_too=has_dark_ground(prepared.picture, prepared.dpi),
    )
    judgement = judge(lines, prepared.picture, prepared.dpi, prepared.letters)
    return Attempt(lines=lines, prepared=prepared, judgement=judgement)
