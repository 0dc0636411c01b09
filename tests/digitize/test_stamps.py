"""Coloured stamps are cut out, read together, and their words brought back."""

from __future__ import annotations

import numpy as np
import pytest

from digitize.frames import Picture
from digitize.model import Line, Mark, MarkKind, Word
from digitize.ocr import make_line
from digitize.stamps import may_be_stamps, read_stamps

DPI = 144.0
RED = (206, 32, 44)


def _page() -> Picture:
    """Return a page of 600 by 800 points with two red bars on it."""
    pixels = np.full((1600, 1200, 3), 255, np.uint8)
    pixels[200:240, 100:300] = RED
    pixels[1000:1060, 700:900] = RED
    return pixels


def _bars(picture: Picture, dpi: float) -> tuple[Line, ...]:
    """Read each dark bar as a word."""
    rows = np.flatnonzero((picture < 128).any(axis=1))
    found = []
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
        columns = np.flatnonzero((picture[run] < 128).any(axis=0))
        left, right, scale = columns[0], columns[-1] + 1, 72 / dpi
        box = (left * scale, run[0] * scale, right * scale, (run[-1] + 1) * scale)
        found.append(make_line([Word(text="MẬT", box=box, confidence=0.9)]))
    return tuple(found)


def test_words_come_back_to_their_places() -> None:
    boxes = [(50.0, 100.0, 150.0, 120.0), (350.0, 500.0, 450.0, 530.0)]
    lines = read_stamps(_page(), boxes, DPI, _bars)
    assert len(lines) == 2
    for line, box in zip(lines, boxes, strict=True):
        assert line.box == pytest.approx(box, abs=2)


@pytest.mark.parametrize(
    "box",
    [(50.0, 300.0, 150.0, 330.0), (50.0, 100.0, 60.0, 103.0), (590.0, 790.0, 640.0, 830.0)],
    ids=["no colour", "too small", "over the corner"],
)
def test_what_holds_no_stamp_costs_nothing(box: tuple[float, float, float, float]) -> None:
    def nobody(picture: Picture, dpi: float) -> tuple[Line, ...]:
        raise AssertionError((picture.shape, dpi))

    assert read_stamps(_page(), [box], DPI, nobody) == ()


def test_the_upper_half_is_looked_at_whatever_its_marks_were_named() -> None:
    marks = [
        Mark(kind=kind, box=(0.0, top, 50.0, top + 30))
        for kind in MarkKind
        for top in (10.0, 700.0)
    ]
    chosen = may_be_stamps(marks, 800.0)
    assert [box[1] for box in chosen].count(10.0) == 3
    assert [box[1] for box in chosen].count(700.0) == 1
