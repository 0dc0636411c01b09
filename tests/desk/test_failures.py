"""What breaks at a desk, broken for real, without root's rights: told, nothing lost, goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.demo import pki
from desk.station import Station
from tests.desk.doubles import CrashingOcr, HangingOcr
from tests.desk.forked import Done, Forks
from tests.desk.tiny import (
    HALVES,
    archive_of,
    change_settings,
    drop,
    drop_half,
    files_of,
    half_page_bytes,
    make_tiny,
    sign_again,
)
from tests.remembering import RememberingOcr

_FOLDER, _NAME = HALVES[0].split("/")
_MINUTES = 60

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")


@dataclass(frozen=True, slots=True)
class Clerk:
    """A station that belongs to nobody in particular, and runs of it as that user."""

    station: Station
    forks: Forks

    def hoso(self, *argv: str, **options: Any) -> Done:
        """Run a command without root's rights."""
        root = self.station.root
        return self.forks.hoso(*argv, "--station", root, **{"unprivileged": True, **options})

    def run(self, **options: Any) -> Done:
        """Run until nothing waits."""
        return self.hoso("run", "--once", **options)

    def run_until(self, is_so: Callable[[Done], bool]) -> None:
        """Run and be killed, later each time, until something is so: cores may be shared."""
        runs = (self._run_killed(seconds) for seconds in (3.0, 6.0, 12.0, 24.0, 48.0))
        assert any(is_so(done) for done in runs), self.hoso("status").out

    def _run_killed(self, seconds: float) -> Done:
        """Run and be killed; what the key was just used for waits for an officer's word."""
        sign_again(self.forks, self.station)
        return self.run(kill_after_seconds=seconds)

    def tells(self, words: str) -> bool:
        """Look whether the status says so."""
        return words in self.hoso("status").out

    def filed(self) -> int:
        """Count the records."""
        with archive_of(self.station) as archive:
            return archive.records.count()

    def assert_filed(self, count: int) -> None:
        """Every scan is filed once, nothing is left lying, the archive is whole."""
        assert self.filed() == count
        station = self.station
        assert files_of(station.inbox) == files_of(station.work) == files_of(station.error) == []
        assert list((station.archive / "staging").iterdir()) == []
        with archive_of(station) as archive:
            captures = [event for event in archive.events.events() if event.type == "capture"]
        assert len(captures) == count
        for command in (("fixity",), ("audit", "verify")):
            assert self.hoso(*command).code == 0


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("failures")


@pytest.fixture(scope="module")
def forks(template: Path, public: Path, remembering_ocr: RememberingOcr) -> Iterator[Forks]:
    work = public / "runs"
    work.mkdir()
    # What it does on a full disk, no other program does like it.
    real = {"PATH": f"{remembering_ocr.real}:{os.environ['PATH']}"}
    with pki.Services(template / "authority"), Forks(work, real) as made:
        yield made


@pytest.fixture
def clerk(template: Path, public: Path, forks: Forks) -> Iterator[Clerk]:
    root = public / "station"
    yield Clerk(make_tiny(template, root, reading={"workers": 1}), forks)
    shutil.rmtree(root)


