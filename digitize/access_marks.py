"""What is written on an access copy: on strips that are added, so that nothing of it is hidden.

The forms of TT 05/2025/TT-BNV: the agency's name in the middle of the foot of every page of a
reading copy; the words «BẢN SAO» at the top right of page 1 of an uncertified copy, in letters of
Times New Roman's metrics, 10 points, black. Each is seen as outlines, and read from the text layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pikepdf

from digitize.access_job import COPY_WORD, AccessJob, CopyForm
from digitize.lettering import Lettering
from digitize.model import Box, Line, RecognizedPage, Word

_POINTS = 10.0
_HEAD_HEIGHT, _AGENCY_HEIGHT, _FOOT_HEIGHT = 18.0, 14.0, 14.0
_FOOT_SIZE, _EDGE = 6.5, 8.0
_SMALLEST = 4.0
# Of a line's letters: how far they reach above and below the line they stand on.
_ASCENT, _DESCENT = 0.9, 0.22


@dataclass(frozen=True, slots=True, kw_only=True)
class Strips:
    """How much is added to a page."""

    head: float
    """Above it, points."""
    foot: float
    """Below it, points."""


def strips_of(job: AccessJob, index: int) -> Strips:
    """Return what a page of a copy, counted from 0, is added."""
    head = _HEAD_HEIGHT if job.form is CopyForm.PLAIN and index == 0 else 0.0
    agency = _AGENCY_HEIGHT if job.form is CopyForm.READING else 0.0
    return Strips(head=head, foot=_FOOT_HEIGHT + agency)


def written(page: RecognizedPage, job: AccessJob, lettering: Lettering) -> RecognizedPage:
    """Return a page whose words are moved below its head strip, with those that are added.

    Args:
        page: as large as it is with its strips; its words lie as on the page alone.
        job: the copy.
        lettering: measures what is added.
    """
    strips = strips_of(job, page.number - 1)
    moved = tuple(_moved(line, strips.head) for line in page.lines)
    added = tuple(_line(mark, page.height) for mark in _marks(page, job, lettering))
    is_above = bool(strips.head)
    return replace(page, lines=(*added, *moved) if is_above else (*moved, *added))


def draw_marks(
    pdf: pikepdf.Pdf, page: RecognizedPage, job: AccessJob, lettering: Lettering
) -> None:
    """Draw on the last page added what its copy must show."""
    drawn = [mark.draw(lettering) for mark in _marks(page, job, lettering)]
    drawn.append(_foot(page, job, lettering).draw(lettering))
    content = "\n".join(drawn)
    pdf.pages[-1].contents_add(pikepdf.Stream(pdf, f"q 0 g\n{content}\nQ".encode("ascii")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A line that is added."""

    text: str
    place: tuple[float, float]
    """Where its baseline begins, from the lower left."""
    size: float
    width: float

    def draw(self, lettering: Lettering) -> str:
        return lettering.draw(self.text, self.place, self.size)


def _marks(page: RecognizedPage, job: AccessJob, lettering: Lettering) -> Iterator[_Mark]:
    """Yield what belongs to a copy's form; the line that says of what it is stands apart."""
    if strips_of(job, page.number - 1).head:
        baseline = page.height - _HEAD_HEIGHT + (_HEAD_HEIGHT - _POINTS) / 2 + _DESCENT * _POINTS
        width = lettering.width(COPY_WORD, _POINTS)
        place = (page.width - _EDGE - width, baseline)
        yield _Mark(text=COPY_WORD, place=place, size=_POINTS, width=width)
    if job.form is CopyForm.READING and job.facts.agency_name:
        size = _fitting(job.facts.agency_name, page.width, lettering)
        width = lettering.width(job.facts.agency_name, size)
        place = ((page.width - width) / 2, _FOOT_HEIGHT + _DESCENT * _POINTS)
        yield _Mark(text=job.facts.agency_name, place=place, size=size, width=width)


def _fitting(text: str, page_width: float, lettering: Lettering) -> float:
    """Return the size at which a text fits on a page: smaller where that is narrow."""
    room = page_width - 2 * _EDGE
    return max(min(_POINTS, _POINTS * room / lettering.width(text, _POINTS)), _SMALLEST)


def _foot(page: RecognizedPage, job: AccessJob, lettering: Lettering) -> _Mark:
    """Say below the page that it is a copy, and of what."""
    words = {
        CopyForm.VIEW: "BẢN XEM, không thay thế bản lưu.",
        CopyForm.PLAIN: "Bản sao không chứng nhận, nén mất dữ liệu.",
        CopyForm.READING: "Bản đọc, không thay thế bản lưu.",
    }
    until = f" Đọc đến hết ngày {job.last_day.strftime('%d/%m/%Y')}." if job.last_day else ""
    text = f"{words[job.form]}{until} SHA-256 của bản lưu: {job.facts.access_copy_of}"
    room = page.width - 2 * _EDGE
    size = min(_FOOT_SIZE, _FOOT_SIZE * room / lettering.width(text, _FOOT_SIZE))
    return _Mark(text=text, place=(_EDGE, size / 2), size=size, width=room)


def _line(mark: _Mark, height: float) -> Line:
    left, baseline = mark.place
    top, foot = height - baseline - _ASCENT * mark.size, height - baseline + _DESCENT * mark.size
    box = (left, top, left + mark.width, foot)
    words = mark.text.split()
    share = mark.width / max(sum(len(word) + 1 for word in words) - 1, 1)
    placed, at = [], left
    for word in words:
        end = at + share * len(word)
        placed.append(Word(text=word, box=(at, top, end, foot), confidence=1.0))
        at = end + share
    return Line(words=tuple(placed), box=box)


def _moved(line: Line, down: float) -> Line:
    def moved(box: Box) -> Box:
        return (box[0], box[1] + down, box[2], box[3] + down)

    words = tuple(replace(word, box=moved(word.box)) for word in line.words)
    return Line(words=words, box=moved(line.box))
