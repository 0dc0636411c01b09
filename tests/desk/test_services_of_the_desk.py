"""Retry from afar, room on the disk, the slip of a day."""

from __future__ import annotations

import datetime as dt
import errno
import json

import pytest

from config.vocabulary import EventType
from desk import daily, room
from desk.moments import VIETNAM, now
from desk.retries import ask_retry, in_error
from desk.status import measure_status
from storage.errors import DiskFull
from storage.submissions import SubmissionState
from tests.desk.conftest import SmallStation, hoso

NOT_A_SCAN = b"PK\x03\x04 not a scan"


def fail_one(small: SmallStation, folder: str = "") -> str:
    place = small.station.inbox / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "bang-tinh.xlsx").write_bytes(NOT_A_SCAN)
    (ending,) = small.run()
    assert ending.state is SubmissionState.IN_ERROR
    return ending.submission_id


def test_a_failed_scan_is_tried_again_on_request(small: SmallStation) -> None:
    failed = fail_one(small, "H26.99-261105-0001")
    listed = json.loads(hoso("retry", "--json", "--station", small.station.root).stdout)
    assert [item["id"] for item in listed["in_error"]] == [failed]
    assert listed["retried"] == []
    asked = json.loads(hoso("retry", failed, "--json", "--station", small.station.root).stdout)
    assert asked["retried"] == [failed]
    (again,) = small.run()
    assert (again.submission_id, again.state) == (failed, SubmissionState.IN_ERROR)
    assert small.files(small.station.error) == [
        "H26.99-261105-0001/bang-tinh.xlsx",
        "H26.99-261105-0001/bang-tinh.xlsx.LY-DO.txt",
    ]
    with small.archive() as archive:
        assert archive.ledger.get(failed).attempts == 2
        (retried,) = [
            event for event in archive.events.events(failed) if event.type is EventType.UNQUARANTINE
        ]
    assert retried.outcome == "retry"
    assert retried.actor not in ("hoso", "")


def test_a_retry_of_a_scan_that_was_taken_away_leaves_it_in_error(small: SmallStation) -> None:
    failed = fail_one(small)
    (small.station.error / "bang-tinh.xlsx").unlink()
    with small.archive() as archive:
        ask_retry(archive, in_error(archive), "thử nghiệm")
    assert small.run() == []
    with small.archive() as archive:
        assert archive.ledger.get(failed).state is SubmissionState.IN_ERROR
        assert archive.requests.pending("retry") == []


def test_an_unknown_id_is_told_and_nothing_is_retried(small: SmallStation) -> None:
    finished = hoso("retry", "khong-co", "--station", small.station.root)
    assert finished.returncode == 0
    assert "khong-co" in finished.stderr


def test_without_room_nothing_is_claimed_and_the_station_says_so(small: SmallStation) -> None:
    small.set(intake={"free_megabytes": 1_000_000_000})
    (small.station.inbox / "a.xlsx").write_bytes(NOT_A_SCAN)
    with pytest.raises(DiskFull, match="1 wait"):
        small.run()
    assert small.files(small.station.inbox) == ["a.xlsx"]
    with small.archive() as archive:
        status = measure_status(small.station, archive)
    assert status.waiting == 1
    assert [alarm.code for alarm in status.alarms] == ["no_room"]
    assert "tạm ngừng nhận" in small.station.status_page.read_text(encoding="utf-8")
    finished = hoso("run", "--once", "--json", "--station", small.station.root)
    assert finished.returncode == 42
    assert json.loads(finished.stdout)["error"]["code"] == "DiskFull"
    small.set(intake={"free_megabytes": 0})
    (ending,) = small.run()
    assert ending.name == "a.xlsx"


def test_a_full_disk_or_quota_is_told_as_such_and_nothing_else_is() -> None:
    for code in (errno.ENOSPC, errno.EDQUOT):
        with pytest.raises(DiskFull), room.telling_full_disk():
            raise OSError(code, "full", "/x")
    with pytest.raises(PermissionError), room.telling_full_disk():
        raise PermissionError(errno.EACCES, "denied")


def test_the_slip_of_a_day_counts_and_stays_the_same(small: SmallStation) -> None:
    fail_one(small, "H26.99-261105-0001")
    today = now().astimezone(VIETNAM).date()
    path = daily.slip_of(small.station, today)
    written = path.read_bytes()
    text = written.decode("utf-8-sig").replace("\r\n", "\n")
    assert f"PHIẾU NGÀY {today.strftime('%d/%m/%Y')}" in text
    assert "Bản quét đã nhận:        1\n" in text
    assert "Giấy tờ đã lưu kho:      0\n" in text
    assert "Lỗi cần xem (thư mục 4): 1\n- H26.99-261105-0001/bang-tinh.xlsx: " in text
    small.run()
    assert path.read_bytes() == written


def test_a_day_that_is_over_gets_its_slip_once(small: SmallStation) -> None:
    fail_one(small)
    today = now().astimezone(VIETNAM).date()
    path = daily.slip_of(small.station, today)
    path.unlink()
    noon = dt.datetime.combine(today, dt.time(12), VIETNAM)
    with small.archive() as archive:
        slips = daily.DailySlips(small.station, archive)
        slips.tick(noon)
        assert not path.exists()
        slips.tick(noon + dt.timedelta(days=1))
        assert path.exists()
        path.unlink()
        slips.tick(noon + dt.timedelta(days=1, hours=2))
        assert not path.exists()
        # A day without anything.
        assert daily.count_day(archive, today - dt.timedelta(days=2)).scanned == 0
