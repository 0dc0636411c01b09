"""Folders of work in the staging folder, marked as long as whoever works there lives."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.objects import is_being_written

_MARK = ".lock"


@contextmanager
def workshop(staging: Path, prefix: str) -> Iterator[Path]:
    """Give an empty folder, gone afterwards; an engine that starts meanwhile leaves it alone.

    Args:
        staging: Folder for files being written.
        prefix: What its name begins with.
    """
    with TemporaryDirectory(dir=staging, prefix=prefix) as name:
        folder = Path(name)
        with (folder / _MARK).open("wb") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX)
            inner = folder / "work"
            inner.mkdir()
            yield inner


def is_at_work(folder: Path) -> bool:
    """Tell whether somebody works in a folder that `workshop` gave."""
    return is_being_written(folder / _MARK)
