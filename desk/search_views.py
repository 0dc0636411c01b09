"""What a search answers, as the JSON of docs/json.md; every front shares it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.codec import to_plain
from desk import results
from desk.damage import show_each
from desk.search_scope import links_within, look_within, search_within
from storage.archive import Archive
from storage.found_papers import FoundPaper, found_papers
from storage.highlight import highlight
from storage.legacy_text import repaired
from storage.missing import dossiers_without_result, results_without_dossier
from storage.model import Link, PageText
from storage.query import Query, parse_query
from storage.register import Dossier
from storage.search import DossierHit, Hit, SearchHit, SearchPage, SearchRequest

Json = dict[str, Any]


def view_papers(
    request: SearchRequest,
    archive: Archive,
    *,
    facets: int = 0,
    scope: Sequence[str] = (),
) -> Json:
    """Show a page of papers.

    Args:
        request: What is asked.
        archive: Where.
        facets: Of each filter that could narrow the answer so many values are counted; 0 for none.
        scope: Agencies of whose dossiers alone something may be told; empty for all. They stand
            in the request's filters too.
    """
    page = search_within(request, scope, archive)
    told = {"count": page.count, "more": page.more}
    counted = None
    if facets or scope:
        looked = look_within(page, request, scope, archive)
        told = {"count": looked.count, "more": looked.more}
        counted = archive.facets.count(looked.newest, scope, facets) if facets else None
    pages = {hit.record_id: {place.page for place in hit.hits} for hit in page.records}
    papers = found_papers(archive.db, pages)
    query = parse_query(request.query)
    hits = {hit.record_id: hit for hit in page.records}
    within = {
        name: links[0]
        for name, paper in papers.whole.items()
        if (links := links_within(paper, scope, archive))
    }
    names = [name for name in hits if name in within]
    superseded = archive.fingerprints.superseded(names)

    def view(name: str) -> Json:
        paper = papers.whole[name]
        is_superseded = name in superseded
        stands = "superseded" if is_superseded else results.standing_in_place(paper, archive)
        return {**_view_hit(hits[name], paper, query, within[name]), "standing": stands}

    shown, damaged = show_each(view, names)
    return {
        "records": list(shown.values()),
        "damaged": [*papers.damaged, *damaged],
        **_about(page, archive),
        **told,
        "facets": to_plain(counted),
    }


def view_dossiers(request: SearchRequest, archive: Archive) -> Json:
    """Show a page of dossiers."""
    page = archive.search.search(request)
    hits = {hit.code: hit for hit in page.dossiers}
    papers = archive.results.count_papers_of(hits)
    known, damaged = archive.register.named(hits)
    shown = [code for code in hits if code not in damaged]
    return {
        "dossiers": [_view_dossier(hits[code], known.get(code), papers[code]) for code in shown],
        "damaged": damaged,
        **_about(page, archive),
    }


def view_missing(request: SearchRequest, archive: Archive) -> Json:
    """Show what the archive lacks: results of settled dossiers, dossiers of results."""
    agencies, limit, db = request.filters.agency, request.limit, archive.db
    load = archive.register.seals.newest_load()
    dossiers, unread = archive.remembered.of(
        ("without result", agencies, limit, load),
        lambda: dossiers_without_result(db, agencies, limit),
    )
    records, unread_records = archive.remembered.of(
        ("without dossier", agencies, limit, load),
        lambda: results_without_dossier(db, agencies, limit),
    )
    return {
        "dossiers": to_plain(dossiers),
        "records": to_plain(records),
        "damaged": [*unread, *unread_records],
    }


def line_of(page: PageText, hit: Hit) -> str:
    """Return the line that a hit names on its page."""
    lines = page.overlay_text if hit.overlay else repaired(page.text)
    return lines.split("\n")[hit.line - 1].strip()


def _about(page: SearchPage, archive: Archive) -> Json:
    return {
        "next": page.next,
        "count": page.count,
        "more": page.more,
        "behind": archive.index_behind(),
    }


def _view_hit(hit: SearchHit, paper: FoundPaper, query: Query, link: Link) -> Json:
    return {
        "id": paper.id,
        "dossier_code": link.dossier_code,
        "ordinal": link.ordinal,
        "role": link.role.value,
        "class": paper.class_code,
        "title": paper.title,
        "original_sha256": paper.original_sha256,
        "pdf_sha256": paper.pdf_sha256,
        "filed_at": to_plain(paper.filed_at),
        "verdict": paper.verdict,
        "tier": hit.tier,
        "hits": [_view_place(paper.pages[place.page], place, query) for place in hit.hits],
    }


def _view_place(page: PageText, hit: Hit, query: Query) -> Json:
    text = line_of(page, hit)
    marks = [[span.start, span.end] for span in highlight(text, query)]
    return {
        "page": hit.page,
        "line": hit.line,
        "overlay": hit.overlay,
        "text": text,
        "marks": marks,
    }


def _view_dossier(hit: DossierHit, dossier: Dossier | None, papers: int) -> Json:
    return {
        "code": hit.code,
        "registered": dossier is not None,
        "title": dossier.title if dossier else None,
        "applicant": dossier.applicant if dossier else None,
        "agency_code": dossier.agency_code if dossier else None,
        "settled_at": to_plain(dossier.settled_at) if dossier else None,
        "papers": papers,
        "tier": hit.tier,
    }
