"""Labels of a form and what was filled in behind them, by where both stand on the page.

A value stands behind its label and colon, in the same row; where nothing does, in the next cell of
the row, or right below. A blank that was left empty, or filled in by pen, gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from digitize.cells import at_colons, at_columns, at_rules, column_starts
from digitize.label_words import (
    ADDRESSES,
    BULLET,
    fold_label,
    is_alike,
    is_name_behind,
    is_of_cited,
    may_begin,
    value_after,
)
from digitize.layout import height_of, in_one_row, split_at_gaps
from digitize.model import Box, Line, MarkKind, RecognizedPage, Word
from digitize.ocr import make_line
from digitize.wrapped_labels import NEXT_ROW, is_right_below, joined

_BLANK = re.compile(r"^[\W_]*$")
# Of the longer of two letters' heights.
_SAME_ROW = 0.5
_INDENT, _HEAD_INDENT, _ROW_OF_TABLE = 0.5, 8.0, 2.2
# More words than any field has.
_LONGEST, _LONGEST_TAIL = 60, 3
# So many other labels in a row without colons make it the head of a table.
_HEADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A label on a page, and what stands behind it."""

    label: str
    """As the rules spell it, folded."""
    printed: tuple[Word, ...]
    """Its own words."""
    box: Box
    """Of the label; of the cell, where a label heads a row of several."""
    words: tuple[Word, ...]
    """Behind it; empty for a blank."""
    more: tuple[Word, ...]
    """Of the rows below, where these go on in them."""
    tail: tuple[Word, ...]
    """Right below label or value, in capitals: what did not fit into a narrow cell."""
    is_cut: bool
    """It goes on in a row that could not be told from another entry."""
    has_colon: bool
    """A colon or the border of a cell parts both; without, the label may be running text."""
    is_near: bool
    """The value stands right behind its label, not in another cell or row."""
    is_alone: bool
    """Nothing else stands in the label's row."""
    is_column: bool
    """The value is one of several cells behind the label, each in a column of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What an entry has before its value."""

    label: str
    printed: tuple[Word, ...]
    box: Box
    has_colon: bool
    is_near: bool = False
    is_alone: bool = False
    is_column: bool = False


_Hit = tuple[Line, int, int, int, str]
"""A cell, the words where its label begins and ends and its value begins, and the label."""


