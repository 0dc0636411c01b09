"""Places of signature blocks: at the upper corners, free, never on anything written."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digitize.frames import Picture
from digitize.model import Box
from digitize.places import FreePlaces, Zone
from tests.digitize.workbench import RULES

DPI = 100.0
POINTS_PER_MM = 72 / 25.4
WIDTH, HEIGHT = 827, 1169
EDGE_MM = RULES.block.edge_mm
ZONE = Zone(
    corner="right",
    width_mm=RULES.block.zone_width_mm,
    height_mm=RULES.block.zone_height_mm,
    edge_mm=EDGE_MM,
)
LEFT = Zone(
    corner="left",
    width_mm=RULES.personal_block.zone_width_mm,
    height_mm=RULES.personal_block.zone_height_mm,
    edge_mm=EDGE_MM,
)
SIZE = (227.0, 60.0)


def find_free_box(
    picture: Picture, size: tuple[float, float] = SIZE, zone: Zone = ZONE, taken: Iterable[Box] = ()
) -> Box | None:
    return FreePlaces(picture, DPI, taken).find(size, zone)


def _page() -> Picture:
    return np.full((HEIGHT, WIDTH, 3), 255, np.uint8)


def _inked(*boxes: Box) -> Picture:
    """Draw text-like stripes in boxes given in points."""
    page = _page()
    for box in boxes:
        left, top, right, bottom = (round(value * DPI / 72) for value in box)
        page[top:bottom:3, left:right] = 20
    return page


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_on_an_empty_page_it_is_the_corner() -> None:
    box = find_free_box(_page())
    assert box is not None
    edge = ZONE.edge_mm * POINTS_PER_MM
    assert box[2] == pytest.approx(WIDTH * 72 / DPI - edge, abs=1)
    assert box[1] == pytest.approx(edge)
    assert (box[2] - box[0], box[3] - box[1]) == pytest.approx(SIZE)
    assert all(type(value) is float for value in box)


def test_at_the_left_it_is_the_left_corner_millimetre_for_millimetre() -> None:
    box = find_free_box(_page(), (180.0, 27.0), LEFT)
    assert box is not None
    assert [value / POINTS_PER_MM for value in box] == pytest.approx(
        [EDGE_MM, EDGE_MM, EDGE_MM + 63.5, EDGE_MM + 9.525], abs=0.1
    )


@pytest.mark.parametrize(
    ("ink", "moves"),
    [((5.0, 5.0, 90.0, 90.0), "aside"), ((5.0, 5.0, 580.0, 60.0), "down")],
    ids=["QR code", "a headline across the page"],
)
def test_from_the_left_corner_it_moves_beside_or_below(ink: Box, moves: str) -> None:
    box = find_free_box(_inked(ink), (120.0, 27.0), LEFT)
    assert box is not None
    assert not _overlap(box, ink)
    if moves == "aside":
        assert (box[0] - ink[2], box[1]) == pytest.approx((2, EDGE_MM * POINTS_PER_MM), abs=4)
    else:
        assert (box[0], box[1] - ink[3]) == pytest.approx((EDGE_MM * POINTS_PER_MM, 2), abs=4)


def test_a_place_that_is_taken_is_free_no_more() -> None:
    free = FreePlaces(_page(), DPI)
    first = free.find(SIZE, ZONE)
    assert first is not None
    free.take(first)
    second = free.find(SIZE, ZONE)
    assert second is not None
    assert not _overlap(first, second)


@pytest.mark.parametrize(
    ("ink", "moves"),
    [
        ((400.0, 5.0, 590.0, 40.0), "down"),
        ((560.0, 10.0, 590.0, 200.0), "left"),
        ((0.0, 200.0, 595.0, 842.0), "stays"),
        ((0.0, 0.0, 250.0, 842.0), "stays"),
    ],
)
def test_it_moves_no_farther_than_it_must(ink: Box, moves: str) -> None:
    corner = find_free_box(_page())
    box = find_free_box(_inked(ink))
    assert box is not None
    assert corner is not None
    assert not _overlap(box, ink)
    if moves == "stays":
        assert box == corner
    elif moves == "down":
        assert box[1] > corner[1]
        assert box[1] - ink[3] < 8
    else:
        assert box[0] < corner[0]
        assert ink[0] - box[2] < 8


def test_a_full_zone_is_for_a_person() -> None:
    assert find_free_box(_inked((0, 0, 595, 842))) is None


def test_a_block_that_is_larger_than_the_page_is_for_a_person() -> None:
    assert find_free_box(_page(), (700.0, 60.0)) is None
    assert find_free_box(_page(), (200.0, 900.0)) is None
    tiny = np.full((30, 40, 3), 255, np.uint8)
    assert find_free_box(tiny) is None


def test_words_without_ink_are_not_covered_either() -> None:
    """White letters on a photo, or a QR code so pale that it does not count as ink."""
    corner = find_free_box(_page())
    assert corner is not None
    taken = (corner[0] + 5, corner[1] + 5, corner[2] - 5, corner[3] - 5)
    box = find_free_box(_page(), taken=[taken])
    assert box is not None
    assert not _overlap(box, taken)


@pytest.mark.parametrize(
    "taken",
    [
        (-50.0, -50.0, -10.0, -10.0),
        (900.0, 900.0, 950.0, 950.0),
        (590.0, -20.0, 700.0, 10.0),
        (500.0, 30.0, 400.0, 20.0),
        (300.0, 20.0, 300.0, 60.0),
    ],
)
def test_odd_boxes_do_no_harm(taken: Box) -> None:
    assert find_free_box(_page(), taken=[taken]) is not None


@pytest.mark.parametrize(
    "stroke",
    [(450, 50, 452, 53), (450, 50, 500, 51), (450, 50, 451, 80)],
    ids=["full stop", "thin line", "thin stroke"],
)
def test_the_smallest_stroke_is_not_covered(stroke: tuple[int, int, int, int]) -> None:
    page = _page()
    left, top, right, bottom = (round(value * DPI / 72) for value in stroke)
    page[top : max(bottom, top + 1), left : max(right, left + 1)] = 0
    box = find_free_box(page)
    assert box is not None
    assert not _overlap(box, stroke)


def test_a_dotted_line_to_write_on_is_no_dust() -> None:
    page = _page()
    page[60, 450:800:4] = 0
    box = find_free_box(page)
    assert box is not None
    assert not _overlap(box, (324.0, 43.0, 576.0, 44.0))


def test_scanner_dust_does_not_move_it_and_one_line_of_text_does() -> None:
    page = _page()
    dust = np.random.default_rng(2)
    page[dust.integers(0, 200, 25), dust.integers(400, 820, 25)] = 0
    corner = find_free_box(_page())
    assert find_free_box(page) == corner
    text = _inked((480.0, 40.0, 560.0, 48.0))
    assert find_free_box(text) != corner


@pytest.mark.parametrize("tint", [255, 235, 200])
def test_tinted_paper_is_no_ink(tint: int) -> None:
    page = np.full((HEIGHT, WIDTH, 3), (255, tint, tint), np.uint8)
    assert find_free_box(page) == find_free_box(_page())


boxes = st.tuples(st.floats(0, 560), st.floats(0, 230), st.floats(4, 120), st.floats(4, 40)).map(
    lambda place: (place[0], place[1], place[0] + place[2], place[1] + place[3])
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(boxes, max_size=8),
    st.lists(boxes, max_size=4),
    st.floats(60, 300),
    st.floats(20, 120),
)
@example([(424.75, 0.0, 428.75, 16.0)], [], 153.0, 20.0)
def test_nothing_written_is_ever_covered(
    inked: list[Box], taken: list[Box], width: float, height: float
) -> None:
    box = find_free_box(_inked(*inked), (width, height), taken=taken)
    if box is None:
        return
    edge = ZONE.edge_mm * POINTS_PER_MM
    page = (WIDTH * 72 / DPI, HEIGHT * 72 / DPI)
    assert edge - 0.01 <= box[0] < box[2] <= page[0] - edge + 0.01
    assert edge - 0.01 <= box[1] < box[3] <= page[1] - edge + 0.01
    assert box[0] >= page[0] - ZONE.width_mm * POINTS_PER_MM - 0.01
    assert box[3] <= ZONE.height_mm * POINTS_PER_MM + 0.01
    smaller = (box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1)
    assert not any(_overlap(smaller, other) for other in [*inked, *taken])
