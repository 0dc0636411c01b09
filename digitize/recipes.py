"""Which copy of a page is read: what is done to it, and why, page by page.

Deskew is the one step without which Tesseract collapses; marks are taken off by colour or by shape;
dividing by the background flattens shadow. Each is applied only where it was measured to help.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from digitize import enhance
from digitize.frames import Picture
from digitize.images import PageImage
from digitize.lifting import Covered
from digitize.marks import bare, in_points, lift_marks, marks_of
from digitize.model import Mark
from digitize.stance import Letters, Stance, find_stance, level, needs_deskew

# Scanners give paper at 250 and more, photos and copies on grey paper far less somewhere.
_WHITE = 225
_DARK_PLACES_PERCENT = 5
# Print is darker than its paper by 170 and more, faded print by 110.
_FULL_CONTRAST = 140
_DARKEST_PERCENT = 1
# Roughness of the middle of a page: clean scans have 1; noise that Tesseract bears up to 36, noise
# that it takes for letters from 66 (it read a page with 18 errors in a hundred letters, smoothed 2)
# and from 97 nothing at all.
_ROUGH, _VERY_ROUGH = 45.0, 85.0
_GAUSS_SIGMA, _HEAVY_SIGMA = 0.7, 1.5
_MIDDLE_POINTS, _HALF = 600, 50.0
_LARGER = 1.5
# Below this, letters of 14 points are too small to be sure of their tones.
_FINE_DPI = 150.0
# Of a blurred page at 200 dpi: 20 errors in a hundred letters became 6, 55 became 33.
_SHARPER_SIGMA, _SHARPER_AMOUNT = 3.0, 3.0
_SHARPER_DPI = 200.0


class Recipe(StrEnum):
    """How a copy is made; all but the first are for a second look."""

    USUAL = "usual"
    SMOOTHER = "smoother"
    """Grain smoothed away, at the cost of fine strokes."""
    SHARPER = "sharper"
    """Soft edges drawn hard."""
    LARGER = "larger"
    """Small letters, drawn 1.5 times as large."""


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
    marks: tuple[Mark, ...] = ()
    """What was taken off it, points."""
    letters: Letters | None = None
    """What may be letters on it; None where that was not asked of this very copy."""
    covered: Covered | None = None
    """The page with its black seals, as large as it was scanned; None where it has none."""


def prepare(
    page: PageImage, recipe: Recipe = Recipe.USUAL, *, turns: int | None = None
) -> Prepared:
    """Make a copy to be read.

    Args:
        page: the page.
        recipe: how.
        turns: the quarter turns that make it upright; None where its ink must tell.
    """
    clean = bare(page.picture, page.dpi)
    grey, steps = clean.picture, ["colourless" if clean.coloured else "grey"]
    is_poor = not page.bitonal and needs_flattening(grey)
    if is_poor:
        grey = enhance.flatten(grey)
        steps.append("background")
    # Before any smoothing, which fills what stands between small letters.
    looked_at = grey
    stance = find_stance(grey) if turns is None else level(enhance.turn(grey, turns))
    turns = stance.quarter_turns if turns is None else turns
    sigma = 0.0 if page.bitonal else smoothing_for(grey, is_poor=is_poor)
    if sigma and recipe is not Recipe.SMOOTHER:
        grey = enhance.smooth(grey, sigma)
        steps.append("gauss")
    grey, skew = _upright(grey, turns, stance)
    steps += ["deskew"] * bool(skew) + [f"turn{turns * 90}"] * bool(turns)
    lifted = lift_marks(grey, page.dpi)
    marks = (*lifted.marks, *marks_of(clean, turns, skew, page.dpi))
    steps += ["marks"] * bool(marks) + [recipe] * (recipe is not Recipe.USUAL)
    picture, dpi = _varied(lifted.picture, page.dpi, recipe)
    return Prepared(
        picture=picture,
        dpi=dpi,
        turns=turns,
        skew_degrees=skew,
        recipe="+".join(steps),
        colour=clean.coloured,
        letters=stance.letters if picture is looked_at else None,
        marks=tuple(in_points(mark, page.dpi) for mark in marks),
        covered=Covered(picture=grey, lifted=lifted.picture, seals=lifted.seals, dpi=page.dpi)
        if lifted.seals
        else None,
    )


def needs_flattening(grey: Picture) -> bool:
    """Tell whether paper is dark in places or print is weak; else flattening can only lose.

    On white paper with black print it changed no page for the better, and two tables for the worse;
    on photos it took the errors from 14 to 2 in a hundred letters.
    """
    coarse = np.ascontiguousarray(grey[::2, ::2])
    paper = enhance.paper_of(coarse, 4)
    ink = enhance.level_at(coarse[::4, ::4], _DARKEST_PERCENT)
    is_white = enhance.level_at(paper, _DARK_PLACES_PERCENT) >= _WHITE
    return not is_white or enhance.level_at(paper, _HALF) - ink < _FULL_CONTRAST


def smoothing_for(grey: Picture, *, is_poor: bool) -> float:
    """Return the deviation of the gauss that a page needs, in points; 0 for none."""
    grain = roughness(grey)
    if grain >= _VERY_ROUGH:
        return _HEAVY_SIGMA
    return _GAUSS_SIGMA if is_poor or grain >= _ROUGH else 0.0


def roughness(grey: Picture) -> float:
    """Return how much neighbouring points of the middle of a page differ without reason."""
    top, left = (max(0, (side - _MIDDLE_POINTS) // 2) for side in grey.shape)
    middle = grey[top : top + _MIDDLE_POINTS, left : left + _MIDDLE_POINTS]
    return enhance.level_at(enhance.grain(middle), _HALF)


def second_looks(page: PageImage) -> tuple[Recipe, ...]:
    """Return the recipes for a page that was read badly, the likelier help first."""
    if roughness(enhance.to_grey(page.picture)) >= _ROUGH / 2:
        return (Recipe.SMOOTHER, Recipe.SHARPER)
    if page.dpi < _FINE_DPI:
        return (Recipe.LARGER, Recipe.SHARPER)
    return (Recipe.SHARPER, Recipe.LARGER)


def _varied(grey: Picture, dpi: float, recipe: Recipe) -> tuple[Picture, float]:
    match recipe:
        case Recipe.USUAL:
            return grey, dpi
        case Recipe.SMOOTHER:
            return enhance.smooth(grey, _HEAVY_SIGMA), dpi
        case Recipe.SHARPER:
            return enhance.sharpen(grey, _SHARPER_SIGMA * dpi / _SHARPER_DPI, _SHARPER_AMOUNT), dpi
        case Recipe.LARGER:
            return enhance.stretch(grey, (_LARGER, _LARGER)), dpi * _LARGER


def _upright(grey: Picture, turns: int, stance: Stance) -> tuple[Picture, float]:
    upright = enhance.turn(grey, turns)
    if not needs_deskew(stance.skew_degrees):
        return upright, 0.0
    return enhance.rotate(upright, stance.skew_degrees), stance.skew_degrees
