"""Backups of a station: what is in them, what never is, and a station from one."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config.settings import (
    AgencySettings,
    BackupSettings,
    Settings,
    SigningSettings,
    render_settings,
)
from config.vocabulary import EventType, Role
from desk.audits import outside_of
from desk.backups import Order, back_up_station, mend, weaknesses
from desk.disposal_sets import destroy_listed, leave_lists, sets_holding
from desk.errors import StationBusy
from desk.founding import found_station
from desk.leftovers import clear_leftovers
from desk.restoring import Brought, restore_station
from desk.station import Station, open_station
from desk.station_lock import hold_backup_lock
from storage import objects, vault
from storage.archive import Archive, open_archive
from storage.backup import STAGING
from storage.database import Database
from storage.destroyed_list import NAME
from storage.fixity import check_archive
from storage.model import NewLink, Record
from storage.submissions import NewSubmission, SubmissionState
from tests.desk.conftest import hoso, hoso_json
from tests.storage.conftest import AT, DOSSIER, make_record
from tests.storage.disposing import make_office, record_id
from tests.storage.test_events import fill

PASSPHRASE = "mat khau sao luu THU NGHIEM"
PIN = "12345678-THU-NGHIEM"
ORDER = Order(passphrase=PASSPHRASE.encode(), actor="quản trị THỬ NGHIỆM")


@dataclass(slots=True)
class Backed:
    """A station with two records, a scan in work, one that no gate saw, and two sets."""

    station: Station
    archive: Archive
    folder: Path

    def restore(self, target: Path, number: int = 0) -> Brought:
        folder = self.station.root / self.station.settings.backup.sets[number]
        return restore_station(folder, ORDER.passphrase, target, None, actor="x")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backed")
    settings = Settings(
        agency=AgencySettings(name="UBND xã THỬ NGHIỆM"),
        signing=SigningSettings(key="keys/seal.p12", passphrase="keys/pin.txt"),
        backup=BackupSettings(sets=("../set-a", "../set-b"), key="../backup.pass"),
    )
    station = found_station(folder / "station", settings).station
    (folder / "backup.pass").write_text(PASSPHRASE)
    (folder / "backup.pass").chmod(0o600)
    (station.root / "keys" / "pin.txt").write_text(PIN)
    (station.root / "keys" / "seal.p12").write_bytes(b"khoa ky")
    (station.secret / "mat.pdf").write_bytes(b"%PDF dau mat")
    with open_archive(station.archive) as archive:
        for n in (1, 2):
            link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
            archive.file(make_record(archive, n), link, actor="desk", at=AT)
        seen = archive.objects.add_bytes(b"ban quet dang lam")
        for name, digests in (("da-qua", seen), ("chua-qua", None)):
            path = station.work / f"{name}.pdf"
            path.write_bytes(b"ban quet dang lam" if digests else b"chua ai xem")
            archive.ledger.claim(
                NewSubmission(
                    id=name,
                    name=path.name,
                    folder="",
                    tray_path=station.relative(path),
                    size_bytes=path.stat().st_size,
                    received_at=AT,
                ),
                "desk",
            )
        archive.ledger.set_digests(
            "da-qua", sha256=seen.sha256, sha512=seen.sha512, media_type=None, at=AT
        )
    return folder


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a guess at a passphrase cost little: each test makes sets of its own."""
    monkeypatch.setitem(vault._SCRYPT, "n", 1 << 10)


@pytest.fixture
def backed(founded: Path, tmp_path: Path) -> Iterator[Backed]:
    folder = tmp_path / "copy"
    shutil.copytree(founded, folder)
    station = open_station(folder / "station")
    with open_archive(station.archive) as archive:
        yield Backed(station, archive, folder)


def files(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in paths}


