"""Places and offices that an agency lists: known by their letters, refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.fields import load_field_rules
from config.offices import OFFICES
from config.own_places import OwnPlaces, load_own_places
from config.tables import SettingsError

GOOD = """version = "7"

[[places]]
level = "xã"
names = ["Tân Lập", "Ea H'leo", "Bà Rịa - Vũng Tàu"]

[[places]]
level = "phường"
names = ["Tân Lấp", "14"]

[[offices]]
names = ["Ban quản lý Khu công nghệ cao"]
"""


def _loaded(folder: Path, text: str) -> OwnPlaces:
    path = folder / "places.toml"
    path.write_text(text, encoding="utf-8")
    return load_own_places(path)


def test_places_are_found_by_their_letters_and_level(tmp_path: Path) -> None:
    own = _loaded(tmp_path, GOOD)
    assert own.named(("tan", "lap"), "xa") == ("Tân Lập",)
    assert own.named(("tan", "lap"), "phuong") == ("Tân Lấp",)
    assert own.named(("tan", "lap")) == ("Tân Lập", "Tân Lấp")
    assert own.named(("ba", "ria", "vung", "tau"), "xa") == ("Bà Rịa - Vũng Tàu",)
    assert own.named(("ea", "h'leo"), "xa") == ("Ea H'leo",)
    assert own.named(("14",), "phuong") == ("14",)
    # Where marks melt an engine reads a vowel twice.
    assert own.named(("taan", "laap"), "xa") == ("Tân Lập",)
    assert own.named(("tan",), "xa") == own.named(("tan", "lap"), "tinh") == ()


def test_the_beginning_of_a_listed_name_is_none(tmp_path: Path) -> None:
    own = _loaded(tmp_path, GOOD)
    assert own.is_beginning(("tan",))
    assert own.is_beginning(("ba", "ria"))
    assert not own.is_beginning(("tan", "lap"))
    assert not own.is_beginning(("lap",))
    assert not OwnPlaces().is_beginning(("tan",))


def test_own_offices_stand_among_the_states_the_longest_first(tmp_path: Path) -> None:
    offices = _loaded(tmp_path, GOOD).offices
    assert set(offices) - set(OFFICES) == {("ban", "quản", "lý", "khu", "công", "nghệ", "cao")}
    assert [len(name) for name in offices] == sorted(map(len, offices), reverse=True)


def test_no_file_is_no_list(tmp_path: Path) -> None:
    assert load_own_places(tmp_path / "places.toml") == load_own_places(None) == OwnPlaces()
    assert load_field_rules(tmp_path / "places.toml") == load_field_rules()


def test_the_rules_of_fields_bear_both_versions(tmp_path: Path) -> None:
    _loaded(tmp_path, GOOD)
    rules = load_field_rules(tmp_path / "places.toml")
    assert rules.version == f"{load_field_rules().version}+7"
    assert rules.places.named(("tan", "lap"), "xa") == ("Tân Lập",)


@pytest.mark.parametrize(
    ("written", "instead", "line", "near"),
    [
        ('level = "xã"', 'level = "xa"', 4, "'xã'"),
        ("[[offices]]", "[[office]]", 11, "'offices'"),
        ('level = "phường"', 'levels = "phường"', 8, "'level'"),
        ('"Tân Lập"', '"xã Tân Lập"', 5, "leave out 'xã'"),
        ('"Tân Lập"', '"Tân Lập;Tân Hà"', 5, "one name an item"),
        ('"Tân Lập"', '""', 5, "one name an item"),
        ('["Ban quản lý Khu công nghệ cao"]', '"Ban quản lý"', 12, "list of strings"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_nearest_key(
    tmp_path: Path, written: str, instead: str, line: int, near: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        _loaded(tmp_path, GOOD.replace(written, instead))
    assert f"places.toml, line {line}:" in caught.value.en
    assert near in caught.value.en


def test_a_file_without_a_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="version"):
        _loaded(tmp_path, GOOD.replace('version = "7"\n', ""))
