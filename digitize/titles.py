"""The only door to rapidfuzz in this package: how alike a read title and a printed one are."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from config.vietnamese import fold

# A title this short is also the beginning of many others: only the whole line counts.
_SHORT_TITLE = 12
_BEGINNING_WEIGHT = 0.4


def normalise_title(text: str) -> str:
    """Fold a title and reduce everything but letters and digits to single spaces."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(text)).split())


def title_likeness(read: str, printed: str) -> float:
    """Return how alike two titles are, 0 to 1.

    A read line may go on after the printed title ("QUYẾT ĐỊNH Về việc ..."): then its beginning
    counts, less the more of the line is left over. Marks decide between readings that fold alike.
    """
    folded_read, folded_printed = normalise_title(read), normalise_title(printed)
    whole = fuzz.ratio(folded_read, folded_printed) / 100
    if len(folded_read) > len(folded_printed) >= _SHORT_TITLE:
        beginning = fuzz.ratio(folded_read[: len(folded_printed)], folded_printed) / 100
        covered = len(folded_printed) / len(folded_read)
        whole = max(whole, beginning * (1 - _BEGINNING_WEIGHT * (1 - covered)))
    marks = fuzz.ratio(read.casefold(), printed.casefold()) / 100
    return 0.9 * whole + 0.1 * max(marks, whole if whole < 1 else marks)


def holds_phrase(text: str, phrase: str) -> bool:
    """Tell whether a folded text holds a phrase, small reading errors allowed."""
    return fuzz.partial_ratio(normalise_title(phrase), text) >= 90
