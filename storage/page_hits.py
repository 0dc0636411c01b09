"""On which pages of a found paper the words stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.highlight import LineMatch, match_lines
from storage.legacy_text import repaired
from storage.model import PageText
from storage.search_values import Hit
from storage.tiers import LISTED, Tiers


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageMatch:
    """What one page answers."""

    hits: tuple[Hit, ...]
    terms: frozenset[int]


def page_hits(
    pages: Sequence[PageText], tiers: Tiers, tier: int, *, overlay: bool
) -> tuple[Hit, ...]:
    """Return the pages on which a query was found.

    Pages that hold all of its words; where they stand on several pages, every page with some.

    Args:
        pages: The pages of the paper.
        tiers: The query.
        tier: The tier in which the paper was found.
        overlay: Look into seals, stamps and pen strokes too.
    """
    if tier == LISTED:
        return ()
    found = [_match_page(page, tiers, tier, overlay=overlay) for page in pages]
    query, _ = tiers.asked(tier)
    whole = [match for match in found if len(match.terms) == len(query.terms)]
    return tuple(hit for match in whole or found for hit in match.hits)


def _match_page(page: PageText, tiers: Tiers, tier: int, *, overlay: bool) -> _PageMatch:
    def match(text: str) -> LineMatch | None:
        query, column = tiers.asked(tier)
        return match_lines(text, query, column, tiers.variants_of(tier)) if text else None

    _, column = tiers.asked(tier)
    plain, as_read = match(repaired(page.text)), None
    if column == "f":
        as_read = match(page.as_read)
    over = match(page.overlay_text) if overlay else None
    hits = []
    shown = plain or as_read
    if shown is not None:
        hits.append(Hit(page=page.number, line=shown.line))
    if over is not None:
        hits.append(Hit(page=page.number, line=over.line, overlay=True))
    terms = (found.terms for found in (plain, as_read, over) if found is not None)
    return _PageMatch(hits=tuple(hits), terms=frozenset[int]().union(*terms))
