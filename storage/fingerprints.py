"""By what a filed paper is recognised when it is scanned again, and which paper replaced which.

Keys are opaque here: whoever makes them says which papers share some. A key that many records share
is one of a printed form and tells nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.canonical import canonical_text, digest
from storage.database import Database
from storage.times import read_time, time_text

VersionKind = Literal["version", "replacement"]

# A key of more records than this belongs to a form.
_COMMON = 40
_SUPERSEDED = (
    "SELECT DISTINCT supersedes FROM json_each(?) AS asked CROSS JOIN version "
    "ON supersedes = asked.value WHERE kind = 'replacement'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a filed paper is recognised by."""

    pictures: tuple[str, ...]
    """Hash of each page's picture, 16 hex digits."""
    keys: tuple[str, ...]
    """Hashes of pieces of its text."""

    @property
    def digest(self) -> str:
        """SHA-256, hex, for the record's notes: its events then cover what is kept of it here."""
        return _digest(enumerate(self.pictures, start=1), self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One record that takes another's place."""

    record_id: str
    """The later record."""
    supersedes: str
    """The earlier record; it stays as it is."""
    kind: VersionKind
    """`version`: both count; `replacement`: the earlier one is superseded."""
    at: datetime
    """When, UTC."""


class FingerprintStore:
    """The fingerprints and versions of one archive.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, record_id: str, fingerprint: Fingerprint) -> None:
        """Keep a record's fingerprint, once; the caller's transaction files the record."""
        with self._db.transaction():
            if self.pictures(record_id):
                return
            for page, picture in enumerate(fingerprint.pictures, start=1):
                self._db.execute(
                    "INSERT INTO picture_hash (record, page, hash) "
                    "SELECT number, ?, ? FROM record WHERE id = ?",
                    (page, picture, record_id),
                )
            for key in fingerprint.keys:
                self._db.execute(
                    "INSERT OR IGNORE INTO fingerprint_key (key, record) "
                    "SELECT ?, number FROM record WHERE id = ?",
                    (key, record_id),
                )

    def pictures(self, record_id: str) -> tuple[str, ...]:
        """Return the picture hashes of a record's pages; empty where none were kept."""
        rows = self._db.rows(
            "SELECT hash FROM picture_hash JOIN record ON record.number = picture_hash.record "
            "WHERE record.id = ? ORDER BY page",
            (record_id,),
        )
        return tuple(row["hash"] for row in rows)

    def digests(self) -> dict[str, str]:
        """Return the digest of each record's fingerprint as it is kept, by record id."""
        pictures: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        keys: defaultdict[int, list[str]] = defaultdict(list)
        for row in self._db.iterate(
            "SELECT record, page, CAST(hash AS BLOB) AS hash FROM picture_hash "
            "ORDER BY record, page"
        ):
            pictures[row["record"]].append((row["page"], row["hash"].decode(errors="replace")))
        for row in self._db.iterate(
            "SELECT record, CAST(key AS BLOB) AS key FROM fingerprint_key ORDER BY record"
        ):
            keys[row["record"]].append(row["key"].decode(errors="replace"))
        return {
            row["id"]: _digest(pictures[row["number"]], keys[row["number"]])
            for row in self._db.iterate("SELECT number, id FROM record")
        }

    def sharing(self, keys: Sequence[str], limit: int) -> list[str]:
        """Return the ids of records that share rare keys, those that share most first."""
        counts: Counter[int] = Counter()
        for key in keys:
            rows = self._db.rows(
                "SELECT record FROM fingerprint_key WHERE key = ? LIMIT ?", (key, _COMMON + 1)
            )
            if len(rows) <= _COMMON:
                counts.update(row["record"] for row in rows)
        return [self._id(number) for number, _ in counts.most_common(limit)]

    def in_place(self, dossier_code: str, class_code: str) -> list[str]:
        """Return the ids of the records of a class in a dossier."""
        rows = self._db.rows(
            "SELECT record.id FROM link JOIN record ON record.number = link.record "
            "WHERE link.dossier_code = ? AND record.class_code = ? ORDER BY record.number",
            (dossier_code, class_code),
        )
        return [row["id"] for row in rows]

    def _id(self, number: int) -> str:
        row = self._db.row("SELECT id FROM record WHERE number = ?", (number,))
        return row["id"] if row else ""

    def add_version(self, version: Version) -> bool:
        """Note that a record takes another's place; False where that stands already."""
        with self._db.transaction():
            cursor = self._db.execute(
                "INSERT OR IGNORE INTO version (record_id, supersedes, kind, at) "
                "VALUES (?, ?, ?, ?)",
                (version.record_id, version.supersedes, version.kind, time_text(version.at)),
            )
        return cursor.rowcount == 1

    def version_of(self, record_id: str) -> Version | None:
        """Return whose place a record takes, or None."""
        row = self._db.row("SELECT * FROM version WHERE record_id = ?", (record_id,))
        return None if row is None else _version(row)

    def later_versions(self, record_id: str) -> list[Version]:
        """Return what took a record's place, the oldest first."""
        rows = self._db.rows(
            "SELECT * FROM version WHERE supersedes = ? ORDER BY at, record_id", (record_id,)
        )
        return [_version(row) for row in rows]

    def is_superseded(self, record_id: str) -> bool:
        """Tell whether a replacement took a record's place."""
        return record_id in self.superseded((record_id,))

    def superseded(self, record_ids: Sequence[str]) -> set[str]:
        """Return those of some records whose place a replacement took."""
        found = self._db.values(_SUPERSEDED, (canonical_text(list(record_ids)),))
        return set(found)


def _digest(pictures: Iterable[tuple[int, str]], keys: Iterable[str]) -> str:
    return digest([[list(picture) for picture in pictures], sorted(set(keys))])


def _version(row: dict[str, str]) -> Version:
    kind: VersionKind = "replacement" if row["kind"] == "replacement" else "version"
    return Version(
        record_id=row["record_id"],
        supersedes=row["supersedes"],
        kind=kind,
        at=read_time(row["at"]),
    )
