"""Closed tables: TOML into frozen dataclasses, every key and value checked against their types.

What does not fit is refused with its file, its line and the nearest valid key.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
import tomllib
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from config.telling import ToldError

Table = TypeVar("Table")

_HEADER = re.compile(r"^\s*\[\[?\s*([\w.\-]+)\s*\]\]?")
_TYPES: Mapping[Any, tuple[str, str]] = {
    str: ("chữ trong dấu nháy", "a string"),
    int: ("số nguyên", "a whole number"),
    bool: ("true hoặc false", "true or false"),
    float: ("số", "a number"),
    dt.date: ("ngày, ví dụ 2026-11-20", "a date such as 2026-11-20"),
    tuple: ("danh sách các chữ trong dấu nháy", "a list of strings"),
}


class SettingsError(ToldError):
    """A file of settings or rules cannot be used; the message names place and nearest key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One table of a TOML file, for messages."""

    file: str
    """How messages name it."""
    text: str = ""
    """What the file holds; empty where lines are not known."""
    header: str = ""
    """Name of the table; empty for the keys before the first one."""
    index: int = 0
    """Which of several tables of that name, from 0."""

    def line(self, key: str = "") -> int | None:
        """Return the line of a key, or of the table's head; None where it cannot be told."""
        header, index = "", 0
        head = None
        for number, line in enumerate(self.text.splitlines(), start=1):
            found = _HEADER.match(line)
            if found:
                index = index + 1 if found[1] == header else 0
                header = found[1]
                if key == header and not self.header:
                    return number  # a table whose name nobody knows
            if (header, index) != (self.header, self.index):
                continue
            head = head or number
            if key and re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
                return number
        return head if self.header else None

    def refuse(self, vi: str, en: str, key: str = "") -> SettingsError:
        """Return the error for a key of this table, or for the whole table."""
        line = self.line(key)
        table = f"[{self.header}] " if self.header else ""
        lines = (f", dòng {line}", f", line {line}") if line else ("", "")
        return SettingsError(
            f"{self.file}{lines[0]}: {table}{vi}", f"{self.file}{lines[1]}: {table}{en}"
        )

    def refuse_values(self, values: Iterable[str], known: Iterable[str], key: str) -> None:
        """Refuse values of a key that are none of the known ones.

        Raises:
            SettingsError: there is one; the message names the nearest that is known.
        """
        names = list(known)
        for value in values:
            if value not in names:
                near = difflib.get_close_matches(value, names, n=1, cutoff=0.0)[0]
                raise self.refuse(
                    f"không có «{value}». Có phải «{near}»?",
                    f"unknown value {value!r}; the nearest valid one is {near!r}",
                    key,
                )


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """Parse TOML.

    Raises:
        SettingsError: it is none; the message names line and column.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"Tệp {file} sai cú pháp TOML: {error}. Hãy sửa dòng đó rồi chạy lại.",
            f"{file} is not valid TOML: {error}",
        ) from error


def read_own(path: Path | None) -> str | None:
    """Return the text of a file that an agency may have; None where it has none.

    Raises:
        SettingsError: it is there and cannot be read.
    """
    if path is None or not path.exists():
        return None
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"Không đọc được tệp {path}: {error}. Hãy lưu tệp ở dạng UTF-8 rồi chạy lại.",
            f"cannot read {path} as UTF-8 text",
        ) from error


def parse_version(table: Mapping[str, Any], place: Place) -> str:
    """Return the version that a file states, which records keep.

    Raises:
        SettingsError: it states none.
    """
    version = table.get("version")
    if not isinstance(version, str) or not version:
        raise place.refuse("thiếu mục «version».", "the key 'version' is missing")
    return version


def parse_tables(
    kind: type[Table], table: Mapping[str, Any], header: str, place: Place
) -> tuple[Table, ...]:
    """Make dataclasses of the tables `[[header]]` of a file; none where it has none.

    Raises:
        SettingsError: one of them does not fit.
    """
    entries = table.get(header, [])
    if not isinstance(entries, list):
        raise place.refuse(f"hãy viết [[{header}]].", f"write [[{header}]]", header)
    return tuple(
        parse_table(kind, entry, replace(place, header=header, index=index))
        for index, entry in enumerate(entries)
    )


def refuse_unknown(table: Mapping[str, Any], known: Iterable[str], place: Place) -> None:
    """Refuse keys that nobody reads.

    Raises:
        SettingsError: there is one; the message names the nearest that is read.
    """
    names = list(known)
    for key in table:
        if key in names:
            continue
        near = difflib.get_close_matches(key, names, n=1, cutoff=0.0)
        raise place.refuse(
            f"không có mục «{key}». Có phải «{near[0]}»?",
            f"unknown key {key!r}; the nearest valid one is {near[0]!r}",
            key,
        )


def parse_table(kind: type[Table], table: Any, place: Place) -> Table:
    """Make a frozen dataclass of a TOML table: its fields are the keys, without others.

    Raises:
        SettingsError: a key is unknown or missing, or a value has another type or does not fit.
    """
    if not isinstance(table, dict):
        raise place.refuse("phải là một bảng TOML.", "must be a table")
    declared = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]  # all are dataclasses
    refuse_unknown(table, declared, place)
    for name, item in declared.items():
        if name not in table and item.default is MISSING:
            raise place.refuse(f"thiếu mục «{name}».", f"the key {name!r} is missing")
    hints = _hints(kind)  # type: ignore[arg-type]  # a class is hashable, whatever its values are
    values = {}
    for key, value in table.items():
        values[key] = _parse_value(value, _plain(hints[key]), place, key)
        _refuse_choice(values[key], declared[key].metadata.get("choices", ()), place, key)
    return kind(**values)


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Return the types of a dataclass: written as text, each costs a compilation."""
    return get_type_hints(kind)


def _plain(hint: Any) -> Any:
    """Return the type that a value must have: `tuple` for lists, the first of `date | None`."""
    if isinstance(hint, types.UnionType):
        return get_args(hint)[0]
    return get_origin(hint) or hint


def _parse_value(value: Any, wanted: Any, place: Place, key: str) -> Any:
    if wanted is tuple and isinstance(value, list):
        value = tuple(value)
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted or not _holds_texts(value):
        vi, en = _TYPES[wanted]
        raise place.refuse(f"{key} = {value!r}: sai kiểu, cần {vi}.", f"{key}: expected {en}", key)
    if isinstance(value, int | float) and not 0 <= value < math.inf:
        raise place.refuse(
            f"{key} = {value}: phải là số từ 0 trở lên.", f"{key}: must be 0 or more", key
        )
    return value


def _holds_texts(value: Any) -> bool:
    return not isinstance(value, tuple) or all(isinstance(item, str) for item in value)


def _refuse_choice(value: Any, choices: tuple[str, ...], place: Place, key: str) -> None:
    if choices and value not in choices:
        allowed = ", ".join(choices)
        raise place.refuse(
            f"{key} = «{value}»: chỉ được là một trong {allowed}.",
            f"{key}: must be one of {allowed}",
            key,
        )
