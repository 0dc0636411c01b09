"""The only door to rapidfuzz in this package: how alike a read title and a printed one are."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from config.vietnamese import fold

# A title this short is also the beginning of many others: only the whole line counts.
_SHORT_TITLE = 12
_BEGINNING_WEIGHT = 0.4
# Of so many letters of a word, one may be misread before it counts as another word.
_LETTERS_PER_ERROR = 3
# A title of so many words is no beginning of another kind's.
_LONG_TITLE_WORDS = 5
_SAME_PHRASE = 0.9
_DIGITS_AS_LETTERS = str.maketrans("0158", "oisb")


@lru_cache(maxsize=4096)
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


def has_same_words(read: str, printed: str) -> bool:
    """Tell whether two titles differ by misread letters only, not by a word.

    "HỢP ĐỒNG THUÊ NHÀ" and "HỢP ĐỒNG THẾ CHẤP" are alike in letters and are two kinds of paper.
    """
    words, wanted = _letters(read), _letters(printed)
    if len(words) != len(wanted):  # words run together or torn apart, at most
        return Levenshtein.distance("".join(words), "".join(wanted)) <= 1
    return all(
        Levenshtein.distance(word, other) <= max(len(other) // _LETTERS_PER_ERROR, 1)
        for word, other in zip(words, wanted, strict=True)
    )


def count_misread(read: str, printed: str) -> int:
    """Return how many letters were misread, left out or added."""
    return Levenshtein.distance(read, printed)


def begins_with_words(read: str, printed: str) -> bool:
    """Tell whether a read title begins with all words of a long printed one, and goes on."""
    words, wanted = normalise_title(read).split(), normalise_title(printed).split()
    if not _LONG_TITLE_WORDS <= len(wanted) < len(words):
        return False
    return has_same_words(" ".join(words[: len(wanted)]), " ".join(wanted))


@lru_cache(maxsize=4096)
def _letters(title: str) -> tuple[str, ...]:
    """Return the words of a title, digits that stand for letters undone; single signs are dirt."""
    words = (
        re.sub(r"[^a-z0-9]+", "", fold(word)).translate(_DIGITS_AS_LETTERS)
        for word in title.split()
    )
    return tuple(word for word in words if len(word) > 1)


def holds_phrase(text: str, phrase: str) -> bool:
    """Tell whether a folded text holds a phrase, small reading errors allowed."""
    return phrase_likeness(text, phrase) >= _SAME_PHRASE


def phrase_likeness(text: str, phrase: str) -> float:
    """Return how like a phrase the part of a folded text is that is most like it, 0 to 1.

    A text shorter than the phrase holds none.
    """
    wanted = normalise_title(phrase)
    if not wanted or len(text) < len(wanted):
        return 0.0
    return fuzz.partial_ratio(wanted, text) / 100
