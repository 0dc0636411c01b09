"""Scans that failed because their writer was not done: taken up by themselves once they are whole.

A slow writer may go on writing after its file was put into the error tray: a rename does not stop
it. So the clerk need do nothing when the rest arrives late.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from desk import trays
from desk.claims import take_up_completed
from desk.services import Services
from desk.wholeness import Look, is_being_written, is_whole, look_again
from digitize.errors import DamagedFile, EmptyFile, IncompleteFile
from storage.submissions import Submission, SubmissionState

_FAILED = SubmissionState.IN_ERROR
_DAMAGED = DamagedFile.__name__
_UNFINISHED = (IncompleteFile.__name__, EmptyFile.__name__, _DAMAGED)


class Stranded:
    """Looks after the scans of the error tray that may yet become whole.

    Args:
        services: whose error tray.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looks: dict[str, Look] = {}
        self._judged: dict[str, Look] = {}
        """The look at which a scan was last found not to be whole."""
        self.growing = 0
        """Scans that changed since they failed, and are open, or too new to be judged."""

    def take_up(self, moment: float) -> Iterator[Submission]:
        """Take up what has become whole: the same submission, its next attempt.

        Args:
            moment: monotonic seconds.
        """
        before, self._looks, self.growing = self._looks, {}, 0
        for item in self._services.archive.ledger.standing_for(_FAILED, *_UNFINISHED):
            path = self._services.station.root / item.tray_path
            found = trays.measure(path)
            if found is None:
                continue
            look = look_again(before.get(item.id), found, moment)
            self._looks[item.id] = look
            if item.reason is not None and item.reason.code == _DAMAGED:
                # It had its end and did not decode: only other bytes are worth another look.
                self._judged.setdefault(item.id, look)
            if self._may_be_done(item, look, moment):
                yield from self._judge(item, path, look)
            elif look.size != item.size_bytes and self._judged.get(item.id) is not look:
                self.growing += 1
        self._judged = {key: look for key, look in self._judged.items() if key in self._looks}

    def _may_be_done(self, item: Submission, look: Look, moment: float) -> bool:
        still = moment - look.since >= self._services.station.settings.intake.still_seconds
        return still and self._judged.get(item.id) is not look

    def _judge(self, item: Submission, path: Path, look: Look) -> Iterator[Submission]:
        with suppress(OSError):  # taken away or locked; the next look tells
            if is_being_written(path):
                self.growing += 1
                return
            if is_whole(path):
                yield take_up_completed(item, path, self._services)
            else:
                self._judged[item.id] = look
