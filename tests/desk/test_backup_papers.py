"""The backup log tells every backup, check, restore and mending, and minutes of each."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import AgencySettings, BackupSettings, Settings
from config.vocabulary import EventType, Role
from desk.backup_checks import check_sets
from desk.backup_papers import forms_of, log_csv, write_minutes
from desk.backups import Order, back_up_station
from desk.founding import found_station
from desk.restoring import restore_station
from desk.station import Station, open_station
from storage import vault
from storage.archive import Archive, open_archive
from storage.backup_log import BackupEntry, find_entry, read_backup_log
from storage.errors import BackupKeyWrong
from storage.model import NewEvent, NewLink
from tests.storage.conftest import AT, DOSSIER, make_record

PASSPHRASE = b"mat khau THU NGHIEM"
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@dataclass(slots=True)
class Kept:
    """A station that was backed up into two sets, the second of which cannot be written."""

    station: Station
    archive: Archive

    def entries(self) -> list[BackupEntry]:
        return list(read_backup_log(self.archive, *ALWAYS))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("so-sao-luu")
    settings = Settings(
        agency=AgencySettings(name="UBND xã THỬ NGHIỆM", code="H26.99"),
        backup=BackupSettings(sets=("../bo-a", "../bo-b")),
    )
    station = found_station(folder / "tram", settings).station
    (folder / "bo-b").write_text("a file where a folder should be")
    with pytest.MonkeyPatch.context() as patch, open_archive(station.archive) as archive:
        patch.setitem(vault._SCRYPT, "n", 1 << 10)
        link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
        archive.file(make_record(archive, 1), link, actor="desk", at=AT)
        order = Order(passphrase=PASSPHRASE, actor="=quản trị THỬ NGHIỆM")
        back_up_station(station, archive, order)
        yield Kept(station, archive)


def test_a_backup_tells_medium_size_and_the_digest_that_anyone_can_measure(kept: Kept) -> None:
    good, bad = kept.entries()[:2]
    assert (good.act, good.kind, good.records, good.is_good) == ("backup", "full", 1, True)
    assert (good.medium or "").endswith("bo-a")
    assert good.items is not None
    assert good.items > 2
    (listed,) = (kept.station.root.parent / "bo-a").glob(f"*/runs/{good.run}")
    assert good.sha256 == hashlib.sha256(listed.read_bytes()).hexdigest()
    assert (bad.act, bad.is_good, bool(bad.error)) == ("backup", False, True)
    assert (bad.medium or "").endswith("bo-b")


def test_a_check_is_an_event_whether_it_succeeds_or_not(kept: Kept, tmp_path: Path) -> None:
    shutil.copytree(kept.station.root, tmp_path / "tram")
    shutil.copytree(kept.station.root.parent / "bo-a", tmp_path / "bo-a")
    station = open_station(tmp_path / "tram")
    text = (station.root / "hoso.toml").read_text("utf-8").replace(', "../bo-b"', "")
    (station.root / "hoso.toml").write_text(text, "utf-8")
    station = open_station(tmp_path / "tram")
    with open_archive(station.archive) as archive:
        (checked,) = check_sets(station, archive, PASSPHRASE, actor="x")
        assert checked.bad == ()
        with pytest.raises(BackupKeyWrong):
            check_sets(station, archive, b"another", actor="x")
        for piece in (tmp_path / "bo-a").glob("*/blocks/*/*"):
            piece.write_bytes(b"\0" * piece.stat().st_size)
        assert check_sets(station, archive, PASSPHRASE, actor="x")[0].bad
        told = [entry for entry in read_backup_log(archive, *ALWAYS) if entry.act == "check"]
    assert [(entry.is_good, entry.error) for entry in told] == [
        (True, None), (False, "BackupKeyWrong"), (False, None)
    ]  # fmt: skip
    assert told[0].items == checked.files
    assert told[2].bad > 0


def test_a_restored_station_tells_of_its_restore(kept: Kept, tmp_path: Path) -> None:
    brought = restore_station(
        kept.station.root.parent / "bo-a", PASSPHRASE, tmp_path / "moi", None, actor="quản trị"
    )
    station = open_station(brought.station)
    with open_archive(station.archive) as archive:
        entry = read_backup_log(archive, *ALWAYS)[-1]
        assert (entry.act, entry.records, entry.items) == ("restore", 1, brought.files)
        text = write_minutes(entry, station)
    assert text.startswith("BIÊN BẢN KHÔI PHỤC")
    for part in ("UBND xã THỬ NGHIỆM (H26.99)", "quản trị", entry.run or "-", entry.sha256 or "-"):
        assert part in text
    assert "chưa đối chiếu" in text


def test_other_checks_and_older_events_do_no_harm(kept: Kept, tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive") as archive:
        fixity = NewEvent(
            type=EventType.FIXITY_CHECK, object="archive", actor="x", at=AT, detail={"objects": 3}
        )
        older = NewEvent(
            type=EventType.REPLICATION,
            object="archive",
            actor="x",
            at=AT,
            detail={"set": "a1", "run": "r", "kind": "daily", "records": 2, "objects_added": 4},
        )
        archive.events.append(fixity, older)
        (entry,) = read_backup_log(archive, AT, AT + timedelta(seconds=1))
        assert (entry.number, entry.items, entry.medium, entry.is_good) == (2, 4, None, True)
        assert "không ghi" in write_minutes(entry, kept.station)
        assert read_backup_log(archive, AT + timedelta(seconds=1), ALWAYS[1]) == ()
        for number in (1, 0, -1, 10**30):
            assert find_entry(archive, number) is None


def test_a_spreadsheet_opens_the_log(kept: Kept) -> None:
    forms = forms_of(kept.station)
    text = log_csv(kept.entries()[:2], forms).removeprefix("\ufeff")
    headings, good, _ = csv.reader(io.StringIO(text))
    assert headings == [column.heading for column in forms.columns]
    assert "'=quản trị THỬ NGHIỆM" in good
