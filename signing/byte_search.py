"""Looking for words in a PDF's bytes, past every table; of a large file only a window at a time."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from typing import BinaryIO

ByteRange = tuple[int, int, int, int]

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
_BLANK = b" \t\r\n\f\0"
_END_MARK = b"%%EOF"
# A multiple of the memory page.
_WINDOW = 1 << 22


def find_all(content: mmap.mmap, wanted: bytes) -> list[int]:
    """Return where some bytes stand.

    Args:
        content: The file.
        wanted: The bytes.
    """
    places = []
    for start in range(0, len(content), _WINDOW):
        end = min(start + _WINDOW + len(wanted) - 1, len(content))
        place = content.find(wanted, start, end)
        while place >= 0:
            places.append(place)
            place = content.find(wanted, place + len(wanted), end)
        content.madvise(mmap.MADV_DONTNEED, start, min(_WINDOW, len(content) - start))
    return places


def find_byte_ranges(content: mmap.mmap) -> Iterator[tuple[int, ByteRange]]:
    """List every ByteRange that is written out in a file, with its place.

    Args:
        content: The file.
    """
    for place in find_all(content, b"/ByteRange"):
        if match := _BYTE_RANGE.match(content, place):
            first, length, second, rest = (int(number) for number in match.groups())
            yield place, (first, length, second, rest)


def count_end_marks(file: BinaryIO, start: int) -> int:
    """Count the end-of-file marks from a byte position on: one for each real revision."""
    file.seek(start)
    count, before = 0, b""
    while part := file.read(_WINDOW):
        # What is kept is shorter than a mark, so none is counted twice.
        count += (before + part).count(_END_MARK)
        before = (before + part)[1 - len(_END_MARK) :]
    return count


def count_trailing(content: mmap.mmap) -> int:
    """Count the bytes after the last end mark, blanks left out."""
    end = content.rfind(_END_MARK)
    if end < 0:
        return len(content)
    return len(content[end + len(_END_MARK) :].strip(_BLANK))
