"""Where on its page a line of a filed paper's text stands, by the kept reading."""

from __future__ import annotations

from desk.page_views import pages_as_read, scan_pages
from storage.archive import Archive
from storage.model import Box, Record


def line_place(
    record: Record, page: int, line: int, archive: Archive, *, overlay: bool = False
) -> Box | None:
    """Return where a line stands; None where that is not known.

    Args:
        record: the paper.
        page: of the paper, from 1.
        line: of the page's text, from 1.
        archive: whose reading.
        overlay: whether it is a line of what was read in seals and pen strokes.
    """
    read = pages_as_read(record, archive).get(scan_pages(record)[page - 1], {})
    lines = read.get("overlay" if overlay else "lines", [])
    if not 1 <= line <= len(lines):
        return None
    left, top, right, bottom = lines[line - 1]["box"]
    return (left, top, right, bottom)
