"""Rows that lean on a level page: written by a pen, or stamped.

Print is level, for the page was levelled by it. A hand and a clerk's stamp hardly ever are. Where
letters stand is told by their words' boxes: which letters hang below their line is known.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from math import atan, degrees

import numpy as np

from digitize.model import Word

# What of a word's box lies below its base line, where it has letters or marks that hang there.
_LONG, _SHORT = frozenset("gjpqyQ()[]{}/|ƒ"), frozenset(",;\u0323")
_TALL = frozenset("bdđfhklt()[]{}/|")
_BELOW_TALL, _BELOW_SMALL, _BELOW_SHORT = 0.23, 0.31, 0.16
# Degrees, of two words and of more; how near to one straight line they stand, heights of a word.
_PAIR_LEANS, _LEANS, _STRAIGHT = 4.0, 1.8, 0.2
# Words that are nearer tell nothing of their lean, heights.
_SPAN = 2.0


def leans(words: Sequence[Word]) -> bool:
    """Tell whether words that stand in a row of a level page lean.

    Print reads so too where its boxes are damaged: ask it only of what hardly reads like words.
    """
    lettered = [word for word in words if any(map(str.isalnum, word.text))]
    if len(lettered) < 2:
        return False
    middles = np.array([(word.box[0] + word.box[2]) / 2 for word in lettered])
    tall = float(np.median([word.box[3] - word.box[1] for word in lettered]))
    if np.ptp(middles) < _SPAN * tall:
        return False
    feet = np.array([_foot(word) for word in lettered])
    slope, start = np.polyfit(middles, feet, 1)
    lean = degrees(atan(slope))
    # What the boxes themselves say, whatever hangs from them, must not say otherwise.
    plain = degrees(atan(np.polyfit(middles, [word.box[3] for word in lettered], 1)[0]))
    least = _LEANS if len(lettered) > 2 else _PAIR_LEANS
    off = np.abs(feet - slope * middles - start)
    is_straight = off.max() <= _STRAIGHT * tall
    return bool(is_straight and abs(lean) >= least and plain * np.sign(lean) >= least / 2)


def _foot(word: Word) -> float:
    """Return where a word's base line is, in the measure of its box."""
    letters = set(unicodedata.normalize("NFD", word.text))
    share = 0.0
    if letters & _LONG:
        is_tall = letters & _TALL or any(map(str.isupper, word.text)) or any(
            map(str.isdigit, word.text))  # fmt: skip
        share = _BELOW_TALL if is_tall else _BELOW_SMALL
    elif letters & _SHORT:
        share = _BELOW_SHORT
    return word.box[3] - share * (word.box[3] - word.box[1])
