from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from digitize import pdfa, render
from digitize.metadata import DocumentFacts
from digitize.model import MediaType, PageKind, RecognizedPage

SIZE = (300.0, 200.0)
BOX = (50, 50, 250, 90)


def _page(kind: PageKind) -> RecognizedPage:
    return RecognizedPage(
        number=1,
        kind=kind,
        width=SIZE[0],
        height=SIZE[1],
        dpi=100.0,
        quarter_turns=0,
        skew_degrees=0.0,
        recipe="",
        confidence=1.0,
        lines=(),
        barcodes=(),
        colour=False,
    )


def _write(path: Path, subtype: str, *, appearance: bool, asks_viewer: bool = False) -> Path:
    """Write a blank page with one annotation: a black box, or text that the viewer must draw."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=SIZE).obj
        annotation = Dictionary(
            Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=Array(list(BOX)), F=4
        )
        if appearance:
            box = Stream(pdf, b"0 g 0 0 200 40 re f", Subtype=Name.Form, BBox=[0, 0, 200, 40])
            annotation.AP = Dictionary(N=box)
        if subtype == "Widget":
            annotation.FT, annotation.T = Name.Tx, String("ho_ten")
            annotation.V, annotation.DA = String("THU NGHIEM"), String("/Helv 24 Tf 0 g")
        page.Annots = Array([pdf.make_indirect(annotation)])
        helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.Root.AcroForm = Dictionary(
            Fields=page.Annots if subtype == "Widget" else Array([]),
            DR=Dictionary(Font=Dictionary(Helv=helvetica)),
            NeedAppearances=asks_viewer,
        )
        pdf.save(path)
    return path


def _ink_in_box(source: Path, kind: PageKind, target: Path) -> float:
    facts = DocumentFacts(
        title="THỬ NGHIỆM",
        agency_name="",
        dossier_code=None,
        source_sha256="0" * 64,
        received_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
    )
    job = pdfa.RenderJob(source=source, media_type=MediaType.PDF, pages=(_page(kind),), facts=facts)
    pdfa.make_rendition(job, target)
    with pikepdf.open(target) as made:
        assert "/Annots" not in made.pages[0].obj
    picture = render.draw(target, 0, 72.0)
    left, bottom, right, top = BOX
    height = picture.shape[0]
    return float(np.mean(picture[height - top : height - bottom, left:right] < 128))


@pytest.mark.parametrize("kind", [PageKind.TEXT, PageKind.IMAGE])
@pytest.mark.parametrize("subtype", ["Widget", "Stamp", "FreeText"])
def test_what_an_annotation_shows_stays_in_the_copy(
    tmp_path: Path, subtype: str, kind: PageKind
) -> None:
    source = _write(tmp_path / "filled.pdf", subtype, appearance=True)

    assert _ink_in_box(source, kind, tmp_path / "copy.pdf") > 0.95


def test_a_field_that_only_a_viewer_can_draw_stays_in_the_copy(tmp_path: Path) -> None:
    source = _write(tmp_path / "filled.pdf", "Widget", appearance=False, asks_viewer=True)

    assert _ink_in_box(source, PageKind.TEXT, tmp_path / "copy.pdf") > 0.05


def test_a_link_leaves_nothing_behind(tmp_path: Path) -> None:
    source = _write(tmp_path / "link.pdf", "Link", appearance=False)

    assert _ink_in_box(source, PageKind.TEXT, tmp_path / "copy.pdf") == 0.0
