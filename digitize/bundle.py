"""Page files of one paper as one file: an uncompressed tar that always comes out the same.

Scanners that write a picture for each page leave `X_001.jpg`, `X_002.jpg`…; together they are one
paper, and one original. The tar holds their bytes untouched, in page order, with no times and no
owners, so equal pages give equal bytes; any tar program takes them out again (POSIX.1-2001 pax).
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from digitize.errors import DamagedFile

# Tells our bundles from other tars, which are not taken: a comment for the whole file.
_COMMENT = {"comment": "hoso page files"}
_MARK = b" comment=hoso page files\n"
_MARK_AT, _MARK_ROOM = 512, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One page file of a bundle."""

    name: str
    """Its file name as it came, NFC."""
    offset: int
    """Where its bytes begin in the bundle."""
    size_bytes: int


def write_bundle(paths: tuple[Path, ...], target: Path) -> None:
    """Write page files into a bundle, in the order given.

    Raises:
        OSError: a page cannot be read, or the bundle not be written.
    """
    with target.open("wb") as stream:
        _write(((path.name, path.read_bytes()) for path in paths), stream)


def _write(pages: Iterable[tuple[str, bytes]], stream: BinaryIO) -> None:
    with tarfile.open(
        fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, pax_headers=_COMMENT
    ) as tar:
        for name, data in pages:
            tar.addfile(_header(name, len(data)), io.BytesIO(data))


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mtime, header.mode = size, 0, 0o644
    return header


def is_bundle(path: Path) -> bool:
    """Tell by its first bytes whether a file claims to be a bundle of ours.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        stream.seek(_MARK_AT)
        return _MARK in stream.read(_MARK_ROOM)


def list_members(path: Path) -> tuple[Member, ...]:
    """Return the page files of a bundle, in order.

    Raises:
        DamagedFile: it is no bundle of ours, or is broken.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            found, comment = tar.getmembers(), tar.pax_headers
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise _damaged(path) from error
    if not found or comment != _COMMENT or not all(item.isreg() for item in found):
        raise _damaged(path)
    return tuple(
        Member(name=item.name, offset=item.offset_data, size_bytes=item.size) for item in found
    )


def read_member(path: Path, index: int) -> bytes:
    """Return the bytes of one page file, as they came.

    Raises:
        DamagedFile: it is no bundle of ours, or is broken.
    """
    member = list_members(path)[index]
    with path.open("rb") as stream:
        stream.seek(member.offset)
        return stream.read(member.size_bytes)


def is_whole(path: Path) -> bool:
    """Tell whether a bundle is, byte for byte, what we write for its members."""
    try:
        members = list_members(path)
    except DamagedFile:
        return False
    again = io.BytesIO()
    _write(((item.name, read_member(path, at)) for at, item in enumerate(members)), again)
    return again.getvalue() == path.read_bytes()


def _damaged(path: Path) -> DamagedFile:
    return DamagedFile(
        f"Bộ trang «{path.name}» bị hỏng hoặc không do trạm này ghép. Hãy quét lại giấy này.",
        "the bundle of page files is broken or not ours; scan the paper again",
    )
