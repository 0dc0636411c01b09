"""SIGKILL at any step of handing in scans: no half of a file is ever in the inbox."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from desk.departures import take_out
from desk.eark_exports import export_eark
from desk.errors import PathUnusable
from desk.exporting import ExportOrder
from desk.moments import now
from desk.package_scans import hand_in
from desk.station import Station
from desk.trays import list_scans
from storage.archive import open_archive
from tests.desk.test_bundling import CODE, make_office
from tests.storage.killed import run_killed

SEED = 20261122
NEVER = 1 << 30


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    return make_office(tmp_path_factory.mktemp("office")).station


@pytest.fixture(scope="module")
def package(station: Station, tmp_path_factory: pytest.TempPathFactory) -> Path:
    order = ExportOrder(
        code=CODE,
        format="eark",
        package="dip",
        target=tmp_path_factory.mktemp("goi") / "doc.zip",
        actor="thử nghiệm",
        at=now(),
    )
    with open_archive(station.archive) as archive:
        return take_out(export_eark, order, station, archive).path


def drop(station: Station, package: Path) -> None:
    with open_archive(station.archive) as archive:
        hand_in(package, station, archive, "thử nghiệm")


def kill_and_check(station: Station, package: Path, kill_at: int, folder: Path) -> int:
    steps = run_killed(lambda: drop(station, package), kill_at, folder / "steps")
    dropped = list(list_scans(station.inbox))
    with open_archive(station.archive) as archive:
        (record,) = archive.records.newest(2)
        told = archive.events.events("archive")
        for path in dropped:
            assert path.read_bytes() == archive.objects.read(record.pdf.sha256)
            assert told[-1].outcome == "scans"
            path.unlink()  # the station takes it
    drop(station, package)
    with pytest.raises(PathUnusable):
        drop(station, package)
    assert [path.name for path in station.inbox.rglob("*") if path.name.startswith(".h")] == []
    for path in list_scans(station.inbox):
        path.unlink()
    return steps


def test_a_kill_at_some_steps_leaves_no_half(
    station: Station, package: Path, tmp_path: Path
) -> None:
    steps = kill_and_check(station, package, NEVER, tmp_path)
    assert steps >= 4
    for kill_at in random.Random(SEED).sample(range(1, steps + 1), 3):
        kill_and_check(station, package, kill_at, tmp_path)
