"""Where the beginning of a row reads badly, a mark in the same ink may lie across it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digitize.crossed_rows import find_crossed
from digitize.leaning_place import MILLIMETRES_A_POINT
from digitize.model import Line, Word
from digitize.ocr import make_line

WIDTH, HEIGHT = 595.0, 842.0


def _row(words: str, confidences: list[float], top: float = 240.0, left: float = 85.0) -> Line:
    """Return a row of words, each 30 points wide."""
    return make_line(
        [
            Word(
                text=word,
                box=(left + 34 * at, top, left + 34 * at + 30, top + 14),
                confidence=confidence,
            )
            for at, (word, confidence) in enumerate(zip(words.split(), confidences, strict=True))
        ]
    )


def test_the_beginning_of_a_row_that_breaks_off_is_a_place() -> None:
    row = _row("ỦY, diI c tạ đhön thôn Đồng", [0.84, 0.0, 0.61, 0.45, 0.22, 0.95, 0.96])
    (place,) = find_crossed([row], WIDTH, HEIGHT)
    assert place.y == pytest.approx(245 * MILLIMETRES_A_POINT, abs=1)
    left = (place.x - place.wide / 2) / MILLIMETRES_A_POINT
    right = (place.x + place.wide / 2) / MILLIMETRES_A_POINT
    assert left < 85
    assert 240 < right < 300
    assert 8 < place.high < 14


def test_a_place_is_no_wider_than_a_mark() -> None:
    row = _row("aa bb cccccccccc dd ee", [0.1, 0.1, 0.9, 0.9, 0.1])
    stretched = make_line(
        [replace(word, box=(4 * word.box[0], *word.box[1:])) for word in row.words[1:]]
    )
    whole = make_line([row.words[0], *stretched.words])
    (place,) = find_crossed([whole], WIDTH, HEIGHT)
    assert place.wide / MILLIMETRES_A_POINT < 220


@pytest.mark.parametrize(
    "row",
    [
        _row("Địa chỉ trụ sở thôn Đồng", [0.9, 0.9, 0.9, 0.9, 0.9, 0.9]),
        _row("Địa chỉ trụ 2⁄2 —— thôn", [0.9, 0.9, 0.9, 0.2, 0.1, 0.9]),
        _row("ỦY, diI c tạ đhön", [0.84, 0.0, 0.61, 0.45, 0.22], top=600.0),
        _row("ỦY, diI c tạ đhön", [0.84, 0.0, 0.61, 0.45, 0.22], left=330.0),
    ],
)
def test_rows_read_well_and_rows_elsewhere_are_none(row: Line) -> None:
    assert find_crossed([row], WIDTH, HEIGHT) == ()


def test_of_a_page_that_nobody_can_read_some_rows_are_looked_at() -> None:
    rows = [_row("xq zz nn", [0.1, 0.1, 0.1], top=100.0 + 20 * at) for at in range(12)]
    assert len(find_crossed(rows, WIDTH, HEIGHT)) == 3
