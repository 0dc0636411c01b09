"""Where records came from that another archive filed: its package, its log's head, its proofs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from storage.canonical import digest
from storage.database import Database
from storage.times import read_time, time_text

TABLES = (
    """CREATE TABLE accession (
        record_id TEXT PRIMARY KEY, package TEXT NOT NULL, oais_type TEXT NOT NULL,
        mets_sha256 TEXT NOT NULL, evidence_sha256 TEXT NOT NULL, source_key TEXT NOT NULL,
        source_size INTEGER NOT NULL, source_root TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    # No foreign key to record: where a record came from stays known when it is destroyed.
)
"""The table, for the migration that makes it."""
ABSENT = "ALTER TABLE accession ADD COLUMN absent TEXT NOT NULL DEFAULT ''"
"""What the source left out, for the migration that adds it: digests, parted by spaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accession:
    """Where one record came from."""

    record_id: str
    """The record."""
    package: str
    """`OBJID` of the package."""
    oais_type: str
    """SIP or AIP."""
    mets_sha256: str
    """SHA-256 of its METS.xml."""
    evidence_sha256: str
    """Object: the source's events of these papers with their proofs, as a ZIP."""
    source_key: str
    """SHA-256 of the source's public key (`station.pub`)."""
    source_size: int
    """Events in the source's log then."""
    source_root: str
    """Root of the tree over them, hex."""
    at: datetime
    """When it was taken in, aware."""
    absent: tuple[str, ...] = ()
    """Objects that the record names and the source left out: its scan, what was read of it."""

    @property
    def row(self) -> dict[str, str | int]:
        """The row that is kept."""
        return {**asdict(self), "at": time_text(self.at), "absent": " ".join(self.absent)}

    @property
    def digest(self) -> str:
        """The SHA-256 (hex) that the event of the accession carries."""
        # Where nothing is absent, as it was before a source could leave anything out.
        return digest(
            {name: value for name, value in self.row.items() if name != "absent" or value}
        )


class AccessionStore:
    """The accessions of one archive.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, accession: Accession) -> None:
        """Keep where a record came from; the caller's transaction files it."""
        with self._db.transaction():
            self._db.tables.table("accession").insert(accession.row)

    def complete(self, accession: Accession) -> None:
        """Keep what is still absent of a record; the caller's transaction tells of it."""
        with self._db.transaction():
            self._db.execute(
                "UPDATE accession SET absent = ? WHERE record_id = ?",
                (accession.row["absent"], accession.record_id),
            )

    def absent_of(self, record_id: str) -> frozenset[str]:
        """Return the objects of a record that its source left out; none where it was filed here."""
        known = self.of_record(record_id)
        return frozenset(known.absent if known else ())

    def of_record(self, record_id: str) -> Accession | None:
        """Return where a record came from; None where it was filed here."""
        row = self._db.row("SELECT * FROM accession WHERE record_id = ?", (record_id,))
        if row is None:
            return None
        told = {"at": read_time(row["at"]), "absent": tuple(row["absent"].split())}
        return Accession(**{**row, **told})

    def record_ids(self) -> list[str]:
        """Return the ids of all records that came from another archive."""
        rows = self._db.rows("SELECT CAST(record_id AS BLOB) AS id FROM accession")
        return [row["id"].decode(errors="replace") for row in rows]

    def referenced_objects(self) -> set[str]:
        """Return the SHA-256 of all objects that accessions name."""
        rows = self._db.rows("SELECT DISTINCT evidence_sha256 AS sha FROM accession")
        return {row["sha"] for row in rows}
