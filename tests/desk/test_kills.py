"""kill -9 at moments nobody chose: every scan ends filed exactly once, nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from config.vocabulary import EventType
from desk.unknown_signatures import unknown_signatures
from storage.submissions import SubmissionState
from tests.desk.conftest import ROOT, SmallStation, hoso

SCANS = (
    "H26.99-261105-0001/SCAN_0001.jpg",
    "H26.99-261105-0001/img20261105_09153012.jpg",
    "H26.99-261106-0002/xac-nhan-tthn.pdf",
)


def _run_and_kill(small: SmallStation, after_seconds: float) -> None:
    command = [sys.executable, "-m", "desk.cli.main", "run", "--once", "--station"]
    engine = subprocess.Popen(
        [*command, str(small.station.root)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(after_seconds)
    with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
        os.killpg(engine.pid, signal.SIGKILL)
    engine.wait()


def _decide(small: SmallStation) -> None:
    """Say of papers that were killed while the key was used that they be signed again."""
    with small.archive() as archive:
        unknown = [paper.submission_id for paper in unknown_signatures(archive)]
    if unknown:
        words = [word for paper in unknown for word in ("--again", paper)]
        assert hoso("release", *words, "--station", small.station.root).returncode == 0
        small.run()


def _storm(small: SmallStation, kills: int, seed: int) -> None:
    moments = random.Random(seed)
    for sample in SCANS:
        small.drop(sample)
    for _ in range(kills):
        _run_and_kill(small, moments.uniform(1.5, 6.0))
    small.run()
    _decide(small)
    with small.archive() as archive:
        records = archive.records.newest(100)
        assert sorted(r.original_name for r in records) == sorted(s.split("/")[1] for s in SCANS)
        assert {archive.ledger.get(r.submission_id).state for r in records} == {
            SubmissionState.FILED
        }
        for record in records:
            types = [event.type for event in archive.events.events(record.submission_id)]
            assert types.count(EventType.CAPTURE) == 1
            assert types.count(EventType.SIGNATURE_GENERATION) == 1
            assert len(archive.events.events(record.id)) == 1
        assert list(archive.staging.iterdir()) == []
    assert small.files(small.station.work) == []
    assert small.files(small.station.inbox) == []
    assert hoso("fixity", "--station", small.station.root).returncode == 0
    assert hoso("audit", "verify", "--station", small.station.root).returncode == 0


def test_three_kills_lose_nothing_and_file_nothing_twice(small: SmallStation) -> None:
    _storm(small, kills=3, seed=20261121)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_many_kills_lose_nothing_and_file_nothing_twice(small: SmallStation, seed: int) -> None:
    _storm(small, kills=12, seed=seed)
