"""Do we hold a valid digitised X of person Y: by number, class and day, never by guess."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import AgencySettings, Settings
from config.vocabulary import Role
from desk.cli.main import main
from desk.founding import found_station
from desk.moments import now
from storage.archive import Archive, open_archive
from storage.canonical import canonical_text
from storage.fingerprints import Version
from storage.model import FieldValue, NewLink, NewRecord, ObjectRef, PageText
from storage.register import Dossier, Procedure, ProcedureResult, RegisterBatch
from storage.reuse import count_questions
from tests.test_docs_json import agrees

CODE = "H26.99-261105-0001"
OWNER, OTHER = "000099000001", "000099000002"
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    root: Path
    archive: Archive

    def asked(self, *words: str, code: int = 0) -> Any:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            ended = main(["reuse", *words, "--json", "--station", str(self.root)])
        assert ended == code, printed.getvalue()
        return json.loads(printed.getvalue())

    def standing(self, *words: str) -> list[tuple[str, str | None, list[str]]]:
        return [
            (item["validity"], item["valid_until"], [why["code"] for why in item["reasons"]])
            for item in self.asked("--holder", OWNER, *words)["records"]
        ]

    def file(self, kind: str, fields: dict[str, str], **changes: Any) -> str:
        """File a paper of OWNER with some fields."""
        archive = self.archive
        count = archive.records.count() + 1
        stored = archive.objects.add_bytes(f"giấy {count}".encode())
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        told = {"personal_number": OWNER, **fields}
        record = NewRecord(
            id=f"018f0000-0000-7000-8000-{count:012d}",
            submission_id=f"nop-{count}",
            paper=1,
            class_code=kind,
            class_name=kind,
            title=kind,
            original=ref,
            original_name="a.pdf",
            original_media_type="application/pdf",
            pdf=ref,
            pages=(PageText(number=1, text="thử nghiệm"),),
            page_count=1,
            fields=tuple(
                FieldValue(name=name, value=value, confidence=0.9) for name, value in told.items()
            ),
            verdict="TOTAL-PASSED",
            rule_set="1",
            classes_version="1",
        )
        link = NewLink(dossier_code=CODE, role=Role.RESULT, procedure_result_code=f"{CODE}-KQ(1)")
        return archive.file(replace(record, **changes), link, actor="hoso", at=AT).id


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    root = tmp_path / "tram"
    found_station(root, Settings(agency=AgencySettings(name="UBND XÃ THỬ NGHIỆM")))
    with open_archive(root / "archive") as archive:
        yield Desk(root, archive)


def test_a_paper_without_an_end_is_held_for_its_owner_and_nobody_else(desk: Desk) -> None:
    record = desk.file("GKS", {"number": "15", "issue_date": "2026-11-05"})
    found = desk.asked("--owner", f"{OWNER[:3]} {OWNER[3:]}", "--class", "GKS")
    agrees("hoso reuse", found)
    assert (found["outcome"], [item["id"] for item in found["records"]]) == ("held", [record])
    assert found["records"][0]["valid_until"] is None
    assert desk.asked("--owner", OTHER, "--class", "GKS")["outcome"] == "not_held"
    assert desk.asked("--owner", OWNER, "--class", "TTHN")["records"] == []
    assert len(desk.asked("--owner", OWNER)["records"]) == 1


@pytest.mark.parametrize(
    ("kind", "fields", "at", "wanted"),
    [
        # Six months from its issue (NĐ 123/2015/NĐ-CP Art. 23), the last day included.
        ("TTHN", {"issue_date": "2026-05-10"}, "2026-11-10", ("valid", "2026-11-10", [])),
        (
            "TTHN",
            {"issue_date": "2026-05-10"},
            "2026-11-11",
            ("invalid", "2026-11-10", ["expired"]),
        ),
        ("TTHN", {"issue_date": "2026-08-31"}, "2026-11-22", ("valid", "2027-02-28", [])),
        ("TTHN", {}, "2026-11-22", ("unknown", None, ["term_unclear"])),
        (
            "GPXD",
            {"issue_date": "2025-01-01", "validity": "12 tháng"},
            "2026-11-22",
            ("invalid", "2026-01-01", ["expired"]),
        ),
        (
            "GPXD",
            {"issue_date": "2026-01-01", "validity": "02 (hai) năm"},
            "2026-11-22",
            ("valid", "2028-01-01", []),
        ),
        (
            "GPXD",
            {"issue_date": "2026-01-01", "validity": "Lâu dài"},
            "2026-11-22",
            ("valid", None, []),
        ),
        ("GPXD", {"validity": "theo quy định"}, "2026-11-22", ("unknown", None, ["term_unclear"])),
        ("CCCD", {"expiry_date": "2026-11-22"}, "2026-11-22", ("valid", "2026-11-22", [])),
        (
            "CCCD",
            {"expiry_date": "2026-11-21"},
            "2026-11-22",
            ("invalid", "2026-11-21", ["expired"]),
        ),
        (
            "CCCD",
            {"expiry_date": "không đọc được"},
            "2026-11-22",
            ("unknown", None, ["term_unclear"]),
        ),
        ("GKS", {"issue_date": "2026-11-23"}, "2026-11-22", ("invalid", None, ["issued_later"])),
        ("CMND", {}, "2026-11-22", ("invalid", None, ["class_ended"])),
        ("CMND", {}, "2024-12-31", ("valid", None, [])),
    ],
)
def test_the_day_decides(
    desk: Desk,
    kind: str,
    fields: dict[str, str],
    at: str,
    wanted: tuple[str, str | None, list[str]],
) -> None:
    desk.file(kind, fields)
    assert desk.standing("--at", at) == [wanted]


def test_what_was_replaced_revoked_or_only_a_copy_is_not_held(desk: Desk) -> None:
    old = desk.file("GKS", {})
    desk.file("GKS", {}, notes={"duty_case": "copy"})
    desk.file("GKS", {}, verdict="INDETERMINATE")
    new = desk.file("GKS", {})
    version = Version(record_id=new, supersedes=old, kind="replacement", at=AT)
    desk.archive.supersede(version, actor="hoso")
    assert desk.standing() == [
        ("valid", None, []),
        ("invalid", None, ["signature_not_passed"]),
        ("invalid", None, ["copy"]),
        ("invalid", None, ["superseded"]),
    ]
    desk.archive.register.load(
        RegisterBatch(
            procedures=(Procedure(code="1.001193", title=""),),
            dossiers=(Dossier(code=CODE, title="", procedure_code="1.001193", agency_code="H26"),),
            results=(
                ProcedureResult(dossier_code=CODE, ordinal=1, class_code="GKS", status="revoked"),
            ),
        )
    )
    found = desk.asked("--holder", OWNER, "--class", "GKS")
    assert found["outcome"] == "not_held"
    assert all(
        {"revoked", "superseded"} & {why["code"] for why in item["reasons"]}
        for item in found["records"]
    )


def test_a_paper_whose_file_is_gone_is_not_held(desk: Desk) -> None:
    record = desk.archive.records.get(desk.file("GKS", {}))
    desk.archive.objects.path(record.pdf.sha256).unlink()
    assert desk.standing() == [("invalid", None, ["file_missing"])]


def test_both_spouses_own_a_paper_that_names_them(desk: Desk) -> None:
    desk.file("GCNKH", {"personal_number": "", "husband_number": OWNER, "wife_number": OTHER})
    assert desk.asked("--owner", OTHER)["outcome"] == desk.asked("--owner", OWNER)["outcome"]
    assert len(desk.asked("--owner", OTHER)["records"]) == 1


def test_every_question_is_counted_and_names_nobody(desk: Desk) -> None:
    desk.file("GKS", {})
    for owner in (OWNER, OTHER, OWNER):
        desk.asked("--owner", owner, "--class", "GKS")
    events = desk.archive.events.events("reuse")
    assert [event.outcome for event in events] == ["held", "not_held", "held"]
    marks = [event.detail["owner_mark"] for event in events]
    assert (marks[0] == marks[2], marks[0] == marks[1]) == (True, False)
    told = "".join(canonical_text(dict(event.detail)) for event in events)
    assert OWNER not in told
    assert OTHER not in told
    begins = now() - timedelta(days=1)
    counted = count_questions(desk.archive.db, begins, begins + timedelta(days=2))
    assert (counted.asked, counted.held) == (3, 2)
    assert count_questions(desk.archive.db, begins, begins + timedelta(hours=1)).asked == 0


def test_the_dossier_that_needs_it_is_told_for_the_report(desk: Desk) -> None:
    desk.file("GKS", {})
    desk.asked("--owner", OWNER, "--class", "GKS", "--dossier", CODE)
    desk.asked("--owner", OWNER, "--class", "GKS", "--dossier", "hồ sơ nọ", code=2)
    told = [event.detail["dossier"] for event in desk.archive.events.events("reuse")]
    assert told == [CODE]


def test_what_is_no_number_or_no_class_is_refused_and_not_counted(desk: Desk) -> None:
    refused = desk.asked("--owner", "NGUYỄN THỬ NGHIỆM A", code=2)
    assert "12 chữ số" in refused["error"]["vi"]
    assert "NGUYỄN" not in refused["error"]["vi"] + refused["error"]["en"]
    refused = desk.asked("--owner", OWNER, "--class", "khai sinh", code=2)
    assert "GKS" in refused["error"]["vi"]
    assert desk.archive.events.events("reuse") == []


def test_a_leap_day_ends_on_the_last_day_of_february(desk: Desk) -> None:
    fields = {"issue_date": date(2024, 2, 29).isoformat(), "validity": "1 năm"}
    desk.file("GPXD", fields)
    assert desk.standing("--at", "2025-02-28") == [("valid", "2025-02-28", [])]
