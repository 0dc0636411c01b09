"""Legal constants: the set in force on a day, and what it holds."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest

from config.rules import RuleSet, load_rule_set


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (dt.date(2025, 7, 21), "2025-07-21"),
        (dt.date(2026, 11, 20), "2025-07-21"),
        (dt.date(2099, 1, 1), "2025-07-21"),
        (dt.date(2000, 1, 1), "2025-07-21"),
    ],
)
def test_the_newest_set_in_force_is_taken(on: dt.date, version: str) -> None:
    rules = load_rule_set(on)
    assert rules.version == version
    assert rules.valid_from == dt.date.fromisoformat(version)


@pytest.fixture
def rules() -> RuleSet:
    return load_rule_set(dt.date(2026, 11, 20))


def test_the_marks_of_secrecy_are_the_three_of_the_law_gravest_first(rules: RuleSet) -> None:
    """Luật Bảo vệ bí mật nhà nước 2018 Điều 8."""
    assert rules.secret_marks == ("TUYỆT MẬT", "TỐI MẬT", "MẬT")


def test_the_block_is_that_of_the_decree(rules: RuleSet) -> None:
    """NĐ 30/2020/NĐ-CP Phụ lục I: 10 pt; TT 05/2025/TT-BNV Điều 8: 200 dpi."""
    assert rules.font_points == 10
    assert rules.minimum_dpi == 200


def test_the_zone_lies_on_an_a4_sheet(rules: RuleSet) -> None:
    assert 0 < rules.edge_mm < rules.zone_width_mm <= 210
    assert rules.edge_mm < rules.zone_height_mm <= 297 / 2


def test_marks_are_capitals_in_nfc(rules: RuleSet) -> None:
    for mark in (*rules.secret_marks, *rules.copy_marks):
        assert mark.isupper()
        assert unicodedata.is_normalized("NFC", mark)
