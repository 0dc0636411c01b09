"""Databases of every earlier version are brought up to date with all that they hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database as Tables

from config.vocabulary import EventType, Role
from storage.archive import Archive, open_archive
from storage.fixity import check_archive
from storage.model import NewEvent, NewLink, Record
from storage.register import RegisterBatch
from storage.schema import MIGRATIONS
from storage.search import SearchRequest
from tests.storage.conftest import AT, DOSSIER, make_record
from tests.storage.test_events import tamper
from tests.storage.test_register import BATCH, REGISTERED

with closing(Tables(memory=True)) as _empty:
    VERSIONS = [migration.name for migration in MIGRATIONS.pending(_empty)]
HELD = ("event", "tree", "procedure", "dossier", "procedure_result")
HELD_OF_RECORDS = ("record", "page", "field", "signature", "link", "change")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive that holds nothing that the first version could not hold."""
    with open_archive(tmp_path_factory.mktemp("held") / "archive") as archive:
        link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
        for n in (1, 2):
            archive.file(make_record(archive, n), link, actor="desk", at=AT)
        archive.register.load(RegisterBatch(dossiers=(REGISTERED,)))
        yield archive


def make_older(held: Archive, root: Path, version: str) -> None:
    """Make an archive as it was before a migration, with the same rows and objects."""
    with open_archive(root) as archive:
        for sha256 in held.objects:
            archive.objects.add(held.objects.path(sha256))
    for database in ("records.db", "search.db"):
        (root / database).unlink()
    with closing(Tables(root / "records.db")) as tables:
        MIGRATIONS.apply(tables, stop_before=version)
        tables.table("tree").delete_where()
        for name in (*HELD, *HELD_OF_RECORDS):
            known = {column.name for column in tables.table(name).columns}
            for row in held.db.rows(f"SELECT * FROM {name}"):  # noqa: S608  # our own names
                tables.table(name).insert({key: row[key] for key in row if key in known})


def records(archive: Archive) -> list[Record]:
    return [archive.records.get(record_id) for record_id in archive.records.all_ids()]


def schema(archive: Archive) -> set[tuple[Any, ...]]:
    query = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    return {tuple(row.values()) for row in archive.db.rows(query)}


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_an_older_database_keeps_what_it_holds(held: Archive, tmp_path: Path, version: str) -> None:
    make_older(held, tmp_path / "archive", version)
    with open_archive(tmp_path / "archive") as archive:
        assert records(archive) == records(held)
        assert schema(archive) == schema(held)
        assert check_archive(archive).findings == ()
        assert archive.search.search(SearchRequest(query=REGISTERED.applicant)).count == 2


def test_the_first_import_seals_what_the_register_held_before(
    held: Archive, tmp_path: Path
) -> None:
    make_older(held, tmp_path / "archive", "0011_register_seals")
    with open_archive(tmp_path / "archive") as archive:
        assert archive.register.seals.told() == {}
        archive.register.load(RegisterBatch(procedures=BATCH.procedures))
        detail = archive.register.seals.told()
        kind = EventType.METADATA_MODIFICATION
        archive.events.append(
            NewEvent(type=kind, object="register", actor="desk", at=AT, detail=detail)
        )
        assert check_archive(archive).findings == ()
        assert archive.search.search(SearchRequest(query="đăng ký khai sinh")).count == 2
        tamper(archive, "UPDATE dossier SET applicant = 'LÊ THỊ THỬ NGHIỆM'")
        found = {item.identifier for item in check_archive(archive).findings}
        assert f"dossier {DOSSIER}" in found
