"""Level U is claimed only where every code that is shown has its letter in the font's own map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream

from digitize.textlayer import add_font, to_unicode_map
from digitize.unicode_maps import maps_to_unicode, read_unicode_map
from tests.digitize import pdfs
from tests.digitize.workbench import read_file, render_file
from tests.pdfa_findings import objections


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (b"2 beginbfchar\n<01> <0041> <02> <00420043>\nendbfchar", {1: "A", 2: "BC"}),
        (b"1 beginbfrange <01> <03> <0041> endbfrange", {1: "A", 2: "B", 3: "C"}),
        (b"1 beginbfrange <01> <02> [<0041> <1EA6>] endbfrange", {1: "A", 2: "Ầ"}),
        (b"1 beginbfrange <0000> <0001> <00FF> endbfrange", {0: "ÿ", 1: ""}),
        (b"1 beginbfrange <05> <01> <0041> endbfrange", {}),
        (b"1 beginbfchar <01> <D83DDE00> endbfchar", {1: "😀"}),
        (b"1 beginbfchar <01> <> endbfchar", {1: ""}),
        (b"beginbfchar <01> [ <0041> endbfchar", {1: ""}),
        (b"", {}),
    ],
)
def test_pairs_and_ranges_of_a_map(block: bytes, wanted: dict[int, str]) -> None:
    assert read_unicode_map(block) == wanted


def test_a_range_that_never_ends_is_cut_off() -> None:
    endless = b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange"
    assert len(read_unicode_map(endless)) <= 0x10000


def test_our_own_map_reads_as_it_is_meant() -> None:
    letters = read_unicode_map(to_unicode_map())
    assert letters.pop(0x09) == "  ", "what fills a wide gap"
    assert all(letters[code] == chr(code) for code in letters)
    assert letters[0x1EA6] == "Ầ"


def _no_map(font: pikepdf.Object) -> None:
    del font["/ToUnicode"]


def _partly(font: pikepdf.Object) -> None:
    font["/ToUnicode"].write(b"1 beginbfchar <0001> <0041> endbfchar")


def _to_nothing(font: pikepdf.Object) -> None:
    font["/ToUnicode"].write(b"1 beginbfrange <0000> <FFFF> <0000> endbfrange")


def _broken(font: pikepdf.Object) -> None:
    font["/ToUnicode"].write(b"1 beginbfchar <000> <0041> endbfchar")


def _not_a_map(font: pikepdf.Object) -> None:
    font["/ToUnicode"] = Name("/Identity-H")


def _unknown_encoding(font: pikepdf.Object) -> None:
    font["/Encoding"] = Name("/UniGB-UCS2-H")


@pytest.mark.parametrize(
    "harm", [_no_map, _partly, _to_nothing, _broken, _not_a_map, _unknown_encoding]
)
def test_born_digital_text_without_its_letters_stays_level_b(
    tmp_path: Path, harm: Callable[[pikepdf.Object], None]
) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        for font in pdf.pages[0].obj.Resources.Font.values():
            harm(font)

    source = pdfs.born_digital(tmp_path / "a.pdf", change)
    with pikepdf.open(source) as pdf:
        assert not maps_to_unicode(pdf)


def test_the_letter_in_the_file_is_what_its_text_allows(tmp_path: Path) -> None:
    whole = pdfs.born_digital(tmp_path / "a.pdf")
    with pikepdf.open(whole) as pdf:
        assert maps_to_unicode(pdf)
    submission, pages = read_file(whole, tmp_path)
    partly = tmp_path / "b.pdf"
    with pikepdf.open(whole) as pdf:
        for font in pdf.pages[0].obj.Resources.Font.values():
            one = b"1 beginbfchar <0001> <0041> endbfchar"
            font["/ToUnicode"] = Stream(pdf, one)
        pdf.save(partly)
    for source, letter in ((whole, "u"), (partly, "b")):
        copy = tmp_path / f"copy-{letter}.pdf"
        rendition = render_file(replace(submission, path=source), pages, copy)
        assert rendition.flavour == f"2{letter}"
        assert not objections(rendition.path)
        with pikepdf.open(rendition.path) as pdf:
            said = pdf.Root.Metadata.read_bytes()
        assert f"<pdfaid:conformance>{letter.upper()}<".encode() in said


def _page_with(content: bytes, **resources: pikepdf.Object) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    page = pdf.pages[0].obj
    page.Contents = Stream(pdf, content)
    page.Resources = Dictionary({f"/{name}": value for name, value in resources.items()})
    return pdf


@pytest.mark.parametrize(
    "content",
    [b"BT (a) Tj ET", b"BT /F9 1 Tf (a) Tj ET", b"BT Tf (a) Tj ET", b"/Gs0 gs BT (a) Tj ET"],
    ids=["no font", "unknown font", "no operand", "font of a state"],
)
def test_what_cannot_be_told_is_level_b(content: bytes) -> None:
    with _page_with(content) as pdf:
        font = pdfs.helvetica(pdf)
        resources = pdf.pages[0].obj.Resources
        resources.Font = Dictionary(F1=font)
        resources.ExtGState = Dictionary(Gs0=Dictionary(Font=Array([font, 1])))
        assert not maps_to_unicode(pdf)


@pytest.mark.parametrize("font", [1, Name.Helvetica, Array([]), None])
def test_fonts_that_are_none_are_level_b_where_text_is_shown(font: object) -> None:
    with _page_with(b"BT /F1 1 Tf (a) Tj ET") as pdf:
        pdf.pages[0].obj.Resources.Font = Dictionary(F1=font)
        assert not maps_to_unicode(pdf)


def test_a_font_that_shows_nothing_counts_for_nothing() -> None:
    with _page_with(b"BT /F1 1 Tf ET 0 0 1 1 re f") as pdf:
        pdf.pages[0].obj.Resources.Font = Dictionary(F1=pdfs.helvetica(pdf))
        assert maps_to_unicode(pdf)


def test_text_inside_a_form_counts() -> None:
    with _page_with(b"/Fm0 Do") as pdf:
        form = Stream(pdf, b"BT /F1 1 Tf (a) Tj ET", Type=Name.XObject, Subtype=Name.Form)
        form.BBox = Array([0, 0, 1, 1])
        form.Resources = Dictionary(Font=Dictionary(F1=pdfs.helvetica(pdf)))
        pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(Fm0=form))
        assert not maps_to_unicode(pdf)


def test_our_layer_alone_is_level_u() -> None:
    with pikepdf.new() as pdf:
        font = add_font(pdf)
        pdf.add_blank_page()
        page = pdf.pages[0].obj
        page.Resources = Dictionary(Font=Dictionary(F0=font))
        page.Contents = Stream(pdf, b"BT 3 Tr /F0 1 Tf <0041> Tj ET")
        assert maps_to_unicode(pdf, font)
