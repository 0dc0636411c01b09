"""Reading a large PDF without holding its pictures in memory."""

from __future__ import annotations

import io
import mmap
from pathlib import Path

# Dictionaries, object streams and their like are smaller; what is larger is a picture, as a rule.
_LARGE_BYTES = 1 << 16


class LargeFile(io.BufferedReader):
    """A file whose large pieces are read as views of it, not as copies.

    pyHanko reads every object of a file to tell what a revision changed, and keeps them all: of a
    scan of 200 pages that would be the scan itself. A view takes memory only where it is looked at.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._view: memoryview | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to so many bytes; many of them as a view, which compares and decodes alike."""
        if size is None or size < _LARGE_BYTES:
            return super().read(size)
        if self._view is None:
            # Never closed by hand: views of it may outlive the file.
            self._view = memoryview(mmap.mmap(self.fileno(), 0, access=mmap.ACCESS_READ))
        start = self.tell()
        piece = self._view[start : start + size]
        self.seek(start + len(piece))
        return piece  # type: ignore[return-value]  # a view stands for its bytes
