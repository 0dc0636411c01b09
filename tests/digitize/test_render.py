"""PDF pages as pictures."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from digitize import frames, render
from digitize.errors import DamagedFile
from digitize.frames import Picture
from tests.digitize import files, pdfs
from tests.digitize.workbench import sheet


def _corner(path: Path, rotate: int = 0) -> Path:
    """Write a page with a black square at its upper left."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, 400)).obj
        page["/Rotate"] = rotate
        page["/Contents"] = pikepdf.Stream(pdf, b"0 0 0 rg 0 350 50 50 re f")
        path.write_bytes(files.saved(pdf))
    return path


@pytest.mark.parametrize("dpi", [36.0, 72.0, 150.0, 300.0])
def test_a_page_is_as_large_as_its_resolution_says(tmp_path: Path, dpi: float) -> None:
    picture = render.draw(_corner(tmp_path / "a.pdf"), 0, dpi)
    assert picture.dtype == np.uint8
    assert picture.shape == (math.ceil(400 * dpi / 72), math.ceil(300 * dpi / 72), 3)
    assert render.reachable_dpi(tmp_path / "a.pdf", 0, dpi) == dpi
    assert picture[0, 0].max() == 0
    assert picture[-1, -1].min() == 255


@pytest.mark.parametrize(
    ("rotate", "dark"),
    [(0, "upper left"), (90, "upper right"), (180, "lower right"), (270, "lower left"),
     (-90, "lower left")],
)  # fmt: skip
def test_a_page_is_drawn_as_it_is_turned(tmp_path: Path, rotate: int, dark: str) -> None:
    picture = render.draw(_corner(tmp_path / "a.pdf", rotate), 0, 72)
    row = 10 if "upper" in dark else -10
    column = 10 if "left" in dark else -10
    assert picture[row, column].max() == 0
    assert (picture.max(axis=2) == 0).mean() == pytest.approx(2500 / 120_000, rel=0.05)


def test_colours_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(100, 100)).obj
        page["/Contents"] = pikepdf.Stream(pdf, b"1 0 0 rg 0 0 100 100 re f")
        path.write_bytes(files.saved(pdf))
    assert tuple(render.draw(path, 0, 72)[50, 50]) == (255, 0, 0)


def test_a_page_of_too_many_points_is_drawn_coarser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "MAX_PIXELS", 10_000)
    picture = render.draw(_corner(tmp_path / "a.pdf"), 0, 300)
    assert picture.shape[0] * picture.shape[1] <= 10_500
    dpi = render.reachable_dpi(tmp_path / "a.pdf", 0, 300)
    assert picture.shape[0] * 72 / dpi == pytest.approx(400, abs=2)
    assert picture.shape[0] / picture.shape[1] == pytest.approx(4 / 3, rel=0.02)
    assert frames.MAX_PIXELS > 10_000


def test_annotations_are_drawn_when_asked(tmp_path: Path) -> None:
    path = pdfs.born_digital(tmp_path / "a.pdf", pdfs.add_stamp)

    def dark(picture: Picture) -> float:
        corner = picture[-100:, :120]
        return float((corner.max(axis=2) < 60).mean())

    assert dark(render.draw(path, 0, 72, annotations=True)) > 0.5
    assert dark(render.draw(path, 0, 72, annotations=False)) < 0.05


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n%%EOF", b"\xff\xd8\xff\xe0"])
def test_what_pdfium_cannot_open_is_damaged(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "hong.pdf"
    path.write_bytes(data)
    with pytest.raises(DamagedFile, match=r"hong\.pdf"):
        render.draw(path, 0, 72)


def test_a_page_that_is_not_there_is_damage(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="Trang 6"):
        render.draw(_corner(tmp_path / "a.pdf"), 5, 72)


def test_a_page_without_size_is_drawn_or_told(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(100, 100)).obj
        page["/MediaBox"] = pikepdf.Array([0, 0, 0, 0])
        path.write_bytes(files.saved(pdf))
    try:
        assert render.draw(path, 0, 72).size
    except DamagedFile as error:
        told = error.vi
        assert "Trang 1" in told


def test_pages_are_drawn_from_several_threads(tmp_path: Path) -> None:
    """Pdfium keeps global state; the lock is what makes this safe."""
    path = pdfs.scan(tmp_path / "a.pdf")
    alone = render.draw(path, 0, 60)
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: render.draw(path, 0, 60), range(24)))
    assert all(np.array_equal(picture, alone) for picture in drawn)
    assert sheet(["x"]).shape[0] > alone.shape[0]
