from __future__ import annotations

import random
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from config.vocabulary import EventType
from storage.anchors import LOG, newest_stamp, told_anchors
from storage.archive import Archive
from storage.canonical import canonical_json, canonical_text
from storage.errors import DamagedLog
from storage.merkle import Head, is_consistent, is_included, leaf_hash
from storage.model import NewEvent
from storage.times import read_time, time_text
from tests.storage.conftest import AT


def event(n: int = 0, **changes: object) -> NewEvent:
    values: dict[str, object] = {
        "type": EventType.FIXITY_CHECK,
        "object": f"r{n}",
        "actor": "desk",
        "at": AT,
        "detail": {"n": n, "chữ": "đ"},
    }
    return NewEvent(**{**values, **changes})  # type: ignore[arg-type]  # named by each test


def fill(archive: Archive, count: int) -> None:
    archive.events.append(*(event(n) for n in range(count)))


def tamper(archive: Archive, sql: str, parameters: tuple[object, ...] = ()) -> None:
    """Do what only someone with the file in hand can: drop the triggers first."""
    archive.db.execute("DROP TRIGGER IF EXISTS event_is_final")
    archive.db.execute("DROP TRIGGER IF EXISTS event_stays")
    archive.db.execute(sql, parameters)


def named(archive: Archive) -> list[str]:
    return [finding.identifier for finding in archive.events.verify()]


def test_events_come_back_as_logged_and_numbered(archive: Archive) -> None:
    hanoi = timezone(timedelta(hours=7))
    first = event(1, at=datetime(2026, 11, 21, 15, 4, 5, tzinfo=hanoi), outcome="failure")
    assert archive.events.append(first, event(2)) == [1, 2]
    assert archive.events.append(event(1)) == [3]
    assert archive.events.size() == 3
    (one, three) = archive.events.events("r1")
    assert (one.seq, three.seq) == (1, 3)
    assert one.at == datetime(2026, 11, 21, 8, 4, 5, tzinfo=UTC)
    assert (one.type, one.outcome, one.detail) == (
        EventType.FIXITY_CHECK,
        "failure",
        {"n": 1, "chữ": "đ"},
    )
    assert len(archive.events.events()) == 3
    assert archive.events.verify() == []


def test_an_empty_log_is_whole(archive: Archive) -> None:
    assert archive.events.verify() == []
    assert archive.events.size() == 0
    assert archive.events.append() == []


