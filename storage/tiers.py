"""The tiers of a search: what is spelled as typed always comes before what only sounds like it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from storage.query import NO_VARIANTS, Column, Places, Query, Variants

LISTED, EXACT_PHRASE, EXACT, FOLDED_PHRASE, FOLDED, NEAR = range(6)
_PHRASES = (EXACT_PHRASE, FOLDED_PHRASE)
# What of the tiers above must be left out: exact words hold exact phrases already, and so on.
_ABOVE = {
    EXACT: (EXACT_PHRASE,),
    FOLDED_PHRASE: (EXACT,),
    FOLDED: (EXACT, FOLDED_PHRASE),
    NEAR: (FOLDED,),
}


# Without slots: what follows from the query is worked out once, and asked for with every row.
@dataclass(frozen=True, kw_only=True)
class Tiers:
    """One query as expressions, the best tier first."""

    query: Query
    """What was typed."""
    scope: str = ""
    """Expression that limits all tiers; never made of what was typed."""
    overlay: bool = False
    """Whether words may stand in seals, stamps and pen strokes too."""
    variants: Variants = field(default_factory=lambda: NO_VARIANTS)
    """Words that recognition may have made of a word; none where exactness is asked for."""

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The tiers that this query has."""
        if not self.query.terms:
            return (LISTED,)
        tiers: tuple[int, ...] = (EXACT_PHRASE, EXACT) if self.query.is_accented else ()
        tiers += (FOLDED_PHRASE, FOLDED)
        if self._phrase is None:
            tiers = tuple(tier for tier in tiers if tier not in _PHRASES)
        return (*tiers, NEAR) if any(self.variants.values()) else tiers

    def all_matches(self) -> str:
        """Return the expression of everything that any tier finds; empty for no limit at all."""
        return self.whole(self.numbers[-1])

    def is_sure(self, tier: int) -> bool:
        """Tell whether a paper that the index finds in a tier stands in it, unread."""
        return tier == LISTED or self.asked(tier)[0].is_sure

    def whole(self, tier: int) -> str:
        """Return the expression of what this tier finds, whatever the tiers above it find."""
        return self._scoped(self._words(tier))

    def only(self, tier: int) -> str:
        """Return the expression of what this tier finds and none above it."""
        words = self._words(tier)
        above = [f"({self._words(other)})" for other in self._above(tier)]
        if above:
            words = f"({words}) NOT ({' OR '.join(above)})"
        return self._scoped(words)

    def words_of(self, tier: int) -> int:
        """Return the tier in which the words of a phrase may stand anywhere."""
        return {EXACT_PHRASE: EXACT, FOLDED_PHRASE: FOLDED}.get(tier, tier)

    def asked(self, tier: int) -> tuple[Query, Column]:
        """Return what is looked for in a tier, and in which form."""
        query = (self._phrase or self.query) if tier in _PHRASES else self.query
        return query, "x" if tier in (EXACT_PHRASE, EXACT) else "f"

    def variants_of(self, tier: int) -> Variants:
        """Return the words that may stand for others in a tier."""
        return self.variants if tier == NEAR else NO_VARIANTS

    @cached_property
    def _phrase(self) -> Query | None:
        return self.query.as_phrase()

    def _above(self, tier: int) -> tuple[int, ...]:
        """Return the tiers of this query whose finds this tier must leave out."""
        return tuple(other for other in _ABOVE.get(tier, ()) if other in self.numbers)

    def _words(self, tier: int) -> str:
        if tier == LISTED:
            return ""
        query, form = self.asked(tier)
        variants = self.variants_of(tier)
        return query.expression(Places(form=form, overlay=self.overlay, variants=variants))

    def _scoped(self, words: str) -> str:
        if words and self.scope:
            return f"({words}) AND {self.scope}"
        return words or self.scope
