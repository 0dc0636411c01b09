"""Machine-readable rows and QR codes of cards: believed where every check holds, else not there."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitize.identity import check_digit, parse_card_code, read_identity, take_over
from digitize.model import Barcode, Evidence, Line, Paper
from tests.digitize.workbench import line, page_of

SCANNED = dt.date(2026, 11, 20)
NUMBER = "000190000011"
QR = f"{NUMBER}|012345678|Nguyễn Thị Thử Nghiệm A|05061990|Nữ|thôn Mẫu 1, xã Thử Nghiệm|01022022"


def card_rows(number: str = NUMBER, birth: str = "900605", expiry: str = "300605") -> list[str]:
    """Return the three rows of a card, check digits by the rule of the standard."""
    head = "IDVNM" + number[3:] + check_digit(number[3:]) + number + "<<0"
    days = birth + check_digit(birth) + "F" + expiry + check_digit(expiry) + "VNM" + "<" * 11
    whole = head[5:] + days[:7] + days[8:15] + days[18:29]
    return [head, days + check_digit(whole), "NGUYEN<<THI<THU<NGHIEM<A".ljust(30, "<")]


def paper_with(rows: list[str], *codes: str, extra: tuple[Line, ...] = ()) -> Paper:
    lines = [line(text, 40, 500 + 20 * at, 14) for at, text in enumerate(rows)]
    barcodes = tuple(Barcode(text=text, box=(400, 20, 470, 90)) for text in codes)
    page = page_of((*extra, *lines), barcodes=barcodes)
    return Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("D23145890", "7"),
        ("740812", "2"),
        ("120415", "9"),
        ("D231458907<<<<<<<<<<<<<<<7408122120415 9".replace(" ", "") + "<<<<<<<<<<<", "6"),
        ("L898902C3", "6"),
        ("ZE184226B<<<<<", "1"),
    ],
)
def test_check_digits_are_those_of_the_standards_examples(text: str, digit: str) -> None:
    """ICAO Doc 9303, parts 4 and 5: the specimens of Utopia."""
    assert check_digit(text) == digit


def test_a_cards_rows_say_number_birth_and_expiry() -> None:
    (found,) = read_identity(paper_with(card_rows()), SCANNED)
    assert found.source == "mrz"
    assert found.values == {
        "personal_number": NUMBER,
        "birth_date": "1990-06-05",
        "expiry_date": "2030-06-05",
    }
    assert found.folded_name == "nguyen thi thu nghiem a"


def test_a_card_for_life_has_no_expiry() -> None:
    (found,) = read_identity(paper_with(card_rows(expiry="991231")), SCANNED)
    assert "expiry_date" not in found.values


def test_signs_that_are_read_for_others_are_put_right_where_the_checks_then_hold() -> None:
    rows = card_rows()
    rows[0] = rows[0][:5] + rows[0][5:27].replace("0", "O").replace("1", "I") + rows[0][27:]
    rows[1] = rows[1].replace("<<", "«")
    (found,) = read_identity(paper_with(rows), SCANNED)
    assert found.values["personal_number"] == NUMBER


def test_no_row_with_one_misread_digit_is_believed() -> None:
    random_ = random.Random(7)
    for _ in range(300):
        rows = card_rows()
        which = random_.randrange(2)
        places = [at for at, sign in enumerate(rows[which]) if sign.isdigit()]
        at = random_.choice(places)
        other = random_.choice([digit for digit in "0123456789" if digit != rows[which][at]])
        rows[which] = rows[which][:at] + other + rows[which][at + 1 :]
        found = read_identity(paper_with(rows), SCANNED)
        assert all(item.values["personal_number"] == NUMBER for item in found)
        assert all(item.values["birth_date"] == "1990-06-05" for item in found)


def test_a_passports_rows_are_read() -> None:
    upper = "P<VNMNGUYEN<<THI<THU<NGHIEM<A".ljust(44, "<")
    lower = "C0000001<" + check_digit("C0000001<") + "VNM" + "900605" + check_digit("900605")
    lower += "F" + "300605" + check_digit("300605")
    lower += NUMBER + "<<" + check_digit(NUMBER + "<<")
    lower += check_digit(lower[:10] + lower[13:20] + lower[21:43])
    (found,) = read_identity(paper_with([upper, lower]), SCANNED)
    assert found.values == {
        "passport_number": "C0000001",
        "birth_date": "1990-06-05",
        "expiry_date": "2030-06-05",
        "personal_number": NUMBER,
    }
    assert read_identity(paper_with([upper, lower[:-1] + "X"]), SCANNED) == ()


def test_a_cards_qr_code_says_who_it_is() -> None:
    assert parse_card_code(QR, SCANNED) == {
        "personal_number": NUMBER,
        "old_number": "012345678",
        "holder": "NGUYỄN THỊ THỬ NGHIỆM A",
        "birth_date": "1990-06-05",
        "issue_date": "2022-02-01",
    }
    longer = QR + "||Nguyễn Thử Nghiệm B|Trần Thị Thử Nghiệm C|"
    assert parse_card_code(longer, SCANNED) == parse_card_code(QR, SCANNED)
    assert "old_number" not in parse_card_code(QR.replace("012345678", ""), SCANNED)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "||||||",
        QR.replace("05061990", "31021990"),
        QR.replace("05061990", "05061991"),
        QR.replace(NUMBER, "003190000011"),
        QR.replace("Nguyễn Thị Thử Nghiệm A", "<script>1</script>"),
        QR.rpartition("|")[0],
        "https://dvc.example/?ma=H26.99-261105-0001",
        "x" * 100_000,
    ],
)
def test_what_is_no_cards_code_says_nothing(text: str) -> None:
    assert parse_card_code(text, SCANNED) == {}


@given(st.text(max_size=200))
def test_no_payload_breaks_it(text: str) -> None:
    assert set(parse_card_code(text, SCANNED)) <= {
        "personal_number", "old_number", "holder", "birth_date", "issue_date",
    }  # fmt: skip


def _read(name: str, value: str) -> Evidence:
    return Evidence(name=name, value=value, confidence=0.9, page=1, box=(0, 0, 9, 9))


def test_codes_win_over_print_and_conflicts_are_told() -> None:
    identities = read_identity(paper_with(card_rows(), QR), SCANNED)
    printed = (_read("personal_number", "000190000017"), _read("holder", "Nguyễn Thị Thử Nghiệm A"))
    fields, doubts = take_over(printed, identities, "CCCD")
    said = {field.name: field for field in fields}
    assert said["personal_number"].value == NUMBER
    assert said["personal_number"].source == "qr"
    assert said["holder"].value == "NGUYỄN THỊ THỬ NGHIỆM A"
    assert said["expiry_date"].source == "mrz"
    (doubt,) = doubts
    assert (doubt.code, doubt.fields) == ("identity_differs", ("personal_number",))


def test_a_name_in_the_rows_is_held_against_the_print() -> None:
    identities = read_identity(paper_with(card_rows()), SCANNED)
    _, doubts = take_over([_read("holder", "TRẦN THỊ THỬ NGHIỆM A")], identities, "CCCD")
    assert [doubt.fields for doubt in doubts] == [("holder",)]
    _, doubts = take_over([_read("holder", "NGUYỄN THỊ THỬ NGHIỆM A")], identities, "CCCD")
    assert doubts == ()


def test_of_two_codes_that_differ_neither_is_believed() -> None:
    other = QR.replace(NUMBER, "000190000022")
    identities = read_identity(paper_with(card_rows(), other), SCANNED)
    fields, doubts = take_over([_read("personal_number", NUMBER)], identities, "CCCD")
    assert "personal_number" not in {field.name for field in fields}
    assert any("personal_number" in doubt.fields for doubt in doubts)


def test_a_card_on_another_paper_says_nothing_of_that_paper() -> None:
    identities = read_identity(paper_with(card_rows(), QR), SCANNED)
    printed = (_read("holder", "LÊ THỬ NGHIỆM D"),)
    assert take_over(printed, identities, "HKD") == (printed, ())
