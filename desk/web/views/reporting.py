"""The digitisation report of QĐ 766/QĐ-TTg: as a table, a chart that the server draws, and CSV."""

from __future__ import annotations

import datetime as dt
from typing import get_args
from urllib.parse import urlencode

from starlette.responses import Response

from config.vocabulary import EventType
from desk.errors import UnknownCode
from desk.moments import vietnam
from desk.report_pages import (
    HEADINGS,
    cells,
    key_headings,
    names_read,
    report_csv,
    report_svg,
    shown,
)
from desk.reports import Report, make_report, total_score
from desk.web.answers import page
from desk.web.house import Asked
from desk.web.routing import READERS, Page
from desk.web.scope import allowed_agencies
from storage.reports import Grouping, Period, Scope

_REPORT = "/bao-cao"
_GROUPINGS: tuple[str, ...] = get_args(Grouping)


def show_report(asked: Asked) -> Response:
    """Show the report."""
    report = _report(asked)
    asked.tell(EventType.VIEW, "web", outcome="report")
    told = {
        "tu": report.scope.period.begins.isoformat(),
        "den": report.scope.period.ends.isoformat(),
    }
    query = urlencode({**told, "theo": asked.asked_for("theo")})
    return page(
        asked,
        "report.html",
        report=report,
        headings=(*key_headings(report), *HEADINGS),
        lines=[(names_read(line, report), cells(line.group)) for line in report.lines],
        total=cells(report.total.group),
        score=total_score(report.total.indicators),
        groupings=_GROUPINGS,
        chosen=asked.asked_for("theo"),
        shown=shown,
        query=query,
    )


def give_csv(asked: Asked) -> Response:
    """Give the report as CSV."""
    asked.tell(EventType.DISSEMINATION, "web", outcome="report")
    headers = {"content-disposition": 'attachment; filename="so-hoa.csv"'}
    return Response(report_csv(_report(asked)), media_type="text/csv", headers=headers)


def show_chart(asked: Asked) -> Response:
    """Show the chart of the report."""
    return Response(report_svg(_report(asked), asked.translate), media_type="image/svg+xml")


def _report(asked: Asked) -> Report:
    ends = _day(asked.asked_for("den")) or vietnam(asked.at).date()
    begins = _day(asked.asked_for("tu")) or ends.replace(day=1)
    text = asked.asked_for("theo")
    grouping = next((item for item in get_args(Grouping) if item == text), None)
    agencies = allowed_agencies(asked.person, ())
    scope = Scope(period=Period(begins=begins, ends=ends), agencies=agencies)
    return make_report(asked.house.station, asked.house.archive, scope, grouping)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UnknownCode(f"«{text[:40]}» không phải ngày.", f"{text[:40]!r} is no day") from error


PAGES = (
    Page(path=_REPORT, view=show_report, roles=READERS),
    Page(path=f"{_REPORT}/so-hoa.csv", view=give_csv, roles=READERS),
    Page(path=f"{_REPORT}/bieu-do.svg", view=show_chart, roles=READERS),
)
