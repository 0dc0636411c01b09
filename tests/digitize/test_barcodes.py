"""QR codes: what they say, and where they stand."""

from __future__ import annotations

import numpy as np
import pytest
import segno
from PIL import Image

from digitize.barcodes import find_barcodes
from digitize.frames import Picture
from tests.digitize.workbench import sheet

CODE = "H26.99-261105-0001"


def _page(payload: str, side_mm: float = 30.0, at: tuple[int, int] = (200, 100)) -> Picture:
    """Draw a QR code on a sheet of 200 dpi, its corner at pixels from the left and the top."""
    page = Image.fromarray(sheet(["Thử nghiệm"] * 3))
    modules = np.array([list(row) for row in segno.make_qr(payload, error="m").matrix], np.uint8)
    code = Image.fromarray(np.where(modules > 0, 20, 255).astype(np.uint8))
    side = round(side_mm / 25.4 * 200)
    page.paste(code.resize((side, side), Image.Resampling.NEAREST).convert("RGB"), at)
    return np.asarray(page)


@pytest.mark.parametrize(
    "payload", [CODE, f"https://dvc.example/?ma={CODE}&k=1", "Mã hồ sơ: Ủy ban nhân dân", "x" * 500]
)
def test_what_a_code_says_is_read(payload: str) -> None:
    (found,) = find_barcodes(_page(payload, 50.0), 200)
    assert found.text == payload


def test_its_box_is_in_points() -> None:
    (found,) = find_barcodes(_page(CODE), 200)
    side = 30 / 25.4 * 72
    assert found.box == pytest.approx((72, 36, 72 + side, 36 + side), abs=2)


def test_grey_pictures_and_two_codes_are_read() -> None:
    page = np.asarray(Image.fromarray(_page(CODE)).convert("L")).copy()
    page[1200:1500, 900:1200] = _page("khác", at=(900, 1200))[1200:1500, 900:1200, 0]
    assert {found.text for found in find_barcodes(page, 200)} == {CODE, "khác"}


@pytest.mark.parametrize(
    "page",
    [
        sheet(["Không có mã nào ở đây"] * 10),
        np.full((1, 1), 255, np.uint8),
        np.zeros((40, 40, 3), np.uint8),
        np.random.default_rng(1).integers(0, 255, (600, 400), dtype=np.uint8),
    ],
    ids=["text", "point", "black", "noise"],
)
def test_a_page_without_codes_has_none(page: Picture) -> None:
    assert find_barcodes(page, 200) == ()
