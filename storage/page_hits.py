"""Where in a found paper the words stand, and whether they stand there as a tier asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from storage.highlight import LineMatch, match_lines
from storage.legacy_text import repaired
from storage.model import PageText
from storage.query import Query
from storage.search_values import Hit
from storage.tiers import LISTED, Tiers


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageMatch:
    """What one page answers."""

    hits: tuple[Hit, ...]
    terms: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The texts of what an index finds, each read once."""

    tiers: Tiers
    """The query."""
    pages: Callable[[int], Sequence[PageText]]
    """Gives the pages of a row by its number."""
    lines: Callable[[int], Sequence[str]]
    """Gives what else is told of it."""
    held: dict[int, tuple[PageText, ...]] = field(default_factory=dict)
    """Pages that were read, in Unicode whatever their fonts, by the number of their row."""
    told: dict[int, Sequence[str]] = field(default_factory=dict)
    """Lines that were read."""
    read: dict[tuple[int, int], list[_PageMatch]] = field(default_factory=dict)
    """What the pages of a row answer in a tier."""

    def hits(self, number: int, tier: int) -> tuple[Hit, ...]:
        """Return the pages on which a query was found.

        Pages that hold all of its words; where they stand on several pages, every page with some.

        Args:
            number: Of the row.
            tier: The tier in which it was found.
        """
        if tier == LISTED:
            return ()
        words = self.tiers.words_of(tier)
        if tier != words and not self.fits(number, tier):
            # Not read when its tier was told: its pairs stand apart.
            return self.hits(number, words)
        found = self._read(number, tier)
        query, _ = self.tiers.asked(tier)
        whole = [match for match in found if len(match.terms) == len(query.terms)]
        return tuple(hit for match in whole or found for hit in match.hits)

    def fits(self, number: int, tier: int) -> bool:
        """Tell whether the texts of a row are what a tier asks for."""
        query, column = self.tiers.asked(tier)
        found = frozenset[int]().union(*(match.terms for match in self._read(number, tier)))
        if len(found) == len(query.terms):
            return True
        lines, variants = self._lines(number), self.tiers.variants_of(tier)
        # Where all of them together have nothing, as nearly always, one look is enough.
        if match_lines("\n".join(lines), query, column, variants) is not None:
            told = (match_lines(line, query, column, variants) for line in lines)
            found = found.union(*(match.terms for match in told if match is not None))
        return len(found) == len(query.terms) or (column == "f" and self._has_code(number, query))

    def _has_code(self, number: int, query: Query) -> bool:
        """Tell whether all that was typed stands there as one code."""
        phrase = query.as_phrase()
        if phrase is None or phrase.terms[0].code is None:
            return False
        texts = (*self._lines(number), *(page.text for page in self._pages(number)))
        return any(match_lines(text, phrase, "f") is not None for text in texts)

    def _pages(self, number: int) -> tuple[PageText, ...]:
        if number not in self.held:
            self.held[number] = tuple(map(_in_unicode, self.pages(number)))
        return self.held[number]

    def _lines(self, number: int) -> Sequence[str]:
        if number not in self.told:
            self.told[number] = self.lines(number)
        return self.told[number]

    def _read(self, number: int, tier: int) -> list[_PageMatch]:
        if (number, tier) not in self.read:
            found = [_match_page(page, self.tiers, tier) for page in self._pages(number)]
            self.read[number, tier] = found
        return self.read[number, tier]


def _match_page(page: PageText, tiers: Tiers, tier: int) -> _PageMatch:
    query, column = tiers.asked(tier)

    def match(text: str) -> LineMatch | None:
        return match_lines(text, query, column, tiers.variants_of(tier)) if text else None

    plain, as_read = match(page.text), None
    if column == "f":
        as_read = match(page.as_read)
    over = match(page.overlay_text) if tiers.overlay else None
    hits = []
    shown = plain or as_read
    if shown is not None:
        hits.append(Hit(page=page.number, line=shown.line))
    if over is not None:
        hits.append(Hit(page=page.number, line=over.line, overlay=True))
    terms = (found.terms for found in (plain, as_read, over) if found is not None)
    return _PageMatch(hits=tuple(hits), terms=frozenset[int]().union(*terms))


def _in_unicode(page: PageText) -> PageText:
    text = repaired(page.text)
    return page if text is page.text else replace(page, text=text)
