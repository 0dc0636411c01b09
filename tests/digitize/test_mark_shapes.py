"""«MẬT» is known by the shape of its letters where what lies across them lets nobody read them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from digitize.frames import Picture
from digitize.mark_shapes import likeness
from fixtures.blocks import BOLD
from fixtures.typesetting import font_path

MILLIMETRE = 200 / 25.4
# The gate's least for a stamp in a frame, and for one that stands alone.
FRAMED, ALONE = 0.48, 0.55


def _stamp(text: str, face: str = "serif", capitals: float = 4.5, lean: float = 0.0) -> Picture:
    """Return a stamp of 52 by 12 mm, black on white; capitals in millimetres."""
    page = Image.new("L", (round(52 * MILLIMETRE), round(12 * MILLIMETRE)), "white")
    font = ImageFont.truetype(font_path(BOLD, face), round(capitals / 0.7 * MILLIMETRE))
    middle = (page.width / 2, page.height / 2)
    ImageDraw.Draw(page).text(middle, text, font=font, fill=0, anchor="mm")
    return np.asarray(page.rotate(lean, Image.Resampling.BICUBIC, fillcolor="white"))


@pytest.mark.parametrize("face", ["serif", "sans", "heros"])
@pytest.mark.parametrize("text", ["MẬT", "TUYỆT MẬT", "M Ậ T"])
def test_the_word_is_known_in_other_fonts_and_with_letters_apart(text: str, face: str) -> None:
    assert likeness(_stamp(text, face), MILLIMETRE) >= ALONE


@pytest.mark.parametrize(("capitals", "lean"), [(3.4, 3.0), (5.8, -3.0)])
def test_the_word_is_known_small_or_large_and_where_it_leans_a_little(
    capitals: float, lean: float
) -> None:
    assert likeness(_stamp("MẬT", capitals=capitals, lean=lean), MILLIMETRE) >= ALONE


def test_print_across_the_letters_does_not_hide_them() -> None:
    stamp = np.array(_stamp("TỐI MẬT", capitals=5.0))
    title = _stamp("GIẤY CHỨNG NHẬN", capitals=3.4)
    low = round(4 * MILLIMETRE)
    stamp[low:] = np.minimum(stamp[low:], title[:-low])
    assert likeness(stamp, MILLIMETRE) >= FRAMED


def test_neither_codes_nor_empty_paper_look_like_it() -> None:
    code = (np.random.default_rng(7).random((16, 70)) < 0.5).astype(np.uint8) * 255
    size = (round(52 * MILLIMETRE), round(12 * MILLIMETRE))
    squares = np.asarray(cv2.resize(code, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    assert likeness(squares, MILLIMETRE) < FRAMED
    assert likeness(_stamp(""), MILLIMETRE) < 0.1
    assert likeness(np.full((2, 9), 255, np.uint8), MILLIMETRE) == 0.0
