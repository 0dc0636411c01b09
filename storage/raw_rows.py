"""Rows as they lie in the file, for digests over them.

As bytes: a flipped bit can make text that SQLite's driver refuses to decode.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from storage.canonical import canonical_json
from storage.database import Database, Parameters

Row = Mapping[str, bytes | None]
"""A row by column."""


def raw_rows(
    db: Database, table: str, condition: str = "true", values: Parameters = ()
) -> Iterator[Row]:
    """Yield the rows of a table that meet a condition.

    Args:
        db: The database.
        table: Name of the table, and, like the condition, never made of what a person typed.
        condition: SQL.
        values: Of its parameters.
    """
    columns = [row["name"] for row in db.rows("SELECT name FROM pragma_table_info(?)", (table,))]
    wanted = ", ".join(f"CAST({name} AS BLOB) AS {name}" for name in columns)
    yield from db.iterate(f"SELECT {wanted} FROM {table} WHERE {condition}", values)  # noqa: S608  # our own names


def row_digest(row: Row, salt: bytes = b"") -> bytes:
    """Return the SHA-256 of a row; what is empty in it does not count.

    So a column that a later version adds leaves the digests of rows as they are.

    Args:
        row: The row.
        salt: Random where the row alone could be guessed.
    """
    told = {name: value.decode("latin-1") for name, value in row.items() if value}
    return hashlib.sha256(salt + canonical_json(told)).digest()
