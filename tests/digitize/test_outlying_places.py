"""Marks turned in a margin and framed at the foot are found; ordinary pages have no such place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitize.frames import Picture
from digitize.leaning_place import Ink
from digitize.model import Line, Word
from digitize.ocr import make_line
from digitize.outlying_places import find_outlying

DPI = 100.0
MM = DPI / 25.4
Corner = tuple[float, float]


def _page() -> Picture:
    """Return a page of print between its margins, with a numbered list."""
    page = np.full((1169, 827), 255, np.uint8)
    for row in range(30):
        y = round((30 + 7 * row) * MM)
        for x in np.arange(30 if row % 3 else 36, 188, 3.0):
            cv2.rectangle(page, (round(x * MM), y), (round((x + 2) * MM), y + 10), 0, -1)
    return page


def _bars(page: Picture, corner: Corner, step: Corner, size: Corner) -> None:
    """Draw six letters as bars, millimetres, from a corner on."""
    for index in range(6):
        x, y = corner[0] + index * step[0], corner[1] + index * step[1]
        far = round((x + size[0]) * MM), round((y + size[1]) * MM)
        cv2.rectangle(page, (round(x * MM), round(y * MM)), far, 60, -1)


def _frame(page: Picture, corner: Corner, size: Corner) -> None:
    near = round(corner[0] * MM), round(corner[1] * MM)
    far = round((corner[0] + size[0]) * MM), round((corner[1] + size[1]) * MM)
    cv2.rectangle(page, near, far, 60, 2)


def _read(corner: Corner, size: Corner) -> Line:
    """Return a row that was read at a place, millimetres."""
    left, top = (side * 72 / 25.4 for side in corner)
    wide, high = (side * 72 / 25.4 for side in size)
    box = (left, top, left + wide, top + high)
    return make_line([Word(text="Nghiệm", box=box, confidence=0.9)])


def test_an_ordinary_page_has_no_such_place() -> None:
    assert find_outlying(_page(), DPI) == ()
    rgb = np.repeat(_page()[:, :, None], 3, axis=2)
    assert find_outlying(rgb, DPI) == ()


@pytest.mark.parametrize("x", [10.0, 198.0])
def test_letters_turned_in_a_margin_are_looked_at_from_both_ends(x: float) -> None:
    page = _page()
    _bars(page, (x, 120.0), (0.0, 5.0), (4.5, 3.0))
    ((one, other),) = find_outlying(page, DPI)
    assert (one.x, one.y) == pytest.approx((x + 2.2, 134), abs=2)
    assert (other.x, other.y) == (one.x, one.y)
    assert one.degrees == pytest.approx(-90, abs=1)
    assert other.degrees == pytest.approx(90, abs=1)
    assert one.wide == pytest.approx(31, abs=2)


def test_of_a_turned_frame_the_inside_is_looked_at() -> None:
    page = _page()
    _frame(page, (7.0, 60.0), (12.0, 34.0))
    _bars(page, (11.0, 62.0), (0.0, 5.0), (4.5, 3.0))
    ((one, _),) = find_outlying(page, DPI)
    assert one.framed
    assert (one.wide, one.high) == pytest.approx((34, 12), abs=1.5)


def test_coloured_letters_turned_in_a_margin_are_read_by_their_colour() -> None:
    drawn = np.full((1169, 827), 255, np.uint8)
    _bars(drawn, (10.0, 120.0), (0.0, 5.0), (4.5, 3.0))
    page = np.repeat(_page()[:, :, None], 3, axis=2)
    page[drawn < 128] = (205, 30, 46)
    ((one, _),) = find_outlying(page, DPI)
    assert one.ink is Ink.COLOURED


def test_a_frame_at_the_left_of_the_foot_is_looked_at_though_print_is_near() -> None:
    page = _page()
    _frame(page, (31.0, 242.0), (38.0, 13.0))
    _bars(page, (34.0, 246.0), (5.0, 0.0), (3.0, 4.5))
    ((place,),) = find_outlying(page, DPI)
    assert place.framed
    assert (place.x, place.y) == pytest.approx((50, 248.5), abs=1)


@pytest.mark.parametrize("corner", [(34.0, 266.0), (150.0, 270.0), (150.0, 9.0)])
def test_letters_that_stand_alone_at_head_or_foot_are_looked_at(corner: Corner) -> None:
    page = _page()
    _bars(page, corner, (5.0, 0.0), (3.0, 4.5))
    ((place,),) = find_outlying(page, DPI)
    assert not place.framed
    assert place.x == pytest.approx(corner[0] + 14, abs=1)
    assert find_outlying(page, DPI, [_read(corner, (28.0, 5.0))]) == ()


def test_strokes_right_above_print_are_no_mark() -> None:
    page = _page()
    _bars(page, (150.0, 252.0), (5.0, 0.0), (3.0, 4.5))
    left, top, wide, high = 140.0, 258.0, 45.0, 3.0
    far = round((left + wide) * MM), round((top + high) * MM)
    cv2.rectangle(page, (round(left * MM), round(top * MM)), far, 0, -1)
    assert find_outlying(page, DPI, [_read((left, top), (wide, high))]) == ()


def test_what_runs_along_the_border_of_a_scan_is_no_mark() -> None:
    page = _page()
    page[400:700, :20] = 0
    page[100:1000, 30:33] = 0
    assert find_outlying(page, DPI) == ()
