"""What is filed and shown of a page: its words, those of its marks, and what was repaired."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config import codec
from config.vocabulary import Role
from desk.cli.main import main
from desk.filing import page_text
from desk.identifiers import new_id
from desk.moments import now
from desk.page_views import view_pages
from digitize.model import Mark, MarkKind, RecognizedPage, Word
from digitize.ocr import make_line
from storage.archive import Archive, open_archive
from storage.model import FieldValue, NewLink, NewRecord, ObjectRef, Record
from storage.submissions import NewSubmission, Outcome
from tests.digitize.workbench import line, page_of

CODE = "H26.99-261105-0001"
SEAL = Mark(kind=MarkKind.SEAL, box=(300.0, 600.0, 390.0, 690.0))


def words(*pairs: tuple[str, str]) -> list[Word]:
    """Make words of what they say and what was read, empty where that is the same."""
    return [
        Word(text=text, box=(10.0 * at, 100.0, 10.0 * at + 9, 110.0), confidence=0.9, read=read)
        for at, (text, read) in enumerate(pairs)
    ]


def repaired_page(number: int = 1) -> RecognizedPage:
    """Make a page with a repaired mark of a letter, a repaired digit, and a seal."""
    return page_of(
        [
            make_line(words(("QUYẾT", "QUYÉT"), ("ĐỊNH", ""))),
            make_line(words(("Số", ""), ("15/QĐ-UBND", "l5/QĐ-UBND"))),
        ],
        number=number,
        overlay=(line("XÃ THỬ NGHIỆM", 310, 640),),
        marks=(SEAL,),
        legal_share=0.95,
    )


def test_what_is_filed_of_a_page_keeps_its_marks_and_repairs_apart() -> None:
    filed = page_text(3, repaired_page())
    assert (filed.number, filed.text) == (3, "QUYẾT ĐỊNH\nSố 15/QĐ-UBND")
    assert filed.overlay_text == "XÃ THỬ NGHIỆM"
    # Search without marks finds the first word as it was read, too.
    assert filed.as_read == "\nl5/QĐ-UBND"


def test_a_page_without_marks_and_repairs_files_its_text_alone() -> None:
    filed = page_text(1, page_of([line("GIẤY MỜI", 70, 60)]))
    assert (filed.text, filed.overlay_text, filed.as_read) == ("GIẤY MỜI", "", "")


@pytest.fixture
def station(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    root = tmp_path / "tram"
    main(["init", str(root), "--agency", "UBND XÃ THỬ NGHIỆM"])
    capsys.readouterr()
    return root


@pytest.fixture
def archive(station: Path) -> Iterator[Archive]:
    with open_archive(station / "archive") as opened:
        yield opened


def file_pages(archive: Archive, *pages: RecognizedPage, scan_pages: str = "") -> Record:
    """File a record as the engine does: the whole reading is an object that the ledger names."""
    submission = new_id()
    archive.ledger.claim(
        NewSubmission(
            id=submission, name="a.jpg", tray_path="x/a.jpg", size_bytes=1, received_at=now()
        ),
        "test",
    )
    reading = archive.objects.add_bytes(codec.to_bytes(pages))
    archive.ledger.record_outcome(
        Outcome(
            submission_id=submission,
            paper=0,
            stage="gate",
            body={"reading_sha256": reading.sha256},
            objects=(reading.sha256,),
        )
    )
    stored = archive.objects.add_bytes(submission.encode())
    ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
    mine = [page for page in pages if not scan_pages or str(page.number) in scan_pages.split(",")]
    new = NewRecord(
        id=new_id(),
        submission_id=submission,
        paper=1,
        class_code="QD",
        class_name="Quyết định",
        title="Quyết định thử nghiệm",
        original=ref,
        original_name="a.jpg",
        original_media_type="image/jpeg",
        pdf=ref,
        pages=tuple(page_text(at + 1, page) for at, page in enumerate(mine)),
        page_count=len(mine),
        verdict="TOTAL-PASSED",
        rule_set="2025-07-21",
        classes_version="2026-11-01",
        fields=(FieldValue(name="number", value="15", confidence=0.8, page=1, read="l5"),),
        notes={"scan_pages": scan_pages} if scan_pages else {},
    )
    return archive.file(
        new, NewLink(dossier_code=CODE, role=Role.COMPONENT), actor="test", at=now()
    )


def test_a_record_shows_marks_and_every_repair_with_its_place(archive: Archive) -> None:
    plain = page_of([line("bìa", 70, 60)])
    doubtful = replace(repaired_page(3), readable=False, confidence=0.5)
    record = file_pages(archive, plain, repaired_page(2), doubtful, scan_pages="2,3")
    shown = view_pages(record, archive)
    assert [page["number"] for page in shown["pages"]] == [1, 2]
    first, second = shown["pages"]
    assert first["overlay_text"] == "XÃ THỬ NGHIỆM"
    assert first["marks"] == [{"kind": "seal", "box": list(SEAL.box)}]
    assert (first["legal_share"], first["readable"]) == (0.95, True)
    assert (second["confidence"], second["readable"]) == (0.5, False)
    assert [(item["page"], item["read"], item["text"]) for item in shown["repairs"]] == [
        (1, "QUYÉT", "QUYẾT"),
        (1, "l5/QĐ-UBND", "15/QĐ-UBND"),
        (2, "QUYÉT", "QUYẾT"),
        (2, "l5/QĐ-UBND", "15/QĐ-UBND"),
    ]
    assert shown["repairs"][1]["box"] == [10.0, 100.0, 19.0, 110.0]


def test_a_record_whose_reading_is_lost_is_shown_without_it(archive: Archive) -> None:
    record = file_pages(archive, repaired_page())
    outcome = archive.ledger.outcome(record.submission_id, 0, "gate")
    assert outcome is not None
    archive.objects.path(outcome["reading_sha256"]).unlink()
    shown = view_pages(record, archive)
    assert shown["repairs"] == []
    (page,) = shown["pages"]
    assert page["text"].startswith("QUYẾT ĐỊNH")
    assert (page["legal_share"], page["marks"]) == (None, [])


def test_the_command_finds_what_stands_in_a_seal_when_it_is_told_to(
    archive: Archive, station: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = file_pages(archive, repaired_page())

    def printed(*arguments: str) -> str:
        assert main([*arguments, "--station", str(station)]) == 0
        return capsys.readouterr().out

    assert json.loads(printed("search", '"thử nghiệm" xã', "--json"))["records"] == []
    found = json.loads(printed("search", '"xã thử nghiệm"', "--overlay", "--json"))
    (hit,) = found["records"][0]["hits"]
    assert (hit["page"], hit["line"], hit["overlay"]) == (1, 1, True)
    assert hit["text"] == "XÃ THỬ NGHIỆM"
    assert "tr. 1, trong dấu" in printed("search", '"xã thử nghiệm"', "--overlay").replace("\n", "")
    assert "tr. 1: Số 15" in printed("search", "l5", "--overlay")
    shown = printed("show", record.id)
    assert "Chữ máy đã sửa" in shown
    assert "QUYÉT" in shown
    assert "15 (đọc được: l5)" in shown
