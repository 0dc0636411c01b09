"""Rows that hold what nobody wrote there: one of them is told of, and hides no other.

A flipped bit makes of a row what cannot be read: text that is no UTF-8, a word that no vocabulary
has, JSON that does not end. Whoever asks for that row is told so; lists show all the others and
name it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from storage.errors import DatabaseDamaged, RowDamaged

GARBLED = (ValueError, TypeError, KeyError, AttributeError)
"""What values raise that no vocabulary has, where a row is read."""
# The driver's own words, and those of SQLite over a column that it reads JSON from; neither error
# bears a code of its own.
_SAID = ("Could not decode to UTF-8", "malformed JSON")
Row = dict[str, Any]
"""A row by column."""
Key = TypeVar("Key")
Value = TypeVar("Value")


def is_garbled(error: sqlite3.DatabaseError) -> bool:
    """Tell whether the driver met text that is none, or SQLite a column that holds no JSON."""
    return str(error).startswith(_SAID)


class Garbled(str):
    """What is left of text of which bytes are lost."""

    __slots__ = ()


def salvaged_text(data: bytes) -> str:
    """Return text as a column holds it; what is none becomes `Garbled`."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Garbled(data.decode(errors="replace"))


def require_whole(row: Mapping[str, object]) -> None:
    """Refuse a row of text and numbers in which text is garbled, or is called bytes.

    Raises:
        ValueError: It is damaged so.
    """
    if any(isinstance(value, (Garbled, bytes)) for value in row.values()):
        raise ValueError("text of a row is garbled")


def row_damaged(name: str) -> RowDamaged:
    """Return the error of a row; nothing of what stands in it is told.

    Args:
        name: What the row is of, or the file that it stands in.
    """
    return RowDamaged(
        f"Có dòng dữ liệu bị hỏng, không đọc được ({name}). Hãy chạy «hoso fixity» để biết dòng "
        "nào, rồi khôi phục từ bản sao lưu; search.db thì chạy «hoso reindex».",
        f"a row is damaged and cannot be read ({name}); run `hoso fixity`, which names it, and "
        "restore it from a backup; for search.db run `hoso reindex`",
    )


@contextmanager
def told_as(name: str) -> Iterator[None]:
    """Raise what a garbled value raises as the damage that it is, under a name.

    Raises:
        RowDamaged: A value was garbled.
    """
    try:
        yield
    except (RowDamaged, *GARBLED):
        # What it says of the value may be about a person.
        raise row_damaged(name) from None


def read_row(read: Callable[[Row], Value], row: Row, name: str) -> Value:
    """Read a row that was salvaged.

    Raises:
        RowDamaged: It cannot be read; told under its name.
    """
    with told_as(name):
        require_whole(row)
        return read(row)


def read_each(
    read: Callable[[Key], Value], keys: Iterable[Key]
) -> tuple[dict[Key, Value], list[Key]]:
    """Read what can be read; return it by its keys, and the keys of what is damaged.

    Args:
        read: Reads one; raises what a garbled value does, or SQLite over a part of its file.
        keys: Of which.
    """
    whole: dict[Key, Value] = {}
    damaged: list[Key] = []
    for key in keys:
        try:
            whole[key] = read(key)
        except (DatabaseDamaged, *GARBLED):
            damaged.append(key)
    return whole, damaged
