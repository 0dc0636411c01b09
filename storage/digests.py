"""Both digests of a stream, side by side where that pays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

# To hand a piece to another thread takes as long as to hash some 20 kB.
_WORTH_BYTES = 64 * 1024


class Digests:
    """Makes SHA-256 and SHA-512 of bytes that pass by, the longer one by a thread of its own.

    Both together take as long as the disk needs for the same bytes; on two processors they take
    as long as SHA-512 alone.
    """

    def __init__(self) -> None:
        self._beside: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "sha512")

    def of(
        self, chunks: Iterable[bytes], meanwhile: Callable[[bytes], None] | None = None
    ) -> tuple[str, str, int]:
        """Return SHA-256 (hex), SHA-512 (hex) and length (bytes) of what chunks hold in all.

        Args:
            chunks: The bytes.
            meanwhile: What else is to be done with each chunk, while it is hashed.
        """
        sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
        for chunk in chunks:
            size += len(chunk)
            before = sha512.copy()
            other = self._begin(sha512.update, chunk)
            if meanwhile is not None:
                meanwhile(chunk)
            sha256.update(chunk)
            # Where it has not begun (the machine is busy, the thread has somebody else's piece, or
            # this is the child of a fork and has none) nobody waits for its turn.
            if other is None or other.cancel():
                # A copy, as a piece that could not be handed over may lie in the queue still.
                sha512 = before
                sha512.update(chunk)
            else:
                other.result()
        return sha256.hexdigest(), sha512.hexdigest(), size

    def _begin(self, update: Callable[[bytes], None], chunk: bytes) -> Future[None] | None:
        """Hand a piece over, where that is worth it and a thread can be had."""
        if self._beside is None or len(chunk) < _WORTH_BYTES:
            return None
        try:
            return self._beside.submit(update, chunk)
        except RuntimeError:
            # The machine gives no more threads, or the program is about to end.
            self._beside = None
            return None
