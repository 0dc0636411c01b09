"""Frames of stamps are found though they are pale or run into print; level boxes are print."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitize.frames import Picture
from digitize.masks import connected
from digitize.model import Box
from digitize.stamp_frames import find_frames

MM = 100 / 25.4


def _frame(lean_degrees: float, *, wide: float = 70.0, high: float = 20.0) -> Picture:
    """Draw a frame at a hundred points an inch."""
    ink = np.zeros((400, 700), np.uint8)
    corners = cv2.boxPoints(((350.0, 200.0), (wide * MM, high * MM), lean_degrees))
    cv2.polylines(ink, [np.rint(corners).astype(np.int32)], True, 1, thickness=2)
    return ink


def _find(ink: Picture) -> tuple[Box, ...]:
    return find_frames(ink, connected(ink), MM, level_too=False)


@pytest.mark.parametrize("lean", [-4.0, 1.5])
def test_a_leaning_frame_is_a_stamp(lean: float) -> None:
    (box,) = _find(_frame(lean))
    assert (box[0] + box[2], box[1] + box[3]) == pytest.approx((700, 400), abs=4)


def test_a_frame_with_gaps_is_one_stamp() -> None:
    ink = _frame(1.5)
    for left in (260, 330, 420):
        ink[:, left : left + 4] = 0
    assert len(_find(ink)) == 1


def test_print_that_touches_a_frame_is_no_part_of_it() -> None:
    ink = _frame(1.5)
    (alone,) = _find(ink)
    foot = round(alone[3])
    ink[foot - 6 : foot + 14, 240:246] = 1
    (box,) = _find(ink)
    assert box == pytest.approx(alone, abs=2)


@pytest.mark.parametrize("lean", [0.0, 0.15])
def test_a_level_box_is_printed(lean: float) -> None:
    assert _find(_frame(lean)) == ()


@pytest.mark.parametrize("lean", [-0.6, 0.6])
def test_a_small_stamp_that_leans_a_little_is_one(lean: float) -> None:
    assert len(_find(_frame(lean, wide=30.0, high=9.0))) == 1


@pytest.mark.parametrize(("lean", "count"), [(4.0, 1), (0.0, 0)])
def test_a_pen_within_a_leaning_frame_does_not_hide_it(lean: float, count: int) -> None:
    ink = _frame(lean)
    ink[165:235, 300:302] = 1
    for left in range(240, 440, 10):
        ink[170:230, left : left + 6] |= np.eye(60, 6, dtype=np.uint8)
        ink[198:200, 230:450] = 1
    assert len(_find(ink)) == count
