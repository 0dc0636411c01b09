"""What is taken for a damaged row, and what the journal says of it."""

from __future__ import annotations

import logging

import pytest

from desk.damage import damage_alarm, damage_lines, show_each
from storage.damaged_rows import row_damaged


def show(name: str) -> int:
    """Show a row; some are damaged."""
    if name == "hỏng":
        raise row_damaged(name)
    return int(name)


def test_the_journal_says_once_where_and_never_what(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            shown, damaged = show_each(show, ["1", "hỏng", "bà THỬ NGHIỆM", "2"])
            assert (shown, damaged) == ({"1": 1, "2": 2}, ["hỏng", "bà THỬ NGHIỆM"])
    (said,) = [each.getMessage() for each in caplog.records]
    assert said.startswith(f"ValueError at {__name__}:")
    assert "NGHIỆM" not in said


def test_what_no_garbled_value_raises_is_shown_as_the_fault_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        show_each(lambda number: 1 // number, [1, 0])


def test_nothing_is_said_where_nothing_is_damaged() -> None:
    assert damage_lines([]) == []
    assert damage_alarm([]) is None
    many = damage_alarm([f"giấy-{number}" for number in range(9)])
    assert many is not None
    assert "Có 9 dòng" in many.vi
    assert "giấy-5" not in many.vi
