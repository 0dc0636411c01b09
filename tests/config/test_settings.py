"""The settings file: what is refused, how it is told, and that nothing is lost in writing."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import (
    SECTIONS,
    Settings,
    load_settings,
    parse_settings,
    render_settings,
)
from config.tables import SettingsError

KEYS = [(name, item) for name, kind in SECTIONS.items() for item in fields(kind)]


def _write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "hoso.toml"
    path.write_text(text, encoding=encoding)
    return path


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert load_settings(_write(tmp_path, "")) == Settings()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_windows_notepad_writes_is_read(tmp_path: Path, newline: str) -> None:
    text = newline.join(["[agency]", 'name = "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"', ""])
    settings = load_settings(_write(tmp_path, text, "utf-8-sig"))
    assert settings.agency.name == "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"


@pytest.mark.parametrize(
    ("text", "named", "near"),
    [
        ("[signin]\n", "signin", "signing"),
        ("[Signing]\n", "Signing", "signing"),
        ("[chu_ky]\n", "chu_ky", ""),
        ('[signing]\ntimestamp_ulr = "x"\n', "timestamp_ulr", "timestamp_url"),
        ('[signing]\nlevl = "B-LT"\n', "levl", "level"),
        ("[intake]\nmax_page = 3\n", "max_page", "max_pages"),
        ('[folders]\n"1-cho-xu-ly" = "x"\n', "1-cho-xu-ly", ""),
        ("max_pages = 3\n", "max_pages", ""),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(
    tmp_path: Path, text: str, named: str, near: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(_write(tmp_path, text))
    for words in (caught.value.vi, caught.value.en):
        assert named in words
        assert near in words
        assert "hoso.toml" in words, "the message says in which file"


@pytest.mark.parametrize(("section", "item"), KEYS, ids=lambda part: getattr(part, "name", part))
def test_a_slip_in_any_key_names_that_key(section: str, item: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings({section: {item.name + "x": 1}}, "hoso.toml")
    assert f"«{item.name}»" in caught.value.vi
    assert item.name in caught.value.en


@pytest.mark.parametrize(("section", "item"), KEYS, ids=lambda part: getattr(part, "name", part))
@pytest.mark.parametrize("value", [True, {}, [[1]], "chữ", 2.5, [1]])
def test_a_value_of_another_type_is_refused(section: str, item: Any, value: Any) -> None:
    fits = type(value) is type(item.default) and not item.metadata["choices"]
    if fits:
        assert getattr(
            getattr(parse_settings({section: {item.name: value}}, "x"), section), item.name
        )
        return
    with pytest.raises(SettingsError, match=item.name):
        parse_settings({section: {item.name: value}}, "hoso.toml")


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("intake", "still_seconds", -1.0),
        ("intake", "still_seconds", float("nan")),
        ("intake", "scan_seconds", float("inf")),
        ("intake", "max_pages", -5),
        ("reading", "workers", -1),
        ("reading", "page_seconds", float("-inf")),
        ("signing", "network_seconds", -0.5),
        ("signing", "hosts", ["tsa.example", 7]),
    ],
)
def test_numbers_that_mean_nothing_are_refused(section: str, key: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=key):
        parse_settings({section: {key: value}}, "hoso.toml")


def test_a_whole_number_serves_where_a_fraction_is_meant() -> None:
    settings = parse_settings({"intake": {"still_seconds": 3}}, "hoso.toml")
    assert settings.intake.still_seconds == 3.0
    assert isinstance(settings.intake.still_seconds, float)


@pytest.mark.parametrize(
    ("section", "item"),
    [(section, item) for section, item in KEYS if item.metadata["choices"]],
    ids=lambda part: getattr(part, "name", part),
)
def test_choices_are_closed_and_the_default_is_one(section: str, item: Any) -> None:
    choices = item.metadata["choices"]
    assert item.default in choices
    for choice in choices:
        settings = parse_settings({section: {item.name: choice}}, "hoso.toml")
        assert getattr(getattr(settings, section), item.name) == choice
    for wrong in (choices[0].upper() + "x", "", choices[0] + " "):
        with pytest.raises(SettingsError) as caught:
            parse_settings({section: {item.name: wrong}}, "hoso.toml")
        assert all(choice in caught.value.vi for choice in choices)
        assert all(choice in caught.value.en for choice in choices)


def test_safe_answers_are_the_defaults() -> None:
    """What DESIGN asks to be chosen on purpose is off until chosen."""
    settings = Settings()
    assert settings.signing.personal == "required"
    assert settings.signing.release == "person"
    assert settings.signing.timestamp == "required"
    assert settings.accession.unregistered == "hold"
    assert settings.intake.rescans == "ask"
    assert settings.demo.authority == ""


@pytest.mark.parametrize(
    "folders",
    [
        {"inbox": ""},
        {"inbox": "."},
        {"done": "1-cho-xu-ly"},
        {"error": "./1-cho-xu-ly/"},
        {"work": "1-cho-xu-ly/dang-xu-ly"},
        {"secret": "3-da-xong/mat"},
        {"inbox": "archive"},
    ],
)
def test_trays_that_would_swallow_each_other_are_refused(folders: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"\[folders\]"):
        parse_settings({"folders": folders}, "hoso.toml")


@pytest.mark.parametrize(
    "folders",
    [
        {"inbox": "tiếp nhận"},
        {"inbox": "mot-cua/cho", "done": "mot-cua/xong"},
        {"inbox": "/srv/may-quet"},
    ],
)
def test_other_names_of_trays_are_taken(folders: dict[str, str]) -> None:
    settings = parse_settings({"folders": folders}, "hoso.toml")
    assert settings.folders.inbox == folders["inbox"]


@pytest.mark.parametrize("table", [3, "x", [], [{}], None])
def test_a_section_that_is_no_table_is_refused(table: Any) -> None:
    with pytest.raises(SettingsError, match="agency"):
        parse_settings({"agency": table}, "hoso.toml")


@pytest.mark.parametrize(
    "data",
    [
        b"[agency\n",
        b"[agency]\nname = 'x\n",
        b"[agency]\nname = \xff\xfe\n",
        "[agency]\nname = 'x'".encode("utf-16"),
        b"[agency]\nname='a'\nname='b'\n",
        b"\x00",
    ],
)
def test_a_file_that_is_not_toml_is_told_with_its_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "hoso.toml"
    path.write_bytes(data)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert str(path) in caught.value.vi
    assert str(path) in caught.value.en


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "hoso.toml"
    if kind == "folder":
        path.mkdir()
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert "hoso init" in caught.value.vi
    assert str(path) in caught.value.vi
    assert str(caught.value) == f"{caught.value.vi} ({caught.value.en})"


def _values(item: Any) -> st.SearchStrategy[Any]:
    if item.name == "reading_days":
        return st.integers(1, 15)  # longer than the law allows is refused
    if item.metadata["choices"]:
        return st.sampled_from(item.metadata["choices"])
    match item.default:
        case bool():
            return st.booleans()
        case str():
            return st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
        case int():
            return st.integers(0, 10**9)
        case float():
            return st.floats(0, 1e12)
        case _:
            return st.lists(st.text(max_size=8), max_size=3).map(tuple)


@st.composite
def all_settings(draw: st.DrawFn) -> Settings:
    sections = {
        name: kind(**{item.name: draw(_values(item)) for item in fields(kind)})
        for name, kind in SECTIONS.items()
        if name != "folders"
    }
    return replace(Settings(), **sections)


@given(all_settings())
def test_what_is_written_is_read_back(settings: Settings) -> None:
    text = render_settings(settings)
    assert parse_settings(tomllib.loads(text), "hoso.toml") == settings
    assert render_settings(parse_settings(tomllib.loads(text), "x")) == text


def test_a_new_file_explains_every_key() -> None:
    lines = render_settings(Settings()).splitlines()
    for section, item in KEYS:
        at = next(i for i, text in enumerate(lines) if re.match(rf"{item.name} = ", text))
        assert lines[at - 1].startswith("# "), (section, item.name)
        assert len(lines[at - 1]) > 12


def test_the_sections_of_the_file_are_those_of_the_type() -> None:
    assert list(SECTIONS) == [item.name for item in fields(Settings)]
    for name, kind in SECTIONS.items():
        assert isinstance(getattr(Settings(), name), kind)
