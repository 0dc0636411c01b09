"""Folders of work that are gone afterwards, marked as long as whoever works there lives.

A killed run leaves its folder; whoever next works in the same place clears it. So that nobody
takes a folder for left behind that is just being made, folders are made and cleared one at a time,
under a lock on the folder that they lie in.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

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
        prefix: What its name begins with; those of the same beginning that killed runs left are
            cleared.
    """
    with _marked(staging, prefix) as folder:
        inner = folder / "work"
        inner.mkdir()
        yield inner


@contextmanager
def workshop_beside(target: Path) -> Iterator[Path]:
    """Give an empty folder beside what shall be written, gone afterwards.

    There is room for it there, and the last step is a rename. What killed runs left there is
    cleared.

    Args:
        target: What shall be written; its folder is made where it is missing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _marked(target.parent, _BESIDE) as folder:
        inner = folder / "work"
        inner.mkdir()
        yield inner


def clear_beside(folder: Path) -> None:
    """Clear what killed runs left of `workshop_beside` in a folder, where it is there."""
    if folder.is_dir():
        with _one_at_a_time(folder) as is_alone:
            _clear(folder, _BESIDE, is_alone=is_alone)


def is_at_work(folder: Path) -> bool:
    """Tell whether somebody works in a folder of work."""
    return is_being_written(folder / _MARK)


@contextmanager
def nobody_begins(folder: Path) -> Iterator[None]:
    """Let nobody make a folder of work in a folder meanwhile."""
    with _one_at_a_time(folder):
        yield


@contextmanager
def _marked(parent: Path, prefix: str) -> Iterator[Path]:
    with _one_at_a_time(parent) as is_alone:
        _clear(parent, prefix, is_alone=is_alone)
        work = TemporaryDirectory(dir=parent, prefix=prefix)
        mark = _mark(Path(work.name))
    with mark, work:
        yield Path(work.name)


def _mark(folder: Path) -> BinaryIO:
    mark = (folder / _MARK).open("wb")
    mark.write(_machine())
    mark.flush()
    with suppress(OSError):  # a share without locks: its folders are cleared when they are old
        fcntl.flock(mark, fcntl.LOCK_EX)
    return mark


def _machine() -> bytes:
    return os.uname().nodename.encode()


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[bool]:
    """Wait until nobody else makes or clears here; give False where the place knows no locks."""
    descriptor = _locked(folder)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _locked(folder: Path) -> int | None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _clear(parent: Path, prefix: str, *, is_alone: bool) -> None:
    for left in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            is_old = time.time() - left.stat().st_mtime > _ABANDONED_SECONDS
            is_left = is_old or (is_alone and _is_of_this_machine(left))
            # A large archive on a slow disk is at work for more than a day.
            if is_left and not is_at_work(left):
                shutil.rmtree(left)


def _is_of_this_machine(left: Path) -> bool:
    """Tell whether a folder of work was made here: locks of others may not be seen on a share."""
    try:
        return (left / _MARK).read_bytes() in (_machine(), b"")
    except FileNotFoundError:
        return True
