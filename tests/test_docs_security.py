"""docs/security.md names each requirement of ASVS 5.0.0, levels 1 and 2, and only what is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
STATES = {"met", "partly", "not met", "agency", "none here"}
_ROW = re.compile(r"^\| (V\d[^|]*) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
_PATH = re.compile(r"`((?:desk|docs|tests|storage|signing|digitize|config|packaging)/[^`]+)`")
_TESTS = re.compile(r"((?:`test_\w+`(?:, )?)+) in `(tests/[^`]+)`")
_NAMED = re.compile(r"`(\w+)` of `([^`]+\.py)`")
# How many requirements of levels 1 and 2 each section has; what follows them is of level 3, but
# where numbers are named.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
WANTED = {f"V{section}.{n}" for section, count in SECTIONS.items() for n in range(1, count + 1)}


def numbers(cell: str) -> list[str]:
    """Return the requirements of a row: `V1.2.6–V1.2.8` is three."""
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        section, _, begins = first.rpartition(".")
        ends = int((last or first).rpartition(".")[2])
        found += [f"{section}.{number}" for number in range(int(begins), ends + 1)]
    return found


def test_every_requirement_stands_there_once() -> None:
    assert len(WANTED) == 253
    told = Counter(number for cell, _, _ in _ROW.findall(PAGE) for number in numbers(cell))
    assert [number for number, count in told.items() if count > 1] == []
    assert set(told) == WANTED


def test_every_row_has_a_state_that_is_explained() -> None:
    assert {state for _, state, _ in _ROW.findall(PAGE)} <= STATES


def test_what_is_not_met_is_told_at_the_beginning() -> None:
    summary = PAGE.partition("## Còn thiếu")[2].partition("\n## ")[0]
    for cell, state, _ in _ROW.findall(PAGE):
        if state == "not met":
            assert set(numbers(cell)) <= set(re.findall(r"V[\d.]+\d", summary)), cell


@pytest.mark.parametrize("path", sorted(set(_PATH.findall(PAGE))))
def test_every_path_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_test_and_name_is_where_the_page_says() -> None:
    told = [(re.findall(r"\w+", names), path) for names, path in _TESTS.findall(PAGE)]
    places = [(name, path) for names, path in told for name in names]
    assert len(places) > 30
    for name, path in (*places, *_NAMED.findall(PAGE)):
        text = (ROOT / path).read_text("utf-8")
        is_there = re.search(rf"(?:def |class ){name}\b|\b{name} =", text)
        assert is_there, (name, path)
