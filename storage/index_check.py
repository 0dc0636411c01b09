"""Does the full-text index hold just the words of its rows? One pass over all of it."""

from __future__ import annotations

from sqlite_utils import Database as Tables

from storage.index_tables import DOSSIER_FTS, PAPER_FTS

_MASK = (1 << 64) - 1
_MADE_BY = {"paper_fts": PAPER_FTS, "dossier_fts": DOSSIER_FTS}


def fingerprints(tables: Tables, index: str) -> dict[int, int]:
    """Return one number for each row of an index, from its words and their places.

    The numbers compare within one run of the program only.

    Args:
        tables: search.db.
        index: name of its full-text table.
    """
    connection = tables.conn
    connection.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{index}_words "
        f"USING fts5vocab('main', '{index}', 'instance')"
    )
    found: dict[int, int] = {}
    for term, row, column, place in connection.execute(
        f"SELECT term, doc, col, offset FROM temp.{index}_words"  # noqa: S608  # our own names
    ):
        found[row] = (found.get(row, 0) + hash((term, column, place))) & _MASK
    return found


def is_row_held(index: str, columns: dict[str, str], found: int) -> bool:
    """Tell whether a fingerprint is that of a row with these columns.

    Args:
        index: name of the full-text table.
        columns: what was put into the row.
        found: what `fingerprints` gave of it.
    """
    # The tokenizer's tables are older than Python's and may cut a rare letter's word otherwise;
    # only then it is asked itself, as that is slow.
    return found == _expected(columns) or found == _derived(index, columns)


def _expected(columns: dict[str, str]) -> int:
    total = 0
    for column, text in columns.items():
        for place, term in enumerate(text.split(" ") if text else ()):
            total += hash((term, column, place))
    return total & _MASK


def _derived(index: str, columns: dict[str, str]) -> int:
    tables = Tables(memory=True, execute_plugins=False)
    try:
        tables.conn.execute(_MADE_BY[index])
        names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
        tables.conn.execute(
            f"INSERT INTO {index} (rowid, {names}) VALUES (1, {marks})",  # noqa: S608  # our own names
            tuple(columns.values()),
        )
        return fingerprints(tables, index).get(1, 0)
    finally:
        tables.close()
