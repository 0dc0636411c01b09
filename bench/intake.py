"""How fast a burst is claimed, in how much memory, and what an idle station costs.

python bench/intake.py [--files N] [--waiting N] [--idle-seconds S]

Claiming alone: nothing is read here. Idle: an engine with an empty inbox and scans that wait for a
person in tray 5; CPU of its whole process, start left out.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
from pathlib import Path

from config.settings import AgencySettings, IntakeSettings, Settings, SigningSettings
from desk.engine.local import LocalEngine
from desk.founding import found_station
from desk.identifiers import new_id
from desk.inbox import Inbox
from desk.moments import now
from desk.services import Services
from desk.startup import open_services
from desk.station import Station
from desk.watch import watch
from storage.submissions import NewSubmission, Reason, SubmissionState

# Smaller than any scan, and whole by its end: claiming costs what it costs for a large one.
TINY = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xd9"
ASKED = Reason(code="class_unsure", vi="chưa chắc loại giấy tờ", en="class unsure")


def found(root: Path) -> Station:
    """Make a station that takes what is still for no time at all."""
    settings = Settings(
        agency=AgencySettings(name="CƠ QUAN THỬ NGHIỆM"),
        intake=IntakeSettings(still_seconds=0.0, dossier_seconds=0.0),
        signing=SigningSettings(personal="off"),
    )
    return found_station(root, settings).station


def measure_burst(services: Services, files: int) -> float:
    """Drop files at once, claim them all; return files a second."""
    folder = services.station.inbox
    for number in range(files):
        (folder / f"{number:06}.jpg").write_bytes(TINY + b"%d" % number)
    inbox, claimed, started = Inbox(services), 0, time.monotonic()
    while claimed < files:
        claimed += len(inbox.claim_ready())
    return files / (time.monotonic() - started)


def fill_tray_five(services: Services, count: int) -> None:
    """Let scans wait for a person's answer."""
    station, ledger = services.station, services.archive.ledger
    for number in range(count):
        path = station.confirm / f"{number:06}.jpg"
        path.write_bytes(TINY + b"%d" % number)
        item = NewSubmission(
            id=new_id(),
            name=path.name,
            tray_path=station.relative(path),
            size_bytes=path.stat().st_size,
            received_at=now(),
        )
        ledger.claim(item, "bench")
        ledger.move(item.id, SubmissionState.TO_CONFIRM, reason=ASKED, at=now())


def measure_idle(services: Services, seconds: float) -> float:
    """Run an engine that has nothing to work on; return the share of one core it takes."""
    stop = threading.Event()
    with (
        LocalEngine(services, lambda ending: None) as engine,
        watch(services.station.inbox, "auto") as watcher,
    ):
        timer = threading.Timer(seconds, stop.set)
        before, started = _cpu_seconds(), time.monotonic()
        timer.start()
        engine.run_until(stop, watcher)
        return (_cpu_seconds() - before) / (time.monotonic() - started)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print files a second, peak memory, and idle CPU."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000, help="files of the burst")
    parser.add_argument("--waiting", type=int, default=2000, help="scans in tray 5 when idle")
    parser.add_argument("--idle-seconds", type=float, default=30.0, help="how long to idle")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as folder:
        with open_services(found(Path(folder) / "burst")) as services:
            rate = measure_burst(services, wanted.files)
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        with open_services(found(Path(folder) / "idle")) as services:
            fill_tray_five(services, wanted.waiting)
            idle = measure_idle(services, wanted.idle_seconds)
    print(f"{'burst of files':<32}{wanted.files:>10}")
    print(f"{'claimed a second':<32}{rate:>10.0f}")
    print(f"{'peak memory of it, MB':<32}{megabytes:>10.0f}")
    print(f"{'scans waiting in tray 5':<32}{wanted.waiting:>10}")
    print(f"{'idle, share of one core':<32}{idle:>10.2%}")
    print(f"files={wanted.files} files_per_second={rate:.0f} peak_megabytes={megabytes:.0f} "
          f"waiting={wanted.waiting} idle_share={idle:.4f}")  # fmt: skip


if __name__ == "__main__":
    main()
