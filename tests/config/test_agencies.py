"""Agencies by their codes, with the provinces' history."""

from __future__ import annotations

import pytest

from config.agencies import load_agencies

AGENCIES = load_agencies()


def test_63_provinces_became_34() -> None:
    assert len(AGENCIES.provinces) == 63
    today = {AGENCIES.today(code) for code in AGENCIES.provinces}
    assert None not in today
    assert len(today) == 34
    merged = [item for item in AGENCIES.provinces.values() if item.merged_into]
    assert all(AGENCIES.provinces[item.merged_into].merged_into == "" for item in merged)
    assert all(item.unverified and item.merged_on for item in merged)


@pytest.mark.parametrize(
    ("code", "name", "now"),
    [
        ("H15", "Đắk Lắk", "H15"),
        ("H26", "Hà Nội", "H26"),
        ("H45", "Phú Yên", "H15"),
        ("H57", "Huế", "H57"),
        ("H29", "Thành phố Hồ Chí Minh", "H29"),
        ("H63", "Yên Bái", "H38"),
    ],
)
def test_provinces_are_those_of_the_decision(code: str, name: str, now: str) -> None:
    today = AGENCIES.today(code)
    assert AGENCIES.provinces[code].name == name
    assert today is not None
    assert today.code == now
    assert AGENCIES.today("H64") is None


@pytest.mark.parametrize(
    ("code", "can"),
    [
        ("H26.99-261105-0001", True),
        ("000.00.19.H47-260105-0001", True),
        ("H45.12-261105-0001", True),
        ("H00.99-261105-0001", False),
        ("H64.99-261105-0001", False),
        ("000.00.19.H97-260105-0001", False),
        ("G12-261105-0912345", True),
        ("G04-240105-0001", True),
        ("G04-261105-0001", False),
        ("Z01-261105-0001", False),
    ],
)
def test_codes_of_no_agency_are_misread(code: str, can: bool) -> None:
    assert AGENCIES.can_bear(code) is can
