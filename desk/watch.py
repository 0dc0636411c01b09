"""The only door to watchdog: events are hints that a scan of the inbox is due, never the truth."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer


class _Hinting(FileSystemEventHandler):
    """Sets a flag for every event; the scan finds out what happened."""

    def __init__(self, hint: threading.Event) -> None:
        self._hint = hint

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Say that something happened."""
        self._hint.set()


@contextmanager
def watch(inbox: Path) -> Iterator[threading.Event]:
    """Watch an inbox; the event given is set whenever something may have arrived.

    A burst overflows the kernel's queue and shares tell nothing, so the caller scans at intervals
    all the same.
    """
    hint = threading.Event()
    observer = Observer()
    observer.schedule(_Hinting(hint), str(inbox), recursive=True)
    observer.start()
    try:
        yield hint
    finally:
        observer.stop()
        observer.join()
