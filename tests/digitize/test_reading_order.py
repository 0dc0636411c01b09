"""Lines come after those that stand above them; columns stay as they were parted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitize.model import Line, Word
from digitize.ocr import make_line
from digitize.reading_order import in_reading_order


def _line(text: str, left: float, top: float, right: float) -> Line:
    return make_line([Word(text=text, box=(left, top, right, top + 12), confidence=0.9)])


LEFT = [_line("a", 70, 60, 250), _line("b", 70, 75, 250)]
RIGHT = [_line("c", 290, 60, 540), _line("d", 290, 75, 540)]
BODY = [_line("e", 200, 110, 400), _line("f", 70, 130, 540), _line("g", 70, 150, 540)]


@pytest.mark.parametrize(
    ("read", "right"),
    [
        ([*LEFT, *RIGHT, *BODY], "abcdefg"),
        ([*RIGHT, *LEFT, *BODY], "cdabefg"),
        ([*LEFT, BODY[1], *RIGHT, BODY[0], BODY[2]], "abcdefg"),
        ([*LEFT, *BODY, *RIGHT], "abcdefg"),
        ([*LEFT, *RIGHT, BODY[1], BODY[0], BODY[2]], "abcdefg"),
        ([BODY[2], BODY[1], BODY[0]], "efg"),
        ([], ""),
    ],
)
def test_a_line_comes_after_those_above_it(read: list[Line], right: str) -> None:
    assert "".join(line.text for line in in_reading_order(read)) == right


def test_rows_that_reach_into_each_other_keep_their_order() -> None:
    upper, lower = _line("x", 70, 100, 300), _line("y", 70, 104, 300)
    assert in_reading_order([lower, upper]) == (lower, upper)


BOXES = st.tuples(st.integers(0, 500), st.integers(0, 800), st.integers(0, 300))


@given(st.lists(BOXES, max_size=12))
def test_no_line_is_lost_and_a_second_time_changes_nothing(
    boxes: list[tuple[int, int, int]],
) -> None:
    lines = [_line(str(index), x, y, x + wide) for index, (x, y, wide) in enumerate(boxes)]
    ordered = in_reading_order(lines)
    assert sorted(map(id, ordered)) == sorted(map(id, lines))
    assert in_reading_order(ordered) == ordered
