"""What a person types, as expressions that no string can break."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from storage.fold import Word, words

MAX_CHARACTERS = 400
MAX_TERMS = 16
MIN_PREFIX = 2

# A phrase in straight or curly quotes, or a run without blanks.
_PIECE = re.compile(r'["“”]([^"“”]*)["“”]?|[^\s"“”]+')

Column = Literal["x", "f"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, a phrase, or the beginning of a word."""

    words: tuple[Word, ...]
    """Its words in order."""
    is_prefix: bool = False
    """True where the last word is only a beginning."""

    def forms(self, column: Column) -> tuple[str, ...]:
        """Return its words as a column holds them: `x` exact, `f` folded."""
        return tuple(word.exact if column == "x" else word.folded for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search, understood."""

    terms: tuple[Term, ...]
    """All of these must be on a page."""
    is_blank: bool
    """True where nothing was typed: then everything is listed."""
    is_quoted: bool = False
    """True where phrases were quoted: then the person has said what stands together."""

    def as_phrase(self) -> Query | None:
        """Return the same words as one phrase; None where that says nothing new."""
        if self.is_quoted or len(self.terms) < 2:
            return None
        together = tuple(word for term in self.terms for word in term.words)
        phrase = Term(words=together, is_prefix=self.terms[-1].is_prefix)
        return Query(terms=(phrase,), is_blank=False, is_quoted=True)

    @property
    def is_accented(self) -> bool:
        """Whether any word was typed with diacritics."""
        return any(word.exact != word.folded for term in self.terms for word in term.words)

    def expression(self, column: Column, *others: str) -> str:
        """Return the FTS5 expression for a column; empty without terms.

        Args:
            column: its form is that of the words.
            others: columns of the same form in which a term may stand as well.
        """
        if not self.terms:
            return ""
        within = f"{{{' '.join((column, *others))}}}" if others else column
        return f"{within} : ({' AND '.join(_quoted(term, column) for term in self.terms)})"


def parse_query(text: str) -> Query:
    """Understand what was typed; every string has a meaning.

    Words must all be on a page. Words in quotes must stand together, and so must the parts of a
    code such as 12/QĐ-UBND. A last word ending in `*` is a beginning. At most 400 characters and
    16 terms are read.
    """
    typed = unicodedata.normalize("NFC", text.replace("\0", " ")[:MAX_CHARACTERS])
    typed = typed[:MAX_CHARACTERS]
    pieces = list(_PIECE.finditer(typed))
    terms: list[Term] = []
    for piece in pieces:
        is_last = piece is pieces[-1]
        term = _term(piece, is_last=is_last)
        if term.words:
            terms.append(term)
    return Query(
        terms=tuple(terms[:MAX_TERMS]),
        is_blank=not text.strip(),
        is_quoted=any(piece.group(1) is not None for piece in pieces),
    )


def _term(piece: re.Match[str], *, is_last: bool) -> Term:
    quoted = piece.group(1)
    if quoted is not None:
        return Term(words=tuple(words(quoted)))
    found = tuple(words(piece.group()))
    is_prefix = (
        is_last
        and piece.group().endswith("*")
        and bool(found)
        and len(found[-1].folded) >= MIN_PREFIX
    )
    return Term(words=found, is_prefix=is_prefix)


def _quoted(term: Term, column: Column) -> str:
    phrase = " ".join(term.forms(column))
    return f'"{phrase}"*' if term.is_prefix else f'"{phrase}"'


def find_term(term: Term, column: Column, page: Sequence[Word]) -> list[tuple[int, int]]:
    """Return where a term stands among the words of a page.

    Returns:
        First and last word of each occurrence, as positions in `page`.
    """
    forms = term.forms(column)
    texts = [word.exact if column == "x" else word.folded for word in page]
    width = len(forms)
    found = []
    for first in range(len(texts) - width + 1):
        window = tuple(texts[first : first + width])
        if window == forms or (term.is_prefix and _begins(window, forms)):
            found.append((first, first + width - 1))
    return found


def _begins(window: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    return window[:-1] == forms[:-1] and window[-1].startswith(forms[-1])
