"""Signatures in a file's bytes that no field reaches: what remains of one that was taken off."""

from __future__ import annotations

import mmap
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pikepdf

from signing.byte_search import ByteRange, find_byte_ranges

# So many are looked at closely; a hostile file may hold any number.
_MOST_STRAY = 100
# The word «stream» and the line's end before the data.
_HEAD_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayRange:
    """A ByteRange in the bytes of a file that no field reaches: a signature stood there.

    Attributes:
        place: Where it is written, in bytes from the start.
        byte_range: The four numbers.
    """

    place: int
    byte_range: ByteRange


def find_stray(
    pdf: pikepdf.Pdf, content: mmap.mmap, reached: Iterable[ByteRange | None]
) -> Iterator[StrayRange]:
    """List the signatures that no field reaches.

    Left out are those inside streams, for a PDF attached to a PDF has signatures of its own, and
    usage rights that a form's maker granted, which are signed and stand in no field.

    Args:
        pdf: The file.
        content: Its bytes.
        reached: The ByteRanges that fields reach.
    """
    known = {*reached, *_granted(pdf)}
    stray: dict[ByteRange, int] = {}
    for place, byte_range in find_byte_ranges(content):
        if byte_range not in known:
            stray.setdefault(byte_range, place)
    streams = _streams(pdf, content, list(stray.values())[:_MOST_STRAY]) if stray else set()
    for byte_range, place in stray.items():
        if place not in streams:
            yield StrayRange(place=place, byte_range=byte_range)


def _granted(pdf: pikepdf.Pdf) -> Iterator[ByteRange | None]:
    rights = pdf.Root.get("/Perms")
    if not isinstance(rights, pikepdf.Dictionary):
        return
    for key in rights.keys():  # noqa: SIM118  no mapping of Python's
        if isinstance(rights[key], pikepdf.Dictionary):
            yield read_range(rights[key].get("/ByteRange"))


def _streams(pdf: pikepdf.Pdf, content: mmap.mmap, places: Iterable[int]) -> set[int]:
    """Give which places lie in the data of a stream that a table knows."""
    starts = sorted(
        (entry.offset, key) for key, entry in pdf.get_xref_table().items() if entry.offset
    )
    inside: set[int] = set()
    for place in places:
        at = bisect_right(starts, place, key=lambda start: start[0]) - 1
        holder = pdf.get_object(starts[at][1]) if at >= 0 else None
        if not isinstance(holder, pikepdf.Stream):
            continue
        length = holder.stream_dict.get("/Length")
        data = content.find(b"stream", starts[at][0])
        if isinstance(length, int) and data < place < data + _HEAD_BYTES + length:
            inside.add(place)
    return inside


def read_range(value: object) -> ByteRange | None:
    """Read the four numbers of a ByteRange; None where it is no such thing."""
    if not isinstance(value, pikepdf.Array) or len(value) != len("abcd"):
        return None
    numbers = []
    for item in value:
        try:
            numbers.append(int(item))
        except (TypeError, ValueError):
            return None
    return numbers[0], numbers[1], numbers[2], numbers[3]
