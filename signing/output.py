"""Write a file so that it is whole or not there."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from signing.errors import OutputNotWritten

# Signature, timestamps, certificates and revocation lists, as far as they are of common size.
_MORE_BYTES = 512 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def temporary_beside(target: Path) -> Iterator[tuple[Path, BufferedRandom]]:
    """Open a file in the target's folder that is gone afterwards, unless it was published.

    Args:
        target: What the file is to become.

    Raises:
        OutputNotWritten: Disk full, no permission, no such folder.
    """
    path: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".ky-", suffix=".part")
        path = Path(name)
        with os.fdopen(descriptor, "w+b") as file:
            yield path, file
    except OSError as error:
        raise OutputNotWritten(
            f"Không ghi được {target}: {error.strerror}. Hãy kiểm tra dung lượng đĩa và quyền ghi.",
            f"cannot write {target}: {error.strerror}; check disk space and permissions",
            is_full=error.errno in _FULL,
        ) from error
    finally:
        if path is not None:
            path.unlink(missing_ok=True)


def require_room(target: Path, source: Path) -> None:
    """Refuse to begin what would not fit: once a key was used, its signature would be lost.

    Args:
        target: What is to be written.
        source: The file that it begins with.

    Raises:
        OutputNotWritten: The disk has no room for it.
    """
    try:
        wanted = source.stat().st_size + _MORE_BYTES
        free = shutil.disk_usage(target.parent).free
    except OSError:
        return  # opening it tells what is wrong
    if free < wanted:
        raise OutputNotWritten(
            f"Ổ đĩa đã đầy: ghi {target} cần {wanted >> 10} KB, còn {free >> 10} KB; "
            "chưa dùng khóa. Hãy dọn ổ đĩa rồi thử lại.",
            f"no room to write {target} ({wanted >> 10} KB wanted, {free >> 10} KB free); the key "
            "was not used",
            is_full=True,
        )


def publish(path: Path, target: Path, *, like: Path) -> None:
    """Give a finished, synced file its name, and make the name last.

    Args:
        path: The temporary file.
        target: Its name from now on; an older file of that name is replaced.
        like: The file whose permissions it takes over.
    """
    shutil.copymode(like, path)
    path.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
