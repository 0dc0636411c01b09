"""Frames below seals and codes are found, in ink of any colour; seals and codes alone are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitize.frames import Picture
from digitize.model import Box
from digitize.stamp_places import find_places
from fixtures.marks import Surface
from fixtures.reading.ink import put, round_seal

DPI = 100.0
MM = DPI / 25.4
POINT = 25.4 / 72.0
FRAME, SEAL, RADIUS = (50.0, 64.0), (56.0, 58.0), 16.5


def _paper() -> Picture:
    return np.full((1169, 827, 3), 255, np.uint8)


def _press(page: Picture, colour: str, seed: int) -> Box:
    """Seal a page; return the seal's box in points."""
    surface = Surface(dpi=round(DPI), random=np.random.default_rng(seed))
    put(page, round_seal(surface, SEAL, colour, RADIUS))
    left, top, right, foot = (
        SEAL[0] - RADIUS, SEAL[1] - RADIUS, SEAL[0] + RADIUS, SEAL[1] + RADIUS
    )  # fmt: skip
    return left / POINT, top / POINT, right / POINT, foot / POINT


def _frame(page: Picture, colour: tuple[int, int, int], lean: float) -> None:
    box = cv2.boxPoints(((FRAME[0] * MM, FRAME[1] * MM), (40 * MM, 13 * MM), lean))
    cv2.polylines(page, [np.rint(box).astype(np.int32)], True, colour, thickness=2)


def _crossing(page: Picture) -> None:
    """Let a row of print run along the upper side, one through the right one."""
    for top, left in ((56, 34), (62, 58)):
        for index in range(10):
            x, y = round((left + 3.2 * index) * MM), round(top * MM)
            cv2.rectangle(page, (x, y), (x + 6, y + 9), (30, 30, 34), 2)


def _framed_there(page: Picture, seal: Box) -> bool:
    return any(
        place.framed
        and abs(place.x - FRAME[0]) < 3
        and abs(place.y - FRAME[1]) < 2
        and abs(place.wide - 40) < 6
        for place in find_places(page, DPI, seals=[seal])
    )


@pytest.mark.parametrize("lean", [0.0, -6.0])
@pytest.mark.parametrize(
    ("frame", "seal"),
    [
        ((30, 30, 34), "red"),
        ((34, 52, 152), "red"),
        ((30, 30, 34), "blue"),
        ((158, 24, 38), "blue"),
    ],
)
def test_a_frame_of_another_ink_is_found_though_print_and_a_seal_cross_it(
    frame: tuple[int, int, int], seal: str, lean: float
) -> None:
    page = _paper()
    _frame(page, frame, lean)
    _crossing(page)
    assert _framed_there(page, _press(page, seal, 3))


@pytest.mark.parametrize("lean", [4.0, -7.0])
def test_a_frame_of_the_seals_own_ink_is_found_on_a_grey_page(lean: float) -> None:
    page = _paper()
    _frame(page, (60, 60, 60), lean)
    seal = _press(page, "black", 5)
    grey = np.ascontiguousarray(page[..., 0])
    assert _framed_there(grey, seal)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_seal_on_print_holds_no_frame(seed: int) -> None:
    page = _paper()
    _crossing(page)
    seal = _press(page, ("red", "black")[seed % 2], seed)
    for sheet in (page, np.ascontiguousarray(page.min(axis=2))):
        assert not any(place.framed for place in find_places(sheet, DPI, seals=[seal]))


@pytest.mark.parametrize("lean", [0.0, -7.0])
def test_a_pale_frame_that_a_code_lies_on_is_found_between_its_modules(lean: float) -> None:
    page = np.ascontiguousarray(_paper()[..., 0])
    box = cv2.boxPoints(((FRAME[0] * MM, FRAME[1] * MM), (40 * MM, 13 * MM), lean))
    cv2.polylines(page, [np.rint(box).astype(np.int32)], True, 150, thickness=2)
    modules = np.random.default_rng(4).random((25, 25)) < 0.5
    dark = np.kron(modules, np.ones((4, 4), np.bool_))
    left, top = round(25 * MM), round(60 * MM)
    page[top : top + 100, left : left + 100][dark] = 20
    code = (25 / POINT, 60 / POINT, 50.4 / POINT, 85.4 / POINT)
    found = find_places(page, DPI, codes=[code])
    assert any(place.framed and abs(place.x - FRAME[0]) < 3 for place in found)
    page[page == 150] = 255
    assert not any(place.framed for place in find_places(page, DPI, codes=[code]))
