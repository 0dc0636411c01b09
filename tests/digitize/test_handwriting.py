"""Numbers by pen are told from print by their ink, and give no field."""

from __future__ import annotations

import datetime as dt

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from config.fields import load_field_rules
from digitize.describe import describe
from digitize.fields import complete
from digitize.frames import Picture
from digitize.handwriting import find_handwriting
from digitize.model import Box, Line, Paper, Word
from digitize.ocr import make_line
from fixtures.blocks import Style
from fixtures.marks import Surface
from fixtures.reading.ink import put
from fixtures.typesetting import font_path
from fixtures.understanding.pen import Hand, draw_hand, write
from tests.digitize.workbench import heading, line, page_of

DPI = 200
LABEL, LEFT, BASE = ("Thửa", "đất", "số:"), 60, 80
SEEDS = range(24)


def _in_points(box: tuple[float, float, float, float]) -> Box:
    left, top, right, bottom = (side * 72 / DPI for side in box)
    return (left, top, right, bottom)


def _label(family: str) -> tuple[Image.Image, list[Word], float]:
    """Print a label on white paper; return its words, and where a value begins."""
    sheet = Image.new("RGB", (900, 160), "white")
    font = ImageFont.truetype(font_path(Style(), family), 36)
    words, x = [], float(LEFT)
    for text in LABEL:
        words.append(_printed(sheet, text, (x, font)))
        x += font.getlength(f"{text} ")
    return sheet, words, x


def _printed(sheet: Image.Image, text: str, place: tuple[float, ImageFont.FreeTypeFont]) -> Word:
    x, font = place
    pen = ImageDraw.Draw(sheet)
    pen.text((x, BASE), text, font=font, fill=(20, 20, 20), anchor="ls")
    box = pen.textbbox((x, BASE), text, font=font, anchor="ls")
    return Word(text=text, box=_in_points(box), confidence=0.95)


def _found(sheet: Picture, words: list[Word]) -> tuple[Box, ...]:
    grey = np.asarray(cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return find_handwriting(grey, DPI, (make_line(words),))


@pytest.mark.parametrize("family", ["serif", "sans", "libertine", "pagella"])
@pytest.mark.parametrize("value", ["655", "7", "12,5", "1984", "27/09/1963", "000126655443"])
@pytest.mark.parametrize("bold", [False, True])
def test_printed_numbers_are_print(family: str, value: str, *, bold: bool) -> None:
    sheet, words, x = _label(family)
    font = ImageFont.truetype(font_path(Style(bold=bold), family), 36)
    words.append(_printed(sheet, value, (x, font)))
    assert _found(np.array(sheet), words) == ()


def _by_pen(seed: int, value: str) -> bool:
    random = np.random.default_rng([seed, 3])
    sheet, words, x = _label("serif")
    pixels = np.array(sheet)
    drawn = draw_hand(random)
    # Blue fades from the copy that is read; scribbles read as nothing.
    hand = Hand(kind=("chancery", "script")[seed % 2], colour="black",
                size=drawn.size, slant=drawn.slant)  # fmt: skip
    mark = write(Surface(dpi=DPI, random=random), value, (x / DPI * 25.4, BASE / DPI * 25.4), hand)
    put(pixels, mark)
    inked = np.argwhere(mark.area)
    (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0) + 1
    across, down = mark.corner
    box = _in_points((left + across, top + down, right + across, bottom + down))
    words.append(Word(text=value, box=box, confidence=0.95))
    return _found(pixels, words) == (box,)


def test_a_pen_is_told_though_it_reads_as_surely_as_print() -> None:
    values = ("655", "1978", "34,2", "000126655443")
    missed = [seed for seed in SEEDS if not _by_pen(seed, values[seed % len(values)])]
    assert len(missed) <= len(SEEDS) // 20, missed


def test_most_single_digits_are_told() -> None:
    alone = [_by_pen(seed, "4") for seed in SEEDS]
    assert np.mean(alone) > 0.7


def test_a_row_without_letters_says_nothing() -> None:
    sheet = Image.new("RGB", (900, 160), "white")
    font = ImageFont.truetype(font_path(Style(), "serif"), 36)
    assert _found(np.array(sheet), [_printed(sheet, "655", (60.0, font))]) == ()


def _said(*by_hand: Box) -> tuple[str | None, str | None]:
    rows: list[Line] = [
        line("Họ, chữ đệm, tên: LÊ THỬ NGHIỆM C", 80, 300, 10),
        line("Ngày sinh: 01/02/1990", 80, 320, 10),
    ]
    page = page_of([*heading(), *rows], by_hand=by_hand)
    paper = Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")
    found = complete(describe(paper), paper, "GKS", load_field_rules(None), dt.date(2026, 11, 20))
    return found.value("holder"), found.value("birth_date")


def test_a_day_by_pen_is_missing_and_nothing_else() -> None:
    day = line("Ngày sinh: 01/02/1990", 80, 320, 10).words[-1].box
    assert _said() == ("LÊ THỬ NGHIỆM C", "1990-02-01")
    assert _said(day) == ("LÊ THỬ NGHIỆM C", None)
    name = line("Họ, chữ đệm, tên: LÊ THỬ NGHIỆM C", 80, 300, 10).words[-1].box
    assert _said(name) == ("LÊ THỬ NGHIỆM C", "1990-02-01")
