"""Rows of a full-text table: which of them match an expression, in one pass over its lists.

FTS5 looks for a phrase from row to row until one holds it, however far away the limits of a query
are. So what is to stay within limits says so in the expression itself, in words of the rows there:
each row bears the tokens of its dossiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from storage.database import Database
from storage.index_entry import unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A full-text table, and the plain one that says which of its rows still count."""

    index: str
    """Name of the full-text table."""
    table: str
    """Name of the plain table."""
    number: str
    """Its column with the row numbers of the other."""
    weights: str
    """Weights of the columns for ranking."""


PAPERS = Shelf(index="paper_fts", table="entry", number="record", weights="1, 0.5, 0.5, 0")
DOSSIERS = Shelf(index="dossier_fts", table="dossier", number="number", weights="1, 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one shelf."""

    db: Database
    """search.db."""
    shelf: Shelf
    """Where to look."""
    scored: dict[tuple[str, int, int], dict[int, float]] = field(default_factory=dict)
    """What `scores` gave already: each time it counts anew in how many rows each word stands."""

    def newest_number(self) -> int:
        """Return the number of the newest row, 0 where there is none."""
        name, table = self.shelf.number, self.shelf.table
        row = self.db.row(f"SELECT coalesce(max({name}), 0) AS n FROM {table}")  # noqa: S608  # our own names
        return int(row["n"]) if row else 0

    def matching(self, expression: str, before: int) -> Iterator[int]:
        """Yield the rows before one that match an expression, the newest first; empty: all."""
        if not expression:
            name, table = self.shelf.number, self.shelf.table
            query = f"SELECT {name} FROM {table} WHERE {name} < ? ORDER BY {name} DESC"  # noqa: S608  # our own names
            return self.db.values(query, (before,))
        index = self.shelf.index
        query = (
            f"SELECT rowid FROM {index} WHERE {index} MATCH ? "  # noqa: S608  # our own names
            "AND rowid < ? ORDER BY rowid DESC"
        )
        return self.db.values(query, (expression, before))

    def count(self, expression: str, limit: int) -> int:
        """Count the rows that match an expression, up to a limit; empty: all."""
        index, table = self.shelf.index, self.shelf.table
        source = f"{index} WHERE {index} MATCH ?" if expression else table
        row = self.db.row(
            f"SELECT count(*) AS n FROM (SELECT 1 FROM {source} LIMIT ?)",  # noqa: S608  # our own names
            (*([expression] if expression else []), limit),
        )
        return int(row["n"]) if row else 0

    def between(self, expression: str, over: int, before: int) -> Iterator[int]:
        """Yield the rows between two that match an expression, the newest first.

        A row at the lower end is asked for along with them, by a token of its own, so that the
        pass ends there; rows inside that bear the token too are looked at apart.
        """
        token = self._token("<=", over)
        if not token:
            yield from self.matching(expression, before)
            return
        end = f"a : {token}"
        guests = list(takewhile(lambda number: number > over, self.matching(end, before)))
        matching = self.among(expression, guests)
        found = self.matching(f"({expression}) OR ({end})", before)
        for number in takewhile(lambda number: number > over, found):
            if number in matching or number not in guests:
                yield number

    def among(self, expression: str, numbers: Sequence[int]) -> set[int]:
        """Return which of some rows match an expression: it is asked of their dossiers alone."""
        held = (self._token("=", number) for number in numbers)
        tokens = dict.fromkeys(token for token in held if token)
        if not tokens:
            return set()
        limited = f"({expression}) AND a : ({' OR '.join(tokens)})"
        return set(numbers).intersection(self.matching(limited, max(numbers) + 1))

    def scores(self, expression: str, top: int, limit: int) -> dict[int, float]:
        """Return the newest matches, the newest first, each with its score: less is better."""
        asked = (expression, top, limit)
        if asked not in self.scored:
            index = self.shelf.index
            rows = self.db.iterate(
                f"SELECT rowid AS number, bm25({index}, {self.shelf.weights}) AS score "  # noqa: S608  # our own names
                f"FROM {index} WHERE {index} MATCH ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?",
                asked,
            )
            self.scored[asked] = {row["number"]: row["score"] for row in rows}
        return self.scored[asked]

    def _token(self, relation: str, number: int) -> str:
        """Return a filter token of the last row that a number is related to; empty for none."""
        name, table = self.shelf.number, self.shelf.table
        query = f"SELECT packed FROM {table} WHERE {name} {relation} ? ORDER BY {name} DESC LIMIT 1"  # noqa: S608  # our own names
        row = self.db.row(query, (number,))
        entry = unpacked(row["packed"]) if row else None
        return entry.rarest_token if entry is not None else ""
