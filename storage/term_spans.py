"""Where a term stands in a text: by one pattern over the text as it is, not word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from config.vietnamese import fold
from storage.fold import exact, is_plain, placements, plain_spellings, words
from storage.query import NO_VARIANTS, Column, Term, Variants, find_term, is_begun

# Latin letters with all their marks: what a plain text is made of.
_PLAIN_LETTERS = [chr(code) for code in (*range(0x300), *range(0x1E00, 0x1F00))]
_GAP, _LOOSE_GAP = r"[\W_]+", r"[\W_]*"
_ENDS = r"(?![^\W_])"
# So many letters of a first word leave hardly any other words.
_TOLD = 2
# All terms of a query are looked for in one text before the next.
_is_plain = lru_cache(maxsize=2)(is_plain)


def term_spans(
    text: str, term: Term, column: Column, variants: Variants = NO_VARIANTS
) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each occurrence of a term, in order.

    Args:
        text: In NFC.
        term: Looked for.
        column: Form in which its words count.
        variants: Words that may stand for a word, where the word itself is not there.
    """
    found = list(_spans(text, term, column))
    if not found and not term.is_verbatim and len(term.words) == 1:
        near = variants.get(term.words[0].folded, ())
        found = [span for word in near for span in _plain_spans(text, (word,), "f")]
    yield from sorted(found)


def _spans(text: str, term: Term, column: Column) -> Iterator[tuple[int, int]]:
    if not _is_plain(text):
        page = words(text)
        forms = [word.exact if column == "x" else word.folded for word in page]
        for first, last in find_term(term, column, forms):
            yield page[first].start, page[last].end
        return
    found = list(_plain_spans(text, term.forms(column), column, is_prefix=term.is_prefix))
    if not found and term.code and column == "f":
        found = [match.span() for match in _code_pattern(term.code).finditer(text)]
    yield from found


def _plain_spans(
    text: str, forms: tuple[str, ...], column: Column, *, is_prefix: bool = False
) -> Iterator[tuple[int, int]]:
    side = 0 if column == "x" else 1
    for match in _pattern(forms, column, is_prefix=is_prefix).finditer(text):
        start, end = match.start(), match.end(1)
        found = tuple(word[side] for word in plain_spellings(text[start:end]))
        if found == forms or (is_prefix and is_begun(found, forms)):
            yield start, end


@lru_cache(maxsize=256)
def _pattern(forms: tuple[str, ...], column: Column, *, is_prefix: bool) -> re.Pattern[str]:
    """Return the pattern of where some words may stand; its group ends with the last of them.

    It tells the first letters, and how many there are: to make a pattern of every letter with all
    its marks takes longer than to look through a page.
    """
    classes = _classes(forms[0], column)[:_TOLD]
    lengths = [len(forms[0]) - len(classes), *map(len, forms[1:])]
    rest = _GAP.join(rf"[^\W_]{{{length}}}" for length in lengths)
    end = rf"[^\W_]*{_ENDS}" if is_prefix else _ENDS
    # Behind a word that begins so, the next one may begin, too.
    return re.compile(f"{_begun(classes[0], ''.join(classes))}(?=({rest}{end}))")


def _classes(form: str, column: Column) -> list[str]:
    letters = _letters(column)
    spelled = sorted(placements(form)) if column == "x" else [form]
    same_length = [spelling for spelling in spelled if len(spelling) == len(form)]
    return [
        f"[{''.join(dict.fromkeys(letters.get(sign, re.escape(sign)) for sign in signs))}]"
        for signs in zip(*same_length, strict=True)
    ]


def _begun(first: str, pattern: str) -> str:
    # Behind the first letter, so that the engine may leap to letters of its class.
    return rf"{first}(?<![^\W_][^\W_])" + pattern.removeprefix(first)


@lru_cache(maxsize=256)
def _code_pattern(code: str) -> re.Pattern[str]:
    signs = [_classes(sign, "f")[0] for sign in code]
    return re.compile(_begun(signs[0], _LOOSE_GAP.join(signs)) + _ENDS)


@cache
def _letters(column: Column) -> dict[str, str]:
    """Return for each letter of a form the letters that become it, as a class spells them."""
    form = exact if column == "x" else fold
    sources: dict[str, list[str]] = {}
    for letter in _PLAIN_LETTERS:
        if letter.isalnum():
            sources.setdefault(form(letter), []).append(re.escape(letter))
    return {letter: "".join(found) for letter, found in sources.items()}