def test_an_event_stays_or_goes_with_its_act(archive: Archive) -> None:
    def act() -> None:
        with archive.db.transaction():
            archive.events.append(event(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert archive.events.size() == 0
    assert archive.events.verify() == []


@pytest.mark.parametrize("sql", ["UPDATE event SET actor = 'x'", "DELETE FROM event"])
def test_sql_by_accident_cannot_change_the_log(archive: Archive, sql: str) -> None:
    fill(archive, 3)
    with pytest.raises(sqlite3.IntegrityError, match="events are never"):
        archive.db.execute(sql)
    with pytest.raises(sqlite3.IntegrityError, match="events are never"):
        archive.db.execute("INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1")


@pytest.mark.parametrize("seed", range(12))
def test_any_flipped_bit_of_any_column_names_its_event(archive: Archive, seed: int) -> None:
    fill(archive, 9)
    draw = random.Random(seed)
    seq = draw.randrange(1, 10)
    column = draw.choice(["at", "type", "object", "actor", "outcome", "body", "leaf"])
    row = archive.db.row(
        f"SELECT CAST({column} AS BLOB) AS v FROM event WHERE seq = ?",  # noqa: S608  # drawn from the list above
        (seq,),
    )
    assert row is not None
    value = bytearray(row["v"])
    value[draw.randrange(len(value))] ^= 1 << draw.randrange(8)
    stored = "?" if column == "leaf" else "CAST(? AS TEXT)"
    tamper(archive, f"UPDATE event SET {column} = {stored} WHERE seq = ?", (bytes(value), seq))  # noqa: S608  # as above
    assert str(seq) in named(archive)


def test_a_removed_event_is_named(archive: Archive) -> None:
    fill(archive, 9)
    tamper(archive, "DELETE FROM event WHERE seq IN (4, 5)")
    assert "4-5" in named(archive)


def test_a_removed_last_event_is_named(archive: Archive) -> None:
    fill(archive, 9)
    tamper(archive, "DELETE FROM event WHERE seq = 9")
    assert named(archive) == ["9"]
    with pytest.raises(DamagedLog):
        archive.events.inclusion_proof(1)


def test_a_rewritten_event_with_a_right_leaf_still_breaks_the_root(archive: Archive) -> None:
    fill(archive, 9)
    body = canonical_text(
        {
            "seq": 4,
            "at": time_text(AT),
            "type": "fixity check",
            "object": "r3",
            "actor": "someone else",
            "outcome": "success",
            "detail": {},
        }
    )
    tamper(
        archive,
        "UPDATE event SET actor = 'someone else', body = ?, leaf = ? WHERE seq = 4",
        (body, leaf_hash(body.encode())),
    )
    assert named(archive) == ["tree"]


def test_a_log_with_more_rows_than_its_tree_takes_no_more(archive: Archive) -> None:
    fill(archive, 2)
    tamper(archive, "UPDATE tree SET size = 1")
    with pytest.raises(DamagedLog, match="sự kiện 2"):
        archive.events.append(event(3))


def test_proofs_hold_against_the_root(archive: Archive) -> None:
    fill(archive, 13)
    old = archive.events.head()
    fill(archive, 8)
    new = archive.events.head()
    assert new == Head(size=21, root_hash=bytes.fromhex(archive.events.root()))
    logged = archive.events.events()
    for seq in (1, 13, 14, 21):
        path = [bytes.fromhex(step) for step in archive.events.inclusion_proof(seq)]
        assert is_included(bytes.fromhex(logged[seq - 1].leaf), seq - 1, new, path)
    path = [bytes.fromhex(step) for step in archive.events.consistency_proof(13)]
    assert is_consistent(old, new, path)
    early = [bytes.fromhex(step) for step in archive.events.inclusion_proof(2, 13)]
    assert is_included(bytes.fromhex(logged[1].leaf), 1, old, early)


def test_the_newest_of_a_rare_type_are_found_without_reading_the_others(archive: Archive) -> None:
    asked: list[str] = []
    fill(archive, 3)
    archive.db.tables.conn.set_trace_callback(asked.append)
    assert archive.events.newest_of(EventType.FIXITY_CHECK, "r1") is not None
    assert archive.events.newest_of(EventType.ANCHOR, "log") is None
    assert told_anchors(archive.db) == {}
    archive.db.tables.conn.set_trace_callback(None)
    plans = [archive.db.rows(f"EXPLAIN QUERY PLAN {query}") for query in asked if "event" in query]
    assert len(plans) == 3
    for plan in plans:
        assert [step["detail"] for step in plan] == [
            "SEARCH event USING INDEX event_rare (object=? AND type=?)"
        ]


def test_an_anchor_of_which_the_event_lost_the_size_is_passed_over(archive: Archive) -> None:
    told = event(type=EventType.ANCHOR, object=LOG, detail={"size": 3})
    archive.events.append(told)
    tamper(archive, """UPDATE event SET body = replace(body, '"size"', '"sixe"')""")
    assert archive.events.newest_few(EventType.ANCHOR, LOG, 1)
    assert newest_stamp(archive) is None


def test_threads_log_without_gap_or_loss(archive: Archive) -> None:
    def log() -> None:
        for n in range(25):
            archive.events.append(event(n))

    threads = [threading.Thread(target=log) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert archive.events.size() == 100
    assert archive.events.verify() == []


def test_a_time_without_a_zone_is_no_evidence(archive: Archive) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        archive.events.append(event(at=AT.replace(tzinfo=None)))
    assert archive.events.size() == 0


def test_what_is_no_json_is_no_event(archive: Archive) -> None:
    with pytest.raises(TypeError):
        archive.events.append(event(detail={"when": AT}))
    with pytest.raises(ValueError, match="JSON compliant"):
        archive.events.append(event(detail={"x": float("nan")}))
    assert archive.events.size() == 0


def test_canonical_json_has_one_form() -> None:
    assert canonical_json({"b": [1, None], "a": "đ"}) == '{"a":"đ","b":[1,null]}'.encode()


def test_text_order_of_times_is_time_order() -> None:
    times = [AT + timedelta(microseconds=step) for step in (-1_000_000, 0, 1, 999_999)]
    texts = [time_text(at) for at in times]
    assert texts == sorted(texts)
    assert [read_time(text) for text in texts] == times
    assert texts[1] == "2026-11-21T08:04:05.123456Z"
