"""SIGKILL at each commit of acting on an answer: it counts once, for the one who gave it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.demo import pki
from desk.station import Station
from storage.submissions import SubmissionState
from tests.desk.forked import Done, Forks
from tests.desk.tiny import (
    HALVES,
    archive_of,
    drop,
    files_of,
    half_page_bytes,
    make_tiny,
    sign_again,
)

# The scan lies in another dossier's folder than it is confirmed for.
FOLDER, CODE = "H26.99-261106-0002", "H26.99-261105-0001"


@pytest.fixture(scope="module")
def forks(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with (
        pki.Services(template / "authority"),
        Forks(tmp_path_factory.mktemp("forks")) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def asked(forks: Forks, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Station:
    """A station whose next run finds an answer to act on."""
    station = make_tiny(template, tmp_path_factory.mktemp("asked") / "station")
    drop(station, f"{FOLDER}/SCAN.jpg", half_page_bytes(HALVES[0]))
    run(forks, station)
    with archive_of(station) as archive:
        (item,) = archive.ledger.in_state(SubmissionState.TO_CONFIRM)
    said = ("review", "confirm", item.id, "--dossier", CODE, "--station", station.root)
    assert forks.hoso(*said).code == 0
    return station


def run(forks: Forks, station: Station, *, kill_at: int = 0, kill_before: bool = True) -> Done:
    command = ("run", "--once", "--json", "--station", station.root)
    return forks.hoso(*command, kill_at=kill_at, kill_before=kill_before)


def copied(asked: Station, root: Path) -> Station:
    shutil.copytree(asked.root, root)
    return Station(root=root, settings=asked.settings)


def assert_answered_once(station: Station, trail: str) -> None:
    with archive_of(station) as archive:
        (record,) = archive.records.newest(10)
        assert [link.dossier_code for link in record.links] == [CODE], trail
        (told,) = archive.corrections.of_submission(record.submission_id)
        assert "unauthenticated" not in told.actor, trail
        assert archive.requests.pending("review") == [], trail
    assert files_of(station.confirm) == files_of(station.work) == [], trail


@pytest.mark.soak
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_kill_at_any_commit_leaves_the_answer_to_the_next_run(
    forks: Forks, asked: Station, tmp_path: Path, before: bool
) -> None:
    at, killed = 0, True
    while killed:
        at += 1
        station = copied(asked, tmp_path / f"station-{at}")
        first = run(forks, station, kill_at=at, kill_before=before)
        killed = first.killed
        run(forks, station)
        if sign_again(forks, station):
            run(forks, station)
        assert_answered_once(station, f"{'before' if before else 'after'} {first.commits[-1]}")
        shutil.rmtree(station.root)
    assert at > 20


def test_a_kill_while_the_scan_leaves_its_tray_is_made_good(
    forks: Forks, asked: Station, tmp_path: Path
) -> None:
    """The first commits of the run are those of the answer."""
    station = copied(asked, tmp_path / "station")
    first = run(forks, station, kill_at=8)
    assert first.killed
    run(forks, station)
    assert_answered_once(station, first.commits[-1])
