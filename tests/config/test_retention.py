"""Terms of keeping: ours, the office's own, which of several holds, and what is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from config.retention import RetentionRules, load_retention, longest, make_term
from config.rules import RetentionPeriod, load_rule_set
from config.tables import SettingsError
from config.vocabulary import load_classes

PERIODS: tuple[RetentionPeriod, ...] = load_rule_set(dt.date(2026, 11, 22)).retention


def load(tmp_path: Path, text: str) -> RetentionRules:
    path = tmp_path / "retention.toml"
    path.write_text(f'version = "1"\n{text}', encoding="utf-8")
    return load_retention(PERIODS, path, load_classes())


def test_every_class_that_our_file_names_exists_and_none_of_our_terms_is_verified() -> None:
    rules = load_retention(PERIODS)
    assert set(rules.classes) <= {kind.code for kind in load_classes().items}
    assert all(term.source for term in (rules.default, *rules.classes.values()))
    assert all(term.unverified for term in (rules.default, *rules.classes.values()))


def test_what_nothing_names_is_kept_as_the_default_says() -> None:
    term = load_retention(PERIODS).term_of("TKKS", None)
    assert (term.code, term.years, term.origin, term.unverified) == ("06", 10, "default", True)


@pytest.mark.parametrize(
    ("code", "years", "counted"),
    [("01", 0, None), ("02", 0, 70), ("03", 0, 50), ("04", 0, 30), ("05", 0, 20), ("06", 0, 10)],
)
def test_the_years_of_a_code_are_those_of_the_rule_set(
    code: str, years: int, counted: int | None
) -> None:
    term = make_term(PERIODS, code, years, "văn bản", "class")
    assert term is not None
    assert term.years == counted


@pytest.mark.parametrize(("code", "years"), [("08", 0), ("06", 3), ("07", 0), ("", 0), ("6", 0)])
def test_no_term_is_made_of_a_code_and_years_that_do_not_go_together(code: str, years: int) -> None:
    assert make_term(PERIODS, code, years, "văn bản", "class") is None


def test_the_office_states_its_own_terms_and_vouches_for_them(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        '[default]\nterm = "05"\nsource = "QĐ 1"\nunverified = true\n'
        '[[class]]\ncode = "GKS"\nterm = "07"\nyears = 3\nsource = "QĐ 2"\n'
        '[[procedure]]\ncode = "1.001193"\nterm = "04"\nsource = "QĐ 3"\n',
    )
    assert rules.version.endswith("+1")
    assert rules.term_of("TKKS", None).years == 20
    assert not rules.term_of("TKKS", None).unverified
    assert rules.term_of("GKS", None).years == 3
    # The longer of class and procedure holds.
    assert rules.term_of("GKS", "1.001193").years == 30
    # Ours stands where the office says nothing.
    assert rules.term_of("TLKS", "1.001193").years is None


def test_of_equal_terms_the_verified_one_holds() -> None:
    first = make_term(PERIODS, "06", 0, "a", "class")
    second = make_term(PERIODS, "07", 10, "b", "procedure")
    assert first is not None
    assert second is not None
    assert longest([replace(first, unverified=True), second]) == second


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[class]]\ncode = "GKX"\nterm = "06"\nsource = "x"\n', "GKX"),
        ('[[class]]\ncode = "GKS"\nterm = "11"\nsource = "x"\n', "11"),
        ('[[class]]\ncode = "GKS"\nterm = "06"\nyears = 4\nsource = "x"\n', "years"),
        ('[[class]]\ncode = "GKS"\nterm = "06"\n', "source"),
        ('[[procedure]]\ncode = "khai sinh"\nterm = "06"\nsource = "x"\n', "khai sinh"),
        ('[[clas]]\ncode = "GKS"\n', "class"),
        (
            '[[class]]\ncode = "GKS"\nterm = "06"\nsource = "x"\n'
            '[[class]]\ncode = "GKS"\nterm = "05"\nsource = "x"\n',
            "hai lần",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        load(tmp_path, text)
    assert "dòng" in caught.value.vi
