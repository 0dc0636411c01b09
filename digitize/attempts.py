"""Attempts at reading one page: a copy is prepared and recognised, the better attempt is kept.

Everything of an attempt (words, marks, pictures) lies in the place of the copy that was read; only
`digitize.reading` brings it to the page that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from digitize import enhance
from digitize.confidence import is_suspicious, runs_upwards, weight
from digitize.frames import Picture
from digitize.images import PageImage
from digitize.model import Line
from digitize.ocr import Recognizer
from digitize.recipes import Prepared, prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One reading of a page."""

    lines: tuple[Line, ...]
    """Boxes in points of the copy that was read."""
    prepared: Prepared
    """That copy."""

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
        upright = enhance.turn(page.picture, self.turns)
        if self.prepared.skew_degrees:
            upright = enhance.rotate(upright, self.prepared.skew_degrees)
        larger = self.dpi / page.dpi
        return enhance.stretch(upright, (larger, larger))


def read_best(page: PageImage, recognizer: Recognizer, work: Path) -> Attempt:
    """Read a page once, and again only on suspicion; return the best attempt."""
    first = _attempt(page, recognizer, work)
    if not is_suspicious(first.lines):
        return first
    turns = recognizer.quarter_turns(first.prepared.picture, first.dpi, work)
    if not turns:
        return first
    turned = _attempt(page, recognizer, work, turns=(first.turns + turns) % 4)
    return max(first, turned, key=lambda item: (not runs_upwards(item.lines), weight(item.lines)))


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
    return Attempt(lines=page.lines, prepared=prepared)


def _attempt(
    page: PageImage, recognizer: Recognizer, work: Path, *, turns: int | None = None
) -> Attempt:
    prepared = prepare(page, turns=turns)
    return Attempt(lines=recognizer.read(prepared.picture, prepared.dpi, work), prepared=prepared)
