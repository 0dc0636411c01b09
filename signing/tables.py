"""Tables that name an object twice: one reader takes the first place, another the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, BinaryIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionType

# A number, how many follow it; a row has a place, a generation and a letter.
_HEAD_WORDS, _ROW_WORDS = 2, 3
_Span = tuple[int, int]


def disputed_tables(reader: PdfFileReader, file: BinaryIO) -> tuple[int, ...]:
    """List where tables begin that name an object twice, or a stream of objects that holds one so.

    Args:
        reader: pyHanko's reader of the file.
        file: The same, open; its position is moved.
    """
    tables: Any = reader.xrefs
    found = []
    for number in range(tables.total_revisions):
        part: Any = tables.get_xref_container_info(number)
        # Of streams of references pyHanko itself refuses those.
        has_rows = part.xref_section_type is not XRefSectionType.STREAM
        # What the first revision holds was there when anybody signed.
        packs = tables.object_streams_used_in(number) if number else ()
        is_disputed = has_rows and _overlap(_spans(file, part))
        if is_disputed or any(_holds_twice(reader, pack) for pack in packs):
            found.append(part.start_location)
    return tuple(found)


def _holds_twice(reader: PdfFileReader, pack: Any) -> bool:
    """Tell whether a stream of objects holds two of one number."""
    try:
        stream: Any = reader.get_object(pack)  # type: ignore[no-untyped-call]  # untyped in pyHanko
        numbers = [int(one) for one in stream.data[: int(stream["/First"])].split()[::2]]
    except Exception:  # noqa: BLE001  hostile streams raise anything; readers guess what they hold
        return True
    return len(numbers) != len(set(numbers))


def _spans(file: BinaryIO, part: Any) -> Iterator[_Span]:
    file.seek(part.start_location)
    words = file.read(part.end_location - part.start_location).split()
    at = 1 if words[:1] == [b"xref"] else 0
    while at + 1 < len(words) and words[at].isdigit() and words[at + 1].isdigit():
        first, count = int(words[at]), int(words[at + 1])
        yield first, count
        at += _HEAD_WORDS + _ROW_WORDS * count


def _overlap(spans: Iterable[_Span]) -> bool:
    ordered = sorted((first, first + count) for first, count in spans if count > 0)
    return any(one[1] > other[0] for one, other in pairwise(ordered))
