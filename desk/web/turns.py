"""What the workers of one station's pages share: turns at what costs much, by locks of files.

A lock of a file ends with whoever holds it, however that came about: nobody waits for the dead.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class Turns:
    """Turns by name.

    Args:
        folder: where the locks lie; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    @contextmanager
    def wait(self, name: str) -> Iterator[None]:
        """Wait until nobody else has this turn, and have it meanwhile."""
        with self._lock(name) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def one_of(self, name: str, most: int) -> Iterator[bool]:
        """Have one of so many turns, without waiting; give whether there was one left."""
        for number in range(most):
            with self._lock(f"{name}-{number}") as file:
                if _is_taken(file):
                    yield True
                    return
        yield False

    def _lock(self, name: str) -> BinaryIO:
        return (self._folder / f"{name}.turn").open("wb")


def _is_taken(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
