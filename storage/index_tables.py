"""The tables of search.db: derived, so a change of them is a new start."""

from __future__ import annotations

from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

MIGRATIONS = Migrations("search")

# One row a paper, its filing number the row number: row order is filing order. t: the text in both
# forms, exact words with a sign before them, and codes run together; one column, as FTS5 spends
# two bytes on each word of a further one. r: what was read before a repair, folded. o: the overlay
# in both forms. a: filter tokens.
PAPER_FTS = """CREATE VIRTUAL TABLE paper_fts USING fts5(
    t, r, o, a, content='', tokenize='unicode61 remove_diacritics 0'
)"""
# One row a dossier: code, title, names; in t also pairs of syllables that stand together.
DOSSIER_FTS = """CREATE VIRTUAL TABLE dossier_fts USING fts5(
    t, a, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '_'"
)"""

_TABLES = (
    "DROP TABLE IF EXISTS page_fts",
    "DROP TABLE IF EXISTS body",
    "DROP TABLE IF EXISTS entry",
    "DROP TABLE IF EXISTS watermark",
    # Texts of pages stay in records.db; taking a row out of an index without contents needs the
    # old words, and the digest tells whether they are still the ones that were put in.
    """CREATE TABLE entry (
        record INTEGER PRIMARY KEY, id TEXT NOT NULL, packed BLOB NOT NULL, digest BLOB NOT NULL
    ) STRICT""",
    PAPER_FTS,
    """CREATE TABLE dossier (
        number INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, packed BLOB NOT NULL
    ) STRICT""",
    DOSSIER_FTS,
    # How far records.db was followed: its last change, and the record of that change.
    """CREATE TABLE watermark (
        id INTEGER PRIMARY KEY CHECK (id = 1), change INTEGER NOT NULL, record TEXT NOT NULL
    ) STRICT""",
    "INSERT INTO watermark (id, change, record) VALUES (1, 0, '')",
)


@MIGRATIONS(name="0001_pages")
def _pages(tables: Tables) -> None:
    """Nothing is left of the first tables: 0003 begins anew."""


@MIGRATIONS(name="0002_overlay_and_tones")
def _overlay_and_tones(tables: Tables) -> None:
    """As for 0001."""


@MIGRATIONS(name="0003_whole_papers")
def _whole_papers(tables: Tables) -> None:
    for statement in _TABLES:
        tables.conn.execute(statement)
