"""Codes on papers, and what recognition does to them.

A dossier code has no check digit. Guaranteed, and held here: what is returned always has the
shape of a code with a possible date; a letter in a group of digits is undone only where it can
stand for one digit, and the result is the code that was printed or none; two codes are never put
together to one. Not guaranteed, because it cannot be: a digit that was read as another digit, the
first letter of the agency as another letter, or an ordinal that lost a digit gives a code of the
right shape. The register is the check for that (an unregistered code waits for a person);
`test_what_a_wrong_digit_does` says how often.
"""

from __future__ import annotations

import datetime as dt
import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.codes import (
    exact_dossier_codes,
    find_dossier_codes,
    is_dossier_code,
    parse_result_code,
    read_dossier_codes,
    result_code,
)

EXAMPLES = (
    "H15.50.05.13-261008-0975",
    "H57.132-260804-0583",
    "000.00.19.H47-260105-0001",
    "000.00.15.H26-230103-0001",
    "H26.15-230103-0001",
    "G09-261008-0912345",
    "H26.99-261105-0001",
    "B01.1-240229-0001",
)


@st.composite
def codes(draw: st.DrawFn) -> str:
    letter = draw(st.sampled_from("ABCDEFGHIJK")) + f"{draw(st.integers(0, 99)):02}"
    if draw(st.booleans()):
        levels = draw(st.lists(st.integers(0, 999), max_size=4))
        agency = ".".join([letter, *map(str, levels)])
    else:
        numbers = (draw(st.integers(0, 999)), draw(st.integers(0, 99)), draw(st.integers(0, 99)))
        agency = f"{numbers[0]:03}.{numbers[1]:02}.{numbers[2]:02}.{letter}"
    day = draw(st.dates(dt.date(2018, 1, 1), dt.date(2060, 12, 31)))
    size = draw(st.integers(4, 7))
    sequence = draw(st.integers(0, 10**size - 1))
    return f"{agency}-{day:%y%m%d}-{sequence:0{size}}"


@pytest.mark.parametrize("code", EXAMPLES)
def test_real_formats_are_codes(code: str) -> None:
    assert is_dossier_code(code)
    assert find_dossier_codes(f"Mã hồ sơ: {code}.") == [code]


@given(codes())
def test_every_code_is_found_as_it_is(code: str) -> None:
    assert is_dossier_code(code)
    assert find_dossier_codes(code) == [code]
    assert find_dossier_codes(f"Số hồ sơ: {code}; số phiếu: 26.10229") == [code]


@given(codes(), codes())
def test_two_codes_stay_two(first: str, second: str) -> None:
    assert find_dossier_codes(f"{first}, {second}") == list(dict.fromkeys([first, second]))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("H26.99–261105–0001", "H26.99-261105-0001"),
        ("H26.99 - 261105 - 0001", "H26.99-261105-0001"),
        ("H26. 99-261105-0001", "H26.99-261105-0001"),
        ("H26.99-26l1O5-OOO1", "H26.99-261105-0001"),
        ("H26.99-26I1O5-000I", "H26.99-261105-0001"),
        ("H26.99-261105-0OSB", "H26.99-261105-0058"),
        ("HO1.l32-260804-0583", "H01.132-260804-0583"),
        ("H57.l32-260804-0583", "H57.132-260804-0583"),
        ("H57.I32-260804-0583", "H57.132-260804-0583"),
        ("OOO.00.19.H47-260105-0001", "000.00.19.H47-260105-0001"),
        ("O00.OO.l9.H47-260105-0001", "000.00.19.H47-260105-0001"),
        ("000.00.19.HO1-260105-0001", "000.00.19.H01-260105-0001"),
        ("(H26.99-261105-0001)", "H26.99-261105-0001"),
        ("Mã hồ sơ:H26.99-261105-0001", "H26.99-261105-0001"),
        ("H26.99-261105-0001-KQ(1)", "H26.99-261105-0001"),
        ("https://dvc.example/?ma=H26.99-261105-0001&x=1", "H26.99-261105-0001"),
    ],
)
def test_misread_digits_are_repaired(text: str, code: str) -> None:
    assert find_dossier_codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H26.99-261305-0001",
        "H26.99-261100-0001",
        "H26.99-261132-0001",
        "H26.99-260230-0001",
        "H26.99-250229-0001",
        "H26.99-260431-0001",
        "H26.99-261105-001",
        "H26.99-261105-00012345",
        "H26.99-2611051-0001",
        "H2.99-261105-0001",
        "26.99-261105-0001",
        "H26.9999-261105-0001",
        "H26.1.2.3.4.5-261105-0001",
        "XH26.99-261105-0001",
        "9H26.99-261105-0001",
        "h26.99-261105-0001",
        "000.00.19.47-260105-0001",
        "00.00.19.H47-260105-0001",
        "H26.99-261105",
        "H26.99.261105.0001",
        "H26.99-261105-0001A",
        "H26.99-261105-OOOOl7O8",
        "Số: 128/2025/QĐ-UBND",
        "0000 000 000",
    ],
)
def test_what_is_no_code_is_not_made_one(text: str) -> None:
    assert find_dossier_codes(text) == []
    assert not is_dossier_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "H٢٦.٩٩-٢٦١١٠٥-٠٠٠١",
        "H26.99-261105-000１",
        " H26.99-261105-0001",
        "H26.99-261105-0001\n",
        "H26.99–261105–0001",
        "H26.99-261105-OOO1",
    ],
)
def test_only_the_normal_form_is_a_code(text: str) -> None:
    """Codes become folder names and keys: one dossier must have one spelling."""
    assert not is_dossier_code(text)


