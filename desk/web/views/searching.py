"""Search: one box, filters with counts, the lines that answer; export of a list with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote_plus, urlencode

from markupsafe import Markup
from starlette.responses import Response

from config.vocabulary import EventType, load_classes
from desk.csv_tables import csv_text
from desk.search_views import view_dossiers, view_missing, view_papers
from desk.web import labels
from desk.web.answers import page
from desk.web.house import Asked
from desk.web.masking import mask
from desk.web.routing import READERS, Page
from desk.web.scope import NOBODY, allowed_agencies
from desk.web.search_address import FACETS, FILTERS, LONGEST_QUERY, SEARCH, search_pairs
from storage.search import Filters, SearchRequest

Pair = tuple[str, str]
_PAGE = 20
_MOST_EXPORTED = 1_000
# Of one paper: pages that answer, each with a line.
_MOST_LINES = 3
# What `html.escape` changes.
_SPECIAL = re.compile("[&<>\"']")
# Of one filter; what is rarer is found by its words.
_MOST_VALUES = 12


def search(asked: Asked) -> Response:
    """Show a page of answers."""
    if asked.asked_for("missing"):
        return _show_missing(asked)
    request, pairs = _request(asked), search_pairs(asked)
    answer = _answer(asked, request, facets=_MOST_VALUES)
    asked.tell(
        EventType.SEARCH,
        "web",
        outcome=request.kind,
        **_marks(asked, request, pairs),
        found=answer["count"],
    )
    names = load_classes(asked.house.station.own_classes).names
    query = urlencode(pairs)
    return page(
        asked,
        "search.html",
        request=request,
        answer=answer,
        papers=[_row(record, names) for record in answer.get("records", ())],
        facets=_facets(asked, answer, pairs, names),
        chosen=_chosen(asked, pairs, names),
        most=_MOST_EXPORTED,
        next=_narrowed(query, ("after", answer["next"])) if answer["next"] else "",
        saved=asked.house.accounts.searches.of(asked.person.id),
        query=query,
    )


def export(asked: Asked) -> Response:
    """Give a list as CSV, with the reason; the log has its mark, an auditor reads it there."""
    reason = asked.said("reason")
    if not reason:
        back = _narrowed(urlencode(search_pairs(asked)))
        return page(asked, "reason.html", HTTPStatus.UNPROCESSABLE_ENTITY, back=back)
    # From its beginning, whichever page of it was looked at; of papers alone.
    request = replace(_request(asked, limit=_MOST_EXPORTED), after=None, kind="papers")
    answer = _answer(asked, request, facets=0)
    records = answer["records"]
    asked.tell(
        EventType.DISSEMINATION,
        "web",
        outcome="list",
        **_marks(asked, request, search_pairs(asked)),
        reason=asked.house.accounts.keep_reason(reason, asked.at),
        count=len(records),
        is_all=answer["next"] is None,
    )
    headings = ("ma_ho_so", "so_thu_tu", "vai_tro", "loai", "tieu_de", "ket_luan", "luu_kho")
    names = ("dossier_code", "ordinal", "role", "class", "title", "verdict", "filed_at")
    text = csv_text(headings, ([record[name] for name in names] for record in records))
    headers = {"content-disposition": 'attachment; filename="danh-sach.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _marks(asked: Asked, request: SearchRequest, pairs: Sequence[Pair]) -> dict[str, str]:
    """Return by what the log tells searches apart: a query or a filter may name somebody."""
    filters = urlencode([pair for pair in pairs if pair[0] in FILTERS])
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


def _answer(asked: Asked, request: SearchRequest, *, facets: int) -> dict[str, Any]:
    archive = asked.house.archive
    if request.kind == "dossiers":
        answer = view_dossiers(request, archive)
        for dossier in answer["dossiers"]:
            for name in ("title", "applicant"):
                dossier[name] = mask(dossier[name] or "")
        return answer
    scope = () if asked.person.sees_everything else asked.person.agencies
    answer = view_papers(request, archive, facets=facets, scope=scope)
    for record in answer["records"]:
        record["title"] = mask(record["title"])
        record["hits"] = record["hits"][:_MOST_LINES]
        for hit in record["hits"]:
            hit["marked"] = _marked(mask(hit["text"]), hit["marks"])
    return answer


def _row(record: dict[str, Any], names: Mapping[str, str]) -> tuple[Any, ...]:
    """Return what is shown of a paper, in the order of `found.html`: to ask by names is dear."""
    address, picture = _where(record)
    verdict, kind = labels.VERDICTS.get(record["verdict"], (record["verdict"], "doubt"))
    return (
        address,
        record["title"] or names.get(record["class"], record["class"]),
        labels.ROLES[record["role"]],
        record["dossier_code"],
        record["filed_at"],
        verdict,
        kind,
        [(hit["page"], hit["overlay"], hit["marked"]) for hit in record["hits"]],
        picture,
    )


def _where(record: dict[str, Any]) -> tuple[str, str]:
    """Return the address of a paper, at the first line that answers, and of that line's picture."""
    address, hits = f"/giay/{record['id']}", record["hits"]
    if not hits:
        return address, ""
    page_number, line = hits[0]["page"], f"dong={hits[0]['line']}"
    line += "&dau=1" if hits[0]["overlay"] else ""
    return f"{address}?trang={page_number}&{line}", f"{address}/trang/{page_number}/dong.png?{line}"


