"""How sure a reading is: judged by its words, by their syllables, and by the ink it left unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from digitize.enhance import is_out_of_focus
from digitize.frames import Picture
from digitize.model import Line
from digitize.stance import Letters, find_letters, stand_in_rows
from digitize.syllables import legal_share

_POINTS_PER_INCH = 72.0
# Ordinary scans read at 0.92 and more, with hardly an illegal syllable; at 0.88 each fifteenth
# letter was wrong, and a second look halved that.
_DOUBTFUL_CONFIDENCE, _DOUBTFUL_SHARE = 0.88, 0.93
# Half of the letters of a page that were not read are a paragraph, a column, a page turned.
_DOUBTFUL_READ_SHARE = 0.5
# Lines on their head or their side read at 0.45 and less, with a third of the syllables legal.
_TURNED_CONFIDENCE, _TURNED_SHARE = 0.65, 0.6
# Below this, half of the letters are wrong: nobody finds such a paper again, or trusts its text.
_UNREADABLE_CONFIDENCE = 0.6
# Foreign papers have illegal syllables, but are read surely.
_UNREADABLE_SHARE, _FOREIGN_CONFIDENCE = 0.7, 0.85
_UNREADABLE_READ_SHARE = 0.3
# Fewer words say nothing of their syllables; fewer letters are a label, a page number, a stamp.
_FEW_WORDS, _FEW_LETTERS = 8, 60
# Words of so many letters are wider than high.
_LONG_WORD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What speaks for and against a reading."""

    confidence: float
    """Mean over the characters, 0 to 1; 0 for no words."""
    legal_share: float
    """Share of legal syllables, 0 to 1; 1 where there are none."""
    words: int
    letters: int
    """Things that may be letters; 0 where they were left unread and stand in no rows."""
    read_share: float
    """Share of their ink that lies in the words, 0 to 1; 1 where there are none."""
    upwards: bool
    """Most words are taller than wide."""
    out_of_focus: bool = False
    """Hardly a word was read, and no edge is sharp; asked of no other page."""

    @property
    def is_scant(self) -> bool:
        """There is hardly anything to be read."""
        return self.words < _FEW_WORDS and self.letters < _FEW_LETTERS

    @property
    def is_doubtful(self) -> bool:
        """A second look may help."""
        if self.is_scant:
            return self.out_of_focus
        return (
            self.out_of_focus
            or self.upwards
            or self.confidence < _DOUBTFUL_CONFIDENCE
            or self.has_odd_syllables(_DOUBTFUL_SHARE)
            or self.misses_text(_DOUBTFUL_READ_SHARE)
        )

    @property
    def may_lie_wrong(self) -> bool:
        """It looks like a reading of a page that does not stand upright."""
        if self.is_scant:
            return self.words > 0 and self.confidence < _TURNED_CONFIDENCE
        return self.is_doubtful and (
            self.upwards
            or self.confidence < _TURNED_CONFIDENCE
            or self.has_odd_syllables(_TURNED_SHARE)
            or self.words < _FEW_WORDS
        )

    @property
    def is_readable(self) -> bool:
        """Good enough to be signed without anyone looking.

        A blank page is, and so is one of a picture or a map: few words are no fault where the ink
        does not stand in rows.
        """
        if self.out_of_focus or self.misses_text(_UNREADABLE_READ_SHARE):
            return False
        if self.words < _FEW_WORDS:
            return True
        is_foreign = self.confidence >= _FOREIGN_CONFIDENCE
        has_sense = is_foreign or not self.has_odd_syllables(_UNREADABLE_SHARE)
        return self.confidence >= _UNREADABLE_CONFIDENCE and has_sense

    def has_odd_syllables(self, least: float) -> bool:
        """Tell whether the words are enough to judge by, and their syllables mostly illegal."""
        return self.words >= _FEW_WORDS and self.legal_share < least

    def misses_text(self, least: float) -> bool:
        """Tell whether rows of letters were left unread."""
        return self.letters >= _FEW_LETTERS and self.read_share < least


def judge(
    lines: Sequence[Line], picture: Picture, dpi: float, letters: Letters | None = None
) -> Judgement:
    """Judge a reading.

    Args:
        lines: what was read; boxes in points of the picture.
        picture: the copy that was read.
        dpi: of the picture.
        letters: what may be letters on it; looked for where nobody knows.
    """
    text, letters = judge_text(lines), letters or find_letters(picture)
    share = _read_share(lines, letters, dpi / _POINTS_PER_INCH / letters.step)
    # What was left unread may be a picture; text stands in rows.
    is_text = share >= _DOUBTFUL_READ_SHARE or stand_in_rows(letters)
    return replace(
        text,
        out_of_focus=text.words < _FEW_WORDS and is_out_of_focus(picture),
        letters=letters.count if is_text else 0,
        read_share=share,
        upwards=runs_upwards(lines),
    )


def judge_text(lines: Sequence[Line]) -> Judgement:
    """Judge words alone, where no ink is left to be read."""
    words = [word for line in lines for word in line.words]
    return Judgement(
        confidence=mean_confidence(lines),
        legal_share=legal_share(word.text for word in words),
        words=len(words),
        letters=0,
        read_share=1.0,
        upwards=False,
    )


def judge_running_text(lines: Sequence[Line], whole: Judgement) -> Judgement:
    """Judge what is left of a reading when its marks were set apart.

    Args:
        lines: the running text.
        whole: judgement of all that was read.
    """
    text = judge_text(lines)
    # Rows of letters of which next to nothing but rubbish was read are as good as unread.
    is_rubbish = text.words < _FEW_WORDS <= whole.words
    is_rubbish &= whole.confidence < _UNREADABLE_CONFIDENCE
    return replace(
        text,
        letters=whole.letters,
        read_share=0.0 if is_rubbish else whole.read_share,
        upwards=whole.upwards,
        out_of_focus=whole.out_of_focus,
    )


def _read_share(lines: Sequence[Line], letters: Letters, scale: float) -> float:
    total = int(letters.mask.sum(dtype=np.int64))
    if not total:
        return 1.0
    unread = letters.mask.copy()
    for word in (word for line in lines for word in line.words):
        left, top, right, bottom = (max(round(edge * scale), 0) for edge in word.box)
        unread[top : bottom + 1, left : right + 1] = 0
    return 1.0 - float(unread.sum(dtype=np.int64)) / total


def mean_confidence(lines: Sequence[Line]) -> float:
    """Return the mean confidence over characters, 0 to 1; 0 for no words."""
    words = [word for line in lines for word in line.words]
    characters = sum(len(word.text) for word in words)
    if not characters:
        return 0.0
    return sum(len(word.text) * word.confidence for word in words) / characters


def weight(lines: Sequence[Line]) -> float:
    """Return how much was read: letters and digits, unsure ones counting far less."""
    words = [word for line in lines for word in line.words]
    return sum(sum(map(str.isalnum, word.text)) * word.confidence**2 for word in words)


def runs_upwards(lines: Sequence[Line]) -> bool:
    """Tell whether most words are taller than wide.

    Tesseract reads lines that run upwards as surely as level ones; only their boxes show it.
    """
    words = [word for line in lines for word in line.words if len(word.text) >= _LONG_WORD]
    tall = sum(word.box[3] - word.box[1] > word.box[2] - word.box[0] for word in words)
    return tall > len(words) / 2
