"""Pages of a submission: pictures at their true size, and text only where the page brings it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from digitize import images, render
from digitize.images import PageImage, is_born_digital
from digitize.intake import receive
from digitize.model import PageKind
from fixtures.measure import character_error_rate
from tests.digitize import files, pdfs
from tests.digitize.workbench import LIMITS, TRUTHS, pages_of, sample_path, save_picture, sheet


def _pages(path: Path) -> list[PageImage]:
    return list(pages_of(receive(path, path.name, LIMITS)))


def _page(path: Path) -> PageImage:
    (page,) = _pages(path)
    return page


def test_a_born_digital_page_brings_its_text_exactly(tmp_path: Path) -> None:
    page = _page(pdfs.born_digital(tmp_path / "a.pdf"))
    (truth,) = (truth for truth in TRUTHS if truth["expect"] == "signed-arrival")
    assert page.kind is PageKind.TEXT
    text = "\n".join(line.text for line in page.lines)
    words = sorted(text.split())
    assert words == sorted(" ".join(truth["pages"][0]["lines"]).split())
    assert character_error_rate(text, truth["pages"][0]["orders"]) < 0.1
    assert all(word.confidence == 1.0 for line in page.lines for word in line.words)


def test_its_words_stand_where_they_are_seen(tmp_path: Path) -> None:
    page = _page(pdfs.born_digital(tmp_path / "a.pdf"))
    words = [word for line in page.lines for word in line.words if len(word.text) > 3]
    assert len(words) > 50
    for word in words:
        left, top, right, bottom = (round(value * page.dpi / 72) for value in word.box)
        assert page.picture[top:bottom, left:right].min() < 120, word.text


def test_a_scan_is_a_picture_at_its_own_resolution(tmp_path: Path) -> None:
    page = _page(pdfs.scan(tmp_path / "a.pdf"))
    assert page.kind is PageKind.IMAGE
    assert page.lines == ()
    assert page.dpi == pytest.approx(pdfs.DPI, abs=0.5)
    assert page.picture.shape[0] == pytest.approx(11.69 * pdfs.DPI, abs=2)


@pytest.mark.parametrize("mode", [3, 7])
def test_the_hidden_text_of_a_scanner_is_not_believed(tmp_path: Path, mode: int) -> None:
    """A scan under another engine's invisible text is a scan: it is read, and its picture kept."""
    page = _page(pdfs.searchable_scan(tmp_path / "a.pdf", mode=mode))
    assert page.kind is PageKind.IMAGE
    assert page.lines == ()


def test_text_that_is_seen_over_a_picture_is_text(tmp_path: Path) -> None:
    """A page with a drawn background is born digital where its text is shown."""
    page = _page(pdfs.searchable_scan(tmp_path / "a.pdf", mode=0))
    assert page.kind is PageKind.TEXT


def test_a_text_page_whose_fonts_are_not_embedded_is_text(tmp_path: Path) -> None:
    assert _page(pdfs.plain_text(tmp_path / "a.pdf")).kind is PageKind.TEXT


def _characters(text: str) -> list[dict[str, object]]:
    return [{"text": letter} for letter in text]


@pytest.mark.parametrize(
    ("characters", "born"),
    [
        ([], False),
        (_characters("a" * 49), False),
        (_characters("a" * 50), True),
        (_characters(" " * 500), False),
        (_characters("Trang 2"), False),
        (_characters("\ufffd" * 60), False),
        (_characters("\ue001" * 60), False),
        ([{"text": "(cid:17)"}] * 60, False),
        (_characters("a" * 60 + "\ufffd" * 6), True),
        (_characters("a" * 60 + "\ufffd" * 7), False),
        ([{"text": "ffi"}] * 50, True),
    ],
    ids=["none", "few", "enough", "spaces", "number", "unknown", "private", "unmapped",
         "nine in ten", "too few mapped", "ligatures"],
)  # fmt: skip
def test_text_counts_when_there_is_enough_of_it_and_it_is_unicode(
    characters: list[dict[str, object]], born: bool
) -> None:
    assert is_born_digital(characters) is born


