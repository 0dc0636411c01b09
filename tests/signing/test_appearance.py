from __future__ import annotations

import subprocess
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from signing.appearance import block_lines, check_fit, measure_block
from signing.errors import BlockDoesNotFit
from signing.model import Level, VisibleBlock
from signing.pades import sign_pdf
from tests.signing.workbench import A4, Workbench, make_pdf, top_right_block

AT = datetime(2026, 11, 21, 8, 4, 5, 123456, tzinfo=UTC)
LONG = "VĂN PHÒNG HỘI ĐỒNG NHÂN DÂN VÀ ỦY BAN NHÂN DÂN THÀNH PHỐ THỬ NGHIỆM DÀI NHẤT"


def test_lines_are_copy_type_agency_and_vietnamese_time() -> None:
    lines = block_lines("UBND XÃ THỬ NGHIỆM", AT, "Sao y", 200.0)
    assert lines == ("Sao y", "UBND XÃ THỬ NGHIỆM", "2026-11-21T15:04:05+07:00")
    assert block_lines("UBND XÃ THỬ NGHIỆM", AT, None, 200.0) == lines[1:]


@pytest.mark.parametrize("width", [20.0, 60.0, 120.0, 170.0, 400.0])
def test_long_names_wrap_within_the_width_and_lose_nothing(width: float) -> None:
    lines = block_lines(LONG, AT, None, width)
    assert "".join(lines[:-1]).replace(" ", "") == LONG.replace(" ", "")
    assert lines[-1] == "2026-11-21T15:04:05+07:00"
    assert measure_block(lines[:-1])[0] <= width + 0.01


def test_decomposed_names_are_measured_and_written_composed() -> None:
    decomposed = unicodedata.normalize("NFD", LONG)
    assert block_lines(decomposed, AT, None, 170.0) == block_lines(LONG, AT, None, 170.0)


def test_each_line_adds_to_the_height() -> None:
    one, two = measure_block(("a",)), measure_block(("a", "b"))
    assert two[1] - one[1] == pytest.approx(11.5, abs=1)
    assert measure_block(("WWW",))[0] > measure_block(("iii",))[0]


def test_a_block_must_fit_its_place() -> None:
    lines = ("UBND XÃ THỬ NGHIỆM",)
    width, height = measure_block(lines)
    block = VisibleBlock(page=1, box=(10, 10, 10 + width, 10 + height), lines=lines)
    check_fit(block, (0, 0, *A4))
    with pytest.raises(BlockDoesNotFit):
        check_fit(replace(block, box=(10, 10, 9 + width, 10 + height)), (0, 0, *A4))
    with pytest.raises(BlockDoesNotFit):
        check_fit(block, (20, 0, *A4))


def test_the_block_is_read_back_and_needs_no_transparency(bench: Workbench, tmp_path: Path) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf", Level.B_B)
    block = top_right_block(LONG, request.at)
    with bench.signer() as signer:
        sign_pdf(replace(request, block=block), signer, bench.trust, bench.network)
    text = subprocess.run(
        ["pdftotext", "-layout", str(request.target), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    read = [line.strip() for line in text.splitlines()]
    assert [line for line in block.lines if line not in read] == []
    with pikepdf.open(request.target) as pdf:
        drawing = pdf.pages[0].Annots[0].AP.N
        x0, y0, x1, y1 = (float(number) for number in pdf.pages[0].Annots[0].Rect)
        drawn = [float(number) for number in drawing.BBox]
        assert (x1 - x0, y1 - y0) == (max(drawn[0::2]), max(drawn[1::2]))  # drawn unscaled: 10 pt
        assert set(drawing.Resources.keys()) == {"/Font"}
        assert "/Group" not in drawing
        content = drawing.read_bytes()
        assert content.startswith(b"q 1 g 0 0 ")
        assert b" gs" not in content
        assert b" rg" not in content
        font = drawing.Resources.Font.F1.DescendantFonts[0].FontDescriptor
        assert "Tinos" in str(font.FontName)
        assert len(font.FontFile2.read_bytes()) < 60_000
        widths = drawing.Resources.Font.F1.DescendantFonts[0].W
        assert max(int(width) for width in widths[1]) <= 1000
