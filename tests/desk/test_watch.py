"""Whether the station hears its inbox, how it knows, and whom it tells."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from watchdog.events import FileSystemEventHandler
from watchdog.observers.polling import PollingObserver

from config.settings import AgencySettings, IntakeSettings, Settings, SigningSettings
from desk import watch as watching
from desk.founding import found_station
from desk.health import Health, Pulse, read_health
from desk.moments import now
from desk.station import Station
from desk.station_lock import hold_lock
from desk.status import measure_status
from desk.watch import Rhythm, Watcher, file_system_of, needs_polling, watch
from storage.archive import open_archive
from storage.submissions import Reason
from tests.desk.conftest import ROOT

FAST = Rhythm(canary=0.1, answer=5.0, deaf_retry=0.1)
MOUNTINFO = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:40 / /srv/tram/1-cho-xu-ly rw,relatime - cifs //may-quet/scan rw,vers=3.1.1
41 22 0:41 / /srv/nfs rw - nfs4 may:/scan rw
42 22 0:42 / /srv/vm rw - 9p scan rw
43 22 0:43 / /srv/ssh rw - fuse.sshfs may:/scan rw
44 22 254:1 / /srv/c\\303\\263\\040d\\341\\272\\245u rw - xfs /dev/vdb rw
45 41 254:2 / /srv/nfs/local rw - ext4 /dev/vdc rw
"""


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "1-cho-xu-ly"
    folder.mkdir()
    return folder


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTINFO, encoding="utf-8")
    return table


@dataclass(slots=True)
class DeafObserver:
    """Listens, and is never told: what inotify is on a share that others write to."""

    ended: int = 0
    folders: list[str] = field(default_factory=list)

    def schedule(self, handler: FileSystemEventHandler, path: str, *, recursive: bool) -> object:
        self.folders.append(path)
        return handler

    def start(self) -> None:
        pass

    def stop(self) -> None:
        self.ended += 1

    def join(self) -> None:
        pass


class ExhaustedObserver(DeafObserver):
    """The kernel has no more watches to give."""

    def start(self) -> None:
        raise OSError(28, "inotify watch limit reached")


def until(arrived: Callable[[], object], watcher: Watcher) -> None:
    deadline = time.monotonic() + 20
    while not arrived():
        watcher.check(time.monotonic())
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def canaries(inbox: Path) -> list[str]:
    return [path.name for path in inbox.iterdir() if "canary" in path.name]


