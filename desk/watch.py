"""The only door to watchdog: events are hints that a scan of the inbox is due, never the truth.

A burst overflows the kernel's queue, and the kernel tells nothing of what other machines write to a
share. So the engine scans at intervals all the same, network file systems are polled, and a canary,
a hidden file that is written into the inbox and whose event must come back, shows whether anything
is heard.
"""

from __future__ import annotations

import errno
import itertools
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from watchdog.events import (
    EVENT_TYPE_CLOSED_NO_WRITE,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    EVENT_TYPE_OPENED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from desk.health import cause, unreachable
from storage.submissions import Reason

log = logging.getLogger("hoso.watch")

MOUNTS = Path("/proc/self/mountinfo")
# What other machines write to these makes no event here (inotify(7), "Limitations and caveats").
_NETWORK_FILE_SYSTEMS = frozenset(
    {
        *("cifs", "smb3", "smbfs", "nfs", "nfs4", "9p", "afs", "ceph", "davfs", "ncpfs"),
        *("vboxsf", "vmhgfs", "prl_fs", "virtiofs", "lustre", "ocfs2", "gfs2", "beegfs"),
        *("fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.vmhgfs-fuse", "fuse.davfs"),
        *("fuse.smbnetfs", "fuse.s3fs"),
    }
)
# Polling reads the whole inbox each time; it is short, and the scan comes every 15 s anyway.
_POLL_SECONDS = 3.0
# A file and its event a minute are no load, and the status page is written as often.
_CANARY_SECONDS = 60.0
# After a deaf minute: listen anew, and ask again soon.
_DEAF_RETRY_SECONDS = 5.0
_ARRIVALS = (EVENT_TYPE_CREATED, EVENT_TYPE_MODIFIED, EVENT_TYPE_MOVED)
_CANARY_NAME = ".hoso-canary-{}.tmp"
_ESCAPED = re.compile(rb"\\([0-3][0-7]{2})")  # blanks and backslashes of a mount point
_CANARY = re.compile(r"\.hoso-canary-\d+\.tmp")


class Listener(Protocol):
    """What of an observer is used here."""

    def schedule(self, handler: FileSystemEventHandler, path: str, *, recursive: bool) -> object:
        """Take a folder to listen to."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End."""
        ...

    def join(self) -> None:
        """Wait for the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often the watcher asks itself whether it hears; seconds."""

    canary: float = _CANARY_SECONDS
    """Between two canaries."""
    answer: float = 2 * _POLL_SECONDS
    """How long a canary's event may take."""
    deaf_retry: float = _DEAF_RETRY_SECONDS
    """Between two attempts to hear again."""


class _Hearing(FileSystemEventHandler):
    """Sets a flag for every event but those of canaries; the scan finds out what happened."""

    def __init__(self) -> None:
        self.hint = threading.Event()
        self.heard: str | None = None
        """Name of the canary that was heard last."""

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note a canary, or say that something happened."""
        # Polling takes a file that got the number of one that went for the same file, moved.
        name = str(event.dest_path or event.src_path).rpartition("/")[2]
        if _CANARY.fullmatch(name):
            if event.event_type in _ARRIVALS:
                self.heard = name
        elif not _tells_nothing(event):
            self.hint.set()


def _tells_nothing(event: FileSystemEvent) -> bool:
    """Tell whether an event is the trace of a look or a departure: ours, for the most part."""
    if event.is_directory and event.event_type == EVENT_TYPE_MODIFIED:
        return True  # what changed inside has an event of its own
    return event.event_type in (EVENT_TYPE_OPENED, EVENT_TYPE_CLOSED_NO_WRITE, EVENT_TYPE_DELETED)


class Watcher:
    """Listens to an inbox, and knows whether it hears.

    Args:
        inbox: which folder, its subfolders included.
        listen: makes a new observer.
        rhythm: how often it asks itself.
    """

    def __init__(
        self, inbox: Path, listen: Callable[[], Listener], rhythm: Rhythm | None = None
    ) -> None:
        self._inbox = inbox
        self._listen = listen
        self._rhythm = rhythm or Rhythm()
        self._hearing = _Hearing()
        self._observer: Listener | None = None
        self._file_system = file_system_of(inbox)
        self._serials = itertools.count(1)
        self._canary: Path | None = None
        self._due = 0.0
        self._alarm: Reason | None = None

    @property
    def hint(self) -> threading.Event:
        """Set whenever something may have arrived."""
        return self._hearing.hint

    @property
    def alarms(self) -> tuple[Reason, ...]:
        """Why it does not hear; empty: it does."""
        return (self._alarm,) if self._alarm else ()

    def check(self, moment: float) -> None:
        """Judge the canary that is out, or send the next one when it is time; cheap.

        Args:
            moment: monotonic seconds.
        """
        if self._canary is not None and self._hearing.heard == self._canary.name:
            self._remove_canary()
            self._alarm = None
            self._due = moment + self._rhythm.canary
        if moment < self._due:
            return
        if self._canary is not None:
            self._give_up(_deaf(), moment)
            return
        try:
            alarm = self._send()
        except OSError as error:
            alarm = unreachable(*cause(error))
        if alarm is not None:
            self._give_up(alarm, moment)
        else:
            self._due = moment + self._rhythm.answer

    def _send(self) -> Reason | None:
        """Listen, where that ended, and write a canary; return why it cannot be heard."""
        if file_system_of(self._inbox) != self._file_system:
            # An unmounted share leaves an empty folder behind that looks like an inbox.
            return unreachable("ổ mạng không còn được gắn", "the share is not mounted")
        self._sweep()
        canary = self._inbox / _CANARY_NAME.format(next(self._serials))
        if self._observer is None and not self._begin():
            return _deaf()
        self._canary = canary
        canary.touch()
        return None

    def _begin(self) -> bool:
        """Start an observer; False where the kernel has no more watches or descriptors to give."""
        observer = self._listen()
        observer.schedule(self._hearing, str(self._inbox), recursive=True)
        try:
            observer.start()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EMFILE, errno.ENFILE):
                return False
            raise
        self._observer = observer
        return True

    def _give_up(self, alarm: Reason, moment: float) -> None:
        """Note why nothing is heard, and listen anew after a while."""
        if self._alarm is None:
            log.warning("the inbox is not heard: %s", alarm.en)
        self._alarm = alarm
        self.leave()
        self._due = moment + self._rhythm.deaf_retry

    def _remove_canary(self) -> None:
        if self._canary is not None:
            with suppress(OSError):  # the inbox is gone, and the canary with it
                self._canary.unlink(missing_ok=True)
        self._canary = None

    def _sweep(self) -> None:
        """Remove canaries of a run that was killed, or of a share that was gone for a while."""
        for litter in self._inbox.glob(_CANARY_NAME.format("*")):
            litter.unlink(missing_ok=True)

    def leave(self) -> None:
        """Stop listening and leave nothing in the inbox."""
        self._remove_canary()
        with suppress(OSError):
            self._sweep()
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join()


@contextmanager
def watch(inbox: Path, watching: str, rhythm: Rhythm | None = None) -> Iterator[Watcher]:
    """Watch an inbox.

    Args:
        inbox: which folder.
        watching: `auto`, `events` or `polling`.
        rhythm: how often the watcher asks itself whether it hears.
    """
    watcher = Watcher(inbox, _listener(inbox, watching), rhythm)
    try:
        watcher.check(time.monotonic())
        yield watcher
    finally:
        watcher.leave()


def _listener(inbox: Path, watching: str) -> Callable[[], Listener]:
    if needs_polling(inbox, watching):
        return lambda: PollingObserver(timeout=_POLL_SECONDS)
    return Observer


def needs_polling(inbox: Path, watching: str, mounts: Path = MOUNTS) -> bool:
    """Tell whether a folder must be polled: by the setting, or because it lies on a share."""
    if watching == "auto":
        return file_system_of(inbox, mounts) in _NETWORK_FILE_SYSTEMS
    return watching == "polling"


def file_system_of(folder: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of the file system a folder lies on; empty where the system does not tell.

    Args:
        folder: which.
        mounts: the mount table (proc(5), /proc/[pid]/mountinfo).
    """
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return ""
    best, found = -1, ""
    place = folder.resolve()
    for line in lines:
        before, _, after = line.partition(b" - ")
        escaped = before.split(b" ")[4]
        point = os.fsdecode(_ESCAPED.sub(lambda code: bytes([int(code[1], 8)]), escaped))
        # Later lines lie over earlier ones of the same place.
        if place.is_relative_to(point) and len(point) >= best:
            best, found = len(point), os.fsdecode(after.partition(b" ")[0])
    return found


def _deaf() -> Reason:
    return Reason(
        code="inbox_deaf",
        vi="Trạm không nghe được tin của thư mục chờ; bản quét vẫn được nhận, nhưng chậm hơn. "
        'Hãy báo người quản trị: đặt [intake] watching = "polling" rồi chạy lại trạm.',
        en="the inbox's events do not arrive; scans are found by the periodic scan only. "
        'Set [intake] watching = "polling" and restart',
    )
