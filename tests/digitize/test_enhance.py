"""The copy that is read: level, upright, red ink gone, shadows gone; the picture is not touched."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from digitize import enhance
from digitize.frames import Picture
from tests.digitize.workbench import sheet

BODY = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015"
PAGE = Image.fromarray(sheet([BODY] * 20, dpi=100))
RED, BLUE, BLACK, WHITE = (206, 32, 44), (28, 48, 150), (20, 20, 22), (255, 255, 255)


def _leaning(degrees: float, lines: int = 20) -> Picture:
    """Return a page whose lines rise to the left by some degrees (they need that turn back)."""
    page = PAGE if lines == 20 else Image.fromarray(sheet([BODY] * lines, dpi=100))
    turned = page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor="white")
    return np.asarray(turned.convert("L"))


@pytest.mark.parametrize(
    "degrees", [-5, -4.4, -3, -2.5, -2, -1, -0.6, -0.3, 0, 0.3, 0.5, 1, 1.7, 3, 3.3, 4.2, 5]
)
def test_the_lean_of_text_is_known_to_a_tenth(degrees: float) -> None:
    assert enhance.estimate_skew(_leaning(degrees)) == pytest.approx(degrees, abs=0.11)


@pytest.mark.parametrize("lines", [1, 3])
@pytest.mark.parametrize("degrees", [-2.5, 0.6])
def test_a_few_lines_are_enough(lines: int, degrees: float) -> None:
    assert enhance.estimate_skew(_leaning(degrees, lines)) == pytest.approx(degrees, abs=0.15)


def _noise() -> Picture:
    values = 250 + np.random.default_rng(1).normal(0, 3, (1200, 850))
    return np.clip(values, 0, 255).astype(np.uint8)


def _blocks() -> Picture:
    pixels = np.full((1200, 850), 255, np.uint8)
    pixels[:300, :280] = 20
    pixels[700:720, 70:780] = 60
    return pixels


@pytest.mark.parametrize(
    "picture",
    [
        np.full((1200, 850), 255, np.uint8),
        np.zeros((1200, 850), np.uint8),
        _noise(),
        _blocks(),
        np.rot90(_blocks()).copy(),
        np.rot90(np.asarray(PAGE.convert("L"))).copy(),
        np.full((1, 1), 255, np.uint8),
        np.full((3, 5000), 255, np.uint8),
    ],
    ids=["white", "black", "noise", "blocks", "blocks aside", "text aside", "point", "strip"],
)
def test_what_has_no_lines_is_not_turned(picture: Picture) -> None:
    assert enhance.estimate_skew(picture) == 0.0
    prepared = enhance.prepare(picture, bitonal=False)
    assert prepared.skew_degrees == 0.0
    assert prepared.picture.shape == picture.shape


@pytest.mark.parametrize(
    ("degrees", "needed"),
    [(0.0, False), (0.24, False), (0.25, True), (-0.25, True), (5.0, True), (-5.0, True),
     (5.1, False), (-5.5, False)],
)  # fmt: skip
def test_only_a_lean_that_matters_is_undone(degrees: float, needed: bool) -> None:
    assert enhance.needs_deskew(degrees) is needed


@pytest.mark.parametrize("degrees", [-5.0, -0.3, 0.3, 2.0, 5.0])
@pytest.mark.parametrize("size", [(100, 140), (141, 99), (2, 3)])
def test_a_turn_cuts_no_corner_off(size: tuple[int, int], degrees: float) -> None:
    width, height = size
    corner = 3 if min(size) > 10 else 1
    for rows in (slice(0, corner), slice(height - corner, height)):
        for columns in (slice(0, corner), slice(width - corner, width)):
            pixels = np.full((height, width), 255, np.uint8)
            pixels[rows, columns] = 0
            ink = 255.0 - enhance.rotate(pixels, degrees)
            assert ink.sum() >= 0.6 * 255 * corner * corner


def test_a_turn_is_counter_clockwise_about_the_middle() -> None:
    pixels = np.full((101, 101), 255, np.uint8)
    pixels[48:53, 80:90] = 0
    turned = enhance.rotate(pixels, 5.0)
    rows, columns = np.nonzero(turned < 128)
    assert rows.mean() < turned.shape[0] / 2 - 1.5
    assert columns.mean() > turned.shape[1] / 2 + 30


@pytest.mark.parametrize("turns", range(-1, 6))
def test_quarter_turns_are_clockwise(turns: int) -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    wanted = np.asarray(Image.fromarray(pixels).rotate(-90 * turns, expand=True))
    assert np.array_equal(enhance.turn(pixels, turns), wanted)
    assert np.array_equal(enhance.turn(enhance.turn(pixels, turns), -turns), pixels)


def _page(ink: tuple[int, int, int], paper: tuple[int, int, int] = WHITE) -> Picture:
    pixels = np.empty((600, 420, 3), np.uint8)
    pixels[:] = paper
    pixels[100:110, 40:380] = BLACK
    pixels[200:206, 60:160] = ink
    return pixels


@pytest.mark.parametrize(
    ("pixels", "coloured"),
    [
        (_page(RED), True),
        (_page(BLUE), True),
        (_page(BLACK), False),
        (_page(BLACK, (250, 246, 235)), False),
        (_page(BLACK, (255, 225, 205)), True),
        (_page(BLACK)[:, :, 0], False),
        (_page((120, 118, 121)), False),
    ],
    ids=["red", "blue", "black", "old paper", "pink paper", "grey", "pencil"],
)
def test_colour_is_ink_or_paper_not_scanner_tint(pixels: Picture, coloured: bool) -> None:
    assert enhance.is_coloured(pixels) is coloured


def test_red_ink_vanishes_from_the_copy_and_blue_and_black_stay() -> None:
    prepared = enhance.prepare(_page((235, 60, 70)), bitonal=False)
    assert "red" in prepared.recipe
    assert prepared.picture[203, 80:140].min() > 200
    assert prepared.picture[105, 60:360].max() < 60
    blue = enhance.prepare(_page(BLUE), bitonal=False).picture
    assert blue[203, 80:140].max() < 90


@pytest.mark.parametrize("bitonal", [True, False])
def test_the_picture_itself_is_never_changed(bitonal: bool) -> None:
    for pixels in (_page(RED), _leaning(2.0)):
        before = pixels.copy()
        prepared = enhance.prepare(pixels, bitonal=bitonal)
        assert np.array_equal(pixels, before)
        assert prepared.picture.ndim == 2
        assert ("background" in prepared.recipe) is not bitonal
        again = enhance.prepare(pixels, bitonal=bitonal)
        assert np.array_equal(again.picture, prepared.picture)


def test_a_shadow_and_a_tint_become_white() -> None:
    slope = np.linspace(0.55, 1.0, 420)[None, :, None]
    shaded = (_page(BLACK, (255, 240, 200)) * slope).astype(np.uint8)
    flat = enhance.prepare(shaded, bitonal=False).picture
    assert flat[300:, :].min() > 235
    assert flat[105, 60:360].max() < 60


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (4, 4), (7, 3)])
def test_the_smallest_pictures_are_prepared(size: tuple[int, int]) -> None:
    for pixels in (np.zeros(size, np.uint8), np.zeros((*size, 3), np.uint8)):
        assert enhance.prepare(pixels, bitonal=False).picture.size
        assert enhance.red_ink(pixels) is None
        assert enhance.ink_mask(pixels).shape == size


@pytest.mark.parametrize(
    ("pixels", "found"),
    [
        (_page(RED), True),
        (_page((235, 120, 120)), True),
        (_page(BLUE), False),
        (_page(BLACK), False),
        (_page(BLACK, (255, 200, 210)), False),
        (_page(BLACK, (255, 225, 205)), False),
        (_page((150, 110, 40)), False),
        (_page(RED)[:, :, 0], False),
    ],
    ids=["red", "pale red", "blue", "black", "pink paper", "old paper", "brown", "grey"],
)
def test_red_ink_is_found_and_pink_paper_is_not(pixels: Picture, found: bool) -> None:
    assert (enhance.red_ink(pixels) is not None) is found


def test_red_ink_is_shown_alone_black_on_white_and_larger() -> None:
    alone = enhance.red_ink(_page(RED))
    assert alone is not None
    assert alone.shape == (600 * enhance.RED_SCALE, 420 * enhance.RED_SCALE)
    assert alone[404:408, 140:300].max() < 90
    assert alone[190:230, :].min() > 240, "black print is left out"
    assert alone[800:, :].min() > 240


def test_ink_is_what_is_darker_than_its_surroundings() -> None:
    mask = enhance.ink_mask(_page(RED, (200, 190, 180)))
    assert mask[105, 60:360].all()
    assert mask[203, 80:140].all()
    assert not mask[300:].any()
