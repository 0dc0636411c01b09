"""Number and notation of a paper, at the left of its head: «Số: 12/TB-UBND» (NĐ 30/2020 Art. 8).

Registries leave the number to the pen, and often the day too. The notation is printed; it stands
behind the number's place in the same row, however wide a hand made that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from config.codes import LIKE_DIGIT, as_number
from config.vietnamese import fold
from digitize.field_values import covering
from digitize.layout import in_one_row
from digitize.model import Evidence, Line, RecognizedPage
from digitize.ocr import make_line

_HEADER_SHARE, _LEFT_SHARE = 0.45, 0.55
# Beside a day in print all of 11 numbers below 0.6 were right; others need more (field_checks).
_MIN_CONFIDENCE = 0.31
_NUMBER = re.compile(
    # The number itself may be left to the pen, and be unreadable or missing.
    rf"^\W*s[oố]\s*[:.]?[\s.…_]*(?P<number>(?=\S*\d){LIKE_DIGIT}{{1,5}}[a-z]?)?[\s.…_]*/\s*"
    r"(?P<notation>[^\s,;]+(?:\s*[-–]\s*[^\s,;]+)*)",
    re.IGNORECASE,
)
_NOTATION = re.compile(r"^(?:\d{4}/)?[A-ZĐ][\wĐđ&.]*(?:[-–][\wĐđ&.]+)*$")
# A label without a number: what a pen wrote behind it was taken off, or read as strokes.
_BARE = re.compile(r"^\W*so\W*$")
_BEHIND = re.compile(r"^\W{0,2}(?:\d{1,5}[a-z]?)?/\W?\w")
# What a pen wrote for the number was read as anything; what stands behind the last stroke is print.
_BESIDE_PEN = re.compile(
    r"^\W*s[oố]\s*[:.](?!\s*\d{6}).{0,12}/\s*(?P<notation>[^\s,;/]+)$", re.IGNORECASE
)


def read_number_line(page: RecognizedPage, lines: Sequence[Line]) -> Iterator[Evidence]:
    """Yield `number` and `notation` of a page's head, each where it was read.

    Args:
        page: the first of a paper.
        lines: its segments, top down.
    """
    for line in lines:
        if line.box[1] >= _HEADER_SHARE * page.height:
            return
        whole = _with_notation(line, lines, page)
        for shape in (_NUMBER, _BESIDE_PEN):
            match = shape.match(whole.text)
            notation = _notation(match["notation"]) if match else ""
            if match and notation:
                yield from _evidence(page, whole, match, notation)
                return


def _with_notation(line: Line, lines: Sequence[Line], page: RecognizedPage) -> Line:
    """Return a bare label with the notation that stands in its row, over the number's place."""
    if not _BARE.match(fold(line.text)):
        return line
    row = [
        other
        for other in lines
        if other.box[0] >= line.box[2]
        and other.box[2] < _LEFT_SHARE * page.width
        and in_one_row(line, other)
        and _BEHIND.match(other.text)
    ]
    return make_line([*line.words, *row[0].words]) if row else line


def _notation(read: str) -> str:
    """Return a notation as it is spelled; empty for what is none, or was cut at its end."""
    notation = re.sub(r"\s*[-–]\s*", "-", read).strip(".:")
    # «Number» behind the label of a card is a word, and no symbol.
    capitals = sum(map(str.isupper, notation))
    is_one = _NOTATION.match(notation) and 2 * capitals >= sum(map(str.isalpha, notation))
    return notation if is_one else ""


def _evidence(
    page: RecognizedPage, line: Line, match: re.Match[str], notation: str
) -> Iterator[Evidence]:
    for name in ("number", "notation"):
        if match.groupdict().get(name) is None:
            continue
        # What stands beside it, the label and the strokes of a pen, says nothing of it.
        words = covering(line.words, *match.span(name))
        confidence = min(word.confidence for word in words)
        if name == "number" and confidence < _MIN_CONFIDENCE:
            continue
        value = _with_letter(match[name]) if name == "number" else notation
        as_read = " ".join(word.read or word.text for word in line.words)
        repaired = match[name] if name == "number" and match[name] != value else ""
        yield Evidence(
            name=name,
            value=value,
            confidence=confidence,
            page=page.number,
            box=make_line(list(words)).box,
            read=repaired or (as_read if as_read != line.text else ""),
        )


def _with_letter(read: str) -> str:
    """Return a number, and the letter after it that tells it from another: 05a."""
    is_letter = read[-1:] == "B" or as_number(read[-1:]).isalpha()
    return as_number(read[:-1]) + read[-1:] if is_letter else as_number(read)
