"""Numbers by pen are told from print by their ink, and give no field."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

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


def _lowered(box: Box, pixels: int) -> Box:
    down = pixels * 72 / DPI
    return (box[0], box[1] + down, box[2], box[3] + down)


def _label(family: str, label: tuple[str, ...] = LABEL) -> tuple[Image.Image, list[Word], float]:
    """Print a label on white paper; return its words, and where a value begins."""
    sheet = Image.new("RGB", (900, 160), "white")
    font = ImageFont.truetype(font_path(Style(), family), 36)
    words, x = [], float(LEFT)
    for text in label:
        words.append(_printed(sheet, text, (x, font)))
        x += font.getlength(f"{text} ")
    return sheet, words, x


def _printed(sheet: Image.Image, text: str, place: tuple[float, ImageFont.FreeTypeFont]) -> Word:
    x, font = place
    pen = ImageDraw.Draw(sheet)
    pen.text((x, BASE), text, font=font, fill=(20, 20, 20), anchor="ls")
    box = pen.textbbox((x, BASE), text, font=font, anchor="ls")
    return Word(text=text, box=_in_points(box), confidence=0.95)


def _found(sheet: Picture, *rows: list[Word]) -> tuple[Box, ...]:
    grey = np.asarray(cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return find_handwriting(grey, DPI, tuple(map(make_line, rows)))


@pytest.mark.parametrize("family", ["serif", "sans", "libertine", "pagella"])
@pytest.mark.parametrize("value", ["655", "7", "12,5", "1984", "27/09/1963", "000126655443"])
@pytest.mark.parametrize("bold", [False, True])
def test_printed_numbers_are_print(family: str, value: str, *, bold: bool) -> None:
    sheet, words, x = _label(family)
    font = ImageFont.truetype(font_path(Style(bold=bold), family), 36)
    words.append(_printed(sheet, value, (x, font)))
    assert _found(np.array(sheet), words) == ()


def _written(seed: int, value: str, sheet: Image.Image, x: float) -> tuple[Picture, Box]:
    """Write a value by pen; return the page, and where the value stands on it."""
    random = np.random.default_rng([seed, 3])
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
    return pixels, _in_points((left + across, top + down, right + across, bottom + down))


def _by_pen(seed: int, value: str) -> bool:
    sheet, words, x = _label("serif")
    pixels, box = _written(seed, value, sheet, x)
    words.append(Word(text=value, box=box, confidence=0.95))
    return _found(pixels, words) == (box,)


def _grown_together(sheet: Image.Image, x: float) -> Word:
    """Print a notation whose letters touch each other."""
    font = ImageFont.truetype(font_path(Style(), "serif"), 36)
    printed = _printed(sheet, "/HĐ-CN", (x, font))
    end = x + font.getlength("/HĐ-CN")
    ImageDraw.Draw(sheet).rectangle((x + 14, BASE - 3, end, BASE), fill=(20, 20, 20))
    return printed


def test_a_number_that_its_notation_stands_right_behind_is_judged() -> None:
    def is_told(seed: int) -> bool:
        sheet, words, x = _label("serif")
        pixels, box = _written(seed, "655", sheet, x)
        after = Image.fromarray(pixels)
        printed = _grown_together(after, box[2] * DPI / 72 + 3)
        whole = (box[0], min(box[1], printed.box[1]), printed.box[2], max(box[3], printed.box[3]))
        words.append(Word(text="655/HĐ-CN", box=whole, confidence=0.95))
        return _found(np.array(after), words) == (whole,)

    told = [is_told(seed) for seed in SEEDS]
    assert np.mean(told) > 0.9, told


def test_a_printed_number_that_its_notation_stands_right_behind_is_print() -> None:
    sheet, words, x = _label("serif")
    font = ImageFont.truetype(font_path(Style(), "serif"), 36)
    number = _printed(sheet, "655", (x, font))
    printed = _grown_together(sheet, x + font.getlength("655"))
    whole = (*number.box[:2], *printed.box[2:])
    words.append(Word(text="655/HĐ-CN", box=whole, confidence=0.95))
    assert _found(np.array(sheet), words) == ()


@pytest.mark.parametrize("label", [("cuốn:",), ("Quyển", "số:")])
@pytest.mark.parametrize("confidence", [0.95, 0.5])
def test_a_row_without_capitals_is_judged_by_the_rows_beside_it(
    label: tuple[str, ...], confidence: float
) -> None:
    font = ImageFont.truetype(font_path(Style(), "serif"), 36)

    def found(seed: int | None) -> bool:
        above, row, _ = _label("serif")
        sheet, words, x = _label("serif", label)
        if seed is None:
            number = _printed(sheet, "655", (x, font))
            pixels, box = np.array(sheet), number.box
        else:
            pixels, box = _written(seed, "655", sheet, x)
        words = [replace(word, confidence=confidence) for word in words]
        words.append(Word(text="655", box=box, confidence=0.95))
        lower = [replace(word, box=_lowered(word.box, above.height)) for word in words]
        return _found(np.vstack([np.array(above), pixels]), row, lower) == (lower[-1].box,)

    assert not found(None)
    assert np.mean([found(seed) for seed in SEEDS]) > 0.9


def test_digits_paler_than_print_are_no_print() -> None:
    sheet, words, x = _label("serif")
    font = ImageFont.truetype(font_path(Style(), "serif"), 36)
    number = _printed(sheet, "655", (x, font))
    pixels = np.array(sheet)
    right = round(x) - 2
    pixels[:, right:] = 255 - (255 - pixels[:, right:]) // 3
    assert _found(pixels, [*words, number]) == (number.box,)


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