def test_a_station_comes_back_whole_from_either_set(backed: Backed, tmp_path: Path) -> None:
    results = back_up_station(backed.station, backed.archive, ORDER)
    assert [(result.kind, result.is_good) for result in results] == [("full", True)] * 2
    for number in (0, 1):
        brought = backed.restore(tmp_path / str(number), number)
        assert brought.is_whole
        assert (brought.records, brought.scan_again) == (2, 1)
        station = open_station(brought.station)
        with open_archive(station.archive) as archive:
            assert check_archive(archive, outside_of(station)).findings == ()
            assert archive.ledger.get("da-qua").state is SubmissionState.IN_WORK
            assert archive.ledger.get("chua-qua").state is SubmissionState.WITHDRAWN
            assert archive.events.events("archive")[-1].type is EventType.RECOVERY
        assert (station.work / "da-qua.pdf").read_bytes() == b"ban quet dang lam"
        assert station.secret.stat().st_mode & 0o777 == 0o700


def test_no_secret_no_marked_scan_and_nothing_unseen_is_in_a_backup(
    backed: Backed, tmp_path: Path
) -> None:
    back_up_station(backed.station, backed.archive, ORDER)
    brought = backed.restore(tmp_path / "new")
    found = files(brought.station)
    assert {"hoso.toml", "keys/station.pem", "keys/cover.key"} <= found
    for name in ("keys/pin.txt", "keys/seal.p12", "0-dau-mat/mat.pdf"):
        assert name not in found
    assert "2-dang-xu-ly/chua-qua.pdf" not in found
    data = b"".join((brought.station / name).read_bytes() for name in found)
    for secret in (PIN, PASSPHRASE, "chua-qua.pdf"):
        assert secret.encode() not in data


def test_one_set_that_fails_stops_no_other_and_is_told(backed: Backed) -> None:
    (backed.folder / "set-a").write_text("a file where a folder should be")
    bad, good = back_up_station(backed.station, backed.archive, ORDER)
    assert bad.error is not None
    assert "chạy lại" in bad.error
    assert good.is_good
    told = [(event.type, event.outcome) for event in backed.archive.events.events("archive")[-2:]]
    assert told == [(EventType.REPLICATION, "failure"), (EventType.REPLICATION, "success")]


