"""Where every page of a batch belongs: once, and in one place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitize.covers import write_payload
from digitize.model import Barcode, Cover, RecognizedPage
from digitize.papers import RECEIPT_TITLE, CutRules, apply, count_doubt, plan
from tests.digitize.workbench import centred, heading, line, page_of

KEY = bytes(range(32))
COVER = Cover(dossier_code="H26.99-261105-0001", class_code="TKKS", pages=2)
RULES = CutRules(key=KEY)
BOX = (10.0, 10.0, 100.0, 100.0)


def coded(payload: str) -> RecognizedPage:
    return page_of([line("Tờ bìa", 80, 300)], barcodes=(Barcode(text=payload, box=BOX),) * 2)


PAGES = {
    "c": coded(write_payload(COVER, KEY)),
    "f": coded(write_payload(COVER, KEY[::-1])),
    "q": coded("https://example.test"),
    "b": page_of([], blank=True, confidence=0.0),
    "r": page_of([*heading(), centred(RECEIPT_TITLE, 150)]),
    "h": page_of([centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 60)]),
    "p": page_of([line("một trang của một giấy", 80, 300)]),
}


def batch(kinds: str) -> tuple[RecognizedPage, ...]:
    return tuple(replace(PAGES[kind], number=at + 1) for at, kind in enumerate(kinds))


@pytest.mark.parametrize(
    ("kinds", "papers", "doubts"),
    [
        ("ppp", [(1, 2, 3)], []),
        ("cppcp", [(2, 3), (5,)], []),
        ("pcp", [(1,), (3,)], []),
        ("cbpp", [(3, 4)], []),  # the blank back of the sheet
        ("cpbp", [(2, 3, 4)], []),
        ("qpq", [(1, 2, 3)], []),
        ("pf", [(1, 2)], ["cover_not_ours"]),
        ("ccp", [(3,)], ["cover_without_paper"]),
        ("pc", [(1,)], ["cover_without_paper"]),
        ("rp", [(1, 2)], []),
        ("rhphp", [(1,), (2, 3), (4, 5)], []),
        ("prh", [(1,), (2,), (3,)], []),
        ("hph", [(1, 2, 3)], []),
    ],
)
def test_a_file_is_cut_where_a_sheet_says_so(
    kinds: str, papers: list[tuple[int, ...]], doubts: list[str]
) -> None:
    made = plan(batch(kinds), RULES)
    assert [paper.pages for paper in made.papers] == papers
    assert [doubt.code for doubt in made.doubts] == doubts


def test_papers_behind_a_receipt_know_it_and_a_cover_ends_its_group() -> None:
    made = plan(batch("prhchp"), RULES)
    assert [paper.receipt for paper in made.papers] == [None, None, 2, None]
    assert [bool(paper.cover) for paper in made.papers] == [False, False, False, True]


def test_blank_pages_part_papers_only_where_the_station_says_so() -> None:
    made = plan(batch("cpbp"), replace(RULES, blank_separators=True))
    assert [paper.pages for paper in made.papers] == [(2,), (4,)]
    assert made.separators == (3,)
    second = made.papers[1].cover
    assert second == Cover(dossier_code=COVER.dossier_code)


@given(
    st.text("cfqbrhp", min_size=1, max_size=14),
    st.builds(
        CutRules,
        key=st.just(KEY),
        blank_separators=st.booleans(),
        drop_blank=st.booleans(),
        answered=st.booleans(),
    ),
)
def test_every_page_has_one_place_and_papers_are_never_empty(kinds: str, rules: CutRules) -> None:
    pages = batch(kinds)
    made = plan(pages, rules)
    placed = [n for paper in made.papers for n in (*paper.pages, *paper.left_out)]
    assert sorted([*placed, *made.covers, *made.separators]) == list(range(1, len(pages) + 1))
    assert all(paper.pages for paper in made.papers)
    assert made.papers or made.doubts
    assert [paper.number for paper in apply(made, pages)] == list(range(1, len(made.papers) + 1))
    if rules.answered:
        assert not made.doubts


@pytest.mark.parametrize(("kinds", "fits"), [("cpp", True), ("cppb", True), ("cp", False)])
def test_the_number_on_the_sheet_is_counted_with_or_without_blank_pages(
    kinds: str, *, fits: bool
) -> None:
    pages = batch(kinds)
    (paper,) = apply(plan(pages, RULES), pages)
    assert (count_doubt(paper) is None) is fits
