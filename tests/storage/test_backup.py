from __future__ import annotations

import json
import os
import random
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.vocabulary import EventType, Role
from storage import vault
from storage.archive import Archive, open_archive
from storage.backup import BackedUp, Source, back_up, note_backup, objects_of
from storage.backup_set import BackupSet, open_set
from storage.errors import BackupKeyWrong, BackupUnusable, TargetNotEmpty
from storage.fixity import check_archive
from storage.heads import PrivateKey, create_key
from storage.log_fixity import Outside
from storage.model import NewEvent, NewLink
from storage.restore import check_run, choose_run, mend_object, restore
from storage.submissions import NewSubmission
from tests.storage.conftest import AT, DOSSIER, NewRecordMaker, make_record
from tests.storage.test_objects import flip_a_byte

PASSPHRASE = b"mat khau THU NGHIEM"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Desk:
    """A station's folder with an archive of four records, a signed head, settings and a PIN."""

    root: Path
    archive: Archive
    key: PrivateKey
    copies: BackupSet

    @property
    def source(self) -> Source:
        return Source(archive=self.archive, root=self.root, others=[self.root / "hoso.toml"])

    def file(self, n: int) -> None:
        link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
        self.archive.file(make_record(self.archive, n), link, actor="desk", at=AT)

    def back_up(self, at: datetime = AT) -> BackedUp:
        return back_up(self.source, self.copies, at)

    def restored(self, target: Path, name: str | None = None) -> set[tuple[str, str]]:
        """Restore, and return what the whole check finds there."""
        restore(self.copies, choose_run(self.copies, name), target)
        with open_archive(target / "archive") as archive:
            report = check_archive(archive, Outside(key=self.key.public_key()))
            assert archive.referenced_objects() <= set(archive.objects)
            return {(item.kind, item.identifier) for item in report.findings}


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a guess at a passphrase cost little: each test makes sets of its own."""
    monkeypatch.setitem(vault._SCRYPT, "n", 1 << 10)


@pytest.fixture
def desk(archive: Archive, new_record: NewRecordMaker, tmp_path: Path) -> Desk:
    (tmp_path / "hoso.toml").write_text("[agency]\n")
    key = create_key(tmp_path / "station.pem")
    made = Desk(tmp_path, archive, key, open_set(tmp_path / "set", PASSPHRASE, make=True))
    for n in range(1, 5):
        made.file(n)
    archive.sign_head(key, AT)
    return made


def test_what_is_restored_is_what_was_there(desk: Desk, tmp_path: Path) -> None:
    done = desk.back_up()
    assert (done.run.kind, done.run.records, done.run.events) == ("full", 4, 4)
    assert desk.restored(tmp_path / "new") == set()
    with open_archive(tmp_path / "new" / "archive") as other:
        assert other.records.newest(9) == desk.archive.records.newest(9)
        assert other.events.root() == desk.archive.events.root() == done.run.root
    assert (tmp_path / "new" / "hoso.toml").read_text() == "[agency]\n"
    assert list(desk.archive.staging.iterdir()) == []


def test_a_daily_backup_adds_what_is_new_and_any_run_can_be_chosen(
    desk: Desk, tmp_path: Path
) -> None:
    first = desk.back_up()
    desk.file(5)
    second = desk.back_up(AT + DAY)
    assert (second.run.kind, second.place.chain) == ("daily", first.place.chain)
    assert len(second.run.objects) == 2
    assert len(objects_of(desk.copies, second.place)) == 10
    assert desk.restored(tmp_path / "one", first.place.name) == set()
    assert desk.restored(tmp_path / "two") == set()
    with open_archive(tmp_path / "one" / "archive") as other:
        assert other.records.count() == 4
    with open_archive(tmp_path / "two" / "archive") as other:
        assert other.records.count() == 5


def test_a_clock_that_was_set_back_leaves_the_order_of_backups(desk: Desk, tmp_path: Path) -> None:
    first = desk.back_up()
    desk.file(5)
    desk.back_up(AT + DAY)
    desk.file(6)
    last = desk.back_up(AT + timedelta(hours=1))
    assert (last.run.kind, last.place.chain) == ("daily", first.place.chain)
    assert choose_run(desk.copies) == last.place
    assert desk.restored(tmp_path / "new") == set()
    with open_archive(tmp_path / "new" / "archive") as other:
        assert other.records.count() == 6


def test_each_month_begins_with_a_full_backup_and_old_ones_go(desk: Desk) -> None:
    for months in range(4):
        done = back_up(desk.source, desk.copies, AT + 31 * months * DAY, keep_months=2)
        assert done.run.kind == "full"
    assert len({place.chain for place in desk.copies.places()}) == 3
    assert len(done.dropped) == 1
    assert check_run(desk.copies, desk.copies.places()[0]).bad == ()


def test_after_papers_were_destroyed_no_set_holds_an_older_backup(desk: Desk) -> None:
    desk.back_up()
    gone = NewEvent(type=EventType.DELETION, object="x", actor="desk", at=AT, outcome="destroyed")
    desk.archive.events.append(gone)
    done = desk.back_up(AT + DAY)
    assert done.run.kind == "full"
    assert [place.chain for place in desk.copies.places()] == [done.place.chain]
    assert desk.back_up(AT + 2 * DAY).run.kind == "daily"


def test_a_full_backup_that_was_cut_off_leaves_the_one_before(desk: Desk, tmp_path: Path) -> None:
    first = desk.back_up()
    desk.file(5)
    desk.copies.begin_chain(AT + DAY)
    assert choose_run(desk.copies) == first.place
    assert desk.restored(tmp_path / "new") == set()
    desk.back_up(AT + 2 * DAY)
    assert len([path for path in desk.copies.folder.iterdir() if path.is_dir()]) == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_flipped_byte_of_a_set_is_found_before_anything_is_believed(
    desk: Desk, tmp_path: Path, seed: int
) -> None:
    done = desk.back_up()
    paths = sorted((desk.copies.folder / done.place.chain).rglob("*"))
    path = random.Random(seed).choice([path for path in paths if path.is_file()])
    flip_a_byte(path, seed)
    with pytest.raises(BackupUnusable):
        restore(desk.copies, done.place, tmp_path / "new")
    if path.parent.name != "runs":
        assert check_run(desk.copies, done.place).bad


def test_nothing_is_readable_in_a_set(desk: Desk) -> None:
    desk.back_up()
    sha256 = next(iter(desk.archive.objects))
    for path in desk.copies.folder.rglob("*"):
        assert sha256 not in path.name
        if path.is_file():
            data = path.read_bytes()
            assert b"SQLite format" not in data
            assert "THỬ NGHIỆM".encode() not in data
            assert PASSPHRASE not in data


def test_another_passphrase_and_another_folder_are_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BackupKeyWrong):
        open_set(desk.copies.folder, b"khac")
    with pytest.raises(BackupUnusable):
        open_set(tmp_path / "none", PASSPHRASE)
    with pytest.raises(BackupUnusable, match="không có lần"):
        choose_run(desk.copies)
    desk.back_up()
    with pytest.raises(TargetNotEmpty):
        restore(desk.copies, choose_run(desk.copies), tmp_path)


@pytest.mark.parametrize(("name", "value"), [("salt", "khong phai hex"), ("n", 3)])
def test_a_set_whose_lock_is_damaged_is_told_as_such(desk: Desk, name: str, value: object) -> None:
    path = desk.copies.folder / "hoso-backup.json"
    stated = json.loads(path.read_bytes())
    stated["lock"][name] = value
    path.write_text(json.dumps(stated))
    with pytest.raises(BackupUnusable):
        open_set(desk.copies.folder, PASSPHRASE)


def test_what_was_cut_off_while_it_was_restored_is_no_station(desk: Desk, tmp_path: Path) -> None:
    done = desk.back_up()
    kept = list(objects_of(desk.copies, done.place).values())[-1]
    blocks = desk.copies.folder / done.place.chain / "blocks"
    (blocks / kept.blocks[0][:2] / kept.blocks[0]).unlink()
    target = tmp_path / "new"
    with pytest.raises(BackupUnusable):
        restore(desk.copies, done.place, target)
    assert any(target.iterdir())
    assert not (target / "hoso.toml").exists()


def test_the_names_of_scans_that_no_gate_saw_are_not_in_a_backup(
    desk: Desk, tmp_path: Path, submission: Callable[[str], NewSubmission]
) -> None:
    desk.archive.ledger.claim(submission("mat-vu"), "desk")
    desk.back_up()
    assert desk.restored(tmp_path / "new") == set()
    data = (tmp_path / "new" / "archive" / "records.db").read_bytes()
    assert b"mat-vu.pdf" not in data
    with open_archive(tmp_path / "new" / "archive") as other:
        assert other.ledger.get("mat-vu").name == ""
    assert desk.archive.ledger.get("mat-vu").name == "mat-vu.pdf"


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_damaged_object_is_mended_from_a_set(desk: Desk, damage: str) -> None:
    desk.back_up()
    sha256 = desk.archive.records.newest(1)[0].pdf.sha256
    path = desk.archive.objects.path(sha256)
    flip_a_byte(path) if damage == "changed" else path.unlink()
    assert mend_object(desk.archive, sha256, desk.copies, actor="desk", at=AT)
    assert desk.archive.objects.verify(sha256)
    assert path.stat().st_mode & 0o777 == 0o444
    assert check_archive(desk.archive, Outside(key=desk.key.public_key())).findings == ()
    event = desk.archive.events.events("archive")[-1]
    assert (event.type, event.outcome) == (EventType.RECOVERY, "mended")


def test_an_object_that_no_set_holds_whole_is_not_mended(desk: Desk) -> None:
    done = desk.back_up()
    desk.file(5)
    sha256 = desk.archive.records.newest(1)[0].pdf.sha256
    assert not mend_object(desk.archive, sha256, desk.copies, actor="desk", at=AT)
    kept = objects_of(desk.copies, done.place)
    held = next(iter(kept))
    (name,) = kept[held].blocks
    flip_a_byte(desk.copies.folder / done.place.chain / "blocks" / name[:2] / name)
    assert not mend_object(desk.archive, held, desk.copies, actor="desk", at=AT)


def test_a_damaged_object_never_replaces_a_good_one_in_a_set(desk: Desk) -> None:
    sha256 = next(iter(desk.archive.objects))
    flip_a_byte(desk.archive.objects.path(sha256))
    done = desk.back_up()
    assert done.run.damaged == (sha256,)
    assert sha256 not in objects_of(desk.copies, done.place)
    note_backup(desk.archive, done, actor="desk", at=AT)
    assert desk.archive.events.events("archive")[-1].outcome == "failure"


def back_up_while_filing(desk: Desk, folder: Path, backups: int) -> None:
    stop, filed = threading.Event(), []

    def file_on() -> None:
        for n in range(5, 100_000):
            if stop.is_set():
                return
            desk.file(n)
            filed.append(n)
            if n % 7 == 0:
                desk.archive.sign_head(desk.key, AT)

    thread = threading.Thread(target=file_on)
    thread.start()
    try:
        runs = []
        for days in range(backups):
            seen = len(filed)
            runs.append(desk.back_up(AT + days * DAY))
            while len(filed) < seen + 20 and thread.is_alive():
                stop.wait(0.01)
    finally:
        stop.set()
        thread.join()
    counts = [done.run.records for done in runs]
    assert counts == sorted(set(counts))
    for number, done in enumerate(runs):
        assert desk.restored(folder / f"new{number}", done.place.name) == set()


def test_a_backup_during_filing_at_full_speed_holds_together(desk: Desk, tmp_path: Path) -> None:
    back_up_while_filing(desk, tmp_path, 3)


@pytest.mark.soak
def test_many_backups_during_filing_at_full_speed_hold_together(desk: Desk, tmp_path: Path) -> None:
    back_up_while_filing(desk, tmp_path, 40)


def test_a_set_on_a_full_disk_leaves_no_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    done = desk.back_up()
    desk.file(5)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            desk.back_up(AT + DAY)
    assert choose_run(desk.copies) == done.place
    assert desk.back_up(AT + 2 * DAY).run.records == 5


def test_a_set_can_be_carried_elsewhere(desk: Desk, tmp_path: Path) -> None:
    desk.back_up()
    moved = shutil.move(desk.copies.folder, tmp_path / "elsewhere")
    other = open_set(Path(moved), PASSPHRASE)
    assert restore(other, choose_run(other), tmp_path / "new").files > 8
