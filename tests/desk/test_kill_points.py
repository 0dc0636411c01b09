"""SIGKILL at each commit of a run: every scan ends filed once, nothing is left behind or redone."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import EventType
from desk.demo import pki
from desk.station import Station
from tests.desk.forked import Done, Forks
from tests.desk.tiny import HALVES, archive_of, drop_half, files_of, make_tiny

_ONCE = (EventType.CAPTURE, EventType.NORMALIZATION, EventType.SIGNATURE_GENERATION)
_COUNTING_ENGINE = '#!/bin/sh\nprintf "%s\\n" "$*" >> "{log}"\nexec "{engine}" "$@"\n'


class Readings:
    """Counts what Tesseract is asked to read, by an engine of the same name in front of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()
        self._log = folder / "readings.log"
        engine = self.folder / "tesseract"
        text = _COUNTING_ENGINE.format(log=self._log, engine="/usr/bin/tesseract")
        engine.write_text(text, encoding="utf-8")
        engine.chmod(0o755)

    def take(self) -> list[str]:
        """Return the arguments of each call since the last time."""
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return lines


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Readings:
    return Readings(tmp_path_factory.mktemp("readings"))


@pytest.fixture(scope="module")
def forks(
    template: Path, readings: Readings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Forks]:
    """Forks of the program, and the services of the demo's PKI beside them."""
    path = f"{readings.folder}:{os.environ['PATH']}"
    work = tmp_path_factory.mktemp("forks")
    with pki.Services(template / "authority"), Forks(work, {"PATH": path}) as made:
        yield made


def _rows(station: Station, query: str) -> list[tuple[Any, ...]]:
    if not (station.archive / "records.db").exists():
        return []
    connection = sqlite3.connect(f"file:{station.archive}/records.db?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def _outcomes(station: Station) -> dict[tuple[str, int, str], str]:
    found = _rows(station, "SELECT submission_id, paper, stage, body FROM outcome")
    return {(row[0], row[1], row[2]): row[3] for row in found}


def _run(forks: Forks, station: Station, **options: Any) -> Done:
    return forks.hoso("run", "--once", "--json", "--station", station.root, **options)


def _go_on(forks: Forks, station: Station, readings: Readings, **options: Any) -> Done:
    """Run again after a kill; what was finished before stays as it was and is not done again."""
    before = _outcomes(station)
    readings.take()
    done = _run(forks, station, **options)
    after = _outcomes(station)
    assert {key: after.get(key) for key in before} == before
    read_again = {
        name for name, _, stage in before if stage == "gate" for call in readings.take()
        if name in call
    }  # fmt: skip
    assert not read_again, "a page that passed the gate is read no second time"
    return done


def _assert_whole(forks: Forks, station: Station, dropped: int, trail: str) -> None:
    with archive_of(station) as archive:
        records = archive.records.newest(1000)
        assert len(records) == len({record.original.sha256 for record in records}) == dropped, trail
        for record in records:
            types = [event.type for event in archive.events.events(record.submission_id)]
            assert [types.count(kind) for kind in _ONCE] == [1, 1, 1], (trail, types)
            assert len(archive.events.events(record.id)) == 1, trail
            assert archive.objects.verify(record.pdf.sha256), trail
    states = {row[0] for row in _rows(station, "SELECT state FROM submission")}
    assert states == {"filed"}, trail
    assert files_of(station.inbox) == files_of(station.work) == [], trail
    assert list((station.archive / "staging").iterdir()) == [], trail
    left = [path for path in station.root.rglob("*") if path.name.endswith((".tmp", ".part"))]
    assert left == [], trail
    done = files_of(station.done)
    assert sum(name.endswith(".pdf") for name in done) == dropped, (trail, done)
    assert sum(name.endswith(".KET-QUA.txt") for name in done) == dropped, (trail, done)
    for command in (("fixity",), ("audit", "verify")):
        checked = forks.hoso(*command, "--station", station.root)
        assert checked.code == 0, (trail, checked.out, checked.err)


def _storm(
    forks: Forks, station: Station, readings: Readings, moments: random.Random, most: int
) -> int:
    """Let each run reach a few commits more than the last; return how many kills there were."""
    kills, reach = 0, most
    while True:
        at = moments.randint(1, reach)
        before = moments.random() < 0.5
        done = _go_on(forks, station, readings, kill_at=at, kill_before=before)
        if not done.killed:
            assert done.code == 0, done.err
            return kills
        kills += 1
        reach += most // 4  # so that it ends, however long a start takes


def test_kills_at_commits_lose_nothing_and_redo_nothing(
    forks: Forks, template: Path, readings: Readings, tmp_path: Path
) -> None:
    station = make_tiny(template, tmp_path / "station")
    for sample in HALVES[:3]:
        drop_half(station, sample)
    kills = _storm(forks, station, readings, random.Random(20261121), most=40)
    assert kills >= 5
    _assert_whole(forks, station, 3, f"{kills} kills")


@pytest.mark.soak
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_kill_at_any_commit_is_made_good_by_the_next_run(
    forks: Forks, template: Path, readings: Readings, tmp_path: Path, before: bool
) -> None:
    at, killed = 0, True
    while killed:
        at += 1
        station = make_tiny(template, tmp_path / f"station-{at}")
        for sample in HALVES[:2]:
            drop_half(station, sample)
        first = _run(forks, station, kill_at=at, kill_before=before)
        killed = first.killed
        second = _go_on(forks, station, readings)
        assert second.code == 0, (first.commits[-1], second.err)
        _assert_whole(forks, station, 2, first.commits[-1])
    assert at > 50


@pytest.mark.soak
def test_many_kills_at_any_moment_over_a_hundred_scans(
    forks: Forks, template: Path, readings: Readings, tmp_path: Path
) -> None:
    station = make_tiny(template, tmp_path / "station", intake={"rescans": "keep"})
    for number in range(100):
        sample = HALVES[number % len(HALVES)]
        drop_half(station, sample, f"{number:03}.jpg")
    moments, kills = random.Random(7), 0
    while kills < 50:
        done = _go_on(forks, station, readings, kill_after_seconds=moments.uniform(0.3, 4.0))
        assert done.killed, "a hundred scans are done before fifty kills: make the times shorter"
        kills += 1
    assert _go_on(forks, station, readings).code == 0
    _assert_whole(forks, station, 100, "50 kills")
