"""Labels that no list has, known by the words in them: «Họ và tên người bệnh:», «Diện tích sàn».

Every office words its forms anew. A label that a rule's pattern is like counts for it, after those
that are listed; one that nobody knows and a person's name stands behind is of somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from config.fields import FieldKind, FieldRule
from digitize.field_values import read_name
from digitize.label_words import BULLET, fold_label
from digitize.labels import Form
from digitize.model import Line, Word

# More words than a label has; a whole cell of so many at most is one without a colon.
_LONGEST, _LONGEST_CELL = 14, 8
# What parts a value without a colon from its label; «tầng 1» does not.
_VALUE = re.compile(r"\d\S*\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLabels:
    """What a paper's own labels mean; all folded."""

    meant: Mapping[int, frozenset[str]]
    """By the place of the rule among those of its kind of paper."""
    strangers: frozenset[str]
    """A name stands behind them, and it is none that any rule asks for."""

    @property
    def texts(self) -> frozenset[str]:
        """All of them."""
        return self.strangers.union(*self.meant.values())


def find_open_labels(forms: Iterable[Form], own: Sequence[FieldRule]) -> OpenLabels:
    """Return the labels of a paper that are listed nowhere, and what they mean.

    Args:
        forms: its pages, with the labels that are listed.
        own: the rules of its kind of paper.
    """
    meant: dict[int, set[str]] = {}
    strangers: set[str] = set()
    for page, cell in ((form, cell) for form in forms for cell in form.cells):
        listed = {id(word) for entry in page.entries for word in entry.printed}
        for stretch, behind in _stretches(cell):
            if any(id(word) in listed for word in stretch[0]):
                continue
            texts = [fold_label(" ".join(word.text for word in words)) for words in stretch]
            asked, text = _meaning(texts, own, has_colon=behind is not None)
            for place in asked:
                meant.setdefault(place, set()).add(text)
            if not asked and behind and read_name(behind):
                strangers.add(texts[0])
    return OpenLabels(
        meant={place: frozenset(texts) for place, texts in meant.items()},
        strangers=frozenset(strangers),
    )


def _meaning(
    texts: Sequence[str], own: Sequence[FieldRule], *, has_colon: bool
) -> tuple[tuple[int, ...], str]:
    """Return the rules that the longest text is like which is like any, and that text."""
    for text in texts:
        asked = tuple(
            place
            for place, rule in enumerate(own)
            if rule.like
            and (has_colon or rule.kind is not FieldKind.NAME)
            and _compiled(rule.like).fullmatch(text)
        )
        if asked:
            return asked, text
    return (), ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _stretches(
    cell: Line,
) -> Iterator[tuple[list[tuple[Word, ...]], tuple[Word, ...] | None]]:
    """Yield what may be a label, the longest first, and what stands behind its colon.

    A label begins its cell, or with a capital behind the value before it. None stands for a cell
    without a colon: it is a label up to its first number, or none.
    """
    words = cell.words
    begin = next((at for at, word in enumerate(words) if not BULLET.match(word.text)), len(words))
    ends = [at + 1 for at, word in enumerate(words) if word.text.endswith(":") and at >= begin]
    if not ends:
        end = next((at for at, word in enumerate(words) if _VALUE.search(word.text)), len(words))
        if 0 < end - begin <= _LONGEST_CELL:
            yield [words[begin:end]], None
    for end in ends:
        starts = [begin, *(at for at in range(begin + 1, end) if _begins(words[at]))]
        found = [words[at:end] for at in starts if end - at <= _LONGEST]
        if found:
            yield found, words[end:]
        begin = end


def _begins(word: Word) -> bool:
    return word.text[:1].isupper() and not (len(word.text) > 1 and word.text.isupper())
