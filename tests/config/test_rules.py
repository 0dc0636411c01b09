"""Legal constants: the set in force on a day, what it holds, and what is refused."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from importlib.resources import files
from typing import Any

import pytest

from config.rules import CASES, RuleSet, load_rule_set, parse_rule_set
from config.tables import SettingsError
from config.vocabulary import load_classes

TEXT = files("config").joinpath("rules/2025-07-21.toml").read_text("utf-8")


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
    assert rules.valid_to is None


@pytest.fixture
def rules() -> RuleSet:
    return load_rule_set(dt.date(2026, 11, 20))


def test_the_marks_of_secrecy_are_the_three_of_the_law_gravest_first(rules: RuleSet) -> None:
    """Luật Bảo vệ bí mật nhà nước 2018 Điều 8."""
    assert rules.secret_marks == ("TUYỆT MẬT", "TỐI MẬT", "MẬT")


def test_the_block_is_that_of_the_decree(rules: RuleSet) -> None:
    """NĐ 30/2020/NĐ-CP Phụ lục I: 10 pt, top right; TT 05/2025/TT-BNV Điều 8: 200 and 300 dpi."""
    assert rules.block.font_points == rules.personal_block.font_points == 10
    assert rules.block.corner == "top right"
    # TT 01/2023/TT-VPCP Điều 8.
    assert rules.personal_block.corner == "top left"
    assert (rules.minimum_dpi, rules.image.drawing_dpi) == (200, 300)
    asked = {item.minimum_dpi for item in load_classes().items}
    assert asked == {0, rules.image.drawing_dpi}


def test_the_zone_lies_on_an_a4_sheet(rules: RuleSet) -> None:
    for block in (rules.block, rules.personal_block):
        assert 0 < block.edge_mm < block.zone_width_mm <= 210
        assert block.edge_mm < block.zone_height_mm <= 297 / 2


def test_marks_are_capitals_in_nfc(rules: RuleSet) -> None:
    for mark in (*rules.secret_marks, *rules.secret_notes, *rules.other_stamps):
        assert mark.isupper()
        assert unicodedata.is_normalized("NFC", mark)


@pytest.mark.parametrize(
    ("case", "duty", "article"),
    [
        ("earlier_result", "must", "4.1.a"),
        ("sector_law", "must", "4.1.b"),
        ("listed", "must", "4.1.c"),
        ("component", "on_request", "4.1.d"),
        ("opinion", "must", "4.2"),
        ("result", "must", "4.3"),
        ("copy", "must_not", "4"),
        ("shown", "must_not", "4"),
        ("shared", "must_not", "4"),
        ("secret", "must_not", "4"),
    ],
)
def test_tt01_dieu_4_says_what_is_digitised(
    rules: RuleSet, case: str, duty: str, article: str
) -> None:
    """TT 01/2023/TT-VPCP Điều 4."""
    rule = rules.duty(case)
    assert rule.duty == duty
    assert re.search(rf"TT 01/2023/TT-VPCP Điều {re.escape(article)}(?![.\d])", rule.source)


def test_every_case_has_its_duty_once(rules: RuleSet) -> None:
    assert sorted(rule.case for rule in rules.duties) == sorted(CASES)


def test_retention_is_the_table_of_the_circular(rules: RuleSet) -> None:
    """TT 05/2025/TT-BNV: maintenance 01 to 07."""
    assert [item.code for item in rules.retention] == [f"0{number}" for number in range(1, 8)]
    assert [item.years for item in rules.retention] == [0, 70, 50, 30, 20, 10, 0]


def test_every_table_names_its_source(rules: RuleSet) -> None:
    parts: list[Any] = [
        rules.image,
        rules.block,
        rules.gate,
        rules.codes,
        *rules.duties,
        *rules.retention,
    ]
    for part in parts:
        assert re.search(r"(NĐ|TT|QĐ|Luật) ", part.source)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("minimum_dpi", "minimal_dpi", "minimum_dpi"),
        ("minimum_dpi = 200", 'minimum_dpi = "200"', "minimum_dpi"),
        ('corner = "top right"', 'corner = "top left"', "top right"),
        ('corner = "top left"', 'corner = "bottom left"', "top left"),
        ("[gate]", "[gates]", "gate"),
        ('case = "copy"', 'case = "copies"', "copy"),
        ('case = "copy"', 'case = "shown"', "copy"),
        ('duty = "must_not"', 'duty = "never"', "must_not"),
        ("valid_from = 2025-07-21", 'valid_from = "2025-07-21"', "valid_from"),
        ("valid_from = 2025-07-21", "valid_until = 2025-07-21", "valid_"),
        ("edge_mm = 5", "edge_mm = -5", "edge_mm"),
        ("dossier = ", "dosier = ", "dossier"),
        ('version = "2025-07-21"', "version = 2025", "version"),
    ],
)
def test_a_broken_rule_set_is_refused_with_line_and_key(old: str, new: str, told: str) -> None:
    broken = TEXT.replace(old, new, 1)
    with pytest.raises(SettingsError) as caught:
        parse_rule_set(broken, "thu.toml")
    assert told in caught.value.vi
    line = next(i for i, text in enumerate(broken.splitlines(), 1) if new in text)
    told_line = re.search(r"line (\d+)", caught.value.en)
    assert told_line is None or int(told_line[1]) == line