def test_each_backup_is_a_line_in_the_log_of_its_set(backed: Backed) -> None:
    for _ in range(2):
        back_up_station(backed.station, backed.archive, ORDER)
    with (backed.folder / "set-b" / "SO-SAO-LUU.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["Loại"] for row in rows] == ["đầy đủ", "hằng ngày"]
    assert {row["Kết quả"] for row in rows} == {"xong"}
    assert rows[0]["Người thực hiện"] == ORDER.actor


def test_sets_that_share_a_device_or_are_too_few_are_told(backed: Backed) -> None:
    back_up_station(backed.station, backed.archive, ORDER)
    assert len(weaknesses(backed.station)) == 2
    one = replace(backed.station.settings.backup, sets=("../set-a",))
    alone = replace(backed.station, settings=replace(backed.station.settings, backup=one))
    assert any("Chưa đủ hai bộ" in told for told in weaknesses(alone))


def test_damage_is_mended_from_the_set_that_holds_it_whole(backed: Backed) -> None:
    back_up_station(backed.station, backed.archive, ORDER)
    shutil.rmtree(backed.folder / "set-a")
    first, second = list(backed.archive.objects)[:2]
    backed.archive.objects.path(first).unlink()
    assert mend(backed.station, backed.archive, [first, "0" * 64], ORDER) == {
        first: True,
        "0" * 64: False,
    }
    assert backed.archive.objects.verify(first)
    assert backed.archive.objects.verify(second)


def test_the_commands_back_up_check_mend_and_restore(backed: Backed, tmp_path: Path) -> None:
    root = backed.station.root
    sha256 = next(iter(backed.archive.objects))
    fill(backed.archive, 64)
    backed.archive.close()
    said = hoso_json("backup", "--station", root)
    assert said["ok"]
    assert [item["kind"] for item in said["sets"]] == ["full", "full"]
    assert hoso_json("backup", "--check", "--station", root)["ok"]
    (root / "archive/objects/sha256" / sha256[:2] / sha256[2:4] / sha256).unlink()
    with closing(Database(root / "archive/records.db")) as db:
        db.execute("UPDATE tree_node SET hash = zeroblob(32)")
    assert hoso("fixity", "--station", root).returncode == 1
    assert hoso("fixity", "--mend", "--station", root).returncode == 0
    key = backed.folder / "backup.pass"
    target = tmp_path / "new"
    brought = hoso_json("restore", backed.folder / "set-a", target, "--key", key)
    assert brought["ok"]
    assert brought["records"] == 2
    refused = hoso("restore", backed.folder / "set-a", target, "--key", key)
    assert refused.returncode == 2
    key.write_text("sai")
    wrong = hoso("restore", backed.folder / "set-a", tmp_path / "other", "--key", key)
    assert wrong.returncode == 62


def test_without_a_set_nothing_is_backed_up(backed: Backed) -> None:
    settings = replace(backed.station.settings, backup=BackupSettings())
    (backed.station.root / "hoso.toml").write_text(render_settings(settings))
    done = hoso("backup", "--station", backed.station.root)
    assert done.returncode == 2
    assert "[backup] sets" in done.stderr


def test_one_backup_runs_at_a_time_and_the_engine_leaves_it_alone(backed: Backed) -> None:
    working = backed.archive.staging / STAGING
    working.mkdir()
    services: Any = SimpleNamespace(station=backed.station, archive=backed.archive)
    with hold_backup_lock(backed.station):
        with pytest.raises(StationBusy):
            back_up_station(backed.station, backed.archive, ORDER)
        with objects._written(backed.archive.staging, prefix="object.") as (half, _):
            clear_leftovers(services)
            assert half.exists()
        assert working.exists()
    # What a killed one left is cleared.
    clear_leftovers(services)
    assert not working.exists()


def test_a_restore_does_not_bring_back_what_was_destroyed_since(
    backed: Backed, tmp_path: Path
) -> None:
    office = make_office(backed.archive, first=11)
    back_up_station(backed.station, backed.archive, ORDER)
    set_a, set_b = (backed.station.root / named for named in ("../set-a", "../set-b"))
    away = set_b.rename(tmp_path / "away")
    gone = backed.archive.records.get(record_id(12))
    office.carry_out(office.approve(office.propose(gone.id)))
    leave_lists(backed.station, backed.archive)
    assert sets_holding(backed.station, backed.archive) == [str(set_a), str(set_b)]
    brought = backed.restore(tmp_path / "new")
    assert (brought.destroyed_again, brought.is_whole) == (1, True)
    assert _is_gone(brought.station, gone)
    # A set that was away knows nothing; the list of the other one does.
    away.rename(set_b)
    late = backed.restore(tmp_path / "late", number=1)
    assert late.destroyed_again == 0
    with open_archive(late.station / "archive") as archive:
        assert archive.records.get(gone.id) == gone
        assert destroy_listed(open_station(late.station), archive, set_a / NAME, actor="x") == 1
    assert _is_gone(late.station, gone)
    # The next backup of each set is full, and nothing older is left in it.
    back_up_station(backed.station, backed.archive, ORDER)
    assert sets_holding(backed.station, backed.archive) == []
    assert len(list(set_a.glob("*/runs/*"))) == 1
    assert backed.restore(tmp_path / "clean").destroyed_again == 0


def test_a_list_that_somebody_wrote_into_a_set_destroys_nothing(
    backed: Backed, tmp_path: Path
) -> None:
    back_up_station(backed.station, backed.archive, ORDER)
    office = make_office(backed.archive, first=11)
    office.carry_out(office.approve(office.propose(record_id(12))))
    leave_lists(backed.station, backed.archive)
    path = backed.station.root / "../set-a" / NAME
    told = path.read_text()
    path.write_text(told.replace(record_id(12), "018F0000-0000-7000-8000-000000000001"))
    brought = backed.restore(tmp_path / "new")
    assert (brought.records, brought.destroyed_again) == (2, 0)
    assert [item.identifier for item in brought.findings] == [NAME]


def _is_gone(station: Path, record: Record) -> bool:
    with open_archive(station / "archive") as archive:
        assert check_archive(archive, outside_of(open_station(station))).findings == ()
        assert archive.destroyed.get(record.id) is not None
        return not archive.objects.has(record.pdf.sha256)
