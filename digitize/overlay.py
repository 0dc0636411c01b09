"""Words of marks, set apart from the running text once a page is read.

Print under a seal or a signature stays running text: names of signatories stand there. A word goes
over to the overlay where it lies in a mark and does not read like print, and where nothing of its
line does. Where no mark was found, rows that lean, and what is far larger or smaller than the
page's print and does not read like it, are no print either. Nothing is lost: the overlay is kept
with the page.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digitize.layout import split_at_gaps
from digitize.leaning_rows import leans
from digitize.model import Line, Mark, MarkKind, Word
from digitize.ocr import make_line
from digitize.syllables import is_legal, legal_share

# Print reads at 0.85 and more, damaged print at 0.4; strokes read as letters stay below.
_SURE, _HALF_SURE, _UNSURE = 0.8, 0.5, 0.3
# What strokes, rules and dirt are read as, and no paper prints by itself.
_STROKES = frozenset("|_\\~^`´¨¬¦<>«»‹›=*'\"“”‘’°•·.,:;-–—!¡¿§£¥¢®©@#}{][)(/+")
_OF_LISTS = frozenset("-–—+*•·/")
_LETTERS_OF_A_WORD, _SHORTEST = 2, 2
# So many other words that read like print make a row of print.
_WORDS_OF_A_ROW = 2
# A word that lies farther off than this many heights is no part of its line.
_APART = 2.0
# Of the height of the page's print: strokes that were read as letters are larger, tone marks that
# were read as a row by themselves are lower.
_HUGE, _TINY = 1.9, 0.45
# What no word is reads below the first, what may be one below the second, where a pen wrote it.
_NO_WORD, _HARDLY_A_WORD = 0.65, 0.42
# So many words that read like print make a row of print, though others in it do not.
_WORDS_OF_PRINT = 3
# So many rows that begin at one place make a block; a clerk's notes beside it have few words.
_ROWS_OF_A_BLOCK, _WORDS_OF_A_NOTE = 3, 4
# It begins so far outside, heights.
_OUTSIDE = 1.0
# What papers print between their parts and to write on.
_RULED = frozenset("-–—_.…*:o ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """The lines of a page, set apart."""

    lines: tuple[Line, ...]
    """The running text."""
    overlay: tuple[Line, ...]
    """What was read in marks."""


def set_apart(lines: Sequence[Line], marks: Sequence[Mark]) -> Apart:
    """Part the words of marks from the running text; boxes of both in one measure."""
    running, overlay = [], []
    sheet = _sheet_of(lines)
    for line in lines:
        written = _written(line, sheet, marks)
        inside = [id(word) in written or _is_of_mark(word, line, marks) for word in line.words]
        kept = [word for word, is_out in zip(line.words, inside, strict=True) if not is_out]
        gone = [word for word, is_out in zip(line.words, inside, strict=True) if is_out]
        if not gone:
            running.append(line)
            continue
        if kept:
            running.append(make_line(kept))
        overlay.append(make_line(gone))
    return Apart(lines=tuple(running), overlay=tuple(overlay))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """What the print of a page is like; both are 0 where there is too little of it."""

    tall: float
    """The usual height of its words."""
    left: float
    """Where its outermost rows begin."""


def _sheet_of(lines: Sequence[Line]) -> _Sheet:
    words = [
        word
        for line in lines
        for word in line.words
        if len(word.text) > 1 and reads_like_print(word)
    ]
    starts = sorted(
        part.words[0].box[0]
        for line in lines
        for part in split_at_gaps(line)
        if sum(map(reads_like_print, part.words)) >= _WORDS_OF_A_ROW or _is_sure(part.words)
    )
    tall = statistics.median(word.box[3] - word.box[1] for word in words) if words else 0.0
    aligned = (
        start
        for start, later in zip(starts, starts[_ROWS_OF_A_BLOCK - 1 :], strict=False)
        if later - start < tall
    )
    return _Sheet(tall=tall, left=next(aligned, 0.0))


def _is_sure(words: Sequence[Word]) -> bool:
    """Tell whether all of a few words are print: cells of a column of numbers stand alone."""
    return all(reads_like_print(word) and word.confidence >= _NO_WORD for word in words)


def _written(line: Line, sheet: _Sheet, marks: Sequence[Mark]) -> set[int]:
    """Return which words of a line, by identity, are no print by how they lie and how large."""
    if _is_scraps(line, sheet):
        return {id(word) for word in line.words}
    found = {
        id(word)
        for word in line.words
        if word.confidence < _HALF_SURE
        and word.box[3] - word.box[1] > _HUGE * sheet.tall > 0
        and not reads_like_print(word)
    }
    parts = split_at_gaps(line)
    for part in (line, *parts) if len(parts) > 1 else parts:
        is_cell = part is not line and _is_sure(part.words)
        if (_is_beside(part, sheet) and not is_cell) or (
            not _meets_seal(part, marks) and _is_written_by_hand(part.words)
        ):
            found |= {id(word) for word in part.words}
    return found


def _is_scraps(line: Line, sheet: _Sheet) -> bool:
    """Tell whether a line is tone marks, dots and dashes of marks, read by themselves."""
    if all(word.box[3] - word.box[1] < _TINY * sheet.tall for word in line.words):
        return True
    return not any(map(str.isalnum, line.text)) and not set(line.text) <= _RULED


def _is_beside(part: Line, sheet: _Sheet) -> bool:
    """Tell whether a few words stand left of where the rows of a page begin."""
    begins_outside = part.box[0] < sheet.left - _OUTSIDE * sheet.tall
    is_outside = begins_outside and (part.box[0] + part.box[2]) / 2 < sheet.left
    return is_outside and len(part.words) <= _WORDS_OF_A_NOTE


def _is_written_by_hand(words: Sequence[Word]) -> bool:
    """Tell whether words, some of which are hardly words, stand on a line that leans."""
    is_print = sum(map(reads_like_print, words)) >= _WORDS_OF_PRINT
    return not is_print and any(map(_is_hardly_a_word, words)) and leans(words)


def _meets_seal(line: Line, marks: Sequence[Mark]) -> bool:
    """Tell whether a seal lies on a line: what it damages has other boxes than its letters have."""
    return any(
        mark.kind is MarkKind.SEAL
        and mark.box[0] < line.box[2]
        and line.box[0] < mark.box[2]
        and mark.box[1] < line.box[3]
        and line.box[1] < mark.box[3]
        for mark in marks
    )


def _is_hardly_a_word(word: Word) -> bool:
    """Tell whether letters were read that make no word, or quite unsurely."""
    if not any(map(str.isalpha, word.text)) or any(map(str.isdigit, word.text)):
        return False
    is_word = is_legal(word.text)
    return word.confidence < (_HARDLY_A_WORD if is_word else _NO_WORD)


def reads_like_print(word: Word) -> bool:
    """Tell whether a word is one that papers print: a legal syllable, an abbreviation, a number."""
    letters = sum(letter.isalnum() for letter in word.text)
    if letters < _LETTERS_OF_A_WORD:  # an ordinal of a row, a list's letter
        return letters == 1 and len(word.text) <= _SHORTEST and word.confidence >= _SURE
    if letters * 2 < len(word.text):
        return False
    has_digits = any(letter.isdigit() for letter in word.text)
    return word.confidence >= (_HALF_SURE if is_legal(word.text) or has_digits else _SURE) and (
        has_digits or legal_share([word.text]) == 1.0
    )


def _is_of_mark(word: Word, line: Line, marks: Sequence[Mark]) -> bool:
    kinds = {mark.kind for mark in marks if _holds(mark, word)}
    if MarkKind.STAMP in kinds:
        outside = [other for other in line.words if not _lies_in_stamp(other, marks)]
        return sum(map(reads_like_print, outside)) < _WORDS_OF_A_ROW
    if kinds:
        is_print = reads_like_print(word) or _belongs_to_row(word, line)
        return not is_print and not _begins_item(word, line)
    return _is_dirt(word, line)


def _belongs_to_row(word: Word, line: Line) -> bool:
    """Tell whether a damaged word of a name, or a name's initial, stands among printed words."""
    others = sum(reads_like_print(other) for other in line.words if other is not word)
    if others < _WORDS_OF_A_ROW:
        return False
    if len(word.text) == 1:
        return word.text.isupper() and word.confidence >= _HALF_SURE
    return is_legal(word.text) and word.confidence >= _UNSURE


