"""The tables of people.db, each change of them as a numbered migration."""

from __future__ import annotations

from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

from storage.saved_searches import TABLE

MIGRATIONS = Migrations("people")

_TABLES = (
    """CREATE TABLE person (
        id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL UNIQUE COLLATE NOCASE,
        name TEXT NOT NULL, role TEXT NOT NULL, agencies TEXT NOT NULL, password TEXT NOT NULL,
        one_time BLOB NOT NULL, last_step INTEGER NOT NULL, language TEXT NOT NULL,
        created_at TEXT NOT NULL, closed_at TEXT
    ) STRICT""",
    """CREATE TABLE session (
        token_sha256 TEXT PRIMARY KEY, person INTEGER NOT NULL REFERENCES person (id),
        proof TEXT NOT NULL, means TEXT NOT NULL, begun_at TEXT NOT NULL, seen_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX session_person ON session (person)",
    """CREATE TABLE failure (
        number INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX failure_subject ON failure (subject, at)",
)


@MIGRATIONS(name="0001_people")
def _people(tables: Tables) -> None:
    for statement in _TABLES:
        tables.execute(statement)


@MIGRATIONS(name="0002_reasons")
def _reasons(tables: Tables) -> None:
    tables.execute(
        "CREATE TABLE reason (mark TEXT PRIMARY KEY, salt TEXT NOT NULL, said TEXT NOT NULL, "
        "at TEXT NOT NULL) STRICT, WITHOUT ROWID"
    )


_MEANS = (
    """CREATE TABLE certificate (
        sha256 TEXT PRIMARY KEY, issuer TEXT NOT NULL, serial TEXT NOT NULL,
        person INTEGER NOT NULL REFERENCES person (id), subject TEXT NOT NULL,
        issuer_name TEXT NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL,
        added_at TEXT NOT NULL, UNIQUE (issuer, serial)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX certificate_person ON certificate (person)",
    """CREATE TABLE challenge (
        browser TEXT PRIMARY KEY, nonce TEXT NOT NULL UNIQUE, code TEXT NOT NULL UNIQUE,
        until TEXT NOT NULL, answer TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
)


@MIGRATIONS(name="0003_certificates")
def _certificates(tables: Tables) -> None:
    for statement in _MEANS:
        tables.execute(statement)


@MIGRATIONS(name="0004_saved_searches")
def _saved_searches(tables: Tables) -> None:
    tables.execute(TABLE)


@MIGRATIONS(name="0005_drawn_passwords")
def _drawn_passwords(tables: Tables) -> None:
    tables.execute("ALTER TABLE person ADD COLUMN drawn_at TEXT")


@MIGRATIONS(name="0006_places_of_sessions")
def _places_of_sessions(tables: Tables) -> None:
    tables.execute("ALTER TABLE session ADD COLUMN place TEXT NOT NULL DEFAULT ''")


@MIGRATIONS(name="0007_places_of_challenges")
def _places_of_challenges(tables: Tables) -> None:
    tables.execute("ALTER TABLE challenge ADD COLUMN address TEXT NOT NULL DEFAULT ''")
    tables.execute("ALTER TABLE challenge ADD COLUMN browser_name TEXT NOT NULL DEFAULT ''")
