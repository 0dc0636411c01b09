"""Access copies of filed papers: checked before they leave, named as copies, written down."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf
import pytest

from config.settings import AgencySettings, Settings
from config.vocabulary import EventType, Role
from desk.cli.main import main
from desk.copies import Asked, CopyOrder, MadeCopy, copy_file, copy_records
from desk.errors import AnswerRefused, PathUnusable, UnknownCode
from desk.exit_codes import DONE, EXIT_CODES, USAGE
from desk.founding import found_station
from desk.reading_copies import LIST, end_copies, last_day_of, reading_folder, write_list
from desk.station import Station, open_station
from digitize.access_job import AccessKind
from digitize.errors import DamagedFile
from storage.access_copies import CopyState, IssuedKind
from storage.archive import Archive, open_archive
from storage.errors import ObjectDamaged
from storage.model import NewLink, NewRecord, ObjectRef, PageText, Record
from storage.submissions import NewSubmission
from tests.digitize import pdfs
from tests.digitize.workbench import ROOT, run_tool
from tests.pdfa_findings import objections

CODE = "H26.99-261106-0002"
AT = dt.datetime(2026, 11, 6, 1, 30, tzinfo=dt.UTC)
TEXT = "QUYẾT ĐỊNH"
NOON = dt.datetime(2026, 11, 22, 5, 0, tzinfo=dt.UTC)
REASON = "theo đơn của bà TRẦN THỊ THỬ NGHIỆM"
AGENCY = "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"


@dataclass(frozen=True, slots=True)
class Filed:
    """A station with two papers of one dossier in its archive; no engine ever ran."""

    station: Station
    records: tuple[Record, ...]

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        with open_archive(self.station.archive) as archive:
            yield archive

    def issue(
        self, code: str, folder: Path, archive: Archive, kind: IssuedKind = IssuedKind.PLAIN
    ) -> tuple[MadeCopy, ...]:
        """Write copies of what a code names."""
        is_reading = kind is IssuedKind.READING
        last_day = last_day_of(self.station, NOON) if is_reading else None
        asked = Asked(kind=kind, actor="thử", reason=REASON, at=NOON, last_day=last_day)
        target = reading_folder(self.station) if is_reading else folder
        return copy_records(code, self.order(target), self.station, archive, asked)

    def order(self, folder: Path, kind: AccessKind = AccessKind.GRAY) -> CopyOrder:
        return CopyOrder(kind=kind, folder=folder, reading=self.station.settings.reading)


@pytest.fixture
def filed(tmp_path: Path) -> Filed:
    root = tmp_path / "tram"
    found_station(root, Settings(agency=AgencySettings(name=AGENCY)))
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


def test_a_dossier_is_copied_for_sending(
    filed: Filed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["copy", CODE, "--reason", REASON, "--out", str(tmp_path / "gui")]
    assert main([*words, "--station", str(filed.station.root), "--json"]) == DONE
    copies = json.loads(capsys.readouterr().out)["copies"]
    assert main(["copy", CODE, "--list", "--station", str(filed.station.root), "--json"]) == DONE
    listed = json.loads(capsys.readouterr().out)["issued"]
    example = (ROOT / "docs/json.md").read_text("utf-8").partition("## hoso copy: the register")[2]
    documented = json.loads(example.partition("```json\n")[2].partition("```")[0])["issued"][0]
    assert [item["sha256"] for item in listed] == [item["sha256"] for item in copies]
    assert {item["reason"] for item in listed} == {REASON}
    assert listed[0].keys() == documented.keys()
    assert [Path(item["file"]).name for item in copies] == [
        f"{CODE}.1.ban-sao.pdf",
        f"{CODE}.2.ban-sao.pdf",
    ]
    with filed.archive() as archive:
        told = [e for e in archive.events.events() if e.type is EventType.DISSEMINATION]
        issued = [copy for record in filed.records for copy in archive.copies.of_record(record.id)]
    assert [(copy.reason, copy.kind, copy.state) for copy in issued] == [
        (REASON, IssuedKind.PLAIN, CopyState.ISSUED)
    ] * 2
    assert [copy.id for copy in issued] == [item["id"] for item in copies]
    assert [event.object for event in told] == [record.id for record in filed.records]
    for item, record, event in zip(copies, filed.records, told, strict=True):
        path = Path(item["file"])
        assert item["record_id"] == record.id
        assert item["source_sha256"] == record.pdf.sha256 == event.detail["pdf_sha256"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == item["sha256"]
        assert event.detail["copy_sha256"] == item["sha256"]
        assert REASON not in str(event.detail), "the log names nobody"
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
        made = [filed.issue(code, tmp_path / "gui", archive) for _ in range(2)]
    assert [replace(item, id="") for item in made[0]] == [replace(item, id="") for item in made[1]]
    assert [item.file.name for item in made[0]] == [f"{CODE}.2.ban-sao.pdf"]


def test_what_was_changed_in_the_store_does_not_leave(filed: Filed, tmp_path: Path) -> None:
    with filed.archive() as archive:
        path = archive.objects.path(filed.records[0].pdf.sha256)
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        with pytest.raises(ObjectDamaged):
            filed.issue(CODE, tmp_path / "gui", archive)
        assert not [e for e in archive.events.events() if e.type is EventType.DISSEMINATION]
    assert not list((tmp_path / "gui").iterdir())


@pytest.mark.parametrize("code", ["H26.99-261106-9999", "khong-co", "01a1ffbc-0629-7235-8ba1-0"])
def test_what_is_not_filed_cannot_be_copied(filed: Filed, tmp_path: Path, code: str) -> None:
    with filed.archive() as archive, pytest.raises(UnknownCode, match=code):
        filed.issue(code, tmp_path, archive)


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


def test_a_missing_file_is_not_taken_for_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["copy", str(tmp_path / "khong-co.pdf"), "--out", str(tmp_path)])
    assert code == EXIT_CODES[PathUnusable] == USAGE
    assert "khong-co.pdf" in capsys.readouterr().err


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_nothing_is_issued_without_a_reason(filed: Filed, tmp_path: Path, reason: str) -> None:
    asked = Asked(kind=IssuedKind.PLAIN, actor="thử", reason=reason, at=NOON)
    with filed.archive() as archive:
        with pytest.raises(AnswerRefused, match="--reason"):
            copy_records(CODE, filed.order(tmp_path / "gui"), filed.station, archive, asked)
        assert archive.copies.of_record(filed.records[0].id) == []
    assert not (tmp_path / "gui").exists()


def test_an_agency_without_a_name_issues_no_reading_copies(filed: Filed, tmp_path: Path) -> None:
    settings = replace(filed.station.settings, agency=AgencySettings())
    nameless = Filed(replace(filed.station, settings=settings), filed.records)
    with filed.archive() as archive, pytest.raises(AnswerRefused, match="name"):
        nameless.issue(CODE, tmp_path, archive, IssuedKind.READING)


def test_a_reading_copy_ends_after_its_last_day_and_is_gone_five_days_later(
    filed: Filed, tmp_path: Path
) -> None:
    station, record = filed.station, filed.records[0]
    ban_doc = station.root / "ban-doc"
    with filed.archive() as archive:
        (made,) = filed.issue(record.id, tmp_path, archive, IssuedKind.READING)
        write_list(station, archive)
        assert made.file.parent == ban_doc
        assert made.last_day == dt.date(2026, 12, 6), "today is the first of 15 days"
        assert "đọc đến hết 06/12/2026" in (ban_doc / LIST).read_text(encoding="utf-8-sig")
        assert AGENCY in run_tool("pdftotext", made.file, "-")
        ends = dt.datetime(2026, 12, 6, 17, 0, tzinfo=dt.UTC)
        (issued,) = archive.copies.of_record(record.id)
        assert issued.expires_at == ends, "midnight by Vietnam's clocks"
        second = dt.timedelta(seconds=1)
        assert end_copies(station, archive, ends - second, "hoso") == 0
        assert made.file.exists()
        assert end_copies(station, archive, ends, "hoso") == 1
        assert not made.file.exists()
        aside = ban_doc / "het-han"
        assert [path.name for path in aside.iterdir()] == [made.file.name]
        assert aside.stat().st_mode & 0o777 == 0o700
        gone = ends + dt.timedelta(days=5)
        assert end_copies(station, archive, gone - second, "hoso") == 0
        assert end_copies(station, archive, gone, "hoso") == 1
        assert end_copies(station, archive, gone, "hoso") == 0
        assert list(aside.iterdir()) == []
        assert "(không có)" in (ban_doc / LIST).read_text(encoding="utf-8-sig")
        told = archive.events.events(record.id)[1:]
        (row,) = archive.copies.of_record(record.id)
    assert [(event.type, event.outcome, event.actor) for event in told] == [
        (EventType.DISSEMINATION, "reading", "thử"),
        (EventType.DISSEMINATION, "expired", "hoso"),
        (EventType.DELETION, "reading_copy", "hoso"),
    ]
    assert {event.detail["order_sha256"] for event in told} == {row.order_sha256}
    assert {event.detail["copy_sha256"] for event in told} == {made.sha256}
    assert row.state is CopyState.PURGED


def test_a_copy_whose_file_somebody_took_away_ends_all_the_same(
    filed: Filed, tmp_path: Path
) -> None:
    with filed.archive() as archive:
        (made,) = filed.issue(filed.records[0].id, tmp_path, archive, IssuedKind.READING)
        made.file.unlink()
        late = NOON + dt.timedelta(days=40)
        assert end_copies(filed.station, archive, late, "hoso") == 1
        assert end_copies(filed.station, archive, late, "hoso") == 1
        (row,) = archive.copies.of_record(filed.records[0].id)
    assert row.state is CopyState.PURGED


def test_what_lies_among_reading_copies_unregistered_goes_after_a_day(
    filed: Filed, tmp_path: Path
) -> None:
    with filed.archive() as archive:
        (made,) = filed.issue(filed.records[0].id, tmp_path, archive, IssuedKind.READING)
        stray = made.file.with_name("sao-chep.ban-doc.pdf")
        stray.write_bytes(made.file.read_bytes())
        at = dt.datetime.fromtimestamp(stray.stat().st_mtime, dt.UTC)
        assert end_copies(filed.station, archive, at, "hoso") == 0
        # While the row of a copy is damaged, nobody knows which file is its own.
        for damage in ("state = 'issuee'", "reason = CAST(x'ff' AS TEXT)"):
            (row,) = archive.db.rows("SELECT state, reason FROM access_copy")
            archive.db.execute(f"UPDATE access_copy SET {damage}")  # noqa: S608  # our own words
            assert end_copies(filed.station, archive, at + dt.timedelta(days=1), "hoso") == 0
            assert stray.exists()
            archive.db.execute("UPDATE access_copy SET state = :state, reason = :reason", row)
        assert end_copies(filed.station, archive, at + dt.timedelta(days=1), "hoso") == 1
        assert (stray.exists(), made.file.exists()) == (False, True)
        event = archive.events.events("archive")[-1]
    assert (event.outcome, event.detail) == (
        "stray_reading_copy",
        {"copy_sha256": made.sha256},
    )
