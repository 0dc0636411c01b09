"""Tell a second scan of a paper from another paper on the same form.

Papers of one form share their layout and most of their words, so likeness of the whole proves
nothing: what was filled in must agree too. Three measures, each 0 to 1 or in bits:

- the picture: 64 bits of the ink's coarse layout, level and cut to its words; a rescan at another
  resolution, skew or compression changes a few of them;
- the words, as a bag: the order in which columns are read differs from scan to scan;
- the numbers, as a bag: codes, dates and identity numbers are what differs from person to person.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from config.codes import find_dossier_codes
from config.vietnamese import fold
from digitize.frames import Picture
from digitize.model import Line

_SIDE = 32
_KEPT = 8
_HASH_BITS = _KEPT * _KEPT
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d(?:[\d./-]*\d)?")
# Shorter numbers are list items, ages, quantities: every form has them.
_MIN_DIGITS = 4
# Measured over the samples, each scanned again by another device, and over papers of the same forms
# with other people (tests/digitize/test_fingerprints.py): 12 of 12 rescans are found, none of 618
# other pairs. Rescans: 0-12 bits, words 0.97 and more, numbers 0.92 and more; the same form of
# other people: words up to 0.97, numbers up to 0.67.
MAX_BITS = 16
MIN_WORDS = 0.93
MIN_NUMBERS = 0.8
MIN_NUMBER_COUNT = 3
_SHINGLE = 3
_KEYS_OF_A_KIND = 16
# Specks are read as short words, and unsurely.
_MIN_LETTERS = 3
_MIN_CONFIDENCE = 0.6
_OUTER_PERCENT = 5
_POINTS_PER_INCH = 72.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLooks:
    """What a paper looks like and says, page by page, blank pages left out."""

    pictures: tuple[str, ...]
    """Picture hash of each page, 16 hex digits."""
    texts: tuple[str, ...]
    """Text of each page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How like two papers are."""

    bits: int
    """Bits of the picture hash in which the least like pair of pages differs, 0 to 64."""
    words: float
    """Share of the words that both have, 0 to 1."""
    numbers: float
    """Share of the numbers that both have, 0 to 1."""
    number_count: int
    """How many numbers the one with fewer has; few tell nothing."""
    codes_differ: bool
    """Both bear dossier codes, and none in common."""


def hash_page(picture: Picture, lines: Sequence[Line], dpi: float) -> str:
    """Return the hash of a page's picture, 16 hex digits; empty for a page without words.

    Args:
        picture: upright and level.
        lines: its words: what lies around them (dark edges, the scanner's lid, a desk) is no part
            of the paper.
        dpi: of the picture.
    """
    written = _written(picture, lines, dpi / _POINTS_PER_INCH)
    if min(written.shape[:2]) < _SIDE:
        return ""
    # Filed papers are compared by what is kept of them: who draws no picture needs no library.
    from digitize import enhance

    basis = _cosines()
    waves = (basis @ _shrink(enhance.ink_depth(written)) @ basis.T)[:_KEPT, :_KEPT].flatten()
    bits = waves > np.median(waves[1:])
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):0{_HASH_BITS // 4}x}"


def _written(picture: Picture, lines: Sequence[Line], scale: float) -> Picture:
    """Cut to the words that were read with some certainty."""
    boxes = [
        word.box
        for line in lines
        for word in line.words
        if word.confidence >= _MIN_CONFIDENCE and len(word.text) >= _MIN_LETTERS
    ]
    if not boxes:
        return picture[:0, :0]
    left, top, right, bottom = (np.array(edge) * scale for edge in zip(*boxes, strict=True))
    return picture[_inner(top, bottom), _inner(left, right)]


def _inner(starts: npt.NDArray[np.float64], ends: npt.NDArray[np.float64]) -> slice:
    """Return the span without its outermost words: a label or a note is read in one scan only."""
    first = np.percentile(starts, _OUTER_PERCENT)
    last = np.percentile(ends, 100 - _OUTER_PERCENT)
    return slice(max(int(first), 0), max(int(last), 0))


def _shrink(ink: Picture) -> npt.NDArray[np.float64]:
    """Return the mean depth of ink in each cell of a square grid."""
    rows, columns = (np.linspace(0, size, _SIDE + 1).astype(int) for size in ink.shape)
    bands = [ink[top:foot].sum(axis=0, dtype=np.uint32) for top, foot in pairwise(rows)]
    sums = np.add.reduceat(np.stack(bands), columns[:-1], axis=1)
    return np.asarray(sums / np.outer(np.diff(rows), np.diff(columns)))


def _cosines() -> npt.NDArray[np.float64]:
    steps = np.arange(_SIDE)
    return np.asarray(np.cos(np.pi * np.outer(steps, steps + 0.5) / _SIDE))


def distance(first: str, second: str) -> int:
    """Return in how many bits two picture hashes differ, 0 to 64."""
    return (int(first, 16) ^ int(second, 16)).bit_count()


def keys(texts: Iterable[str]) -> tuple[str, ...]:
    """Return hashes under which a paper is found again, at most 32; 12 hex digits each.

    The smallest of the hashes of its word triples, and as many of those with a number: two scans of
    a paper choose mostly the same ones. Triples of the form itself are shared by many papers; who
    looks up leaves those out.
    """
    words = [word for text in texts for word in _WORD.findall(fold(text))]
    triples = {" ".join(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}
    plain = sorted(_short_hash(triple) for triple in triples)
    numbered = sorted(_short_hash(triple) for triple in triples if _has_number(triple))
    return tuple(dict.fromkeys(numbered[:_KEYS_OF_A_KIND] + plain[:_KEYS_OF_A_KIND]))


def _short_hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _has_number(triple: str) -> bool:
    return any(len(word) >= _MIN_DIGITS and word.isdigit() for word in triple.split())


def compare(first: PaperLooks, second: PaperLooks) -> Likeness | None:
    """Measure how like two papers are; None where their numbers of pages differ."""
    if len(first.pictures) != len(second.pictures) or not first.pictures:
        return None
    pairs = zip(first.pictures, second.pictures, strict=True)
    numbers = _numbers(first.texts), _numbers(second.texts)
    return Likeness(
        bits=max(distance(one, other) for one, other in pairs),
        words=_shared(_words(first.texts), _words(second.texts)),
        numbers=_shared(*numbers),
        number_count=min(counter.total() for counter in numbers),
        codes_differ=_codes_differ(first.texts, second.texts),
    )


def is_rescan(likeness: Likeness) -> bool:
    """Tell whether two papers are probably one sheet, scanned twice.

    A form filled in by hand has hardly a number that is read: nothing is said of it, since its
    layout and words are those of every other one.
    """
    return (
        likeness.bits <= MAX_BITS
        and likeness.words >= MIN_WORDS
        and likeness.numbers >= MIN_NUMBERS
        and likeness.number_count >= MIN_NUMBER_COUNT
        and not likeness.codes_differ
    )


def _codes_differ(first: Sequence[str], second: Sequence[str]) -> bool:
    codes = [set(find_dossier_codes("\n".join(texts))) for texts in (first, second)]
    return all(codes) and not codes[0] & codes[1]


def _words(texts: Sequence[str]) -> Counter[str]:
    return Counter(word for text in texts for word in _WORD.findall(fold(text)))


def _numbers(texts: Sequence[str]) -> Counter[str]:
    found = (number for text in texts for number in _NUMBER.findall(text))
    return Counter(n for n in found if sum(map(str.isdigit, n)) >= _MIN_DIGITS)


def _shared(first: Counter[str], second: Counter[str]) -> float:
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0.0
