"""A page without ink of a colour: what a seal lies across is there again."""

from __future__ import annotations

import numpy as np
import pytest

from digitize.frames import Picture
from digitize.leaning_place import Ink
from digitize.seen_through import seen_through, what_hides

MM = 100.0 / 25.4
RED, BLUE, BLACK = (205, 30, 46), (34, 52, 152), (30, 30, 34)


def _page(*colours: tuple[int, int, int]) -> Picture:
    """Return a page with a bar of ten square centimetres of each colour."""
    page = np.full((584, 827, 3), 255, np.uint8)
    for index, colour in enumerate(colours):
        page[100 * index + 10 : 100 * index + 50, 100:500] = colour
    return page


@pytest.mark.parametrize(
    ("ink", "left"),
    [
        (Ink.BUT_RED, (False, True, True)),
        (Ink.BUT_BLUE, (True, False, True)),
        (Ink.BLACK, (False, False, True)),
    ],
)
def test_only_ink_of_the_colour_is_gone(ink: Ink, left: tuple[bool, ...]) -> None:
    seen = seen_through(_page(RED, BLUE, BLACK), ink)
    assert tuple(bool(seen[100 * index + 30, 300] < 150) for index in range(3)) == left
    assert all(seen[100 * index + 30, 300] > 215 for index in range(3) if not left[index])


@pytest.mark.parametrize(
    ("colours", "ways"),
    [
        ((BLACK,), ()),
        ((BLACK, RED), (Ink.BUT_RED,)),
        ((BLUE,), (Ink.BUT_BLUE,)),
        ((RED, BLUE), (Ink.BUT_RED, Ink.BUT_BLUE, Ink.BLACK)),
    ],
)
def test_a_page_is_looked_at_only_past_colours_that_it_has(
    colours: tuple[tuple[int, int, int], ...], ways: tuple[Ink, ...]
) -> None:
    assert what_hides(_page(*colours), MM) == ways


def test_a_few_coloured_points_hide_nothing() -> None:
    page = _page(BLACK)
    page[300:312, 100:112] = RED
    assert what_hides(page, MM) == ()


def test_rows_that_a_blue_pen_wrote_hide_nothing() -> None:
    page = _page(BLACK)
    for row in range(200, 560, 40):
        page[row : row + 14, 100:500] = BLUE
    assert what_hides(page, MM) == ()
