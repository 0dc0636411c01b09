"""The words of the index: what of a text is put into it, each kind with a sign of its own.

A row of the index is a set of words, without their places: a word of the text, two that stand
side by side, how often one stands. A word of a text has letters and digits only, so that no text
and nothing that is typed can be taken for a word with a sign.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import add
from zlib import crc32

from storage.joined_codes import joined_codes

EXACT_SIGN = "="
"""Before words in the form in which spelling counts; folded ones have no sign."""
OVERLAY_SIGN = "~"
"""Before all that was read in seals, stamps and pen strokes."""
PAIR_SIGN = "+"
"""Before and between two words that stand side by side."""
TRIPLE_SIGN = "#"
"""Before a number that three folded words in a row have, and one in 16,384 others."""
OFTEN = {"^": 2, "^^": 4}
"""Before a folded word that stands so often in a row; a row has all that hold."""
LIMIT_SIGN = "@"
"""Before what filters and permissions ask for."""
SIGNS = EXACT_SIGN + OVERLAY_SIGN + PAIR_SIGN + TRIPLE_SIGN + "^" + LIMIT_SIGN

# Each as a word of its own, triples would make the index half as large again. So few
# numbers leave some doubt, and take one byte for each row.
_TRIPLES = [f"{TRIPLE_SIGN}{number:x}" for number in range(1 << 14)]
_MASK = len(_TRIPLES) - 1

Run = Sequence[tuple[str, str]]
"""Words that follow each other, each in its exact and its folded form."""


def row_words(runs: Sequence[Run], texts: Iterable[str], told: int) -> list[str]:
    """Return the words of the texts of a row; some of them twice.

    Args:
        runs: What stands together: no two words of different ones are side by side.
        texts: The same as they are; codes in them are found run together, too.
        told: So many of the runs, the first ones, say what the row is about: they count double.
    """
    found: list[str] = []
    for run in runs:
        found += _both_forms(run)
    for text in texts:
        found += sorted(joined_codes(text))
    counts = Counter(folded for run in (*runs, *runs[:told]) for _, folded in run)
    often = [word for word in counts.items() if word[1] > 1]
    for sign, least in OFTEN.items():
        found += [sign + word for word, count in often if count >= least]
    return found


def overlay_words(runs: Iterable[Run]) -> Iterator[str]:
    """Yield the words of seals, stamps and pen strokes."""
    return (OVERLAY_SIGN + word for run in runs for word in _both_forms(run))


def folded_words(run: Run) -> list[str]:
    """Return the words of a run, its pairs and its triples, folded."""
    words = [folded for _, folded in run]
    pairs = list(_pairs(words))
    return [*words, *pairs, *_triples(pairs, words)]


def triples(words: Sequence[str]) -> list[str]:
    """Return the words of the index that stand wherever three folded words follow each other."""
    return _triples(_pairs(words), words)


def _triples(pairs: Iterable[str], words: Sequence[str]) -> list[str]:
    found = map(add, pairs, [PAIR_SIGN + word for word in words[2:]])
    return [_TRIPLES[crc32(triple.encode()) & _MASK] for triple in found]


def phrase(words: Sequence[str], sign: str) -> list[str]:
    """Return the words of the index that stand wherever words follow each other.

    Of three and more that is necessary, not enough: pairs may stand apart.

    Args:
        words: In one form.
        sign: What stands before words of that form.
    """
    found = [sign + words[0]] if len(words) == 1 else _pairs(words, sign)
    return list(dict.fromkeys(found))


def _both_forms(run: Run) -> list[str]:
    words = [exact for exact, _ in run]
    exact = [EXACT_SIGN + word for word in words]
    return [*folded_words(run), *exact, *_pairs(words, EXACT_SIGN)]


def _pairs(words: Sequence[str], sign: str = "") -> Iterable[str]:
    signed = [PAIR_SIGN + word for word in words]
    return map(add, [sign + word for word in signed] if sign else signed, signed[1:])
