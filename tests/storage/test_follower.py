from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from config.vocabulary import Role
from storage import database
from storage.archive import Archive, open_archive
from storage.corrections import Act
from storage.errors import DatabaseBusy
from storage.index_fixity import check_index
from storage.model import Finding, Link, NewLink, Record
from storage.register import Dossier, RegisterBatch
from storage.search import Filters, SearchRequest
from tests.storage.conftest import AT, NewRecordMaker


def file(archive: Archive, make: NewRecordMaker, number: int, text: str, code: str) -> Record:
    link = NewLink(dossier_code=code, role=Role.COMPONENT)
    return archive.file(make(number, text), link, actor="desk", at=AT)


def papers(archive: Archive, query: str) -> list[str]:
    page = archive.search.search(SearchRequest(query=query))
    return [hit.record_id for hit in page.records]


def dossiers(archive: Archive, query: str) -> list[str]:
    page = archive.search.search(SearchRequest(query=query, kind="dossiers"))
    return [hit.code for hit in page.dossiers]


def findings(archive: Archive) -> set[str]:
    found: list[Finding] = []
    check_index(archive, found)
    return {finding.identifier for finding in found}


def test_a_name_with_the_sign_that_parts_an_entry_is_taken_out_whole(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    first = Dossier(
        code="H1-261001-0001", title="kín\x1dhở", procedure_code="1.1", agency_code="H1"
    )
    archive.register.load(RegisterBatch(dossiers=(first,)))
    file(archive, new_record, 1, "giấy", first.code)
    assert dossiers(archive, "hở") == [first.code]
    assert findings(archive) == set()
    archive.register.load(RegisterBatch(dossiers=(replace(first, title="khác"),)))
    archive.catch_up()
    assert (dossiers(archive, "khác"), dossiers(archive, "hở")) == ([first.code], [])
    assert archive.search.is_sound()


def test_a_dossier_is_found_by_what_the_register_says_later(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    file(archive, new_record, 1, "giấy", "H1-261001-0001")
    assert dossiers(archive, "phạm văn kiên") == []
    dossier = Dossier(
        code="H1-261001-0001",
        title="t",
        procedure_code="1.1",
        agency_code="H1",
        applicant="PHẠM VĂN KIÊN",
    )
    archive.register.load(RegisterBatch(dossiers=(dossier,)))
    archive.catch_up()
    assert dossiers(archive, "phạm văn kiên") == ["H1-261001-0001"]
    assert len(papers(archive, "phạm văn kiên")) == 1
    assert findings(archive) == set()


def test_a_paper_that_leaves_a_dossier_leaves_its_entry_too(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    record = file(archive, new_record, 1, "giấy", "H1-261001-0001")
    assert dossiers(archive, "trần thị thử nghiệm") == ["H1-261001-0001"]
    moved = replace(record, links=(replace(record.links[0], dossier_code="H1-261001-0002"),))
    archive.revise(moved, Act.CORRECT, actor="desk", at=AT)
    assert dossiers(archive, "trần thị thử nghiệm") == ["H1-261001-0002"]
    assert dossiers(archive, "") == ["H1-261001-0002"]
    assert findings(archive) == set()


def test_an_index_that_saw_other_changes_is_made_anew(
    archive: Archive, new_record: NewRecordMaker, tmp_path: Path
) -> None:
    file(archive, new_record, 1, "một", "H1")
    archive.close()
    shutil.copytree(archive.root, tmp_path / "before")
    with open_archive(archive.root) as lost:
        file(lost, new_record, 2, "mất", "H1")
    # records.db comes back from a copy, then goes on: as many changes as the index has seen.
    for name in ("records.db", "records.db-wal", "records.db-shm"):
        (archive.root / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "before" / "records.db", archive.root / "records.db")
    with open_archive(archive.root) as restored:
        kept = file(restored, new_record, 3, "khác", "H1")
        assert (papers(restored, "mất"), papers(restored, "khác")) == ([], [kept.id])
        assert restored.index_lag() == 0
        assert findings(restored) == set()


def test_texts_changed_behind_the_index_make_it_anew_and_are_found_no_more(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    first = file(archive, new_record, 1, "một", "H1")
    file(archive, new_record, 2, "hai", "H1")
    archive.catch_up()
    archive.db.execute("UPDATE page SET text = 'ba' WHERE record = 1")
    archive.link(first.id, NewLink(dossier_code="H2", role=Role.COMPONENT), actor="desk", at=AT)
    assert (papers(archive, "một"), papers(archive, "ba")) == ([], [first.id])
    assert archive.search.is_sound()
    assert findings(archive) == set()


def test_a_record_whose_texts_are_gone_is_hidden_until_the_index_is_made_anew(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    record = file(archive, new_record, 1, "một", "H1")
    other = file(archive, new_record, 2, "một hai", "H1")
    archive.catch_up()
    archive.db.execute("DELETE FROM page WHERE record = 1")
    assert archive.search.remove(record.id) is False
    assert papers(archive, "một") == [other.id]
    assert not archive.search.is_sound()
    archive.reindex()
    assert archive.search.is_sound()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE dossier SET packed = x'00'",
        "UPDATE dossier SET code = 'H9'",
        "INSERT INTO dossier_fts (dossier_fts, rowid, words) VALUES ('delete', 1, 'h1')",
    ],
)
def test_a_changed_entry_of_a_dossier_is_named(
    archive: Archive, new_record: NewRecordMaker, sql: str
) -> None:
    file(archive, new_record, 1, "một", "H1")
    assert findings(archive) == set()
    archive.index_db.execute(sql)
    code = "H9" if "H9" in sql else "H1"
    assert code in findings(archive)
    archive.reindex()
    assert findings(archive) == set()


def test_reindexing_finds_the_same_while_another_has_the_index_open(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    record = file(archive, new_record, 1, "một", "H1")
    with open_archive(archive.root) as other:
        assert papers(other, "một") == [record.id]
        assert archive.reindex() == 1
        assert papers(other, "một") == [record.id]
        later = file(other, new_record, 2, "một", "H1")
    assert papers(archive, "một") == [later.id, record.id]


def test_a_link_to_a_dossier_of_another_agency_gives_that_agency_no_other_dossier(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    record = file(archive, new_record, 1, "một", "H1-1")
    archive.link(record.id, NewLink(dossier_code="H2-1", role=Role.COMPONENT), actor="d", at=AT)
    request = SearchRequest(kind="dossiers", filters=Filters(agency=("H2",)))
    assert [hit.code for hit in archive.search.search(request).dossiers] == ["H2-1"]
    both = archive.records.get(record.id)
    assert [type(link) for link in both.links] == [Link, Link]


def test_an_index_that_lost_a_paper_says_that_it_is_behind(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    file(archive, new_record, 1, "một", "H1")
    file(archive, new_record, 2, "hai", "H1")
    assert archive.index_lag() == 0
    archive.index_db.execute("DELETE FROM entry WHERE record = 1")
    assert archive.index_lag() == 1
    archive.reindex()
    assert archive.index_lag() == 0


def test_an_index_that_another_program_writes_is_not_taken_from_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive.root / "search.db"
    before = path.stat().st_ino
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    archive.index_db.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            archive.reindex()
    assert path.stat().st_ino == before