def test_pages_of_one_file_are_judged_one_by_one(tmp_path: Path) -> None:
    path = pdfs.born_digital(tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdfs.add_scan(pdf, sheet(pdfs.LINES))
        pdf.add_blank_page(page_size=(300, 400))
        pdf.save(path)
    assert [page.kind for page in _pages(path)] == [
        PageKind.TEXT,
        PageKind.IMAGE,
        PageKind.IMAGE,
    ]
    assert [page.number for page in _pages(path)] == [1, 2, 3]


def test_without_text_a_page_is_a_picture(tmp_path: Path) -> None:
    page = _page(pdfs.born_digital(tmp_path / "a.pdf"))
    plain = images.without_text(page)
    assert (plain.kind, plain.lines) == (PageKind.IMAGE, ())
    assert plain.picture is page.picture


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"MediaBox": [-100, -50, 495, 792]},
        {"CropBox": [60, 80, 500, 700]},
        {"CropBox": [-50, -50, 5000, 5000]},
        {"Rotate": 90},
        {"Rotate": 270, "CropBox": [60, 80, 500, 700]},
    ],
    ids=["plain", "moved", "cropped", "crop too large", "turned", "turned and cropped"],
)
def test_a_page_is_as_large_as_readers_see_it(tmp_path: Path, changes: dict[str, Any]) -> None:
    page = _page(pdfs.scan(tmp_path / "a.pdf", **changes))
    shown = render.draw(tmp_path / "a.pdf", 0, 72)
    assert page.picture.shape[1] * 72 / page.dpi == pytest.approx(shown.shape[1], abs=1.5)
    assert page.picture.shape[0] * 72 / page.dpi == pytest.approx(shown.shape[0], abs=1.5)


def test_a_poster_keeps_its_size_though_it_is_drawn_coarser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of five metres at 200 dpi would have 1 600 million points."""
    monkeypatch.setattr(render, "MAX_PIXELS", 1_000_000)
    path = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14_400, 14_400))
        path.write_bytes(files.saved(pdf))
    page = _page(path)
    assert page.picture.shape[0] * page.picture.shape[1] < 1_010_000
    assert page.picture.shape[1] * 72 / page.dpi == pytest.approx(14_400, rel=0.01)


@pytest.mark.parametrize(
    ("width", "low", "high"), [(100, 95, 105), (850, 99, 106), (1654, 199, 201), (3400, 399, 401)]
)
def test_the_resolution_of_a_pdf_page_stays_sensible(
    tmp_path: Path, width: int, low: float, high: float
) -> None:
    path = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        small = Image.fromarray(sheet(["Trang"], dpi=50)).resize((width, width * 2339 // 1654))
        pdfs.add_scan(pdf, files.picture(*small.size))
        path.write_bytes(files.saved(pdf))
    assert low <= _page(path).dpi <= high


def test_a_logo_does_not_set_the_resolution(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        page = pdfs.add_scan(pdf, files.picture(600, 600))
        page["/Contents"] = pikepdf.Stream(pdf, b"q 50 0 0 50 20 700 cm /Im0 Do Q")
        path.write_bytes(files.saved(pdf))
    assert _page(path).dpi == 200


def test_frames_keep_their_turns_and_resolution(tmp_path: Path) -> None:
    path = save_picture(sheet(["Trang"]), tmp_path / "a.png", dpi=(150, 150))
    page = _page(path)
    assert (page.kind, page.quarter_turns, page.bitonal) == (PageKind.IMAGE, 0, False)
    assert page.dpi == pytest.approx(150, abs=0.1)


@pytest.mark.parametrize(
    ("name", "bitonal"), [("thong-bao-136.pdf", True), ("GCN QSDD.pdf", False)]
)
def test_black_and_white_scans_are_told_from_colour(name: str, bitonal: bool) -> None:
    (truth,) = (truth for truth in TRUTHS if truth["file"] == name)
    path = sample_path(truth)
    page = next(pages_of(receive(path, name, LIMITS)))
    assert page.bitonal is bitonal


HOSTILE = [
    b"/F1 12 Tf BT (a) Tj",
    b"q " * 5000,
    b"Q " * 50,
    b"[[[[[ BI ID \xff\xfe EI",
    b"1e400 0 0 1e400 0 0 cm 0 0 1 1 re f",
    b"/Im0 Do /Im9 Do /F9 1 Tf (x) Tj",
    b"BT /F1 1e30 Tf 1 0 0 1 1e30 -1e30 Tm (abc) Tj ET",
    b"\0\xff" * 500,
]


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_content_gives_a_page_all_the_same(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=pdfs.A4).obj
        page["/Contents"] = pikepdf.Stream(pdf, content)
        path.write_bytes(files.saved(pdf))
    page_image = _page(path)
    assert page_image.picture.size


def test_a_form_that_draws_itself_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=pdfs.A4).obj
        form = pikepdf.Stream(
            pdf,
            b"/Fm0 Do BT /F1 12 Tf (a) Tj ET",
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, 100, 100],
        )
        form = pdf.make_indirect(form)
        form["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm0=form))
        page["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm0=form))
        page["/Contents"] = pikepdf.Stream(pdf, b"/Fm0 Do")
        path.write_bytes(files.saved(pdf))
    assert _page(path).kind is PageKind.IMAGE
