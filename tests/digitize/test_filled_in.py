"""What an applicant typed into a form is read, laid and found like the form's own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from digitize import images, render
from digitize.filled_in import read_filled_in, weave_in
from digitize.intake import receive
from digitize.model import PageKind
from tests.digitize import pdfs
from tests.digitize.workbench import LIMITS, line, read_file, render_file, run_tool

RECT = [150, 300, 350, 320]


def _add(pdf: pikepdf.Pdf, **keys: Any) -> pikepdf.Object:
    """Add a filled text field, drawn as a black bar, to the first page."""
    bar = Stream(pdf, b"0 g 0 0 200 20 re f", Subtype=Name.Form, BBox=[0, 0, 200, 20])
    values: dict[str, Any] = {
        "Type": Name.Annot,
        "Subtype": Name.Widget,
        "FT": Name.Tx,
        "T": String("ho_ten"),
        "V": String("NGUYỄN THỬ NGHIỆM"),
        "DA": String("/Helv 12 Tf 0 g"),
        "F": 4,
        "Rect": Array(RECT),
        "AP": Dictionary(N=bar),
        **keys,
    }
    field = pdf.make_indirect(
        Dictionary({f"/{key}": value for key, value in values.items() if value is not None})
    )
    page = pdf.pages[0].obj
    page["/Annots"] = Array([*page.get("/Annots", Array()), field])
    pdf.Root["/AcroForm"] = Dictionary(
        Fields=page["/Annots"], DR=Dictionary(Font=Dictionary(Helv=pdfs.helvetica(pdf)))
    )
    return field


def _blank(path: Path, **page: Any) -> tuple[Path, pikepdf.Pdf]:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=pdfs.A4)
    for key, value in page.items():
        pdf.pages[0].obj[f"/{key}"] = value
    return path, pdf


def _texts(path: Path, pdf: pikepdf.Pdf) -> list[str]:
    with pdf:
        pdf.save(path)
    return [found.text for found in read_filled_in(path, 0)]


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"Rotate": 90},
        {"Rotate": 180},
        {"Rotate": 270},
        {"MediaBox": [-50, 20, 545, 862]},
        {"CropBox": [100, 200, 500, 700], "Rotate": 90},
    ],
    ids=["plain", "90", "180", "270", "moved", "cropped and turned"],
)
def test_a_value_lies_where_its_field_is_shown(tmp_path: Path, page: dict[str, Any]) -> None:
    path, pdf = _blank(tmp_path / "a.pdf", **page)
    with pdf:
        _add(pdf)
        pdf.save(path)
    (found,) = read_filled_in(path, 0)
    assert found.text == "NGUYỄN THỬ NGHIỆM"
    shown = render.draw(path, 0, 72, annotations=True).min(axis=2)
    for word in found.words:
        left, top, right, bottom = (round(value) for value in word.box)
        assert shown[top + 1 : bottom - 1, left + 1 : right - 1].max() < 60, word


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ({"V": String("một\nhai")}, ["một", "hai"]),
        ({"FT": Name.Ch, "V": Array([String("Hà Nội"), String("Huế")])}, ["Hà Nội", "Huế"]),
        ({"FT": Name.Btn, "V": Name.Yes}, []),
        ({"FT": Name.Sig}, []),
        ({"V": None}, []),
        ({"V": String("   ")}, []),
        ({"Ff": 1 << 13}, []),
        ({"F": 2}, []),
        ({"F": 32}, []),
        ({"Rect": Array([1, 2])}, []),
        ({"Rect": Array([Name.A] * 4)}, []),
        ({"F": String("x")}, []),
        ({"Subtype": Name.FreeText, "FT": None, "Contents": String("ghi chú")}, ["ghi chú"]),
        ({"Subtype": Name.Link, "Contents": String("không hiện")}, []),
    ],
)
def test_what_counts_as_filled_in(tmp_path: Path, keys: dict[str, Any], wanted: list[str]) -> None:
    path, pdf = _blank(tmp_path / "a.pdf")
    _add(pdf, **keys)
    assert _texts(path, pdf) == wanted


def test_a_field_may_have_its_value_from_above_and_above_itself(tmp_path: Path) -> None:
    path, pdf = _blank(tmp_path / "a.pdf")
    field = _add(pdf, V=None, FT=None)
    field["/Parent"] = pdf.make_indirect(Dictionary(FT=Name.Tx, V=String("ở trên")))
    endless = _add(pdf, V=None)
    endless["/Parent"] = endless
    assert _texts(path, pdf) == ["ở trên"]


def test_values_are_read_after_their_labels() -> None:
    printed = (line("ĐƠN ĐỀ NGHỊ", 200, 60), line("Họ tên:", 60, 100), line("Nơi ở:", 60, 120))
    filled = (line("Xã Thử Nghiệm", 130, 121), line("A", 130, 99), line("đầu", 60, 20))
    woven = weave_in(printed, filled)
    assert [item.text for item in woven] == [
        "đầu",
        "ĐƠN ĐỀ NGHỊ",
        "Họ tên:",
        "A",
        "Nơi ở:",
        "Xã Thử Nghiệm",
    ]


def _fill(pdf: pikepdf.Pdf) -> None:
    _add(pdf)


def test_a_filled_form_is_read_and_kept_with_its_values(tmp_path: Path) -> None:
    source = pdfs.born_digital(tmp_path / "a.pdf", _fill)
    submission = receive(source, source.name, LIMITS)
    page = images.extract_page(submission, 1)
    assert page.kind is PageKind.TEXT
    assert "NGUYỄN THỬ NGHIỆM" in [item.text for item in page.lines]


def test_values_that_only_viewers_draw_are_laid_under_the_drawn_page(tmp_path: Path) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        _add(pdf, AP=None)
        pdf.Root.AcroForm.NeedAppearances = True

    source = pdfs.born_digital(tmp_path / "a.pdf", fill)
    submission, pages = read_file(source, tmp_path)
    rendition = render_file(submission, pages, tmp_path / "b.pdf")
    assert any("vẽ lại" in note for note in rendition.notes)
    text = " ".join(run_tool("pdftotext", rendition.path, "-").split())
    assert "NGUYỄN THỬ NGHIỆM" in text
