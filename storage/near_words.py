"""Words of the archive that recognition may have made of a word: one letter away.

Every spelling one letter away is made and looked up in the index, so there is no list of words to
keep: what is in the index is what can be found.
"""

from __future__ import annotations

import string
from itertools import accumulate

from storage.database import Database
from storage.query import Query
from storage.syllables import is_folded_syllable

# A shorter word is one letter from many others: most of what it found would be something else.
MIN_LETTERS = 4
MAX_VARIANTS = 30
# Each letter is some 70 lookups: the words of a sentence have so many, a run of nonsense has more.
MAX_LETTERS = 96
_LETTERS = string.ascii_lowercase + string.digits


def near_words(db: Database, query: Query) -> dict[str, tuple[str, ...]]:
    """Return, for each word that was typed alone, the words of the index that are near it.

    Codes, numbers, phrases and beginnings mean what they say: none of them has near words. Nor is
    another syllable near a syllable: it is another word, not a misread one. The most frequent come
    first, thirty at most. Of more than `MAX_LETTERS` letters together the longest words have none.

    Args:
        db: search.db.
        query: What was typed.
    """
    alone = (term for term in query.terms if len(term.words) == 1 and not term.is_verbatim)
    typed = {term.words[0].folded for term in alone}
    words = sorted(filter(_may_be_misread, typed), key=lambda word: (len(word), word))
    letters = accumulate(len(word) for word in words)
    looked_up = (word for word, so_far in zip(words, letters, strict=True) if so_far <= MAX_LETTERS)
    return {word: _known(db, _misread(word)) for word in looked_up}


def one_letter_away(word: str) -> set[str]:
    """Return every spelling that differs in one letter, or in two neighbours exchanged."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    lost = {left + right[1:] for left, right in cuts if right}
    exchanged = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    other = {left + letter + right[1:] for left, right in cuts if right for letter in _LETTERS}
    added = {left + letter + right for left, right in cuts for letter in _LETTERS}
    return (lost | exchanged | other | added) - {word}


def _may_be_misread(word: str) -> bool:
    return len(word) >= MIN_LETTERS and word.isascii() and word.isalpha()


def _misread(word: str) -> set[str]:
    near = one_letter_away(word)
    if not is_folded_syllable(word):
        return near
    return {spelling for spelling in near if not is_folded_syllable(spelling)}


def _known(db: Database, spellings: set[str]) -> tuple[str, ...]:
    db.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.paper_terms "
        "USING fts5vocab('main', 'paper_fts', 'row')"
    )
    query = "SELECT doc FROM temp.paper_terms WHERE term = ?"
    rows = ((spelling, db.row(query, (spelling,))) for spelling in spellings)
    found = {spelling: row["doc"] for spelling, row in rows if row is not None}
    return tuple(sorted(found, key=lambda word: (-found[word], word))[:MAX_VARIANTS])
