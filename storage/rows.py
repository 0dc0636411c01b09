"""Rows of a full-text table: which of them match an expression, in one pass over its lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from storage.canonical import canonical_text
from storage.database import Database
from storage.index_check import numbers_of
from storage.index_entry import Entry, unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A full-text table, and the plain one that says which of its rows still count."""

    index: str
    """Name of the full-text table."""
    table: str
    """Name of the plain table."""
    number: str
    """Its column with the row numbers of the other."""


PAPERS = Shelf(index="paper_fts", table="entry", number="record")
DOSSIERS = Shelf(index="dossier_fts", table="dossier", number="number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one shelf."""

    db: Database
    """search.db."""
    shelf: Shelf
    """Where to look."""

    def newest_number(self) -> int:
        """Return the number of the newest row, 0 where there is none."""
        name, table = self.shelf.number, self.shelf.table
        row = self.db.row(f"SELECT coalesce(max({name}), 0) AS n FROM {table}")  # noqa: S608  # our own names
        return int(row["n"]) if row else 0

    def matching(self, expression: str, before: int, first: int = 0) -> Iterator[int]:
        """Yield the rows that match an expression, the newest first.

        Args:
            expression: Of FTS5; empty for all rows.
            before: Number that all are less than.
            first: Number that none is less than.
        """
        index, name, table = self.shelf.index, self.shelf.number, self.shelf.table
        if not expression:
            query = (
                f"SELECT {name} FROM {table} WHERE {name} < ? AND {name} >= ? "  # noqa: S608  # our own names
                f"ORDER BY {name} DESC"
            )
            return self.db.values(query, (before, first))
        query = (
            f"SELECT rowid FROM {index} WHERE {index} MATCH ? "  # noqa: S608  # our own names
            "AND rowid < ? AND rowid >= ? ORDER BY rowid DESC"
        )
        return self.db.values(query, (expression, before, first))

    def count(self, expression: str, before: int, limit: int) -> int:
        """Count the rows that match an expression, up to a limit.

        Args:
            expression: Of FTS5; empty for all rows.
            before: Number that all are less than.
            limit: Where to stop.
        """
        index, name, table = self.shelf.index, self.shelf.number, self.shelf.table
        matches = f"{index} WHERE {index} MATCH ? AND rowid < ?"
        source = matches if expression else f"{table} WHERE {name} < ?"
        row = self.db.row(
            f"SELECT count(*) AS n FROM (SELECT 1 FROM {source} LIMIT ?)",  # noqa: S608  # our own names
            (*([expression] if expression else []), before, limit),
        )
        return int(row["n"]) if row else 0

    def among(self, expression: str, numbers: Sequence[int]) -> set[int]:
        """Return which of some rows match an expression: it is asked of their dossiers alone.

        A pass over all that matches would cost with the archive.
        """
        held = (self.entry(number) for number in numbers)
        tokens = dict.fromkeys(entry.rarest_token for entry in held if entry is not None)
        wanted = " OR ".join(f'"{token}"' for token in tokens if token)
        if not wanted:
            return set()
        limited = f"({expression}) AND ({wanted})"
        return set(numbers).intersection(self.matching(limited, max(numbers) + 1, min(numbers)))

    def entry(self, number: int) -> Entry | None:
        """Return what is told of a row; None where it counts no more."""
        query = f"SELECT packed FROM {self.shelf.table} WHERE {self.shelf.number} = ?"  # noqa: S608  # our own names
        row = self.db.row(query, (number,))
        return unpacked(row["packed"]) if row else None

    def sizes(self, numbers: Sequence[int]) -> dict[int, int]:
        """Return how many words some rows have."""
        sizes = f"{self.shelf.index}_docsize AS size"
        query = (
            f"SELECT size.sz FROM json_each(?) AS asked LEFT JOIN {sizes} ON size.id = asked.value "  # noqa: S608  # our own names
            "ORDER BY asked.key"
        )
        found = self.db.values(query, (canonical_text(list(numbers)),))
        return {number: _size(told) for number, told in zip(numbers, found, strict=True) if told}

    def usual_size(self, top: int, of: int) -> float:
        """Return how many words a row has: on average of so many of the newest, 1 at least."""
        query = f"SELECT sz FROM {self.shelf.index}_docsize WHERE id <= ? ORDER BY id DESC LIMIT ?"  # noqa: S608  # our own names
        sizes = [_size(told) for told in self.db.values(query, (top, of))]
        return max(1.0, sum(sizes) / max(1, len(sizes)))


@lru_cache(maxsize=1 << 14)
def _size(told: bytes) -> int:
    return sum(numbers_of(told))