@pytest.fixture
def small_disk(public: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    folder = public / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def _fill(disk: Path, leave_kilobytes: int) -> None:
    """Fill a disk but for some room."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    usage = shutil.disk_usage(disk)
    with filler.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, usage.free - leave_kilobytes * 1024)


def _meet_full_disk(clerk: Clerk, disk: Path, rooms: Iterable[int]) -> int:
    """Run with more and more room; return how often the disk was too full."""
    drop_half(clerk.station, HALVES[0])
    met = 0
    for leave in rooms:
        _fill(disk, leave)
        done = clerk.run()
        if done.code != 0:
            met += 1
            assert done.code == 42, (leave, done.err)
            assert "đầy" in done.err, done.err
    (disk / "filler").unlink()
    clerk.run()
    clerk.assert_filed(1)
    return met


@needs_root
def test_a_full_disk_stops_the_station_wherever_it_is_met(
    template: Path, forks: Forks, small_disk: Path
) -> None:
    station = make_tiny(template, small_disk / "station", reading={"workers": 1})
    assert _meet_full_disk(Clerk(station, forks), small_disk, (0, 100, 300, 900)) >= 3


@needs_root
@pytest.mark.soak
def test_a_full_disk_stops_the_station_at_every_amount_of_room(
    template: Path, forks: Forks, small_disk: Path
) -> None:
    station = make_tiny(template, small_disk / "station", reading={"workers": 1})
    rooms = range(0, 4000, 50)
    assert _meet_full_disk(Clerk(station, forks), small_disk, rooms) >= 10


def test_an_inbox_that_may_only_be_read_is_told_and_works_when_it_may_be_written(
    clerk: Clerk,
) -> None:
    place = drop_half(clerk.station, HALVES[0]).parent
    place.chmod(0o555)
    clerk.run_until(lambda _: clerk.tells("không có quyền"))
    assert files_of(clerk.station.inbox) == [f"{_FOLDER}/{_NAME}"]
    place.chmod(0o755)
    assert clerk.run().code == 0
    clerk.assert_filed(1)


def test_a_work_tray_that_may_only_be_read_is_told_and_works_when_it_may_be_written(
    clerk: Clerk,
) -> None:
    drop_half(clerk.station, HALVES[0])
    clerk.station.work.chmod(0o555)
    words = "không có quyền"
    clerk.run_until(lambda done: words in done.err or clerk.tells(words))
    assert files_of(clerk.station.inbox) == [f"{_FOLDER}/{_NAME}"]
    clerk.station.work.chmod(0o755)
    assert clerk.run().code == 0
    clerk.assert_filed(1)


def test_one_file_that_may_not_be_read_holds_up_no_other(clerk: Clerk) -> None:
    closed = drop_half(clerk.station, HALVES[0])
    drop_half(clerk.station, HALVES[2])
    closed.chmod(0o000)
    clerk.run_until(lambda _: clerk.filed() == 1 and clerk.tells("không có quyền"))
    assert files_of(clerk.station.inbox) == [f"{_FOLDER}/{_NAME}"]
    closed.chmod(0o644)
    assert clerk.run().code == 0
    clerk.assert_filed(2)


def test_a_claimed_file_that_may_not_be_read_any_more_holds_up_no_other(clerk: Clerk) -> None:
    """Its rights were taken away behind the claim: by a virus scanner, by a person."""
    scan = drop_half(clerk.station, HALVES[0])
    drop_half(clerk.station, HALVES[2])
    claimed = clerk.station.work / scan.relative_to(clerk.station.inbox)
    claimed.parent.mkdir(parents=True)
    scan.rename(claimed)
    claimed.chmod(0o000)
    clerk.run()
    assert clerk.filed() == 1
    claimed = next(path for path in clerk.station.root.rglob(_NAME))
    claimed.chmod(0o644)
    claimed.rename(clerk.station.inbox / _FOLDER / _NAME)
    clerk.run()
    clerk.assert_filed(2)


def test_a_share_that_vanishes_is_told_and_works_when_it_is_back(clerk: Clerk) -> None:
    drop_half(clerk.station, HALVES[0])
    away = clerk.station.root / "away"
    clerk.station.inbox.rename(away)
    clerk.run_until(lambda _: clerk.tells("không còn ở đó"))
    assert not clerk.station.inbox.exists()
    away.rename(clerk.station.inbox)
    assert clerk.run().code == 0
    clerk.assert_filed(1)


@needs_root
def test_a_station_whose_disk_is_taken_away_writes_nothing_in_its_place(
    template: Path, forks: Forks, public: Path
) -> None:
    disk, place = public / "taken", public / "place"
    clerk = Clerk(make_tiny(template, disk, reading={"workers": 1}), forks)
    place.mkdir()
    subprocess.run(["mount", "--bind", str(disk), str(place)], check=True)
    drop_half(clerk.station, HALVES[0])
    mounted = Clerk(Station(root=place, settings=clerk.station.settings), forks)
    try:
        unmount = ["umount", "-l", str(place)]
        done = forks.hoso("run", "--once", "--station", place, kill_at=30, act=unmount)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)
    assert done.code != 0
    assert files_of(place) == []
    subprocess.run(["mount", "--bind", str(disk), str(place)], check=True)
    try:
        assert mounted.run().code == 0
        mounted.assert_filed(1)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        shutil.rmtree(disk)
        place.rmdir()


@pytest.mark.parametrize("hours", [pytest.param(-1, marks=pytest.mark.soak), 1])
def test_a_clock_that_jumps_an_hour_loses_nothing(clerk: Clerk, hours: int) -> None:
    seconds = hours * 60 * _MINUTES
    early = drop_half(clerk.station, HALVES[0])
    moved = early.stat().st_mtime + seconds
    os.utime(early, (moved, moved))
    assert clerk.run().seconds < _MINUTES
    late = drop_half(clerk.station, HALVES[1])
    clerk.run(clock_seconds=seconds)
    assert not late.exists(), "how old a file is, is told by the monotonic clock"
    clerk.run()
    clerk.assert_filed(2)


def test_a_file_that_changes_while_it_is_read_is_not_filed_as_what_it_was(
    clerk: Clerk, changed: Path
) -> None:
    """Its writer held it open through the claim: what was read must be what is kept."""
    rehearsed = _rehearse(clerk)
    stored = next(n for n, line in enumerate(rehearsed) if "staging/object." in line)
    last = max(n for n in range(stored) if "COMMIT" in rehearsed[n])
    change = ["cp", str(changed), str(clerk.station.work / _FOLDER / _NAME)]
    clerk.run(kill_at=last + 1, kill_before=False, act=change)
    (reason,) = clerk.station.error.rglob("*.LY-DO.txt")
    assert "thay đổi" in reason.read_text(encoding="utf-8-sig")
    with archive_of(clerk.station) as archive:
        assert list(archive.objects) == [], "what no gate has seen becomes no object"
    (clerk.station.error / _FOLDER / _NAME).rename(clerk.station.inbox / _FOLDER / _NAME)
    clerk.run()
    assert _filed_bytes(clerk) == {changed.read_bytes()}


def test_a_file_that_changes_after_it_was_stored_is_another_scan(
    clerk: Clerk, changed: Path
) -> None:
    rehearsed = _rehearse(clerk)
    stored = next(n for n, line in enumerate(rehearsed) if "staging/object." in line)
    change = ["cp", str(changed), str(clerk.station.work / _FOLDER / _NAME)]
    clerk.run(kill_at=stored + 1, act=change)
    clerk.run()
    assert _filed_bytes(clerk) == {half_page_bytes(HALVES[0]), changed.read_bytes()}
    clerk.assert_filed(2)


@pytest.fixture
def changed(public: Path) -> Path:
    """What a writer that held a file open leaves in it: another paper."""
    path = public / "changed.jpg"
    path.write_bytes(half_page_bytes(HALVES[1]))
    return path


def _rehearse(clerk: Clerk) -> list[str]:
    """Drop a scan, let it go through a copy of the station, and return the commits on its way."""
    drop_half(clerk.station, HALVES[0])
    copy = clerk.station.root.parent / "copy"
    shutil.copytree(clerk.station.root, copy)
    commits = clerk.forks.hoso("run", "--once", "--station", copy).commits
    shutil.rmtree(copy)
    return commits


def _filed_bytes(clerk: Clerk) -> set[bytes]:
    with archive_of(clerk.station) as archive:
        records = archive.records.newest(10)
        return {archive.objects.read(record.original.sha256) for record in records}


def test_a_crash_of_the_engine_of_recognition_costs_its_scan_only(
    clerk: Clerk, public: Path
) -> None:
    drop_half(clerk.station, HALVES[0])
    crashing = CrashingOcr(public / "crashing")
    assert clerk.run(environment=crashing.environment).code == 1
    (reason,) = clerk.station.error.rglob("*.LY-DO.txt")
    assert "Tesseract" in reason.read_text(encoding="utf-8-sig")
    (clerk.station.error / _FOLDER / _NAME).rename(clerk.station.inbox / _FOLDER / _NAME)
    assert clerk.run().code == 0
    clerk.assert_filed(1)


def test_an_engine_of_recognition_that_hangs_is_stopped_in_time(clerk: Clerk, public: Path) -> None:
    drop_half(clerk.station, HALVES[0])
    change_settings(clerk.station.root, reading={"page_seconds": 2.0})
    hanging = HangingOcr(public / "hanging")
    done = clerk.run(environment=hanging.environment)
    assert done.code == 1
    assert done.seconds < 30
    (reason,) = clerk.station.error.rglob("*.LY-DO.txt")
    assert "giây" in reason.read_text(encoding="utf-8-sig")
    assert _running(f"{hanging.folder}") == []
    change_settings(clerk.station.root, reading={"page_seconds": 180.0})
    drop(clerk.station, f"{_FOLDER}/{_NAME}", half_page_bytes(HALVES[0]))
    shutil.rmtree(clerk.station.error / _FOLDER)
    assert clerk.run().code == 0
    clerk.assert_filed(1)


def _running(word: str) -> list[str]:
    """List the processes that name something."""
    shown = subprocess.run(["ps", "-e", "-o", "args="], capture_output=True, text=True, check=False)
    return [line for line in shown.stdout.splitlines() if word in line]
