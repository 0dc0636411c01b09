"""One damaged row: whoever asks for it is told, and every list shows the others and names it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.vocabulary import EventType, Role
from storage.archive import Archive
from storage.damaged_rows import Garbled, read_each
from storage.database import Database
from storage.errors import RowDamaged
from storage.found_papers import found_papers
from storage.missing import dossiers_without_result, results_without_dossier
from storage.model import NewEvent, NewLink
from storage.proof_ends import count_proof_ends, list_proof_ends
from storage.register import Dossier, Procedure, ProcedureResult, RegisterBatch
from storage.reports import Period, Scope, count_dossiers
from storage.submissions import NewSubmission, Reason, SubmissionState
from tests.storage.conftest import AT, DOSSIER, NewRecordMaker
from tests.storage.test_events import tamper

LINK = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
NO_TEXT = b"\xffA"
DAY = date(2026, 10, 8)
DAY_LONG = timedelta(days=1)


def spoil(archive: Archive, place: str, where: str, value: object = NO_TEXT) -> None:
    """Write what nobody wrote into a column: text that is none, or a word that nobody knows."""
    table, _, column = place.partition(".")
    archive.db.execute("PRAGMA ignore_check_constraints = ON")
    tamper(
        archive,
        f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {where}",  # noqa: S608  # our own names
        (value,),
    )


def test_text_that_is_none_is_an_error_of_its_own_and_can_be_salvaged(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("CREATE TABLE t (n INTEGER, a TEXT)")
        plain.execute("INSERT INTO t VALUES (1, 'một'), (2, CAST(x'42ff' AS TEXT))")
        plain.commit()
    db = Database(path)
    with pytest.raises(RowDamaged, match=r"a\.db"):
        db.rows("SELECT * FROM t")
    rows = db.salvaged("SELECT * FROM t ORDER BY n")
    assert [row["a"] for row in rows] == ["một", "B\N{REPLACEMENT CHARACTER}"]
    assert [isinstance(row["a"], Garbled) for row in rows] == [False, True]
    # What is asked next is read as before.
    with pytest.raises(RowDamaged):
        db.rows("SELECT * FROM t")
    assert db.row("SELECT a FROM t WHERE n = 1") == {"a": "một"}
    db.close()


def test_whoever_met_a_damaged_row_reads_what_is_new_and_can_write(tmp_path: Path) -> None:
    path, kept = tmp_path / "a.db", list[RowDamaged]()
    with closing(Database(path)) as db, closing(Database(path)) as other:
        db.execute("CREATE TABLE t (name TEXT) STRICT")
        db.execute("INSERT INTO t VALUES (CAST(x'ff41' AS TEXT)), ('B')")
        for ask in (
            db.row,
            db.rows,
            lambda sql: list(db.iterate(sql)),
            lambda sql: [*db.values(sql)],
        ):
            try:
                ask("SELECT name FROM t")
            except RowDamaged as error:
                kept.append(error)
            other.execute("INSERT INTO t VALUES ('C')")
            assert db.rows("SELECT count(*) AS n FROM t") == [{"n": 2 + len(kept)}]
            with db.transaction():
                db.execute("UPDATE t SET name = name")
    assert len(kept) == 4


def test_what_no_garbled_value_raises_is_no_damage() -> None:
    def refuse(_key: int) -> None:
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError):
        read_each(refuse, [1])


@pytest.mark.parametrize(
    ("place", "where", "value"),
    [
        ("record.title", "number = 2", NO_TEXT),
        ("record.filed_at", "number = 2", "hôm qua"),
        ("record.id", "number = 2", NO_TEXT),
        ("link.role", "record = 2", "vai"),
        ("link.dossier_code", "record = 2", NO_TEXT),
        ("page.text", "record = 2", NO_TEXT),
    ],
)
def test_a_list_of_papers_names_the_damaged_one_and_shows_the_others(
    archive: Archive, new_record: NewRecordMaker, place: str, where: str, value: object
) -> None:
    ids = [archive.file(new_record(n), LINK, actor="", at=AT).id for n in (1, 2, 3)]
    archive.facets.count([1, 2, 3])
    spoil(archive, place, where, value)
    archive.db.execute("INSERT INTO change (record) VALUES (2)")
    found = found_papers(archive.db, {key: {1} for key in ids})
    assert list(found.whole) == [ids[0], ids[2]]
    assert found.damaged == (ids[1],)
    facets = archive.facets.count([1, 2, 3])
    assert facets.of == 3
    assert facets.year[0].value == "2026"
    assert facets.year[0].count >= 2


def test_papers_that_were_destroyed_are_no_damaged_ones(archive: Archive) -> None:
    archive.db.execute("PRAGMA foreign_keys = OFF")
    columns = archive.db.rows("SELECT name, type FROM pragma_table_info('destroyed_record')")
    values = {item["name"]: 0 if item["type"] == "INTEGER" else "x" for item in columns}
    values["record_id"] = "gone"
    marks = ", ".join(f":{name}" for name in values)
    archive.db.execute("PRAGMA ignore_check_constraints = ON")
    archive.db.execute(f"INSERT INTO destroyed_record VALUES ({marks})", values)  # noqa: S608  # our own names
    assert found_papers(archive.db, {"gone": {1}, "lost": {1}}).damaged == ("lost",)


def test_a_dossier_shows_the_papers_that_can_be_read_and_a_package_refuses_it(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    first, second = (archive.file(new_record(n), LINK, actor="", at=AT) for n in (1, 2))
    spoil(archive, "field.value", "record = 1 AND name = 'holder'")
    whole, damaged = archive.records.readable_of_dossier(DOSSIER)
    assert ([record.id for record in whole], damaged) == ([second.id], [first.id])
    assert [record.id for record in archive.records.newest(9)] == [second.id]
    with pytest.raises(RowDamaged, match=first.id):
        archive.records.of_dossier(DOSSIER)
    with pytest.raises(RowDamaged, match=first.id):
        archive.records.by_original(first.original.sha256)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", "{"),
        ("body", NO_TEXT),
        ("body", "{}"),
        ("type", "việc"),
        ("type", NO_TEXT),
        ("at", "hôm qua"),
        ("outcome", NO_TEXT),
    ],
)
def test_lists_of_events_name_the_damaged_one_and_show_the_others(
    archive: Archive, column: str, value: object
) -> None:
    told = [
        NewEvent(type=EventType.VIEW, object="a", actor="ai", at=AT, outcome=str(n))
        for n in range(4)
    ]
    archive.events.append(*told)
    spoil(archive, f"event.{column}", "seq = 2", value)
    lists = (
        archive.events.between(1, 4),
        archive.events.about("a"),
        archive.events.newest_about(("a",), 9),
    )
    for found in lists:
        assert sorted(event.seq for event in found.events) == [1, 3, 4]
        assert found.damaged == (2,)
        assert found.numbers == [1, 2, 3, 4]
    few = [event.seq for event in archive.events.newest_few(EventType.VIEW, "a", 9)]
    assert few == [4, 3, 1]
    with pytest.raises(RowDamaged):
        archive.events.events("a")


@pytest.mark.parametrize(
    ("column", "value"), [("received_at", "x"), ("reason_vi", NO_TEXT), ("state", "đâu đó")]
)
def test_a_damaged_submission_stops_no_list_of_what_waits(
    archive: Archive,
    submission: Callable[[str], NewSubmission],
    column: str,
    value: object,
) -> None:
    reason = Reason(code="x", vi="Vì sao", en="why")
    for name in ("nộp-1", "nộp-2", "nộp-3"):
        archive.ledger.claim(submission(name), "máy")
        archive.ledger.move(name, SubmissionState.TO_CONFIRM, reason=reason, at=AT)
    spoil(archive, f"submission.{column}", "id = 'nộp-2'", value)
    waiting = archive.ledger.in_state(SubmissionState.TO_CONFIRM)
    assert [item.id for item in waiting] == ["nộp-1", "nộp-3"]
    in_no_state = archive.ledger.in_no_state()
    damaged = archive.ledger.damaged_in(SubmissionState.TO_CONFIRM)
    assert [*damaged, *in_no_state] == ["nộp-2"]
    assert archive.ledger.counts().to_confirm == (2 if in_no_state else 3)
    with pytest.raises(RowDamaged, match="nộp-2"):
        archive.ledger.get("nộp-2")
    with pytest.raises(RowDamaged, match="nộp-2"):
        archive.ledger.by_tray_path(submission("nộp-2").tray_path)
    size = submission("nộp-1").size_bytes
    assert len(archive.ledger.of_size(size, SubmissionState.TO_CONFIRM)) == 2


@pytest.mark.parametrize("value", [NO_TEXT, "", "0"])
def test_the_oldest_error_is_told_of_those_that_can_be_read(
    archive: Archive, submission: Callable[[str], NewSubmission], value: object
) -> None:
    for day, name in enumerate(("nộp-1", "nộp-2")):
        archive.ledger.claim(submission(name), "máy")
        archive.ledger.move(name, SubmissionState.IN_ERROR, at=AT + day * DAY_LONG)
    assert archive.ledger.oldest_error() == AT
    spoil(archive, "submission.updated_at", "id = 'nộp-1'", value)
    assert archive.ledger.oldest_error() == AT + DAY_LONG
    spoil(archive, "submission.updated_at", "id = 'nộp-2'", value)
    assert archive.ledger.oldest_error() is None


def test_what_the_engine_asks_every_day_is_answered_beside_damaged_rows(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    archive.file(new_record(1), LINK, actor="", at=AT)
    archive.file(new_record(2), LINK, actor="", at=AT + DAY_LONG)
    spoil(archive, "event.type", "seq = 1", "việc")
    assert archive.events.count_between(AT, AT + 2 * DAY_LONG) == {EventType.INGESTION: 1}
    spoil(archive, "event.at", "seq = 2", "hôm qua")
    assert archive.events.last_time() == AT
    spoil(archive, "event.at", "seq = 1")
    assert archive.events.last_time() is None
    numbers = [archive.requests.ask("review", {"n": n}, "ai", AT) for n in range(3)]
    spoil(archive, "request.body", f"id = {numbers[1]}", "{")
    pending = archive.requests.pending("review")
    assert [asked.id for asked in pending] == [numbers[0], numbers[2]]
    assert archive.requests.damaged() == [numbers[1]]
    # Where nobody knows what a row names, nothing is taken for unnamed.
    spoil(archive, "record.notes", "number = 1", "{")
    with pytest.raises(RowDamaged):
        archive.referenced_objects()


def settled(code: str) -> Dossier:
    return Dossier(
        code=code,
        title=f"hồ sơ {code}",
        procedure_code="1.1",
        agency_code="H1",
        received_at=DAY,
        settled_at=DAY,
    )


def test_what_the_register_lacks_and_reports_is_told_beside_a_damaged_row(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    procedure = Procedure(code="1.1", title="t")
    batch = RegisterBatch(procedures=(procedure,), dossiers=(settled("H1-1"), settled("H1-2")))
    archive.register.load(batch)
    lone = NewLink(dossier_code="H9-1", role=Role.RESULT)
    records = [archive.file(new_record(n), lone, actor="", at=AT) for n in (1, 2)]
    spoil(archive, "dossier.title", "code = 'H1-1'")
    spoil(archive, "record.title", "number = 1")
    spoil(archive, "procedure.components", "code = '1.1'", "[")
    whole, damaged = dossiers_without_result(archive.db, (), 9)
    assert ([item.code for item in whole], damaged) == (["H1-2"], ("H1-1",))
    without, unread = results_without_dossier(archive.db, (), 9)
    assert ([item.record_id for item in without], unread) == ([records[1].id], (records[0].id,))
    found, late = archive.handovers.due(12, date(2030, 1, 1))
    assert (found, late) == ([], [])
    # A damaged list of components is none.
    (counted,) = count_dossiers(archive.db, Scope(period=Period(begins=DAY, ends=DAY)))
    assert (counted.received.received, counted.received.procedure_unknown) == (2, 2)
    assert archive.results.count_incomplete() == 0


def test_the_agency_of_a_dossier_is_known_whatever_else_of_it_is_damaged(archive: Archive) -> None:
    result = ProcedureResult(dossier_code="H1-1", ordinal=1, class_code="X", issue_date=DAY)
    archive.register.load(RegisterBatch(dossiers=(settled("H1-1"),), results=(result,)))
    spoil(archive, "dossier.received_at", "true", "hôm qua")
    spoil(archive, "procedure_result.issue_date", "true", "hôm qua")
    with pytest.raises(RowDamaged, match="dossier H1-1"):
        archive.register.dossier("H1-1")
    with pytest.raises(RowDamaged, match="H1-1"):
        archive.register.results("H1-1")
    assert archive.register.agency_of("H1-1") == "H1"
    assert archive.register.agency_of("H1-2") is None


def test_an_end_of_proof_that_is_damaged_counts_as_not_known(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    for n in (1, 2):
        archive.file(new_record(n), LINK, actor="", at=AT)
    archive.db.execute("UPDATE signature SET proven_until = '2030-01-01T00:00:00.000000Z'")
    for value in ("khi nào", NO_TEXT):
        spoil(archive, "signature.proven_until", "record = 1", value)
        archive.db.execute("INSERT INTO change (record) VALUES (1)")
        ends = count_proof_ends(archive, (), ())
        assert (ends.later, ends.unknown) == (((2030, 1),), 1)
        first = datetime(1, 1, 1, tzinfo=UTC)
        assert [paper.number for paper in list_proof_ends(archive.db, (), (first, 0), 9)] == [2]
