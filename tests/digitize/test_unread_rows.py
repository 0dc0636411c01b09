"""Rows that were not read are looked at again where a mark may stand, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digitize.model import Line
from digitize.ocr import make_line
from digitize.unread_rows import find_unread
from tests.digitize.workbench import heading, line

WIDTH, HEIGHT = 595.0, 842.0


def _unsure(item: Line, confidence: float = 0.05) -> Line:
    return make_line([replace(word, confidence=confidence) for word in item.words])


def _found(*lines: Line) -> int:
    return len(find_unread([*heading("Số: 12/TB-UBND"), *lines], WIDTH, HEIGHT))


def test_a_row_that_reads_like_nothing_is_looked_at_again() -> None:
    (place,) = find_unread(
        [*heading(), _unsure(line("lê t6 ABC", 89, 131, 13)), line("QUYẾT ĐỊNH", 271, 131, 14)],
        WIDTH,
        HEIGHT,
    )
    left, right = place.x - place.wide / 2, place.x + place.wide / 2
    assert left * 72 / 25.4 < 89
    # As long as marks are, for the engine may have lost the end of it.
    assert 180 < right * 72 / 25.4 < 271
    assert not place.framed


def test_pieces_of_a_row_are_looked_at_together() -> None:
    pieces = (_unsure(line("lê", 89, 131, 13)), _unsure(line("ABC", 130, 132, 13)))
    assert _found(*pieces) == 1
    # Each by itself is shorter than any mark.
    assert _found(pieces[0], _unsure(line("ABC", 130, 200, 13))) == 0


@pytest.mark.parametrize(
    "row",
    [
        line("PHIẾU GỬI", 89, 131, 13),
        _unsure(line("lê t6 ABC", 430, 131, 13)),
        _unsure(line("lê t6 ABC", 89, 500, 13)),
        _unsure(line("lê t6 ABC", 89, 131, 4)),
        _unsure(line("x", 89, 131, 13)),
    ],
    ids=["read", "at the right", "below", "small", "short"],
)
def test_what_can_be_no_mark_is_left_alone(row: Line) -> None:
    assert _found(row) == 0


def test_what_a_pen_wrote_behind_a_label_is_left_alone() -> None:
    label = line("Họ và tên:", 85, 200, 12)
    pen = _unsure(line("Z¿ Z⁄⁄ //⁄!", label.box[2] + 8, 200, 12))
    assert _found(label, pen) == 0


def test_few_rows_are_looked_at() -> None:
    rows = [_unsure(line("lê t6 ABC", 89, 131 + 30 * row, 13)) for row in range(8)]
    assert _found(*rows) == 3
