"""One flipped bit anywhere in what is evidence is found, and named where it is."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import EventType, Role
from storage import anchors
from storage.access_copies import CopyOrder, CopyState, IssuedKind, Told
from storage.accessions import Accession
from storage.archive import Archive, open_archive
from storage.corrections import Act
from storage.evidence_export import export_log
from storage.evidence_parts import Ground
from storage.fingerprints import Fingerprint, Version
from storage.fixity import check_archive
from storage.heads import create_key
from storage.key_uses import NewKeyUse, Proof, UseState
from storage.key_uses import Place as Signature
from storage.log_fixity import Outside
from storage.model import NewEvent, NewLink
from storage.outsider.export_checks import Own, check_export
from storage.register import RegisterBatch
from storage.tree_nodes import BLOCK
from tests.storage.conftest import AT, DOSSIER, make_record
from tests.storage.test_disposal_check import TABLES as DISPOSAL
from tests.storage.test_events import tamper
from tests.storage.test_register import BATCH, REGISTERED
from tests.storage.timestamps import make_stamper

Place = tuple[str, str]
FTS5_TABLES = ("data", "idx", "docsize", "config")
# By this row of an index FTS5 also counts when to merge, which says nothing of any word.
FTS5_STRUCTURE = 10
_OF_RECORD = "(SELECT id FROM record WHERE number = t.record)"
# Of each table: what a row is called where it is wrong, and its surrogate keys, which order rows
# and are no evidence.
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "record": ("id", ("number",)),
    "page": (_OF_RECORD, ("record",)),
    "field": (_OF_RECORD, ("record", "ordinal")),
    "signature": (_OF_RECORD, ("record", "ordinal")),
    "link": (_OF_RECORD, ("seq", "record")),
    "version": ("record_id", ()),
    "correction": ("'correction ' || id", ()),
    "picture_hash": (_OF_RECORD, ()),
    "fingerprint_key": (_OF_RECORD, ()),
    "procedure": ("'procedure ' || code", ()),
    "dossier": ("'dossier ' || code", ()),
    "procedure_result": ("'procedure_result ' || dossier_code || '-KQ(' || ordinal || ')'", ()),
    "register_seal": ("'register load ' || load", ()),
    "key_use": ("'key use ' || number", ()),
    "proof": ("'proof ' || sha256", ()),
    "use_proof": ("'proof ' || sha256", ()),
    "access_copy": ("'copy ' || id", ("state", "file", "note", "ended_at")),
    "accession": ("'accession ' || record_id", ()),
    "event": ("seq", ("seq",)),
    "tree": ("'tree'", ("id",)),
    "tree_node": ("(last - (1 << level) + 1) || '-' || last", ()),
}
WORKING = {
    "change": "what the search index has yet to follow; the index itself is compared with records",
    "submission": "the ledger",
    "outcome": "the ledger",
    "request": "the ledger",
    "_sqlite_migrations": "which tables there are",
    "sqlite_sequence": "SQLite's own: the next number of a row",
}
"""Tables of records.db that are no evidence, and why."""
INDEX_TABLES = [
    *("entry", "dossier"),
    *(f"{index}_{part}" for index in ("paper_fts", "dossier_fts") for part in FTS5_TABLES),
]
"""Tables of search.db; what is wrong with its watermark, or with what it passed over, is mended by
looking at it."""


@dataclass(frozen=True, slots=True)
class Held:
    """An archive with everything that is evidence."""

    archive: Archive
    outside: Outside
    ground: Ground

    def named(self) -> set[Place]:
        findings = check_archive(self.archive, self.outside).findings
        return {(item.kind, item.identifier) for item in findings}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    folder = tmp_path_factory.mktemp("held")
    stamper = make_stamper(folder / "tsa")
    (folder / "trust").mkdir()
    shutil.copy(stamper.folder / "root.pem", folder / "trust")
    key = create_key(folder / "station.pem")
    outside = Outside(
        key=key.public_key(), certificates=anchors.load_certificates(folder / "trust")
    )
    link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
    with open_archive(folder / "archive") as archive:
        for n in range(1, 6):
            looks = Fingerprint(pictures=(f"{n:016x}",) * 2, keys=(f"khóa {n}", f"mảnh {n}"))
            new = make_record(archive, n, notes={"fingerprint_sha256": looks.digest})
            record = archive.file(new, link, actor="desk", at=AT)
            archive.fingerprints.add(record.id, looks)
            if n % 2:
                revised = replace(record, title=f"Giấy {n}")
                archive.revise(revised, Act.CORRECT, actor="ai đó", at=AT)
                anchors.anchor_log(archive, key, stamper, actor="desk", at=AT)
        for n in (2, 4):
            version = Version(
                record_id=record_id(n), supersedes=record_id(n - 1), kind="version", at=AT
            )
            archive.supersede(version, actor="desk")
        take_register(archive)
        use_key(archive)
        exchange(archive)
        views = (
            told(EventType.VIEW, "web", {"n": n}) for n in range(archive.events.size(), 2 * BLOCK)
        )
        archive.events.append(*views)
        archive.sign_head(key, AT)
        # What was indexed before a change lies beside the new until the index is in one piece.
        archive.catch_up()
        archive.search.optimize()
        # Rows are changed below as somebody would who does not care about what hangs on them.
        archive.db.execute("PRAGMA foreign_keys = OFF")
        held = Held(archive, outside, Ground(key=key, trust=folder / "trust", at=AT))
        assert held.named() == set()
        yield held


def take_register(archive: Archive) -> None:
    """Take the register in, and some of it again: seals of both loads count."""
    settled = replace(REGISTERED, status="Đã trả kết quả")
    for batch in (BATCH, RegisterBatch(dossiers=(settled,))):
        archive.register.load(batch)
        detail = archive.register.seals.told()
        archive.events.append(told(EventType.METADATA_MODIFICATION, "register", detail))


def use_key(archive: Archive) -> None:
    """Use a key: the signature is taken, is refused, is refused and its proofs are deleted."""
    for paper, state in enumerate((UseState.SIGNED, UseState.FAILED, UseState.FAILED), start=1):
        place = Signature(subject="nop-1", paper=paper, field="CQ_SoHoa", pdf_sha256="0" * 64)
        new = NewKeyUse(place=place, digest=f"{paper}" * 64, actor="thử nghiệm", at=AT)
        proofs = [Proof(kind=kind, der=f"{kind} {paper}".encode()) for kind in ("crl", "ocsp")]
        use = archive.key_uses.intend(new, proofs)
        assert use is not None
        archive.key_uses.end(use.number, state, AT)
    deletion = told(EventType.DELETION, "nop-1", {"uses": [3], "proofs": []})
    archive.key_uses.delete_proofs([3], deletion)


def exchange(archive: Archive) -> None:
    """Issue a copy of one record, and say of another that it came from elsewhere."""
    order = CopyOrder(
        id="018F0000-0000-7000-8000-00000000000c",
        record_id=record_id(1),
        dossier_code=DOSSIER,
        ordinal=1,
        kind=IssuedKind.READING,
        pdf_sha256="a" * 64,
        reason="ông THỬ NGHIỆM hỏi",
        actor="thử nghiệm",
        at=AT,
    )
    issued = Told(
        type=EventType.DISSEMINATION, actor="thử nghiệm", at=AT, outcome="reading", detail={}
    )
    made = {"state": CopyState.ISSUED, "sha256": "b" * 64, "expires_at": AT}
    archive.copies.add(order, issued, **made)
    came = Accession(
        record_id=record_id(2),
        package="urn:uuid:1",
        oais_type="AIP",
        mets_sha256="c" * 64,
        evidence_sha256=next(iter(archive.objects)),
        source_key="d" * 64,
        source_size=7,
        source_root="e" * 64,
        at=AT,
    )
    archive.accessions.add(came)
    detail = {"accession_sha256": came.digest}
    archive.events.append(told(EventType.ACCESSION, came.record_id, detail))


def told(kind: EventType, subject: str, detail: dict[str, Any]) -> NewEvent:
    return NewEvent(type=kind, object=subject, actor="thử nghiệm", at=AT, detail=detail)


def record_id(n: int) -> str:
    return f"018F0000-0000-7000-8000-{n:012d}"


def flipped(value: Any, draw: random.Random) -> Any:
    if isinstance(value, int):
        return value ^ 1 << draw.randrange(16)
    if isinstance(value, float):
        return value + draw.choice((-1, 1)) * 2.0**-30
    data = bytearray(value)
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def flip_row(held: Held, draw: random.Random) -> tuple[Place, Callable[[], object]]:
    """Flip a bit of a value of a row; return how it is called, and what puts it right."""
    archive, table = held.archive, draw.choice(list(TABLES))
    called, skipped = TABLES[table]
    kept = archive.db.rows(f"SELECT t.*, {called} AS called FROM {table} AS t")  # noqa: S608  # our own names
    draw.shuffle(kept)
    row = dict(kept[0])
    name = row.pop("called")
    column = draw.choice([key for key in row if key not in skipped and row[key] not in (None, "")])
    value = row[column]
    is_text = isinstance(value, str)
    changed = flipped(value.encode() if is_text else value, draw)
    # A row is found by all its values: some tables have no other key.
    where = " AND ".join(f"{key} IS ?" for key in row)
    bound = "CAST(? AS TEXT)" if is_text else "?"
    query = f"UPDATE {table} SET {column} = {bound} WHERE {where}"  # noqa: S608  # as above
    try:
        tamper(archive, query, (changed, *row.values()))
    except sqlite3.IntegrityError:
        return flip_row(held, draw)  # another row stands where this one would

    def restore() -> None:
        marks = ", ".join("?" for _ in row)
        tamper(archive, f"DELETE FROM {table}")  # noqa: S608  # as above
        for whole in kept:
            values = [whole[key] for key in row]
            tamper(archive, f"INSERT INTO {table} VALUES ({marks})", tuple(values))  # noqa: S608  # as above

    kind = {"event": "event", "tree": "event", "tree_node": "node"}.get(table, "record")
    return (kind, str(name)), restore


def flip_file(held: Held, draw: random.Random) -> tuple[Place, Callable[[], object]]:
    root = held.archive.root
    kind, folder = draw.choice([("object", "objects"), ("head", "heads"), ("anchor", "anchors")])
    path = draw.choice(sorted(path for path in (root / folder).rglob("*") if path.is_file()))
    whole = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(flipped(whole, draw))
    return (kind, path.name), lambda: path.write_bytes(whole)


def flip_index(held: Held, draw: random.Random) -> tuple[Place, Callable[[], object]]:
    index = held.archive.index_db
    table = draw.choice(INDEX_TABLES)
    rows = index.rows(f"SELECT * FROM {table}")  # noqa: S608  # our own names
    row = draw.choice([row for row in rows if row.get("id") != FTS5_STRUCTURE])
    column = draw.choice([name for name in row if row[name] not in (None, "", b"")])
    value = row[column]
    is_text = isinstance(value, str)
    changed = flipped(value.encode() if is_text else value, draw)
    if column == "packed":
        # All bits of a byte: a packed entry ends with a few that hold nothing.
        changed = changed[:-1] + bytes([changed[-1] ^ 0xFF])
    where = " AND ".join(f"{name} IS ?" for name in row)
    bound = f"CAST(? AS {'TEXT' if is_text else type(value).__name__})"
    try:
        index.execute(
            f"UPDATE {table} SET {column} = {bound.replace('bytes', 'BLOB')} WHERE {where}",  # noqa: S608  # as above
            (changed, *row.values()),
        )
    except sqlite3.IntegrityError:
        return flip_index(held, draw)  # another row stands where this one would

    def restore() -> None:
        index.execute(f"DELETE FROM {table}")  # noqa: S608  # as above
        marks = ", ".join("?" for _ in row)
        for whole in rows:
            index.execute(f"INSERT INTO {table} VALUES ({marks})", tuple(whole.values()))  # noqa: S608  # as above

    return ("index", ""), restore


def test_every_table_is_checked_or_said_to_be_working_data(held: Held) -> None:
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    tables = {row["name"] for row in held.archive.db.rows(query)}
    assert tables == TABLES.keys() | DISPOSAL.keys() | WORKING.keys()
    text = Path("docs/evidence.md").read_text("utf-8")
    assert [name for name in sorted(tables) if f"`{name}`" not in text] == []
    derived = {row["name"] for row in held.archive.index_db.rows(query)}
    whole = {"paper_fts", "dossier_fts", "_sqlite_migrations", "sqlite_sequence"}
    whole |= {"watermark", "passed_over"}
    assert derived - whole == set(INDEX_TABLES)


def find_flips(held: Held, seeds: range) -> None:
    for seed in seeds:
        draw = random.Random(seed)
        flip = draw.choices([flip_row, flip_file, flip_index], [6, 3, 2])[0]
        place, restore = flip(held, draw)
        try:
            named = held.named()
            # A page of the index holds words of many papers: that it is the index is enough.
            assert place in named or place in {(kind, "") for kind, _ in named}, seed
        finally:
            restore()
    assert held.named() == set()


def test_any_flipped_bit_is_found_and_named(held: Held) -> None:
    find_flips(held, range(60))


@pytest.mark.parametrize("index", ["paper_fts", "dossier_fts"])
def test_a_page_without_a_number_is_found_though_the_index_answers_as_before(
    held: Held, index: str
) -> None:
    rows = f"UPDATE {index}_idx SET pgno = ? WHERE pgno = ? AND term = x''"  # noqa: S608  # our own names
    held.archive.index_db.execute(rows, (0, 2))
    try:
        assert {kind for kind, _ in held.named()} == {"index"}
    finally:
        held.archive.index_db.execute(rows, (2, 0))


@pytest.mark.soak
def test_any_of_many_flipped_bits_is_found_and_named(held: Held) -> None:
    find_flips(held, range(60, 2000))


def disturb(archive: Archive, draw: random.Random) -> set[str]:
    """Take an event out of the log, or change the places of two; return their numbers."""
    first, second = sorted(draw.sample(range(1, archive.events.size() + 1), 2))
    if draw.randrange(2):
        tamper(archive, "DELETE FROM event WHERE seq = ?", (first,))
        return {str(first)}
    tamper(archive, "UPDATE event SET seq = -1 WHERE seq = ?", (first,))
    tamper(archive, "UPDATE event SET seq = ? WHERE seq = ?", (first, second))
    tamper(archive, "UPDATE event SET seq = ? WHERE seq = -1", (second,))
    return {str(first), str(second)}


def find_disturbed(held: Held, folder: Path, seed: int) -> None:
    shutil.copytree(held.archive.root, folder / "archive")
    with open_archive(folder / "archive") as archive:
        disturbed = disturb(archive, random.Random(seed))
        found = {item.identifier for item in check_archive(archive, held.outside).findings}
        assert disturbed <= found
        export_log(archive, folder / "export", held.ground)
    named = {fault.identifier for fault in check_export(folder / "export", Own()).faults}
    assert disturbed <= named


@pytest.mark.parametrize("seed", range(4))
def test_an_event_taken_out_or_moved_is_named_here_and_by_the_outsider(
    held: Held, tmp_path: Path, seed: int
) -> None:
    find_disturbed(held, tmp_path, seed)


@pytest.mark.soak
def test_any_of_many_events_taken_out_or_moved_is_named(held: Held, tmp_path: Path) -> None:
    for seed in range(4, 300):
        find_disturbed(held, tmp_path / str(seed), seed)
        shutil.rmtree(tmp_path / str(seed))
