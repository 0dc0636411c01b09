"""Fixity of keeping and destroying: every flipped bit, lost row and smuggled row is named."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storage.archive import Archive, open_archive
from storage.disposal_check import find_changed_disposals
from storage.fixity import check_archive
from storage.handovers import Handover
from storage.retention import HoldGround, OwnTerm, Said
from tests.storage.conftest import AT
from tests.storage.disposing import DECIDER, YOUNG, Office, make_office, record_id
from tests.storage.test_events import tamper

SAID = Said(reason="đơn của ông THỬ NGHIỆM", actor=DECIDER, at=AT)
# Of each table: what a row of it is called where it is wrong, and columns that are working data.
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "retention_term": ("'retention_term ' || id", ("id",)),
    "retention_hold": ("'retention_hold ' || id", ("id",)),
    "disposal_batch": ("'disposal_batch ' || id", ()),
    "disposal_item": ("record_id", ()),
    "destroyed_record": ("record_id", ("state", "leftovers")),
    "destroyed_link": ("record_id", ()),
    "handover": ("'handover ' || dossier_code", ()),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office that did everything that these tables tell of."""
    with open_archive(tmp_path_factory.mktemp("office") / "archive") as archive:
        made = make_office(archive)
        archive.retention.set_term(OwnTerm(dossier_code=YOUNG, code="07", years=30), SAID)
        archive.retention.hold(record_id(3), HoldGround.INSPECTION, SAID)
        archive.retention.hold(YOUNG, HoldGround.LAWSUIT, SAID)
        archive.retention.lift(YOUNG, SAID)
        made.carry_out(made.approve(made.propose(record_id(1), record_id(2)), record_id(1)))
        handed = Handover(
            dossier_code=YOUNG, package_sha256="a" * 64, receiver="xã", actor=DECIDER, at=AT
        )
        archive.handovers.mark(handed)
        archive.handovers.mark(replace(handed, package_sha256="b" * 64))
        assert check_archive(archive).findings == ()
        archive.db.execute("PRAGMA foreign_keys = OFF")
        yield made


def named(archive: Archive) -> set[str]:
    return {finding.identifier for finding in find_changed_disposals(archive)}


def flipped(value: Any, draw: random.Random) -> Any:
    if isinstance(value, int):
        return value ^ 1 << draw.randrange(16)
    data = bytearray(value.encode())
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


@pytest.mark.parametrize("table", TABLES)
def test_a_flipped_bit_of_any_value_names_its_row(office: Office, table: str) -> None:
    archive, (called, skipped) = office.archive, TABLES[table]
    draw = random.Random(table)
    for row in archive.db.rows(f"SELECT *, {called} AS called FROM {table}"):  # noqa: S608  # our own names
        name = row.pop("called")
        where = " AND ".join(f"{key} IS ?" for key in row)
        for column in [key for key in row if key not in skipped and row[key] not in (None, "")]:
            changed = flipped(row[column], draw)
            bound = "?" if isinstance(changed, int) else "CAST(? AS TEXT)"
            query = f"UPDATE {table} SET {column} = {bound} WHERE {where}"  # noqa: S608  # as above
            tamper(archive, query, (changed, *row.values()))
            assert name in named(archive), (column, changed)
            put_back = {**row, column: changed}
            marks = " AND ".join(f"{key} IS {bound if key == column else '?'}" for key in put_back)
            query = f"UPDATE {table} SET {column} = ? WHERE {marks}"  # noqa: S608  # as above
            tamper(archive, query, (row[column], *put_back.values()))
    assert named(archive) == set()


@pytest.mark.parametrize("table", TABLES)
def test_a_lost_row_is_named(office: Office, table: str, tmp_path: Path) -> None:
    folder = shutil.copytree(office.archive.root, tmp_path / "archive")
    called = TABLES[table][0]
    with open_archive(folder) as archive:
        lost = {row["called"] for row in archive.db.rows(f"SELECT {called} AS called FROM {table}")}  # noqa: S608  # our own names
        archive.db.execute("PRAGMA foreign_keys = OFF")
        tamper(archive, f"DELETE FROM {table}")  # noqa: S608  # as above
        assert lost
        assert lost <= named(archive)


def test_a_theft_that_is_dressed_up_as_a_destruction_is_named(
    office: Office, tmp_path: Path
) -> None:
    folder = shutil.copytree(office.archive.root, tmp_path / "archive")
    with open_archive(folder) as archive:
        archive.db.execute("PRAGMA foreign_keys = OFF")
        stolen = archive.records.get(record_id(4))
        tamper(archive, "DELETE FROM record WHERE number = ?", (stolen.number,))
        tamper(
            archive,
            "INSERT INTO destroyed_record SELECT ?, submission_id, paper, body, destroyed_at, "
            "state, leftovers FROM destroyed_record",
            (stolen.id,),
        )
        assert stolen.id in {finding.identifier for finding in check_archive(archive).findings}
        assert stolen.id in named(archive)


def test_an_object_that_is_back_is_named(office: Office, tmp_path: Path) -> None:
    folder = shutil.copytree(office.archive.root, tmp_path / "archive")
    with open_archive(folder) as archive:
        back = archive.objects.add_bytes("bản PDF 1".encode())
        assert named(archive) == {back.sha256}
