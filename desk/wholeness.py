"""Is a file whole, or does somebody still write it? Stillness, open writers, structure.

No sign alone is enough: a printer pauses longer than any patience, a copy may reserve its whole
length first, and a PDF that is cut at an earlier revision looks whole. Together they err seldom,
and the full decode after the claim finds what they miss. Airtight is only a writer that gives the
file its name when it is done.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from desk.trays import Found
from digitize.errors import IntakeError, UnsupportedType
from digitize.filetypes import has_its_end, sniff

# What every type that is taken can be told by (HEIC and WebP need twelve bytes).
_MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class Look:
    """What a file measured when it was last looked at."""

    size: int
    """Bytes."""
    mtime_ns: int
    """Last change, by the file system's clock; only compared, never trusted."""
    since: float
    """Since when neither has changed; monotonic seconds of our own clock."""

    def matches(self, size: int, mtime_ns: int) -> bool:
        """Tell whether a file still measures the same."""
        return (self.size, self.mtime_ns) == (size, mtime_ns)


def look_again(before: Look | None, found: Found, moment: float) -> Look:
    """Return the newest look at a file; what has not changed keeps its age.

    Args:
        before: the look before, if there was one.
        found: what it measures now.
        moment: monotonic seconds.
    """
    if before is not None and before.matches(found.size, found.mtime_ns):
        return before
    return Look(found.size, found.mtime_ns, moment)


def is_whole(path: Path) -> bool:
    """Tell whether a file has its end, or is of a kind that never will have one.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return has_its_end(path, sniff(path))
    except UnsupportedType:
        # So short a beginning may yet become anything.
        return path.stat().st_size >= _MARK_BYTES
    except IntakeError:
        return False


def is_being_written(path: Path) -> bool:
    """Tell whether a program on this machine holds a file open for writing.

    Linux grants a read lease only on a file that nobody writes (fcntl(2), F_SETLEASE). Where the
    system says nothing, other than Linux, a share, a file of another owner, the answer is no.

    Raises:
        OSError: it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        # A writer who comes while the lease stands would end the program by SIGIO; this signal is
        # ignored unless somebody asks for it.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    except AttributeError:  # no leases on this system
        return False
    finally:
        os.close(descriptor)
    return False