@dataclass(frozen=True)
class Form:
    """A page as a form: its cells, and the entries of a list of labels."""

    page: RecognizedPage
    labels: frozenset[str]
    """All labels that end the value before them, folded."""
    inline: frozenset[str] = frozenset()
    """Those of them that may stand within a clause."""

    @cached_property
    def cells(self) -> tuple[Line, ...]:
        """The page's segments, top down, a word at each colon."""
        starts = column_starts(self.page.lines)
        parts = [
            part
            for line in self.page.lines
            for cell in at_rules(at_colons(line))
            for piece in at_columns(cell, starts)
            for part in split_at_gaps(piece)
        ]
        placed = sorted(parts, key=lambda line: (round(line.box[1]), line.box[0]))
        return tuple(joined(placed, self.labels))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """What the labels say, in reading order; blanks too."""
        return tuple(
            entry for cell in self.cells for hit in self._hits(cell) for entry in self._of(*hit)
        )

    @cached_property
    def _seen(self) -> dict[int, list[_Hit]]:
        """The labels in each cell, by the cell's identity; cells live as long as the form."""
        return {id(cell): self._find(cell) for cell in self.cells}

    @cached_property
    def _tokens(self) -> dict[str, list[tuple[str, ...]]]:
        """Labels by their first letter, the longest first."""
        ranked = sorted((tuple(label.split()) for label in self.labels), key=len, reverse=True)
        found: dict[str, list[tuple[str, ...]]] = {}
        for label in ranked:
            found.setdefault(label[0][0], []).append(label)
        return found

    def _hits(self, cell: Line) -> list[_Hit]:
        return self._seen[id(cell)]

    def _find(self, cell: Line) -> list[_Hit]:
        words = cell.words
        tokens = [tuple(fold_label(word.text).split()) for word in words]
        found: list[_Hit] = []
        at = 0
        while at < len(words):
            label, end = self._label_at(words, tokens, at)
            if label and not self._may_stand(label, words, at):
                label = ""
            value = value_after(words, end) if label else None
            if label and value is not None:
                found.append((cell, at, end, value, label))
                at = value
            else:
                at += 1
        return found

    def _may_stand(self, label: str, words: Sequence[Word], at: int) -> bool:
        if label in ADDRESSES:
            return all(BULLET.match(word.text) for word in words[:at])
        if at and is_of_cited(words, at):
            return False
        return may_begin(words, at) or label in self.inline

    def _label_at(
        self, words: Sequence[Word], tokens: Sequence[tuple[str, ...]], at: int
    ) -> tuple[str, int]:
        """Return the longest label that begins at a word, and the word behind it."""
        if not tokens[at]:
            return "", at
        for label in self._tokens.get(tokens[at][0][0], []):
            read: list[str] = []
            end = at
            while len(read) < len(label) and end < len(words):
                read += tokens[end]
                end += 1
            is_one = not any(word.text.endswith(":") for word in words[at : end - 1])
            # Misread labels of one word are like other words: CƯỜNG is no Chồng.
            like = is_alike if len(label) > 1 else str.__eq__
            if is_one and len(read) == len(label) and all(map(like, read, label)):
                return " ".join(label), end
        return "", at

    def _of(self, cell: Line, start: int, end: int, value: int, label: str) -> Iterator[Entry]:
        """Yield the entry of a label; of the head of a table's row, one for each cell behind it."""
        printed = cell.words[start:end]
        box = make_line(list(printed)).box
        has_colon = any(word.text.endswith(":") for word in cell.words[start:value])
        behind = cell.words[value : self._end_of_value(cell, value)]
        head = _Head(label=label, printed=printed, box=box, has_colon=has_colon)
        if behind or value < len(cell.words):
            is_parted = has_colon or is_name_behind(printed, behind)
            yield self._entry(replace(head, has_colon=is_parted, is_near=True), behind)
            return
        is_cell = all(BULLET.match(word.text) for word in cell.words[:start])
        row = [other for other in self.cells if other is not cell and in_one_row(cell, other)]
        heads_a_column = not has_colon and sum(map(self._is_bare_label, row)) >= _HEADS
        beside = [] if heads_a_column else self._beside(cell)
        head = replace(head, is_alone=not row)
        if len(beside) < 2:
            words = beside[0] if beside else self._below(cell, box, is_head=not has_colon)
            yield self._entry(replace(head, has_colon=has_colon or is_cell), words)
            return
        for words in beside:
            column = make_line(list(words)).box
            cell_head = replace(head, box=column, has_colon=is_cell, is_column=True)
            yield self._entry(cell_head, words)

    def _is_bare_label(self, cell: Line) -> bool:
        """Tell whether a cell is a label without a colon and nothing else, as heads of tables."""
        hits = self._hits(cell)
        return len(hits) == 1 and hits[0][3] >= len(cell.words) and ":" not in cell.text

    def _entry(self, head: _Head, behind: Sequence[Word]) -> Entry:
        box = head.box
        is_by_hand = self._is_by_hand(box, behind)
        blank = is_by_hand or all(_BLANK.match(word.text) for word in behind)
        words = () if blank else tuple(behind)
        left = words[0].box[0] if words and not head.is_near else None
        more, is_cut = self._rows_below(words, left)
        return Entry(
            label=head.label,
            printed=head.printed,
            box=box,
            words=words,
            more=more,
            tail=self._tail(box) or self._tail(make_line(list(words)).box) if words else (),
            is_cut=is_cut,
            has_colon=head.has_colon,
            is_near=head.is_near,
            is_alone=head.is_alone,
            is_column=head.is_column,
        )

    def _tail(self, box: Box) -> tuple[Word, ...]:
        height = box[3] - box[1]
        for other in self.cells:
            is_below = -0.3 * height <= other.box[1] - box[3] <= height
            if is_below and abs(other.box[0] - box[0]) <= _INDENT * 4 * height:
                is_rest = not self._hits(other) and all(word.text.isupper() for word in other.words)
                return other.words if is_rest and len(other.words) <= _LONGEST_TAIL else ()
        return ()

    def _end_of_value(self, cell: Line, value: int) -> int:
        return next((hit[1] for hit in self._hits(cell) if hit[1] >= value), len(cell.words))

    def _beside(self, cell: Line) -> list[tuple[Word, ...]]:
        """Return what stands in the cells to the right, up to the next label."""
        row = [
            other
            for other in self.cells
            if other is not cell and other.box[0] >= cell.box[2] and in_one_row(cell, other)
        ]
        found: list[tuple[Word, ...]] = []
        for other in sorted(row, key=lambda other: other.box[0]):
            if found and other.box[0] < found[-1][-1].box[2]:
                # A lower row of the same cell.
                continue
            words = self._before_labels(other)
            found += [words] if words else []
            if len(words) < len(other.words):
                break
        return found

    def _below(self, cell: Line, box: Box, *, is_head: bool) -> tuple[Word, ...]:
        # The head of a column stands about its middle.
        indent = _HEAD_INDENT * height_of(cell) if is_head else 4 * _INDENT * height_of(cell)
        head = self._under_head(cell) if is_head else None
        if head is not None:
            return self._before_labels(head)
        below = [other for other in self.cells if is_right_below(box, other, indent)]
        if below and not is_head and below[0].words[0].text.startswith("("):
            # A hint how to fill it in; the value stands below that.
            below = [other for other in self.cells if is_right_below(below[0].box, other, indent)]
        follower = below[0] if below else self._row_after(cell)
        return () if follower is None else self._before_labels(follower)

    def _under_head(self, cell: Line) -> Line | None:
        """Return the cell below the head of a table's column; None where it is no such head.

        A head stands in the middle of its column, a value at the left: it begins behind the head
        before, and not behind its own.
        """
        row = [other for other in self.cells if other is not cell and in_one_row(cell, other)]
        left = max((other.box[2] for other in row if other.box[2] <= cell.box[0]), default=0.0)
        room = _ROW_OF_TABLE * height_of(cell)
        below = [
            other
            for other in (self.cells if row else ())
            if -0.3 * height_of(cell) <= other.box[1] - cell.box[3] <= room
            and left <= other.box[0] < cell.box[2]
            and not self._hits(other)
        ]
        meeting = [other for other in below if other.box[2] > cell.box[0]]
        return next(iter(meeting or below), None)

    def _before_labels(self, cell: Line) -> tuple[Word, ...]:
        return cell.words[: self._end_of_value(cell, 0)]

    def _row_after(self, cell: Line) -> Line | None:
        """Return the row below a cell that ends its row, wherever that row begins."""
        follower = self._row_below(cell)
        is_end = follower is not None and self._is_broken(cell.words[-1], follower.words[0])
        return follower if is_end else None

    def _is_by_hand(self, box: Box, behind: Sequence[Word]) -> bool:
        """Tell whether a pen went over the value, or over the row where one would stand."""
        right = max((word.box[2] for word in behind), default=box[2] + 4 * (box[3] - box[1]))
        bottom = max((word.box[3] for word in behind), default=box[3])
        left = min((word.box[0] for word in behind), default=box[2])
        place = (min(box[2], left), box[1], right, bottom)
        pen = (mark.box for mark in self.page.marks if mark.kind is MarkKind.PEN)
        return any(_covers(mark, place) for mark in pen)

    def _rows_below(
        self, words: Sequence[Word], left: float | None
    ) -> tuple[tuple[Word, ...], bool]:
        """Return the rows that a value goes on in, and whether it goes on further.

        A row was broken where the first word of the next would not have stood in it any more.
        `left` is where a cell begins, which its further rows do too.
        """
        found: list[Word] = []
        last = list(words)
        while last:
            follower = self._row_below(make_line(last[-1:]), left)
            if follower is None or not self._is_broken(last[-1], follower.words[0]):
                break
            if self._hits(follower) or _starts_new(follower) or len(found) >= _LONGEST:
                return tuple(found), follower.words[0].text[0].islower()
            last = list(follower.words)
            found += last
        return tuple(found), False

    @cached_property
    def _right_margin(self) -> float:
        return max((line.box[2] for line in self.page.lines), default=self.page.width)

    def _is_broken(self, last: Word, first: Word) -> bool:
        return last.box[2] + (first.box[2] - first.box[0]) > self._right_margin

    def _row_below(self, line: Line, left: float | None = None) -> Line | None:
        height = height_of(line)
        for other in self.cells:
            is_next = -0.3 * height <= other.box[1] - line.box[3] <= NEXT_ROW * height
            if is_next and (left is None or abs(other.box[0] - left) <= 2 * height):
                return other
        return None


def _starts_new(line: Line) -> bool:
    first = line.words[0].text
    return bool(BULLET.match(first)) or any(word.text.endswith(":") for word in line.words)


def _covers(mark: Box, place: Box) -> bool:
    """Tell whether a mark lies on a place, more than it touches its edge."""
    width = min(mark[2], place[2]) - max(mark[0], place[0])
    height = min(mark[3], place[3]) - max(mark[1], place[1])
    return width > 0 and height > _SAME_ROW / 2 * (place[3] - place[1])
