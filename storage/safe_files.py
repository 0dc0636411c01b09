"""Files that are there whole or not at all, and still there after the power was cut."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, data: bytes, *, named: bool = True) -> None:
    """Write a file under a temporary name, bring it to the disk, and give it its name.

    Args:
        path: Where.
        data: What.
        named: Whether the name is brought to the disk too; where many are written into one folder,
            `sync_folder` does it once for all.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    if named:
        sync_folder(path.parent)


def sync_folder(folder: Path | str) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_first(made: Path, path: Path) -> None:
    """Give a whole file its name, unless another one was first; the file aside is gone afterwards.

    Two programs may make what a station has once, a key above all: both go on with the first.

    Raises:
        OSError: It cannot get the name.
    """
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
