"""What is asked of the engine is acted on as it was asked, or named as damaged and dropped."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config.vocabulary import EventType
from storage.archive import Archive, open_archive
from storage.fixity import check_archive
from storage.request_check import drop_changed_requests

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BODY = {"id": "tài liệu-1", "paper": 2, "answer": {"fields": {"holder": "NGUYỄN THỬ NGHIỆM"}}}
COLUMNS = ("kind", "body", "actor", "at", "digest")


def flip(archive: Archive, number: int, column: str, place: int, bit: int) -> None:
    """Flip one bit of the text of a request, as a disk does."""
    query = f"SELECT CAST({column} AS BLOB) AS text FROM request WHERE id = ?"  # noqa: S608  # our own names
    row = archive.db.row(query, (number,))
    assert row is not None
    text = bytearray(row["text"])
    text[place % len(text)] ^= 1 << bit
    archive.db.execute(
        f"UPDATE request SET {column} = CAST(? AS TEXT) WHERE id = ?",  # noqa: S608  # our own names
        (bytes(text), number),
    )


@given(st.sampled_from(COLUMNS), st.integers(0, 500), st.integers(0, 7))
# `"id"` as `"hd"`: whole JSON, in which what is asked about has another name.
@example("body", 59, 0)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_request_of_which_a_bit_is_flipped_is_not_acted_on_and_hides_no_other(
    archive: Archive, column: str, place: int, bit: int
) -> None:
    numbers = [archive.requests.ask("review", BODY, "cán bộ", AT) for _ in range(3)]
    flip(archive, numbers[1], column, place, bit)
    whole = archive.requests.pending("review")
    assert [request.id for request in whole] == [numbers[0], numbers[2]]
    assert {request.actor for request in whole} == {"cán bộ"}
    assert archive.requests.damaged() == [numbers[1]]
    for number in numbers:
        archive.requests.complete(number, AT)
    assert archive.requests.damaged() == []


def test_a_damaged_request_is_named_by_the_fixity_check_and_can_be_dropped(
    archive: Archive,
) -> None:
    kept = archive.requests.ask("release", {"papers": []}, "cán bộ", AT)
    number = archive.requests.ask("review", BODY, "cán bộ", AT)
    assert check_archive(archive).findings == ()
    assert drop_changed_requests(archive, (), actor="quản trị", at=AT) == 0
    flip(archive, number, "body", 3, 0)
    (finding,) = findings = check_archive(archive).findings
    assert finding.identifier == f"request {number}"
    assert "hoso fixity --mend" in finding.vi
    # A night's check by quota reads no row, so it drops nothing that nobody was told of.
    assert drop_changed_requests(archive, (), actor="quản trị", at=AT) == 0
    assert drop_changed_requests(archive, findings, actor="quản trị", at=AT) == 1
    assert check_archive(archive).findings == ()
    assert [request.id for request in archive.requests.pending("release")] == [kept]
    (event,) = archive.events.events("archive")
    assert (event.type, event.outcome) == (EventType.DELETION, "requests")
    assert event.detail == {"requests": [number]}
    assert "NGUYỄN" not in "\n".join(archive.db.tables.conn.iterdump())


@pytest.mark.parametrize("body", ['{"id": "a"}', "{"])
def test_what_an_older_program_asked_is_taken_as_it_stands(tmp_path: Path, body: str) -> None:
    open_archive(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "records.db", isolation_level=None)) as older:
        older.execute("ALTER TABLE request DROP COLUMN digest")
        older.execute("DELETE FROM _sqlite_migrations WHERE name = '0023_digests_of_requests'")
        asked = ("review", body, "cán bộ", "2026-11-23T08:00:00.000000Z")
        older.execute("INSERT INTO request (kind, body, actor, at) VALUES (?, ?, ?, ?)", asked)
    with open_archive(tmp_path) as archive:
        bodies = [request.body for request in archive.requests.pending("review")]
        assert bodies == ([] if body == "{" else [{"id": "a"}])
        assert archive.requests.damaged() == ([1] if body == "{" else [])
