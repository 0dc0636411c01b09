"""Sheets photographed on a desk: found by their edges, laid flat, read, and put back in place."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pdfplumber
import pytest

from digitize import enhance, photos, render
from digitize.frames import Picture
from digitize.model import RecognizedPage
from digitize.photos import Points, find_sheet, lay_flat, shows_desk
from fixtures.measure import character_error_rate
from tests.digitize.workbench import (
    read_file,
    render_file,
    run_tool,
    save_picture,
    sheet,
)

DPI = 150
SIZE = (1240, 1754)
LINES = [
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Kính gửi: Ủy ban nhân dân xã Thử Nghiệm, huyện Mẫu",
    "Tôi là NGUYỄN THỬ NGHIỆM A, sinh ngày 05 tháng 11 năm 1990,",
    "đề nghị cấp giấy phép xây dựng nhà ở riêng lẻ tại thôn Mẫu 1.",
    "Tôi cam đoan những lời khai trên là đúng sự thật và chịu trách nhiệm.",
]
TRUTH = ["\n".join(LINES)]
BROWN, GREY, PALE, GREEN = (96, 78, 62), (70, 72, 75), (176, 168, 150), (60, 92, 70)
STRAIGHT = ((90, 110), (1370, 100), (1385, 1890), (80, 1900))
LEANING = ((180, 130), (1420, 260), (1300, 1930), (60, 1790))
ASLANT = ((260, 120), (1210, 100), (1400, 1880), (70, 1910))


def _photo(
    corners: tuple[tuple[float, float], ...],
    desk: tuple[int, int, int] = BROWN,
    *,
    light: float = 0.6,
) -> Picture:
    """Photograph the sheet: its corners come to lie there, the light falls off to the right."""
    page = sheet([*LINES, *[""] * 3, *LINES], dpi=DPI)
    frame = (2000, 1480)
    corner_points = np.array([(0, 0), (SIZE[0], 0), SIZE, (0, SIZE[1])], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corner_points, np.array(corners, dtype=np.float32))
    grain = np.random.default_rng(7).normal(0, 6, (*frame, 1))
    table = np.clip(np.array(desk, dtype=float) + grain, 0, 255).astype(np.uint8)
    photo = cv2.warpPerspective(
        page, matrix, frame[::-1], dst=table.copy(), borderMode=cv2.BORDER_TRANSPARENT
    )
    slope = np.linspace(1.0, light, frame[1])[None, :, None]
    return np.asarray(np.clip(photo * slope + grain / 3, 0, 255), dtype=np.uint8)


@pytest.mark.parametrize("corners", [STRAIGHT, LEANING, ASLANT])
@pytest.mark.parametrize("desk", [BROWN, GREY, PALE, GREEN])
def test_a_sheet_is_found_by_its_edges(
    corners: tuple[tuple[float, float], ...], desk: tuple[int, int, int]
) -> None:
    found = find_sheet(_photo(corners, desk), None)
    assert found is not None
    assert np.abs(np.array(found.corners) - np.array(corners)).max() < 10
    assert found.height / found.width == pytest.approx(297 / 210, rel=0.02)
    assert found.dpi == pytest.approx(DPI, rel=0.1)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_photo_may_lie_in_any_quarter_turn(turns: int) -> None:
    photo = _photo(LEANING)
    found = find_sheet(enhance.turn(photo, turns), None)
    assert found is not None
    is_aside = turns % 2 == 1
    assert (found.width > found.height) is is_aside


def test_a_known_resolution_is_believed() -> None:
    found = find_sheet(_photo(STRAIGHT), 300.0)
    assert found is not None
    assert found.dpi == found.photo_dpi == 300.0
    fine = find_sheet(_photo(STRAIGHT), 600.0)
    assert fine is not None
    assert (fine.dpi, fine.photo_dpi) == (300.0, 600.0)
    assert fine.width == pytest.approx(found.width / 2, abs=1)


def _scan() -> Picture:
    return sheet(LINES, dpi=100)


def _tinted() -> Picture:
    return np.asarray(_scan() * np.array([1.0, 0.86, 0.8]), dtype=np.uint8)


def _shaded() -> Picture:
    return np.asarray(_scan() * np.linspace(0.35, 1.0, 827)[None, :, None], dtype=np.uint8)


def _framed() -> Picture:
    """Return a certificate with a coloured frame within its margins."""
    pixels = _scan()
    for inset, colour in ((40, (200, 60, 60)), (52, (230, 190, 90))):
        cv2.rectangle(pixels, (inset, inset), (826 - inset, 1168 - inset), colour, 8)
    return pixels


def _one_dark_edge() -> Picture:
    pixels = _scan()
    pixels[:, :30] = 15
    return pixels


def _two_dark_edges() -> Picture:
    """Return a scan with slanted bars where the lid stood open."""
    pixels = _scan()
    cv2.fillPoly(pixels, [np.array([(0, 0), (30, 0), (14, 1169), (0, 1169)])], (12, 12, 14))
    cv2.fillPoly(pixels, [np.array([(0, 1169), (0, 1145), (827, 1158), (827, 1169)])], (12, 12, 14))
    return pixels


def _scenery() -> Picture:
    noise = np.random.default_rng(3).integers(0, 255, (80, 60, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (826, 1168), interpolation=cv2.INTER_CUBIC))


def _dark_page() -> Picture:
    """Return a page printed white on dark, to its very edges."""
    return np.asarray(255 - _scan(), dtype=np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        _scan(), _tinted(), _shaded(), _framed(), _one_dark_edge(), _two_dark_edges(),
        _scenery(), _dark_page(), _scan()[:, :, 0],
        np.full((1169, 827, 3), 255, np.uint8), np.zeros((1169, 827), np.uint8),
        np.full((2, 2, 3), 9, np.uint8), np.zeros((1, 4000), np.uint8),
    ],
    ids=[
        "scan", "tinted", "shaded", "framed", "one dark edge", "two dark edges", "scenery",
        "dark page", "grey", "white", "black", "tiny", "strip",
    ],
)  # fmt: skip
def test_what_fills_its_picture_is_no_photo_of_a_sheet(picture: Picture) -> None:
    for known_dpi in (None, 100.0):
        assert find_sheet(picture, known_dpi) is None
        assert find_sheet(enhance.turn(picture, 1), known_dpi) is None


def test_a_sheet_may_go_on_beyond_one_side_of_a_photo_but_not_of_a_scan() -> None:
    cut = _photo(STRAIGHT)[:1800]
    found = find_sheet(cut, None)
    assert found is not None
    assert max(y for _, y in found.corners) >= 1790
    assert find_sheet(cut, 150.0) is None


def test_a_small_thing_on_a_desk_is_not_the_sheet() -> None:
    assert shows_desk(_photo(STRAIGHT)[::4, ::4], 4)
    card = _photo(((450, 600), (950, 590), (955, 1310), (448, 1305)))
    assert find_sheet(card, None) is None


@pytest.mark.parametrize(
    ("quad", "is_one"),
    [
        (((10, 10), (310, 12), (305, 440), (8, 436)), True),
        (((10, 10), (310, 12), (12, 440), (8, 436)), False),
        (((10, 10), (310, 12), (305, 100), (8, 98)), False),
        (((10, 10), (10, 10), (10, 10), (10, 10)), False),
    ],
    ids=["sheet", "triangle", "strip", "point"],
)
def test_four_corners_make_a_sheet_only_in_its_form(
    quad: tuple[tuple[float, float], ...], is_one: bool
) -> None:
    small = np.full((480, 340), 60, np.uint8)
    cv2.fillPoly(small, [np.array(quad, dtype=np.int32)], 240)
    corners: Points = np.array(quad, dtype=np.float64)
    assert photos.is_sheet(corners, small, 4) is is_one


@pytest.mark.parametrize("corners", [LEANING, ASLANT])
def test_a_flat_sheet_has_its_words_where_they_were_printed(
    corners: tuple[tuple[float, float], ...],
) -> None:
    photo = _photo(corners, light=1.0)
    found = find_sheet(photo, None)
    assert found is not None
    flat = cv2.resize(lay_flat(photo, found)[:, :, 0], SIZE, interpolation=cv2.INTER_AREA)
    page = sheet([*LINES, *[""] * 3, *LINES], dpi=DPI)[:, :, 0]
    rows, columns = np.nonzero(page[150:-150, 100:-100] < 100)
    seen = flat[150:-150, 100:-100]
    near = cv2.erode(np.asarray(seen), np.ones((9, 9), np.uint8))
    assert (near[rows, columns] < 170).mean() > 0.97


@pytest.mark.parametrize(("turns", "corners"), [(0, ASLANT), (1, LEANING), (2, STRAIGHT)])
def test_a_photo_is_read_and_its_text_lies_on_the_photo(
    tmp_path: Path, turns: int, corners: tuple[tuple[float, float], ...]
) -> None:
    source = save_picture(enhance.turn(_photo(corners), turns), tmp_path / "a.jpg", dpi=(72, 72))
    submission, pages = read_file(source, tmp_path)
    (page,) = pages
    truth = ["\n".join(LINES + LINES)]
    assert page.recipe.startswith("flat+")
    assert page.quarter_turns == -turns % 4
    assert page.readable
    assert character_error_rate(page.text, truth) < 0.01
    rendition = render_file(submission, pages, tmp_path / "ban-luu.pdf")
    with pdfplumber.open(rendition.path) as pdf:
        assert character_error_rate(pdf.pages[0].extract_text(), truth) < 0.01
    assert character_error_rate(run_tool("pdftotext", rendition.path, "-"), truth) < 0.01
    assert _share_of_ink_in_words(page, rendition.path) > 0.9


def _share_of_ink_in_words(page: RecognizedPage, pdf: Path) -> float:
    """Return how much of the print, as the page is shown, lies in the boxes of its words."""
    scale = 1500 / page.width
    ink = enhance.ink_mask(render.draw(pdf, 0, scale * 72))
    boxes = [[round(edge * scale) for edge in w.box] for line in page.lines for w in line.words]
    covered = np.zeros_like(ink)
    for left, top, right, bottom in boxes:
        covered[top - 2 : bottom + 2, left - 2 : right + 2] = True
    left, top = (min(box[edge] for box in boxes) - 40 for edge in (0, 1))
    right, bottom = (max(box[edge] for box in boxes) + 40 for edge in (2, 3))
    around = (slice(top, bottom), slice(left, right))
    return float((ink & covered)[around].sum() / ink[around].sum())
