"""The words of the index: what of a text is put into it, each kind with a sign of its own.

A row of the index is a set of words, without their places: a word of the text, two that stand
side by side, how often one stands. A word of a text has letters and digits only, so that no text
and nothing that is typed can be taken for a word with a sign.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from storage.joined_codes import joined_codes

EXACT_SIGN = "="
"""Before words in the form in which spelling counts; folded ones have no sign."""
OVERLAY_SIGN = "~"
"""Before all that was read in seals, stamps and pen strokes."""
PAIR_SIGN = "+"
"""Before and between two words that stand side by side."""
OFTEN = {"^": 2, "^^": 4, "^^^": 8}
"""Before a folded word that stands so often in a row; a row has all that hold."""
LIMIT_SIGN = "@"
"""Before what filters and permissions ask for."""
SIGNS = EXACT_SIGN + OVERLAY_SIGN + PAIR_SIGN + "^" + LIMIT_SIGN

Run = Sequence[tuple[str, str]]
"""Words that follow each other, each in its exact and its folded form."""


def row_words(runs: Sequence[Run], texts: Iterable[str], told: int) -> Iterator[str]:
    """Yield the words of the texts of a row; some of them twice.

    Args:
        runs: What stands together: no two words of different ones are side by side.
        texts: The same as they are; codes in them are found run together, too.
        told: So many of the runs, the first ones, say what the row is about: they count double.
    """
    for run in runs:
        yield from folded_words(run)
        yield from _exact_words(run)
    yield from chain.from_iterable(map(joined_codes, texts))
    counts = Counter(folded for run in (*runs, *runs[:told]) for _, folded in run)
    often = [word for word in counts.items() if word[1] > 1]
    for sign, least in OFTEN.items():
        yield from (sign + word for word, count in often if count >= least)


def overlay_words(runs: Iterable[Run]) -> Iterator[str]:
    """Yield the words of seals, stamps and pen strokes."""
    for run in runs:
        yield from (OVERLAY_SIGN + word for word in (*folded_words(run), *_exact_words(run)))


def folded_words(run: Run) -> Iterator[str]:
    """Yield the words of a run and its pairs, folded."""
    words = [folded for _, folded in run]
    yield from words
    yield from _pairs(words)


def phrase(words: Sequence[str], sign: str) -> list[str]:
    """Return the words of the index that stand wherever words follow each other.

    Of three and more that is necessary, not enough: pairs may stand apart.

    Args:
        words: In one form.
        sign: What stands before words of that form.
    """
    found = words if len(words) == 1 else _pairs(words)
    return list(dict.fromkeys(sign + word for word in found))


def _exact_words(run: Run) -> Iterator[str]:
    words = [exact for exact, _ in run]
    yield from (EXACT_SIGN + word for word in words)
    yield from (EXACT_SIGN + pair for pair in _pairs(words))


def _pairs(words: Sequence[str]) -> Iterator[str]:
    return (PAIR_SIGN + first + PAIR_SIGN + second for first, second in pairwise(words))
