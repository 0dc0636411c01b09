"""The print of one page: where its rows stand, and what its own letters look like.

A word that was read surely, and falls into as many parts as it has letters, shows what each of its
letters looks like in this print. Nothing is learned from other pages: no font has to be known.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from config.vietnamese import fold
from digitize.frames import Picture
from digitize.masks import Measures, connected
from digitize.model import Box

Weights = npt.NDArray[np.float32]

# Words to learn from were read more surely than this.
_SURE = 0.85
_LEAST_PARTS, _FEW_LETTERS, _MANY_LETTERS = 3, 3, 8
# Letters below the base line, and those that tell the height of small letters.
_HANGING, _LOW_LETTERS = frozenset("gjpqy"), frozenset("acemnorsuvxzư")
_CAPITALS_OF_X = 0.68
_MAX_SLOPE, _FOOT_REACH, _FOOT_FIT = 0.01, 4.0, 1.6
_WIDE_ROW = 200.0
# A mark belongs to the letter that it shares half of its width with.
_SHARED = 0.5
# Heights of small letters: room above the base line and below it.
_ABOVE, _BELOW = 2.15, 0.75
# Samples of the same height in points, and of the same weight, show the same print.
_SAME_HEIGHT, _SAME_WEIGHT = 0.8, 1.22
_LIKE_HEIGHT = 1.25
_SAMPLES, _ALIKE = 6, 0.5
_FAINT = 0.2
_DOT_BELOW = "\u0323"
_TONES = "\u0300\u0301\u0309\u0303\u0323"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedWord:
    """A word of the running text, in pixels."""

    text: str
    confidence: float
    box: Box
    covered: bool
    """It lies in or at a seal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of print."""

    foot: float
    """Of the letters at the page's left border, pixels from the top."""
    slope: float
    """Of the base line."""
    x_height: float
    """Of small letters, pixels."""
    weight: float
    """Mean thickness of strokes, pixels."""
    left: float
    right: float
    capitals: bool
    """Most of it is written in capitals."""

    def foot_at(self, x: float) -> float:
        """Return the height of the base line, pixels from the top."""
        return self.foot + self.slope * x


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One printed letter."""

    letter: str
    box: tuple[int, int, int, int]
    foot: float
    """Of its row, there."""
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a letter looks like in a row."""

    weights: Weights
    """How surely each point is inked, 0 to 1."""
    rise: int
    """Rows from its top to the base line."""
    sure: bool
    """Seen in this print; else made from another size, another weight or other letters."""

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.weights.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrint:
    """What a page shows of its print."""

    rows: tuple[Row, ...]
    samples: Mapping[str, Sequence[Sample]]
    """By letter."""


def learn(ink: Picture, lines: Sequence[Sequence[PrintedWord]]) -> OwnPrint:
    """Learn from the words of a page that lie under nothing.

    Args:
        ink: the level page, 1 and 0.
        lines: its words, as they were read.
    """
    parts = connected(ink).measures[1:]
    rows: list[Row] = []
    samples: dict[str, list[Sample]] = defaultdict(list)
    for line in lines:
        spelled = [
            (word.text, boxes)
            for word in line
            if not word.covered
            and word.confidence >= _SURE
            and len(boxes := letter_boxes(parts, word.box)) == len(word.text)
        ]
        row = _row_of(ink, spelled)
        if row is None:
            continue
        rows.append(row)
        for text, boxes in spelled:
            for letter, box in zip(text, boxes, strict=True):
                foot = row.foot_at((box[0] + box[2]) / 2)
                samples[letter].append(Sample(letter=letter, box=box, foot=foot, row=row))
    return OwnPrint(rows=tuple(rows), samples=samples)


def letter_boxes(parts: Measures, box: Box) -> list[tuple[int, int, int, int]]:
    """Return the boxes of a word's letters, marks with the letters that they stand over.

    Args:
        parts: of the page's ink, without the paper.
        box: of the word, pixels.
    """
    left, top, wide, high = (parts[:, index] for index in range(4))
    x, y = left + wide / 2, top + high / 2
    inside = (x > box[0] - 1) & (x < box[2] + 1) & (y > box[1] - 3) & (y < box[3] + 3)
    chosen = parts[inside & (parts[:, 4] >= _LEAST_PARTS)]
    found: list[tuple[int, int, int, int]] = []
    for x0, y0, w, h, _ in chosen[np.argsort(chosen[:, 0])].tolist():
        if found:
            a, b, c, d = found[-1]
            if min(c, x0 + w) - x0 >= _SHARED * min(w, c - a):
                found[-1] = (a, min(b, y0), max(c, x0 + w), max(d, y0 + h))
                continue
        found.append((x0, y0, x0 + w, y0 + h))
    return found


Spelled = Sequence[tuple[str, Sequence[tuple[int, int, int, int]]]]


