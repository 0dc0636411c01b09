"""The copy that is read: upright, level, red ink gone, shadows gone; the picture is not touched."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from digitize import enhance
from digitize.frames import Picture
from digitize.images import PageImage
from digitize.recipes import Recipe, prepare, second_looks
from tests.digitize.workbench import page_image, sheet

BODY = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015"
WORDS = BODY.split()
# Each line begins with another word: lines that are all alike would alternate across, too.
LINES = [" ".join(WORDS[start % 7 :] + WORDS[: start % 5]) for start in range(20)]
TEXT = Image.fromarray(sheet(LINES, dpi=100))
RED, BLACK, WHITE = (206, 32, 44), (20, 20, 22), (255, 255, 255)


def _inked(ink: tuple[int, int, int], paper: tuple[int, int, int] = WHITE) -> Picture:
    pixels = np.empty((600, 420, 3), np.uint8)
    pixels[:] = paper
    pixels[100:110, 40:380] = BLACK
    pixels[200:206, 60:160] = ink
    return pixels


def _leaning(degrees: float) -> Picture:
    turned = TEXT.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor="white")
    return np.asarray(turned)


def _page(picture: Picture, *, bitonal: bool = False) -> PageImage:
    return page_image(picture, dpi=100.0, bitonal=bitonal)


def test_red_ink_vanishes_from_the_copy_and_black_stays() -> None:
    prepared = prepare(_page(_inked((235, 60, 70))))
    assert prepared.recipe.startswith("colourless")
    assert prepared.colour
    assert prepared.picture[203, 80:140].min() > 200
    assert prepared.picture[105, 60:360].max() < 60


@pytest.mark.parametrize("bitonal", [True, False])
def test_the_picture_itself_is_never_changed(bitonal: bool) -> None:
    for pixels in (_inked(RED), _leaning(2.0), enhance.turn(_leaning(1.0), 1), _inked(BLACK) // 2):
        before = pixels.copy()
        prepared = prepare(_page(pixels, bitonal=bitonal))
        assert np.array_equal(pixels, before)
        assert prepared.picture.ndim == 2
        again = prepare(_page(pixels, bitonal=bitonal))
        assert np.array_equal(again.picture, prepared.picture)


def _shaded(darkest: float) -> Picture:
    slope = np.linspace(darkest, 1.0, TEXT.width)[None, :]
    return (np.asarray(TEXT.convert("L")) * slope).astype(np.uint8)


def _grainy(deviation: float) -> Picture:
    grain = np.random.default_rng(1).normal(0, deviation, (TEXT.height, TEXT.width))
    return np.clip(np.asarray(TEXT.convert("L")) + grain, 0, 255).astype(np.uint8)


def _pale(share: float) -> Picture:
    return (255 - (255 - np.asarray(TEXT.convert("L"), dtype=float)) * share).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "steps"),
    [
        (np.asarray(TEXT.convert("L")), "grey"),
        (_shaded(0.95), "grey"),
        (_grainy(4), "grey"),
        (_shaded(0.5), "grey+background+gauss"),
        (_pale(0.4), "grey+background+gauss"),
        (np.asarray(TEXT.convert("L")) // 2, "grey+background+gauss"),
        (_grainy(45), "grey+gauss"),
    ],
    ids=["white", "nearly white", "a little grain", "shaded", "pale", "dark paper", "much grain"],
)
def test_a_page_is_enhanced_only_where_that_helps(picture: Picture, steps: str) -> None:
    # Specks of grain may be taken for a mark; that is another matter.
    assert prepare(_page(picture)).recipe.removesuffix("+marks") == steps
    assert prepare(_page(picture, bitonal=True)).recipe == "grey"


def test_a_shadow_and_a_tint_become_white() -> None:
    slope = np.linspace(0.55, 1.0, 420)[None, :, None]
    shaded = (_inked(BLACK, (255, 240, 200)) * slope).astype(np.uint8)
    flat = prepare(_page(shaded)).picture
    assert flat[300:, :].min() > 235
    assert flat[105, 60:360].max() < 60


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("degrees", [-3.0, 0.0, 1.2])
def test_a_page_is_laid_upright_and_level_before_it_is_read(turns: int, degrees: float) -> None:
    lying = enhance.turn(_leaning(degrees), turns)
    prepared = prepare(_page(lying))
    assert prepared.turns == -turns % 4
    assert prepared.skew_degrees == pytest.approx(degrees, abs=0.11)
    assert ("deskew" in prepared.recipe) is bool(degrees)
    assert (f"turn{-turns % 4 * 90}" in prepared.recipe) is bool(turns)
    wanted = prepare(_page(_leaning(degrees)))
    assert prepared.picture.shape == wanted.picture.shape
    assert (np.abs(prepared.picture.astype(int) - wanted.picture) > 60).mean() < 0.01


def test_turns_that_are_asked_for_are_not_judged_again() -> None:
    prepared = prepare(_page(_leaning(1.0)), turns=2)
    assert prepared.turns == 2
    assert prepared.skew_degrees == pytest.approx(1.0, abs=0.11)


@pytest.mark.parametrize("recipe", Recipe)
def test_every_recipe_keeps_the_place_of_a_word(recipe: Recipe) -> None:
    pixels = np.full((800, 600, 3), 255, np.uint8)
    pixels[300:310, 200:280] = BLACK
    prepared = prepare(_page(pixels), recipe)
    rows, columns = np.nonzero(prepared.picture < 128)
    scale = 100.0 / prepared.dpi
    assert rows.min() * scale == pytest.approx(300, abs=1.5)
    assert columns.max() * scale == pytest.approx(279, abs=1.5)
    assert (recipe in prepared.recipe) is (recipe is not Recipe.USUAL)


def test_a_second_look_is_chosen_by_what_the_page_shows() -> None:
    assert second_looks(page_image(_grainy(45)))[0] is Recipe.SMOOTHER
    soft = enhance.smooth(np.asarray(TEXT.convert("L")), 2.0)
    assert second_looks(page_image(soft, dpi=200.0)) == (Recipe.SHARPER, Recipe.LARGER)
    assert second_looks(page_image(soft, dpi=100.0)) == (Recipe.LARGER, Recipe.SHARPER)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (4, 4), (7, 3)])
@pytest.mark.parametrize("recipe", Recipe)
def test_the_smallest_pictures_are_prepared(size: tuple[int, int], recipe: Recipe) -> None:
    for pixels in (np.zeros(size, np.uint8), np.zeros((*size, 3), np.uint8)):
        assert prepare(_page(pixels), recipe).picture.size
