"""Seals of the register's rows, so that the log can say of each what it was when it came.

A register names people, and the log names nobody: a row's seal is its digest over a random salt
that stays here, and the event of a load carries one digest of all seals that the load made. Seals
are only added; the newest one of a row is the one that counts.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from storage.canonical import canonical_text, digest
from storage.database import Database
from storage.raw_rows import Row, raw_rows, row_digest

TABLES = (
    """CREATE TABLE register_seal (
        load INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, salt BLOB NOT NULL,
        sha256 BLOB NOT NULL, PRIMARY KEY (load, kind, key)
    ) STRICT, WITHOUT ROWID""",
)
"""The table, for the migration that makes it."""

KINDS: dict[str, str] = {
    "procedure": "code",
    "dossier": "code",
    "procedure_result": "dossier_code || '-KQ(' || ordinal || ')'",
}
"""The tables of the register, each with the SQL of what a row of it is called."""
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What a row was when a load brought it."""

    load: int
    """Which load, from 1."""
    kind: str
    """Table of the row."""
    key: str
    """What the row is called."""
    salt: bytes
    """Random; in no event."""
    sha256: bytes
    """Digest of salt and row."""

    @property
    def form(self) -> list[str]:
        """The seal as the digest of its load counts it."""
        return [self.kind, self.key, self.salt.hex(), self.sha256.hex()]


class RegisterSeals:
    """The seals of one register.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, changed: Mapping[str, Collection[str]]) -> None:
        """Seal rows that a load wrote; the first load seals the rows from before there were seals.

        Args:
            changed: What the rows are called, by table.
        """
        with self._db.transaction():
            newest = self.newest_load()
            for kind in KINDS:
                self._seal(newest + 1, kind, changed.get(kind, ()) if newest else None)

    def told(self) -> dict[str, Any]:
        """Return what the event of the newest load carries; empty where there is none."""
        newest = self.newest_load()
        seals = list(self._seals("load = ?", (newest,)))
        return {"load": newest, "rows_sha256": digest_of(seals)} if seals else {}

    def loads(self) -> Iterator[tuple[int, list[Seal]]]:
        """Yield each load with its seals, the first one first."""
        for number, seals in groupby(self._seals(), attrgetter("load")):
            yield number, list(seals)

    def rows(self, kind: str, keys: Collection[str] | None = None) -> Iterator[tuple[str, Row]]:
        """Yield rows of a table of the register, each with what it is called.

        Args:
            kind: The table.
            keys: What the wanted rows are called; None for all.
        """
        among = f"{KINDS[kind]} IN (SELECT value FROM json_each(?))"  # noqa: S608  # our own names
        if keys is None:
            found = raw_rows(self._db, kind)
        else:
            found = raw_rows(self._db, kind, among, (canonical_text(list(keys)),))
        for row in found:
            yield _called(row), row

    def newest_load(self) -> int:
        """Return the number of the newest load that changed a row; 0 where there is none."""
        row = self._db.row("SELECT coalesce(max(load), 0) AS n FROM register_seal")
        return int(row["n"]) if row else 0

    def _seal(self, load: int, kind: str, keys: Collection[str] | None) -> None:
        for key, row in list(self.rows(kind, keys)):
            salt = secrets.token_bytes(_SALT_BYTES)
            self._db.execute(
                "INSERT INTO register_seal (load, kind, key, salt, sha256) VALUES (?, ?, ?, ?, ?)",
                (load, kind, key, salt, row_digest(row, salt)),
            )

    def _seals(self, condition: str = "true", values: tuple[int, ...] = ()) -> Iterator[Seal]:
        order = f"{condition} ORDER BY load, kind, key"
        for row in raw_rows(self._db, "register_seal", order, values):
            yield Seal(
                load=int(row["load"] or 0),
                kind=_text(row["kind"]),
                key=_text(row["key"]),
                salt=row["salt"] or b"",
                sha256=row["sha256"] or b"",
            )


def digest_of(seals: Iterable[Seal]) -> str:
    """Return the digest of the seals of a load, hex."""
    return digest([seal.form for seal in seals])


def _called(row: Row) -> str:
    if "code" in row:
        return _text(row["code"])
    return f"{_text(row['dossier_code'])}-KQ({_text(row['ordinal'])})"


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")
