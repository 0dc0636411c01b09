"""The tables of search.db: derived, so a change of them is a new start."""

from __future__ import annotations

from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

from storage.index_words import SIGNS

MIGRATIONS = Migrations("search")

# Rows are sets of words (storage/index_words.py), without places. The tokenizer parts them at
# blanks: it takes every letter beyond ASCII as it is, and our signs as letters.
_WORDS = f"""words, content='', detail='none', tokenize="ascii tokenchars '{SIGNS}'\""""
# One row a paper, its filing number the row number: row order is filing order.
PAPER_FTS = f"CREATE VIRTUAL TABLE paper_fts USING fts5({_WORDS})"
# The words of a whole batch of papers stay in memory, in 16 MB. In one, as it would be, they are
# written out four times for each batch, and merged again. What is in the file stays the same.
GATHERED_WORDS = "INSERT INTO paper_fts (paper_fts, rank) VALUES ('hashsize', 16777216)"
# One row a dossier: code, title, names.
DOSSIER_FTS = f"CREATE VIRTUAL TABLE dossier_fts USING fts5({_WORDS})"

_OF_ALL_TIMES = (
    *("page_fts", "paper_fts", "dossier_fts", "body", "entry", "dossier", "watermark"),
)
_TABLES = (
    *(f"DROP TABLE IF EXISTS {table}" for table in _OF_ALL_TIMES),
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
    """Nothing is left of the first tables: 0005 begins anew."""


@MIGRATIONS(name="0002_overlay_and_tones")
def _overlay_and_tones(tables: Tables) -> None:
    """As for 0001."""


@MIGRATIONS(name="0003_whole_papers")
def _whole_papers(tables: Tables) -> None:
    """As for 0001."""


@MIGRATIONS(name="0004_sets_of_words")
def _sets_of_words(tables: Tables) -> None:
    """As for 0001."""


@MIGRATIONS(name="0005_codes_with_lone_marks")
def _codes_with_lone_marks(tables: Tables) -> None:
    for statement in _TABLES:
        tables.conn.execute(statement)


@MIGRATIONS(name="0006_passed_over")
def _passed_over(tables: Tables) -> None:
    # Records whose rows could not be read when they were to be indexed: looked at again.
    tables.conn.execute("CREATE TABLE passed_over (record INTEGER PRIMARY KEY) STRICT")


@MIGRATIONS(name="0007_gathered_words")
def _gathered_words(tables: Tables) -> None:
    tables.conn.execute(GATHERED_WORDS)
