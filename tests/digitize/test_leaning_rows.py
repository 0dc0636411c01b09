"""Rows that lean on a level page are told from level ones, whatever hangs below their letters."""

from __future__ import annotations

from math import radians, tan

import pytest

from digitize.leaning_rows import leans
from digitize.model import Word

BELOW = {"g": 0.23, "p": 0.23, ",": 0.16}


def _row(text: str, degrees: float, *, jump: float = 0.0) -> list[Word]:
    """Return words of 12 points on a line that rises or falls, what hangs hanging below it."""
    found, left = [], 100.0
    for index, word in enumerate(text.split()):
        width = 6.0 * len(word)
        foot = 400 + (left + width / 2 - 100) * tan(radians(degrees)) + jump * (index % 2)
        hangs = max((BELOW.get(letter, 0.0) for letter in word), default=0.0)
        bottom = foot + hangs * 12 / (1 - hangs)
        found.append(Word(text=text.split()[index], box=(left, foot - 12, left + width, bottom),
                          confidence=0.7))  # fmt: skip
        left += width + 4
    return found


@pytest.mark.parametrize("degrees", [-9.0, -3.5, 4.0, 14.0])
def test_a_leaning_row_leans(degrees: float) -> None:
    assert leans(_row("Trao anh Long xem", degrees))


@pytest.mark.parametrize("degrees", [0.0, 0.4, -1.0])
def test_a_row_of_print_does_not_though_letters_hang_below_it(degrees: float) -> None:
    assert not leans(_row("Trao anh trong phòng họp, xong", degrees))


def test_two_words_must_lean_more() -> None:
    assert not leans(_row("Trao nhanh", -3.0))
    assert leans(_row("Trao anh Hai", -3.0))
    assert leans(_row("Trao nhanh", -7.0))


def test_two_rows_that_were_read_as_one_do_not_lean() -> None:
    assert not leans(_row("Trao anh Long xem", 3.5, jump=8.0))


@pytest.mark.parametrize("text", ["bản", "bản 2", "— | *"])
def test_too_little_tells_nothing(text: str) -> None:
    assert not leans(_row(text, 9.0))
