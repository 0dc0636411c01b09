"""Papers that are filed wait for the index a little, and are found all the same."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlite_utils import Database as Tables

from config.vocabulary import Role
from storage import follower, index_check
from storage.archive import Archive, open_archive
from storage.fixity import check_archive
from storage.model import NewLink
from storage.search import SearchIndex
from tests.storage.conftest import AT, NewRecordMaker
from tests.storage.disposing import make_office, record_id
from tests.storage.test_follower import dossiers, file, findings, papers


def indexed(archive: Archive) -> int:
    """How many papers the file of the index holds, asked past everything that catches up."""
    with closing(sqlite3.connect(archive.root / "search.db")) as index:
        (count,) = index.execute("SELECT count(*) FROM entry").fetchone()
    return int(count)


def test_papers_gather_until_they_are_worth_a_transaction_of_the_index(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "GATHERED_PAGES", 3)
    file(archive, new_record, 1, "một", "H1")
    file(archive, new_record, 2, "hai", "H1")
    assert indexed(archive) == 0
    file(archive, new_record, 3, "ba", "H1")
    assert indexed(archive) == 3
    assert findings(archive) == set()


def test_papers_that_waited_are_indexed_by_whoever_files_next_or_has_nothing_else_to_do(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "WORTH_PAGES", 2)
    file(archive, new_record, 1, "một", "H1")
    archive.index_gathered(is_idle=False)
    assert indexed(archive) == 0
    archive.index_gathered(is_idle=True)
    assert indexed(archive) == 1
    archive.index_gathered(is_idle=True)
    monkeypatch.setattr(follower, "GATHERED_SECONDS", 0.0)
    file(archive, new_record, 2, "hai", "H1")
    assert indexed(archive) == 2


def test_one_who_looks_after_the_index_takes_papers_while_others_go_on_filing(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "WORTH_PAGES", 2)
    done = threading.Event()

    def look_after() -> None:
        while not done.wait(0.001):
            archive.index_gathered(is_idle=False)

    keeper = threading.Thread(target=look_after)
    keeper.start()
    try:
        for n in range(1, 11):
            file(archive, new_record, n, "một", "H1")
            assert len(papers(archive, "một")) == n
    finally:
        done.set()
        keeper.join()
    archive.index_gathered(is_idle=True)
    assert indexed(archive) == 10
    assert findings(archive) == set()


def test_every_search_finds_what_was_filed_before_it_whoever_filed(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    with open_archive(archive.root) as other:
        first = file(archive, new_record, 1, "một", "H1")
        assert indexed(archive) == 0
        assert papers(other, "một") == [first.id]
        second = file(archive, new_record, 2, "một", "H1")
        assert dossiers(archive, "H1") == ["H1"]
        assert papers(archive, "một") == [second.id, first.id]
        assert (archive.index_lag(), other.index_lag()) == (0, 0)


def test_an_archive_that_is_closed_leaves_no_paper_out_of_its_index(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    file(archive, new_record, 1, "một", "H1")
    archive.close()
    assert indexed(archive) == 1


def test_a_search_does_not_wait_for_who_keeps_the_index_and_tells_what_it_lacks(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "_HURRIED_SECONDS", 0.01)
    monkeypatch.setattr(follower, "_BACK_OFF_SECONDS", 1000.0)
    first = file(archive, new_record, 1, "một", "H1")
    assert papers(archive, "một") == [first.id]
    with closing(sqlite3.connect(archive.root / "search.db", isolation_level=None)) as keeper:
        keeper.execute("BEGIN IMMEDIATE")
        second = file(archive, new_record, 2, "một", "H1")
        assert papers(archive, "một") == [first.id]
        assert archive.index_lag() == 1
    # Whoever must be answered in full waits as long as it takes.
    assert archive.catch_up() == 1
    assert papers(archive, "một") == [second.id, first.id]
    assert archive.index_lag() == 0


def test_a_search_does_not_make_an_index_anew(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "_BATCH", 2)
    for n in range(1, 4):
        file(archive, new_record, n, "một", "H1")
    assert papers(archive, "một") == []
    assert archive.index_lag() == 3
    assert archive.catch_up() == 3
    assert len(papers(archive, "một")) == 3
    # The index of another archive: whoever opens it, or files, makes it anew.
    archive.index_db.execute("UPDATE watermark SET record = 'khác'")
    file(archive, new_record, 4, "một", "H1")
    assert len(papers(archive, "một")) == 3
    assert archive.index_lag() == 1
    assert archive.catch_up() == 4
    assert len(papers(archive, "một")) == 4


@pytest.mark.parametrize("moment", ["indexed", "fingerprints", "is_sound", "stale_dossiers"])
def test_what_is_filed_while_the_index_is_checked_is_no_fault_of_it(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    file(archive, new_record, 1, "một", "H1")
    later = iter([2])
    plain = getattr(SearchIndex, moment)

    def filing(*asked: object) -> object:
        for n in later:
            file(archive, new_record, n, "hai", "H1")
        return plain(*asked)

    monkeypatch.setattr(SearchIndex, moment, filing)
    assert findings(archive) == set()
    assert archive.records.count() == 2


@pytest.mark.parametrize("moment", ["indexed", "fingerprints"])
@pytest.mark.parametrize("act", ["placed", "destroyed"])
def test_what_changes_while_the_index_is_checked_is_no_fault_of_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, moment: str, act: str
) -> None:
    office = make_office(archive)
    place = NewLink(dossier_code="H2", role=Role.COMPONENT)
    acts: dict[str, Callable[[], object]] = {
        "placed": lambda: archive.link(record_id(1), place, actor="desk", at=AT),
        "destroyed": lambda: office.destroy(record_id(1)),
    }
    later = iter([acts[act]])
    plain = getattr(SearchIndex, moment)

    def changing(*asked: object) -> object:
        found = plain(*asked)
        for change in later:
            change()
        return found

    monkeypatch.setattr(SearchIndex, moment, changing)
    assert findings(archive) == set()
    assert not list(later)
    assert dossiers(archive, "H2") == (["H2"] if act == "placed" else [])


def test_what_is_indexed_while_its_sizes_are_summed_up_is_no_fault_of_the_index(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(archive, new_record, 1, "một", "H1")
    later = iter([2])
    plain = index_check._told_totals

    with open_archive(archive.root) as other:

        def filing(tables: Tables, index: str) -> list[int]:
            told = plain(tables, index)
            for n in later:
                file(other, new_record, n, "hai", "H1")
                assert other.catch_up() == 1
            return told

        monkeypatch.setattr(index_check, "_told_totals", filing)
        assert archive.search.is_sound()
    assert not list(later)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE record SET warnings = '{' WHERE number = 1",
        "UPDATE record SET filed_at = 'x' WHERE number = 1",
        "UPDATE link SET role = 'x' WHERE record = 1",
        "UPDATE field SET box = '[' WHERE record = 1",
    ],
)
def test_a_damaged_row_keeps_no_other_paper_from_being_found(
    archive: Archive, new_record: NewRecordMaker, damage: str
) -> None:
    first = file(archive, new_record, 1, "một", "H1")
    second = file(archive, new_record, 2, "một", "H1")
    archive.db.execute("PRAGMA ignore_check_constraints = ON")
    archive.db.execute(damage)
    assert papers(archive, "một") == [second.id]
    assert archive.index_lag() == 1
    archive.close()
    (archive.root / "search.db").unlink()
    with open_archive(archive.root) as anew:
        assert papers(anew, "một") == [second.id]
        assert anew.index_lag() == 1
        assert [finding.identifier for finding in check_archive(anew).findings] == [first.id]
