"""Rules of tables are no signs; lines to write on, and signs that are printed, stay."""

from __future__ import annotations

import numpy as np
import pytest

from digitize.frames import Picture
from digitize.model import Box, Word
from digitize.ocr import make_line
from digitize.ruled import without_rules

DPI = 144.0
PIXELS = 2  # to a point
MM = DPI / 25.4


@pytest.fixture
def table() -> Picture:
    """Draw a table of two cells, an inch high, and below it a line to write on."""
    picture = np.full((400, 600), 255, np.uint8)
    for y in (100, 244):
        picture[y : y + 2, 100:500] = 40
    for x in (100, 300, 498):
        picture[100:246, x : x + 2] = 40
    picture[330:332, 100:300] = 40
    picture[150:170, 150:200:6] = 40  # letters of a word
    return picture


def _word(text: str, box: Box) -> Word:
    return Word(text=text, box=box, confidence=0.95)


def _texts(words: list[Word], picture: Picture) -> list[str]:
    return [line.text for line in without_rules([make_line(words)], picture, DPI)]


@pytest.mark.parametrize("sign", ["|", "[", "I", "1", "||"])
def test_a_rule_between_cells_is_no_word(sign: str, table: Picture) -> None:
    words = [
        _word("Huệ", (75, 75, 100, 85)),
        _word(sign, (149, 70, 152, 90)),
        _word("|", (249, 70, 250, 90)),
    ]
    assert _texts(words, table) == ["Huệ"]


def test_a_rule_that_is_read_with_a_word_leaves_the_word(table: Picture) -> None:
    words = [_word("|Huệ_", (49, 75, 100, 85))]
    assert _texts(words, table) == ["Huệ"]


def test_a_line_of_nothing_but_rules_goes(table: Picture) -> None:
    assert _texts([_word("_", (60, 49, 90, 52)), _word("|", (149, 60, 152, 80))], table) == []


def test_a_line_to_write_on_stays(table: Picture) -> None:
    words = [_word("Số:", (75, 75, 100, 85)), _word("____", (60, 164, 140, 167))]
    assert _texts(words, table) == ["Số: ____"]


def test_signs_that_are_printed_stay(table: Picture) -> None:
    table[150:170, 220:222] = 40  # a bar as high as letters, in a cell
    words = [
        _word("A", (75, 75, 85, 85)),
        _word("|", (109, 74, 112, 86)),
        _word("B|", (75, 75, 99, 85)),
    ]
    assert _texts(words, table) == ["A | B|"]


def test_lines_without_such_signs_are_given_back(table: Picture) -> None:
    line = make_line([_word("Huệ", (75, 75, 100, 85)), _word("I", (149, 70, 152, 90))])
    assert without_rules([line], table, DPI) == (line,)
