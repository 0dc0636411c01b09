"""What lies in the inbox between two scans, and which of it may be taken.

The scan is the truth: every file is measured each time, and taken once it stands still by our own
clock, nobody writes it, and its end is there. Loose files are taken one by one; a dossier's folder
is taken when all of it stands still. What cannot be taken is told, and tried again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from desk import trays
from desk.claims import claim
from desk.dossier_folders import taken_together
from desk.health import cause, unlisted, unreachable
from desk.page_files import claim_pages, grouped
from desk.room import shortage
from desk.services import Services
from desk.stranded import Stranded
from desk.wholeness import Look, is_being_written, is_whole, look_again
from desk.withdrawals import note_withdrawn
from storage.submissions import Reason, Submission

# After this long the workers get what was claimed so far: a burst shall not keep them waiting.
_ROUND_SECONDS = 2.0


class Inbox:
    """Watches the files of the inbox between scans, to tell which stand still.

    Args:
        services: whose inbox.
        clock: monotonic seconds; a wall clock that jumps shall make no file older.
    """

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._stranded = Stranded(services)
        self._looks: dict[str, Look] = {}
        self._tried: dict[str, float] = {}
        """When a file was last found not ready to be taken, monotonic seconds."""
        self._refused: dict[str, Reason] = {}
        self._next_stranded = 0.0
        self.waiting = 0
        """Files that may be claimed soon: in the inbox, or growing in the error tray."""
        self.kept_out = 0
        """Files that are not taken while the disk has no room."""
        self.alarms: tuple[Reason, ...] = ()
        """What kept it from looking or taking at the last scan."""

    def claim_ready(self) -> list[Submission]:
        """Claim what stands still and is whole, or will not become so; some seconds' worth of it.

        Raises:
            StorageError: the ledger cannot be written; the claimed file is taken up at the start.
        """
        moment = self._clock()
        alarms = self._look_around(moment)
        short = shortage(self._services.station)
        self.kept_out = len(self._looks) if short else 0
        if short is not None:
            self.waiting, self.alarms = 0, (*alarms, short)
            return []
        claimed = []
        for paths in grouped(sorted(self._ready(moment)), self._looks, self._services):
            item = self._take(paths, moment)
            if item is not None:
                for path in paths:
                    del self._looks[path]
                claimed.append(item)
            if self._clock() - moment >= _ROUND_SECONDS:
                break
        claimed += self._take_up_stranded(moment)
        waiting = sum(not self._is_hopeless(path, moment) for path in self._looks)
        self.waiting = waiting + self._stranded.growing
        self.alarms = tuple(dict.fromkeys([*alarms, *self._refused.values()]))
        return claimed

    def _look_around(self, moment: float) -> list[Reason]:
        """Measure every file; return why some could not be seen."""
        alarms: list[Reason] = []
        looks = {}
        try:
            for found in trays.look_into(
                self._services.station.inbox, lambda error: alarms.append(unlisted(error))
            ):
                looks[found.path] = look_again(self._looks.get(found.path), found, moment)
        except OSError as error:
            alarms.append(unreachable(*cause(error)))
        self._looks = looks
        self._tried = {path: at for path, at in self._tried.items() if path in looks}
        self._refused = {path: why for path, why in self._refused.items() if path in looks}
        return alarms

    def _ready(self, moment: float) -> Iterator[str]:
        """Yield what has been still for long enough, and was not just found unready."""
        intake = self._services.station.settings.intake
        for dossier, paths in self._by_dossier().items():
            youngest = max(self._looks[path].since for path in paths)
            is_settled = moment - youngest >= max(intake.still_seconds, intake.dossier_seconds)
            for path in paths:
                still = moment - self._looks[path].since
                is_still = is_settled if dossier else still >= intake.still_seconds
                tried = self._tried.get(path)
                just_tried = tried is not None and moment - tried < intake.still_seconds
                if (is_still and not just_tried) or self._is_overdue(path, moment):
                    yield path

    def _by_dossier(self) -> dict[str, list[str]]:
        """Group the files by their dossiers' folders; loose files under the empty name."""
        start = len(str(self._services.station.inbox)) + 1
        folders = defaultdict(list)
        for path in self._looks:
            folders[path[start:].rpartition("/")[0]].append(path)
        groups: dict[str, list[str]] = defaultdict(list)
        for folder, paths in folders.items():
            groups[taken_together(folder)] += paths
        return groups

    def _is_overdue(self, path: str, moment: float) -> bool:
        patience = self._services.station.settings.intake.incomplete_seconds
        return moment - self._looks[path].since >= patience

    def _is_hopeless(self, path: str, moment: float) -> bool:
        return path in self._refused and self._is_overdue(path, moment)

    def _take(self, paths: tuple[str, ...], moment: float) -> Submission | None:
        """Take one file, or the page files of one paper, if whole and written by nobody."""
        places = tuple(Path(path) for path in paths)
        overdue = all(self._is_overdue(path, moment) for path in paths)
        for path in paths:
            self._tried[path] = moment
            self._refused.pop(path, None)
        try:
            # Asked of each, so that an unreadable one is told even when it is overdue.
            written = [place for place in places if is_being_written(place)]
            if not overdue and (written or not all(is_whole(place) for place in places)):
                return None
        except FileNotFoundError:
            return None
        except OSError as error:
            self._refused[paths[0]] = _unreadable(error)
            return None
        try:
            if len(places) > 1:
                return claim_pages(places, self._looks, self._services)
            return claim(places[0], self._looks[paths[0]], self._services, overdue=overdue)
        except OSError as error:
            self._refused[paths[0]] = _immovable(error)
            return None

    def _take_up_stranded(self, moment: float) -> list[Submission]:
        if moment < self._next_stranded and not self._stranded.growing:
            return []
        self._next_stranded = moment + self._services.station.settings.intake.scan_seconds
        note_withdrawn(self._services)
        return list(self._stranded.take_up(moment))


def _unreadable(error: OSError) -> Reason:
    vi, en = cause(error)
    # No name: names of scans are names of people, and this is told to monitors too.
    return Reason(
        code="scan_unreadable",
        vi=f"Có tệp trong thư mục chờ mà trạm không đọc được: {vi}. Tệp được để nguyên; "
        "hãy báo người quản trị mở quyền đọc, trạm sẽ tự nhận.",
        en=f"a file in the inbox cannot be read: {en}. It stays; it is taken once it can be read",
    )


def _immovable(error: OSError) -> Reason:
    vi, en = cause(error)
    return Reason(
        code="inbox_closed",
        vi=f"Trạm không lấy được tệp ra khỏi thư mục chờ: {vi}. Tệp được để nguyên; "
        "hãy báo người quản trị, trạm sẽ tự nhận khi lấy được.",
        en=f"files cannot be taken out of the inbox: {en}. They stay, and are taken once they can",
    )
