"""The daily timestamp over the event log, and the witness file that leaves the building."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from config.telling import ToldError
from desk.audits import write_witness_file
from desk.demo.founding import demo_services
from desk.moments import now, vietnam
from desk.station import Station
from desk.station_lock import is_engine_running
from signing.network import Network
from signing.stamping import timestamp_digest
from signing.trust import TrustStore
from storage import anchors
from storage.archive import Archive
from storage.heads import load_key
from storage.outsider.heads import SignedHead
from storage.outsider.tokens import Stamp

log = logging.getLogger("hoso.anchor")

_RETRY = timedelta(hours=1)
WITNESS_PREFIX = "NHAN-CHUNG-"


class DailyAnchor:
    """Has the log stamped once a day, beside the engine's work: an authority may take minutes.

    Args:
        station: Whose log.
        archive: Its archive.
        timestamp: Given a SHA-256, returns a token over it; called in a thread of its own.
        actor: Who asks, as events tell.
    """

    def __init__(
        self,
        station: Station,
        archive: Archive,
        timestamp: Callable[[bytes], bytes],
        actor: str,
    ) -> None:
        self._actor = actor
        self._station = station
        self._archive = archive
        self._timestamp = timestamp
        self._asked: tuple[SignedHead, Future[bytes]] | None = None
        self._not_before: datetime | None = None

    def tick(self, at: datetime) -> None:
        """Ask where today has no timestamp yet; keep what came. Trouble is logged, never raised."""
        if self._asked is not None:
            self._take(at)
        elif self._is_due(at):
            head = self._archive.sign_head(load_key(self._station.key), at)
            if head is not None:
                self._asked = (head, self._ask(anchors.head_digest(head)))

    def close(self, at: datetime, patience_seconds: float) -> None:
        """Wait a little for what was asked: a station that runs once a day gets its timestamp."""
        if self._asked is not None:
            done = threading.Event()
            self._asked[1].add_done_callback(lambda _: done.set())
            done.wait(patience_seconds)
            self._take(at)

    def _is_due(self, at: datetime) -> bool:
        settings = self._station.settings
        if settings.evidence.anchor == "off" or not settings.signing.timestamp_url:
            return False
        if self._not_before is not None and at < self._not_before:
            return False
        last = anchors.last_anchor(self._archive)
        return last is None or vietnam(last).date() < vietnam(at).date()

    def _ask(self, sha256: bytes) -> Future[bytes]:
        future: Future[bytes] = Future()

        def ask() -> None:
            try:
                future.set_result(self._timestamp(sha256))
            except Exception as error:  # noqa: BLE001  # the thread's edge: told where it is taken
                future.set_exception(error)

        # A daemon: a service that never answers must not keep the station from stopping.
        threading.Thread(target=ask, name="anchor", daemon=True).start()
        return future

    def _take(self, at: datetime) -> None:
        if self._asked is None or not self._asked[1].done():
            return
        head, future = self._asked
        self._asked = None
        try:
            token = future.result()
            anchors.keep_anchor(self._archive, head, token, actor=self._actor, at=at)
            hand_out_witness(self._station, self._archive, head)
        except (ToldError, OSError) as error:
            self._not_before = at + _RETRY
            log.warning("the log has no timestamp of today: %s", error)


def anchor_now(
    station: Station, archive: Archive, ground: tuple[TrustStore, Network], actor: str
) -> tuple[SignedHead, Stamp] | None:
    """Have the log stamped at once, and hand the witness file out; None for an empty log.

    Raises:
        SigningError: No timestamp can be had.
        StorageError: What came is none, or the key cannot be used.
    """
    trust, network = ground
    found = anchors.anchor_log(
        archive,
        load_key(station.key),
        lambda sha256: timestamp_digest(sha256, trust, network),
        actor=actor,
        at=now(),
    )
    if found is not None:
        hand_out_witness(station, archive, found[0])
    return found


def hand_out_witness(station: Station, archive: Archive, head: SignedHead) -> Path | None:
    """Write the witness file of a head into the folder that the settings name, if they do.

    Raises:
        PathUnusable: It cannot be written there.
    """
    named = station.settings.evidence.witness
    if not named:
        return None
    target = station.root / named / f"{WITNESS_PREFIX}{head.size}.txt"
    write_witness_file(station, archive, head, target)
    return target


@contextmanager
def stamping_services(station: Station) -> Iterator[None]:
    """Run a demo station's own timestamp service, unless its engine does so already."""
    if is_engine_running(station):
        yield
        return
    with demo_services(station):
        yield
