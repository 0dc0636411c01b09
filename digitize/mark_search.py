"""Where marks of secrecy may stand on a page, and what each place says, looked at by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

from digitize.attempts import Attempt
from digitize.crossed_rows import find_crossed
from digitize.enhance import shrink
from digitize.frames import Picture
from digitize.images import PageImage
from digitize.masks import mask_step
from digitize.model import Barcode, Box, Line, MarkKind, StampReading
from digitize.ocr import Recognizer
from digitize.outlying_places import Ways, find_outlying
from digitize.stamp_places import find_places
from digitize.stamp_reading import LOOK_DPI, hold_against_letters, read_places
from digitize.together import read_side_by_side
from digitize.unread_rows import find_unread

_POINTS_PER_INCH = 72.0


def look_for_marks(
    page: PageImage,
    attempt: Attempt,
    barcodes: Sequence[Barcode],
    recognizer: Recognizer,
    work: Path,
) -> tuple[StampReading, ...]:
    """Read each place by itself that may be a mark of secrecy.

    Args:
        page: the page as it came.
        attempt: how it was read as a whole.
        barcodes: that were read on it: their modules are no letters.
        recognizer: the engine.
        work: existing folder for temporary files.
    """
    looks = _places(page, attempt, [code.box for code in barcodes])
    crossed = find_crossed(attempt.lines, *_size(attempt))
    if not looks and not crossed:
        return ()
    laid = attempt.laid(page.picture)

    def reading_of(ways: Ways) -> Callable[[Recognizer], tuple[StampReading, ...]]:
        def read_place(by: Recognizer) -> tuple[StampReading, ...]:
            def read(look: Picture, is_row: bool) -> tuple[Line, ...]:
                return (by.read_row if is_row else by.read_marks)(look, LOOK_DPI, work)

            # Either way says something: TUYỆT MẬT upside down is 1VN L1A.
            return read_places(laid, ways, page.dpi, read, attempt.lines)

        return read_place

    found = read_side_by_side([reading_of(ways) for ways in looks], recognizer, work)
    alike = (hold_against_letters(laid, place, page.dpi) for place in crossed)
    return (*chain.from_iterable(found), *alike)


def _size(attempt: Attempt) -> tuple[float, float]:
    """Return the width and the height of the page that was read, points."""
    height, width = attempt.prepared.picture.shape[:2]
    return width / attempt.dpi * _POINTS_PER_INCH, height / attempt.dpi * _POINTS_PER_INCH


def _places(page: PageImage, attempt: Attempt, codes: Sequence[Box]) -> tuple[Ways, ...]:
    """Return where a mark may stand, each place with the ways in which it may be read."""
    step = mask_step(page.dpi)
    dpi = page.dpi / step
    small = attempt.laid(shrink(page.picture, step))
    seals = [mark.box for mark in attempt.prepared.marks if mark.kind is MarkKind.SEAL]
    places = find_places(small, dpi, codes, seals)
    unread = find_unread(attempt.lines, *_size(attempt))
    places += tuple(row for row in unread if not any(place.holds(row) for place in places))
    return *((place,) for place in places), *find_outlying(small, dpi, attempt.lines, codes)
