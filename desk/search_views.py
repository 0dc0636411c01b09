"""What a search answers, as the JSON of docs/json.md; every front shares it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.codec import to_plain
from desk import results
from desk.search_scope import links_within, look_within, search_within
from storage.archive import Archive
from storage.found_papers import FoundPaper, found_papers
from storage.highlight import highlight
from storage.legacy_text import repaired
from storage.missing import dossiers_without_result, results_without_dossier
from storage.model import PageText
from storage.query import Query, parse_query
from storage.search import DossierHit, Hit, SearchHit, SearchPage, SearchRequest

Json = dict[str, Any]


def view_papers(
    request: SearchRequest,
    archive: Archive,
    *,
    with_facets: bool = False,
    scope: Sequence[str] = (),
) -> Json:
    """Show a page of papers.

    Args:
        request: What is asked.
        archive: Where.
        with_facets: Count by what the answer could be narrowed.
        scope: Agencies of whose dossiers alone something may be told; empty for all. They stand
            in the request's filters too.
    """
    page = search_within(request, scope, archive)
    told = {"count": page.count, "more": page.more}
    facets = None
    if with_facets or scope:
        within = look_within(page, request, scope, archive)
        told = {"count": within.count, "more": within.more}
        facets = archive.facets.count(within.newest, scope) if with_facets else None
    pages = {hit.record_id: {place.page for place in hit.hits} for hit in page.records}
    papers = found_papers(archive.db, pages)
    query = parse_query(request.query)
    found = [(hit, papers[hit.record_id]) for hit in page.records if hit.record_id in papers]
    return {
        "records": [_view_hit(hit, paper, query, (archive, scope)) for hit, paper in found],
        **_about(page, archive),
        **told,
        "facets": to_plain(facets),
    }


def view_dossiers(request: SearchRequest, archive: Archive) -> Json:
    """Show a page of dossiers."""
    page = archive.search.search(request)
    return {
        "dossiers": [_view_dossier(hit, archive) for hit in page.dossiers],
        **_about(page, archive),
    }


def view_missing(request: SearchRequest, archive: Archive) -> Json:
    """Show what the archive lacks: results of settled dossiers, dossiers of results."""
    agencies, limit = request.filters.agency, request.limit
    return {
        "dossiers": to_plain(dossiers_without_result(archive.db, agencies, limit)),
        "records": to_plain(results_without_dossier(archive.db, agencies, limit)),
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
        "behind": archive.index_lag(),
    }


def _view_hit(
    hit: SearchHit, paper: FoundPaper, query: Query, within: tuple[Archive, Sequence[str]]
) -> Json:
    archive, scope = within
    link = links_within(paper, scope, archive)[0]
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
        "standing": results.standing(paper, archive),
        "tier": hit.tier,
        "hits": [_view_place(paper.pages[place.page], place, query) for place in hit.hits],
    }


def _view_place(page: PageText, hit: Hit, query: Query) -> Json:
    text = line_of(page, hit)
    marks = [[span.start, span.end] for span in highlight(text, query)]
    return {**to_plain(hit), "text": text, "marks": marks}


def _view_dossier(hit: DossierHit, archive: Archive) -> Json:
    dossier = archive.register.dossier(hit.code)
    return {
        "code": hit.code,
        "registered": dossier is not None,
        "title": dossier.title if dossier else None,
        "applicant": dossier.applicant if dossier else None,
        "agency_code": dossier.agency_code if dossier else None,
        "settled_at": to_plain(dossier.settled_at) if dossier else None,
        "papers": archive.results.count_papers(hit.code),
        "tier": hit.tier,
    }