def _row_of(ink: Picture, spelled: Spelled) -> Row | None:
    letters = [pair for text, boxes in spelled for pair in zip(text, boxes, strict=True)]
    standing = [
        ((box[0] + box[2]) / 2, float(box[3]))
        for letter, box in letters
        if letter.isalnum() and fold(letter) not in _HANGING and not _has_dot_below(letter)
    ]
    heights = [float(box[3] - box[1]) for letter, box in letters if letter in _LOW_LETTERS] or [
        _CAPITALS_OF_X * (box[3] - box[1])
        for letter, box in letters
        if letter.isupper() and letter.isascii()
    ]
    if len(standing) < _FEW_LETTERS or not heights:
        return None
    slope, foot = _base_line(np.array(standing))
    return Row(
        foot=foot,
        slope=slope,
        x_height=float(np.median(heights)),
        weight=weight_of(ink, [box for _, box in letters]),
        left=min(box[0] for _, box in letters),
        right=max(box[2] for _, box in letters),
        capitals=sum(text.isupper() for text, _ in spelled) > len(spelled) / 2,
    )


def _has_dot_below(letter: str) -> bool:
    return _DOT_BELOW in unicodedata.normalize("NFD", letter)


def _base_line(feet: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and start of the line that letters stand on."""
    middle = float(np.median(feet[:, 1]))
    near = feet[np.abs(feet[:, 1] - middle) <= _FOOT_REACH]
    if len(near) >= _MANY_LETTERS and np.ptp(near[:, 0]) > _WIDE_ROW:
        slope, start = np.polyfit(near[:, 0], near[:, 1], 1)
        fits = np.abs(near[:, 1] - slope * near[:, 0] - start) < _FOOT_FIT
        if fits.sum() >= _MANY_LETTERS - 2:
            slope, start = np.polyfit(near[fits, 0], near[fits, 1], 1)
        if abs(slope) <= _MAX_SLOPE:
            return float(slope), float(start)
    return 0.0, middle


def weight_of(ink: Picture, boxes: Sequence[tuple[int, int, int, int]]) -> float:
    """Return twice the area of letters over their outline: the thickness of their strokes."""
    area = rim = 0
    for left, top, right, bottom in boxes:
        shape = ink[top:bottom, left:right]
        inner = cv2.erode(shape, np.ones((3, 3), np.uint8), borderValue=0)
        area += int(shape.sum())
        rim += int(shape.sum()) - int(np.asarray(inner).sum())
    return 2 * area / max(rim, 1)


def alphabet(ink: Picture, learned: OwnPrint, row: Row) -> dict[str, Letter]:
    """Return the letters that are known, as they look in a row."""
    found: dict[str, Letter] = {}
    for letter, samples in learned.samples.items():
        same = [
            sample
            for sample in samples
            if abs(sample.row.x_height - row.x_height) <= _SAME_HEIGHT
            and _ratio(sample.row.weight, row.weight) <= _SAME_WEIGHT
        ]
        shown = _mean_of(ink, same, row) if same else _from_other(ink, samples, row)
        if shown is not None:
            found[letter] = shown
    return {**dict(_composed(found)), **found}


def _ratio(one: float, other: float) -> float:
    return max(one, other) / max(min(one, other), 0.1)


def _room(row: Row) -> tuple[int, int]:
    return round(_ABOVE * row.x_height) + 2, round(_BELOW * row.x_height) + 1


def _cut(ink: Picture, sample: Sample, above: int, below: int) -> Picture:
    """Return a sample's own ink, its base line `above` rows from the top."""
    start = round(sample.foot) - above
    left, top, right, bottom = sample.box
    shape = np.zeros((above + below, right - left), np.uint8)
    first, last = max(top, start, 0), min(bottom, start + above + below)
    if last > first:
        shape[first - start : last - start] = ink[first:last, left:right]
    return shape


def _mean_of(ink: Picture, samples: Sequence[Sample], row: Row) -> Letter | None:
    """Return the mean of the samples that look like most of them."""
    above, below = _room(row)
    chosen = np.linspace(0, len(samples) - 1, min(len(samples), _SAMPLES)).round().astype(int)
    shapes = [_cut(ink, samples[index], above, below) for index in chosen]
    alike = [sum(_likeness(one, other) for other in shapes) for one in shapes]
    model = shapes[int(np.argmax(alike))]
    if not model.any():
        return None
    near = [_moved(shape, model) for shape in shapes if _likeness(shape, model) >= _ALIKE]
    mean = np.mean(near, axis=0)
    return _letter(np.clip((mean - 0.2) / 0.6, 0, 1), above, sure=True)


def _likeness(one: Picture, other: Picture) -> float:
    wide = min(one.shape[1], other.shape[1])
    both = int((one[:, :wide] & other[:, :wide]).sum())
    return both / max(int(one.sum()) + int(other.sum()) - both, 1)


def _moved(shape: Picture, model: Picture) -> Picture:
    """Return a shape as wide as a model, moved by a pixel where that fits better."""
    wide = model.shape[1]
    framed = np.pad(shape, ((1, 1), (1, 1 + max(wide - shape.shape[1], 0))))
    moves = [
        framed[1 + down : 1 + down + model.shape[0], 1 + across : 1 + across + wide]
        for down in (0, -1, 1)
        for across in (0, -1, 1)
    ]
    return max(moves, key=lambda moved: int((moved & model).sum()))


def _from_other(ink: Picture, samples: Sequence[Sample], row: Row) -> Letter | None:
    """Return a letter of another size or weight, made as large and as heavy as the row."""
    sample = min(samples, key=lambda item: _unlikeness(item.row, row))
    larger = row.x_height / sample.row.x_height
    if _ratio(larger, 1.0) > _LIKE_HEIGHT:
        return None
    above, below = _room(sample.row)
    shape = _cut(ink, sample, above, below)
    size = (max(round(shape.shape[1] * larger), 1), max(round(shape.shape[0] * larger), 1))
    scaled = np.asarray(cv2.resize(shape * np.float32(1), size, interpolation=cv2.INTER_AREA))
    if row.weight > _SAME_WEIGHT * sample.row.weight:
        scaled = np.maximum(np.pad(scaled, ((0, 0), (0, 1))), np.pad(scaled, ((0, 0), (1, 0))))
    weights = np.clip((scaled - 0.3) / 0.4, 0, 1)
    return _letter(weights, round(above * larger), sure=False) if weights.any() else None


def _unlikeness(one: Row, other: Row) -> float:
    return _ratio(one.x_height, other.x_height) + _ratio(one.weight, other.weight) / 2


def _letter(
    canvas: npt.NDArray[np.float32] | npt.NDArray[np.float64], above: int, *, sure: bool
) -> Letter:
    """Crop a canvas to its ink."""
    rows = np.flatnonzero(canvas.max(axis=1) > 0)
    columns = np.flatnonzero(canvas.max(axis=0) > 0)
    weights = canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    return Letter(weights=np.ascontiguousarray(weights), rise=above - int(rows[0]), sure=sure)


def _composed(known: Mapping[str, Letter]) -> Iterator[tuple[str, Letter]]:
    """Yield letters that were not seen, of a letter and a tone that were: ẳ of ă and ể less ê."""
    donors = [(letter, *_split(letter)) for letter in known]
    for base in known:
        if _split(base)[1] or base.lower() not in "aăâeêoôơuưy":
            continue
        for tone in _TONES:
            wanted = unicodedata.normalize("NFC", base + tone)
            if wanted in known:
                continue
            giver = next(
                (
                    (letter, shape)
                    for letter, shape, own in donors
                    if own == tone
                    and shape in known
                    and _hat(shape) == _hat(base)
                    and shape.isupper() == base.isupper()
                ),
                None,
            )
            if giver is not None:
                yield wanted, _joined(known[base], known[giver[0]], known[giver[1]])


def _split(letter: str) -> tuple[str, str]:
    """Return a letter without its tone, and the tone."""
    split = unicodedata.normalize("NFD", letter)
    tone = "".join(part for part in split if part in _TONES)
    return unicodedata.normalize("NFC", "".join(p for p in split if p not in _TONES)), tone


def _hat(shape: str) -> bool:
    return unicodedata.normalize("NFD", shape)[1:] in ("\u0302", "\u0306")


def _joined(base: Letter, giver: Letter, shape: Letter) -> Letter:
    """Put what a giver has beyond its shape onto a base, in the middle."""
    rise = max(base.rise, giver.rise)
    fall = max(item.weights.shape[0] - item.rise for item in (base, giver))
    wide = base.width + giver.width
    canvas = np.zeros((rise + fall, wide), np.float32)
    top = rise - giver.rise
    middle = wide // 2
    left = middle - giver.width // 2
    mark = giver.weights.copy()
    start, side = giver.rise - shape.rise, (giver.width - shape.width) // 2
    known = cv2.dilate(shape.weights, np.ones((3, 3), np.uint8))
    for row, inked in enumerate(np.asarray(known) > _FAINT):
        if 0 <= row + start < mark.shape[0]:
            columns = np.flatnonzero(inked) + side
            mark[row + start, columns[(columns >= 0) & (columns < giver.width)]] = 0
    canvas[top : top + mark.shape[0], left : left + giver.width] = mark
    left, top = middle - base.width // 2, rise - base.rise
    place = canvas[top : top + base.weights.shape[0], left : left + base.width]
    np.maximum(place, base.weights, out=place)
    return _letter(canvas, rise, sure=False)
