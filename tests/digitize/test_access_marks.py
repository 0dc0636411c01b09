"""What access copies must show: read by other programs, where it belongs, hiding nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pikepdf
import pytest

from digitize import render
from digitize.access import make_access_copy
from digitize.access_job import AccessJob, AccessKind, CopyForm
from tests.digitize import pdfs
from tests.digitize.test_access import FONT
from tests.digitize.workbench import facts, run_tool
from tests.pdfa_findings import objections

AGENCY = "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"
LONG = "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG " + "XÃ THỬ NGHIỆM RẤT DÀI " * 8


def two_pages(target: Path) -> Path:
    """Write two pages with ink up to the upper and the lower edge."""
    pdfs.born_digital(target)
    with pikepdf.open(target, allow_overwriting_input=True) as pdf:
        pdf.pages.append(pdf.pages[0])
        for page in pdf.pages:
            edges = b"q 0 g 0 0 600 3 re f 0 839 600 3 re f Q"
            page.contents_add(pikepdf.Stream(pdf, edges))
        pdf.save(target)
    return target


def make(source: Path, target: Path, form: CopyForm, agency: str = AGENCY) -> Path:
    told = replace(facts("giay.pdf", access_copy_of="ab" * 32), agency_name=agency)
    last_day = dt.date(2026, 12, 7) if form is CopyForm.READING else None
    job = AccessJob(
        source=source, kind=AccessKind.GRAY, facts=told, font=FONT, form=form, last_day=last_day
    )
    make_access_copy(job, target)
    assert not objections(target)
    return target


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_pages(tmp_path_factory.mktemp("marks") / "nguon.pdf")


@pytest.fixture(scope="module")
def copies(source: Path) -> dict[CopyForm, Path]:
    return {form: make(source, source.with_name(f"{form}.pdf"), form) for form in CopyForm}


@cache
def read(path: Path, page: int) -> list[dict[str, Any]]:
    with pdfplumber.open(path, pages=[page + 1]) as pdf:
        return list(pdf.pages[0].extract_words())


def words_of(path: Path, page: int, text: str) -> tuple[float, float, float, float]:
    """Return where words last stand together on a page: left, top, right, bottom."""
    wanted, words = text.split(), read(path, page)
    spans = [words[start : start + len(wanted)] for start in range(len(words))]
    found = [span for span in spans if [word["text"] for word in span] == wanted][-1]
    top, bottom = min(word["top"] for word in found), max(word["bottom"] for word in found)
    return found[0]["x0"], top, found[-1]["x1"], bottom


def ink_in(path: Path, page: int, box: tuple[float, float, float, float]) -> float:
    shown = render.draw(path, page, 144)
    left, top, right, bottom = (round(side * 2) for side in box)
    return float(np.min(shown[top:bottom, left:right]))


@pytest.mark.parametrize("agency", [AGENCY, LONG.strip()], ids=["short", "long"])
def test_the_agency_stands_in_the_middle_of_the_foot_of_every_page(
    source: Path, copies: dict[CopyForm, Path], tmp_path: Path, agency: str
) -> None:
    copy = copies[CopyForm.READING]
    if agency != AGENCY:
        copy = make(source, tmp_path / "dai.pdf", CopyForm.READING, agency)
    for page in range(2):
        left, top, right, bottom = words_of(copy, page, agency)
        with pikepdf.open(copy) as pdf:
            width, height = (float(side) for side in pdf.pages[page].mediabox[2:])
        assert (left + right) / 2 == pytest.approx(width / 2, abs=2)
        assert left > 0
        assert right < width
        assert top > height - 32
        assert ink_in(copy, page, (left, top, right, bottom)) < 100, "it is seen too"


def test_copy_stands_at_the_top_right_of_page_1_alone_in_black_10_points(
    copies: dict[CopyForm, Path],
) -> None:
    copy = copies[CopyForm.PLAIN]
    left, top, right, bottom = words_of(copy, 0, "BẢN SAO")
    assert "SAO" not in [word["text"] for word in read(copy, 1)]
    with pikepdf.open(copy) as pdf:
        first, second = (page.mediabox for page in pdf.pages)
        assert float(first[2]) - right < 15
        assert float(first[3]) - float(second[3]) == pytest.approx(18, abs=0.1)
    assert top < 18
    assert ink_in(copy, 0, (left, top, right, bottom)) < 60
    # Times New Roman has capitals of 0.662 em; the tone above Ả reaches higher.
    shown = render.draw(copy, 0, 360)[: round(bottom * 5), round(left * 5) :]
    rows = np.flatnonzero(shown[:, : round((right - left) * 5 * 0.12)].min(axis=(1, 2)) < 128)
    assert (rows[-1] - rows[0]) / 5 == pytest.approx(6.6, abs=0.3)


@pytest.mark.parametrize("form", [CopyForm.READING, CopyForm.PLAIN])
def test_nothing_of_the_page_is_hidden_and_its_words_lie_on_their_ink(
    source: Path, copies: dict[CopyForm, Path], form: CopyForm
) -> None:
    copy = copies[form]
    head = 18 if form is CopyForm.PLAIN else 0
    wanted = render.draw(source, 0, 72).astype(int)
    shown = render.draw(copy, 0, 72).astype(int)[head : head + wanted.shape[0]]
    assert np.abs(shown - wanted).mean() < 35
    assert shown[1, 20:-20].max() < 120, "ink at the upper edge stays"
    assert shown[-2, 20:-20].max() < 120, "and at the lower"
    for line in ("Căn cứ Luật Xây dựng", "QUYẾT ĐỊNH:", "Mã hồ sơ:"):
        box = words_of(copy, 0, line)
        assert ink_in(copy, 0, box) < 100
        assert box[1] - words_of(source, 0, line)[1] == pytest.approx(head, abs=1)


def test_a_copy_says_what_it_is_and_never_that_it_is_certified(
    copies: dict[CopyForm, Path],
) -> None:
    told = {
        CopyForm.VIEW: "Bản xem: giay.pdf",
        CopyForm.READING: "Bản đọc: giay.pdf",
        CopyForm.PLAIN: "Bản sao không chứng nhận: giay.pdf",
    }
    for form, title in told.items():
        copy = copies[form]
        with pikepdf.open(copy) as pdf:
            assert str(pdf.trailer.Info.Title) == title
            packet = pdf.Root.Metadata.read_bytes().decode()
        text = run_tool("pdftotext", copy, "-")
        assert "chứng thực" not in (text + packet).lower()
        assert ("BẢN SAO" in text) == (form is CopyForm.PLAIN)
