from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from config.vocabulary import EventType, Role
from storage.archive import Archive, open_archive
from storage.errors import DatabaseDamaged, ObjectMissing, RecordNotFound
from storage.fixity import check_archive
from storage.follower import GATHERED_PAGES
from storage.model import NewLink, ObjectRef
from storage.search import SearchRequest
from tests.storage.conftest import AT, DOSSIER, NewRecordMaker

ROOT = Path(__file__).resolve().parents[2]

# Files one record after the other and says which are committed; dies where it is told to.
FILING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from config.vocabulary import Role
from storage.archive import open_archive
from storage.model import NewLink, NewRecord, ObjectRef, PageText

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

with open_archive(Path(sys.argv[1])) as archive:
    if sys.argv[2] == "before commit":
        archive.events.append = die
    if sys.argv[2] == "before index":
        archive._follower.catch_up = die
    for n in range(1, 10_000):
        stored = archive.objects.add_bytes(f"tep {n}".encode())
        ref = ObjectRef(
            sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes
        )
        record = archive.file(
            NewRecord(
                id=f"r{n}", submission_id=f"s{n}", paper=1, class_code="GKS", class_name="",
                title="", original=ref, original_name="x", original_media_type="image/tiff",
                pdf=ref, pages=(PageText(number=1, text=f"trang {n}"),), page_count=1,
                verdict="TOTAL-PASSED", rule_set="1", classes_version="1",
            ),
            NewLink(dossier_code="H1", role=Role.COMPONENT),
            actor="desk",
            at=datetime(2026, 11, 21, tzinfo=UTC),
        )
        print(record.id, flush=True)
