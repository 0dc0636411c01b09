"""A scoped search, looked at again row by row: a paper may also lie in what the scope leaves out.

The index finds a paper by all that is said of all its dossiers. Who sees only some of them must
not find it by a name, a code or a procedure of another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from desk.views import agency_of
from storage.archive import Archive
from storage.index_entry import entry_of, paper_columns
from storage.model import Link, Record
from storage.query import Term, parse_query
from storage.search import SearchRequest


def links_within(record: Record, scope: Sequence[str], archive: Archive) -> list[Link]:
    """Return the places of a record in dossiers of some agencies; of none named, all places."""
    return [
        link for link in record.links if not scope or agency_of(link.dossier_code, archive) in scope
    ]


def is_found_within(
    record: Record, request: SearchRequest, scope: Sequence[str], archive: Archive
) -> bool:
    """Tell whether a record answers a request also by what the scope shows of it alone."""
    links = links_within(record, scope, archive)
    if len(links) == len(record.links):
        return True
    shown = replace(record, links=tuple(links))
    facts = archive.dossier_facts(shown)
    wanted = request.filters
    told = (
        (wanted.dossier, {link.dossier_code for link in links}),
        (wanted.role, {link.role.value for link in links}),
        (wanted.procedure, {item.procedure_code for item in facts}),
    )
    if any(values and not held.intersection(values) for values, held in told):
        return False
    columns = paper_columns(entry_of(shown, facts), record.pages)
    words = set(" ".join(columns[name] for name in ("t", "r", "o")).split())
    return all(_stands_in(term, words) for term in parse_query(request.query).terms)


def _stands_in(term: Term, words: set[str]) -> bool:
    if term.code is not None and term.code in words:
        return True
    *whole, last = [word.folded for word in term.words]
    if not words.issuperset(whole):
        return False
    return any(word.startswith(last) for word in words) if term.is_prefix else last in words
