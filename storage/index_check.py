"""Does the full-text index hold just the words of its rows? One pass over all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from math import inf

from sqlite_utils import Database as Tables

from storage.index_tables import DOSSIER_FTS, GATHERED_WORDS, PAPER_FTS

_MASK = (1 << 64) - 1
# FTS5's row of totals, and where the number of a page begins in that of its row (fts5_index.c).
_TOTALS = 1
# Its row of the pieces that there are, and with how many bytes of another meaning that begins.
_STRUCTURE = 10
_COOKIE_BYTES = 4
_PAGE_BITS = 37
_MADE_BY = {"paper_fts": (PAPER_FTS, GATHERED_WORDS), "dossier_fts": (DOSSIER_FTS,)}


def fingerprints(tables: Tables, index: str) -> dict[int, int]:
    """Return one number for each row of an index, from its words.

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
    for word, row in connection.execute(f"SELECT term, doc FROM temp.{index}_words"):  # noqa: S608  # our own names
        found[row] = (found.get(row, 0) + hash(word)) & _MASK
    for row, sizes in connection.execute(f"SELECT id, sz FROM {index}_docsize"):  # noqa: S608  # as above
        found[row] = (found.get(row, 0) + hash(sizes)) & _MASK
    return found


def is_in_order(tables: Tables, index: str) -> bool:
    """Tell whether what FTS5 keeps beside the words of an index is as it writes it.

    Its settings, the sizes by which it ranks, and where its pages lie: its own check looks at none
    of these where it has no texts.

    Args:
        tables: search.db.
        index: name of its full-text table.
    """
    connection = tables.conn
    settings = f"SELECT k, v FROM {index}_config"  # noqa: S608  # our own names
    with _empty(index) as fresh:
        expected = fresh.conn.execute(settings).fetchall()
    return (
        connection.execute(settings).fetchall() == expected
        and not _lost_pages(tables, index)
        and _told_totals(tables, index) == _counted_totals(tables, index)
    )


def _lost_pages(tables: Tables, index: str) -> bool:
    """Tell whether the list of pages names one that is not there.

    While pieces are joined, pages at the beginning of each are gone before the list is shortened.
    None has the number 0; FTS5 would take it for the first one.
    """
    query = (
        f"SELECT segid, pgno >> 1 FROM {index}_idx WHERE segid < 1 "  # noqa: S608  # our own names
        f"OR (segid << {_PAGE_BITS}) + (pgno >> 1) NOT IN (SELECT id FROM {index}_data)"
    )
    missing = tables.conn.execute(query).fetchall()
    begins = _first_pages(tables, index) if missing else {}
    return any(min(piece, page) < 1 or page >= begins.get(piece, 0) for piece, page in missing)


def _first_pages(tables: Tables, index: str) -> dict[int, float]:
    """Return the first page that is left of each piece (fts5_index.c, `fts5StructureDecode`)."""
    query = f"SELECT block FROM {index}_data WHERE id = {_STRUCTURE}"  # noqa: S608  # our own names
    row = tables.conn.execute(query).fetchone()
    numbers = iter(numbers_of(row[0][_COOKIE_BYTES:] if row else b""))
    begins: dict[int, float] = {}
    # Whatever it holds after a flipped bit, it is read to its end at most.
    with suppress(StopIteration):
        levels, _pieces, _written = next(numbers), next(numbers), next(numbers)
        for _ in range(levels):
            _merging, count = next(numbers), next(numbers)
            for _ in range(count):
                piece, first, last = next(numbers), next(numbers), next(numbers)
                begins[piece] = first if last else inf
    return begins


def _told_totals(tables: Tables, index: str) -> list[int]:
    query = f"SELECT block FROM {index}_data WHERE id = {_TOTALS}"  # noqa: S608  # our own names
    row = tables.conn.execute(query).fetchone()
    told = numbers_of(row[0]) if row else []
    return told if any(told) else []  # an index that holds nothing any more


def _counted_totals(tables: Tables, index: str) -> list[int]:
    rows = tables.conn.execute(f"SELECT sz FROM {index}_docsize").fetchall()  # noqa: S608  # our own names
    sizes = [numbers_of(row[0]) for row in rows]
    return [len(sizes), *(sum(column) for column in zip(*sizes, strict=False))] if sizes else []


def numbers_of(data: bytes) -> list[int]:
    """Read SQLite's numbers of variable length."""
    numbers, value = [], 0
    for byte in data:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(value)
            value = 0
    return numbers


def is_row_held(index: str, words: Sequence[str], found: int) -> bool:
    """Tell whether a fingerprint is that of a row with these words.

    Args:
        index: name of the full-text table.
        words: what was put into the row.
        found: what `fingerprints` gave of it.
    """
    # FTS5 cuts a word of many thousand letters; only then it is asked itself, as that is slow.
    return found == _expected(words) or found == _derived(index, words)


def _expected(words: Sequence[str]) -> int:
    return sum(map(hash, words)) + hash(_written(len(words))) & _MASK


def _written(number: int) -> bytes:
    """Write a number as SQLite does."""
    data = [number & 0x7F]
    while number := number >> 7:
        data.insert(0, number & 0x7F | 0x80)
    return bytes(data)


def _derived(index: str, words: Sequence[str]) -> int:
    with _empty(index) as tables:
        tables.conn.execute(
            f"INSERT INTO {index} (rowid, words) VALUES (1, ?)",  # noqa: S608  # our own names
            (" ".join(words),),
        )
        return fingerprints(tables, index).get(1, 0)


@contextmanager
def _empty(index: str) -> Iterator[Tables]:
    """Give an empty index of the same kind."""
    tables = Tables(memory=True, execute_plugins=False)
    try:
        for statement in _MADE_BY[index]:
            tables.conn.execute(statement)
        yield tables
    finally:
        tables.close()
