"""Does the full-text index hold just the words of its rows? One pass over all of it."""

from __future__ import annotations

from sqlite_utils import Database as Tables

from storage.index_entry import PAGE_FTS, Row

_MASK = (1 << 64) - 1


def fingerprints(tables: Tables) -> dict[int, int]:
    """Return one number for each row of `page_fts`, from its words and their places.

    The numbers compare within one run of the program only.
    """
    connection = tables.conn
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.page_vocab "
        "USING fts5vocab('main', 'page_fts', 'instance')"
    )
    found: dict[int, int] = {}
    for term, row, column, place in connection.execute(
        "SELECT term, doc, col, offset FROM temp.page_vocab"
    ):
        found[row] = (found.get(row, 0) + hash((term, column, place))) & _MASK
    return found


def is_row_held(row: Row, found: int) -> bool:
    """Tell whether a fingerprint is that of a row."""
    # The tokenizer's tables are older than Python's and may cut a rare letter's word otherwise;
    # only then it is asked itself, as that is slow.
    return found == _expected(row) or found == _derived(row)


def _expected(row: Row) -> int:
    total = 0
    for column, text in row.columns().items():
        for place, term in enumerate(text.split(" ") if text else ()):
            total += hash((term, column, place))
    return total & _MASK


def _derived(row: Row) -> int:
    tables = Tables(memory=True, execute_plugins=False)
    try:
        tables.conn.execute(PAGE_FTS)
        tables.conn.execute(
            "INSERT INTO page_fts (rowid, x, f, r, xo, fo, a) VALUES (1, ?, ?, ?, ?, ?, ?)",
            tuple(row.columns().values()),
        )
        return fingerprints(tables).get(1, 0)
    finally:
        tables.close()
