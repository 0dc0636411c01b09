"""Stamps are cut out level and without their frames; what cannot be read is told."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from digitize.frames import Picture
from digitize.leaning_place import Ink, StampPlace
from digitize.model import Line, Word
from digitize.ocr import make_line
from digitize.stamp_reading import LookReader, level_cut, read_places
from fixtures.blocks import BOLD
from fixtures.typesetting import font_path

DPI = 200.0
MM = DPI / 25.4
PLACE = StampPlace(x=50, y=40, wide=44, high=14, degrees=8.0, framed=True)


def _stamp(text: str, degrees: float = PLACE.degrees) -> Picture:
    """Return a page of 100 by 80 mm with a framed stamp in its middle that leans."""
    page = Image.new("L", (round(100 * MM), round(80 * MM)), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((28 * MM, 33 * MM, 72 * MM, 47 * MM), outline=60, width=3)
    font = ImageFont.truetype(font_path(BOLD, "serif"), round(7 * MM))
    pen.text((50 * MM, 40 * MM), text, font=font, fill=60, anchor="mm")
    return np.asarray(page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor="white"))


def _saying(*texts: str, confidence: float = 0.9) -> tuple[LookReader, list[Picture]]:
    """Return an engine that says something at each look, and the looks it was given."""
    given: list[Picture] = []

    def read(look: Picture, is_row: bool) -> tuple[Line, ...]:
        text = texts[min(len(given), len(texts) - 1)]
        given.append(look)
        words = [Word(text=word, box=(0, 0, 9, 9), confidence=confidence) for word in text.split()]
        return (make_line(words),) if words else ()

    return read, given


def test_a_leaning_stamp_is_cut_out_level_and_without_its_frame() -> None:
    ink = level_cut(_stamp("TỐI MẬT"), PLACE, DPI) < 128
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert min(rows[0], ink.shape[0] - 1 - rows[-1]) > 3
    assert min(columns[0], ink.shape[1] - 1 - columns[-1]) > 10
    left, right = (
        np.flatnonzero(ink[:, part].any(axis=1))[-1]
        for part in (slice(columns[0], columns[0] + 60), slice(columns[-1] - 40, None))
    )
    assert abs(int(left) - int(right)) <= 3


def test_a_sound_reading_ends_the_looks() -> None:
    read, given = _saying("BẢN SAO")
    (stamp,) = read_places(_stamp("BẢN SAO"), [PLACE], DPI, read)
    assert (stamp.texts, stamp.sound, stamp.framed, len(given)) == (("BẢN SAO",), True, True, 1)
    assert stamp.box[0] < 50 / 25.4 * 72 < stamp.box[2]


@pytest.mark.parametrize("say", [lambda: _saying(""), lambda: _saying("xq", "zz#", confidence=0.3)])
def test_what_cannot_be_read_is_looked_at_in_other_ways_and_told(
    say: Callable[[], tuple[LookReader, list[Picture]]],
) -> None:
    read, given = say()
    (stamp,) = read_places(_stamp("TỐI MẬT"), [PLACE], DPI, read)
    assert (stamp.sound, stamp.framed, len(given)) == (False, True, 3)


def test_of_a_coloured_row_the_print_beside_it_counts_for_nothing() -> None:
    page = np.repeat(_stamp("", 0.0)[:, :, None], 3, axis=2)
    drawn = np.asarray(_stamp("TỐI MẬT", 0.0))
    page[drawn < 128] = (205, 30, 46)
    code = np.random.default_rng(3).random((24, 60)) < 0.5
    left, top = round(30 * MM), round(42 * MM)
    squares = np.kron(code, np.ones((4, 4))).astype(bool)
    page[top : top + 96, left : left + 240][squares] = 0
    row = StampPlace(x=50, y=41, wide=40, high=12, degrees=0.0, framed=False, ink=Ink.COLOURED)
    read, given = _saying("TỐI MẬT")
    (stamp,) = read_places(page, [row], DPI, read)
    assert stamp.texts == ("TỐI MẬT",)
    assert float((given[0] < 60).mean()) < 0.2


def test_of_a_pale_stamp_the_print_across_it_is_taken_off() -> None:
    page = np.array(_stamp("TỐI MẬT", 0.0))
    page[page < 200] = np.maximum(page[page < 200], 110)
    page[round(40 * MM) : round(41 * MM), round(20 * MM) : round(80 * MM)] = 10
    page[round(60 * MM) : round(64 * MM)] = 10
    place = StampPlace(x=50, y=40, wide=43, high=13, degrees=0.0, framed=True, ink=Ink.PALE)
    read, given = _saying("TỐI MẬT")
    read_places(page, [place], DPI, read)
    middle = given[0][given[0].shape[0] // 2, 40:-40]
    assert float((middle < 100).mean()) < 0.6


def test_a_frame_full_of_print_is_read_by_the_colour_of_its_letters() -> None:
    page = np.repeat(_stamp("", 0.0)[:, :, None], 3, axis=2)
    page[np.asarray(_stamp("TỐI MẬT", 0.0)) < 128] = (205, 30, 46)
    for row, column in np.ndindex(3, 18):  # rows of letters that run right through
        left, top = round((29 + 2.4 * column) * MM), round((34 + 4.5 * row) * MM)
        page[top : top + round(2.6 * MM), left : left + round(1.2 * MM)] = 0
    place = StampPlace(x=50, y=40, wide=43, high=13, degrees=0.0, framed=True)
    read, given = _saying("TỐI MẬT")
    (stamp,) = read_places(page, [place], DPI, read)
    assert stamp.texts == ("TỐI MẬT",)
    assert float((given[0] < 60).mean()) < 0.2


def test_soft_print_that_the_page_has_read_is_no_pale_stamp() -> None:
    place = StampPlace(x=50, y=40, wide=40, high=6.4, degrees=0.0, framed=False, ink=Ink.PALE)
    read, given = _saying("TỐI MẬT")
    box = (92.0, 108.0, 190.0, 118.0)
    known = make_line([Word(text="nghiệm", box=box, confidence=0.95)])
    assert read_places(_stamp("nghiệm", 0.0), [place], DPI, read, [known]) == ()
    assert given == []


def test_a_level_row_that_the_page_has_read_is_not_read_again() -> None:
    place = StampPlace(x=50, y=40, wide=40, high=8, degrees=0.0, framed=False)
    read, given = _saying("TỐI MẬT")
    box = (110.0, 108.0, 150.0, 118.0)
    known = make_line([Word(text="PHIẾU", box=box, confidence=0.7)])
    assert read_places(_stamp("PHIẾU", 0.0), [place], DPI, read, [known]) == ()
    assert given == []
    unread = make_line([Word(text="lê t6", box=box, confidence=0.1)])
    for lines in ([], [unread]):
        (stamp,) = read_places(_stamp("TỐI MẬT", 0.0), [place], DPI, read, lines)
        assert stamp.texts == ("TỐI MẬT",)


def test_letters_are_drawn_as_large_as_print() -> None:
    read, given = _saying("")
    read_places(_stamp("TỐI MẬT"), [PLACE], DPI, read)
    inks = (cv2.connectedComponentsWithStats((look < 128).astype(np.uint8))[2] for look in given)
    talls = [float(np.median([high for high in stats[1:, 3] if high > 15])) for stats in inks]
    assert 25 <= talls[0] <= 45
    assert talls[1] > talls[0]


def test_an_empty_box_is_no_stamp() -> None:
    read, given = _saying("MẬT")
    assert read_places(_stamp(""), [PLACE], DPI, read) == ()
    assert given == []
