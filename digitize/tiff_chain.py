"""The directories of a TIFF, followed without decoding (TIFF 6.0 section 2; BigTIFF design)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

_BIG_VERSION = 43
# Bytes of one value, by the number of its type; 16 to 18 are BigTIFF's.
_VALUE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
                16: 8, 17: 8, 18: 8}  # fmt: skip
_STRIP_OFFSETS, _STRIP_COUNTS, _TILE_OFFSETS, _TILE_COUNTS = 273, 279, 324, 325
# A thousand pages have some 20,000 entries; what has more was made to keep us busy.
_MAX_ENTRIES = 1_000_000
_Lists = dict[int, list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tiff:
    stream: BinaryIO
    size: int
    """Bytes of the file."""
    order: Literal["little", "big"]
    offset_bytes: int
    """4, or 8 in a BigTIFF."""
    count_bytes: int
    """Width of a directory's number of entries: 2, or 8."""

    @property
    def entry_bytes(self) -> int:
        return 4 + 2 * self.offset_bytes

    def number(self, at: int, width: int) -> int:
        self.stream.seek(at)
        return int.from_bytes(self.stream.read(width), self.order)

    def numbers(self, at: int, width: int, count: int) -> list[int]:
        self.stream.seek(at)
        data = self.stream.read(width * count)
        return [
            int.from_bytes(data[start : start + width], self.order)
            for start in range(0, len(data), width)
        ]


def is_whole(path: Path) -> bool:
    """Tell whether every directory, every value and every strip or tile lies inside the file."""
    with path.open("rb") as stream:
        head = stream.read(8)
        order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
        is_big = int.from_bytes(head[2:4], order) == _BIG_VERSION
        tiff = _Tiff(
            stream=stream,
            size=path.stat().st_size,
            order=order,
            offset_bytes=8 if is_big else 4,
            count_bytes=8 if is_big else 2,
        )
        return _chain_fits(tiff)


def _chain_fits(tiff: _Tiff) -> bool:
    directory, seen, entries = tiff.number(tiff.offset_bytes, tiff.offset_bytes), set[int](), 0
    while directory:
        if directory in seen or directory + tiff.count_bytes > tiff.size:
            return False
        seen.add(directory)
        count = tiff.number(directory, tiff.count_bytes)
        entries += count
        end = directory + tiff.count_bytes + tiff.entry_bytes * count
        if entries > _MAX_ENTRIES or end + tiff.offset_bytes > tiff.size:
            return False
        if not _directory_fits(tiff, directory + tiff.count_bytes, count):
            return False
        directory = tiff.number(end, tiff.offset_bytes)
    return bool(seen)


def _directory_fits(tiff: _Tiff, first: int, count: int) -> bool:
    lists: _Lists = {}
    for index in range(count):
        if not _entry_fits(tiff, first + tiff.entry_bytes * index, lists):
            return False
    offsets = lists.get(_STRIP_OFFSETS) or lists.get(_TILE_OFFSETS) or []
    lengths = lists.get(_STRIP_COUNTS) or lists.get(_TILE_COUNTS) or []
    return len(offsets) == len(lengths) > 0 and all(
        offset + length <= tiff.size for offset, length in zip(offsets, lengths, strict=True)
    )


def _entry_fits(tiff: _Tiff, entry: int, lists: _Lists) -> bool:
    """Tell whether an entry's values lie inside the file; note them where they are places."""
    tag, kind = tiff.number(entry, 2), tiff.number(entry + 2, 2)
    count = tiff.number(entry + 4, tiff.offset_bytes)
    width = _VALUE_BYTES.get(kind)
    if width is None:  # readers must skip types that they do not know
        return True
    at = entry + 4 + tiff.offset_bytes
    if width * count > tiff.offset_bytes:
        at = tiff.number(at, tiff.offset_bytes)
    if at + width * count > tiff.size:
        return False
    if tag in (_STRIP_OFFSETS, _STRIP_COUNTS, _TILE_OFFSETS, _TILE_COUNTS):
        lists[tag] = tiff.numbers(at, width, count)
    return True
