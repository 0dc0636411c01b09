"""Where the words of a query stand in a text, for marking and for naming the line."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from storage.query import NO_VARIANTS, Column, Query, Variants
from storage.term_spans import term_spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of text to mark."""

    start: int
    """Offset of its first character in the NFC form of the text."""
    end: int
    """Offset after its last character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMatch:
    """How a text answers a query."""

    line: int
    """Line that answers best, from 1: the first of those on which the most terms begin."""
    terms: frozenset[int]
    """Which terms of the query stand anywhere in the text."""


def highlight(text: str, query: Query) -> list[Span]:
    """Return what to mark in a text, in order, without overlaps.

    Marks the spelling as typed where it stands in the text, else any spelling without regard to
    diacritics. Offsets count in the NFC form of the text.
    """
    if query.is_accented:
        found = _spans(text, query, "x")
        if found:
            return found
    return _spans(text, query, "f")


def match_lines(
    text: str, query: Query, column: Column, variants: Variants = NO_VARIANTS
) -> LineMatch | None:
    """Return how a text answers a query; None where no term is in it.

    Args:
        text: Of a page, lines parted by newlines.
        query: Looked for.
        column: Form in which its words count.
        variants: Words that may stand for a word.
    """
    composed = unicodedata.normalize("NFC", text)
    terms_on_line: dict[int, set[int]] = {}
    for index, term in enumerate(query.terms):
        for start, _ in term_spans(composed, term, column, variants):
            line = composed.count("\n", 0, start)
            terms_on_line.setdefault(line, set()).add(index)
    if not terms_on_line:
        return None
    best = min(terms_on_line, key=lambda line: (-len(terms_on_line[line]), line))
    return LineMatch(line=best + 1, terms=frozenset[int]().union(*terms_on_line.values()))


def _spans(text: str, query: Query, column: Column) -> list[Span]:
    composed = unicodedata.normalize("NFC", text)
    found = sorted(place for term in query.terms for place in term_spans(composed, term, column))
    spans: list[Span] = []
    for start, end in found:
        if spans and start < spans[-1].end:
            spans[-1] = Span(start=spans[-1].start, end=max(end, spans[-1].end))
        else:
            spans.append(Span(start=start, end=end))
    return spans
