"""Captures without an end, as a look that goes on from the last one tells them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import EventType
from storage.capture_ends import CaptureEnds
from storage.database import Database
from storage.events import EventLog
from storage.model import NewEvent
from storage.schema import MIGRATIONS
from tests.storage.conftest import AT

ENDS = (EventType.DUPLICATE, EventType.QUARANTINE, EventType.WITHDRAWAL)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "records.db")) as db:
        db.migrate(MIGRATIONS)
        yield db


def told(db: Database, kind: EventType, subject: str, **detail: str) -> None:
    event = NewEvent(type=kind, object=subject, actor="thử nghiệm", at=AT, detail=detail)
    EventLog(db).append(event)


def names(ends: CaptureEnds) -> list[str]:
    return [item.submission_id for item in ends.unended()]


def test_every_end_ends_its_capture_and_being_taken_up_again_opens_it(log: Database) -> None:
    ends = CaptureEnds(log)
    assert names(ends) == []
    for name in ("a", "b", "c", "d", "e"):
        told(log, EventType.CAPTURE, name)
    assert names(ends) == ["a", "b", "c", "d", "e"]
    for name, kind in zip("abc", ENDS, strict=True):
        told(log, kind, name)
    told(log, EventType.INGESTION, "record", submission_id="d")
    assert names(ends) == ["e"]
    told(log, EventType.UNQUARANTINE, "b")
    again = ends.unended()
    assert [item.submission_id for item in again] == ["e", "b"]
    assert again[1].seq == 10


@pytest.mark.parametrize("seed", range(3))
def test_a_look_that_goes_on_tells_what_one_from_the_beginning_does(
    log: Database, seed: int
) -> None:
    draw, ends = random.Random(seed), CaptureEnds(log)
    for _ in range(40):
        kind = draw.choice((EventType.CAPTURE, EventType.UNQUARANTINE, EventType.VIEW, *ENDS))
        told(log, kind, f"s{draw.randrange(6)}")
        if draw.randrange(2):
            told(log, EventType.INGESTION, "record", submission_id=f"s{draw.randrange(6)}")
        if draw.randrange(3):
            assert names(ends) == names(CaptureEnds(log))


def test_a_later_look_reads_only_what_came_since(
    log: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends, read = CaptureEnds(log), []
    for n in range(30):
        told(log, EventType.CAPTURE, f"s{n}")
    iterate = Database.iterate

    def counted(db: Database, sql: str, parameters: Any = ()) -> Iterator[dict[str, Any]]:
        for row in iterate(db, sql, parameters):
            read.append(row)
            yield row

    monkeypatch.setattr(Database, "iterate", counted)
    assert len(ends.unended()) == 30
    told(log, EventType.DUPLICATE, "s3")
    assert len(ends.unended()) == 29
    assert len(ends.unended()) == 29
    assert len(read) == 31


def test_what_is_undone_is_not_remembered(log: Database) -> None:
    ends = CaptureEnds(log)
    told(log, EventType.CAPTURE, "stays")

    def fail() -> None:
        with log.transaction():
            told(log, EventType.CAPTURE, "goes")
            assert names(ends) == ["stays", "goes"]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names(ends) == ["stays"]
    told(log, EventType.CAPTURE, "comes")
    assert names(ends) == ["stays", "comes"]


@pytest.mark.parametrize(
    "body",
    [
        *("x", "[]", '{"detail":{}}', '{"seq":1,"type":"capture"}'),
        '{"at":"","detail":[],"object":"damaged","seq":1,"type":"ingestion"}',
    ],
)
def test_an_event_that_cannot_be_read_is_passed_over(log: Database, body: str) -> None:
    told(log, EventType.CAPTURE, "damaged")
    told(log, EventType.CAPTURE, "whole")
    log.execute("DROP TRIGGER event_is_final")
    log.execute("UPDATE event SET body = ? WHERE seq = 1", (body,))
    assert names(CaptureEnds(log)) == ["whole"]
