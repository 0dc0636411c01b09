"""A scoped search, looked at again row by row: a paper may also lie in what the scope leaves out.

The index finds a paper by all that is said of all its dossiers. Who sees only some of them must
not find it by a name, a code or a procedure of another one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from desk.views import agency_of
from storage.archive import Archive
from storage.damaged_rows import read_each
from storage.facets import COUNTED, partly_outside
from storage.found_papers import FoundPaper
from storage.index_entry import entry_of
from storage.legacy_text import repaired
from storage.model import Link, Record
from storage.query import Term, parse_query
from storage.search import SearchPage, SearchRequest
from storage.term_spans import term_spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """What of a search a scope shows."""

    newest: tuple[int, ...]
    """Filing numbers of the newest papers found that it shows, at most as many as are counted."""
    count: int
    """How many papers it shows."""
    more: bool
    """Whether there may be more."""


def look_within(
    page: SearchPage, request: SearchRequest, scope: Sequence[str], archive: Archive
) -> Within:
    """Look at what a search found again, row by row.

    Whoever has a scope is told a count of papers that were looked at, and of no others: it stays
    what it would be if the hidden ones were not there.

    Args:
        page: What was found.
        request: What was asked; the scope stands in its filters.
        scope: Agencies of whose dossiers alone something may be told; empty for all.
        archive: Where.
    """
    wanted = COUNTED + 1 if scope else COUNTED
    newest: list[int] = []
    hidden: frozenset[int] = frozenset()
    while len(newest) < wanted + len(hidden):
        asked = wanted + len(hidden)
        # To search again would cost as much as the search did.
        is_known = page.knows(asked)
        newest = list(page.newest[:asked]) if is_known else archive.search.newest(request, asked)
        hidden = _hidden(newest, request, scope, archive)
        if len(newest) < asked:
            break
    shown = [number for number in newest if number not in hidden]
    return Within(
        newest=tuple(shown[:COUNTED]),
        count=min(len(shown), COUNTED) if scope else page.count,
        more=len(shown) > COUNTED if scope else page.more,
    )


def search_within(request: SearchRequest, scope: Sequence[str], archive: Archive) -> SearchPage:
    """Search for what a scope shows: no page is shorter for what is hidden, no cursor stands on it.

    Args:
        request: What is asked; the scope stands in its filters.
        scope: As for `look_within`.
        archive: Where.
    """
    if not scope:
        return archive.search.search(request)

    def is_shown(number: int) -> bool:
        return not _hidden((number,), request, scope, archive)

    return archive.search.search(request, is_shown)


def _hidden(
    numbers: Sequence[int], request: SearchRequest, scope: Sequence[str], archive: Archive
) -> frozenset[int]:
    """Return which of some papers were found only by what lies outside the scope."""
    if not scope:
        return frozenset()
    shared = partly_outside(archive.db, numbers, scope)
    held, damaged = read_each(archive.records.by_number, shared)
    hidden = (
        number
        for number, record in held.items()
        if record is None or not is_found_within(record, request, scope, archive)
    )
    # Of what cannot be read nobody can say that it is in the scope.
    return frozenset((*hidden, *damaged))


def links_within(record: Record | FoundPaper, scope: Sequence[str], archive: Archive) -> list[Link]:
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
    texts = entry_of(shown, facts).lines
    for page in record.pages:
        texts += [repaired(page.text), page.as_read]
        texts += [page.overlay_text] if request.overlay else []
    composed = [unicodedata.normalize("NFC", text) for text in texts]
    return all(_stands_in(term, composed) for term in parse_query(request.query).terms)


def _stands_in(term: Term, texts: Sequence[str]) -> bool:
    """Tell whether the words of a term stand together in one of some texts, or run together."""
    return any(any(term_spans(text, term, "f")) for text in texts)
