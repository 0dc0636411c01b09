"""Titles whose head nobody can read though their rest reads well: something lies on it.

A mark of secrecy in grey or black, without a frame, that was stamped on a bold title is one ink
with it. It is neither read nor known by its shape; what can be told is that something is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from digitize.layout import height_of, in_one_row
from digitize.model import Line, RecognizedPage, Word
from digitize.syllables import is_legal

# Where marks of secrecy stand, shares of the page.
_LEFT_SHARE, _UPPER_SHARE = 0.5, 0.5
# Words of a title that are read well, and how many of them show that it is one.
_WELL, _REST = 0.8, 2
# A word of the head is read so badly, and has so many letters.
_BADLY, _LETTERS = 0.5, 3
# The narrowest mark, points; the widest room between words, heights.
_LEAST_WIDE, _ROOM = 42.0, 1.5
# With these a row is a table's.
_CELLS = frozenset("|[]")


def has_unread_head(page: RecognizedPage) -> bool:
    """Tell whether the head of some title in the upper left could not be read."""
    rows = [row for row in (*page.lines, *page.overlay) if row.box[3] < _UPPER_SHARE * page.height]
    return any(_lies_on(head, page) for row in rows for head in _heads(row, rows))


def _heads(row: Line, rows: Sequence[Line]) -> Iterator[list[Word]]:
    """Yield the words before the first that are read well, of rows in capitals."""
    if sum(map(_is_well_read, row.words)) < _REST:
        return
    words = [word for other in rows if in_one_row(other, row) for word in other.words]
    words.sort(key=lambda word: word.box[0])
    pairs = pairwise(words)
    at = next((at for at, pair in enumerate(pairs) if all(map(_is_well_read, pair))), 0)
    head: list[Word] = []
    begins = words[at].box[0]
    for word in reversed(words[:at]):
        if begins - word.box[2] > _ROOM * height_of(row):
            break
        head.append(word)
        begins = word.box[0]
    if head:
        yield [*head[::-1], words[at]]


def _lies_on(head: Sequence[Word], page: RecognizedPage) -> bool:
    """Tell whether no word but the last one was read, and there is room for a mark."""
    *unread, following = head
    left = unread[0].box[0]
    is_there = left < _LEFT_SHARE * page.width and following.box[0] - left >= _LEAST_WIDE
    is_cell = any(_CELLS & set(word.text) or word.text.isdecimal() for word in unread)
    return (
        is_there
        and not is_cell
        and not any(map(_is_word, unread))
        and any(map(_is_rubbish, unread))
    )


def _is_well_read(word: Word) -> bool:
    text = word.text.strip(".,:;")
    is_word = len(text) > 1 and text.isupper() and text.isalpha() and is_legal(text)
    return is_word and word.confidence >= _WELL


def _is_word(word: Word) -> bool:
    return word.confidence >= _WELL or (word.confidence >= _BADLY and is_legal(word.text))


def _is_rubbish(word: Word) -> bool:
    """Tell whether a long word in capitals is none."""
    letters = [sign for sign in word.text if sign.isalpha()]
    is_long = len(letters) >= _LETTERS and any(map(str.isupper, letters))
    return is_long and word.confidence < _BADLY and not is_legal("".join(letters))
