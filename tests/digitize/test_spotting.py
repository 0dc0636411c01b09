"""Words are found where their letters' ink is, whatever lies over it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from digitize.own_print import Letter
from digitize.spotting import Strip, make_lexicon, score_letters, spot

FOOT = 20
INKED, BARE, SMEARED = math.log(0.97 / 0.02), math.log(0.03 / 0.98), math.log(0.97 / 0.6)
SHAPES = {
    "t": ["..#..", "#####", "..#..", "..#..", "..#..", "..#..", "..##."],
    "o": [".###.", "#...#", "#...#", "#...#", "#...#", ".###."],
    "i": ["#", ".", "#", "#", "#", "#", "#"],
    "n": ["#.##.", "##..#", "#...#", "#...#", "#...#"],
    "l": ["#", "#", "#", "#", "#", "#", "#", "#", "#"],
}
WORDS = {"toi": -6.0, "ton": -6.0, "to": -6.0, "lon": -6.0, "tin": -9.0}


def _letters() -> dict[str, Letter]:
    """Draw each letter with strokes of two pixels."""
    letters = {}
    for name, rows in SHAPES.items():
        small = np.array([[point == "#" for point in row] for row in rows], dtype=np.float32)
        weights = np.kron(small, np.ones((2, 2), np.float32))
        letters[name] = Letter(weights=weights, rise=weights.shape[0], sure=True)
    return letters


def _strip(word: str, left: int, width: int = 120) -> Strip:
    speaks = np.full((30, width), BARE, np.float32)
    for letter in word:
        shape = _letters()[letter].weights > 0
        top = FOOT - shape.shape[0]
        speaks[top:FOOT, left : left + shape.shape[1]][shape] = INKED
        left += shape.shape[1] + 1
    return Strip(speaks=speaks, foot=FOOT)


def _best(strip: Strip) -> tuple[str, int]:
    letters = _letters()
    found = list(spot(score_letters(strip, letters), letters, make_lexicon(WORDS)))
    best = max(found, key=lambda word: word.score + WORDS[word.text])
    return best.text, best.left


@pytest.mark.parametrize("word", sorted(WORDS))
@pytest.mark.parametrize("left", [0, 17, 60])
def test_a_word_is_found_where_it_stands(word: str, left: int) -> None:
    assert _best(_strip(word, left)) == (word, left)


def test_a_word_is_found_through_ink_that_lies_over_it() -> None:
    strip = _strip("ton", 30)
    speaks = strip.speaks.copy()
    speaks[:, 36:52] = np.where(speaks[:, 36:52] > 0, SMEARED, SMEARED / 2)
    assert _best(Strip(speaks=speaks, foot=FOOT)) == ("ton", 30)


def test_ink_that_is_missing_speaks_against_a_word() -> None:
    scores = score_letters(_strip("o", 10), _letters())
    assert scores["o"].argmax() == 10
    assert scores["l"].max() < scores["t"].max() < scores["o"].max() / 2


def test_blank_paper_holds_no_word() -> None:
    letters = _letters()
    strip = Strip(speaks=np.full((30, 80), BARE, np.float32), foot=FOOT)
    assert not list(spot(score_letters(strip, letters), letters, make_lexicon(WORDS)))


def test_words_of_unknown_letters_are_left_out() -> None:
    letters = _letters()
    lexicon = make_lexicon({"ton": -6.0, "txn": -1.0, "x": -1.0})
    found = spot(score_letters(_strip("ton", 20), letters), letters, lexicon)
    assert {word.text for word in found} == {"ton"}


def test_a_letter_wider_than_the_strip_is_not_looked_for() -> None:
    strip = Strip(speaks=np.full((30, 6), BARE, np.float32), foot=FOOT)
    assert set(score_letters(strip, _letters())) == {"i", "l"}
