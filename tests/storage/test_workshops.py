"""Folders of work go when nobody works in them any more, and not before."""

from __future__ import annotations

import os
import time
from pathlib import Path

from storage.workshops import clear_beside, workshop_beside

DAYS = 3 * 24 * 3600


def _left(folder: Path, machine: bytes, age_seconds: float) -> Path:
    """Return a folder of work that a killed run left."""
    left = folder / f".hoso-goi-{machine.decode()}-{age_seconds:.0f}"
    left.mkdir()
    (left / "work").mkdir()
    (left / ".lock").write_bytes(machine)
    at = time.time() - age_seconds
    os.utime(left, (at, at))
    return left


def test_what_is_worked_in_for_days_stays(tmp_path: Path) -> None:
    with workshop_beside(tmp_path / "goi.zip") as work:
        at = time.time() - DAYS
        os.utime(work.parent, (at, at))
        clear_beside(tmp_path)
        assert work.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_what_another_machine_left_goes_when_it_is_old(tmp_path: Path) -> None:
    old, fresh = (_left(tmp_path, b"may-khac", age) for age in (DAYS, 60))
    clear_beside(tmp_path)
    assert (old.exists(), fresh.exists()) == (False, True)


def test_what_a_killed_run_left_here_goes_at_once(tmp_path: Path) -> None:
    here = _left(tmp_path, os.uname().nodename.encode(), 60)
    clear_beside(tmp_path)
    assert not here.exists()