"""


def start_filing(root: Path, death: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FILING, str(root), death],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def found(archive: Archive, query: str = "") -> list[str]:
    page = archive.search.search(SearchRequest(query=query, limit=1000))
    return [hit.record_id for hit in page.records]


def test_an_archive_makes_its_folders(tmp_path: Path) -> None:
    with open_archive(tmp_path / "a" / "archive") as archive:
        assert found(archive) == []
    names = sorted(path.name for path in (tmp_path / "a" / "archive").iterdir())
    assert names == ["anchors", "heads", "objects", "records.db", "search.db", "staging"]


def test_a_paper_is_filed_exactly_once(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    first = archive.file(new_record(1), link, actor="desk", at=AT)
    again = archive.file(new_record(1, id="another id"), link, actor="desk", at=AT)
    assert again == first
    assert archive.records.count() == 1
    assert len(archive.events.events(first.id)) == 1
    assert len(found(archive)) == 1


def test_the_ingestion_event_carries_the_digest_and_no_personal_data(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    record = archive.file(new_record(1), link, actor="desk", at=AT)
    (event,) = archive.events.events(record.id)
    assert (event.type, event.actor, event.at) == (EventType.INGESTION, "desk", AT)
    assert event.detail["record_sha256"] == archive.records.digest(record)
    assert event.detail["original_sha256"] == record.original.sha256
    for private in ("TRẦN THỊ", "quét 1.tif", "Trang thử nghiệm", "Giấy khai sinh 1"):
        assert private not in str(event.detail)


def test_a_record_without_its_file_is_refused(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    missing = ObjectRef(sha256="0" * 64, sha512="0" * 128, size_bytes=1)
    for part in ("original", "pdf"):
        with pytest.raises(ObjectMissing):
            archive.file(new_record(1, **{part: missing}), link, actor="desk", at=AT)
    assert archive.records.count() == 0
    assert archive.events.size() == 0


def test_papers_of_a_dossier_are_numbered_in_turn(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    other = NewLink(dossier_code="H1", role=Role.RESULT, procedure_result_code="H1-KQ(1)")
    links = [link, other, link, link, other]
    filed = [
        archive.file(new_record(n), place, actor="desk", at=AT).links[0]
        for n, place in enumerate(links, start=1)
    ]
    assert [place.ordinal for place in filed] == [1, 1, 2, 3, 2]
    assert filed[1].procedure_result_code == "H1-KQ(1)"


def test_the_same_paper_has_its_place_in_each_dossier_once(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    archive.file(new_record(1), replace(link, dossier_code="H1"), actor="desk", at=AT)
    record = archive.file(new_record(2), link, actor="desk", at=AT)
    other = NewLink(dossier_code="H1", role=Role.RESULT)
    linked = archive.link(record.id, other, actor="officer", at=AT)
    assert archive.link(record.id, other, actor="officer", at=AT) == linked
    places = [(place.dossier_code, place.role, place.ordinal) for place in linked.links]
    assert places == [(DOSSIER, Role.COMPONENT, 1), ("H1", Role.RESULT, 2)]
    events = archive.events.events(record.id)
    assert [event.type for event in events] == [
        EventType.INGESTION,
        EventType.METADATA_MODIFICATION,
    ]
    assert events[-1].detail["record_sha256"] == archive.records.digest(linked)
    assert record.id in found(archive, "H1")
    assert check_archive(archive).findings == ()


def test_an_unknown_record_cannot_be_linked(archive: Archive, link: NewLink) -> None:
    with pytest.raises(RecordNotFound):
        archive.link("không-có", link, actor="desk", at=AT)


def test_two_threads_file_without_loss_or_repetition(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    papers = [new_record(n) for n in range(1, 21)]

    def file_all(order: int) -> None:
        for new in papers[::order]:
            archive.file(new, link, actor="desk", at=AT)

    threads = [threading.Thread(target=file_all, args=(order,)) for order in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ordinals = [record.links[0].ordinal for record in archive.records.of_dossier(DOSSIER)]
    assert ordinals == list(range(1, 21))
    assert archive.events.size() == 20
    assert archive.index_lag() == 0
    assert check_archive(archive).findings == ()


def test_the_index_follows_commits_and_never_what_was_rolled_back(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    def file_in_vain() -> None:
        with archive.db.transaction():
            archive.file(new_record(1), link, actor="desk", at=AT)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        file_in_vain()
    assert found(archive) == []
    with archive.db.transaction():
        record = archive.file(new_record(2), link, actor="desk", at=AT)
        assert found(archive) == []
        with pytest.raises(RuntimeError, match="after the commit"):
            archive.catch_up()
    assert found(archive) == [record.id]
    assert check_archive(archive).findings == ()


def test_a_death_between_file_and_commit_leaves_at_worst_an_orphan(tmp_path: Path) -> None:
    with start_filing(tmp_path, "before commit") as process:
        assert process.wait() == -signal.SIGKILL
    with open_archive(tmp_path) as archive:
        assert archive.records.count() == 0
        assert archive.events.size() == 0
        orphans = set(archive.objects) - archive.referenced_objects()
        assert len(orphans) == 1
        assert check_archive(archive).findings == ()


def test_a_death_before_the_index_is_made_up_for_at_the_next_opening(tmp_path: Path) -> None:
    with start_filing(tmp_path, "before index") as process:
        # The first catch-up is that of opening, already past: records gather for the second one.
        assert process.wait() == -signal.SIGKILL
    with closing(sqlite3.connect(tmp_path / "search.db")) as index:
        assert index.execute("SELECT count(*) FROM entry").fetchone() == (0,)
    with open_archive(tmp_path) as archive:
        ids = list(archive.records.all_ids())
        assert 1 <= len(ids) <= GATHERED_PAGES
        assert found(archive, '"trang 1"') == ["r1"]
        assert sorted(found(archive)) == sorted(ids)
        assert archive.index_lag() == 0


def test_what_was_acknowledged_survives_being_killed(tmp_path: Path) -> None:
    draw = random.Random(5)
    for _ in range(3):
        with start_filing(tmp_path, "any time") as process:
            assert process.stdout is not None
            assert process.stdout.readline()
            time.sleep(draw.uniform(0.05, 0.3))
            process.kill()
            acknowledged = process.stdout.read().split()
        with open_archive(tmp_path) as archive:
            assert set(acknowledged) <= set(archive.records.all_ids())
            assert sorted(found(archive)) == sorted(archive.records.all_ids())
            assert check_archive(archive).findings == ()


def test_trouble_of_the_index_never_hides_that_a_record_is_filed(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    archive.index_db.close()
    archive.index_db.path.write_bytes(b"no database" * 1000)
    record = archive.file(new_record(1), link, actor="desk", at=AT)
    assert archive.records.get(record.id) == record
    with pytest.raises(DatabaseDamaged, match=r"search\.db"):
        archive.search.search(SearchRequest())
    assert archive.reindex() == 1
    assert found(archive) == [record.id]


def test_a_lost_index_is_made_anew_at_opening(
    tmp_path: Path, archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    ids = [archive.file(new_record(n), link, actor="desk", at=AT).id for n in range(1, 4)]
    archive.close()
    (tmp_path / "archive" / "search.db").unlink()
    with open_archive(tmp_path / "archive") as reopened:
        assert found(reopened) == ids[::-1]


def test_an_index_ahead_of_restored_records_is_made_anew(
    tmp_path: Path, archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    first = archive.file(new_record(1), link, actor="desk", at=AT)
    archive.close()
    backup = (tmp_path / "archive" / "records.db").read_bytes()
    with open_archive(tmp_path / "archive") as later:
        later.file(new_record(2), link, actor="desk", at=AT)
        assert len(found(later)) == 2
    (tmp_path / "archive" / "records.db").write_bytes(backup)
    with open_archive(tmp_path / "archive") as restored:
        assert found(restored) == [first.id]
        assert check_archive(restored).findings == ()
