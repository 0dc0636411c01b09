from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from config.vocabulary import EventType
from storage.archive import Archive, open_archive
from storage.errors import DatabaseDamaged
from storage.fixity import FixityReport, check_archive, check_log
from storage.heads import PublicKey, create_key
from storage.log_fixity import Outside, mend_nodes
from storage.model import NewLink
from tests.storage.conftest import AT, NewRecordMaker
from tests.storage.test_events import fill, tamper
from tests.storage.test_objects import flip_a_byte


@pytest.fixture
def public_key(
    archive: Archive, new_record: NewRecordMaker, link: NewLink, tmp_path: Path
) -> PublicKey:
    """The public key of a station whose archive holds five papers and two signed heads."""
    key = create_key(tmp_path / "station.key")
    for n in range(1, 4):
        archive.file(new_record(n, "một hai", "đường phố"), link, actor="desk", at=AT)
    archive.sign_head(key, AT)
    for n in range(4, 6):
        archive.file(new_record(n), link, actor="desk", at=AT)
    archive.sign_head(key, AT + timedelta(hours=1))
    # What a test changes afterwards, the index has seen before.
    archive.catch_up()
    return key.public_key()


def named(report: FixityReport) -> set[tuple[str, str]]:
    return {(finding.kind, finding.identifier) for finding in report.findings}


def record_id(n: int) -> str:
    return f"018F0000-0000-7000-8000-{n:012d}"


def test_an_untouched_archive_has_no_findings(archive: Archive, public_key: PublicKey) -> None:
    assert check_archive(archive, Outside(key=public_key)) == FixityReport(
        objects=10, records=5, index=5, events=5, heads=2, anchors=0, findings=()
    )


def test_an_empty_archive_has_no_findings(archive: Archive) -> None:
    assert check_archive(archive).findings == ()


@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_byte_of_any_object_names_it(
    archive: Archive, public_key: PublicKey, seed: int
) -> None:
    sha256 = random.Random(seed).choice(list(archive.objects))
    flip_a_byte(archive.objects.path(sha256), seed)
    assert named(check_archive(archive, Outside(key=public_key))) == {("object", sha256)}


def test_a_missing_object_is_named(archive: Archive, public_key: PublicKey) -> None:
    sha256 = archive.records.get(record_id(2)).pdf.sha256
    archive.objects.path(sha256).unlink()
    assert named(check_archive(archive, Outside(key=public_key))) == {("object", sha256)}


COLUMNS = [
    *((("record", column)) for column in ("class_code", "title", "verdict", "notes", "filed_at")),
    *((("record", column)) for column in ("original_sha512", "pdf_sha256", "original_name")),
    ("page", "text"),
    ("field", "value"),
    ("field", "box"),
    ("signature", "indication"),
    ("signature", "signed_at"),
    ("link", "dossier_code"),
    ("link", "role"),
]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
@pytest.mark.parametrize("seed", range(3))
def test_a_flipped_bit_of_any_row_names_its_record(
    archive: Archive, public_key: PublicKey, table: str, column: str, seed: int
) -> None:
    draw = random.Random(f"{table}{column}{seed}")
    rows = archive.db.rows(
        f"SELECT rowid AS k, CAST({column} AS BLOB) AS v, record FROM {table} "  # noqa: S608  # from the list above
        f"WHERE {column} IS NOT NULL"
        if table in ("page", "link")
        else _keyed(table, column)
    )
    row = draw.choice(rows)
    value = bytearray(row["v"])
    value[draw.randrange(len(value))] ^= 1 << draw.randrange(8)
    archive.db.execute(
        f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {row.get('where', 'rowid')} = ?"  # noqa: S608  # as above
        + (" AND ordinal = 1" if table in ("field", "signature") else ""),
        (bytes(value), row["k"]),
    )
    report = check_archive(archive, Outside(key=public_key))
    assert ("record", record_id(row["record"])) in named(report)


