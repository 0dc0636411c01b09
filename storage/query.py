"""What a person types, as expressions that no string can break."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from storage.fold import Word, words
from storage.index_words import EXACT_SIGN, OVERLAY_SIGN, phrase, triples
from storage.joined_codes import joined

MAX_CHARACTERS = 400
MAX_TERMS = 16
MIN_PREFIX = 2

# A phrase in straight or curly quotes, or a run without blanks.
_PIECE = re.compile(r'["“”]([^"“”]*)["“”]?|[^\s"“”]+')

Column = Literal["x", "f"]
"""Form of words: exact, or folded."""
Variants = Mapping[str, Sequence[str]]
NO_VARIANTS: Variants = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, a phrase, or the beginning of a word."""

    words: tuple[Word, ...]
    """Its words in order."""
    is_prefix: bool = False
    """True where the last word is only a beginning."""
    code: str | None = None
    """The same run together, folded, where it is a code such as 12/QĐ-UBND."""
    is_verbatim: bool = False
    """True where it was quoted or is a beginning: no other word may stand for it."""

    def forms(self, column: Column) -> tuple[str, ...]:
        """Return its words as a column holds them: `x` exact, `f` folded."""
        return tuple(word.exact if column == "x" else word.folded for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the words of a query may stand."""

    form: Column
    """Form that the words take."""
    overlay: bool = False
    """In seals, stamps and pen strokes too."""
    variants: Variants = field(default_factory=lambda: NO_VARIANTS)
    """Words that may stand for a single word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search, understood."""

    terms: tuple[Term, ...]
    """All of these must be on a paper."""
    is_blank: bool
    """True where nothing was typed: then everything is listed."""
    is_quoted: bool = False
    """True where phrases were quoted: then the person has said what stands together."""

    def as_phrase(self) -> Query | None:
        """Return the same words as one phrase; None where that says nothing new."""
        if self.is_quoted or len(self.terms) < 2:
            return None
        phrase = Term(
            words=self._all_words(), is_prefix=self.terms[-1].is_prefix, code=self._as_code()
        )
        return Query(terms=(phrase,), is_blank=False, is_quoted=True)

    @property
    def is_sure(self) -> bool:
        """Whether a paper that the index finds has every phrase: its words or pairs are enough."""
        return all(len(term.words) < 3 for term in self.terms)

    @property
    def is_accented(self) -> bool:
        """Whether any word was typed with diacritics."""
        return any(word.exact != word.folded for term in self.terms for word in term.words)

    @property
    def is_beginning(self) -> bool:
        """Whether the last word was typed as a beginning."""
        return any(term.is_prefix for term in self.terms)

    @property
    def folded_words(self) -> tuple[str, ...]:
        """Its whole words, folded, each once."""
        found = [word.folded for word in self._all_words()]
        return tuple(dict.fromkeys(found[:-1] if self.is_beginning else found))

    def expression(self, places: Places) -> str:
        """Return the FTS5 expression for a place; empty without terms.

        Of a phrase of three words and more it asks for pairs and triples, wherever these stand.
        """
        whole = " AND ".join(_expression(term, places) for term in self.terms)
        code = self._as_code() if places.form == "f" and len(self.terms) > 1 else None
        # 12 QĐ UBND typed for 12QĐ/UBND.
        return whole if code is None else f'(({whole}) OR "{code}")'

    def _as_code(self) -> str | None:
        return None if self.is_quoted else joined([word.folded for word in self._all_words()])

    def _all_words(self) -> tuple[Word, ...]:
        return tuple(word for term in self.terms for word in term.words)


def parse_query(text: str) -> Query:
    """Understand what was typed; every string has a meaning.

    Words must all be on a paper. Words in quotes must stand together, and so must the parts of a
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
        return Term(words=tuple(words(quoted)), is_verbatim=True)
    found = tuple(words(piece.group()))
    is_prefix = (
        is_last
        and piece.group().endswith("*")
        and bool(found)
        and len(found[-1].folded) >= MIN_PREFIX
    )
    code = None if is_prefix else joined([word.folded for word in found])
    return Term(words=found, is_prefix=is_prefix, code=code, is_verbatim=is_prefix)


def _expression(term: Term, places: Places) -> str:
    """Let a term stand in the text, in the overlay where that is asked, or as near words do."""
    forms = term.forms(places.form)
    sign = EXACT_SIGN if places.form == "x" else ""
    whole = term.forms("f")[: len(forms) - term.is_prefix]
    found = []
    for over in ("", OVERLAY_SIGN) if places.overlay else ("",):
        threes = [over + three for three in triples(whole)]
        together = [*dict.fromkeys(threes), *phrase(forms, over + sign)]
        found.append(_all_of(together, is_prefix=term.is_prefix))
    if places.form == "f" and term.code:
        found.append(f'"{term.code}"')
    if len(forms) == 1 and not term.is_verbatim:
        found += (f'"{word}"' for word in places.variants.get(forms[0], ()))
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _all_of(words: Sequence[str], *, is_prefix: bool) -> str:
    quoted = [f'"{word}"' for word in words]
    if is_prefix:
        quoted[-1] += "*"
    return quoted[0] if len(quoted) == 1 else f"({' AND '.join(quoted)})"


def find_term(term: Term, column: Column, page: Sequence[str]) -> list[tuple[int, int]]:
    """Return where a term stands among the words of a page.

    Args:
        term: Looked for.
        column: Whose form the words of the page have.
        page: Its words in order.

    Returns:
        First and last word of each occurrence, as positions in `page`.
    """
    forms = term.forms(column)
    width = len(forms)
    found = []
    for first in _starts(forms, page, is_beginning=term.is_prefix and width == 1):
        window = tuple(page[first : first + width])
        if window == forms or (term.is_prefix and is_begun(window, forms)):
            found.append((first, first + width - 1))
    if not found and term.code and column == "f":
        return _find_joined(term.code, page)
    return found


def _starts(forms: tuple[str, ...], page: Sequence[str], *, is_beginning: bool) -> list[int]:
    if is_beginning:
        return [place for place, word in enumerate(page) if word.startswith(forms[0])]
    places = []
    try:
        place = page.index(forms[0])
        while True:
            places.append(place)
            place = page.index(forms[0], place + 1)
    except ValueError:
        return places


def is_begun(window: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    """Tell whether words are those of a term whose last one is a beginning."""
    return (
        len(window) == len(forms) and window[:-1] == forms[:-1] and window[-1].startswith(forms[-1])
    )


def _find_joined(code: str, page: Sequence[str]) -> list[tuple[int, int]]:
    """Return the runs of words that are a code, wherever it is parted."""
    found = []
    for first, word in enumerate(page):
        together, last = word, first
        while together != code and code.startswith(together) and last + 1 < len(page):
            last += 1
            together += page[last]
        if together == code:
            found.append((first, last))
    return found
