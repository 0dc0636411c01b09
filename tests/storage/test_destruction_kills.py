"""SIGKILL at any commit, rename or unlink of a destruction: nothing is half, and it goes on."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from storage.archive import Archive, open_archive
from storage.destruction import Order, Outside, begin, carry_out
from storage.disposal_values import BatchState, ItemState
from storage.fixity import check_archive
from storage.search import SearchRequest
from tests.storage import killed
from tests.storage.disposing import DECIDER, OLD, Office, make_office, minutes, record_id

DESTROYED = (record_id(1), record_id(2), record_id(3))
SEED = 20261122


def decided(folder: Path) -> str:
    """Make an archive whose old papers were decided on; return the batch."""
    with open_archive(folder / "archive") as archive:
        office = make_office(archive)
        for n in (1, 2, 3):
            _copy_of(folder, record_id(n)).parent.mkdir(exist_ok=True)
            _copy_of(folder, record_id(n)).write_bytes(b"%PDF")
        return office.approve(office.propose(*DESTROYED)).id


def _copy_of(folder: Path, record: str) -> Path:
    return folder / "done" / f"{record}.pdf"


def _carry_out(folder: Path, batch: str) -> None:
    with open_archive(folder / "archive") as archive:
        office = Office(archive=archive)
        order = Order(batch=batch, actor=DECIDER, at=office.order(archive.disposals.get(batch)).at)
        outside = Outside(find=lambda record: [str(_copy_of(folder, record.id))], remove=_remove)
        begin(archive, order, office.keeping, minutes)
        carry_out(archive, order, outside)
        archive.search.optimize()


def _remove(places: Sequence[str]) -> None:
    for place in places:
        Path(place).unlink(missing_ok=True)


def run_killed(folder: Path, batch: str, kill_at: int) -> int:
    """Carry a batch out in a child that is killed at a step; return how many steps it took."""
    return killed.run_killed(lambda: _carry_out(folder, batch), kill_at, folder / "steps")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, int]:
    """An archive whose papers are decided on, the batch, and the steps of carrying it out."""
    folder = tmp_path_factory.mktemp("decided")
    batch = decided(folder)
    whole = shutil.copytree(folder, tmp_path_factory.mktemp("whole") / "station")
    steps = run_killed(whole, batch, 0)
    with open_archive(whole / "archive") as archive:
        _assert_done(archive, whole, batch)
    return folder, batch, steps


def _assert_done(archive: Archive, folder: Path, batch: str) -> None:
    told = archive.disposals.get(batch)
    assert told.state is BatchState.CARRIED_OUT
    assert {item.state for item in told.items} == {ItemState.DESTROYED}
    assert check_archive(archive).findings == ()
    assert archive.records.count() == 2
    assert len(list(archive.objects)) == 4 + 1  # those of two papers, and the minutes
    assert list(archive.staging.iterdir()) == []
    assert not any((folder / "done").iterdir())
    ended = [event for event in archive.events.events() if event.outcome == "destroyed"]
    assert [event.object for event in ended] == [*DESTROYED, "archive"]
    assert archive.search.search(SearchRequest(query="bí danh")).count == 2
    assert [gone.record_id for gone in archive.destroyed.of_dossier(OLD)] == list(DESTROYED)


def _clear_leftovers(archive: Archive) -> None:
    """Do what an engine does when it starts."""
    archive.objects.recover_swept()
    for half in archive.staging.glob("object.*.tmp"):
        half.unlink()


def _survives(made: tuple[Path, str, int], tmp_path: Path, kill_at: int) -> None:
    folder, batch, _ = made
    station = shutil.copytree(folder, tmp_path / f"at-{kill_at}")
    assert run_killed(station, batch, kill_at) == 0
    with open_archive(station / "archive") as archive:
        _clear_leftovers(archive)
        assert check_archive(archive).findings == (), kill_at
        whole = archive.records.referenced_objects()
        assert whole <= set(archive.objects), "no record without its files"
        found = archive.search.search(SearchRequest(query="bí danh"))
        assert found.count == archive.records.count(), "search and records agree"
    again = min(kill_at, 7)
    if kill_at % 3 == 0:
        run_killed(station, batch, again)  # and killed once more while it goes on
        with open_archive(station / "archive") as archive:
            _clear_leftovers(archive)
    run_killed(station, batch, 0)
    with open_archive(station / "archive") as archive:
        _assert_done(archive, station, batch)
    shutil.rmtree(station)


def test_a_kill_at_some_steps_leaves_nothing_half(
    made: tuple[Path, str, int], tmp_path: Path
) -> None:
    steps = made[2]
    assert steps > 30
    for kill_at in random.Random(SEED).sample(range(1, steps + 1), 4):
        _survives(made, tmp_path, kill_at)


@pytest.mark.soak
def test_a_kill_at_every_step_leaves_nothing_half(
    made: tuple[Path, str, int], tmp_path: Path
) -> None:
    for kill_at in range(1, made[2] + 1):
        _survives(made, tmp_path, kill_at)
