"""`hoso doctor` tells of a disk that is full of files, not of bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desk.checkup import check_files, check_station
from tests.desk.conftest import SmallStation


def on_a_disk_of(monkeypatch: pytest.MonkeyPatch, *, files: int, left: int) -> None:
    """Let each disk say that it takes so many files, and so many more."""
    real = os.statvfs

    def told(path: Path) -> os.statvfs_result:
        values = list(real(path))
        values[5:8] = [files, left, left]
        return os.statvfs_result(values)

    monkeypatch.setattr(os, "statvfs", told)


@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        ((16_777_216, 200_000), (True, "200.000")),
        ((16_777_216, 199_999), (False, "199.999")),
        ((16_777_216, 0), (False, "0")),
        ((0, 0), (True, "không giới hạn")),
    ],
)
def test_a_disk_without_names_for_more_files_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    disk: tuple[int, int],
    expected: tuple[bool, str],
) -> None:
    files, left = disk
    on_a_disk_of(monkeypatch, files=files, left=left)
    check = check_files(tmp_path)
    assert (check.ok, check.found) == expected
    assert bool(check.advice) is not check.ok


def test_the_disk_of_the_archive_is_looked_at(
    small: SmallStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = small.station
    assert all(check.ok for check in check_station(station) if check.name == "Số tệp còn tạo được")
    on_a_disk_of(monkeypatch, files=1_000_000, left=10)
    told = [check for check in check_station(station) if not check.ok]
    assert "Số tệp còn tạo được" in {check.name for check in told}
