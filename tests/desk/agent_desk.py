"""A station at work in this process, and the line over which an officer's computer reaches it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.vocabulary import EventType
from desk.engine.session import run_station
from desk.people import current_device
from desk.releases import Releasing, ask_release, waiting_for_release
from desk.station import Station
from signing.structure import inspect
from storage.archive import Archive, open_archive
from storage.submissions import SubmissionState
from tests.desk.tiny import drop_half, make_tiny
from tests.signing.workbench import free_port

NAME = "van-thu"
KEY = f"agent:{NAME}"
_CHUNK = 65536


def until(holds: Callable[[], Any], seconds: float = 90.0, pause: float = 0.1) -> Any:
    """Wait until something holds, looking again after a pause in seconds; return it."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it never came"
        time.sleep(pause)
    return found


class Cable:
    """The line between an officer's computer and a station; it can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._port, self._is_cut = port, False
        self._ends: set[socket.socket] = set()
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._ear.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Break every connection; new ones are broken too."""
        self._is_cut = True
        for end in list(self._ends):
            _end(end)

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    def close(self) -> None:
        """Take the cable away."""
        self.cut()
        _end(self._ear)
        self._thread.join(10)
        self._ear.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._ear.accept()
                if self._is_cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._port))
                self._ends |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := source.recv(_CHUNK):
                target.sendall(said)
        for end in (source, target):
            _end(end)
            end.close()
            self._ends.discard(end)


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@dataclass(slots=True)
class Running:
    """A station at work."""

    station: Station
    archive: Archive
    cable: Cable
    dropped: int = 0
    seen: set[str] = field(default_factory=set)

    def release(self, *samples: str) -> list[str]:
        """Drop scans and release them; return their submissions."""
        for sample in samples:
            self.dropped += 1
            drop_half(self.station, sample, f"{self.dropped}-{Path(sample).stem}.jpg")

        def waiting() -> list[Any]:
            found = [
                paper
                for paper in waiting_for_release(self.archive)
                if paper.submission_id not in self.seen
            ]
            return found if len(found) == len(samples) else []

        papers = until(waiting)
        self.seen |= {paper.submission_id for paper in papers}
        who = Releasing(actor="chi.lan", key=KEY, device=current_device())
        number = ask_release(self.archive, papers, who)
        until(lambda: all(r.id != number for r in self.archive.requests.pending("release")))
        return [paper.submission_id for paper in papers]

    def await_filed(self, submissions: list[str]) -> None:
        """Wait until they are filed, each with one signature of the agency's, which passes."""
        ledger = self.archive.ledger
        until(lambda: all(ledger.get(each).state is SubmissionState.FILED for each in submissions))
        for each in submissions:
            record = self.archive.records.by_submission(each, 1)
            assert record is not None
            assert record.verdict == "TOTAL-PASSED"
            structure = inspect(self.archive.objects.path(record.pdf.sha256))
            assert [found.field for found in structure.signatures] == ["CQ_SoHoa"]

    def events(self, outcome: str) -> list[Any]:
        """Return what the log tells of the agent."""
        found = self.archive.events.events(NAME)
        assert {event.type for event in found} <= {EventType.SIGNING_AGENT}
        return [event for event in found if event.outcome == outcome]


def make_agent_station(template: Path, root: Path) -> tuple[Station, int]:
    """Copy a founded station whose agency key lies at an agent; return it and its port."""
    port = free_port()
    station = make_tiny(
        template,
        root,
        signing={"release": "person", "key": KEY, "passphrase": "", "level": "B-LT"},
        intake={"rescans": "keep", "scan_seconds": 0.2},
        agents={"host": "127.0.0.1", "port": port},
    )
    return station, port


@contextmanager
def running(station: Station, port: int) -> Iterator[Running]:
    """Run a station's engine in a thread until the block ends."""
    stop = threading.Event()
    engine = threading.Thread(
        target=run_station, args=(station, lambda _: None, stop), kwargs={"once": False}
    )
    engine.start()
    cable = Cable(port)
    try:
        with open_archive(station.archive) as archive:
            yield Running(station=station, archive=archive, cable=cable)
    finally:
        cable.close()
        stop.set()
        engine.join(60)
        assert not engine.is_alive()
