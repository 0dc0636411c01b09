"""Seals, stamps, pen and black edges: found, taken off before reading, and set apart after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import segno
from PIL import Image, ImageDraw

from digitize import reading, recipes
from digitize.coloured_ink import fade_coloured_ink
from digitize.edges import whiten_edges
from digitize.frames import Picture
from digitize.images import PageImage
from digitize.marks import lift_marks
from digitize.model import Mark, MarkKind, PageKind, RecognizedPage
from fixtures.marks import SEAL_RADIUS, Surface, incoming_stamp, seal, sign
from fixtures.measure import character_error_rate
from tests.digitize.workbench import RECOGNIZER, sheet

DPI = 200
MM = DPI / 25.4
BODY = [
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Kính gửi: Ủy ban nhân dân xã Thử Nghiệm, huyện Mẫu",
    "Tôi là NGUYỄN THỬ NGHIỆM A, sinh ngày 05 tháng 11 năm 1990,",
    "đề nghị cấp giấy phép xây dựng nhà ở riêng lẻ tại thôn Mẫu 1.",
    "Tôi cam đoan những lời khai trên là đúng sự thật và chịu trách nhiệm.",
    "Xã Thử Nghiệm, ngày 05 tháng 11 năm 2026",
]
TRUTH = ["\n".join(BODY)]
# Rows of the sheet stand 8 mm apart from 40 mm on; below the last there is room.
LOWER = (70.0, 104.0)


def _paper() -> Picture:
    return sheet(BODY)[:1050]


def _surface() -> Surface:
    return Surface(dpi=DPI, random=np.random.default_rng(11))


def _bitonal(pixels: Picture) -> Picture:
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    return np.where(grey > 168, 255, 0).astype(np.uint8)


def _page(picture: Picture, *, bitonal: bool = False) -> PageImage:
    return PageImage(
        number=1,
        kind=PageKind.IMAGE,
        picture=picture,
        dpi=float(DPI),
        quarter_turns=0,
        bitonal=bitonal,
        lines=(),
    )


def _read(picture: Picture, work: Path, *, bitonal: bool = False) -> RecognizedPage:
    return reading.read_page(_page(picture, bitonal=bitonal), RECOGNIZER, work)


def _kinds(marks: tuple[Mark, ...]) -> set[MarkKind]:
    return {mark.kind for mark in marks}


@pytest.mark.parametrize("centre", [(60.0, 72.0), (110.0, 56.0), (45.0, 44.0)])
def test_text_under_a_red_seal_is_read_and_the_seal_is_not(
    tmp_path: Path, centre: tuple[float, float]
) -> None:
    page = _read(seal(_paper(), centre, _surface()), tmp_path)
    assert character_error_rate(page.text, TRUTH) < 0.015
    (mark,) = page.marks
    assert mark.kind is MarkKind.SEAL
    middle = ((mark.box[0] + mark.box[2]) / 2, (mark.box[1] + mark.box[3]) / 2)
    assert middle == pytest.approx([side / 25.4 * 72 for side in centre], abs=4)
    assert mark.box[2] - mark.box[0] == pytest.approx(2 * SEAL_RADIUS / 25.4 * 72, rel=0.1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("centre", [LOWER, (150.0, 104.0)])
def test_a_black_seal_beside_the_text_adds_nothing_to_it(
    tmp_path: Path, centre: tuple[float, float]
) -> None:
    page = _read(_bitonal(seal(_paper(), centre, _surface())), tmp_path, bitonal=True)
    assert character_error_rate(page.text, TRUTH) < 0.015
    assert _kinds(page.marks) == {MarkKind.SEAL}


def test_a_black_seal_over_text_costs_no_line_beside_it(tmp_path: Path) -> None:
    page = _read(_bitonal(seal(_paper(), (150.0, 60.0), _surface())), tmp_path, bitonal=True)
    assert MarkKind.SEAL in _kinds(page.marks)
    for line in (BODY[0], BODY[5]):
        assert line in page.text
    for beginning in ("Kính gửi: Ủy ban nhân dân", "Tôi cam đoan những lời khai"):
        assert beginning in page.text


@pytest.mark.parametrize("bitonal", [False, True])
def test_a_signature_is_no_text(tmp_path: Path, bitonal: bool) -> None:
    signed = sign(_paper(), (90.0, 100.0), _surface())
    page = _read(_bitonal(signed) if bitonal else signed, tmp_path, bitonal=bitonal)
    assert character_error_rate(page.text, TRUTH) < 0.015
    assert _kinds(page.marks) == {MarkKind.PEN}


def test_an_arrival_stamp_is_read_apart(tmp_path: Path) -> None:
    page = _read(incoming_stamp(_paper(), _surface()), tmp_path)
    assert "CÔNG VĂN" not in page.text
    assert "CÔNG VĂN ĐẾN" in " ".join(line.text for line in page.overlay)
    (line,) = (line for line in page.overlay if "CÔNG" in line.text)
    assert line.box[0] > 0.7 * page.width
    assert line.box[3] < 0.1 * page.height + 20
    assert MarkKind.STAMP in _kinds(page.marks)


@pytest.mark.parametrize(
    "corners",
    [
        [(0, 0), (40, 0), (18, 1050), (0, 1050)],
        [(1654, 0), (1620, 0), (1600, 1050), (1654, 1050)],
        [(0, 1050), (0, 1030), (1654, 1000), (1654, 1050)],
    ],
    ids=["left", "right", "bottom"],
)
def test_black_edges_are_whitened_and_nothing_else(corners: list[tuple[int, int]]) -> None:
    clean = _paper()
    picture = Image.fromarray(clean)
    ImageDraw.Draw(picture).polygon(corners, fill=(20, 20, 22))
    whitened, places = whiten_edges(np.asarray(picture), DPI)
    assert len(places) == 1
    assert whitened.min(axis=(0, 1)).max() < 60, "the print is still there"
    assert (np.abs(whitened.astype(int) - clean) > 9).mean() < 0.0005


def test_a_page_without_edges_is_left_as_it_is() -> None:
    paper = _paper()
    dark = np.zeros_like(paper)
    for picture in (paper, dark):
        same, places = whiten_edges(picture, DPI)
        assert same is picture
        assert places == ()


def test_a_letterhead_light_on_a_dark_band_is_no_edge() -> None:
    band = _paper().copy()
    rows = slice(0, round(60 * MM))
    band[rows] = 255 - band[rows]
    same, places = whiten_edges(band, DPI)
    assert same is band
    assert places == ()


def test_a_deep_shadow_along_a_side_is_no_edge() -> None:
    """Whitened as if it were one, it would take the first letters of every line with it."""
    clean = _paper()
    light = np.clip(np.linspace(0.3, 1.6, clean.shape[1]), 0, 1)[None, :, None]
    shaded = (clean * light).astype(np.uint8)
    same, places = whiten_edges(shaded, DPI)
    assert same is shaded
    assert places == ()


def _with_code(pixels: Picture) -> Picture:
    picture = Image.fromarray(pixels)
    matrix = segno.make_qr("H26.99-261105-0001|thu nghiem|khong co gia tri", error="m").matrix
    modules = np.array([list(row) for row in matrix], dtype=np.uint8)
    code = Image.fromarray(np.where(modules > 0, 20, 255).astype(np.uint8))
    picture.paste(code.resize((210, 210), Image.Resampling.NEAREST).convert("RGB"), (200, 60))
    return np.asarray(picture)


def _with_table(pixels: Picture) -> Picture:
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    for x in (180, 700, 1200, 1500):
        draw.line((x, 280, x, 700), fill=(20, 20, 20), width=2)
    for y in (280, 400, 550, 700):
        draw.line((180, y, 1500, y), fill=(20, 20, 20), width=2)
    return np.asarray(picture)


def _with_plan(pixels: Picture) -> Picture:
    """Draw a plan of a plot: a circle for a well, a framed note."""
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((300, 700, 560, 960), outline=(20, 20, 20), width=3)
    draw.rectangle((900, 720, 1300, 900), outline=(20, 20, 20), width=3)
    return np.asarray(picture)


@pytest.mark.parametrize("change", [_with_code, _with_table, _with_plan])
def test_codes_tables_and_circles_are_no_marks(change: Callable[[Picture], Picture]) -> None:
    prepared = recipes.prepare(_page(change(_paper())), turns=0)
    assert not _kinds(prepared.marks) & {MarkKind.SEAL, MarkKind.STAMP}
    lifted = lift_marks(_bitonal(change(_paper())), DPI)
    assert not _kinds(lifted.marks) & {MarkKind.SEAL, MarkKind.STAMP}
    # Nothing of a code may be taken off: it must still be read.
    if change is _with_code:
        assert lifted.marks == ()
        assert lifted.picture[60:270, 200:410].mean() < 160


def test_a_clean_page_keeps_every_point() -> None:
    grey = _bitonal(_paper())
    lifted = lift_marks(grey, DPI)
    assert lifted.picture is grey
    assert lifted.marks == ()


def _printed_in(colour: tuple[int, int, int], rows: slice) -> Picture:
    paper = _paper().copy()
    part = paper[rows].astype(np.float64) / 255
    paper[rows] = (np.array(colour) * (1 - part) + 255 * part).astype(np.uint8)
    return paper


@pytest.mark.parametrize("colour", [(190, 25, 35), (30, 50, 150)])
def test_a_coloured_heading_is_print(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    """Certificates have their title in red, letters their heading in blue."""
    page = _read(_printed_in(colour, slice(250, 350)), tmp_path)
    assert BODY[0] in page.text
    assert page.marks == ()


def test_a_page_typed_in_blue_is_print() -> None:
    faded = fade_coloured_ink(_printed_in((30, 50, 150), slice(0, 1050)), DPI)
    assert not faded.ink.any()
    assert faded.picture.min() < 100