@pytest.mark.parametrize("way", ["events", "polling"])
def test_a_watcher_hears_scans_and_its_canary_but_takes_no_canary_for_a_scan(
    inbox: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_POLL_SECONDS", 0.1)
    with watch(inbox, way, FAST) as watcher:
        assert len(canaries(inbox)) == 1
        until(lambda: not canaries(inbox), watcher)  # heard, and removed
        assert watcher.alarms == ()
        until(lambda: canaries(inbox), watcher)  # the next one
        until(lambda: not canaries(inbox), watcher)
        assert not watcher.hint.is_set()
        (inbox / "ho-so").mkdir()
        until(watcher.hint.is_set, watcher)
        watcher.hint.clear()
        (inbox / "ho-so" / "a.jpg").write_bytes(b"x")
        until(watcher.hint.is_set, watcher)
    assert canaries(inbox) == []


def test_our_own_looks_and_departures_are_no_hint(inbox: Path) -> None:
    scan = inbox / "a.jpg"
    scan.write_bytes(b"x")
    with watch(inbox, "events", FAST) as watcher:
        until(lambda: not canaries(inbox), watcher)
        scan.read_bytes()
        scan.unlink()
        until(lambda: canaries(inbox), watcher)
        until(lambda: not canaries(inbox), watcher)  # later than both, so they were heard
        assert not watcher.hint.is_set()


def test_a_deaf_watcher_says_so_listens_anew_and_is_glad_when_it_hears(inbox: Path) -> None:
    deaf = DeafObserver()
    ways: list[watching.Listener] = [deaf, deaf]

    def listen() -> watching.Listener:
        return ways.pop() if ways else PollingObserver(timeout=0.05)

    watcher = Watcher(inbox, listen, Rhythm(canary=60, answer=10, deaf_retry=30))
    watcher.check(0)
    watcher.check(9)
    assert not list(watcher.alarms)
    watcher.check(11)
    (alarm,) = list(watcher.alarms)
    assert (alarm.code, deaf.ended, canaries(inbox)) == ("inbox_deaf", 1, [])
    assert "polling" in alarm.vi
    watcher.check(42)
    assert list(watcher.alarms) == [alarm]
    watcher.check(53)
    assert deaf.ended == 2
    watcher.check(84)
    deadline = time.monotonic() + 20
    while watcher.alarms:
        watcher.check(85)
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert canaries(inbox) == []
    watcher.leave()


def test_no_watches_left_is_told_and_ends_nothing(inbox: Path) -> None:
    watcher = Watcher(inbox, ExhaustedObserver)
    watcher.check(0)
    assert [alarm.code for alarm in watcher.alarms] == ["inbox_deaf"]
    assert canaries(inbox) == []


def test_an_inbox_that_goes_is_told_and_heard_again_when_it_is_back(inbox: Path) -> None:
    with watch(inbox, "events", FAST) as watcher:
        until(lambda: not canaries(inbox), watcher)
        inbox.rmdir()
        until(lambda: watcher.alarms, watcher)
        assert watcher.alarms[0].code == "inbox_unreachable"
        inbox.mkdir()
        until(lambda: not watcher.alarms, watcher)
        watcher.hint.clear()
        (inbox / "a.jpg").write_bytes(b"x")
        until(watcher.hint.is_set, watcher)


def test_a_share_that_is_no_longer_mounted_is_no_empty_inbox(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watch(inbox, "events", FAST) as watcher:
        until(lambda: not canaries(inbox), watcher)
        monkeypatch.setattr(watching, "file_system_of", lambda folder: "cifs")
        until(lambda: watcher.alarms, watcher)
        assert watcher.alarms[0].code == "inbox_unreachable"
        monkeypatch.undo()
        until(lambda: not watcher.alarms, watcher)


def test_what_a_killed_run_left_is_removed_at_the_start(inbox: Path) -> None:
    (inbox / ".hoso-canary-7.tmp").touch()
    with watch(inbox, "events", FAST) as watcher:
        until(lambda: not canaries(inbox), watcher)
    assert list(inbox.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "kind", "polled"),
    [
        ("/srv/tram/1-cho-xu-ly", "cifs", True),
        ("/srv/tram/1-cho-xu-ly/H26.99-261105-0001", "cifs", True),
        ("/srv/tram", "ext4", False),
        ("/srv/nfs", "nfs4", True),
        ("/srv/nfs/local/inbox", "ext4", False),
        ("/srv/nfs-not", "ext4", False),
        ("/srv/vm/x", "9p", True),
        ("/srv/ssh/x", "fuse.sshfs", True),
    ],
)
def test_shares_are_polled(folder: str, kind: str, polled: bool, mounts: Path) -> None:
    assert file_system_of(Path(folder), mounts) == kind
    assert needs_polling(Path(folder), "auto", mounts) is polled
    assert needs_polling(Path(folder), "polling", mounts)
    assert not needs_polling(Path(folder), "events", mounts)


def test_mount_points_with_spaces_and_vietnamese_names_are_found(mounts: Path) -> None:
    assert file_system_of(Path("/srv/có dấu/1"), mounts) == "xfs"


def test_without_a_mount_table_the_kernels_events_are_taken(tmp_path: Path) -> None:
    assert file_system_of(tmp_path, tmp_path / "none") == ""
    assert not needs_polling(tmp_path, "auto", tmp_path / "none")


# What it says of itself

ALARM = Reason(code="inbox_deaf", vi="Không nghe được <thư mục>.", en="deaf")


def test_health_is_written_when_it_changes_and_now_and_then(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    pulse = Pulse(path)
    assert pulse.beat((), 100.0)
    path.unlink()
    assert not pulse.beat((), 101.0)
    assert not path.exists()
    assert pulse.beat((ALARM, ALARM), 102.0)
    health = read_health(path)
    assert health is not None
    assert (health.alarms, health.hears) == ((ALARM,), False)
    path.unlink()
    assert not pulse.beat((ALARM,), 102.0 + 30)
    assert path.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": 1}', '{"at": "x", "alarms": []}'])
def test_damaged_health_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "health.json").write_text(text, encoding="utf-8")
    assert read_health(tmp_path / "health.json") is None


def test_health_grows_old_and_a_turned_clock_makes_it_old() -> None:
    at = now()
    health = Health(at=at, alarms=())
    for hours, fresh in ((0, True), (1, False), (-1, False)):
        moment = at.fromtimestamp(at.timestamp() + hours * 3600, at.tzinfo)
        assert health.is_fresh(moment) is fresh


@contextmanager
def engine_at(station: Station, alarms: tuple[Reason, ...]) -> Iterator[None]:
    with hold_lock(station):
        Pulse(station.health).beat(alarms, 0.0)
        yield


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return found_station(
        tmp_path / "station",
        Settings(
            agency=AgencySettings(name="CƠ QUAN THỬ NGHIỆM"),
            intake=IntakeSettings(still_seconds=0.2, incomplete_seconds=1.0, scan_seconds=0.5),
            signing=SigningSettings(personal="off"),
        ),
    ).station


def test_status_tells_what_the_engine_says_of_itself(station: Station) -> None:
    with open_archive(station.archive) as archive:
        assert not measure_status(station, archive).alive
        with engine_at(station, ()):
            status = measure_status(station, archive)
            assert (status.alive, status.hears, status.alarms) == (True, True, ())
        with engine_at(station, (ALARM,)):
            status = measure_status(station, archive)
            assert (status.alive, status.hears, status.alarms) == (True, False, (ALARM,))
            station.health.unlink()
            assert not measure_status(station, archive).alive, "a lock alone is no life"
        station.inbox.rmdir()
        status = measure_status(station, archive)
        assert (status.hears, status.waiting) == (False, 0)
        assert [alarm.code for alarm in status.alarms] == ["inbox_unreachable"]


def test_a_running_station_alarms_when_its_inbox_goes_and_calms_when_it_is_back(
    station: Station,
) -> None:
    command = [sys.executable, "-m", "desk.cli.main", "run", "--station", str(station.root)]
    engine = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )

    def page() -> str:
        path = station.status_page
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def wait_for(arrived: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not arrived():
            assert engine.poll() is None, engine.stderr
            assert time.monotonic() < deadline, "waited a minute in vain"
            time.sleep(0.1)

    away = station.inbox.with_name("away")
    try:
        wait_for(lambda: "Hoạt động lúc" in page())
        assert 'role="alert"' not in page()
        station.inbox.rename(away)
        away.joinpath("a.txt").write_text("không phải bản quét", encoding="utf-8")
        wait_for(lambda: 'role="alert"' in page())
        assert json.loads(station.health.read_text("utf-8"))["alarms"]
        away.rename(station.inbox)
        wait_for(lambda: 'role="alert"' not in page())
        wait_for(lambda: (station.error / "a.txt").exists())
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.communicate(timeout=30)
    assert engine.returncode == 0
    assert canaries(station.inbox) == []
