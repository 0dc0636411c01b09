"""Where the words of a query stand in a text, for marking and for naming the line."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from storage.fold import words
from storage.query import Column, Query, find_term, parse_query


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of text to mark."""

    start: int
    """Offset of its first character in the NFC form of the text."""
    end: int
    """Offset after its last character."""


def highlight(text: str, query: str) -> list[Span]:
    """Return what to mark in a text, in order, without overlaps.

    Marks the spelling as typed where it stands in the text, else any spelling without regard to
    diacritics. Offsets count in the NFC form of the text.
    """
    parsed = parse_query(text=query)
    if parsed.is_accented:
        found = _spans(text, parsed, "x")
        if found:
            return found
    return _spans(text, parsed, "f")


def matching_line(text: str, query: Query, column: Column) -> int | None:
    """Return the number (from 1) of the line that best answers a query.

    The first of the lines on which the most terms begin; None where no term is in the text.
    """
    composed = unicodedata.normalize("NFC", text)
    page = words(composed)
    terms_on_line: dict[int, set[int]] = {}
    for index, term in enumerate(query.terms):
        for first, _ in find_term(term, column, page):
            line = composed.count("\n", 0, page[first].start) + 1
            terms_on_line.setdefault(line, set()).add(index)
    if not terms_on_line:
        return None
    return min(terms_on_line, key=lambda line: (-len(terms_on_line[line]), line))


def _spans(text: str, query: Query, column: Column) -> list[Span]:
    page = words(text)
    found = sorted(
        (page[first].start, page[last].end)
        for term in query.terms
        for first, last in find_term(term, column, page)
    )
    spans: list[Span] = []
    for start, end in found:
        if spans and start < spans[-1].end:
            spans[-1] = Span(start=spans[-1].start, end=max(end, spans[-1].end))
        else:
            spans.append(Span(start=start, end=end))
    return spans
