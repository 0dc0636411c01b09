"""Access copies: small, readable, searchable, and by no means to be taken for the record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pikepdf
import pytest

from digitize import access, render
from digitize.access import make_access_copy
from digitize.access_job import SUFFIX, AccessJob, AccessKind
from digitize.errors import DamagedFile, NotArchival
from digitize.frames import Picture
from digitize.intake import receive
from digitize.metadata import DocumentFacts
from digitize.model import Rendition
from tests.digitize import files, pdfs
from tests.digitize.test_pdfa import BOXES
from tests.digitize.workbench import (
    LIMITS,
    ROOT,
    facts,
    line,
    page_of,
    read_file,
    render_file,
    run_tool,
    sheet,
)
from tests.pdfa_findings import objections

FONT = ROOT / "signing/fonts/Tinos-Regular.ttf"
DIGEST = "ab" * 32
LINES = [line(text, 71, 113 + 22.7 * index, 11) for index, text in enumerate(pdfs.LINES)]


def _job(source: Path, kind: AccessKind = AccessKind.MRC, **changes: Any) -> AccessJob:
    told: DocumentFacts = facts("to-khai.pdf", access_copy_of=DIGEST, **changes)
    return AccessJob(source=source, kind=kind, facts=told, font=FONT)


def _coloured() -> Picture:
    """Draw a scan: noise over cream paper, text, a red stamp."""
    page = sheet(pdfs.LINES, dpi=150).astype(np.int16)
    page -= np.array([8, 14, 30])
    page[1275:1425, 225:375] = (200, 30, 40)
    noise = np.random.default_rng(4).normal(0, 5, page.shape)
    return np.asarray((page + noise).clip(0, 255), dtype=np.uint8)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a rendition of a coloured scan, with its words."""
    folder = tmp_path_factory.mktemp("record")
    with pikepdf.new() as pdf:
        pdfs.add_scan(pdf, _coloured())
        source = folder / "a.pdf"
        source.write_bytes(files.saved(pdf))
    submission = receive(source, source.name, LIMITS)
    return render_file(submission, (page_of(LINES),), folder / "ban-luu.pdf").path


@pytest.fixture(scope="module")
def copies(record: Path) -> dict[AccessKind, Rendition]:
    return {
        kind: make_access_copy(_job(record, kind), record.with_name(f"{kind}{SUFFIX}"))
        for kind in AccessKind
    }


@pytest.mark.parametrize("kind", list(AccessKind))
def test_a_copy_is_small_and_archival_and_keeps_its_text(
    record: Path, copies: dict[AccessKind, Rendition], kind: AccessKind
) -> None:
    copy = copies[kind]
    assert copy.size_bytes < record.stat().st_size / 4
    assert copy.flavour == "2u"
    assert not objections(copy.path)
    text = run_tool("pdftotext", copy.path, "-")
    assert [row for row in text.replace("\f", "").splitlines() if row] == pdfs.LINES
    with pdfplumber.open(record) as before, pdfplumber.open(copy.path) as after:
        for old, new in zip(
            before.pages[0].extract_words(), after.pages[0].extract_words(), strict=True
        ):
            assert old["text"] == new["text"]
            assert new["x0"] == pytest.approx(old["x0"], abs=0.8)
            assert new["top"] == pytest.approx(old["top"], abs=0.8)


@pytest.mark.parametrize(("kind", "limit"), [("mrc", 6), ("gray", 25), ("g4", 35)])
def test_a_copy_looks_like_the_record_above_its_foot(
    record: Path, copies: dict[AccessKind, Rendition], kind: AccessKind, limit: float
) -> None:
    wanted = render.draw(record, 0, 72).astype(int)
    shown = render.draw(copies[kind].path, 0, 72).astype(int)
    assert 10 <= shown.shape[0] - wanted.shape[0] <= 16, "the foot is added below the page"
    assert np.abs(shown[: wanted.shape[0], : wanted.shape[1]] - wanted).mean() < limit
    assert shown[wanted.shape[0] :].min() < 160, "the foot says something"


