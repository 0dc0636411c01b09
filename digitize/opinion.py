"""A second opinion on what a paper is, learned from the papers that an office has confirmed.

Pieces of three to five letters of the folded text, weighed by how few papers hold them; a paper is
compared with the middle of each kind (nearest centroid, cosine). It knows only the kinds that it
was shown often enough, says nothing of the others, and never decides alone.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitize.titles import normalise_title

_SIZES = (3, 4, 5)
# Pieces fall into so many boxes: few collide, and a model of ninety kinds stays below 6 MB.
_BOXES = 1 << 14
# Of a long contract the beginning tells as much as the whole.
_LETTERS = 6000
# A kind that was confirmed less often has no middle yet.
LEAST_PAPERS = 4
_MAGIC, _DIGEST_BYTES = b"hoso opinion 1\n", 32

Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A paper that a person has named."""

    class_code: str
    text: str
    """All its pages, as read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the second opinion says of a paper."""

    code: str
    likeness: float
    """Cosine with the middle of that kind, 0 to 1."""
    lead: float
    """By how much it is nearer than to the next kind."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opinion:
    """What was learned: a middle for each kind."""

    codes: tuple[str, ...]
    papers: int
    """How many confirmed papers it was learned from."""
    middles: Weights
    """A row of length 1 for each code."""
    rarity: Weights
    """Weight of each box: the fewer papers hold it, the more."""

    def knows(self, code: str) -> bool:
        """Tell whether enough papers of a kind were confirmed to speak of it."""
        return code in self.codes

    def say(self, text: str) -> Said:
        """Compare a paper with every kind that is known."""
        likeness = self.middles @ _weigh(_count(text), self.rarity)
        order = np.argsort(-likeness, kind="stable")
        first, second = likeness[order[0]], likeness[order[1]]
        return Said(code=self.codes[order[0]], likeness=float(first), lead=float(first - second))


def learn(papers: Iterable[Confirmed]) -> Opinion | None:
    """Learn from confirmed papers; None where fewer than two kinds have enough of them."""
    given = [paper for paper in papers if paper.text.strip()]
    often = Counter(paper.class_code for paper in given)
    known = tuple(sorted(code for code, count in often.items() if count >= LEAST_PAPERS))
    if len(known) < 2:
        return None
    shown = [paper for paper in given if paper.class_code in known]
    counts = [_count(paper.text) for paper in shown]
    rarity = _rarity(counts)
    middles = np.zeros((len(known), _BOXES), np.float32)
    for paper, count in zip(shown, counts, strict=True):
        middles[known.index(paper.class_code)] += _weigh(count, rarity)
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)
    return Opinion(codes=known, papers=len(shown), middles=middles, rarity=rarity)


def _count(text: str) -> Weights:
    """Count the pieces of a text by the box that each falls into."""
    letters = f" {normalise_title(text)[:_LETTERS]} ".encode("ascii", "replace")
    pieces = (
        zlib.crc32(letters[start : start + size]) % _BOXES
        for size in _SIZES
        for start in range(len(letters) - size + 1)
    )
    found = np.bincount(np.fromiter(pieces, np.int64), minlength=_BOXES)
    return np.asarray(found, np.float32)


def _rarity(counts: Sequence[Weights]) -> Weights:
    held = np.sum([count > 0 for count in counts], axis=0)
    return np.asarray(np.log((1 + len(counts)) / (1 + held)) + 1, np.float32)


def _weigh(count: Weights, rarity: Weights) -> Weights:
    weighed = np.log1p(count) * rarity
    return np.asarray(weighed / max(float(np.linalg.norm(weighed)), 1e-9), np.float32)


def dump(opinion: Opinion) -> bytes:
    """Write what was learned: numbers and codes only, nothing that could be run, and a digest."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        codes=np.array(opinion.codes),
        papers=np.array(opinion.papers),
        middles=opinion.middles.astype(np.float16),
        rarity=opinion.rarity,
    )
    return _MAGIC + hashlib.sha256(buffer.getvalue()).digest() + buffer.getvalue()


def load(data: bytes) -> Opinion | None:
    """Read what `dump` wrote; None where it is another format, or damaged."""
    head, body = data[: len(_MAGIC)], data[len(_MAGIC) + _DIGEST_BYTES :]
    digest = data[len(_MAGIC) : len(_MAGIC) + _DIGEST_BYTES]
    if head != _MAGIC or hashlib.sha256(body).digest() != digest:
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as stored:
        return Opinion(
            codes=tuple(str(code) for code in stored["codes"]),
            papers=int(stored["papers"]),
            middles=stored["middles"].astype(np.float32),
            rarity=stored["rarity"],
        )
