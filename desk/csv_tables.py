"""Tables as CSV that a spreadsheet opens as it is meant: UTF-8 with its mark, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
# What a spreadsheet takes for the beginning of a formula, or swallows before one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_line(cells: Sequence[object]) -> str:
    """Return one line; text that looks like a formula gets a `'` before it."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_cell(cell) for cell in cells])
    return buffer.getvalue()


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a whole table, its mark first."""
    return BOM + csv_line(headings) + "".join(map(csv_line, rows))


def _cell(cell: object) -> object:
    is_formula = isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA)
    return f"'{cell}" if is_formula else "" if cell is None else cell
