"""Places of stamps are found however they lean, pale or crossed by print; tables are not stamps."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitize.frames import Picture
from digitize.leaning_place import Ink, StampPlace
from digitize.outlying_places import find_outlying
from digitize.stamp_places import find_places

DPI = 100.0
MM = DPI / 25.4
Centre = tuple[float, float]


def _paper() -> Picture:
    return np.full((1169, 827), 255, np.uint8)


def _frame(page: Picture, centre: Centre, lean: float, depth: int = 200) -> None:
    box = cv2.boxPoints(((centre[0] * MM, centre[1] * MM), (40 * MM, 14 * MM), lean))
    cv2.polylines(page, [np.rint(box).astype(np.int32)], True, 255 - depth, thickness=2)


def _letters(page: Picture, start: Centre, lean: float, depth: int = 200) -> None:
    """Draw six bars as large as letters in a row that leans."""
    turn = np.deg2rad(lean)
    for index in range(6):
        x = (start[0] + 5 * index * np.cos(turn)) * MM
        y = (start[1] + 5 * index * np.sin(turn)) * MM
        cv2.rectangle(
            page, (round(x), round(y)), (round(x + 3 * MM), round(y + 4 * MM)), 255 - depth, -1
        )


@pytest.mark.parametrize("lean", [-11.0, 0.0, 7.0])
@pytest.mark.parametrize("depth", [40, 200])
def test_a_frame_is_found_however_it_leans_and_however_pale(lean: float, depth: int) -> None:
    page = _paper()
    _frame(page, (50.0, 60.0), lean, depth)
    (place,) = find_places(page, DPI)
    assert place.framed
    assert (place.x, place.y) == pytest.approx((50, 60), abs=1)
    assert (place.wide, place.high) == pytest.approx((40, 14), abs=1.5)
    assert place.degrees == pytest.approx(lean, abs=0.8)


def test_a_frame_with_gaps_is_found() -> None:
    page = _paper()
    _frame(page, (50.0, 60.0), 4.0)
    page[:, 150:153] = 255
    page[:, 240:243] = 255
    assert [place.framed for place in find_places(page, DPI)] == [True]


def test_a_leaning_frame_that_large_print_runs_right_through_is_found() -> None:
    page = _paper()
    _frame(page, (50.0, 60.0), 6.0)
    cv2.line(page, (round(20 * MM), round(60 * MM)), (round(90 * MM), round(60 * MM)), 0, 8)
    assert any(place.framed and place.wide > 35 for place in find_places(page, DPI))


def test_of_a_double_frame_the_inside_counts() -> None:
    page = _paper()
    for size in ((40 * MM, 16 * MM), (37 * MM, 13 * MM)):
        box = cv2.boxPoints(((50 * MM, 60 * MM), size, 3.0))
        cv2.polylines(page, [np.rint(box).astype(np.int32)], True, 0, thickness=1)
    (place,) = find_places(page, DPI)
    assert place.wide == pytest.approx(37, abs=1)


def test_cells_of_a_table_are_no_frames() -> None:
    page = _paper()
    for x in (100, 250, 400, 550):
        cv2.line(page, (x, 200), (x, 360), 0, 2)
    for y in (200, 240, 280, 320, 360):
        cv2.line(page, (100, y), (550, y), 0, 2)
    assert find_places(page, DPI) == ()


def test_the_lower_half_is_not_looked_at() -> None:
    page = _paper()
    _frame(page, (50.0, 250.0), 4.0)
    assert find_places(page, DPI) == ()


def test_level_capitals_are_a_place_and_smaller_print_is_none() -> None:
    page = _paper()
    _letters(page, (30.0, 60.0), 0.0)
    (place,) = find_places(page, DPI)
    assert place.is_bare
    page = _paper()
    for index in range(6):
        cv2.rectangle(page, (120 + 14 * index, 240), (128 + 14 * index, 248), 0, -1)
    assert find_places(page, DPI) == ()


def test_letters_right_beside_a_code_are_a_row_of_their_own() -> None:
    page = _paper()
    _letters(page, (28.0, 28.0), 0.0)  # its modules
    _letters(page, (58.0, 28.0), 0.0)
    assert find_places(page, DPI) == ()  # too many for a mark
    code = (76.5, 56.7, 161.6, 141.7)
    (place,) = find_places(page, DPI, [code])
    assert (place.x, place.wide) == pytest.approx((72, 31), abs=1.5)


def test_a_level_frame_that_large_print_runs_right_through_is_found() -> None:
    page = _paper()
    _frame(page, (50.0, 60.0), 0.0)
    for index in range(14):
        x = 90 + 16 * index
        cv2.rectangle(page, (x, 228), (x + 12, 246), 0, -1)
    assert any(place.framed and place.wide > 35 for place in find_places(page, DPI))


def test_letters_that_lean_are_a_stamp() -> None:
    page = _paper()
    _letters(page, (30.0, 90.0), 6.0)
    (place,) = find_places(page, DPI)
    assert not place.framed
    assert place.degrees == pytest.approx(6, abs=1)
    assert place.holds(StampPlace(x=44, y=93.5, wide=1, high=1, degrees=0, framed=False))


def test_large_letters_that_lean_much_and_stand_apart_are_one_row_hats_and_all() -> None:
    page = _paper()
    turn = np.deg2rad(-14.0)
    for index in range(8):
        x, y = 25 + 9.5 * index * np.cos(turn), 110 + 9.5 * index * np.sin(turn)
        near, far = (round(x * MM), round(y * MM)), (round((x + 5) * MM), round((y + 6.5) * MM))
        cv2.rectangle(page, near, far, 40, -1)
        if index in {3, 6}:
            hat = (round((x + 1) * MM), round((y - 2.6) * MM))
            cv2.rectangle(page, hat, (hat[0] + 14, hat[1] + 7), 40, -1)
    (place,) = find_places(page, DPI)
    assert place.degrees == pytest.approx(-14, abs=1)
    assert place.wide > 65


def test_a_level_row_much_paler_than_the_print_is_a_stamp() -> None:
    page = _paper()
    for row in range(8):
        cv2.rectangle(page, (420, 100 + 30 * row), (800, 108 + 30 * row), 0, -1)
    _letters(page, (30.0, 60.0), 0.0, depth=70)
    assert [place.framed for place in find_places(page, DPI)] == [False]


def test_coloured_letters_are_a_stamp_whatever_lies_on_them() -> None:
    page = np.repeat(_paper()[:, :, None], 3, axis=2)
    drawn = _paper()
    _letters(drawn, (30.0, 60.0), 0.0)
    page[drawn < 128] = (205, 30, 46)
    cv2.line(page, (60, round(61 * MM)), (700, round(61 * MM)), (0, 0, 0), 1)
    assert any(place.ink is Ink.COLOURED for place in find_places(page, DPI))


def test_a_paler_frame_that_a_title_runs_through_is_found() -> None:
    page = _paper()
    _frame(page, (50.0, 60.0), -1.0, depth=120)
    for index in range(14):
        x = 110 + 16 * index
        cv2.rectangle(page, (x, 226), (x + 3, 246), 0, -1)
        cv2.rectangle(page, (x, 226), (x + 12, 229), 0, -1)
    assert any(place.framed and place.wide > 35 for place in find_places(page, DPI))


def test_a_pale_row_right_beside_a_title_is_a_row_of_its_own() -> None:
    page = _paper()
    for index in range(12):
        x = round((46 + 5 * index) * MM)
        cv2.rectangle(page, (x, 240), (x + 12, 256), 0, -1)
    for x in (30, 35, 40):
        cv2.rectangle(page, (round(x * MM), 238), (round(x * MM) + 14, 254), 120, -1)
    places = [place for place in find_places(page, DPI) if place.ink is Ink.PALE]
    assert [round(place.x) for place in places] == [37]


def test_letters_that_touch_are_counted_by_their_width() -> None:
    page = np.repeat(_paper()[:, :, None], 3, axis=2)
    page[240:256, 120:160] = (205, 30, 46)
    page[240:256, 166:180] = (205, 30, 46)
    (place,) = find_places(page, DPI)
    assert place.ink is Ink.COLOURED


def _crossed(count: int) -> Picture:
    """Return a page with red letters in a row that black print cuts: bars that lines cross."""
    page = np.repeat(_paper()[:, :, None], 3, axis=2)
    for index in range(count):
        x = round((30 + 5 * index) * MM)
        page[240:257, x : x + 12] = (205, 30, 46)
    return page


def test_coloured_letters_that_print_cuts_into_more_parts_are_a_row() -> None:
    page = _crossed(6)
    for index in range(6):
        x = round((30 + 5 * index) * MM)
        page[235:262, x + 5 : x + 7] = 0
    assert [place.ink for place in find_places(page, DPI)] == [Ink.COLOURED]


def test_coloured_letters_that_print_cuts_too_low_are_joined_again() -> None:
    page = _crossed(3)
    page[247:249, 60:700] = 0
    places = [place for place in find_places(page, DPI) if place.ink is Ink.COLOURED]
    assert [round(place.x) for place in places] == [36]


def test_pale_blue_on_yellow_paper_is_coloured() -> None:
    page = np.full((1169, 827, 3), (250, 243, 215), np.uint8)
    drawn = _paper()
    _letters(drawn, (30.0, 60.0), 5.0)
    # Of this ink no channel is far from the others: beside the paper it is blue.
    page[drawn < 128] = (190, 194, 206)
    (place,) = find_places(page, DPI)
    assert place.ink is Ink.COLOURED
    assert place.degrees == pytest.approx(5, abs=1)


def test_coloured_letters_are_read_by_their_colour_though_they_are_dark_too() -> None:
    page = np.repeat(_paper()[:, :, None], 3, axis=2)
    drawn = _paper()
    _letters(drawn, (30.0, 60.0), 6.0)
    page[drawn < 128] = (205, 30, 46)
    (place,) = find_places(page, DPI)
    assert place.ink is Ink.COLOURED


def test_a_leaning_frame_on_a_table_is_found_though_print_hides_a_side() -> None:
    page = _paper()
    for x in (120, 255, 508):
        cv2.line(page, (x, 270), (x, 560), 0, 2)
    for y in (270, 310, 365, 420, 560):
        cv2.line(page, (120, y), (508, y), 0, 2)
    _frame(page, (52.0, 64.0), -8.0)
    for index in range(12):
        cv2.rectangle(page, (150 + 9 * index, 280), (154 + 9 * index, 292), 0, -1)
    assert any(place.framed and place.degrees < -6 for place in find_places(page, DPI))


def test_of_a_page_full_of_leaning_frames_only_some_are_looked_at() -> None:
    few, page = _paper(), _paper()
    for index in range(200):
        across, down = 14.0 + 19.5 * (index % 10), 12.0 + 14.0 * (index // 10)
        box = cv2.boxPoints(((across * MM, down * MM), (15 * MM, 8 * MM), 5.0))
        for sheet in (few, page)[index > 11 :]:
            cv2.polylines(sheet, [np.rint(box).astype(np.int32)], True, 0, thickness=2)
    looks = [find_places(sheet, DPI) for sheet in (few, page)]
    assert len(looks[0]) == len(looks[1]) == 12
    assert max(place.y for place in looks[1]) < 60
    assert len(find_outlying(page, DPI)) <= 8


def test_a_page_of_many_boxes_does_not_hide_the_one_in_the_marks_place() -> None:
    page = _paper()
    _frame(page, (45.0, 30.0), 3.0)
    for row in range(6):
        for column in range(3):
            cv2.rectangle(
                page,
                (80 + 240 * column, 250 + 52 * row),
                (250 + 240 * column, 285 + 52 * row),
                0,
                2,
            )
    assert find_places(page, DPI)[0].y == pytest.approx(30, abs=1)


def test_pieces_of_a_worn_frame_are_no_letters_of_the_row_within() -> None:
    page, drawn = np.repeat(_paper()[:, :, None], 3, axis=2), _paper()
    _letters(drawn, (30.0, 44.0), -12.0)
    worn = ([(24, 48), (22, 41), (31, 39)], [(33, 38.6), (50, 35)], [(26, 55), (44, 51.2)])
    for line in (*worn, [(53, 34.3), (60, 32.8), (61.5, 39)]):
        points = np.rint(np.array(line) * MM).astype(np.int32)
        cv2.polylines(drawn, [points], False, 0, thickness=2)
    page[drawn < 128] = (205, 30, 46)
    assert any(
        place.wide > 24 and place.degrees == pytest.approx(-12, abs=2.5)
        for place in find_places(page, DPI)
    )
