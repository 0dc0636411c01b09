"""Where the words of a query stand in a text, for marking and for naming the line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.fold import distinct_forms, spellings, words
from storage.query import NO_VARIANTS, Column, Query, Term, Variants, find_term, parse_query


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
    page = _Page(unicodedata.normalize("NFC", text), column)
    terms_on_line: dict[int, set[int]] = {}
    for index, term in enumerate(query.terms):
        for line in page.lines_of(term, variants):
            terms_on_line.setdefault(line, set()).add(index)
    if not terms_on_line:
        return None
    best = min(terms_on_line, key=lambda line: (-len(terms_on_line[line]), line))
    return LineMatch(line=best + 1, terms=frozenset[int]().union(*terms_on_line.values()))


def matching_line(text: str, query: Query, column: Column) -> int | None:
    """Return the number (from 1) of the line that best answers a query; None where none does."""
    match = match_lines(text, query, column)
    return None if match is None else match.line


class _Page:
    """The words of a page, taken apart only on the lines that can answer."""

    def __init__(self, text: str, column: Column) -> None:
        self._column = column
        self._lines = text.split("\n")
        self._form_of = {
            word: exact if column == "x" else folded
            for word, (exact, folded) in distinct_forms(text).items()
        }

    def lines_of(self, term: Term, variants: Variants) -> Iterator[int]:
        """Yield the lines, from 0, on which a term begins."""
        begins = self._words_beginning(term)
        found = [line for line in self._having(begins) if self._is_on(line, term)]
        yield from found
        if not found and not term.is_verbatim and len(term.words) == 1:
            near = set(variants.get(term.words[0].folded, ()))
            yield from self._having([word for word, form in self._form_of.items() if form in near])

    def _words_beginning(self, term: Term) -> list[str]:
        """Return the words of the page, as they stand, with which a term may begin."""
        first = term.forms(self._column)[0]
        if term.code and self._column == "f":
            code = term.code
            return [word for word, form in self._form_of.items() if code.startswith(form)]
        if term.is_prefix and len(term.words) == 1:
            return [word for word, form in self._form_of.items() if form.startswith(first)]
        return [word for word, form in self._form_of.items() if form == first]

    def _having(self, words: Sequence[str]) -> Iterator[int]:
        for number, line in enumerate(self._lines):
            if any(word in line for word in words):
                yield number

    def _is_on(self, line: int, term: Term) -> bool:
        own = self._forms(line)
        following = line + 1
        words = list(own)
        # A phrase, or a code of so many letters, may run on.
        reach = len(term.code or term.words)
        while len(words) < len(own) + reach - 1 and following < len(self._lines):
            words += self._forms(following)
            following += 1
        return any(first < len(own) for first, _ in find_term(term, self._column, words))

    def _forms(self, line: int) -> list[str]:
        return [
            exact if self._column == "x" else folded
            for exact, folded in spellings(self._lines[line])
        ]


def _spans(text: str, query: Query, column: Column) -> list[Span]:
    page = words(unicodedata.normalize("NFC", text))
    forms = [word.exact if column == "x" else word.folded for word in page]
    found = sorted(
        (page[first].start, page[last].end)
        for term in query.terms
        for first, last in find_term(term, column, forms)
    )
    spans: list[Span] = []
    for start, end in found:
        if spans and start < spans[-1].end:
            spans[-1] = Span(start=spans[-1].start, end=max(end, spans[-1].end))
        else:
            spans.append(Span(start=start, end=end))
    return spans
