"""Each use of a signing key: written down before the key is touched, with what was checked before.

A use whose end is not known, after a crash or where a device never answered, stays open: nothing
signs that paper again until a person has decided. What the certificate check rested on is kept with
the use (TT 15/2025/TT-BKHCN Art. 5.4) and may be deleted by a person; its digests stay in the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from config.vocabulary import EventType
from storage.canonical import canonical_text, read_json
from storage.damaged_rows import read_row
from storage.database import Database
from storage.events import EventLog
from storage.model import NewEvent
from storage.raw_rows import raw_rows, row_digest
from storage.times import read_time, time_text

TABLES = (
    """CREATE TABLE key_use (
        number INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, paper INTEGER NOT NULL,
        field TEXT NOT NULL, pdf_sha256 TEXT NOT NULL, digest TEXT NOT NULL, holder TEXT NOT NULL,
        actor TEXT NOT NULL, at TEXT NOT NULL, checked TEXT NOT NULL, notes TEXT NOT NULL,
        state TEXT NOT NULL, ended_at TEXT
    ) STRICT""",
    # One signature is made once: nobody begins anew unless the last use failed or a person said so.
    """CREATE UNIQUE INDEX key_use_standing ON key_use (subject, paper, field, pdf_sha256)
        WHERE state IN ('intended', 'unknown', 'signed', 'found')""",
    "CREATE INDEX key_use_subject ON key_use (subject, paper)",
    "CREATE INDEX key_use_state ON key_use (state)",
    """CREATE TABLE proof (
        sha256 TEXT PRIMARY KEY, kind TEXT NOT NULL, der BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE use_proof (
        use INTEGER NOT NULL REFERENCES key_use (number),
        sha256 TEXT NOT NULL REFERENCES proof (sha256), PRIMARY KEY (use, sha256)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX use_proof_sha256 ON use_proof (sha256)",
)
"""The tables, for the migration that makes them."""


class UseState(StrEnum):
    """How a use of a key ended."""

    INTENDED = "intended"
    UNKNOWN = "unknown"
    SIGNED = "signed"
    FAILED = "failed"
    DISCARDED = "discarded"
    AGAIN = "again"
    FOUND = "found"
    GIVEN_UP = "given_up"


OPEN = (UseState.INTENDED, UseState.UNKNOWN)
"""States of a use whose end is not known."""
STANDING = (*OPEN, UseState.SIGNED, UseState.FOUND)
"""States of a use that no other one for the same signature may follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The signature that a key is used for."""

    subject: str
    """The submission whose paper is signed; the record, where a filed one is."""
    paper: int
    """Which paper of the submission, from 1; 0 for a record."""
    field: str
    """Name of the signature field."""
    pdf_sha256: str
    """The PDF that is signed, before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a certificate check rested on."""

    kind: str
    """`certificate`, `crl` or `ocsp`."""
    der: bytes
    """DER."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the DER, hex."""
        return hashlib.sha256(self.der).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKeyUse:
    """A key that is about to be used."""

    place: Place
    digest: str
    """SHA-256, hex, of what the key signs."""
    holder: str = ""
    """The session that holds the key; empty for the engine."""
    actor: str
    """Who uses it, as events tell."""
    at: datetime
    """When, aware."""
    checked: Mapping[str, Any] = field(default_factory=dict)
    """JSON: what was found of the certificate."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """JSON: what whoever goes on needs to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse(NewKeyUse):
    """A use of a key that was written down."""

    number: int
    """Number, ascending."""
    state: UseState
    """How it ended, as far as is known."""
    ended_at: datetime | None
    """When that became known, UTC."""

    @property
    def is_open(self) -> bool:
        """Whether nobody has said how it ended."""
        return self.state in OPEN


class KeyUses:
    """The uses of keys of one archive.

    Args:
        db: records.db.
        events: The log that shares its transactions.
    """

    def __init__(self, db: Database, events: EventLog) -> None:
        self._db = db
        self._events = events

    def intend(
        self, new: NewKeyUse, proofs: Sequence[Proof] = (), events: Iterable[NewEvent] = ()
    ) -> KeyUse | None:
        """Write down that a key is about to be used.

        Returns:
            The use; None where an earlier one for the same signature stands: then nothing was
            written, and the key must not be touched.
        """
        row = {
            "subject": new.place.subject,
            "paper": new.place.paper,
            "field": new.place.field,
            "pdf_sha256": new.place.pdf_sha256,
            "digest": new.digest,
            "holder": new.holder,
            "actor": new.actor,
            "at": time_text(new.at),
            "checked": canonical_text(dict(new.checked)),
            "notes": canonical_text(dict(new.notes)),
            "state": UseState.INTENDED.value,
            "ended_at": None,
        }
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        query = f"INSERT INTO key_use ({columns}) VALUES ({marks})"  # noqa: S608  # our own names
        with self._db.transaction():
            if self.standing(new.place) is not None:
                return None
            number = self._db.execute(query, row).lastrowid or 0
            for proof in proofs:
                self._keep(number, proof)
            self._events.append(*events)
        return _key_use({**row, "number": number})

    def end(
        self,
        number: int,
        state: UseState,
        at: datetime,
        *events: NewEvent,
        of: Sequence[UseState] = OPEN,
    ) -> bool:
        """Say how a use ended, with events; each carries what `told` gives.

        Args:
            number: Of the use.
            state: How it ended.
            at: When that became known, aware.
            *events: Told with it; none: one that says the state.
            of: The states that this may follow.

        Returns:
            Whether it was in one of those; else nothing changes.
        """
        with self._db.transaction():
            use = self.get(number)
            if use is None or use.state not in of or use.state is state:
                return False
            self._db.execute(
                "UPDATE key_use SET state = ?, ended_at = ? WHERE number = ?",
                (state.value, time_text(at), number),
            )
            told = self.told(number)
            for event in events or (_ended(use, state, at),):
                self._events.append(replace(event, detail={**event.detail, **told}))
        return True

    def told(self, number: int) -> dict[str, Any]:
        """Return what events carry of a use: the digest of its row as it stands, and its proofs."""
        (row,) = raw_rows(self._db, "key_use", "number = ?", (number,))
        proofs = self.proofs(number)
        return {
            "use": number,
            "use_sha256": row_digest(row).hex(),
            "proofs": [proof.sha256 for proof in proofs],
            "proof_kinds": [proof.kind for proof in proofs],
        }

    def standing_digests(self) -> dict[int, str]:
        """Return the digest of the row of each use, by its number."""
        rows = raw_rows(self._db, "key_use")
        return {int(row["number"] or 0): row_digest(row).hex() for row in rows}

    def standing(self, place: Place) -> KeyUse | None:
        """Return the use that no other one for the same signature may follow, or None."""
        uses = self.of(place.subject, place.paper)
        return next((use for use in uses if use.place == place and use.state in STANDING), None)

    def in_state(self, *states: UseState) -> list[KeyUse]:
        """Return the uses in any of these states, the oldest first."""
        names = {f"state_{index}": state.value for index, state in enumerate(states)}
        marks = ", ".join(f":{name}" for name in names)
        return self._select(f"state IN ({marks})", names)

    def get(self, number: int) -> KeyUse | None:
        """Return the use with a number, or None."""
        found = self._select("number = :number", {"number": number})
        return found[0] if found else None

    def of(self, subject: str, paper: int | None = None) -> list[KeyUse]:
        """Return the uses for a submission's papers or for a record, the oldest first."""
        return self._select(
            "subject = :subject AND paper = ifnull(:paper, paper)",
            {"subject": subject, "paper": paper},
        )

    def proofs(self, number: int) -> list[Proof]:
        """Return what is kept of the check before a use; empty once it was deleted."""
        rows = self._db.rows(
            "SELECT kind, der FROM use_proof JOIN proof USING (sha256) WHERE use = ? "
            "ORDER BY kind, sha256",
            (number,),
        )
        return [Proof(kind=row["kind"], der=bytes(row["der"])) for row in rows]

    def kept_proofs(self) -> set[tuple[int, str, str]]:
        """Return which proofs are kept of which uses: use, SHA-256 and kind."""
        rows = self._db.rows(
            "SELECT use, CAST(sha256 AS BLOB) AS sha256, CAST(kind AS BLOB) AS kind "
            "FROM use_proof JOIN proof USING (sha256)"
        )
        return {(row["use"], _text(row["sha256"]), _text(row["kind"])) for row in rows}

    def delete_proofs(self, numbers: Sequence[int], *events: NewEvent) -> int:
        """Delete what is kept of the checks before some uses, with events about it.

        Returns:
            How many proofs are gone; one that other uses rest on too stays for them.
        """
        with self._db.transaction():
            gone = sum(
                self._db.execute("DELETE FROM use_proof WHERE use = ?", (number,)).rowcount
                for number in numbers
            )
            self._db.execute("DELETE FROM proof WHERE sha256 NOT IN (SELECT sha256 FROM use_proof)")
            if gone:
                self._events.append(*events)
        return gone

    def _keep(self, number: int, proof: Proof) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO proof (sha256, kind, der) VALUES (?, ?, ?)",
            (proof.sha256, proof.kind, proof.der),
        )
        self._db.execute(
            "INSERT OR IGNORE INTO use_proof (use, sha256) VALUES (?, ?)", (number, proof.sha256)
        )

    def _select(self, condition: str, values: Mapping[str, Any]) -> list[KeyUse]:
        query = f"SELECT * FROM key_use WHERE {condition} ORDER BY number"  # noqa: S608  # our own words
        rows = self._db.salvaged(query, values)
        return [read_row(_key_use, row, f"key use {row['number']}") for row in rows]


def _text(value: bytes) -> str:
    return value.decode(errors="replace")


def _ended(use: KeyUse, state: UseState, at: datetime) -> NewEvent:
    return NewEvent(
        type=EventType.KEY_USE,
        object=use.place.subject,
        actor=use.actor,
        at=at,
        outcome=state.value,
    )


def _key_use(row: Mapping[str, Any]) -> KeyUse:
    ended = row["ended_at"]
    return KeyUse(
        number=row["number"],
        place=Place(
            subject=row["subject"],
            paper=row["paper"],
            field=row["field"],
            pdf_sha256=row["pdf_sha256"],
        ),
        digest=row["digest"],
        holder=row["holder"],
        actor=row["actor"],
        at=read_time(row["at"]),
        checked=read_json(row["checked"]),
        notes=read_json(row["notes"]),
        state=UseState(row["state"]),
        ended_at=None if ended is None else read_time(ended),
    )
