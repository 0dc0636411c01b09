"""Rules of tables that an engine read as signs: | between cells, _ below them.

A sign is no word when its ink is a table's rule. Only pages on which such signs were read are
looked at, and only rules that cross others: a line to write on stays what it was read as.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from digitize.enhance import level_at
from digitize.frames import Picture
from digitize.masks import connected, grown, holding
from digitize.model import Line, Word
from digitize.ocr import make_line

_POINTS_PER_INCH, _MILLIMETRES_PER_INCH = 72.0, 25.4
# What rules are read as; what they add to a word that stands beside them.
_ALONE = frozenset("|_¦‖[]{}()-–—~/\\⁄!:;.,'‘’\"“”`´^*°<>=Il1iÏïÌÍ")
_BESIDE = "|_¦‖"
# Half way between the darkest hundredth and white, a little lighter: rules are thin.
_DARK_PERCENTILE, _LIGHTER, _WHITE = 1.0, 25, 255
# Millimetres: no stroke of a letter is so long; a table's rules go so far both ways.
_LONG, _TABLE = 6.0, 12.0
# A sign is a rule when this much of its ink is a rule's.
_RULED = 0.6


def without_rules(lines: Sequence[Line], picture: Picture, dpi: float) -> tuple[Line, ...]:
    """Return lines without the signs that are rules of a table.

    Args:
        lines: what was read; boxes in points.
        picture: the copy that was read, grey and level.
        dpi: of the picture.
    """
    if not any(set(word.text) & set(_BESIDE) for line in lines for word in line.words):
        return tuple(lines)
    dark = level_at(picture[::4, ::4], _DARK_PERCENTILE)
    ink = (picture < (_WHITE + dark) / 2 + _LIGHTER).astype(np.uint8)
    rules = _rules(ink, dpi / _MILLIMETRES_PER_INCH)
    if not rules.any():
        return tuple(lines)
    return tuple(_bare_lines(lines, ink, rules, dpi / _POINTS_PER_INCH))


def _rules(ink: Picture, millimetre: float) -> Picture:
    """Return the mask of rules that cross other rules."""
    length = round(_LONG * millimetre)
    straight = holding(ink, length, 1) | holding(ink, 1, length)
    parts = connected(straight)
    is_table = parts.measures[:, 2:4].min(axis=1) >= _TABLE * millimetre
    is_table[0] = False
    return grown(parts.chosen(is_table), 3, 3)


def _bare_lines(
    lines: Sequence[Line], ink: Picture, rules: Picture, scale: float
) -> Iterator[Line]:
    for line in lines:
        words = [_bare(word, ink, rules, scale) for word in line.words]
        kept = [word for word in words if word is not None]
        if len(kept) == len(words) and all(map(Word.__eq__, kept, line.words)):
            yield line
        elif kept:
            yield make_line(kept)


def _bare(word: Word, ink: Picture, rules: Picture, scale: float) -> Word | None:
    """Return a word without what rules added to it; None where nothing is left."""
    left, top, right, bottom = (max(round(side * scale), 0) for side in word.box)
    place = (slice(top, bottom + 1), slice(left, right + 1))
    own, ruled = int(ink[place].sum()), int((ink[place] & rules[place]).sum())
    if set(word.text) <= _ALONE:
        return None if own and ruled >= _RULED * own else word
    text = word.text.strip(_BESIDE)
    return replace(word, text=text) if text != word.text and ruled else word