def _keyed(table: str, column: str) -> str:
    if table == "record":
        return (
            f"SELECT number AS k, CAST({column} AS BLOB) AS v, number AS record, "  # noqa: S608  # as above
            "'number' AS \"where\" FROM record"
        )
    return (
        f"SELECT record AS k, CAST({column} AS BLOB) AS v, record, "  # noqa: S608  # as above
        f"'record' AS \"where\" FROM {table} WHERE ordinal = 1"
    )


def test_a_removed_record_is_named(archive: Archive, public_key: PublicKey) -> None:
    archive.db.execute("PRAGMA foreign_keys = OFF")
    for table, key in [("page", "record"), ("field", "record"), ("signature", "record")]:
        archive.db.execute(f"DELETE FROM {table} WHERE {key} = 2")  # noqa: S608  # our own names
    archive.db.execute("DELETE FROM link WHERE record = 2")
    archive.db.execute("DELETE FROM record WHERE number = 2")
    assert {("record", record_id(2)), ("index", record_id(2))} <= named(
        check_archive(archive, Outside(key=public_key))
    )


def test_a_record_that_no_event_tells_of_is_named(archive: Archive, public_key: PublicKey) -> None:
    archive.db.execute("UPDATE record SET id = 'smuggled' WHERE number = 3")
    assert {("record", "smuggled"), ("record", record_id(3))} <= named(
        check_archive(archive, Outside(key=public_key))
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_changed_event_is_named(archive: Archive, public_key: PublicKey, seed: int) -> None:
    draw = random.Random(seed)
    seq = draw.randrange(1, 6)
    row = archive.db.row("SELECT CAST(body AS BLOB) AS v FROM event WHERE seq = ?", (seq,))
    assert row is not None
    value = bytearray(row["v"])
    value[draw.randrange(len(value))] ^= 1 << draw.randrange(8)
    tamper(archive, "UPDATE event SET body = CAST(? AS TEXT) WHERE seq = ?", (bytes(value), seq))
    assert ("event", str(seq)) in named(check_archive(archive, Outside(key=public_key)))


def test_a_log_rewritten_from_end_to_end_differs_from_its_signed_head(
    archive: Archive, public_key: PublicKey
) -> None:
    # What someone with root and this program can do: new rows, new leaves, a new tree.
    events = archive.events.events()
    tamper(archive, "DELETE FROM event")
    tamper(archive, "UPDATE tree SET size = 0, peaks = x''")
    archive.events.append(*events[:3])
    archive.events.append(*(events[4], events[3]))
    assert archive.events.verify() == []
    assert named(check_archive(archive, Outside(key=public_key))) == {("event", "4-5")}


def test_a_cut_log_lacks_what_the_newest_head_counted(
    archive: Archive, public_key: PublicKey
) -> None:
    events = archive.events.events()
    tamper(archive, "DELETE FROM event")
    tamper(archive, "UPDATE tree SET size = 0, peaks = x''")
    archive.events.append(*events[:4])
    assert ("event", "5-5") in named(check_archive(archive, Outside(key=public_key)))


@pytest.mark.parametrize("seed", range(8))
def test_a_flipped_byte_of_any_head_names_its_file(
    archive: Archive, public_key: PublicKey, seed: int
) -> None:
    path = random.Random(seed).choice(sorted(archive.heads.iterdir()))
    flip_a_byte(path, seed)
    assert named(check_archive(archive, Outside(key=public_key))) == {("head", path.name)}


def test_heads_without_a_key_or_under_a_wrong_name_are_findings(
    archive: Archive, public_key: PublicKey
) -> None:
    assert named(check_archive(archive)) == {("head", "3.json"), ("head", "5.json")}
    (archive.heads / "5.json").rename(archive.heads / "4.json")
    assert named(check_archive(archive, Outside(key=public_key))) == {("head", "4.json")}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET packed = x'00' WHERE record = 2",
        "UPDATE entry SET packed = (SELECT packed FROM entry WHERE record = 1) WHERE record = 2",
        "UPDATE entry SET digest = x'00' WHERE record = 2",
        "DELETE FROM entry WHERE record = 2",
        "UPDATE entry SET id = 'khác' WHERE record = 2",
        "INSERT INTO paper_fts (paper_fts, rowid, words) VALUES ('delete', 2, 'mot')",
    ],
)
def test_a_changed_index_row_names_its_record(
    archive: Archive, public_key: PublicKey, sql: str
) -> None:
    archive.index_db.execute(sql)
    assert ("index", record_id(2)) in named(check_archive(archive, Outside(key=public_key)))
    archive.reindex()
    assert named(check_archive(archive, Outside(key=public_key))) == set()