@given(st.text(alphabet="H26.9-OIlSB01 5\nĐ–", max_size=60))
def test_whatever_is_found_is_a_code(text: str) -> None:
    for code in find_dossier_codes(text):
        assert is_dossier_code(code)
        assert find_dossier_codes(code) == [code]


@given(codes(), st.randoms(use_true_random=False))
def test_letters_read_for_digits_never_make_another_code(code: str, chance: random.Random) -> None:
    """Digits read as the letters they look like: the right code, or none."""
    agency, rest = code.split("-", 1)
    looks = {"0": "O", "1": "Il", "5": "S", "8": "B"}
    misread = "".join(
        chance.choice(looks[digit]) if digit in looks and chance.random() < 0.5 else digit
        for digit in rest
    )
    assert find_dossier_codes(f"{agency}-{misread}") == [code]
    groups = [
        group[:1] + "".join(chance.choice([digit, *looks.get(digit, "")]) for digit in group[1:])
        for group in agency.split(".")
    ]
    assert find_dossier_codes(f"{'.'.join(groups)}-{misread}") in ([code], [])


@given(codes(), st.integers(0, 40), st.sampled_from(["drop", "double", "space", "noise"]))
def test_a_lost_or_added_sign_breaks_the_shape_or_shows_in_the_length(
    code: str, at: int, how: str
) -> None:
    at %= len(code)
    piece = {"drop": "", "double": code[at] * 2, "space": f" {code[at]}", "noise": "~"}[how]
    found = find_dossier_codes(code[:at] + piece + code[at + 1 :])
    for other in found:
        assert other == code or len(other) != len(code) or how == "noise"


def test_what_a_wrong_digit_does() -> None:
    """There is no check digit: most wrong digits give a code of the right shape.

    Measured: every one in the agency and the ordinal, three in five in the date. So a code that
    was read counts only once the register knows it.
    """
    chance = random.Random(7)
    kept: dict[str, list[bool]] = {"agency": [], "date": [], "ordinal": []}
    for _ in range(2000):
        code = chance.choice(EXAMPLES)
        at = chance.choice([i for i, sign in enumerate(code) if sign.isdigit()])
        digit = chance.choice([d for d in string.digits if d != code[at]])
        altered = code[:at] + digit + code[at + 1 :]
        part = ("agency", "date", "ordinal")[code[:at].count("-")]
        found = find_dossier_codes(altered)
        assert code not in found
        assert found in ([altered], [])
        kept[part].append(bool(found))
    shares = {part: sum(hits) / len(hits) for part, hits in kept.items()}
    assert shares["agency"] == 1.0
    assert shares["ordinal"] == 1.0
    assert 0.4 < shares["date"] < 0.8


def test_of_two_possible_agencies_neither_is_taken() -> None:
    """I26.10.20.801 or 126.10.20.B01: the letter may stand at either end."""
    assert find_dossier_codes("I26.10.20.B01-261105-0001") == []


def test_a_letter_that_begins_an_agency_is_never_guessed() -> None:
    for misread in ("N26.99-261105-0001", "1126.99-261105-0001", "#26.99-261105-0001"):
        assert "H26.99-261105-0001" not in find_dossier_codes(misread)


def test_long_rubbish_is_searched_quickly() -> None:
    started = time.perf_counter()
    for text in ("H26." * 50_000, "-" * 200_000, "H" + "0" * 200_000, "1-" * 100_000):
        assert find_dossier_codes(text) == []
    assert time.perf_counter() - started < 5


@given(codes(), st.integers(1, 999))
def test_result_codes_round_trip(code: str, ordinal: int) -> None:
    assert parse_result_code(result_code(code, ordinal)) == (code, ordinal)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H26.99-261105-0001",
        "H26.99-261105-0001-KQ1",
        "H26.99-261105-0001-KQ()",
        "H26.99-261105-0001-KQ(0)",
        "H26.99-261105-0001-KQ(-1)",
        "H26.99-261105-0001-KQ(٣)",
        "H26.99-261305-0001-KQ(1)",
        "x H26.99-261105-0001-KQ(1)",
        "H26.99-261105-0001-KQ(1) ",
    ],
)
def test_other_texts_are_no_result_codes(text: str) -> None:
    assert parse_result_code(text) is None


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_typed_code_is_found_as_it_stands_and_never_repaired(code: str) -> None:
    assert list(exact_dossier_codes(f"ma={code}&x=1 {code}-KQ(1)")) == [code, code]
    assert list(exact_dossier_codes(code.replace("0", "O"))) == []


def test_what_stands_around_a_code_is_told() -> None:
    (found,) = read_dossier_codes("Mã hồ sơ: H26.99 – 26l105-0001 (bản chính)")
    assert (found.value, found.read) == ("H26.99-261105-0001", "H26.99-26l105-0001")
    assert (found.before, found.after) == ("Mã hồ sơ: ", " (bản chính)")
