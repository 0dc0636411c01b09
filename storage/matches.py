"""What an index finds for one query: streamed newest first, or the newest ranked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from storage.cursor import BEFORE_ALL, Place
from storage.database import Database
from storage.search_values import Order
from storage.tiers import LISTED, Tiers

COUNT_LIMIT = 10_000
# A phrase is looked for in every paper that has its words.
COUNT_LIMIT_QUOTED = 1_000
# Ranking costs with each match; the newest of them are enough to choose from.
RANKED = 2_000
# So many of the newest papers are asked whether words stand together that nobody put in quotes.
GUESSED = 5_000
STEP = 1_000
# Where no more papers than these are found, they are told apart one by one.
FEW = 40


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
class Found:
    """What was found from a place on."""

    places: Iterator[Place]
    """In order."""
    count: tuple[int, bool]
    """How many match in all, and whether there are more than were counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """One query against one shelf."""

    db: Database
    """search.db."""
    shelf: Shelf
    """Where to look."""
    tiers: Tiers
    """What for."""

    def ask(self, order: Order, place: Place) -> Found:
        """Find everything from a place on, in an order, and count it.

        What is few is not ranked, as that costs with all that is indexed: within a tier the
        newest comes first.
        """
        few = self._few()
        if few is None:
            ordered = self.relevant if order == "relevance" else self.newest
            return Found(places=ordered(place), count=self.count())
        known = [at for at in few if at.number <= (place.top or at.number)]
        first = next((n for n, at in enumerate(known, 1) if _is_at(at, place)), 0)
        return Found(places=iter(known[first:]), count=(len(known), False))

    def newest(self, place: Place) -> Iterator[Place]:
        """Yield what was found, tier by tier, the newest first, from a place on.

        Pages of answers join: what was added since the first page is left out.
        """
        top = place.top or self._newest_number()
        for tier in self._tiers_from(place):
            before = place.number if tier == place.tier else BEFORE_ALL
            for number in self._stream(tier, top, before):
                yield Place(tier=tier, number=number, top=top)

    def relevant(self, place: Place) -> Iterator[Place]:
        """Yield what was found, tier by tier, the best of the newest 2,000 first, then older ones.

        Pages of answers join as with `newest`.
        """
        top = place.top or self._newest_number()
        for tier in self._tiers_from(place):
            ranked = self._ranked(tier, top)
            known = place.number if tier == place.tier else BEFORE_ALL
            oldest = min(ranked, default=0)
            if known in ranked:
                first = ranked[ranked.index(known) + 1 :]
            else:
                first = [] if known < oldest else ranked
            is_all = len(ranked) < RANKED
            older = iter(()) if is_all else self._stream(tier, top, min(known, oldest))
            for number in chain(first, older):
                yield Place(tier=tier, number=number, top=top)

    def _few(self) -> tuple[Place, ...] | None:
        """Return everything that any tier finds, in its order; None where it is too much.

        To tell the tier of a few is cheap, to walk every tier to its end is not.
        """
        left = list(islice(self.all_numbers(), FEW + 1))
        if len(left) > FEW:
            return None
        top, places = self._newest_number(), []
        *tiers, last = self.tiers.numbers()
        for tier in tiers:
            known = self._among(self.tiers.whole(tier), left)
            places += [Place(tier=tier, number=at, top=top) for at in left if at in known]
            left = [at for at in left if at not in known]
        return (*places, *(Place(tier=last, number=at, top=top) for at in left))

    def all_numbers(self) -> Iterator[int]:
        """Yield the row numbers of everything that any tier finds, the newest first."""
        return self._numbers(self.tiers.all_matches(), BEFORE_ALL)

    def count(self) -> tuple[int, bool]:
        """Count the matches up to a limit; tell whether there are more."""
        limit = COUNT_LIMIT_QUOTED if self.tiers.query.is_quoted else COUNT_LIMIT
        expression = self.tiers.all_matches()
        source = f"{self.shelf.index} WHERE {self.shelf.index} MATCH ?" if expression else ""
        row = self.db.row(
            f"SELECT count(*) AS n FROM (SELECT 1 FROM {source or self.shelf.table} LIMIT ?)",  # noqa: S608  # our own names
            (*([expression] if expression else []), limit + 1),
        )
        found = int(row["n"]) if row else 0
        return min(found, limit), found > limit

    def _tiers_from(self, place: Place) -> Iterator[int]:
        return (tier for tier in self.tiers.numbers() if tier >= place.tier)

    def _stream(self, tier: int, top: int, before: int) -> Iterator[int]:
        """Yield the rows of a tier, the newest first.

        Whether frequent words stand together is dear to know: where nobody put them in quotes,
        it is asked of the newest papers only, and older ones count as words.
        """
        before, expression = min(before, top + 1), self.tiers.only(tier)
        if self.tiers.is_guess(tier):
            yield from self._window(expression, before, max(top - GUESSED, 0))
            return
        guessed = self._guessed(tier, top)
        yield from (n for n in self._numbers(expression, before) if n not in guessed)

    def _guessed(self, tier: int, top: int) -> set[int]:
        """Return the rows that tiers above hold because words stand together there by a guess."""
        guesses = filter(self.tiers.is_guess, self.tiers.above(tier))
        return {number for other in guesses for number in self._stream(other, top, BEFORE_ALL)}

    def _window(self, expression: str, before: int, over: int) -> Iterator[int]:
        """Yield the rows that an expression finds between two, the newest first.

        Upwards and step by step: downwards FTS5 looks for a phrase on to the oldest row of all.
        """
        index = self.shelf.index
        query = (
            f"SELECT rowid AS number FROM {index} WHERE {index} MATCH ? "  # noqa: S608  # our own names
            "AND rowid > ? AND rowid < ? ORDER BY rowid"
        )
        while before > over + 1:
            floor = max(before - 1 - STEP, over)
            rows = self.db.rows(query, (expression, floor, before))
            yield from (row["number"] for row in reversed(rows))
            before = floor + 1

    def _numbers(self, expression: str, before: int) -> Iterator[int]:
        if not expression:
            name, table = self.shelf.number, self.shelf.table
            query = f"SELECT {name} AS number FROM {table} WHERE {name} < ? ORDER BY {name} DESC"  # noqa: S608  # our own names
            return (row["number"] for row in self.db.iterate(query, (before,)))
        index = self.shelf.index
        query = (
            f"SELECT rowid AS number FROM {index} WHERE {index} MATCH ? "  # noqa: S608  # our own names
            "AND rowid < ? ORDER BY rowid DESC"
        )
        return (row["number"] for row in self.db.iterate(query, (expression, before)))

    def _among(self, expression: str, numbers: list[int]) -> set[int]:
        """Return which of some rows an expression finds."""
        index, marks = self.shelf.index, ", ".join("?" for _ in numbers)
        rows = self.db.rows(
            f"SELECT rowid AS number FROM {index} WHERE {index} MATCH ? AND rowid IN ({marks})",  # noqa: S608  # our own names
            (expression, *numbers),
        )
        return {row["number"] for row in rows}

    def _ranked(self, tier: int, top: int) -> list[int]:
        """Return the newest rows of a tier, the best first."""
        if tier == LISTED:
            return list(islice(self._stream(tier, top, BEFORE_ALL), RANKED))
        if self.tiers.is_guess(tier):
            # By their words: to rank by a phrase, FTS5 looks for it in all that is indexed.
            scores = self._scores(self.tiers.whole(self.tiers.words_of(tier)), top, RANKED)
            found = islice(self._stream(tier, top, BEFORE_ALL), RANKED)
            return sorted(found, key=lambda number: (scores.get(number, 0.0), -number))
        guessed = self._guessed(tier, top)
        scores = self._scores(self.tiers.only(tier), top, RANKED + len(guessed))
        left = [number for number in scores if number not in guessed]
        return sorted(left[:RANKED], key=lambda number: (scores[number], -number))

    def _scores(self, expression: str, top: int, limit: int) -> dict[int, float]:
        """Return the newest matches, the newest first, each with its score: less is better."""
        index = self.shelf.index
        rows = self.db.iterate(
            f"SELECT rowid AS number, bm25({index}, {self.shelf.weights}) AS score "  # noqa: S608  # our own names
            f"FROM {index} WHERE {index} MATCH ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?",
            (expression, top, limit),
        )
        return {row["number"]: row["score"] for row in rows}

    def _newest_number(self) -> int:
        row = self.db.row(
            f"SELECT coalesce(max({self.shelf.number}), 0) AS n FROM {self.shelf.table}"  # noqa: S608  # our own names
        )
        return int(row["n"]) if row else 0


def _is_at(at: Place, place: Place) -> bool:
    return (at.tier, at.number) == (place.tier, place.number)
