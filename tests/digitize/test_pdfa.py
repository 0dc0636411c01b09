"""The preservation copy of PDFs: text stays text where it may, pictures stay what they are.

Pictures, photos and the samples are held in test_frames.py and test_samples_reading.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pikepdf
import pytest

from digitize import enhance, images, pdfa, render, sheets
from digitize.errors import NotArchival
from digitize.frames import Picture
from digitize.intake import receive
from digitize.model import MediaType, PageKind, RecognizedPage, Rendition, Word
from digitize.ocr import make_line
from digitize.pdf_files import visible_box
from fixtures.measure import character_error_rate
from tests.digitize import files, pdfs
from tests.digitize.workbench import (
    LIMITS,
    TRUTHS,
    facts,
    line,
    page_of,
    pages_of,
    read_file,
    render_file,
    run_tool,
    save_picture,
    sheet,
)
from tests.pdfa_findings import objections

TRUTH = ["\n".join(pdfs.LINES)]


def _copy(source: Path) -> tuple[Rendition, tuple[RecognizedPage, ...]]:
    submission, pages = read_file(source, source.parent)
    return render_file(submission, pages, source.parent / "ban-luu.pdf"), pages


def _unread(source: Path) -> tuple[Rendition, tuple[RecognizedPage, ...]]:
    """Make a copy whose words are the inked rows of each page: places without the engine."""
    submission = receive(source, source.name, LIMITS)
    pages = tuple(_rows(page) for page in pages_of(submission))
    return render_file(submission, pages, source.parent / "ban-luu.pdf"), pages


def _rows(page: images.PageImage) -> RecognizedPage:
    scale = 72 / page.dpi
    mask = enhance.ink_mask(page.picture)
    edges = np.flatnonzero(np.diff(np.pad(mask.any(axis=1), 1).astype(int)))
    words = []
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        columns = np.flatnonzero(mask[top:bottom].any(axis=0))
        box = (columns[0] * scale, top * scale, columns[-1] * scale, bottom * scale)
        words.append(Word(text="hàng", box=box, confidence=1.0))
    return page_of(
        [make_line([word]) for word in words],
        number=page.number,
        kind=page.kind,
        width=page.picture.shape[1] * scale,
        height=page.picture.shape[0] * scale,
        dpi=page.dpi,
    )


def _objects(path: Path) -> str:
    """Return every object of a PDF, plain, so that a name can be looked for."""
    with pikepdf.open(path) as pdf:
        pdf.save(path.with_suffix(".qdf"), qdf=True, compress_streams=False)
    return path.with_suffix(".qdf").read_bytes().decode("latin-1")


def _images(path: Path) -> list[bytes]:
    with pikepdf.open(path) as pdf:
        return [
            item.read_raw_bytes()
            for item in pdf.objects
            if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == pikepdf.Name.Image
        ]


def _difference(before: Picture, after: Picture) -> float:
    """Return the mean difference of two pictures that may differ by a row or column."""
    assert abs(before.shape[0] - after.shape[0]) <= 2
    assert abs(before.shape[1] - after.shape[1]) <= 2
    rows, columns = min(before.shape[0], after.shape[0]), min(before.shape[1], after.shape[1])
    pair = before[:rows, :columns].astype(int) - after[:rows, :columns]
    return float(np.abs(pair).mean())


def _exact_text() -> list[str]:
    (truth,) = (truth for truth in TRUTHS if truth["expect"] == "signed-arrival")
    orders: list[str] = truth["pages"][0]["orders"]
    return orders


def test_born_digital_text_is_kept_as_text(tmp_path: Path) -> None:
    source = pdfs.born_digital(tmp_path / "a.pdf")
    rendition, pages = _copy(source)
    assert pages[0].kind is PageKind.TEXT
    assert rendition.notes == ()
    assert _images(rendition.path) == []
    with pdfplumber.open(rendition.path) as pdf:
        assert character_error_rate(pdf.pages[0].extract_text(), _exact_text()) < 0.001
    assert np.array_equal(render.draw(source, 0, 100), render.draw(rendition.path, 0, 100))


def test_text_that_pdf_a_may_not_hold_is_drawn_with_a_note(tmp_path: Path) -> None:
    """A font that is not embedded: the page is drawn, its text lies invisible over it."""
    source = pdfs.plain_text(tmp_path / "a.pdf")
    rendition, pages = _copy(source)
    assert not objections(rendition.path)
    assert any("vẽ lại" in note for note in rendition.notes)
    assert len(_images(rendition.path)) == 1
    assert "Helvetica" not in _objects(rendition.path)
    text = " ".join(run_tool("pdftotext", "-raw", rendition.path, "-").split())
    assert text == " ".join(pages[0].text.split())
    assert "readers must guess" in text
    assert _difference(render.draw(source, 0, 60), render.draw(rendition.path, 0, 60)) < 3


def test_only_the_page_that_must_be_is_drawn(tmp_path: Path) -> None:
    """Good pages of a mixed PDF stay as they came, whatever else it holds."""
    source = tmp_path / "a.pdf"
    with pikepdf.open(pdfs.born_digital(tmp_path / "good.pdf")) as pdf:
        with pikepdf.open(pdfs.plain_text(tmp_path / "bad.pdf")) as other:
            pdf.pages.extend(other.pages)
        pdfs.add_scan(pdf, sheet(pdfs.LINES, dpi=pdfs.DPI))
        source.write_bytes(files.saved(pdf))
    rendition, _ = _unread(source)
    assert not objections(rendition.path)
    assert rendition.notes == ("Trang 2: Trang PDF được vẽ lại thành ảnh cho PDF/A.",)
    with pikepdf.open(rendition.path) as pdf, pikepdf.open(source) as came:
        drawn = [bool(page.get_images()) for page in pdf.pages]
        assert pdf.pages[0].Contents.read_bytes() == came.pages[0].Contents.read_bytes()
    assert drawn == [False, True, True]
    assert _images(source)[0] in _images(rendition.path)


@pytest.mark.parametrize(
    "change",
    [pdfs.add_javascript, pdfs.add_attachment, pdfs.add_link, pdfs.add_transparency_and_layers],
    ids=["scripts", "attachment", "link", "layers"],
)
def test_nothing_that_acts_comes_along(
    tmp_path: Path, change: Callable[[pikepdf.Pdf], None]
) -> None:
    rendition, _ = _copy(pdfs.born_digital(tmp_path / "a.pdf", change))
    assert not objections(rendition.path)
    objects = _objects(rendition.path)
    for name in (
        "/JavaScript",
        "/OpenAction",
        "/AA",
        "/Launch",
        "/EmbeddedFile",
        "/AcroForm",
        "/URI",
    ):
        assert name not in objects, name
    with pdfplumber.open(rendition.path) as pdf:
        assert character_error_rate(pdf.pages[0].extract_text(), _exact_text()) < 0.001


@pytest.mark.parametrize("kind", ["text", "scan"])
def test_what_a_stamp_shows_is_kept(tmp_path: Path, kind: str) -> None:
    if kind == "text":
        source = pdfs.born_digital(tmp_path / "a.pdf", pdfs.add_stamp)
    else:
        source = pdfs.scan(tmp_path / "a.pdf")
        with pikepdf.open(source, allow_overwriting_input=True) as pdf:
            pdfs.add_stamp(pdf)
            pdf.save(source)
    rendition, _ = _unread(source)
    shown = render.draw(rendition.path, 0, 72)
    assert shown[-110:-30, 30:110].max() < 60
    assert "/Annots" not in _objects(rendition.path)


def _form(pdf: pikepdf.Pdf, *, appearance: bool) -> None:
    """Add a filled text field, with or without the look its maker owes."""
    widget = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Widget,
        FT=pikepdf.Name.Tx,
        T="ten",
        V="NGUYEN THU NGHIEM A",
        Rect=[60, 40, 400, 70],
        F=4,
        DA="/Helv 18 Tf 0 g",
    )
    if appearance:
        look = pikepdf.Stream(
            pdf,
            b"0 0 0 rg 0 0 200 20 re f",
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, 340, 30],
        )
        widget["/AP"] = pikepdf.Dictionary(N=look)
    field = pdf.make_indirect(widget)
    pdf.pages[0].obj["/Annots"] = pikepdf.Array([field])
    fonts = pikepdf.Dictionary(Helv=pdfs.helvetica(pdf))
    pdf.Root["/AcroForm"] = pikepdf.Dictionary(
        Fields=[field], DR=pikepdf.Dictionary(Font=fonts), NeedAppearances=not appearance
    )


@pytest.mark.parametrize("appearance", [True, False])
def test_what_was_filled_into_a_form_is_kept(tmp_path: Path, appearance: bool) -> None:
    source = pdfs.born_digital(tmp_path / "a.pdf", lambda pdf: _form(pdf, appearance=appearance))
    rendition, _ = _unread(source)
    assert not objections(rendition.path)
    assert (render.draw(rendition.path, 0, 72)[-72:-38, 60:400].max(axis=2) < 100).sum() > 100
    assert "/AcroForm" not in _objects(rendition.path)


@pytest.mark.parametrize("mode", [3, 7])
def test_a_searchable_scan_keeps_its_picture_and_gets_our_text(tmp_path: Path, mode: int) -> None:
    source = pdfs.searchable_scan(tmp_path / "a.pdf", mode=mode)
    rendition, pages = _copy(source)
    assert pages[0].kind is PageKind.IMAGE
    assert _images(rendition.path) == _images(source)
    assert any("Lớp chữ ẩn" in note for note in rendition.notes)
    text = run_tool("pdftotext", "-raw", rendition.path, "-")
    assert "DON DE NGHI" not in text
    assert character_error_rate(text, TRUTH) < 0.02
    assert "Helvetica" not in _objects(rendition.path)


def test_hidden_text_inside_a_form_of_the_page_goes_too(tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        page = pdfs.add_scan(pdf, sheet(pdfs.LINES, dpi=pdfs.DPI))
        form = pikepdf.Stream(
            pdf,
            b"BT 3 Tr /F1 10 Tf 70 700 Td (DON DE NGHI CAP GIAY PHEP XAY DUNG NHA O RIENG LE) Tj"
            b" (thu hai va thu ba) ' ET",
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, 595, 842],
            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdfs.helvetica(pdf))),
        )
        page["/Resources"]["/XObject"]["/Fm0"] = pdf.make_indirect(form)
        more = pikepdf.Stream(pdf, b" /Fm0 Do")
        page["/Contents"] = pikepdf.Array([page["/Contents"], more])
        source.write_bytes(files.saved(pdf))
    rendition, _ = _unread(source)
    assert _images(rendition.path) == _images(source)
    assert "DON DE NGHI" not in run_tool("pdftotext", rendition.path, "-")


BOXES: dict[str, dict[str, Any]] = {
    "plain": {},
    "moved": {"MediaBox": [-100, -50, 495, 792]},
    "reversed": {"MediaBox": [595, 842, 0, 0]},
    "cropped": {"CropBox": [40, 500, 555, 820]},
    "crop too large": {"CropBox": [-50, -50, 5000, 5000]},
    "trimmed": {"TrimBox": [100, 100, 400, 700], "ArtBox": [100, 100, 400, 700]},
    "turned": {"Rotate": 90},
    "turned back": {"Rotate": -90},
    "turned and cropped": {"Rotate": 270, "CropBox": [40, 500, 555, 820]},
    "on its head": {"Rotate": 180},
    "large units": {"UserUnit": 2.0},
}


@pytest.mark.parametrize("name", BOXES)
def test_a_scan_looks_the_same_and_its_words_lie_on_their_ink(tmp_path: Path, name: str) -> None:
    source = pdfs.scan(tmp_path / "a.pdf", **BOXES[name])
    rendition, pages = _unread(source)
    assert _difference(render.draw(source, 0, 72), render.draw(rendition.path, 0, 72)) < 5
    with pdfplumber.open(rendition.path) as pdf:
        words = pdf.pages[0].extract_words()
    assert len(words) == len(pages[0].lines) >= 4
    fine = render.draw(rendition.path, 0, 144)
    for word in words:
        box = [round(word[key] * 2) for key in ("x0", "x1", "top", "bottom")]
        assert fine[box[2] : box[3], box[0] : box[1]].min() < 120, word["text"]


def test_what_a_page_inherits_holds_for_its_copy(tmp_path: Path) -> None:
    source = pdfs.scan(tmp_path / "a.pdf")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        tree, page = pdf.Root.Pages, pdf.pages[0].obj
        for key in ("/MediaBox", "/Resources"):
            tree[key] = page[key]
            del page[key]
        tree["/Rotate"] = 90
        pdf.save(source)
    rendition, pages = _copy(source)
    assert pages[0].quarter_turns == 3
    assert not objections(rendition.path)
    assert character_error_rate(run_tool("pdftotext", "-raw", rendition.path, "-"), TRUTH) < 0.02
    shown = render.draw(rendition.path, 0, 72)
    assert shown.shape[0] > shown.shape[1]
    assert _difference(shown, render.draw(pdfs.scan(tmp_path / "b.pdf"), 0, 72)) < 2


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_text_page_that_is_turned_is_kept_upright(tmp_path: Path, rotate: int) -> None:
    def turn(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj["/Rotate"] = rotate

    source = pdfs.born_digital(tmp_path / "a.pdf", turn)
    rendition, pages = _copy(source)
    with pikepdf.open(rendition.path) as pdf:
        assert int(pdf.pages[0].obj.get("/Rotate", 0)) == 0
    assert pages[0].kind is PageKind.TEXT
    assert _difference(render.draw(source, 0, 72), render.draw(rendition.path, 0, 72)) < 4


def test_a_restricted_pdf_gives_an_open_copy(tmp_path: Path) -> None:
    source = pdfs.scan(tmp_path / "a.pdf")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.save(source, encryption=pikepdf.Encryption(owner="chu", user=""))
    rendition, _ = _copy(source)
    with pikepdf.open(rendition.path) as pdf:
        assert not pdf.is_encrypted
    assert character_error_rate(run_tool("pdftotext", "-raw", rendition.path, "-"), TRUTH) < 0.02


def test_all_pages_share_one_font(tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        for _ in range(3):
            pdfs.add_scan(pdf, sheet(pdfs.LINES[:1], dpi=pdfs.DPI))
        source.write_bytes(files.saved(pdf))
    rendition, _ = _unread(source)
    assert _objects(rendition.path).count("/FontFile2") == 1
    assert len(_images(rendition.path)) == 3


def test_what_cannot_be_pdf_a_either_way_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checker that always objects: no file is known any more that cannot be made PDF/A."""
    monkeypatch.setattr(pdfa, "find_problems", lambda *_: ("6.1.13: no",))
    source, target = tmp_path / "a.jpg", tmp_path / "ban-luu.pdf"
    source.write_bytes(files.jpeg())
    job = pdfa.RenderJob(
        source=source,
        media_type=MediaType.JPEG,
        pages=(page_of([line("x", 0, 0)]),),
        facts=facts(),
    )
    with pytest.raises(NotArchival, match=r"a\.jpg"):
        pdfa.make_rendition(job, target)
    assert not target.exists()


