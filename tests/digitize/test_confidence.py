"""How sure a reading is: its words, its syllables, the ink that it left unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from digitize.confidence import (
    Judgement,
    judge,
    judge_running_text,
    judge_text,
    mean_confidence,
    weight,
)
from digitize.frames import Picture
from digitize.model import Line, Word
from tests.digitize.workbench import line, sheet

BODY = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015"
WORDS = BODY.split()
TEXTS = [" ".join(WORDS[start % 7 :] + WORDS[: start % 5]) for start in range(12)]
SHEET = sheet(TEXTS, dpi=100)[:, :, 0]
SURE = Judgement(
    confidence=0.95, legal_share=1.0, words=200, letters=900, read_share=0.98, upwards=False
)


def _lines(texts: Sequence[str], sure: float = 0.95) -> tuple[Line, ...]:
    """Return lines where `sheet` draws them: 25 mm from the left, 8 mm apart from 40 mm down."""
    found = [line(text, 70.0, (36.0 + 8.0 * row) / 25.4 * 72) for row, text in enumerate(texts)]
    return tuple(
        replace(item, words=tuple(replace(word, confidence=sure) for word in item.words))
        for item in found
    )


def _words(*pairs: tuple[str, float]) -> tuple[Line, ...]:
    words = tuple(
        Word(text=text, box=(0.0, 0.0, 10.0, 10.0), confidence=sure) for text, sure in pairs
    )
    return (replace(line("x", 0, 0), words=words),) if words else ()


@pytest.mark.parametrize(
    ("pairs", "mean"),
    [((), 0.0), ((("ab", 0.5),), 0.5), ((("a", 1.0), ("bcd", 0.0)), 0.25), ((("ab", 0.0),), 0.0)],
)
def test_confidence_is_the_mean_over_letters(
    pairs: tuple[tuple[str, float], ...], mean: float
) -> None:
    assert mean_confidence(_words(*pairs)) == pytest.approx(mean)


def test_rubbish_hardly_adds_weight() -> None:
    text = _lines(TEXTS[:3])
    assert weight(()) == 0.0
    assert weight(text) > weight(text[:2])
    rubbish = _words(*[("||~}", 0.1)] * 20)
    assert weight(text + rubbish) < 1.01 * weight(text)
    assert weight(_lines(TEXTS[:3], sure=0.6)) < weight(_lines(TEXTS[:2]))


def test_a_page_that_was_read_is_neither_doubtful_nor_unreadable() -> None:
    found = judge(_lines(TEXTS), SHEET, 100)
    assert found.words == sum(len(text.split()) for text in TEXTS)
    assert found.letters > 200
    assert found.read_share > 0.85
    assert not found.is_doubtful
    assert found.is_readable


def test_text_that_was_left_unread_is_missed() -> None:
    half = judge(_lines(TEXTS[:5]), SHEET, 100)
    assert half.read_share < 0.5
    assert half.is_doubtful
    assert half.is_readable, "what was read was read surely"
    nothing = judge((), SHEET, 100)
    assert nothing.read_share == 0.0
    assert nothing.is_doubtful
    assert nothing.may_lie_wrong
    assert not nothing.is_readable


def _scenery() -> Picture:
    """Return a picture full of spots that stand in no rows."""
    spots = np.random.default_rng(5).integers(0, 1100, (1500, 2))
    pixels = np.full((1169, 827), 255, np.uint8)
    for top, left in spots:
        pixels[top : top + 5, left % 800 : left % 800 + 4] = 30
    return pixels


@pytest.mark.parametrize(
    "picture",
    [np.full((1169, 827), 255, np.uint8), np.zeros((1169, 827), np.uint8), _scenery()],
    ids=["blank", "black", "scenery"],
)
def test_a_page_without_text_is_no_unreadable_page(picture: Picture) -> None:
    for lines in ((), _words(("Hình", 0.9), ("1", 0.4))):
        found = judge(lines, picture, 100)
        assert found.letters == 0
        assert not found.is_doubtful
        assert found.is_readable


@pytest.mark.parametrize(
    ("changes", "doubtful", "lies_wrong", "readable"),
    [
        ({}, False, False, True),
        ({"confidence": 0.86}, True, False, True),
        ({"confidence": 0.62}, True, True, True),
        ({"confidence": 0.4, "legal_share": 0.3}, True, True, False),
        ({"confidence": 0.55}, True, True, False),
        ({"legal_share": 0.9}, True, False, True),
        ({"legal_share": 0.5, "confidence": 0.8}, True, True, False),
        ({"legal_share": 0.3, "confidence": 0.93}, True, True, True),
        ({"read_share": 0.4}, True, False, True),
        ({"read_share": 0.2}, True, False, False),
        ({"read_share": 0.2, "letters": 20}, False, False, True),
        ({"upwards": True}, True, True, True),
        ({"words": 3, "letters": 10, "confidence": 0.2}, False, True, True),
        ({"words": 3, "letters": 10}, False, False, True),
        ({"words": 0, "letters": 10, "confidence": 0.0}, False, False, True),
        ({"words": 3, "letters": 300, "read_share": 0.05}, True, True, False),
    ],
)
def test_doubt_and_refusal_need_their_reasons(
    changes: dict[str, float], doubtful: bool, lies_wrong: bool, readable: bool
) -> None:
    found = replace(SURE, **changes)  # type: ignore[arg-type]  # names and values of one table
    assert found.is_doubtful is doubtful
    assert found.may_lie_wrong is lies_wrong
    assert found.is_readable is readable


def test_running_text_is_judged_without_what_lies_in_marks() -> None:
    text, seal = _lines(TEXTS[:6]), _words(*[("ỚẬ|N", 0.2)] * 30)
    whole = judge(text + seal, SHEET, 100)
    parted = judge_running_text(text, whole)
    assert whole.confidence < parted.confidence
    assert parted.legal_share == judge_text(text).legal_share == 1.0
    assert parted.read_share == whole.read_share
    assert not judge_running_text((), replace(whole, out_of_focus=True)).is_readable


def test_rubbish_set_apart_does_not_make_a_page_readable() -> None:
    """Fewer words than say anything are left, and the rows of letters were not read."""
    few, rubbish = _words(("Số", 0.9), ("12", 0.8)), _words(*[("ỚẬ|N", 0.3)] * 30)
    whole = replace(judge(few + rubbish, SHEET, 100), letters=300, read_share=0.9)
    assert not judge_running_text(few, whole).is_readable
    assert judge_running_text(few, replace(whole, letters=20)).is_readable, "a label, a stamp"
    assert judge_running_text(few, replace(whole, confidence=0.9)).is_readable, "a stamped back"
