"""Words under black seals, read with the page's own letters.

Where a seal and print are one black, no picture of the print alone can be had, and an engine reads
rubbish. So words are tried, letter by letter as this page prints them: under a seal stands only
what has all of its ink there. Between words that fit, the law and the page say which is likelier.
Digits are never guessed. What was read there before stays beside each word, as evidence.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from digitize.covered_rows import Gap, Sheet, find_gaps, lay_out
from digitize.frames import Picture
from digitize.lifting import Covered
from digitize.masks import Mask
from digitize.model import Box, Line, Word
from digitize.ocr import make_line
from digitize.own_print import Letter, alphabet
from digitize.phrases import keys, of_law, split_edges
from digitize.spotting import Lexicon, Scores, Spotted, Strip, make_lexicon, score_letters, spot
from digitize.syllables import canonical, is_legal, syllables

_POINTS_PER_INCH = 72.0
# Heights of small letters: between words at least; between neighbours at most; a word's own height.
_SPACE, _NEXT, _TALL = 0.22, 1.6, 1.4
# Marks that follow words, so near; what they cost; how much must speak for them.
_MARKS, _MARK_NEAR, _MARK_COST, _LEAST_MARK = ",.;:)", 8, 1.5, 2.0
# Counts of syllables that the law does not know. Capitals: any syllable may be a name. Half of a
# paper's words are its own. What each word costs, and how much a neighbour may speak for it.
_RARE, _CAPITAL, _OWN_SHARE = 2.0, -5.0, 0.5
_WORD_COST, _BOUND, _MOST_BOUND = 2.0, 1.5, 4.0
# What it counts that the engine read a word too.
_HEARD = 12.0
_MOST_SPOTTED, _SAME_PLACE, _A_PLACE = 220, 4, 5
# A word is taken when the ink of its letters is there, of each some, and enough of it where no seal
# explains it; a lone letter must be nearly whole.
_INKED, _LEAST_INKED, _OPEN, _LEAST_SCORE = 0.8, 0.45, 0.5, 25.0
_LONE_INKED, _LONE_OPEN = 0.9, 0.8
# What the engine read below this and no word explains was the seal; numbers above the other stay.
_RUBBISH, _SURE_NUMBER = 0.5, 0.8
_CONFIDENCE = 0.6
NOTHING_READ = "…"
"""What `Word.read` holds where nothing was read at all."""
_OVERLAP = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """Letters and words of rows that look alike."""

    letters: Mapping[str, Letter]
    lexicons: tuple[Lexicon, ...]
    """Words that may stand there."""

    def hope_of(self, word: str) -> float:
        """Return the logarithm of a known word's frequency."""
        return max(known.hopes[word] for known in self.lexicons if word in known.hopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A gap as it was scanned."""

    ink: Picture
    telling: Mask
    strip: Strip

    def ink_of(self, letter: Letter, left: int) -> tuple[float, float, float]:
        """Return how many points of a letter are inked, how many of these tell, and all."""
        shape = letter.weights > 0.5
        best = (0.0, 0.0)
        for top in range(self.strip.foot - letter.rise - 1, self.strip.foot - letter.rise + 2):
            place = (slice(top, top + shape.shape[0]), slice(left, left + shape.shape[1]))
            if self.ink[place].shape == shape.shape:
                both = (self.ink[place] > 0) & shape
                best = max(best, (float(both.sum()), float((both & self.telling[place]).sum())))
        return (*best, float(shape.sum()))


def read_under_seals(page: Covered, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines of a page, with the words that were found under its black seals.

    Args:
        page: the page with its seals.
        lines: its running text; boxes in points of the page.
    """
    sheet = lay_out(page, lines)
    own = _own_words(sheet)
    styles: dict[tuple[int, int, bool], _Style] = {}
    found = list(lines)
    for gap in (gap for ring in page.seals for gap in find_gaps(sheet, ring)):
        look = (round(gap.row.x_height), round(gap.row.weight * 4), gap.row.capitals)
        if look not in styles:
            styles[look] = _Style(
                letters=alphabet(sheet.ink, sheet.own, gap.row),
                lexicons=(own, _syllables(capitals=gap.row.capitals)),
            )
        words = _find(sheet, gap, styles[look])
        _weave(found, gap, words, page.dpi / _POINTS_PER_INCH)
    return tuple(found)


@lru_cache(maxsize=2)
def _syllables(*, capitals: bool) -> Lexicon:
    """Return all syllables, as frequent as in the law; arranged when they are first needed."""
    known = of_law().words
    total = math.log(known.total())
    hopes: dict[str, float] = {}
    for syllable in syllables():
        if syllable.startswith("q") and syllable[1:2] != "u":  # qúy, where print has quý
            continue
        hope = math.log(known[canonical(syllable)] + _RARE) - total
        if capitals:
            hopes[syllable.upper()] = hope
        else:
            hopes[syllable] = hope
            # Any syllable may be a name.
            hopes[syllable.capitalize()] = hope / 2 + _CAPITAL
    return make_lexicon(hopes)


def _own_words(sheet: Sheet) -> Lexicon:
    """Return the words that stand elsewhere on the page; no numbers."""
    said = Counter(
        split_edges(word.text)[1]
        for word in sheet.words
        if not word.covered and is_legal(word.text) and not any(map(str.isdigit, word.text))
    )
    share = math.log(_OWN_SHARE / max(said.total(), 1))
    return make_lexicon({word: math.log(count) + share for word, count in said.items()})


def _find(sheet: Sheet, gap: Gap, style: _Style) -> list[Spotted]:
    """Return the words that stand in a gap, as far as that can be told; pixels of the page."""
    is_small = gap.right - gap.left < gap.row.x_height
    if is_small or gap.top < 0 or gap.bottom > sheet.ink.shape[0]:
        return []
    place = (slice(gap.top, gap.bottom), slice(gap.left, gap.right))
    speaks = np.ascontiguousarray(sheet.speaks[place])
    strip = Strip(speaks=speaks, foot=gap.foot - gap.top)
    scores = score_letters(strip, style.letters)
    spotted = [
        replace(word, score=word.score + style.hope_of(word.text) + _HEARD * heard)
        for word in dict.fromkeys(
            word for known in style.lexicons for word in spot(scores, style.letters, known)
        )
        for heard in (gap.heard.get(word.text, 0.0),)
    ]
    spotted += _with_marks(spotted, scores, style.letters)
    seen = _Seen(ink=sheet.ink[place], telling=sheet.telling[place], strip=strip)
    return [
        replace(word, left=word.left + gap.left, right=word.right + gap.left)
        for word in _best_row(_thinned(spotted), sheet, gap)
        if _is_there(word, scores, style.letters, seen)
    ]


def _with_marks(
    spotted: Sequence[Spotted], scores: Scores, letters: Mapping[str, Letter]
) -> list[Spotted]:
    """Return words with the comma or full stop that follows them."""
    found = []
    for word in spotted:
        start = max(word.right - 1, 0)
        for mark in filter(scores.__contains__, _MARKS):
            near = scores[mark][start : word.right + _MARK_NEAR]
            if len(near) and near.max() > _LEAST_MARK:
                right = start + int(near.argmax()) + letters[mark].width
                score = word.score + float(near.max()) - _MARK_COST
                found.append(replace(word, text=word.text + mark, right=right, score=score))
    return found


def _thinned(spotted: Sequence[Spotted]) -> list[Spotted]:
    """Return the best words, few at each place, from left to right."""
    taken: Counter[tuple[int, int]] = Counter()
    kept: list[Spotted] = []
    for word in sorted(spotted, key=lambda word: -word.score):
        place = (word.left // _SAME_PLACE, word.right // _SAME_PLACE)
        if taken[place] < _A_PLACE and len(kept) < _MOST_SPOTTED:
            taken[place] += 1
            kept.append(word)
    return sorted(kept, key=lambda word: (word.right, word.left))


def _best_row(words: Sequence[Spotted], sheet: Sheet, gap: Gap) -> list[Spotted]:
    """Return the words that stand in a row together and speak for each other most."""
    space = max(3, round(_SPACE * gap.row.x_height))
    best: list[float] = []
    back: list[int] = []
    for word in words:
        most, last = _bound(gap.before, word.text, sheet), -1
        for index, other in enumerate(words[: len(best)]):
            if best[index] <= most - _MOST_BOUND or other.right + space > word.left:
                continue
            is_next = word.left - other.right < _NEXT * gap.row.x_height
            value = best[index] + (_bound(other.text, word.text, sheet) if is_next else 0.0)
            if value > most:
                most, last = value, index
        best.append(most + word.score - _WORD_COST)
        back.append(last)
    row: list[Spotted] = []
    at = int(np.argmax(best)) if best else -1
    while at >= 0:
        row.append(words[at])
        at = back[at]
    return row[::-1]


def _bound(one: str, other: str, sheet: Sheet) -> float:
    """Return how much likelier a word is after another."""
    if not one:
        return 0.0
    pair = keys(one)[-1], keys(other)[0]
    count = of_law().pairs[pair] + sheet.pairs[pair]
    return min(_MOST_BOUND, _BOUND + math.log(1 + count)) if count else 0.0


def _is_there(word: Spotted, scores: Scores, letters: Mapping[str, Letter], seen: _Seen) -> bool:
    """Tell whether the ink of each letter is there, and not only the seal's."""
    at, inked, told, total, least = word.left, 0.0, 0.0, 0.0, 1.0
    for index, text in enumerate(word.text):
        if index:
            choice = range(max(at - 2, 0), min(at + _MARK_NEAR, len(scores[text])))
            at = max(choice, key=scores[text].__getitem__, default=at)
        own, telling, area = seen.ink_of(letters[text], at)
        inked, told, total = inked + own, told + telling, total + area
        least = min(least, own / max(area, 1.0))
        at += letters[text].width
    is_lone = len(split_edges(word.text)[1]) == 1
    return (
        word.score >= _LEAST_SCORE
        and least >= _LEAST_INKED
        and inked >= (_LONE_INKED if is_lone else _INKED) * total
        and told >= (_LONE_OPEN if is_lone else _OPEN) * total
    )


def _weave(lines: list[Line], gap: Gap, found: Sequence[Spotted], scale: float) -> None:
    """Put words that were found into their line, in place of what was read there.

    Args:
        lines: of the page, points; changed in place.
        gap: where they were found.
        found: the words, pixels of the page.
        scale: pixels to a point.
    """
    ends = (gap.left / scale - _MARK_NEAR / 2, gap.right / scale + _MARK_NEAR / 2)
    row = [
        (index, word, ends[0] <= word.box[0] and word.box[2] <= ends[1])
        for index, line in enumerate(lines)
        for word in line.words
        if gap.holds(_scaled(word.box, scale))
    ]
    fixed = [word for _, word, inside in row if not inside or _is_number(word)]
    new = [
        word
        for word in (_as_word(item, gap, scale) for item in found)
        if not any(_overlaps(word.box, other.box) for other in fixed)
    ]
    if not new:
        return
    gone = [
        word
        for _, word, inside in row
        if inside and not _is_number(word)
        if word.confidence < _RUBBISH or any(_overlaps(word.box, other.box) for other in new)
    ]
    kept = [replace(word, read=_read_for(word, new, gone)) for word in new]
    _set_in(lines, _nearest_line(row, new[0]), kept, {id(word) for word in gone})


def _read_for(word: Word, new: Sequence[Word], gone: Sequence[Word]) -> str:
    """Return what was read in place of a word: each piece goes to the nearest word."""
    pieces = (
        piece.text
        for piece in gone
        if min(new, key=lambda other: _apart(piece.box, other.box)) is word
    )
    return " ".join(pieces) or NOTHING_READ


def _apart(one: Box, other: Box) -> float:
    """Return how far two boxes' middles lie apart along their row."""
    return abs(one[0] + one[2] - other[0] - other[2]) / 2


def _scaled(box: Box, factor: float) -> Box:
    return (box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor)


def _is_number(word: Word) -> bool:
    return word.confidence >= _SURE_NUMBER and any(map(str.isdigit, word.text))


def _as_word(found: Spotted, gap: Gap, scale: float) -> Word:
    foot = gap.row.foot_at((found.left + found.right) / 2)
    box = (found.left, foot - _TALL * gap.row.x_height, found.right, foot)
    return Word(text=found.text, box=_scaled(box, 1 / scale), confidence=_CONFIDENCE)


def _overlaps(one: Box, other: Box) -> bool:
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared > _OVERLAP * min(one[2] - one[0], other[2] - other[0])


def _nearest_line(row: Sequence[tuple[int, Word, bool]], word: Word) -> int | None:
    """Return the number of the line that a word belongs to; None where nothing was read of it."""
    apart = [
        (max(other.box[0] - word.box[2], word.box[0] - other.box[2], 0.0), index)
        for index, other, _ in row
    ]
    return min(apart)[1] if apart else None


def _set_in(lines: list[Line], target: int | None, new: Sequence[Word], gone: set[int]) -> None:
    if target is None:
        foot = new[0].box[3]
        below = (index for index, line in enumerate(lines) if line.box[3] > foot)
        lines.insert(next(below, len(lines)), make_line(list(new)))
        return
    for index in reversed(range(len(lines))):
        kept = [word for word in lines[index].words if id(word) not in gone]
        if index == target:
            kept = sorted([*kept, *new], key=lambda word: word.box[0])
        if not kept:
            del lines[index]
        elif len(kept) != len(lines[index].words) or index == target:
            lines[index] = make_line(kept)
