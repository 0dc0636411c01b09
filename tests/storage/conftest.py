"""An archive in a temporary folder, and makers of what goes into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.vocabulary import Role
from storage.archive import Archive, open_archive
from storage.model import FieldValue, NewLink, NewRecord, ObjectRef, PageText, SignatureSummary
from storage.submissions import NewSubmission

AT = datetime(2026, 11, 21, 8, 4, 5, 123456, tzinfo=UTC)
DOSSIER = "H15.50.05.13-261008-0975"


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def link() -> NewLink:
    return NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture
def submission() -> Callable[[str], NewSubmission]:
    def make(submission_id: str) -> NewSubmission:
        return NewSubmission(
            id=submission_id,
            name=f"{submission_id}.pdf",
            folder=DOSSIER,
            tray_path=f"2-dang-xu-ly/{submission_id}.pdf",
            size_bytes=1234,
            received_at=AT,
        )

    return make


NewRecordMaker = Callable[..., NewRecord]


@pytest.fixture
def new_record(archive: Archive) -> NewRecordMaker:
    """Make the n-th record: its objects are stored, the rest is as asked."""

    def make(n: int = 1, *texts: str, **changes: object) -> NewRecord:
        return make_record(archive, n, *texts, **changes)

    return make


def make_record(archive: Archive, n: int, *texts: str, **changes: object) -> NewRecord:
    """Make the n-th record of an archive: its objects are stored, the rest is as asked."""
    original = archive.objects.add_bytes(f"bản gốc {n}".encode())
    pdf = archive.objects.add_bytes(f"bản PDF {n}".encode())
    pages = tuple(
        PageText(number=number, text=text)
        for number, text in enumerate(texts or (f"Trang thử nghiệm số {n}",), start=1)
    )
    record = NewRecord(
        id=f"018F0000-0000-7000-8000-{n:012d}",
        submission_id=f"nop-{n}",
        paper=1,
        class_code="GKS",
        class_name="Giấy khai sinh",
        title=f"Giấy khai sinh {n}",
        original=_ref(original.sha256, original.sha512, original.size_bytes),
        original_name=f"quét {n}.tif",
        original_media_type="image/tiff",
        pdf=_ref(pdf.sha256, pdf.sha512, pdf.size_bytes),
        pages=pages,
        page_count=len(pages),
        mean_confidence=0.91,
        fields=(
            FieldValue(
                name="holder",
                value="TRẦN THỊ THỬ NGHIỆM",
                confidence=0.8,
                page=1,
                box=(10, 20, 30.5, 40),
            ),
            FieldValue(name="validity", value=None, confidence=0, source="person"),
        ),
        signatures=(
            SignatureSummary(
                field="CQ_SoHoa",
                level="B-LT",
                indication="TOTAL-PASSED",
                signer="UBND phường THỬ NGHIỆM",
                signed_at=AT,
                best_time_kind="timestamp",
            ),
        ),
        verdict="TOTAL-PASSED",
        rule_set="2026-01",
        classes_version="1",
        digitisation_code=f"SH.{n}",
        duty="must",
        warnings=("LOW_DPI",),
        notes={"personal_signing": "off", "release": "automatic"},
    )
    return replace(record, **changes)  # type: ignore[arg-type]  # names are the test's care


def _ref(sha256: str, sha512: str, size_bytes: int) -> ObjectRef:
    return ObjectRef(sha256=sha256, sha512=sha512, size_bytes=size_bytes)
