"""The copy that is read: level, upright, red ink gone, shadows gone; the picture is not touched."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from digitize import enhance
from digitize.frames import Picture
from tests.digitize.workbench import sheet

BODY = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015"
PAGE = Image.fromarray(sheet([BODY] * 20, dpi=100))
RED, BLUE, BLACK, WHITE = (206, 32, 44), (28, 48, 150), (20, 20, 22), (255, 255, 255)


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


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (4, 4), (7, 3)])
def test_the_smallest_pictures_are_prepared(size: tuple[int, int]) -> None:
    for pixels in (np.zeros(size, np.uint8), np.zeros((*size, 3), np.uint8)):
        assert enhance.ink_mask(pixels).shape == size


def test_ink_is_what_is_darker_than_its_surroundings() -> None:
    mask = enhance.ink_mask(_page(RED, (200, 190, 180)))
    assert mask[105, 60:360].all()
    assert mask[203, 80:140].all()
    assert not mask[300:].any()


def _shade(picture: Picture) -> Picture:
    return (picture * np.linspace(0.4, 1.0, picture.shape[1])[None, :]).astype(np.uint8)


PRINT = np.asarray(PAGE.convert("L"))


@pytest.mark.parametrize(
    ("picture", "soft"),
    [
        (PRINT, False),
        (enhance.smooth(PRINT, 1.0), False),
        (enhance.smooth(PRINT, 3.0), True),
        (enhance.turn(enhance.smooth(PRINT, 4.0), 1), True),
        (np.full_like(PRINT, 240), False),
        (enhance.flatten(_shade(np.full_like(PRINT, 240))), False),
        (np.zeros((2, 2), np.uint8), False),
    ],
    ids=["print", "a little soft", "soft", "soft and turned", "blank", "shade", "tiny"],
)
def test_a_page_out_of_focus_has_ink_and_no_sharp_edge(picture: Picture, *, soft: bool) -> None:
    assert enhance.is_out_of_focus(picture) is soft


def test_fax_lines_are_drawn_as_high_as_they_are_wide() -> None:
    pixels = np.full((10, 20), 255, np.uint8)
    pixels[4:6, 8:12] = 0
    square = enhance.stretch(pixels, (1.0, 2.0))
    assert square.shape == (20, 20)
    rows, columns = np.nonzero(square < 128)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 11, 8, 11)
    assert enhance.stretch(pixels, (1.0, 1.0)) is pixels


def test_sharpening_steepens_soft_edges_and_leaves_paper_white() -> None:
    soft = enhance.smooth(PRINT, 2.0)
    sharp = enhance.sharpen(soft, 3.0, 3.0)
    edges = [np.abs(np.diff(item.astype(int), axis=1)).max() for item in (soft, sharp)]
    assert edges[1] > 1.5 * edges[0]
    assert np.array_equal(sharp[:60], soft[:60])


def test_one_thread_is_enough_for_a_page() -> None:
    enhance.limit_threads()
    assert cv2.getNumThreads() == 1


@pytest.mark.parametrize("percent", [0, 1, 5, 50, 80, 99.9, 100])
def test_levels_that_are_counted_are_those_that_sorting_finds(percent: float) -> None:
    random = np.random.default_rng(2)
    for size, levels in (((1, 1), 256), ((3, 2), 9), ((60, 41), 256), ((200, 100), 3)):
        picture = random.integers(0, levels, size).astype(np.uint8)
        assert enhance.level_at(picture, percent) == pytest.approx(np.percentile(picture, percent))


def test_a_picture_shrinks_by_a_whole_number_and_never_to_nothing() -> None:
    steep = np.array([[0, 90], [180, 250]], np.uint8).repeat(4, axis=0).repeat(4, axis=1)
    assert enhance.shrink(steep, 4).tolist() == [[0, 90], [180, 250]]
    assert enhance.shrink(np.pad(steep, ((0, 3), (0, 2))), 4).tolist() == [[0, 90], [180, 250]]
    assert enhance.shrink(steep[:2], 4).shape == (1, 2)
    assert enhance.shrink(steep, 1) is steep
