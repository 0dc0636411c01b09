"""Light print on dark ground: only pages that may have it are read in negative."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from digitize.frames import Picture
from digitize.negative import has_dark_ground
from digitize.ocr import Recognizer
from tests.digitize.workbench import sheet

DPI = 200.0
MM = DPI / 25.4
WORDS = "Ủy ban nhân dân xã thông báo"


@pytest.fixture(scope="module")
def printed() -> Picture:
    """Draw a row of print, and room below it."""
    return np.asarray(sheet([WORDS])[:500, :, 0], np.uint8)


def _rows_of_print(page: Picture) -> slice:
    inked = np.flatnonzero(page.min(axis=1) < 128)
    return slice(inked[0] - 6, inked[-1] + 7)


def _in_negative(page: Picture, ground: int) -> Picture:
    band = page.copy()
    rows = _rows_of_print(page)
    band[rows] = 255 - (page[rows].astype(float) * (255 - ground) / 255).astype(np.uint8)
    return band


def test_a_page_of_print_has_no_dark_ground(printed: Picture) -> None:
    assert not has_dark_ground(printed, DPI)


@pytest.mark.parametrize("ground", [0, 90, 150])
def test_a_band_around_light_print_is_dark_ground(ground: int, printed: Picture) -> None:
    assert has_dark_ground(_in_negative(printed, ground), DPI)


@pytest.mark.parametrize(("wide", "high"), [(6.0, 6.0), (160.0, 0.6)])
def test_holes_and_rules_are_none(wide: float, high: float, printed: Picture) -> None:
    page = printed.copy()
    page[300 : 300 + round(high * MM), 40 : 40 + round(wide * MM)] = 0
    assert not has_dark_ground(page, DPI)


def test_light_print_is_read_like_dark_print(printed: Picture, tmp_path: Path) -> None:
    engine = Recognizer(languages="vie", tessdata="", page_seconds=60.0)
    (line,) = engine.read(_in_negative(printed, 60), DPI, tmp_path)
    assert line.text == WORDS
