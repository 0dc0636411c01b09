"""What an index finds for one query: streamed newest first, or the newest ranked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from storage.cursor import BEFORE_ALL, Place
from storage.database import Database
from storage.tiers import LISTED, Tiers

COUNT_LIMIT = 10_000
# Ranking costs with each match; the newest of them are enough to choose from.
RANKED = 2_000


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
class Matches:
    """One query against one shelf."""

    db: Database
    """search.db."""
    shelf: Shelf
    """Where to look."""
    tiers: Tiers
    """What for."""

    def newest(self, place: Place) -> Iterator[Place]:
        """Yield what was found, tier by tier, the newest first, from a place on."""
        for tier in self.tiers.numbers():
            if tier < place.tier:
                continue
            before = place.number if tier == place.tier else BEFORE_ALL
            for number in self._stream(tier, before):
                yield Place(tier=tier, number=number)

    def relevant(self, place: Place) -> Iterator[Place]:
        """Yield what was found, tier by tier, the best of the newest 2,000 first, then older ones.

        Pages of answers join: what was added since the first page is left out.
        """
        top = place.top or self._newest_number()
        for tier in self.tiers.numbers():
            if tier < place.tier:
                continue
            ranked = self._ranked(tier, top)
            known = place.number if tier == place.tier else BEFORE_ALL
            oldest = min(ranked, default=0)
            if known in ranked:
                first = ranked[ranked.index(known) + 1 :]
            else:
                first = [] if known < oldest else ranked
            older = self._stream(tier, min(known, oldest)) if len(ranked) == RANKED else iter(())
            for number in first:
                yield Place(tier=tier, number=number, top=top)
            for number in older:
                yield Place(tier=tier, number=number, top=top)

    def all_numbers(self) -> Iterator[int]:
        """Yield the row numbers of everything that any tier finds, the newest first."""
        return self._numbers(self.tiers.all_matches(), BEFORE_ALL)

    def count(self) -> tuple[int, bool]:
        """Count the matches up to a limit; tell whether there are more."""
        expression = self.tiers.all_matches()
        source = f"{self.shelf.index} WHERE {self.shelf.index} MATCH ?" if expression else ""
        row = self.db.row(
            f"SELECT count(*) AS n FROM (SELECT 1 FROM {source or self.shelf.table} LIMIT ?)",  # noqa: S608  # our own names
            (*([expression] if expression else []), COUNT_LIMIT + 1),
        )
        found = int(row["n"]) if row else 0
        return min(found, COUNT_LIMIT), found > COUNT_LIMIT

    def _stream(self, tier: int, before: int) -> Iterator[int]:
        return self._numbers(self.tiers.only(tier), before)

    def _numbers(self, expression: str, before: int) -> Iterator[int]:
        if not expression:
            name, table = self.shelf.number, self.shelf.table
            query = f"SELECT {name} AS number FROM {table} WHERE {name} < ? ORDER BY {name} DESC"  # noqa: S608  # our own names
            return (row["number"] for row in self.db.iterate(query, (before,)))
        index = self.shelf.index
        query = (
            f"SELECT rowid AS number FROM {index} WHERE {index} MATCH ? AND rowid < ? "  # noqa: S608  # our own names
            "ORDER BY rowid DESC"
        )
        return (row["number"] for row in self.db.iterate(query, (expression, before)))

    def _ranked(self, tier: int, top: int) -> list[int]:
        if tier == LISTED:
            numbers = self._stream(tier, top + 1)
            return [number for number, _ in zip(numbers, range(RANKED), strict=False)]
        index = self.shelf.index
        rows = self.db.iterate(
            f"SELECT number FROM (SELECT rowid AS number, bm25({index}, {self.shelf.weights}) "  # noqa: S608  # our own names
            f"AS score FROM {index} WHERE {index} MATCH ? AND rowid <= ? "
            "ORDER BY rowid DESC LIMIT ?) ORDER BY score, number DESC",
            (self.tiers.only(tier), top, RANKED),
        )
        return [row["number"] for row in rows]

    def _newest_number(self) -> int:
        row = self.db.row(
            f"SELECT coalesce(max({self.shelf.number}), 0) AS n FROM {self.shelf.table}"  # noqa: S608  # our own names
        )
        return int(row["n"]) if row else 0
