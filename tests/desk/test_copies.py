"""Access copies of filed papers: checked before they leave, named as copies, written down."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest

from config.settings import Settings
from config.vocabulary import EventType, Role
from desk.copies import CopyOrder, copy_file, copy_records
from desk.errors import PathUnusable, UnknownCode
from desk.exit_codes import DONE, EXIT_CODES, USAGE
from desk.founding import found_station
from desk.station import Station, open_station
from digitize.access_job import AccessKind
from digitize.errors import DamagedFile
from storage.archive import Archive, open_archive
from storage.errors import ObjectDamaged
from storage.model import NewLink, NewRecord, ObjectRef, PageText, Record
from storage.submissions import NewSubmission
from tests.desk.conftest import hoso
from tests.digitize import pdfs
from tests.digitize.workbench import run_tool
from tests.pdfa_findings import objections

CODE = "H26.99-261106-0002"
AT = dt.datetime(2026, 11, 6, 1, 30, tzinfo=dt.UTC)
TEXT = "QUYẾT ĐỊNH"


@dataclass(frozen=True, slots=True)
class Filed:
    """A station with two papers of one dossier in its archive; no engine ever ran."""

    station: Station
    records: tuple[Record, ...]

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        with open_archive(self.station.archive) as archive:
            yield archive

    def order(self, folder: Path, kind: AccessKind = AccessKind.G4) -> CopyOrder:
        return CopyOrder(kind=kind, folder=folder, reading=self.station.settings.reading)


@pytest.fixture
def filed(tmp_path: Path) -> Filed:
    root = tmp_path / "tram"
    found_station(root, Settings())
    source = pdfs.born_digital(tmp_path / "nguon.pdf")
    station = open_station(root)
    with open_archive(station.archive) as archive:
        stored = archive.objects.add(source)
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        records = tuple(_file(archive, number, ref) for number in (1, 2))
    return Filed(station, records)


def _file(archive: Archive, number: int, ref: ObjectRef) -> Record:
    submission = f"01a1ffbc-0629-7235-8ba1-19037800000{number}"
    archive.ledger.claim(
        NewSubmission(
            id=submission,
            name="quyet-dinh.pdf",
            tray_path=f"2-dang-xu-ly/{number}.pdf",
            size_bytes=ref.size_bytes,
            received_at=AT,
        ),
        "thử nghiệm",
    )
    record = NewRecord(
        id=f"01a1ffbc-0629-7235-8ba1-19037810000{number}",
        submission_id=submission,
        paper=1,
        class_code="QD",
        class_name="Quyết định",
        title="Quyết định",
        original=ref,
        original_name="quyet-dinh.pdf",
        original_media_type="application/pdf",
        pdf=ref,
        pages=(PageText(number=1, text=TEXT),),
        page_count=1,
        verdict="TOTAL-PASSED",
        rule_set="2025-07-21",
        classes_version="2026-11-01",
    )
    link = NewLink(dossier_code=CODE, role=Role.RESULT)
    return archive.file(record, link, actor="thử nghiệm", at=AT)


def test_a_dossier_is_copied_for_sending(filed: Filed, tmp_path: Path) -> None:
    out = tmp_path / "gui"
    done = hoso("copy", CODE, "--out", out, "--station", filed.station.root, "--json")
    assert done.returncode == DONE, done.stderr
    copies = json.loads(done.stdout)["copies"]
    assert [Path(item["file"]).name for item in copies] == [
        f"{CODE}.1.ban-xem.pdf",
        f"{CODE}.2.ban-xem.pdf",
    ]
    with filed.archive() as archive:
        told = [e for e in archive.events.events() if e.type is EventType.DISSEMINATION]
    assert [event.object for event in told] == [record.id for record in filed.records]
    for item, record, event in zip(copies, filed.records, told, strict=True):
        path = Path(item["file"])
        assert item["record_id"] == record.id
        assert item["source_sha256"] == record.pdf.sha256 == event.detail["pdf_sha256"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == item["sha256"]
        assert event.detail["copy_sha256"] == item["sha256"]
        assert not objections(path)
        assert TEXT in run_tool("pdftotext", path, "-")
        with pikepdf.open(path) as pdf:
            packet = pdf.Root.Metadata.read_bytes()
        assert f"<hoso:accessCopyOf>{record.pdf.sha256}<".encode() in packet
        assert b"<hoso:receivedAt>2026-11-06T01:30:00+00:00<" in packet
        assert f"<hoso:dossierCode>{CODE}<".encode() in packet


def test_a_record_is_copied_by_its_id_and_the_same_again(filed: Filed, tmp_path: Path) -> None:
    code = filed.records[1].id.upper()
    with filed.archive() as archive:
        made = [
            copy_records(code, filed.order(tmp_path / "gui"), filed.station, archive, "thử")
            for _ in range(2)
        ]
    assert made[0] == made[1]
    assert [item.file.name for item in made[0]] == [f"{CODE}.2.ban-xem.pdf"]


def test_what_was_changed_in_the_store_does_not_leave(filed: Filed, tmp_path: Path) -> None:
    with filed.archive() as archive:
        path = archive.objects.path(filed.records[0].pdf.sha256)
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        with pytest.raises(ObjectDamaged):
            copy_records(CODE, filed.order(tmp_path / "gui"), filed.station, archive, "thử")
        assert not [e for e in archive.events.events() if e.type is EventType.DISSEMINATION]
    assert not list((tmp_path / "gui").iterdir())


@pytest.mark.parametrize("code", ["H26.99-261106-9999", "khong-co", "01a1ffbc-0629-7235-8ba1-0"])
def test_what_is_not_filed_cannot_be_copied(filed: Filed, tmp_path: Path, code: str) -> None:
    with filed.archive() as archive, pytest.raises(UnknownCode, match=code):
        copy_records(code, filed.order(tmp_path), filed.station, archive, "thử")


def test_a_pdf_outside_the_archive_is_copied_without_a_station(
    filed: Filed, tmp_path: Path
) -> None:
    source = tmp_path / "nguon.pdf"
    (made,) = copy_file(source, filed.order(tmp_path / "moi", AccessKind.MRC))
    assert made.file == tmp_path / "moi" / "nguon.ban-xem.pdf"
    assert made.record_id is None
    assert made.source_sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    with pikepdf.open(made.file) as pdf:
        packet = pdf.Root.Metadata.read_bytes()
    assert b"<hoso:sourceSHA256>" not in packet, "nobody knows the scan"
    assert b"<hoso:receivedAt>" not in packet


def test_what_cannot_be_read_or_written_is_told(filed: Filed, tmp_path: Path) -> None:
    with pytest.raises(PathUnusable, match="khong-co"):
        copy_file(tmp_path / "khong-co.pdf", filed.order(tmp_path))
    broken = tmp_path / "hong.pdf"
    broken.write_bytes(b"%PDF-1.7 THU NGHIEM")
    with pytest.raises(DamagedFile):
        copy_file(broken, filed.order(tmp_path / "moi"))
    assert not list((tmp_path / "moi").iterdir())
    with pytest.raises(PathUnusable, match="hong"):
        copy_file(tmp_path / "nguon.pdf", filed.order(broken))


def test_a_missing_file_is_not_taken_for_a_code(tmp_path: Path) -> None:
    done = hoso("copy", tmp_path / "khong-co.pdf", "--out", tmp_path)
    assert done.returncode == EXIT_CODES[PathUnusable] == USAGE
    assert "khong-co.pdf" in done.stderr
