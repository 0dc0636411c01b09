"""Folders of work in the staging folder, marked as long as whoever works there lives."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.objects import is_being_written

_MARK = ".lock"
_BESIDE = ".hoso-goi-"
# No package takes so long to write.
_ABANDONED_SECONDS = 86_400


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


@contextmanager
def workshop_beside(target: Path) -> Iterator[Path]:
    """Give an empty folder beside what shall be written, gone afterwards.

    There is room for it there, and the last step is a rename. Killed runs leave theirs; those of
    earlier days are cleared.

    Args:
        target: What shall be written; its folder is made where it is missing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f"{_BESIDE}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(left)
    with TemporaryDirectory(dir=target.parent, prefix=_BESIDE) as work:
        yield Path(work)


def is_at_work(folder: Path) -> bool:
    """Tell whether somebody works in a folder that `workshop` gave."""
    return is_being_written(folder / _MARK)
