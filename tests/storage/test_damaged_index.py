"""Damaged rows and the index: no paper waits for a damaged one; each is taken in when mended."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from config.vocabulary import Role
from storage import follower
from storage.archive import Archive, open_archive
from storage.corrections import Act
from storage.errors import DatabaseDamaged
from storage.fixity import check_archive
from storage.model import NewLink, Record
from storage.register import Dossier, RegisterBatch
from tests.storage.conftest import AT, NewRecordMaker
from tests.storage.test_follower import dossiers, file, findings, papers

NO_TEXT = b"\xffA"
PLACES = {
    "record": ("title", "number = 1"),
    "page": ("text", "record = 1"),
    "field": ("value", "record = 1 AND name = 'holder'"),
    "signature": ("signer", "record = 1"),
    "link": ("procedure_result_code", "record = 1"),
}


@pytest.fixture(autouse=True)
def look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "_LOOK_AGAIN_SECONDS", 0.0)


@pytest.mark.parametrize("table", PLACES)
def test_text_that_is_none_stops_no_other_paper_and_is_taken_in_once_it_is_mended(
    archive: Archive, new_record: NewRecordMaker, table: str
) -> None:
    column, where = PLACES[table]
    first = file(archive, new_record, 1, "một", "H1")
    (kept,) = archive.db.rows(f"SELECT {column} AS value FROM {table} WHERE {where}")  # noqa: S608  # our own names
    archive.db.execute(f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {where}", (NO_TEXT,))  # noqa: S608  # our own names
    second = file(archive, new_record, 2, "một", "H2")
    assert papers(archive, "một") == [second.id]
    assert (archive.index_lag(), archive.index_passed_over()) == (1, 1)
    third = file(archive, new_record, 3, "một", "H2")
    assert papers(archive, "một") == [third.id, second.id]
    assert (archive.index_lag(), archive.index_passed_over()) == (1, 1)
    archive.db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (kept["value"],))  # noqa: S608  # our own names
    archive.index_gathered(is_idle=True)
    assert papers(archive, "một") == [third.id, second.id, first.id]
    assert (archive.index_lag(), archive.index_passed_over()) == (0, 0)
    assert dossiers(archive, "H1") == ["H1"]
    assert findings(archive) == set()


def alter(archive: Archive, *statements: tuple[str, tuple[str, ...]]) -> None:
    """Write into records.db what only someone with the file in hand can."""
    with closing(sqlite3.connect(archive.root / "records.db", isolation_level=None)) as plain:
        plain.execute("PRAGMA writable_schema = ON")
        for statement, values in statements:
            assert plain.execute(statement, values).rowcount > 0


def call_bytes(archive: Archive, table: str, column: str) -> None:
    """Flip the bit by which the first row of a table says that what follows is text.

    The papers are to be indexed anew.
    """
    (made,) = archive.db.values("SELECT sql FROM sqlite_master WHERE name = ?", (table,))
    archive.close()
    schema = "UPDATE sqlite_master SET sql = ? WHERE name = ?"
    first = f"{column} = (SELECT {column} FROM {table} WHERE {column} <> '' LIMIT 1)"  # noqa: S608  # our own names
    flip = f"UPDATE {table} SET {column} = CAST({column} AS BLOB) WHERE {first}"  # noqa: S608  # our own names
    # What a schema says counts for whoever opens the file from then on.
    alter(archive, (schema, (made.replace("STRICT", ""), table)))
    changed = "INSERT INTO change (record) VALUES (1), (2)"
    alter(archive, (flip, ()), (schema, (made, table)), (changed, ()))


@pytest.mark.parametrize(
    "place", ["record.id", "record.title", "page.text", "link.dossier_code", "dossier.title"]
)
def test_text_that_is_called_bytes_stops_no_other_paper(
    archive: Archive, new_record: NewRecordMaker, place: str
) -> None:
    table, column = place.split(".")
    dossier = Dossier(code="H1-1", title="t", procedure_code="1.1", agency_code="H1")
    archive.register.load(RegisterBatch(dossiers=(dossier,)))
    first = file(archive, new_record, 1, "một", "H1-1")
    second = file(archive, new_record, 2, "hai", "H2")
    call_bytes(archive, table, column)
    with open_archive(archive.root) as again:
        assert papers(again, "hai") == [second.id]
        assert (again.index_lag(), again.index_passed_over()) == (1, 1)
        # What was indexed of it before can be taken out to make it anew.
        assert again.reindex() == 1
        assert papers(again, "hai") == [second.id]
        named = {finding.identifier for finding in check_archive(again).findings}
    # No digest is over a type, but SQLite's own check knows what a column may hold.
    assert named >= ({"records.db"} if table == "dossier" else {"records.db", first.id})


def test_a_paper_damaged_after_it_was_indexed_is_counted_when_it_changes(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    first = file(archive, new_record, 1, "một", "H1")
    assert papers(archive, "một") == [first.id]
    archive.db.execute("UPDATE record SET title = CAST(? AS TEXT)", (NO_TEXT,))
    archive.db.execute("INSERT INTO change (record) VALUES (1)")
    # It is found by what it said before.
    assert papers(archive, "một") == [first.id]
    assert (archive.index_lag(), archive.index_passed_over()) == (1, 1)
    archive.db.execute("UPDATE record SET title = 'Tờ khai mới'")
    assert archive.catch_up() == 1
    assert papers(archive, "khai mới") == [first.id]
    assert archive.index_lag() == 0


def test_many_that_cannot_be_read_are_looked_at_again_some_at_a_time_and_each_in_its_turn(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "_BATCH", 2)
    ids = [file(archive, new_record, n, "một", f"H{n}").id for n in range(1, 7)]
    archive.catch_up()
    archive.db.execute("UPDATE record SET title = CAST(? AS TEXT)", (NO_TEXT,))
    archive.reindex()
    assert archive.index_passed_over() == 6
    looked = list[int]()
    by_number = archive.records.by_number

    def look(number: int) -> Record | None:
        looked.append(number)
        return by_number(number)

    monkeypatch.setattr(archive.records, "by_number", look)
    for seen in ([1, 2], [3, 4], [5, 6], [1, 2]):
        archive.index_gathered(is_idle=True)
        assert looked == seen
        looked.clear()
    archive.db.execute("UPDATE record SET title = 'Tờ khai' WHERE number >= 4")
    archive.index_gathered(is_idle=True)
    assert archive.index_passed_over() == 5
    assert archive.catch_up() == 2
    assert papers(archive, "khai") == ids[:2:-1]


@pytest.mark.parametrize("is_opened", [False, True])
def test_a_paper_that_is_mended_into_another_text_makes_the_index_anew(
    archive: Archive, new_record: NewRecordMaker, is_opened: bool
) -> None:
    first = file(archive, new_record, 1, "một", "H1")
    archive.catch_up()
    archive.db.execute("UPDATE record SET title = CAST(? AS TEXT)", (NO_TEXT,))
    archive.db.execute("INSERT INTO change (record) VALUES (1)")
    archive.catch_up()
    assert archive.index_passed_over() == 1
    archive.db.execute("UPDATE record SET title = 'Tờ khai'")
    archive.db.execute("UPDATE page SET text = 'hai'")
    if is_opened:
        open_archive(archive.root).close()
    archive.index_gathered(is_idle=True)
    archive.index_gathered(is_idle=True)
    assert papers(archive, "hai") == [first.id]
    assert archive.index_lag() == 0
    assert findings(archive) == set()


def test_papers_of_a_dossier_whose_rows_are_damaged_wait_until_it_is_mended(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    dossier = Dossier(code="H1-1", title="t", procedure_code="1.1", agency_code="H1")
    archive.register.load(RegisterBatch(dossiers=(dossier,)))
    archive.db.execute("UPDATE dossier SET due_at = 'hôm nào'")
    first = file(archive, new_record, 1, "một", "H1-1")
    other = file(archive, new_record, 2, "một", "H2-1")
    assert papers(archive, "một") == [other.id]
    assert archive.index_passed_over() == 1
    archive.db.execute("UPDATE dossier SET due_at = NULL")
    archive.close()
    with open_archive(archive.root) as anew:
        assert papers(anew, "một") == [other.id, first.id]
        assert findings(anew) == set()


def test_a_paper_that_was_damaged_hides_no_change_of_its_dossier(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    file(archive, new_record, 1, "một", "H1")
    archive.catch_up()
    archive.db.execute("UPDATE field SET value = CAST(? AS TEXT) WHERE name = 'holder'", (NO_TEXT,))
    later = file(archive, new_record, 2, "hai", "H1")
    assert papers(archive, "hai") == [later.id]
    assert archive.index_passed_over() == 1
    archive.db.execute("UPDATE field SET value = 'LÊ THỊ THỬ NGHIỆM' WHERE name = 'holder'")
    archive.catch_up()
    assert dossiers(archive, "lê thị thử nghiệm") == ["H1"]
    assert archive.index_passed_over() == 0


def test_the_id_of_the_last_paper_followed_may_be_damaged(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    file(archive, new_record, 1, "một", "H1")
    archive.catch_up()
    archive.db.execute("UPDATE record SET id = CAST(? AS TEXT)", (NO_TEXT,))
    second = file(archive, new_record, 2, "hai", "H1")
    # That may as well be an index of another archive: it is made anew.
    assert archive.catch_up() == 2
    assert papers(archive, "hai") == [second.id]
    assert archive.index_passed_over() == 1


def test_a_search_leaves_an_index_standing_that_is_to_be_made_anew_and_who_is_idle_makes_it(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "_BATCH", 2)
    monkeypatch.setattr(follower, "_BACK_OFF_SECONDS", 0.0)
    filed = [file(archive, new_record, n, "một", "H1") for n in range(1, 6)]
    archive.catch_up()
    archive.db.execute("UPDATE page SET text = 'khác' WHERE record = 1")
    with open_archive(archive.root) as other:
        archive.db.execute("INSERT INTO change (record) VALUES (1)")
        assert len(papers(other, "một")) == 5
        assert other.index_lag() == 1
        for _ in range(10):
            other.index_gathered(is_idle=True)
        assert other.index_lag() == 0
        assert len(papers(other, "một")) == 4
        assert papers(other, "khác") == [filed[0].id]
        assert findings(other) == set()


def test_who_is_idle_does_not_wait_for_who_keeps_the_index(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "_HURRIED_SECONDS", 0.01)
    monkeypatch.setattr(follower, "_BACK_OFF_SECONDS", 1000.0)
    file(archive, new_record, 1, "một", "H1")
    archive.catch_up()
    with closing(sqlite3.connect(archive.root / "search.db", isolation_level=None)) as keeper:
        keeper.execute("BEGIN IMMEDIATE")
        archive.db.execute("INSERT INTO change (record) VALUES (1)")
        archive.index_gathered(is_idle=True)
        archive.index_gathered(is_idle=True)
    assert archive.index_lag() == 1
    assert archive.catch_up() == 1
    assert archive.index_lag() == 0


def test_two_changes_of_a_paper_are_one_paper_behind(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = file(archive, new_record, 1, "một", "H1")
    archive.catch_up()
    monkeypatch.setattr(follower, "_BATCH", 0)
    for code in ("H2", "H3"):
        archive.db.execute("INSERT INTO change (record) VALUES (?)", (record.number,))
        archive.db.execute(
            "INSERT INTO link (record, dossier_code, role, ordinal) VALUES (1, ?, ?, 1)",
            (code, Role.COMPONENT.value),
        )
    assert archive.index_lag() == 1


def test_the_error_of_a_damaged_row_names_the_paper_and_nothing_of_its_text(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    record = file(archive, new_record, 1, "một", "H1")
    archive.db.execute("UPDATE record SET title = CAST(x'5472e1baa76eff' AS TEXT)")
    with pytest.raises(DatabaseDamaged, match=record.id) as caught:
        archive.records.get(record.id)
    assert "Tr" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    link = NewLink(dossier_code="H2", role=Role.COMPONENT)
    with pytest.raises(DatabaseDamaged, match="hoso fixity"):
        archive.link(record.id, link, actor="desk", at=AT)


def test_a_correction_beside_a_damaged_paper_is_found(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    file(archive, new_record, 1, "một", "H1")
    second = file(archive, new_record, 2, "hai", "H1")
    archive.db.execute("UPDATE record SET notes = '{' WHERE number = 1")
    archive.revise(replace(second, title="Sổ hộ khẩu"), Act.CORRECT, actor="desk", at=AT)
    assert papers(archive, "hộ khẩu") == [second.id]
