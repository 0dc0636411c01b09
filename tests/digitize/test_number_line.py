"""Number and notation of the head, each by its own confidence, over a written number's place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digitize.layout import segments
from digitize.model import Line, Word
from digitize.number_line import read_number_line
from digitize.ocr import make_line
from tests.digitize.workbench import heading, line, page_of


def _said(*lines: Line) -> dict[str, str]:
    page = page_of([*heading(), *lines])
    return {found.name: found.value for found in read_number_line(page, segments(page))}


def _with(item: Line, at: int, confidence: float) -> Line:
    words = list(item.words)
    words[at] = replace(words[at], confidence=confidence)
    return make_line(words)


def test_the_label_says_nothing_of_the_number() -> None:
    label = _with(line("Số: 742/QĐ-UBND", 70, 100, 10), 0, 0.1)
    assert _said(label) == {"number": "742", "notation": "QĐ-UBND"}


@pytest.mark.parametrize(("confidence", "is_read"), [(0.6, True), (0.3, False)])
def test_a_number_counts_from_a_confidence_on(confidence: float, is_read: bool) -> None:
    number = _with(line("Số: 742 /QĐ-UBND", 70, 100, 10), 1, confidence)
    assert ("number" in _said(number)) == is_read
    assert _said(number)["notation"] == "QĐ-UBND"


def test_the_notation_stands_behind_the_place_of_a_written_number() -> None:
    row = [line("Số:", 70, 100, 10), line("/TLKS-BS", 150, 100, 10)]
    assert _said(*row) == {"notation": "TLKS-BS"}
    assert _said(row[0], line("/TLKS-BS", 150, 130, 10)) == {}
    # What stands in the right half belongs to place and date.
    assert _said(row[0], line("/TLKS-BS", 400, 100, 10)) == {}


def test_a_label_set_apart_belongs_to_the_number_in_its_row() -> None:
    row = [line("Số:", 70, 100, 10), line("748/XNCT", 150, 100, 10)]
    assert _said(*row) == {"number": "748", "notation": "XNCT"}


@pytest.mark.parametrize("pen", ["⁄", "6/0", "27⁄", "ZZ*", "- ", "„", "#"])
def test_a_notation_stands_behind_whatever_was_read_of_a_pen(pen: str) -> None:
    assert _said(line(f"Số: {pen}/GCS-BVĐK", 70, 100, 10)) == {"notation": "GCS-BVĐK"}


def test_a_year_between_number_and_notation_is_no_pen() -> None:
    found = _said(line("Số: 12/2024/NQ-HĐND", 70, 100, 10))
    assert found == {"number": "12", "notation": "2024/NQ-HĐND"}


def test_a_notation_that_was_cut_is_none() -> None:
    assert _said(line("Số: 544/PC-", 70, 100, 10)) == {}


def test_every_value_has_the_box_of_its_own_words() -> None:
    words = [Word(text="Số:", box=(70, 100, 90, 110), confidence=0.9),
             Word(text="12", box=(95, 100, 105, 110), confidence=0.9),
             Word(text="/QĐ-UBND", box=(106, 100, 160, 110), confidence=0.9)]  # fmt: skip
    page = page_of([make_line(words)])
    number, notation = read_number_line(page, segments(page))
    assert (number.box, notation.box) == (words[1].box, words[2].box)
