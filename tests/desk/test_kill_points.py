"""SIGKILL at each commit of a run: every scan ends filed once, nothing is left behind or redone."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import EventType
from desk.demo import pki
from desk.station import Station
from tests.desk.doubles import CountingOcr
from tests.desk.forked import SIGNED, Done, Forks
from tests.desk.tiny import (
    HALVES,
    archive_of,
    drop,
    drop_half,
    files_of,
    half_page_bytes,
    make_tiny,
    marked_page,
    sign_again,
    unsure_page,
)

_ONCE = (EventType.CAPTURE, EventType.NORMALIZATION, EventType.SIGNATURE_GENERATION)
_FOLDER = "H26.99-261105-0001"


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> CountingOcr:
    return CountingOcr(tmp_path_factory.mktemp("readings") / "bin")


@pytest.fixture(scope="module")
def forks(
    template: Path, readings: CountingOcr, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Forks]:
    """Forks of the program, and the services of the demo's PKI beside them."""
    work = tmp_path_factory.mktemp("forks")
    with pki.Services(template / "authority"), Forks(work, readings.environment) as made:
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
    """Return what stages gave; not what is meant to end: an intent to put aside, a question."""
    query = (
        "SELECT submission_id, paper, stage, body FROM outcome "
        "WHERE stage NOT IN ('aside', 'question')"
    )
    return {(row[0], row[1], row[2]): row[3] for row in _rows(station, query)}


def _run(forks: Forks, station: Station, **options: Any) -> Done:
    return forks.hoso("run", "--once", "--json", "--station", station.root, **options)


def _go_on(forks: Forks, station: Station, readings: CountingOcr, **options: Any) -> Done:
    """Run again after a kill; what was finished before stays as it was and is not done again."""
    before = _outcomes(station)
    readings.take()
    done = _run(forks, station, **options)
    after = _outcomes(station)
    # Of a marked scan nothing is kept, what its stages gave included.
    secret = {row[0] for row in _rows(station, "SELECT id FROM submission WHERE state = 'secret'")}
    # What was read of a filed paper stands in its record alone.
    filed = {row[0] for row in _rows(station, "SELECT id FROM submission WHERE state = 'filed'")}
    over = {key for key in before if key[0] in secret or (key[0] in filed and key[2] == "describe")}
    changed = {key for key in before if key not in over and after.get(key) != before[key]}
    assert not changed
    read_again = {
        name for name, _, stage in before if stage == "gate" for call in readings.take()
        if name in call
    }  # fmt: skip
    assert not read_again, "a page that passed the gate is read no second time"
    return done


def _assert_filed(station: Station, dropped: int, trail: str) -> None:
    with archive_of(station) as archive:
        records = archive.records.newest(1000)
        assert len(records) == len({record.original.sha256 for record in records}) == dropped, trail
        for record in records:
            types = [event.type for event in archive.events.events(record.submission_id)]
            assert [types.count(kind) for kind in _ONCE] == [1, 1, 1], (trail, types)
            assert len(archive.events.events(record.id)) == 1, trail
            assert archive.objects.verify(record.pdf.sha256), trail
    done = files_of(station.done)
    copies = [name for name in done if name.endswith(".pdf")]
    slips = [name for name in done if name.endswith(".KET-QUA.txt")]
    assert (len(copies), len(slips)) == (dropped, dropped), (trail, done)


def _assert_clean(forks: Forks, station: Station, trail: str) -> None:
    """Nothing waits, nothing temporary is left, log and objects are whole."""
    assert files_of(station.inbox) == files_of(station.work) == [], trail
    assert list((station.archive / "staging").iterdir()) == [], trail
    left = [path for path in station.root.rglob("*") if path.name.endswith((".tmp", ".part"))]
    assert left == [], trail
    captures = _rows(station, "SELECT object FROM event WHERE type = 'capture'")
    assert len(set(captures)) == len(captures), trail
    assert len(captures) == len(_rows(station, "SELECT id FROM submission")), trail
    for command in (("fixity",), ("audit", "verify")):
        checked = forks.hoso(*command, "--station", station.root)
        assert checked.code == 0, (trail, checked.out, checked.err)


def _states(station: Station) -> list[str]:
    return sorted(row[0] for row in _rows(station, "SELECT state FROM submission"))


def _drop_held(station: Station) -> None:
    """Drop what is not filed: of no kind that is taken, of no kind that is known, marked secret."""
    drop(station, f"{_FOLDER}/thu.docx", b"PK not a scan")
    drop(station, f"{_FOLDER}/la.jpg", unsure_page())
    drop(station, f"{_FOLDER}/mat.jpg", marked_page())