def test_a_row_that_no_record_has_is_named(archive: Archive, public_key: PublicKey) -> None:
    archive.index_db.execute("INSERT INTO entry VALUES (99, 'ghost', x'', x'')")
    assert named(check_archive(archive, Outside(key=public_key))) == {
        ("index", "ghost"),
        ("index", "search.db"),
    }
    archive.index_db.execute("DELETE FROM entry WHERE record = 99")
    archive.index_db.execute("INSERT INTO paper_fts (rowid, words) VALUES (9, 'x')")
    assert named(check_archive(archive, Outside(key=public_key))) == {("index", "search.db")}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", ["records.db", "search.db"])
def test_damage_of_a_database_file_is_told_and_stops_no_check(
    archive: Archive, public_key: PublicKey, name: str, seed: int
) -> None:
    records = archive.records.newest(10)
    archive.close()
    path = archive.root / name
    data = bytearray(path.read_bytes())
    draw = random.Random(seed)
    start = draw.randrange(4096, len(data) - 600)
    data[start : start + 600] = draw.randbytes(600)
    path.write_bytes(data)
    try:
        with open_archive(archive.root) as damaged:
            report = check_archive(damaged, Outside(key=public_key))
            # Damage in a free page harms nothing, and only then nothing is found.
            assert report.findings or damaged.records.newest(10) == records
    except DatabaseDamaged:
        # Tables of records.db cannot be reached at all; a broken index never shuts the archive.
        assert name == "records.db"


def test_the_log_can_be_checked_alone(archive: Archive, public_key: PublicKey) -> None:
    flip_a_byte(archive.objects.path(archive.records.get(record_id(1)).pdf.sha256))
    assert check_log(archive, Outside(key=public_key)) == ()
    tamper(archive, "UPDATE event SET actor = 'x' WHERE seq = 2")
    assert {finding.identifier for finding in check_log(archive, Outside(key=public_key))} == {"2"}


def test_kept_roots_are_made_anew_where_no_event_is_wrong_and_that_is_logged(
    archive: Archive,
) -> None:
    fill(archive, 130)
    archive.db.execute("UPDATE tree_node SET hash = zeroblob(32) WHERE last = 64")
    findings = check_log(archive)
    assert [(item.kind, item.identifier) for item in findings] == [("node", "1-64")]
    assert mend_nodes(archive, (), actor="thử nghiệm", at=AT) == 0
    assert mend_nodes(archive, findings, actor="thử nghiệm", at=AT) == 1
    assert check_log(archive) == ()
    told = archive.events.newest_of(EventType.RECOVERY, "log")
    assert told is not None
    assert (told.seq, told.outcome, told.detail) == (131, "nodes", {"nodes": 1})


def test_no_root_is_laid_over_a_damaged_event(archive: Archive) -> None:
    fill(archive, 130)
    archive.db.execute("DELETE FROM tree_node WHERE last = 64")
    tamper(archive, "UPDATE event SET body = 'x' WHERE seq = 100")
    findings = check_log(archive)
    assert {(item.kind, item.identifier) for item in findings} == {
        ("event", "100"),
        ("node", "1-64"),
    }
    assert mend_nodes(archive, findings, actor="thử nghiệm", at=AT) == 0
    assert archive.events.size() == 130
