"""The station's second opinion: from named papers only, kept for a day."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.vocabulary import Role
from desk.opinions import confirmed_papers, open_opinion
from digitize.opinion import LEAST_PAPERS
from storage.archive import Archive, open_archive
from storage.model import NewLink, NewRecord, ObjectRef, PageText

BODIES = {"GKS": "Người được khai sinh, người mẹ, người cha", "GPXD": "Được phép xây dựng, mật độ"}
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "archive") as opened:
        yield opened


def _file(archive: Archive, number: int, code: str, source: str) -> None:
    stored = archive.objects.add_bytes(f"giấy {number}".encode())
    ref = ObjectRef(
        sha256=stored.sha256,
        sha512=stored.sha512,
        size_bytes=stored.size_bytes,
    )
    record = NewRecord(
        id=f"018F0000-0000-7000-8000-{number:012d}",
        submission_id=f"nop-{number}",
        paper=1,
        class_code=code,
        class_name=code,
        title=code,
        original=ref,
        original_name="a.pdf",
        original_media_type="application/pdf",
        pdf=ref,
        pages=(PageText(number=1, text=f"{BODIES[code]} {number}"),),
        page_count=1,
        verdict="TOTAL-PASSED",
        rule_set="1",
        classes_version="1",
        notes={"class_from": source},
    )
    link = NewLink(dossier_code="H26.99-261105-0001", role=Role.COMPONENT)
    archive.file(record, link, actor="hoso", at=NOW)


def _file_many(archive: Archive, source: str, start: int = 1) -> None:
    codes = [code for code in BODIES for _ in range(LEAST_PAPERS)]
    for number, code in enumerate(codes, start=start):
        _file(archive, number, code, source)


def test_it_learns_from_papers_that_people_named_and_from_no_others(
    archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "opinion.bin"
    _file_many(archive, "reading")
    assert list(confirmed_papers(archive)) == []
    assert open_opinion(archive, path, NOW) is None
    assert not path.exists()
    _file_many(archive, "person", start=100)
    opinion = open_opinion(archive, path, NOW)
    assert opinion is not None
    assert opinion.papers == 2 * LEAST_PAPERS
    assert opinion.say(BODIES["GPXD"]).code == "GPXD"
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_is_learned_anew_after_a_day_or_where_it_is_damaged(
    archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "opinion.bin"
    _file_many(archive, "person")
    open_opinion(archive, path, NOW)
    _file(archive, 50, "GKS", "cover")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    kept = open_opinion(archive, path, NOW + timedelta(hours=23))
    assert kept is not None
    assert kept.papers == 2 * LEAST_PAPERS
    anew = open_opinion(archive, path, NOW + timedelta(hours=25))
    assert anew is not None
    assert anew.papers == 2 * LEAST_PAPERS + 1
    path.write_bytes(b"x")
    again = open_opinion(archive, path, datetime.now(UTC))
    assert again is not None
    assert again.papers == anew.papers
