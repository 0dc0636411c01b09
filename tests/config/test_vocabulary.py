"""Kinds of paper, roles and events: closed lists that records are kept by."""

from __future__ import annotations

import re
import unicodedata
from itertools import combinations

import pytest

from config.vietnamese import fold
from config.vocabulary import DocumentClass, EventType, Role, load_classes

CLASSES = load_classes()
by_class = pytest.mark.parametrize("item", CLASSES.items, ids=lambda item: item.code)

# NĐ 30/2020/NĐ-CP Phụ lục III, and the forms of civil status and building that carry their own.
SYMBOLS = {"QĐ", "TB", "BB", "TTr", "BC", "KH", "GUQ"} | {
    "TLKS", "TLKH", "TLKT", "XNTTHN", "GCS", "GPXD",
}  # fmt: skip


def test_there_are_enough_kinds_and_no_code_twice() -> None:
    codes = [item.code for item in CLASSES.items]
    assert len(codes) >= 20
    assert len(set(codes)) == len(codes)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", CLASSES.version)


@by_class
def test_a_kind_is_written_as_its_file_promises(item: DocumentClass) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9]{1,9}", item.code)
    assert item.name == item.name.strip() != ""
    assert item.role in {"receipt", "any"}
    assert re.fullmatch(r"0[1-9]|[12]\d|3[0-2]", item.type_name)
    assert item.titles or item.words
    for text in (item.name, *item.titles, *item.symbols, *item.words):
        assert unicodedata.is_normalized("NFC", text)
        assert text == " ".join(text.split())


@by_class
def test_titles_are_printed_in_capitals_and_the_most_specific_comes_first(
    item: DocumentClass,
) -> None:
    assert all(title.isupper() for title in item.titles)
    for earlier, later in combinations(item.titles, 2):
        assert not later.startswith(earlier) or "(" in later


@by_class
def test_a_code_finds_its_kind(item: DocumentClass) -> None:
    assert CLASSES.find(item.code) is item
    assert CLASSES.find(item.code.lower()) is None


def test_no_title_names_two_kinds() -> None:
    titles = [fold(title) for item in CLASSES.items for title in item.titles]
    assert len(titles) == len(set(titles))


def test_no_symbol_names_two_kinds() -> None:
    symbols = [fold(symbol) for item in CLASSES.items for symbol in item.symbols]
    assert len(symbols) == len(set(symbols))
    assert {symbol for item in CLASSES.items for symbol in item.symbols} == SYMBOLS


def test_one_kind_is_the_receipt() -> None:
    assert [item.code for item in CLASSES.items if item.role == "receipt"] == ["GTN"]


def test_an_unknown_code_finds_nothing() -> None:
    assert CLASSES.find("KHONGCO") is None
    assert CLASSES.find("") is None


def test_the_essential_services_of_the_domain_have_their_papers() -> None:
    """QĐ 06/QĐ-TTg: births, marriages, deaths, residence, land, building, businesses, insurance."""
    wanted = {"GKS", "TKKS", "GCNKH", "TTHN", "GKT", "CCCD", "CT01", "GCNQSDD", "GPXD", "HKD",
              "BHYT", "LLTP", "QD", "CV", "GTN"}  # fmt: skip
    assert wanted <= {item.code for item in CLASSES.items}


def test_events_and_roles_are_words_of_the_standard_once_each() -> None:
    values = [event.value for event in EventType]
    assert len(values) == len(set(values))
    assert all(re.fullmatch(r"[a-z]+( [a-z]+)*", value) for value in values)
    assert {role.value for role in Role} == {"component", "result", "receipt"}
