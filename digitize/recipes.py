"""Which copy of a page is read: what is done to it, and why, page by page.

Deskew is the one step without which Tesseract collapses; the red channel removes red ink; dividing
by the background flattens shadow. Each is applied only where it was measured to help.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digitize import enhance
from digitize.frames import Picture
from digitize.images import PageImage
from digitize.stance import Stance, find_stance, level, needs_deskew

_GAUSS_SIGMA = 0.7
_LARGER = 1.5


class Recipe(StrEnum):
    """How a copy is made; all but the first are for a second look."""

    USUAL = "usual"
    LARGER = "larger"
    """Small letters, drawn 1.5 times as large."""
    SAUVOLA = "sauvola"
    """Black and white, each point judged by its surroundings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A grey copy of a page, upright and level, and how it was made."""

    picture: Picture
    dpi: float
    turns: int
    """Clockwise quarter turns beyond what the page brought."""
    skew_degrees: float
    """Then counter-clockwise."""
    recipe: str
    """The steps, joined by `+`."""
    colour: bool


def prepare(
    page: PageImage, recipe: Recipe = Recipe.USUAL, *, turns: int | None = None
) -> Prepared:
    """Make a copy to be read.

    Args:
        page: the page.
        recipe: how.
        turns: the quarter turns that make it upright; None where its ink must tell.
    """
    colour = enhance.is_coloured(page.picture)
    grey = enhance.red_channel(page.picture) if colour else enhance.to_grey(page.picture)
    steps = ["red" if colour else "grey"]
    if not page.bitonal:
        grey = enhance.flatten(grey)
        steps.append("background")
    stance = find_stance(grey) if turns is None else level(enhance.turn(grey, turns))
    if not page.bitonal:
        grey = enhance.smooth(grey, _GAUSS_SIGMA)
        steps.append("gauss")
    turns = stance.quarter_turns if turns is None else turns
    grey, skew = _upright(grey, turns, stance)
    steps += ["deskew"] * bool(skew) + [f"turn{turns * 90}"] * bool(turns)
    dpi = page.dpi
    match recipe:
        case Recipe.LARGER:
            grey, dpi = enhance.stretch(grey, (_LARGER, _LARGER)), dpi * _LARGER
            steps.append(recipe)
        case Recipe.SAUVOLA:
            grey = enhance.sauvola(grey, page.dpi)
            steps.append(recipe)
        case Recipe.USUAL:
            pass
    return Prepared(
        picture=grey,
        dpi=dpi,
        turns=turns,
        skew_degrees=skew,
        recipe="+".join(steps),
        colour=colour,
    )


def _upright(grey: Picture, turns: int, stance: Stance) -> tuple[Picture, float]:
    upright = enhance.turn(grey, turns)
    if not needs_deskew(stance.skew_degrees):
        return upright, 0.0
    return enhance.rotate(upright, stance.skew_degrees), stance.skew_degrees
