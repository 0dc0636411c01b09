"""Search: one box, filters with counts, the lines that answer; export of a list with its reason."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.responses import Response

from config.vocabulary import EventType, load_classes
from desk.csv_tables import csv_text
from desk.search_views import view_dossiers, view_missing, view_papers
from desk.web.answers import page
from desk.web.house import Asked
from desk.web.masking import mask
from desk.web.routing import READERS, Page
from desk.web.scope import NOBODY, allowed_agencies
from desk.web.search_address import FACETS, FILTERS, LONGEST_QUERY, SEARCH, search_pairs
from storage.search import Filters, SearchRequest

_PAGE = 20
_MOST_EXPORTED = 1_000
# Of one filter; what is rarer is found by its words.
_MOST_VALUES = 12


def search(asked: Asked) -> Response:
    """Show a page of answers."""
    if asked.asked_for("missing"):
        return _show_missing(asked)
    request = _request(asked)
    answer = _answer(asked, request, facets=True)
    asked.tell(
        EventType.SEARCH,
        "web",
        outcome=request.kind,
        **_marks(asked, request),
        found=answer["count"],
    )
    return page(
        asked,
        "search.html",
        request=request,
        answer=answer,
        facets=_facets(asked, answer),
        names={
            item.code: item.name for item in load_classes(asked.house.station.own_classes).items
        },
        chosen=_chosen(asked),
        most=_MOST_EXPORTED,
        next=_address(asked, after=answer["next"]) if answer["next"] else "",
        saved=asked.house.accounts.searches.of(asked.person.id),
        query=urlencode(search_pairs(asked)),
    )


def export(asked: Asked) -> Response:
    """Give a list as CSV, with the reason; the log has its mark, an auditor reads it there."""
    reason = asked.said("reason")
    if not reason:
        return page(asked, "reason.html", HTTPStatus.UNPROCESSABLE_ENTITY, back=_address(asked))
    # From its beginning, whichever page of it was looked at; of papers alone.
    request = replace(_request(asked, limit=_MOST_EXPORTED), after=None, kind="papers")
    answer = _answer(asked, request, facets=False)
    records = answer["records"]
    asked.tell(
        EventType.DISSEMINATION,
        "web",
        outcome="list",
        **_marks(asked, request),
        reason=asked.house.accounts.keep_reason(reason, asked.at),
        count=len(records),
        is_all=answer["next"] is None,
    )
    headings = ("ma_ho_so", "so_thu_tu", "vai_tro", "loai", "tieu_de", "ket_luan", "luu_kho")
    names = ("dossier_code", "ordinal", "role", "class", "title", "verdict", "filed_at")
    text = csv_text(headings, ([record[name] for name in names] for record in records))
    headers = {"content-disposition": 'attachment; filename="danh-sach.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _marks(asked: Asked, request: SearchRequest) -> dict[str, str]:
    """Return by what the log tells searches apart: a query or a filter may name somebody."""
    filters = urlencode([pair for pair in search_pairs(asked) if pair[0] in FILTERS])
    marks = {"query": request.query, "filters": filters}
    return {name: asked.house.key.mark(text) for name, text in marks.items() if text}


def _request(asked: Asked, limit: int = _PAGE) -> SearchRequest:
    values = {name: _values(asked, name) for name in FILTERS}
    values["agency"] = allowed_agencies(asked.person, values["agency"])
    kind: Literal["papers", "dossiers"] = (
        "dossiers" if asked.asked_for("kind") == "dossiers" else "papers"
    )
    return SearchRequest(
        query=asked.asked_for("q")[:LONGEST_QUERY],
        limit=limit,
        after=asked.asked_for("after") or None,
        kind=kind,
        order="relevance" if asked.asked_for("order") == "relevance" else "newest",
        near=asked.asked_for("near") == "1",
        filters=Filters(**values),
    )


def _values(asked: Asked, name: str) -> tuple[str, ...]:
    return tuple(value for value in asked.request.query_params.getlist(name) if value)


def _answer(asked: Asked, request: SearchRequest, *, facets: bool) -> dict[str, Any]:
    archive = asked.house.archive
    if request.kind == "dossiers":
        answer = view_dossiers(request, archive)
        for dossier in answer["dossiers"]:
            for name in ("title", "applicant"):
                dossier[name] = mask(dossier[name] or "")
        return answer
    scope = () if asked.person.sees_everything else asked.person.agencies
    answer = view_papers(request, archive, with_facets=facets, scope=scope)
    for record in answer["records"]:
        record["title"] = mask(record["title"])
        for hit in record["hits"]:
            hit["pieces"] = _pieces(mask(hit["text"]), hit["marks"])
    return answer


def _pieces(text: str, marks: list[list[int]]) -> list[tuple[str, bool]]:
    """Cut a line into pieces, each with whether it answers the query."""
    pieces, at = [], 0
    for start, end in marks:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [(piece, marked) for piece, marked in (*pieces, (text[at:], False)) if piece]


def _facets(asked: Asked, answer: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return what the answer may be narrowed by."""
    counted = answer.get("facets")
    if not counted:
        return []
    pairs = search_pairs(asked)
    known = urlencode(pairs)
    return [
        (name, [{**item, "link": _narrowed(pairs, known, (name, item["value"]))} for item in shown])
        for name in FACETS
        for shown in [counted[name][:_MOST_VALUES]]
    ]


def _narrowed(pairs: list[tuple[str, str]], known: str, more: tuple[str, str]) -> str:
    """Return the address of a search with one more filter; of the search as it is, once written."""
    parts = [known] if more in pairs else [known, urlencode([more])]
    return f"{SEARCH}?" + "&".join(part for part in parts if part)


def _chosen(asked: Asked) -> list[tuple[str, str, str]]:
    """Return the filters in force, each with the address without it."""
    pairs = search_pairs(asked)
    return [
        (name, value, f"{SEARCH}?" + urlencode([pair for pair in pairs if pair != (name, value)]))
        for name, value in pairs
        if name in FILTERS
    ]


def _address(asked: Asked, **more: str) -> str:
    return f"{SEARCH}?" + urlencode([*search_pairs(asked), *more.items()])


def _show_missing(asked: Asked) -> Response:
    agencies = allowed_agencies(asked.person, _values(asked, "agency"))
    request = SearchRequest(limit=_MOST_EXPORTED, filters=Filters(agency=agencies))
    answer = view_missing(request, asked.house.archive)
    for item in (*answer["dossiers"], *answer["records"]):
        item["title"] = mask(item["title"])
    asked.tell(EventType.SEARCH, "web", outcome="missing", found=len(answer["dossiers"]))
    return page(asked, "missing.html", answer=answer, nobody=agencies == (NOBODY,))


PAGES = (
    Page(path=SEARCH, view=search, roles=READERS),
    Page(path=f"{SEARCH}/danh-sach.csv", view=export, roles=READERS, method="POST"),
)