def _is_dirt(word: Word, line: Line) -> bool:
    """Tell what is no print though no mark was found there."""
    if reads_like_print(word) or word.confidence >= _SURE or _begins_item(word, line):
        return False
    others = [other for other in line.words if other is not word]
    if not any(map(reads_like_print, others)):
        # A measure beside a drawing stands alone, and has no dictionary.
        is_number = word.text.isalnum() and any(letter.isdigit() for letter in word.text)
        if is_number:
            return word.confidence < _UNSURE
        return word.confidence < _HALF_SURE or not any(map(str.isalnum, line.text))
    if set(word.text) <= _STROKES:
        return not set(word.text) <= _OF_LISTS
    return word.confidence < _UNSURE and _stands_apart(word, others)


def _begins_item(word: Word, line: Line) -> bool:
    """Tell whether a word is the dash before an item of a list."""
    is_first = word is line.words[0] and set(word.text) <= _OF_LISTS
    return is_first and any(map(reads_like_print, line.words[1:]))


def _stands_apart(word: Word, others: Iterable[Word]) -> bool:
    """Tell whether a word lies far from all others of its line."""
    height = word.box[3] - word.box[1]
    gaps = [max(other.box[0] - word.box[2], word.box[0] - other.box[2]) for other in others]
    return min(gaps, default=0.0) > _APART * height


def _lies_in_stamp(word: Word, marks: Sequence[Mark]) -> bool:
    return any(mark.kind is MarkKind.STAMP and _holds(mark, word) for mark in marks)


def _holds(mark: Mark, word: Word) -> bool:
    """Tell whether the middle of a word lies in a mark; seals are round."""
    left, top, right, bottom = mark.box
    x = (word.box[0] + word.box[2]) / 2 - (left + right) / 2
    y = (word.box[1] + word.box[3]) / 2 - (top + bottom) / 2
    across, down = (right - left) / 2, (bottom - top) / 2
    if mark.kind is MarkKind.SEAL:
        return (x / max(across, 1)) ** 2 + (y / max(down, 1)) ** 2 <= 1
    return abs(x) <= across and abs(y) <= down
