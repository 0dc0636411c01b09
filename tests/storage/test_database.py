from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

from storage.database import Database
from storage.errors import DatabaseDamaged, DatabaseUnwritable, DiskFull, SchemaTooNew


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "a.db")
    database.execute("CREATE TABLE t (n INTEGER) STRICT")
    yield database
    database.close()


def numbers(db: Database) -> list[int]:
    return [row["n"] for row in db.rows("SELECT n FROM t ORDER BY n")]


def test_a_connection_is_safe_against_power_cuts_and_dangling_keys(db: Database) -> None:
    pragmas = {
        name: db.rows(f"PRAGMA {name}")[0][key]
        for name, key in [
            ("journal_mode", "journal_mode"),
            ("synchronous", "synchronous"),
            ("foreign_keys", "foreign_keys"),
            ("busy_timeout", "timeout"),
            ("secure_delete", "secure_delete"),
        ]
    }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "secure_delete": 1,
    }


def insert_and_fail(db: Database, n: int) -> None:
    with db.transaction():
        db.execute("INSERT INTO t VALUES (?)", (n,))
        raise RuntimeError


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError):
        insert_and_fail(db, 1)
    assert numbers(db) == []


def test_a_nested_transaction_ends_with_the_outer_one(db: Database) -> None:
    def nest() -> None:
        with db.transaction():
            with db.transaction():
                db.execute("INSERT INTO t VALUES (1)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        nest()
    assert numbers(db) == []


def test_a_nested_failure_that_is_caught_undoes_only_itself(db: Database) -> None:
    with db.transaction():
        db.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(RuntimeError):
            insert_and_fail(db, 2)
        db.tables.table("t").insert({"n": 3})
    assert numbers(db) == [1, 3]


def test_no_part_of_a_whole_is_kept_when_another_part_failed(db: Database) -> None:
    def go_on() -> None:
        with db.transaction(whole=True):
            db.execute("INSERT INTO t VALUES (1)")
            with pytest.raises(RuntimeError):
                insert_and_fail(db, 2)

    with pytest.raises(RuntimeError, match="a part failed"):
        go_on()
    assert numbers(db) == []
    with db.transaction(whole=True), db.transaction():
        db.execute("INSERT INTO t VALUES (3)")
    assert numbers(db) == [3]


def test_a_whole_that_fails_inside_another_transaction_undoes_only_itself(db: Database) -> None:
    def fail() -> None:
        with db.transaction(whole=True):
            db.execute("INSERT INTO t VALUES (2)")
            insert_and_fail(db, 3)

    with db.transaction():
        db.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(RuntimeError):
            fail()
        with pytest.raises(RuntimeError):
            insert_and_fail(db, 4)
    assert numbers(db) == [1]


def test_many_rows_of_one_statement_are_written_or_none(db: Database) -> None:
    def write(*rows: tuple[object]) -> None:
        with db.transaction():
            db.execute_each("INSERT INTO t VALUES (?)", rows)

    write((1,), (2,))
    with pytest.raises(sqlite3.IntegrityError):
        write((3,), ("no number",))
    assert numbers(db) == [1, 2]


def test_threads_that_read_and_write_back_lose_no_update(db: Database) -> None:
    db.execute("INSERT INTO t VALUES (0)")

    def count_up() -> None:
        for _ in range(50):
            with db.transaction():
                row = db.row("SELECT n FROM t")
                assert row is not None
                db.execute("UPDATE t SET n = ?", (row["n"] + 1,))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(db) == [200]


def test_readers_see_the_last_commit_while_a_writer_works(db: Database) -> None:
    seen = []
    with db.transaction():
        db.execute("INSERT INTO t VALUES (1)")
        reader = threading.Thread(target=lambda: seen.append(numbers(db)))
        reader.start()
        reader.join()
    assert seen == [[]]
    assert numbers(db) == [1]


def test_a_snapshot_stays_as_it_was(db: Database) -> None:
    with db.snapshot():
        assert numbers(db) == []
        writer = threading.Thread(target=lambda: db.execute("INSERT INTO t VALUES (1)"))
        writer.start()
        writer.join()
        assert numbers(db) == []
        with pytest.raises(RuntimeError, match="would be lost"):
            insert_and_fail(db, 2)
    assert numbers(db) == [1]


def test_a_database_that_another_process_holds_is_written_when_it_lets_go(
    db: Database, tmp_path: Path
) -> None:
    holder = (
        "import sqlite3, sys, time\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); time.sleep(0.3)\n"
        "c.execute('INSERT INTO t VALUES (7)'); c.execute('COMMIT'); c.close()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path / "a.db")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with db.transaction():
            db.execute("INSERT INTO t VALUES (8)")
    assert numbers(db) == [7, 8]


def test_a_file_that_is_no_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "b.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DatabaseDamaged, match=r"b\.db.*khôi phục"):
        Database(tmp_path / "b.db").rows("SELECT 1 FROM sqlite_master")


def test_a_full_disk_is_named_and_nothing_half_written(db: Database) -> None:
    db.execute("INSERT INTO t VALUES (1)")
    pages = db.rows("PRAGMA page_count")[0]["page_count"]
    # SQLite's own limit answers as a full disk does: SQLITE_FULL.
    db.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with db.transaction():
            for n in range(100_000):
                db.execute("INSERT INTO t VALUES (?)", (n,))

    with pytest.raises(DiskFull, match=r"a\.db"):
        fill()
    assert numbers(db) == [1]


def test_a_schema_of_a_newer_program_is_refused(db: Database) -> None:
    def nothing(tables: Tables) -> None:
        tables.conn.execute("SELECT 1")

    newer = Migrations("records")
    newer(name="0001")(nothing)
    newer(name="0002_from_the_future")(nothing)
    db.migrate(newer)
    older = Migrations("records")
    older(name="0001")(nothing)
    with pytest.raises(SchemaTooNew, match="0002_from_the_future"):
        db.migrate(older)


def test_connections_of_ended_threads_are_closed(db: Database) -> None:
    opened: list[sqlite3.Connection] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: opened.append(db.tables.conn))
        thread.start()
        thread.join()
    for connection in opened[:-1]:
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")


def test_an_action_waits_for_the_commit_and_goes_with_the_failure(db: Database) -> None:
    acts: list[str] = []

    def act() -> None:
        acts.append("committed" if not db.is_writing else "too early")

    db.after_commit(act)
    with db.transaction():
        with db.transaction():
            db.after_commit(act)
        db.after_commit(act)
        assert acts == ["committed"]
    assert acts == ["committed", "committed"]

    def fail() -> None:
        with db.transaction():
            db.after_commit(act)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with db.transaction():
        db.execute("INSERT INTO t VALUES (1)")
    assert len(acts) == 2


def test_where_nothing_can_be_written_the_message_says_what_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnwritable, match=r"nowhere/a\.db.*quyền ghi"):
        Database(tmp_path / "nowhere" / "a.db").row("SELECT 1")
    db = Database(tmp_path / "a.db")
    db.execute("CREATE TABLE t (a TEXT)")
    db.execute("PRAGMA query_only = ON")
    with pytest.raises(DatabaseUnwritable, match="chỉ đọc"), db.transaction():
        db.execute("INSERT INTO t VALUES ('một')")
    assert db.rows("SELECT * FROM t") == []
    db.close()
