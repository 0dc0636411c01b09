"""Personal numbers: the structure that tells a possible one from a misread one."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from config.personal_numbers import (
    agrees_with_birth,
    birth_year,
    is_personal_number,
    load_birthplaces,
)

SCANNED = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("001085012345", True),
        ("079303012345", True),
        ("000190000011", True),
        ("096226000001", True),
        ("150085012345", True),
        ("003085012345", False),
        ("097085012345", False),
        ("400085012345", False),
        ("999085012345", False),
        ("001227012345", False),
        ("001485012345", False),
        ("00108501234", False),
        ("0010850123456", False),
        ("00108501234O", False),
        ("٠٠١٠٨٥٠١٢٣٤٥", False),
        ("", False),
    ],
)
def test_place_century_and_year_must_be_possible(number: str, is_one: bool) -> None:
    assert is_personal_number(number, SCANNED) is is_one


@pytest.mark.parametrize(
    ("number", "year"),
    [
        ("001085012345", 1985),
        ("001185012345", 1985),
        ("001203012345", 2003),
        ("001326012345", 2026),
    ],
)
def test_the_year_of_birth_is_said_by_three_digits(number: str, year: int) -> None:
    assert birth_year(number) == year
    assert agrees_with_birth(number, f"{year}-02-28")
    assert not agrees_with_birth(number, f"{year - 1}-02-28")
    assert agrees_with_birth(number, str(year))


def test_all_provinces_before_the_mergers_are_known() -> None:
    places = load_birthplaces()
    assert len(places.provinces - {"000"}) == 63
    assert not places.has("005")


def test_most_misread_digits_of_place_and_century_are_seen() -> None:
    """There is no check digit; the six last digits say nothing of themselves."""
    random_ = random.Random(5)
    number, refused, tries = "079085012345", 0, 0
    for at in (0, 1, 2, 3):
        for digit in "0123456789":
            if digit != number[at]:
                other = number[:at] + digit + number[at + 1 :]
                tries += 1
                refused += not is_personal_number(other, SCANNED)
    assert refused / tries >= 0.6
    tail = f"{random_.randrange(10**6):06d}"
    assert is_personal_number(number[:6] + tail, SCANNED)
