"""What an index finds for one query: streamed newest first, or the newest ranked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from storage.cursor import BEFORE_ALL, Place
from storage.rows import Rows
from storage.search_values import Order
from storage.tiers import LISTED, Tiers

COUNT_LIMIT = 10_000
# A phrase is looked for in every paper that has its words.
COUNT_LIMIT_QUOTED = 1_000
# Ranking costs with each match; the newest of them are enough to choose from.
RANKED = 2_000
# So many of the newest papers are asked whether words stand together that nobody put in quotes.
GUESSED = 5_000
# Where no more papers than these are found, they are told apart one by one, some at a time.
FEW = 40
TOGETHER = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found from a place on."""

    places: Iterator[Place]
    """In order."""
    count: tuple[int, bool]
    """How many match in all, and whether there are more than were counted."""
    newest: tuple[int, ...]
    """Row numbers of the newest that match: as many as were looked at to tell how to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """One query against one shelf."""

    rows: Rows
    """Where to look."""
    tiers: Tiers
    """What for."""

    def ask(self, order: Order, place: Place) -> Found:
        """Find everything from a place on, in an order, and count it.

        What is few is not ranked, as that costs with all that is indexed: within a tier the
        newest comes first. Nor is what one quoted phrase finds: FTS5 would look for it twice more.
        What is few and what is dear is decided of what was there when the first page was asked for:
        with every page after it, all answers stay in one order.
        """
        place = replace(place, top=place.top or self.rows.newest_number())
        known, count = self._known(place.top)
        is_all, query = len(known) == count[0], self.tiers.query
        is_ranked = order == "relevance" and not (query.is_quoted and len(query.terms) == 1)
        is_dear = query.is_quoted and not query.is_beginning
        if len(known) <= FEW or (is_all and is_dear and not is_ranked):
            return Found(places=self._told_apart(known, place), count=count, newest=tuple(known))
        ordered = self._relevant if is_ranked else self._newest
        return Found(places=ordered(place), count=count, newest=tuple(known))

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
        top = place.top
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

    def all_numbers(self) -> Iterator[int]:
        """Yield the row numbers of everything that any tier finds, the newest first."""
        return self.rows.matching(self.tiers.all_matches(), BEFORE_ALL)

    def _known(self, top: int) -> tuple[list[int], tuple[int, bool]]:
        """Return the newest matches and how many there are: by one pass where a pass is dear."""
        query = self.tiers.query
        limit = COUNT_LIMIT_QUOTED if query.is_quoted else COUNT_LIMIT
        is_dear = query.is_quoted or query.is_beginning
        numbers = self.rows.matching(self.tiers.all_matches(), top + 1)
        known = list(islice(numbers, (limit if is_dear else FEW) + 1))
        if is_dear or len(known) <= FEW:
            found = len(known)
        else:
            found = self.rows.count(self.tiers.all_matches(), limit + 1)
        return known, (min(found, limit), found > limit)

    def _told_apart(self, known: Sequence[int], place: Place) -> Iterator[Place]:
        """Yield all that any tier finds, in its order, from a place on.

        To tell the tier of a few is cheap, to walk every tier to its end is not.
        """
        top, left = place.top, list(known)
        *tiers, last = self.tiers.numbers()
        for tier in tiers:
            lower: list[int] = []
            for number in self._held(self.tiers.whole(tier), left, lower):
                yield from _behind(place, Place(tier=tier, number=number, top=top))
            left = lower
        for number in left:
            yield from _behind(place, Place(tier=last, number=number, top=top))

    def _held(self, expression: str, numbers: Sequence[int], others: list[int]) -> Iterator[int]:
        """Yield which of some rows an expression finds, and put the others aside."""
        for first in range(0, len(numbers), TOGETHER):
            some = numbers[first : first + TOGETHER]
            found = self.rows.among(expression, some)
            others.extend(number for number in some if number not in found)
            yield from (number for number in some if number in found)

    def _tiers_from(self, place: Place) -> Iterator[int]:
        return (tier for tier in self.tiers.numbers() if tier >= place.tier)

    def _stream(self, tier: int, top: int, before: int) -> Iterator[int]:
        """Yield the rows of a tier, the newest first.

        Whether frequent words stand together is dear to know: where nobody put them in quotes,
        it is asked of the newest papers only, and older ones count as words.
        """
        before, expression = min(before, top + 1), self.tiers.only(tier)
        if self.tiers.is_guess(tier):
            yield from self.rows.between(expression, max(top - GUESSED, 0), before)
            return
        guessed = self._guessed(tier, top)
        yield from (n for n in self.rows.matching(expression, before) if n not in guessed)

    def _guessed(self, tier: int, top: int) -> set[int]:
        """Return the rows that tiers above hold because words stand together there by a guess."""
        guesses = filter(self.tiers.is_guess, self.tiers.above(tier))
        return {number for other in guesses for number in self._stream(other, top, BEFORE_ALL)}

    def _ranked(self, tier: int, top: int) -> list[int]:
        """Return the newest rows of a tier, the best first."""
        if tier == LISTED:
            return list(islice(self._stream(tier, top, BEFORE_ALL), RANKED))
        if self.tiers.is_guess(tier):
            # By their words: to rank by a phrase, FTS5 looks for it in all that is indexed.
            words = self.tiers.whole(self.tiers.words_of(tier))
            found = list(islice(self._stream(tier, top, BEFORE_ALL), RANKED))
            # Where the tier of the words will be asked too, as many as it asks for: then but once.
            limit = RANKED + len(found) if len(found) < FEW else RANKED
            scores = self.rows.scores(words, top, limit)
            return sorted(found, key=lambda number: (scores.get(number, 0.0), -number))
        guessed = self._guessed(tier, top)
        scores = self.rows.scores(self.tiers.only(tier), top, RANKED + len(guessed))
        left = [number for number in scores if number not in guessed]
        return sorted(left[:RANKED], key=lambda number: (scores[number], -number))


def _behind(place: Place, at: Place) -> Iterator[Place]:
    """Yield a place that comes behind another one."""
    if (at.tier, -at.number) > (place.tier, -place.number):
        yield at
