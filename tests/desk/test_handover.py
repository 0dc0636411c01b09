"""Deadlines of the hand-over to the archive of the agency, and the note that one was met."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from config.vocabulary import EventType
from desk.cli.main import main
from desk.errors import PathUnusable, UnknownCode
from desk.founding import found_station
from desk.handover import count_deadlines, mark_handed_over, measure_deadlines
from desk.moments import now, vietnam
from desk.said_reasons import erase_reasons, kept_reasons
from desk.station import open_station
from desk.web.serving import accounts_of
from storage.accounts import Accounts
from storage.archive import Archive, open_archive
from storage.fixity import check_archive
from storage.handovers import months_after
from storage.model import NewEvent
from storage.raw_rows import raw_rows, row_digest
from storage.register import ProcedureResult, RegisterBatch
from tests.storage.disposing import Office
from tests.storage.test_events import tamper

LATE, SOON, FAR, OPEN, EMPTY = (f"H26.99-2401{day:02}-0001" for day in range(1, 6))


def day_before(days: int) -> dt.date:
    return vietnam(now()).date() - dt.timedelta(days=days)


def day_ago(days: int) -> str:
    return day_before(days).isoformat()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "archive") as opened:
        office = Office(archive=opened)
        settled = {LATE: day_ago(400), SOON: day_ago(340), FAR: day_ago(30), OPEN: None}
        for n, (code, day) in enumerate(settled.items(), start=1):
            office.register(code, day)
            office.file(n, code)
        office.register(EMPTY, day_ago(900))
        yield opened


def codes(archive: Archive, days: int = 60) -> tuple[list[str], list[str]]:
    told = measure_deadlines(archive, days)
    counted = count_deadlines(archive, days)
    assert (counted.overdue, counted.due) == (len(told.overdue), len(told.due))
    return [one.dossier_code for one in told.overdue], [one.dossier_code for one in told.due]


def test_late_ones_and_those_that_are_due_soon_are_told(archive: Archive) -> None:
    assert codes(archive) == ([LATE], [SOON])
    assert codes(archive, 366) == ([LATE], [SOON, FAR])
    (late,) = measure_deadlines(archive).overdue
    assert late.due_on == months_after(late.ended_on, 12)


def test_what_was_handed_over_is_not_due_any_more_and_that_is_an_event(
    archive: Archive, tmp_path: Path
) -> None:
    package = tmp_path / "goi.zip"
    package.write_bytes(b"AIP")
    done = mark_handed_over(archive, LATE, str(package), "Lưu trữ xã", actor="an")
    assert done.package_sha256 == hashlib.sha256(b"AIP").hexdigest()
    assert archive.handovers.of(LATE) == done
    assert codes(archive) == ([], [SOON])
    (event,) = archive.events.events(LATE)
    assert event.type is EventType.TRANSFER
    # It may be a person's name, and nobody can try names on what the log holds.
    assert event.detail.keys() == {"package_sha256", "row", "row_sha256"}
    mark_handed_over(archive, SOON, "AB" * 32, "Lưu trữ xã", actor="an")
    assert [one.package_sha256 for one in archive.handovers.all()].count("ab" * 32) == 1


def test_a_package_that_is_a_folder_is_known_by_its_mets(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "goi").mkdir()
    (tmp_path / "goi" / "METS.xml").write_bytes(b"<mets/>")
    done = mark_handed_over(archive, LATE, str(tmp_path / "goi"), "Lưu trữ xã", actor="an")
    assert done.package_sha256 == hashlib.sha256(b"<mets/>").hexdigest()


def test_an_unknown_dossier_or_package_is_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(UnknownCode):
        mark_handed_over(archive, "H26.99-200101-0001", "ab" * 32, "x", actor="an")
    with pytest.raises(PathUnusable):
        mark_handed_over(archive, LATE, str(tmp_path / "khong-co"), "x", actor="an")
    assert archive.handovers.count() == 0


def test_a_result_s_day_counts_where_no_day_of_settlement_is_known(archive: Archive) -> None:
    issued = tuple(
        ProcedureResult(
            dossier_code=OPEN, ordinal=n, class_code="GKS", issue_date=day_before(400 + n)
        )
        for n in (1, 2)
    )
    archive.register.load(RegisterBatch(results=issued))
    assert codes(archive) == ([OPEN, LATE], [SOON])
    # The latest one: the work is not over before.
    assert measure_deadlines(archive).overdue[0].ended_on == day_before(401)


def test_who_received_is_erased_and_every_proof_stands(archive: Archive, tmp_path: Path) -> None:
    mark_handed_over(archive, LATE, "ab" * 32, "ông LÊ VĂN THỬ NGHIỆM", actor="an")
    mark_handed_over(archive, SOON, "ab" * 32, "Lưu trữ xã", actor="an")
    found_station(tmp_path / "tram", Settings())
    station = open_station(tmp_path / "tram")
    with closing(Accounts(accounts_of(station))) as accounts:
        mark = accounts.keep_reason("Đơn của LE VAN THU NGHIEM", now())
        other = accounts.keep_reason("Báo cáo quý", now())
    found = kept_reasons(station, archive, "lê văn thử nghiệm")
    assert {one.key for one in found} == {LATE, mark}
    assert kept_reasons(station, archive, before=vietnam(now()).date()) == []
    erase_reasons(station, archive, found, actor="an")
    assert {one.key for one in kept_reasons(station, archive)} == {SOON, other}
    assert archive.handovers.of(LATE) is not None
    assert check_archive(archive).findings == ()
    told = {event.object: event for event in archive.events.events() if event.type == "deletion"}
    assert told["archive"].detail == {"reasons": [mark]}
    assert told[LATE].outcome == "receiver"
    assert b"LE VAN THU NGHIEM" not in accounts_of(station).read_bytes()
    assert "ông LÊ VĂN THỬ NGHIỆM".encode() not in (archive.root / "records.db").read_bytes()
    # Emptied without a word in the log, a row is named.
    tamper(archive, "UPDATE handover SET receiver = '', salt = ''")
    assert {item.identifier for item in check_archive(archive).findings} == {f"handover {SOON}"}


def test_texts_are_listed_by_the_command_and_erased_only_when_named(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found_station(tmp_path / "tram", Settings())
    station = open_station(tmp_path / "tram")
    with open_archive(station.archive) as its:
        Office(archive=its).register(LATE, day_ago(400))
        mark_handed_over(its, LATE, "ab" * 32, "ông LÊ VĂN THỬ NGHIỆM", actor="an")

    def said(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["person", "reasons", *words, "--json", "--station", str(station.root)])
        return code, json.loads(capsys.readouterr().out)

    assert [one["said"] for one in said()[1]["reasons"]] == ["ông LÊ VĂN THỬ NGHIỆM"]
    assert said("--erase")[0] == 2
    assert said("--before", "2020-01-01", "--erase")[1]["reasons"] == []
    assert len(said("--about", "le van", "--erase")[1]["reasons"]) == 1
    assert said()[1]["reasons"] == []
    main(["fixity", "--json", "--station", str(station.root)])
    assert json.loads(capsys.readouterr().out)["findings"] == []


def test_a_row_of_an_earlier_version_is_as_it_was(archive: Archive) -> None:
    archive.db.execute(
        "INSERT INTO handover (dossier_code, package_sha256, receiver, actor, at) "
        "VALUES (?, ?, 'Lưu trữ xã', 'an', '2026-11-01T00:00:00Z')",
        (LATE, "ab" * 32),
    )
    (row,) = raw_rows(archive.db, "handover")
    kept = {name: value for name, value in row.items() if name != "salt"}
    detail = {
        "package_sha256": "ab" * 32,
        "receiver": "Lưu trữ xã",
        "row": f"handover {LATE}",
        "row_sha256": row_digest(kept).hex(),
    }
    event = NewEvent(type=EventType.TRANSFER, object=LATE, actor="an", at=now(), detail=detail)
    archive.events.append(event)
    assert check_archive(archive).findings == ()


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2025-12-01", 1, "2026-01-01"),
        ("2025-11-30", 1, "2025-12-30"),
        # What a wrong year in a register comes to.
        ("9999-06-01", 12, "9999-12-31"),
    ],
)
def test_months_end_where_a_shorter_month_does(day: str, months: int, after: str) -> None:
    assert months_after(dt.date.fromisoformat(day), months).isoformat() == after
