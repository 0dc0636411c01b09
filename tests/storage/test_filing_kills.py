"""SIGKILL at any step of filing: the paper is filed or not, and at worst objects are left over.

Half-written files lie in the staging folder, which an engine clears when it starts.
"""

from __future__ import annotations

import random
from contextlib import closing
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from config.vocabulary import Role
from storage.archive import Archive, open_archive
from storage.fixity import check_archive
from storage.looks import Looks
from storage.model import NewLink, Record
from storage.orphans import sweep_orphans
from tests.storage.conftest import AT, DOSSIER, make_record
from tests.storage.killed import run_killed

LINK = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
NEVER = 1 << 30
# Objects of a test are made now; a sweep looks at what is a day old.
NOW = datetime.now().astimezone()
DAY = timedelta(hours=24)
SEED = 20261122


def file_paper(archive: Archive, n: int) -> Record:
    return archive.file(make_record(archive, n), LINK, actor="desk", at=AT)


def prepare(folder: Path) -> None:
    with open_archive(folder / "archive") as archive:
        file_paper(archive, 1)


def file_second(folder: Path) -> None:
    with open_archive(folder / "archive") as archive:
        file_paper(archive, 2)


def kill_filing(folder: Path, kill_at: int) -> int:
    return run_killed(lambda: file_second(folder), kill_at, folder / "steps")


def check_what_is_left(folder: Path) -> None:
    with open_archive(folder / "archive") as archive, closing(Looks(archive.root)) as looks:
        assert check_archive(archive).findings == ()
        named = archive.referenced_objects()
        orphans = sorted(set(archive.objects) - named)
        assert len(named) == 2 * archive.records.count()
        assert sweep_orphans(archive, looks, actor="desk", at=NOW + 2 * DAY) == []
        assert sweep_orphans(archive, looks, actor="desk", at=NOW + 3 * DAY) == orphans
        assert set(archive.objects) == named
        # Filing the paper again makes it good, and is done once.
        for _ in range(2):
            assert file_paper(archive, 2).number == 2
        assert archive.records.count() == 2
        assert check_archive(archive).findings == ()


def kill_and_check(folder: Path, kill_at: int) -> None:
    folder.mkdir()
    prepare(folder)
    assert kill_filing(folder, kill_at) == 0
    check_what_is_left(folder)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The steps of filing."""
    folder = tmp_path_factory.mktemp("whole")
    prepare(folder)
    kill_filing(folder, NEVER)
    return (folder / "steps").read_text().splitlines()


@pytest.fixture(scope="module")
def steps(names: list[str]) -> int:
    """How many steps filing has."""
    return len(names)


def test_the_steps_are_those_of_the_order_that_loses_nothing(names: list[str]) -> None:
    # Scan and PDF: to the disk, named, the name to the disk; then one transaction of all rows and
    # events; then the index, which follows.
    told = [name.removeprefix("after ") for name in names if not name.startswith("before ")]
    kept = [name for name, _ in groupby(name for name in told if not name.startswith("unlink"))]
    named = "replace staging/object"
    assert kept == ["sync", named, "sync", named, "sync", "begin", "commit", "begin", "commit"]


def test_a_kill_at_a_step_of_filing_leaves_at_worst_orphan_objects(
    tmp_path: Path, steps: int
) -> None:
    assert steps > 10
    for kill_at in random.Random(SEED).sample(range(1, steps + 1), 5):
        kill_and_check(tmp_path / str(kill_at), kill_at)


@pytest.mark.soak
def test_a_kill_at_every_step_of_filing_leaves_at_worst_orphan_objects(
    tmp_path: Path, steps: int
) -> None:
    for kill_at in range(1, steps + 1):
        kill_and_check(tmp_path / str(kill_at), kill_at)
