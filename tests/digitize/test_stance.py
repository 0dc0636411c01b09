"""How a page lies, told from its ink: turned, on its head, leaning, or not to be told."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from digitize import stance
from digitize.frames import Picture
from tests.digitize.workbench import sheet

BODY = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015"
PAGE = Image.fromarray(sheet([BODY] * 20, dpi=100))


def _leaning(degrees: float, lines: int = 20) -> Picture:
    """Return a page whose lines rise to the left by some degrees (they need that turn back)."""
    page = PAGE if lines == 20 else Image.fromarray(sheet([BODY] * lines, dpi=100))
    turned = page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor="white")
    return np.asarray(turned.convert("L"))


@pytest.mark.parametrize(
    "degrees", [-5, -4.4, -3, -2.5, -2, -1, -0.6, -0.3, 0, 0.3, 0.5, 1, 1.7, 3, 3.3, 4.2, 5]
)
def test_the_lean_of_text_is_known_to_a_tenth(degrees: float) -> None:
    assert stance.estimate_skew(_leaning(degrees)) == pytest.approx(degrees, abs=0.11)


@pytest.mark.parametrize("lines", [1, 3])
@pytest.mark.parametrize("degrees", [-2.5, 0.6])
def test_a_few_lines_are_enough(lines: int, degrees: float) -> None:
    assert stance.estimate_skew(_leaning(degrees, lines)) == pytest.approx(degrees, abs=0.15)


def _noise() -> Picture:
    values = 250 + np.random.default_rng(1).normal(0, 3, (1200, 850))
    return np.clip(values, 0, 255).astype(np.uint8)


def _blocks() -> Picture:
    pixels = np.full((1200, 850), 255, np.uint8)
    pixels[:300, :280] = 20
    pixels[700:720, 70:780] = 60
    return pixels


@pytest.mark.parametrize(
    "picture",
    [
        np.full((1200, 850), 255, np.uint8),
        np.zeros((1200, 850), np.uint8),
        _noise(),
        _blocks(),
        np.rot90(_blocks()).copy(),
        np.rot90(np.asarray(PAGE.convert("L"))).copy(),
        np.full((1, 1), 255, np.uint8),
        np.full((3, 5000), 255, np.uint8),
    ],
    ids=["white", "black", "noise", "blocks", "blocks aside", "text aside", "point", "strip"],
)
def test_what_has_no_lines_is_not_turned(picture: Picture) -> None:
    assert stance.estimate_skew(picture) == 0.0


@pytest.mark.parametrize(
    ("degrees", "needed"),
    [(0.0, False), (0.24, False), (0.25, True), (-0.25, True), (5.0, True), (-5.0, True),
     (5.1, False), (-5.5, False)],
)  # fmt: skip
def test_only_a_lean_that_matters_is_undone(degrees: float, needed: bool) -> None:
    assert stance.needs_deskew(degrees) is needed
