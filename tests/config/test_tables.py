"""Closed tables: what does not fit is refused with its file, its line and the nearest valid key."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.tables import (
    Place,
    SettingsError,
    parse_table,
    parse_tables,
    parse_toml,
    parse_version,
    read_own,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    name: str
    size: float = 1.0
    pages: int = 0
    drawn: bool = False
    since: dt.date | None = None
    words: tuple[str, ...] = ()
    kind: str = field(default="a", metadata={"choices": ("a", "b")})


FILE = """\
version = "1"

[[sheet]]
name = "một"
size = 2

[[sheet]]
name = "hai"
{line}

[other]
name = "khác"
"""


def _sheets(line: str) -> tuple[Sheet, ...]:
    text = FILE.format(line=line)
    table = parse_toml(text, "to.toml")
    return parse_tables(Sheet, table, "sheet", Place(file="to.toml", text=text))


def test_tables_become_values_of_their_types() -> None:
    first, second = _sheets('since = 2026-11-20\nwords = ["x"]\nkind = "b"')
    assert first == Sheet(name="một", size=2.0)
    assert second == Sheet(name="hai", since=dt.date(2026, 11, 20), words=("x",), kind="b")


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("sise = 3", "size"),
        ('size = "3"', "a number"),
        ("pages = 2.5", "a whole number"),
        ("drawn = 1", "true or false"),
        ('since = "2026-11-20"', "a date"),
        ("since = 2026-11-20T10:00:00", "a date"),
        ('words = "x"', "a list of strings"),
        ("words = [1]", "a list of strings"),
        ('kind = "c"', "one of a, b"),
        ("pages = -1", "0 or more"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(line: str, near: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _sheets(line)
    assert near in caught.value.en
    assert "to.toml, line 9: [sheet]" in caught.value.en
    assert "to.toml, dòng 9: [sheet]" in caught.value.vi


def test_a_missing_key_is_told_at_the_head_of_its_table() -> None:
    text = "[[sheet]]\nsize = 1\n"
    with pytest.raises(SettingsError, match=r"line 1: .*'name' is missing"):
        parse_tables(Sheet, parse_toml(text, "x"), "sheet", Place(file="x", text=text))


def test_a_key_of_another_table_is_not_taken_for_it() -> None:
    text = FILE.format(line="")
    place = Place(file="x", text=text)
    assert place.line("name") is None
    assert place.line("version") == 1
    assert Place(file="x", text=text, header="sheet", index=0).line("name") == 4
    assert Place(file="x", text=text, header="sheet", index=1).line("name") == 8
    assert Place(file="x", text=text, header="other").line("name") == 12
    assert Place(file="x", text=text, header="other").line("size") == 11


def test_without_the_text_no_line_is_told() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_table(Sheet, {"name": 3}, Place(file="x", header="sheet"))
    assert "line" not in caught.value.en.split("]")[0]


@pytest.mark.parametrize("value", ["sheet = 3", '[sheet]\nname = "x"'])
def test_one_table_where_several_are_meant_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match=r"\[\[sheet\]\]"):
        parse_tables(Sheet, parse_toml(value, "x"), "sheet", Place(file="x", text=value))


@pytest.mark.parametrize("table", [{}, {"version": 1}, {"version": ""}])
def test_a_file_without_a_version_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="version"):
        parse_version(table, Place(file="x"))


def test_an_agency_need_not_have_a_file_but_what_it_has_must_be_text(tmp_path: Path) -> None:
    assert read_own(None) is None
    assert read_own(tmp_path / "none.toml") is None
    (tmp_path / "own.toml").write_bytes(b"version = '\xff'")
    for path in (tmp_path, tmp_path / "own.toml"):
        with pytest.raises(SettingsError, match="UTF-8"):
            read_own(path)
