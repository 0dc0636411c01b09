"""Pages read by the real engine, however they lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from digitize import enhance, reading, render, stance
from digitize.confidence import judge
from digitize.errors import EngineMissing
from digitize.frames import Picture
from digitize.model import PageKind
from digitize.ocr import Recognizer
from fixtures.measure import character_error_rate
from tests.digitize import files
from tests.digitize.workbench import (
    RECOGNIZER,
    line,
    page_image,
    read_file,
    render_file,
    run_tool,
    save_picture,
    sheet,
)

BODY = [
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Kính gửi: Ủy ban nhân dân xã Thử Nghiệm, huyện Mẫu",
    "Tôi là NGUYỄN THỬ NGHIỆM A, sinh ngày 05 tháng 11 năm 1990,",
    "đề nghị cấp giấy phép xây dựng nhà ở riêng lẻ tại thôn Mẫu 1.",
    "Tôi cam đoan những lời khai trên là đúng sự thật và chịu trách nhiệm.",
]
TRUTH = ["\n".join(BODY)]


def _sheet() -> Picture:
    """Return a sheet that is a little higher than wide."""
    return sheet(BODY)[:1750]


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> str:
    found = reading.read_page(page_image(_sheet()), RECOGNIZER, tmp_path_factory.mktemp("doc"))
    assert character_error_rate(found.text, TRUTH) < 0.01
    return found.text


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_that_lies_turned_is_read_as_if_upright(
    tmp_path: Path, upright: str, turns: int
) -> None:
    """Lines that run upwards read as surely as level ones; the page must be turned all the same."""
    found = reading.read_page(page_image(enhance.turn(_sheet(), turns)), RECOGNIZER, tmp_path)
    assert found.quarter_turns == -turns % 4
    assert found.text == upright
    assert found.height > found.width
    assert found.recipe.endswith(f"+turn{-turns % 4 * 90}")
    for word in (word for item in found.lines for word in item.words if len(word.text) > 3):
        assert word.box[2] - word.box[0] > word.box[3] - word.box[1]
    assert not list(tmp_path.iterdir())


def test_a_page_that_lies_turned_and_leans_is_kept_upright_and_level(tmp_path: Path) -> None:
    turns, skew = 1, 2.0
    leaning = Image.fromarray(_sheet()).rotate(skew, Image.Resampling.BICUBIC, fillcolor="white")
    pixels = enhance.turn(np.asarray(leaning), turns)
    source = save_picture(pixels, tmp_path / "nghieng.png")
    submission, pages = read_file(source, tmp_path)
    rendition = render_file(submission, pages, tmp_path / "ban-luu.pdf")
    assert pages[0].skew_degrees == pytest.approx(-skew, abs=0.11)
    text = run_tool("pdftotext", "-raw", rendition.path, "-")
    assert character_error_rate(text, TRUTH) < 0.02
    again = render.draw(rendition.path, 0, 200)[:, :, 0]
    assert abs(stance.estimate_skew(again)) <= 0.2
    lines = RECOGNIZER.read(np.ascontiguousarray(again), 200, tmp_path)
    assert character_error_rate("\n".join(item.text for item in lines), TRUTH) < 0.02


def test_a_pdf_page_that_lies_turned_is_kept_upright(tmp_path: Path) -> None:
    """A sideways scan in a PDF, and one whose /Rotate makes it upright: both read and stand."""
    jpeg = files.encoded(
        Image.fromarray(enhance.turn(_sheet(), 3)), "JPEG", quality=90, dpi=(200, 200)
    )
    with Image.open(save_bytes(tmp_path / "trang.jpg", jpeg)) as image:
        width, height = image.size
    with pikepdf.new() as pdf:
        for rotate in (0, 90):
            page = pdf.add_blank_page(page_size=(width * 0.36, height * 0.36)).obj
            page["/Rotate"] = rotate
            picture = pikepdf.Stream(
                pdf,
                jpeg,
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=width,
                Height=height,
                ColorSpace=pikepdf.Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
            page["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
            place = f"{width * 0.36} 0 0 {height * 0.36} 0 0 cm /Im0 Do"
            page["/Contents"] = pikepdf.Stream(pdf, place.encode())
        source = save_bytes(tmp_path / "nam-ngang.pdf", files.saved(pdf))
    submission, pages = read_file(source, tmp_path)
    assert [page.quarter_turns for page in pages] == [1, 0]
    rendition = render_file(submission, pages, tmp_path / "ban-luu.pdf")
    for index, text in enumerate(
        run_tool("pdftotext", "-raw", rendition.path, "-").split("\f")[:2]
    ):
        assert character_error_rate(text, TRUTH) < 0.02
        shown = render.draw(rendition.path, index, 100)
        assert shown.shape[0] > shown.shape[1]
        lines = RECOGNIZER.read(np.ascontiguousarray(shown[:, :, 0]), 100, tmp_path)
        assert not judge(lines, shown[:, :, 0], 100).is_doubtful


def save_bytes(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "picture",
    [
        np.full((2339, 1654, 3), 255, np.uint8),
        np.full((2339, 1654), 255, np.uint8),
        np.zeros((2339, 1654), np.uint8),
        np.full((1, 1), 255, np.uint8),
        np.full((3, 5), 0, np.uint8),
        np.full((40, 3000), 255, np.uint8),
    ],
    ids=["white", "white grey", "black", "one point", "fifteen points", "strip"],
)
def test_a_page_without_words_is_apage_image(tmp_path: Path, picture: Picture) -> None:
    found = reading.read_page(page_image(picture), RECOGNIZER, tmp_path)
    assert found.text == ""
    assert found.lines == ()
    assert found.confidence == 0.0
    assert found.quarter_turns == 0
    assert found.skew_degrees == 0.0
    assert found.barcodes == ()
    assert (found.width, found.height) == pytest.approx(
        (picture.shape[1] * 0.36, picture.shape[0] * 0.36)
    )


def test_a_page_that_brings_its_text_is_not_recognised(tmp_path: Path) -> None:
    nobody = Recognizer(languages="khong_co", tessdata="", page_seconds=1.0)
    lines = (line("Bản tin có sẵn chữ", 70, 100),)
    page = replace(page_image(sheet(["Chữ khác hẳn trên ảnh"])), kind=PageKind.TEXT, lines=lines)
    found = reading.read_page(page, nobody, tmp_path)
    assert found.text == "Bản tin có sẵn chữ"
    assert found.recipe == "text layer"
    assert found.overlay == ()
    with pytest.raises(EngineMissing, match="khong_co"):
        reading.read_page(page_image(sheet(["Chữ"])), nobody, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dpi", [100.0, 300.0])
def test_boxes_are_points_whatever_the_resolution(tmp_path: Path, dpi: float) -> None:
    found = reading.read_page(page_image(sheet(BODY, dpi=int(dpi)), dpi), RECOGNIZER, tmp_path)
    (first,) = (word for item in found.lines for word in item.words if word.text == "CỘNG")
    assert first.box[0] == pytest.approx(25 / 25.4 * 72, abs=2)
    assert first.box[3] == pytest.approx(40 / 25.4 * 72, abs=2.5)
    assert found.width == pytest.approx(595, abs=1)