def _marked(text: str, marks: list[list[int]]) -> Markup:
    """Return a line as HTML, with marks around what answers the query."""
    # Most lines have nothing in them that is to be escaped, which takes longer than the marks.
    as_html = escape if _SPECIAL.search(text) else str
    pieces, at = [], 0
    for start, end in marks:
        pieces += [as_html(text[at:start]), "<mark>", as_html(text[start:end]), "</mark>"]
        at = end
    pieces.append(as_html(text[at:]))
    return Markup("".join(pieces))  # noqa: S704  # all of the text is escaped above


def _facets(
    asked: Asked, answer: dict[str, Any], pairs: Sequence[Pair], names: Mapping[str, str]
) -> list[tuple[str, list[tuple[str, str, bool, int]]]]:
    """Return what the answer may be narrowed by, in the order of `found.html`."""
    counted = answer.get("facets")
    if not counted:
        return []
    known = urlencode(pairs)

    def shown(name: str, item: dict[str, Any]) -> tuple[str, str, bool, int]:
        pair = (name, item["value"])
        link = _narrowed(known) if pair in pairs else _narrowed(known, pair)
        return (link, *_called(asked, names, pair), item["count"])

    return [(labels.FACETS[name], [shown(name, item) for item in counted[name]]) for name in FACETS]


def _called(asked: Asked, names: Mapping[str, str], pair: Pair) -> tuple[str, bool]:
    """Return what people call the value of a filter, and whether that is in their language."""
    name, value = pair
    ours = labels.TABLES.get(name, {}).get(value)
    if ours is not None:
        return asked.translate(ours), True
    label = names.get(value, value) if name == "class_code" else value
    return label, False


def _narrowed(known: str, *more: Pair) -> str:
    """Return the address of a search, with more filters or another place."""
    parts = [known, *(f"{name}={quote_plus(value)}" for name, value in more)]
    return f"{SEARCH}?" + "&".join(part for part in parts if part)


def _chosen(asked: Asked, pairs: Sequence[Pair], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the filters in force, each with the address without it."""

    def told(pair: Pair) -> dict[str, Any]:
        rest = urlencode([other for other in pairs if other != pair])
        label, is_translated = _called(asked, names, pair)
        return {
            "name": pair[0],
            "value": pair[1],
            "without": _narrowed(rest),
            "label": label,
            "is_translated": is_translated,
        }

    return [told(pair) for pair in pairs if pair[0] in FILTERS]


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
