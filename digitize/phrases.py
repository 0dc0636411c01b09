"""Which syllables follow each other in the law: counted from gazetted texts, nothing else.

The texts lie in `language/`, each with its origin on top. Laws, decrees and circulars are free of
copyright (Luật Sở hữu trí tuệ Điều 15). They are counted when they are first needed, so that what
is known can be read, checked and added to as text.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from config.vietnamese import fold
from digitize.syllables import canonical

NUMBER = "#"
"""Stands for every word with a digit."""
BREAK = ""
"""Stands between sentences and their parts: nothing follows on over it."""
_FOLDER = Path(__file__).parent / "language"
_EDGES = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)
# Quotes and hyphens stand within a phrase; other marks end it.
_JOINING = frozenset("\"'“”‘’«»")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Counts of syllables, and of two and three in a row."""

    words: Counter[str]
    pairs: Counter[tuple[str, str]]
    triples: Counter[tuple[str, str, str]]
    twins: dict[str, tuple[str, ...]]
    """Known syllables by what is left of them without marks."""


@lru_cache(maxsize=1 << 14)
def split_edges(word: str) -> tuple[str, str, str]:
    """Return the punctuation before a word, the word, and the punctuation after it."""
    match = _EDGES.match(word)
    return (match[1], match[2], match[3]) if match else ("", word, "")


@lru_cache(maxsize=1 << 14)
def keys(word: str) -> tuple[str, ...]:
    """Return how a word is counted, with breaks where punctuation stands."""
    before, core, after = split_edges(word)
    found = [BREAK] if set(before) - _JOINING else []
    if core:
        found.append(NUMBER if any(map(str.isdigit, core)) else canonical(core))
    if set(after) - _JOINING:
        found.append(BREAK)
    return tuple(found)


def count(texts: Iterable[str]) -> Phrases:
    """Count the syllables of texts; every line begins anew."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    triples: Counter[tuple[str, str, str]] = Counter()
    for line in (line for text in texts for line in text.splitlines()):
        row = [key for word in line.split() for key in keys(word)]
        words.update(row)
        pairs.update(pair for pair in itertools.pairwise(row) if BREAK not in pair)
        triples.update(
            triple for triple in zip(row, row[1:], row[2:], strict=False) if BREAK not in triple
        )
    del words[BREAK], words[NUMBER]
    return Phrases(words=words, pairs=pairs, triples=triples, twins=_by_letters(list(words)))


def _by_letters(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    twins: dict[str, tuple[str, ...]] = {}
    for word in words:
        letters = fold(word)
        twins[letters] = (*twins.get(letters, ()), word)
    return twins


@lru_cache(maxsize=1)
def of_law() -> Phrases:
    """Return the counts of the texts in `language/`."""
    files = sorted(_FOLDER.glob("*.txt"))
    return count(_without_origin(path.read_text(encoding="utf-8")) for path in files)


def _without_origin(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))
