"""One program at a time on a token, across all programs of a machine.

Two that log in side by side disturb each other's sessions and may each spend a try of the PIN. The
lock is the operating system's, so it ends with the program that holds it, however that ends. Its
file also remembers that a PIN was refused: some tokens do not tell, and a program that starts again
by itself must not spend the next try.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from signing.errors import TokenBusy

# Private temporary folders of services hide /tmp from one another; this one is common to all.
_SHARED_FOLDER = Path("/run/lock")
_PAUSE_SECONDS = 0.1
_REFUSED = b"refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLock:
    """The lock of a token, held.

    Attributes:
        descriptor: The open lock file.
    """

    descriptor: int

    def was_refused(self) -> bool:
        """Tell whether the last PIN given to this token from this machine was wrong."""
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        return os.read(self.descriptor, len(_REFUSED)) == _REFUSED

    def remember(self, *, refused: bool) -> None:
        """Note how the last login ended."""
        os.ftruncate(self.descriptor, 0)
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        if refused:
            os.write(self.descriptor, _REFUSED)
        os.fsync(self.descriptor)


@contextmanager
def hold_token(
    identity: str, wait_seconds: float, folder: Path | None = None
) -> Iterator[TokenLock]:
    """Hold the lock of a token.

    Args:
        identity: What tells the token from others: maker and serial number.
        wait_seconds: How long to wait for another program.
        folder: Where lock files lie; the machine's common folder by default.

    Raises:
        TokenBusy: Another program works with it.
    """
    name = hashlib.sha256(identity.encode()).hexdigest()[:32]
    descriptor = _open((folder or _common_folder()) / f"hoso-token-{name}.lock")
    try:
        until = time.monotonic() + wait_seconds
        while not _try_lock(descriptor):
            if time.monotonic() >= until:
                raise TokenBusy(
                    "Token đang được chương trình khác dùng. Hãy đợi chương trình đó ký xong rồi "
                    "thử lại.",
                    "another program is using the token; wait until it is done, then try again",
                )
            time.sleep(_PAUSE_SECONDS)
        yield TokenLock(descriptor=descriptor)
    finally:
        os.close(descriptor)


def _common_folder() -> Path:
    if os.access(_SHARED_FOLDER, os.W_OK):
        return _SHARED_FOLDER
    return Path(tempfile.gettempdir())


def _open(path: Path) -> int:
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        # Without O_CREAT first: Linux refuses to "create" another account's file in such folders.
        return os.open(path, flags)
    except FileNotFoundError:
        descriptor = os.open(path, flags | os.O_CREAT, 0o666)
        if sys.platform != "win32":
            # Accounts that share a token share its lock, whatever mask this one has.
            os.fchmod(descriptor, 0o666)
        return descriptor


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            # A byte beyond the text: Windows forbids reading what is locked.
            os.lseek(descriptor, 1 << 20, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
