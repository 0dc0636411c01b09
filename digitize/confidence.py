"""How sure a reading is, and whether it looks like one of a page that does not stand upright."""

from __future__ import annotations

from collections.abc import Sequence

from digitize.model import Line

# Level text reads at 0.85 and more; a page that lies on its side stays below 0.6.
_SUSPICIOUS_CONFIDENCE = 0.65
_FEW_WORDS = 8
# Words of so many letters are wider than high.
_LONG_WORD = 3


def mean_confidence(lines: Sequence[Line]) -> float:
    """Return the mean confidence over characters, 0 to 1; 0 for no words."""
    words = [word for line in lines for word in line.words]
    characters = sum(len(word.text) for word in words)
    if not characters:
        return 0.0
    return sum(len(word.text) * word.confidence for word in words) / characters


def weight(lines: Sequence[Line]) -> float:
    """Return the sum of confidences over characters: more, read more surely, is better."""
    return sum(len(word.text) * word.confidence for line in lines for word in line.words)


def is_suspicious(lines: Sequence[Line]) -> bool:
    """Tell whether a reading looks like one of a page that does not stand upright."""
    words = sum(len(line.words) for line in lines)
    is_unsure = mean_confidence(lines) < _SUSPICIOUS_CONFIDENCE
    return words >= _FEW_WORDS and (is_unsure or runs_upwards(lines))


def runs_upwards(lines: Sequence[Line]) -> bool:
    """Tell whether most words are taller than wide.

    Tesseract reads lines that run upwards as surely as level ones; only their boxes show it.
    """
    words = [word for line in lines for word in line.words if len(word.text) >= _LONG_WORD]
    tall = sum(word.box[3] - word.box[1] > word.box[2] - word.box[0] for word in words)
    return tall > len(words) / 2