def test_a_broken_page_is_drawn(tmp_path: Path) -> None:
    """Content that qpdf cannot copy is still what pdfium shows."""
    source = pdfs.born_digital(tmp_path / "a.pdf")
    data = source.read_bytes()
    at = data.index(b"stream\n", data.index(b"/FontFile2") if b"/FontFile2" in data else 0) + 60
    source.write_bytes(data[:at] + b"\xff" * 40 + data[at + 40 :])
    rendition, _ = _copy(source)
    assert not objections(rendition.path)


def _corners(size: tuple[float, float]) -> Iterator[tuple[float, float]]:
    for x in (0.0, size[0]):
        for y in (0.0, size[1]):
            yield x, y


def _moved(matrix: sheets.Matrix, point: tuple[float, float]) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("/Rotate", pikepdf.String("90")),
        ("/CropBox", pikepdf.String("x")),
        ("/MediaBox", pikepdf.Array([0, 0, 0, 0])),
        ("/Group", 1),
        ("/Resources", pikepdf.Array([1])),
    ],
)
def test_values_of_a_wrong_kind_cost_the_page_its_text_and_nothing_else(
    tmp_path: Path, key: str, value: object
) -> None:
    source = pdfs.born_digital(
        tmp_path / "a.pdf", lambda pdf: pdf.pages[0].obj.__setitem__(key, value)
    )
    job = pdfa.RenderJob(
        source=source,
        media_type=MediaType.PDF,
        pages=(page_of([line("đọc", 60, 100)], kind=PageKind.TEXT),),
        facts=facts(),
    )
    rendition = pdfa.make_rendition(job, tmp_path / "b.pdf")
    assert not objections(rendition.path)
    assert any("vẽ lại" in note for note in rendition.notes)


