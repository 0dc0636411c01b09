"""What a person wrote is told beside the body of its paper; what was only read is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from config.vocabulary import Role
from storage.archive import Archive, open_archive
from storage.confirmed_fields import confirmed_beside
from storage.model import FieldValue, NewLink, ObjectRef
from tests.notices import make_notice

BODY = "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"


def _file(
    archive: Archive, number: int, name: str, source: Literal["ocr", "person"], body: str = BODY
) -> None:
    stored = archive.objects.add_bytes(f"giấy {number}".encode())
    ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
    fields = [FieldValue(name="signatory", value=name, confidence=1.0, source=source)]
    if body:
        fields.append(FieldValue(name="issuing_body", value=body, confidence=0.9))
    new = replace(
        make_notice(ref),
        id=f"018F0000-0000-7000-8000-{number:012d}",
        submission_id=f"nop-{number}",
        fields=tuple(fields),
    )
    link = NewLink(dossier_code="H26.99-261105-0001", role=Role.COMPONENT)
    archive.file(new, link, actor="hoso", at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


def test_only_what_a_person_said_of_new_papers_is_told(tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive") as archive:
        _file(archive, 1, "Lê Thử Nghiệm Cũ", "person")
        _file(archive, 2, "Trần Thủ Nghiệm An", "ocr")
        _file(archive, 3, "Trần Thử Nghiệm An", "person")
        _file(archive, 4, "Trần Thử Nghiệm An", "person")
        _file(archive, 5, "Bùi Thử Nghiệm Ba", "person", body="")
        told = confirmed_beside(archive.db, "signatory", "issuing_body", newest=4)
        assert told == [(BODY, "Trần Thử Nghiệm An")]
        every = confirmed_beside(archive.db, "signatory", "issuing_body", newest=100)
        assert every == [(BODY, "Lê Thử Nghiệm Cũ"), (BODY, "Trần Thử Nghiệm An")]


def test_an_empty_archive_tells_nothing(tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive") as archive:
        assert confirmed_beside(archive.db, "signatory", "issuing_body", newest=100) == []
