"""What an index finds for one query: streamed newest first, or the newest ranked.

The index knows which words, pairs and, with some doubt, triples of words a row has. Whether longer
phrases stand there in a row is read in the texts, of what is shown.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, repeat

from storage.cursor import BEFORE_ALL, START, Place
from storage.facets import COUNTED
from storage.ranking import Ranking
from storage.rows import Rows
from storage.search_values import Order
from storage.tiers import Tiers

COUNT_LIMIT = 10_000
# Ranking costs with each match; the newest of them are enough to choose from.
RANKED = 2_000
# So many of the newest of a tier are read, whether they have phrases in a row; of older ones the
# pairs and triples are enough.
READ = 30
# Where no more papers than these are found, they are told apart one by one, some at a time.
FEW = 40
TOGETHER = 40
# So many of the newest are told beside the answers: what filters count, and whether there are more.
KEPT = COUNTED + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found from a place on."""

    places: Iterator[Place]
    """In order."""
    count: tuple[int, bool]
    """How many match in all, and whether there are more than were counted."""
    newest: tuple[int, ...]
    """Row numbers of the newest that match: 1,001 at least, or all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """One query against one shelf."""

    rows: Rows
    """Where to look."""
    tiers: Tiers
    """What for."""
    fits: Callable[[int, int], bool]
    """Tells whether the texts of a row, by its number, are what a tier asks for."""
    floors: dict[tuple[int, int], int] = field(default_factory=dict)
    """What `_floor` found already."""

    def ask(self, order: Order, place: Place) -> Found:
        """Find everything from a place on, in an order, and count it.

        What is few is told apart row by row, the newest of a tier first in either order. It is
        decided of what was there when the first page was asked for: with every page after it, all
        answers stay in one order, whatever is corrected or destroyed meanwhile.
        """
        few = _few(place)
        place = replace(place, top=place.top or self.rows.newest_number())
        known, count = self._known(place.top)
        if len(known) > few:
            is_ranked = order == "relevance" and bool(self.tiers.query.terms)
            ordered = self._relevant if is_ranked else self._newest
            return Found(places=ordered(place), count=count, newest=tuple(known))
        apart = self._told_apart(known, place.top)
        *_, last = self.tiers.numbers
        if not self.tiers.is_sure(last):
            every = list(apart)
            known = sorted((at.number for at in every), reverse=True)
            apart, count = iter(every), (len(every), False)
        behind = (at for at in apart if (at.tier, -at.number) > (place.tier, -place.number))
        return Found(places=behind, count=count, newest=tuple(known))

    def newest(self, limit: int) -> list[int]:
        """Return the row numbers of the newest that any tier finds."""
        numbers = self.rows.matching(self.tiers.all_matches(), BEFORE_ALL)
        found = list(islice(numbers, max(limit, FEW + 1)))
        if len(found) <= FEW and not self.tiers.is_sure(self.tiers.numbers[-1]):
            apart = self._told_apart(found, max(found, default=0))
            found = sorted((at.number for at in apart), reverse=True)
        return found[:limit]

    def _newest(self, place: Place) -> Iterator[Place]:
        """Yield what was found, tier by tier, the newest first, from a place on.

        Pages of answers join: what was added since the first page is left out.
        """
        top = place.top
        for tier in self._tiers_from(place):
            before = place.number if tier == place.tier else BEFORE_ALL
            for number in self._stream(tier, top, before):
                yield Place(tier=tier, number=number, top=top)

    def _relevant(self, place: Place) -> Iterator[Place]:
        """Yield what was found, tier by tier, the best of the newest 2,000 first, then older ones.

        Pages of answers join as with `_newest`.
        """
        for tier in self._tiers_from(place):
            yield from self._best(tier, place if tier == place.tier else _start(place))

    def _best(self, tier: int, place: Place) -> Iterator[Place]:
        """Yield what one tier finds, from a place on in it."""
        top, before = place.top, place.number
        if place.rank >= 0:
            ranked, before = self._ranked(tier, place)
            for rank, (number, of) in islice(enumerate(ranked), _behind(place, ranked), None):
                if self._home(number, of, top) == tier:
                    yield Place(tier=tier, number=number, top=top, rank=rank, oldest=before)
        for number in self._stream(tier, top, before) if before else ():
            yield Place(tier=tier, number=number, top=top)

    def _known(self, top: int) -> tuple[list[int], tuple[int, bool]]:
        """Return the newest matches and how many there are, in one pass.

        Where a pass begins dearly, it is not parted into what is kept and what is only counted.
        """
        kept = COUNT_LIMIT + 1 if self.tiers.query.is_beginning else KEPT
        wanted = self.tiers.all_matches()
        known = list(islice(self.rows.matching(wanted, top + 1), kept))
        found = len(known)
        if found == kept == KEPT:
            found += self.rows.count(wanted, known[-1], COUNT_LIMIT + 1 - KEPT)
        return known, (min(found, COUNT_LIMIT), found > COUNT_LIMIT)

    def _told_apart(self, known: Sequence[int], top: int) -> Iterator[Place]:
        """Yield all that any tier finds, in its order.

        To tell the tier of a few is cheap, to walk every tier to its end is not.
        """
        left = list(known)
        *tiers, last = self.tiers.numbers
        for tier in tiers:
            lower: list[int] = []
            for number in self._held(tier, left, lower):
                yield Place(tier=tier, number=number, top=top, is_few=True)
            left = lower
        for number in left:
            if self.tiers.is_sure(last) or self.fits(number, last):
                yield Place(tier=last, number=number, top=top, is_few=True)

    def _held(self, tier: int, numbers: Sequence[int], others: list[int]) -> Iterator[int]:
        """Yield which of some rows a tier finds, and put the others aside."""
        is_sure, expression = self.tiers.is_sure(tier), self.tiers.whole(tier)
        for first in range(0, len(numbers), TOGETHER):
            some = numbers[first : first + TOGETHER]
            found = self.rows.among(expression, some)
            for number in some:
                if number in found and (is_sure or self.fits(number, tier)):
                    yield number
                else:
                    others.append(number)

    def _tiers_from(self, place: Place) -> Iterator[int]:
        return (tier for tier in self.tiers.numbers if tier >= place.tier)

    def _unsure_above(self, tier: int) -> list[int]:
        """Return the tiers whose rows may turn out to belong to this one."""
        above = (other for other in self.tiers.numbers if other < tier)
        return [other for other in above if not self.tiers.is_sure(other)]

    def _stream(self, tier: int, top: int, before: int) -> Iterator[int]:
        """Yield the rows of a tier, the newest first."""
        before = min(before, top + 1)
        found = (
            zip(self.rows.matching(self.tiers.only(of), before), repeat(of), strict=False)
            for of in (*self._unsure_above(tier), tier)
        )
        for number, of in heapq.merge(*found, reverse=True):
            if self._home(number, of, top) == tier:
                yield number

    def _home(self, number: int, found_in: int, top: int) -> int | None:
        """Return the tier to which a row belongs that the index finds in one; None for none."""
        if self.tiers.is_sure(found_in) or number < self._floor(found_in, top):
            return found_in
        lower = (tier for tier in self.tiers.numbers if tier >= found_in)
        return next((tier for tier in lower if self._holds(number, tier, found_in)), None)

    def _holds(self, number: int, tier: int, found_in: int) -> bool:
        """Tell whether a row that the index finds in a tier belongs to that one or a lower one."""
        # Where its parts stand, so do the words.
        is_known = tier == self.tiers.words_of(found_in) and self.tiers.is_sure(tier)
        return is_known or self.fits(number, tier)

    def _floor(self, tier: int, top: int) -> int:
        """Return the oldest row of a tier whose texts are read."""
        if (tier, top) not in self.floors:
            found = self.rows.matching(self.tiers.only(tier), top + 1)
            self.floors[tier, top] = next(islice(found, READ - 1, None), 0)
        return self.floors[tier, top]

    def _ranked(self, tier: int, place: Place) -> tuple[list[tuple[int, int]], int]:
        """Return the newest rows of a tier, the best first, each with the tier that found it.

        And the number before which all rows follow unranked; 0 where none do. Both as they were
        at a place.
        """
        ranking = Ranking(rows=self.rows, words=self.tiers.query.folded_words, top=place.top)
        scores = ranking.scores(self.tiers.only(tier), RANKED, place.oldest)
        oldest = place.oldest or (min(scores) if len(scores) == RANKED else 0)
        found = dict.fromkeys(scores, tier)
        for other in self._unsure_above(tier):
            theirs = ranking.scores(self.tiers.only(other), READ)
            fallen = [n for n in theirs if n > oldest and self._home(n, other, place.top) == tier]
            scores.update((number, theirs[number]) for number in fallen)
            found.update(dict.fromkeys(fallen, other))
        ranked = sorted(found.items(), key=lambda each: (-scores[each[0]], -each[0]))
        return ranked, oldest


def _few(place: Place) -> int:
    """Return how many papers are few: what a search began with, it goes on with.

    Papers that were corrected since may match now; twice as many as were few still are.
    """
    if place.number == BEFORE_ALL:
        return FEW
    return 2 * FEW if place.is_few else 0


def _start(place: Place) -> Place:
    """Return where a tier behind that of a place begins."""
    return replace(START, top=place.top)


def _behind(place: Place, ranked: Sequence[tuple[int, int]]) -> int:
    """Return the first rank behind a place.

    Where the row of the place is found no more, what follows has moved up to its rank.
    """
    numbers = [number for number, _ in ranked]
    is_there = place.number in numbers
    return numbers.index(place.number) + 1 if is_there else place.rank