def test_only_the_layered_copy_has_colour(copies: dict[AccessKind, Rendition]) -> None:
    for kind, copy in copies.items():
        stamp = render.draw(copy.path, 0, 72)[640, 140].astype(int)
        assert (stamp[0] - stamp[1] > 100) == (kind is AccessKind.MRC), kind


def test_a_copy_says_that_it_is_one_and_of_what(copies: dict[AccessKind, Rendition]) -> None:
    with pikepdf.open(copies[AccessKind.G4].path) as pdf:
        told = pdf.open_metadata()
        assert told["dc:title"] == "Bản xem: to-khai.pdf" == str(pdf.trailer.Info.Title)
        assert told["dc:description"] == access.NOTE == str(pdf.trailer.Info.Subject)
        assert told["dc:source"] == f"sha256:{DIGEST}"
        assert f"<hoso:accessCopyOf>{DIGEST}<".encode() in pdf.Root.Metadata.read_bytes()


def test_no_picture_is_coded_by_symbols(copies: dict[AccessKind, Rendition]) -> None:
    for copy in copies.values():
        with pikepdf.open(copy.path) as pdf:
            streams = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
            filters = {str(stream.get("/Filter")) for stream in streams}
        assert "/JBIG2Decode" not in filters


def test_the_same_job_gives_the_same_bytes(
    record: Path, copies: dict[AccessKind, Rendition], tmp_path: Path
) -> None:
    again = make_access_copy(_job(record), tmp_path / "b.pdf")
    assert again.sha256 == copies[AccessKind.MRC].sha256


@pytest.mark.parametrize("name", ["plain", "moved", "turned and cropped"])
def test_words_lie_on_their_ink_whatever_the_page_was(tmp_path: Path, name: str) -> None:
    """Born-digital text names its own places: moved, cropped, turned, in other units."""

    def change(pdf: pikepdf.Pdf) -> None:
        for key, value in BOXES[name].items():
            pdf.pages[0].obj[f"/{key}"] = value

    source = pdfs.born_digital(tmp_path / "a.pdf", change)
    record = render_file(*read_file(source, tmp_path), tmp_path / "ban-luu.pdf")
    copy = make_access_copy(_job(record.path, AccessKind.G4), tmp_path / "b.pdf")
    assert not objections(copy.path)
    with pdfplumber.open(copy.path) as pdf:
        words = pdf.pages[0].extract_words()
    fine = render.draw(copy.path, 0, 144)
    lying = [
        fine[
            max(round(word["top"] * 2), 0) : round(word["bottom"] * 2),
            max(round(word["x0"] * 2), 0) : round(word["x1"] * 2),
        ]
        for word in words
    ]
    inside = [part for part in lying if part.size]
    assert len(inside) >= 10
    assert sum(part.min() < 120 for part in inside) >= 0.95 * len(inside)


def test_what_annotations_show_is_shown(tmp_path: Path) -> None:
    source = pdfs.born_digital(tmp_path / "a.pdf", pdfs.add_stamp)
    copy = make_access_copy(_job(source), tmp_path / "b.pdf")
    assert render.draw(copy.path, 0, 72)[842 - 70, 70].max() < 60


def test_a_damaged_or_locked_source_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "a.pdf"
    broken.write_bytes(b"%PDF-1.7\n%%EOF")
    with pytest.raises(DamagedFile, match=r"a\.pdf"):
        make_access_copy(_job(broken), tmp_path / "b.pdf")
    assert not (tmp_path / "b.pdf").exists()


def test_a_copy_that_is_not_archival_is_not_kept(
    record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "find_problems", lambda *_: ("6.2.4.3: no",))
    with pytest.raises(NotArchival, match=r"ban-luu\.pdf"):
        make_access_copy(replace(_job(record), kind=AccessKind.G4), tmp_path / "b.pdf")
    assert not list(tmp_path.iterdir())
