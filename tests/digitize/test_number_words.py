"""Numbers and dates in words: read as written, or not at all."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitize.number_words import read_date, read_number, read_quantity
from fixtures.understanding.values import words_of_date

_UNITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def spelled(number: int) -> str:
    """Write a number as forms have it."""
    if number >= 1000:
        for scale, word in ((10**9, "tỷ"), (10**6, "triệu"), (1000, "nghìn")):
            if number >= scale:
                head, rest = divmod(number, scale)
                tail = f" {whole(rest)}" if rest else ""
                return f"{spelled(head)} {word}{tail}"
    return whole(number) if number >= 100 else below_hundred(number)


def whole(number: int) -> str:
    """Write what follows a scale: hundreds too where there are none."""
    if number >= 1000:
        return spelled(number)
    hundreds, rest = divmod(number, 100)
    tail = "" if not rest else f" linh {_UNITS[rest]}" if rest < 10 else f" {below_hundred(rest)}"
    return f"{_UNITS[hundreds]} trăm{tail}"


def below_hundred(number: int) -> str:
    """Write a number below a hundred."""
    tens, units = divmod(number, 10)
    if not tens:
        return _UNITS[units]
    head = "mười" if tens == 1 else f"{_UNITS[tens]} mươi"
    tail = {0: "", 1: " mốt" if tens > 1 else " một", 5: " lăm"}.get(units, f" {_UNITS[units]}")
    return head + tail


@given(st.integers(0, 10**10))
def test_every_number_is_read_as_it_is_spelled(number: int) -> None:
    assert read_number(spelled(number)) == number


@given(st.dates(dt.date(1930, 1, 1), dt.date(2040, 1, 1)))
def test_every_date_is_read_as_it_is_spelled(day: dt.date) -> None:
    assert read_date(words_of_date(day)) == day
    assert read_date(words_of_date(day).upper()) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("ngày mười hai tháng năm năm hai nghìn không trăm hai mươi sáu", "2026-05-12"),
        ("Ngày mồng năm, tháng giêng, năm một ngàn chín trăm chín mươi lăm.", "1995-01-05"),
        ("ngày ba tháng chạp năm hai không hai sáu", "2026-12-03"),
        ("ngày ba mươi tháng hai năm hai nghìn", None),
        ("ngày mười hai tháng mười ba năm hai nghìn", None),
        ("ngày tháng năm", None),
        ("ngày mười hai tháng năm", None),
        ("", None),
    ],
)
def test_dates_in_words(text: str, day: str | None) -> None:
    found = read_date(text)
    assert (found.isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("Tám mươi triệu đồng", "80000000"),
        ("một trăm năm mươi hai phẩy bốn mét vuông", "152,4"),
        ("một trăm năm mươi hai phẩy không năm mét vuông", "152,05"),
        ("hai mươi phẩy hai mươi lăm mét vuông", "20,25"),
        ("một trăm phẩy mét vuông", None),
        ("triệu đồng", None),
        ("hai ba bốn", None),
        ("một nghìn hai triệu", None),
        ("thôn Mẫu 1", None),
        ("", None),
    ],
)
def test_quantities_in_words(text: str, digits: str | None) -> None:
    assert read_quantity(text) == digits
