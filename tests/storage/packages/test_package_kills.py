"""SIGKILL, or a full disk, at any step of taking a package in: all of its papers, or none."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

import pytest

from storage.archive import Archive, open_archive
from storage.errors import DiskFull
from storage.fixity import check_archive
from storage.packages.admitting import Admission, Admitted, admit
from storage.packages.arriving import read_arrival
from storage.packages.sources import open_source
from storage.workshops import workshop
from tests.storage.conftest import AT
from tests.storage.killed import run_killed
from tests.storage.packages.conftest import state

SEED = 20261122
NEVER = 1 << 30
PAPERS = 3


def take_in(archive: Archive, package: Path) -> Admitted:
    with workshop(archive.staging, "import.") as work, open_source(package) as source:
        arrival = read_arrival(source, archive, work, None)
        return admit(archive, arrival, Admission(actor="văn thư", at=AT, verdicts={}))


def arrive(folder: Path, package: Path) -> None:
    with open_archive(folder / "archive") as archive:
        take_in(archive, package)


def kill_arrival(folder: Path, package: Path, kill_at: int) -> int:
    folder.mkdir(exist_ok=True)
    with open_archive(folder / "archive"):
        pass
    return run_killed(lambda: arrive(folder, package), kill_at, folder / "steps")


def kill_and_check(folder: Path, package: Path, kill_at: int) -> None:
    assert kill_arrival(folder, package, kill_at) == 0
    with open_archive(folder / "archive") as archive:
        assert check_archive(archive).findings == ()
        count = archive.records.count()
        assert count in (0, PAPERS)
        assert archive.referenced_objects() <= set(archive.objects)
        before = state(archive)
        admitted = take_in(archive, package)
        assert len(admitted.taken) == PAPERS - count
        assert (state(archive) == before) is (count == PAPERS)
        # Half of a file that was just being stored is cleared by an engine that starts.
        left = [path for path in archive.staging.iterdir() if not path.name.startswith("object.")]
        assert left == []
        assert archive.referenced_objects() == set(archive.objects)
        assert check_archive(archive).findings == ()


@pytest.fixture(scope="module")
def steps(aip: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many steps taking the package in has."""
    return kill_arrival(tmp_path_factory.mktemp("whole"), aip, NEVER)


def test_a_kill_at_some_steps_of_an_import_leaves_all_or_nothing(
    aip: Path, steps: int, tmp_path: Path
) -> None:
    assert steps > 20
    for kill_at in random.Random(SEED).sample(range(1, steps + 1), 4):
        kill_and_check(tmp_path / str(kill_at), aip, kill_at)


@pytest.mark.soak
def test_a_kill_at_every_step_of_an_import_leaves_all_or_nothing(
    aip: Path, steps: int, tmp_path: Path
) -> None:
    for kill_at in range(1, steps + 1):
        kill_and_check(tmp_path / str(kill_at), aip, kill_at)


@pytest.mark.parametrize("room", [0, 2, 5])
def test_a_disk_that_fills_up_takes_nothing_in(
    aip: Path, room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_archive(tmp_path / "archive") as archive:
        before, synced, sync = state(archive), [], os.fsync

        def full(descriptor: int) -> None:
            synced.append(descriptor)
            if len(synced) > room:
                raise OSError(errno.ENOSPC, "No space left on device")
            sync(descriptor)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises((DiskFull, OSError)):
                take_in(archive, aip)
        assert state(archive) == before
        assert list(archive.staging.iterdir()) == []
        assert check_archive(archive).findings == ()
        assert len(take_in(archive, aip).taken) == PAPERS
