"""A search as the query of its address: what is known of it, without the place in the list."""

from __future__ import annotations

from config.telling import one_line
from desk.web.house import Asked
from storage.query import MAX_CHARACTERS

SEARCH = "/tim"
FACETS = ("agency", "class_code", "procedure", "year", "verdict", "role")
"""What is counted, and narrowed by."""
FILTERS = (*FACETS, "holder", "dossier")
LONGEST_QUERY = MAX_CHARACTERS
"""No more of a query is read; the address of every filter holds it again."""
_KNOWN = frozenset({*FILTERS, "q", "kind", "order", "near", "missing"})


def search_pairs(asked: Asked) -> list[tuple[str, str]]:
    """Return names and values of the address' query that a search knows."""
    return [
        (name, one_line(value)[:LONGEST_QUERY])
        for name, value in asked.request.query_params.multi_items()
        if name in _KNOWN and value
    ]
