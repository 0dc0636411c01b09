"""The engine of one desk: threads in one process, guarded by the station's lock.

It only brings submissions to `pipeline.carry`, at least once; what is done stands in the ledger. At
the start everything unfinished is taken up again.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

from config.telling import ToldError
from config.traces import trace_of
from desk import personal, pipeline, sealing, session_folders, settling
from desk.certified_copies import CertifiedCopies
from desk.claims import adopt_strays
from desk.countersigning import take_countersigned
from desk.daily_work import DailyWork
from desk.endings import Ending, Held
from desk.engine.backlog import Backlog
from desk.engine.readers import NotYet
from desk.errors import InfectedFile, VirusCheckRefused
from desk.health import Pulse
from desk.inbox import Inbox
from desk.leftovers import clear_leftovers, finish_filed
from desk.moments import now
from desk.page_files import recover_page_files
from desk.releases import apply_releases
from desk.remote.agency_work import take_up
from desk.retries import apply_retries
from desk.review_acts import apply_reviews
from desk.room import require_room
from desk.services import Services
from desk.startup import sign_log
from desk.status import write_status_page
from desk.unknown_signatures import apply_decisions
from desk.watch import Watcher
from digitize.errors import DigitizeError, EngineMissing
from digitize.reader import ReaderStopped
from signing.errors import SigningError
from storage.errors import RowDamaged, StorageError
from storage.model import Record
from storage.submissions import Reason, Submission, SubmissionState

log = logging.getLogger("hoso.engine")

_PAUSE_SECONDS = 0.2
_STATUS_SECONDS = 60.0
_TROUBLE_RETRY_SECONDS = 120.0


# While some wait for a page to be read, others are described, signed and filed.
_SCANS_A_READER = 4
# How old the list of what waits may get where nothing says that it changed.
_RELOAD_SECONDS = 5.0


def count_threads(services: Services) -> int:
    """Return how many submissions are in work at once."""
    return services.readers.count * _SCANS_A_READER


class LocalEngine:
    """One run of the engine; a context manager that finishes what is in work.

    Args:
        services: what the stages are given; the caller holds the station's lock.
        report: told of each ending as it comes, in the engine's own thread.
    """

    def __init__(self, services: Services, report: Callable[[Ending], None]) -> None:
        self._services = services
        self._report = report
        self._inbox = Inbox(services)
        self._pulse = Pulse(services.station.health)
        self._pool = ThreadPoolExecutor(count_threads(services), thread_name_prefix="submission")
        self._working: dict[Future[Ending], Submission] = {}
        self._backlog = Backlog(services.seats)
        self._next_reload = 0.0
        # Who waits until another submission has ended, by whom.
        self._following: dict[str, str] = {}
        self._stopping = False
        self._tried: set[str] = set()
        self._days = DailyWork(services)
        self._copies = CertifiedCopies(services, self._pool)
        self._is_copying = False

    def __enter__(self) -> Self:
        # First: a scan that an answer was moving when a run was cut off is no stray.
        apply_reviews(self._services)
        finish_filed(self._services)
        clear_leftovers(self._services)
        recover_page_files(self._services)
        scans_of = self._services.station.settings.signing.scans_of
        personal.ask_anew(self._services.archive, scans_of)
        for item in adopt_strays(self._services):
            log.info("taken up after a crash: %s", item.id)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._services.readers.stop()
        self._services.agents.hurry()
        self._pool.shutdown(wait=True, cancel_futures=True)
        write_status_page(self._services)
        if error is None:
            self._days.close(now())
        sign_log(self._services.station, self._services.archive)

    def run_once(self, stop: threading.Event) -> None:
        """Work until nothing waits in the inbox and nothing is in work, or until told to stop.

        Raises:
            StorageError, EngineMissing: the station itself cannot go on; nothing is lost.
        """
        while not stop.is_set():
            self._take_up()
            self._pulse.beat(self._inbox.alarms, time.monotonic())
            is_idle = not self._working and not self._backlog and not self._is_copying
            if is_idle and not self._inbox.waiting:
                require_room(self._services.station, kept_out=self._inbox.kept_out)
                return
            self._collect()
        self._finish()

    def run_until(self, stop: threading.Event, watcher: Watcher) -> None:
        """Work until told to stop; then the stage in work is finished, or left to resume.

        Args:
            stop: set when no new work shall begin.
            watcher: hints when something may have arrived; the periodic scan is the truth.

        Raises:
            StorageError, EngineMissing: the station itself cannot go on; nothing is lost.
        """
        scan_seconds = self._services.station.settings.intake.scan_seconds
        next_scan = next_status = next_retry = 0.0
        while not stop.is_set():
            moment = time.monotonic()
            if moment >= next_retry:
                self._tried.clear()
                next_retry = moment + _TROUBLE_RETRY_SECONDS
            watcher.check(moment)
            if watcher.hint.is_set() or self._inbox.waiting or moment >= next_scan:
                watcher.hint.clear()
                self._take_up()
                next_scan = moment + scan_seconds
            alarms = (*watcher.alarms, *self._inbox.alarms)
            if self._pulse.beat(alarms, moment) or moment >= next_status:
                write_status_page(self._services)
                self._days.tick(now())
                sign_log(self._services.station, self._services.archive)
                next_status = moment + _STATUS_SECONDS
            self._collect()
            watcher.hint.wait(_PAUSE_SECONDS)
        self._finish()

    def _finish(self) -> None:
        """End what is in work: no page is begun, and stages that need none are finished."""
        self._stopping = True
        self._services.readers.stop()
        self._services.agents.hurry()
        while self._working:
            self._collect()

    def _take_up(self) -> None:
        """Claim what is ready, act on releases, and bring what is unfinished to a thread."""
        changed = bool(self._inbox.claim_ready()) | bool(apply_releases(self._services))
        changed |= bool(apply_decisions(self._services))
        take_countersigned(self._services)
        self._is_copying = self._copies.take_up()
        changed |= bool(apply_retries(self._services)) | bool(apply_reviews(self._services))
        resumed = take_up(self._services, {item.id for item in self._working.values()})
        self._tried -= resumed
        changed |= bool(resumed)
        session_folders.take_over(self._services.archive)
        changed |= bool(personal.take_handed_back(self._services.archive))
        # Thousands may wait: the ledger is asked when there is news, or nothing left to do.
        is_short = len(self._backlog) + len(self._working) < count_threads(self._services)
        if changed or is_short or time.monotonic() >= self._next_reload:
            self._reload()
        self._start_next()

    def _reload(self) -> None:
        items = self._services.archive.ledger.unfinished() + self._held_by_trouble()
        busy = {item.id for item in self._working.values()} | self._tried | self._following.keys()
        self._backlog.replace(item for item in items if item.id not in busy)
        self._next_reload = time.monotonic() + _RELOAD_SECONDS

    def _start_next(self) -> None:
        while len(self._working) < count_threads(self._services):
            item = self._backlog.take()
            if item is None:
                return
            if item.state is not SubmissionState.IN_WORK:
                self._tried.add(item.id)
            self._working[self._pool.submit(work, item, self._services)] = item

    def _held_by_trouble(self) -> list[Submission]:
        """Return what waits for no person: for a timestamp, a key, or a setting since lifted."""
        ledger, signing = self._services.archive.ledger, self._services.station.settings.signing
        waiting = ledger.in_state(
            SubmissionState.AWAITING_TIMESTAMP, SubmissionState.AWAITING_RELEASE
        )
        held = [item for item in waiting if item.reason and item.reason.code in sealing.TROUBLES]
        # A session in this process signs by itself; where none is needed any more, all go on.
        if signing.personal == "off" or self._services.session is not None:
            held += ledger.in_state(SubmissionState.AWAITING_PERSONAL_SIGNATURE)
        return held

    def _collect(self) -> None:
        done, _ = wait(self._working, timeout=_PAUSE_SECONDS, return_when=FIRST_COMPLETED)
        self._services.archive.index_gathered(is_idle=not self._working)
        if not self._working:
            time.sleep(_PAUSE_SECONDS)
        for future in done:
            item = self._working.pop(future)
            self._following = {k: v for k, v in self._following.items() if v != item.id}
            self._services.seats.give_back(item.id)
            try:
                ending = future.result()
            except ReaderStopped:
                continue
            except NotYet as error:
                self._let_wait(item, error)
                continue
            if ending.reason is not None and ending.reason.code in sealing.TROUBLES:
                self._tried.add(ending.submission_id)
            self._report(ending)
        if not self._stopping:
            self._start_next()

    def _let_wait(self, item: Submission, error: NotYet) -> None:
        """Let a submission wait for whom it follows, or for room.

        Asked again at once it would be opened in vain, hundreds of times a second.
        """
        if error.after in self._tried:  # held by trouble: this one is tried again when that is
            self._tried.add(item.id)
        elif any(other.id == error.after for other in self._working.values()):
            self._following[item.id] = error.after
        else:
            self._backlog.put_back(item, error.pages)


def work(item: Submission, services: Services) -> Ending:
    """Carry one submission to an ending, whatever happens on the way.

    Raises:
        StorageError, EngineMissing, OSError: the station itself cannot go on; the submission stays
            unfinished and is taken up at the next start.
        NotYet, ReaderStopped: its turn has not come, or the engine was told to stop; likewise.
    """
    started = time.monotonic()
    records: tuple[Record, ...] = ()
    reason = None
    try:
        aside = settling.finish_aside(item, services)
        if aside is None:
            _require_file(item, services)
            records = pipeline.carry(item, services)
            state = settling.deliver(services.archive.ledger.get(item.id), records, services)
        else:
            state, reason = aside
    except Held as held:
        state, reason = held.state, held.reason
        settling.hold(services.archive.ledger.get(item.id), held, services)
    except RowDamaged as error:  # of what is known of this scan; the others go on
        reason, state = _failed(item, error, services), SubmissionState.IN_ERROR
    except (StorageError, EngineMissing, OSError, NotYet, ReaderStopped):
        raise
    except (DigitizeError, SigningError, InfectedFile, VirusCheckRefused) as error:
        reason, state = _failed(item, error, services), SubmissionState.IN_ERROR
    except Exception as error:  # noqa: BLE001  the edge of a submission: the others go on
        log.error("unexpected error in submission %s\n%s", item.id, trace_of(error))
        reason, state = _UNEXPECTED, SubmissionState.IN_ERROR
        settling.fail(item, reason, services)
    return Ending(
        submission_id=item.id,
        # The name of a marked scan is kept nowhere, a service's journal included.
        name="" if state is SubmissionState.SECRET else item.name,
        folder="" if state is SubmissionState.SECRET else item.folder,
        state=state,
        reason=reason,
        records=records,
        seconds=time.monotonic() - started,
    )


def _failed(item: Submission, error: ToldError, services: Services) -> Reason:
    """Put a scan into the error tray, with what its error tells; return that."""
    reason = Reason(code=type(error).__name__, vi=error.vi, en=error.en)
    settling.fail(item, reason, services)
    return reason


class _Vanished(DigitizeError):
    """The claimed file is no longer in the work tray."""


class _Unreadable(DigitizeError):
    """The claimed file may not be read: its rights, not the station's disk."""


def _require_file(item: Submission, services: Services) -> None:
    path = services.station.root / item.tray_path
    if path.exists() and not os.access(path, os.R_OK):
        raise _Unreadable(
            f"Trạm không có quyền đọc tệp «{item.name}». Hãy báo người quản trị mở quyền đọc, "
            "rồi thả tệp vào lại thư mục chờ.",
            "the station may not read the file; let its permissions be opened, then drop it again",
        )
    if not path.exists():
        raise _Vanished(
            f"Tệp «{item.name}» không còn trong thư mục đang xử lý: có người đã lấy đi. "
            "Hãy thả lại bản quét vào thư mục chờ.",
            "the claimed file is gone from the work tray; drop the scan again",
        )


_UNEXPECTED = Reason(
    code="unexpected",
    vi="Lỗi chưa lường trước; chi tiết nằm trong nhật ký của trạm. Hãy báo người quản trị.",
    en="an unexpected error; see the station's log",
)