@pytest.mark.parametrize(
    ("size", "scale"),
    [((595, 842), 1.0), ((14_400, 300), 14_390 / 14_400), ((28_780, 10), 0.5), ((2, 40), 1.55)],
)
def test_a_page_of_impossible_size_is_shrunk_or_enlarged_words_and_all(
    size: tuple[float, float], scale: float
) -> None:
    page = page_of([line("chữ", 1, 2, 3)], width=size[0], height=size[1], dpi=100.0)
    fitted = sheets.fit(page)
    assert (fitted.width, fitted.height) == pytest.approx((size[0] * scale, size[1] * scale))
    assert fitted.width / 72 * fitted.dpi == pytest.approx(size[0] / 72 * 100)
    (word,) = fitted.lines[0].words
    assert word.box == pytest.approx([value * scale for value in page.lines[0].words[0].box])


@pytest.mark.parametrize("size", [(5, 5), (3, 600), (900, 4)])
def test_a_picture_smaller_than_a_page_may_be_becomes_one(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    picture = np.full(size, 255, np.uint8)
    rendition, _ = _unread(save_picture(picture, tmp_path / "a.png", dpi=(200, 200)))
    assert not objections(rendition.path)
    with pikepdf.open(rendition.path) as pdf:
        assert min(float(side) for side in pdf.pages[0].mediabox[2:]) >= 3


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_turns_keep_the_sheet_in_its_corner(turns: int) -> None:
    size = (300.0, 500.0)
    turned = size if turns % 2 == 0 else (500.0, 300.0)
    moved = {_moved(sheets.turn_matrix(size, turns), corner) for corner in _corners(size)}
    assert moved == set(_corners(turned))
    upper_left = _moved(sheets.turn_matrix(size, turns), (0.0, 500.0))
    wanted = [(0.0, 500.0), (500.0, 300.0), (300.0, 0.0), (0.0, 0.0)]
    assert upper_left == wanted[turns], "clockwise"


@pytest.mark.parametrize("degrees", [-5.0, -0.3, 0.0, 2.0, 5.0])
def test_levelling_keeps_the_middle_and_the_corners_on_the_page(degrees: float) -> None:
    size = (595.0, 842.0)
    c, s = np.cos(np.radians(abs(degrees))), np.sin(np.radians(abs(degrees)))
    page = (size[0] * c + size[1] * s, size[0] * s + size[1] * c)
    matrix = sheets.level_matrix(size, page, degrees)
    middle = _moved(matrix, (size[0] / 2, size[1] / 2))
    assert middle == pytest.approx((page[0] / 2, page[1] / 2))
    for x, y in (_moved(matrix, corner) for corner in _corners(size)):
        assert -0.01 <= x <= page[0] + 0.01
        assert -0.01 <= y <= page[1] + 0.01
    assert isclose(matrix[1] > 0, degrees > 0)


@pytest.mark.parametrize(
    ("media", "crop", "seen"),
    [
        ([0, 0, 595, 842], None, (0, 0, 595, 842)),
        ([595, 842, 0, 0], None, (0, 0, 595, 842)),
        ([0, 0, 595, 842], [50, 60, 300, 400], (50, 60, 300, 400)),
        ([0, 0, 595, 842], [-50, -60, 300, 4000], (0, 0, 300, 842)),
        ([0, 0, 595, 842], [900, 900, 1000, 1000], (0, 0, 595, 842)),
    ],
)
def test_the_box_that_readers_show(
    media: list[int], crop: list[int] | None, seen: tuple[int, ...]
) -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.obj["/MediaBox"] = pikepdf.Array(media)
        if crop is not None:
            page.obj["/CropBox"] = pikepdf.Array(crop)
        assert visible_box(pdf.pages[0]) == seen
