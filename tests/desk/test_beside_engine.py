"""Commands that change something work while `hoso run` runs in another process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.submissions import SubmissionState
from tests.desk.conftest import ROOT, SmallStation, hoso
from tests.desk.tiny import drop, unsure_page

SECONDS = 90.0


@contextmanager
def engine(station: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "desk.cli.main", "run", "--station", str(station)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(SECONDS)


def wait_until(is_true: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_true():
        assert running.poll() is None, "the engine ended"
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_retry_release_review_and_register_import_beside_a_running_engine(
    small: SmallStation,
) -> None:
    root = small.station.root
    small.set(signing={"release": "person"}, intake={"scan_seconds": 0.5})
    small.drop("H26.99-261105-0001/SCAN_0001.jpg")
    (small.station.inbox / "bang-tinh.xlsx").write_bytes(b"PK\x03\x04 not a scan")
    with engine(root) as running, small.archive() as archive:

        def stands(state: SubmissionState, attempts: int = 0) -> bool:
            items = archive.ledger.in_state(state)
            return len(items) == 1 and items[0].attempts >= attempts

        wait_until(lambda: stands(SubmissionState.IN_ERROR), running)
        wait_until(lambda: stands(SubmissionState.AWAITING_RELEASE), running)
        register = ROOT / "desk" / "demo" / "register" / "so-ho-so.json"
        for command in (
            ("retry", "--all"),
            ("release", "--all"),
            ("register", "import", str(register)),
        ):
            finished = hoso(*command, "--json", "--station", root)
            assert finished.returncode == 0, finished.stderr
            assert json.loads(finished.stdout)
        wait_until(lambda: stands(SubmissionState.IN_ERROR, attempts=2), running)
        wait_until(lambda: stands(SubmissionState.FILED), running)
        drop(small.station, "H26.99-261105-0001/khong-ten.jpg", unsure_page())
        wait_until(lambda: stands(SubmissionState.TO_CONFIRM), running)
        (asked,) = archive.ledger.in_state(SubmissionState.TO_CONFIRM)
        finished = hoso("review", "confirm", asked.id, "--class", "TB", "--station", root)
        assert finished.returncode == 0, finished.stderr
        wait_until(lambda: stands(SubmissionState.AWAITING_RELEASE), running)
    assert running.returncode == 0