def _assert_held(station: Station, trail: str) -> None:
    """Each lies once in its tray with its reason; the marked one alone, told nowhere."""
    assert _states(station).count("in_error") == 1, trail
    assert files_of(station.error) == [f"{_FOLDER}/thu.docx", f"{_FOLDER}/thu.docx.LY-DO.txt"]
    asked = [f"{_FOLDER}/la.jpg", f"{_FOLDER}/la.jpg.CAN-XAC-NHAN.txt"]
    assert files_of(station.confirm) == asked, trail
    (marked,) = _rows(station, "SELECT id, name FROM submission WHERE state = 'secret'")
    assert (files_of(station.secret), marked[1]) == ([marked[0]], ""), trail
    aside = _rows(station, "SELECT object FROM event WHERE type = 'quarantine'")
    assert len(aside) == len(set(aside)) == 3, trail
    assert _rows(station, "SELECT max(attempts) FROM submission") == [(1,)], trail


def _storm(
    forks: Forks, station: Station, readings: CountingOcr, moments: random.Random, most: int
) -> int:
    """Let each run reach a few commits more than the last; return how many kills there were."""
    kills, reach = 0, most
    while True:
        at = moments.randint(1, reach)
        before = moments.random() < 0.5
        done = _go_on(forks, station, readings, kill_at=at, kill_before=before)
        if not done.killed:
            assert done.code in (0, 1), done.err  # 1: something is held, as it should be
            if sign_again(forks, station):
                continue
            return kills
        kills += 1
        reach += most // 4  # so that it ends, however long a start takes


def test_kills_at_commits_lose_nothing_and_redo_nothing(
    forks: Forks, template: Path, readings: CountingOcr, tmp_path: Path
) -> None:
    station = make_tiny(template, tmp_path / "station")
    drop_half(station, HALVES[3], "scan.jpg")
    assert _run(forks, station).code == 0
    # A printer begins to count again: the name of a scan that was filed before.
    dossier = HALVES[3].partition("/")[0]
    drop(station, f"{dossier}/scan.jpg", half_page_bytes(HALVES[4]))
    for sample in HALVES[:2]:
        drop_half(station, sample)
    # The key has signed, the file has no name yet: whether it did, nobody can know.
    assert _go_on(forks, station, readings, kill_on=SIGNED).killed
    kills = _storm(forks, station, readings, random.Random(20261121), most=60)
    assert kills >= 5
    assert set(_states(station)) == {"filed"}
    _assert_filed(station, 4, f"{kills} kills")
    _assert_clean(forks, station, f"{kills} kills")


@pytest.mark.soak
def test_kills_at_commits_leave_what_is_held_with_its_reason(
    forks: Forks, template: Path, readings: CountingOcr, tmp_path: Path
) -> None:
    station = make_tiny(template, tmp_path / "station")
    _drop_held(station)
    kills = _storm(forks, station, readings, random.Random(7), most=40)
    assert kills >= 5
    _assert_held(station, f"{kills} kills")
    _assert_clean(forks, station, f"{kills} kills")


@pytest.mark.soak
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_kill_at_any_commit_is_made_good_by_the_next_run(
    forks: Forks, template: Path, readings: CountingOcr, tmp_path: Path, before: bool
) -> None:
    at, killed = 0, True
    while killed:
        at += 1
        station = make_tiny(template, tmp_path / f"station-{at}")
        drop_half(station, HALVES[0])
        _drop_held(station)
        first = _run(forks, station, kill_at=at, kill_before=before)
        killed = first.killed
        trail = f"{'before' if before else 'after'} {first.commits[-1]}"
        _go_on(forks, station, readings)
        if sign_again(forks, station):
            _go_on(forks, station, readings)
        _assert_filed(station, 1, trail)
        _assert_held(station, trail)
        _assert_clean(forks, station, trail)
        shutil.rmtree(station.root)
    assert at > 50


@pytest.mark.soak
def test_many_kills_at_any_moment_over_a_hundred_scans(
    forks: Forks, template: Path, readings: CountingOcr, tmp_path: Path
) -> None:
    station = make_tiny(template, tmp_path / "station", intake={"rescans": "keep"})
    for number in range(100):
        drop_half(station, HALVES[number % len(HALVES)], f"{number:03}.jpg")
    moments, kills = random.Random(7), 0
    while (done := _go_on(forks, station, readings, **_soon(moments))).killed:
        kills += 1
    if sign_again(forks, station):
        done = _go_on(forks, station, readings)
    assert done.code == 0, done.err
    assert kills >= 50
    _assert_filed(station, 100, f"{kills} kills")
    _assert_clean(forks, station, f"{kills} kills")


def _soon(moments: random.Random) -> dict[str, float]:
    return {"kill_after_seconds": moments.uniform(0.3, 3.0)}
