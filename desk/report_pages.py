"""The digitisation report as programs and people take it: JSON, CSV, a chart with its text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from config.codec import to_plain
from desk.csv_tables import csv_text
from desk.moments import show
from desk.reports import FORMAT, Line, Measured, Report, total_score
from storage.reports import Group, Grouping

UNMEASURED = "không đo được"
HEADINGS = (
    "Tiếp nhận",
    "Chưa số hóa TPHS",
    "Có số hóa TPHS",
    "Có tái sử dụng thành phần",
    "Có tái sử dụng từ Cổng DVCQG",
    "Đã giải quyết",
    "Kết quả chưa số hóa",
    "Kết quả đã số hóa",
)
"""Columns of a province's report."""
KEY_HEADINGS: Mapping[Grouping, tuple[str, str]] = {
    "unit": ("Mã đơn vị", "Đơn vị"),
    "field": ("Lĩnh vực", ""),
    "month": ("Tháng", ""),
    "quarter": ("Quý", ""),
    "year": ("Năm", ""),
    "dossier": ("Mã hồ sơ", "Mã thủ tục"),
}
"""What a line's key and name are."""
ALL = "Tổng cộng"
_NO_FIELD = "(chưa rõ lĩnh vực)"
# XML has no place for these, escaped or not.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LABEL_WIDTH, _BAR_WIDTH, _WIDTH = 300, 380, 860
_ROW, _TOP, _BAR = 52, 96, 16
_MOST_ROWS = 200
_COLOURS = ("#1f5fa8", "#a85a1f")
_SERIES = ("Thành phần hồ sơ đã số hóa", "Kết quả đã số hóa")
_TITLE = "Số hóa hồ sơ từ %(begins)s đến %(ends)s"
_LEFT_OUT = "Còn %(count)s dòng không vẽ: dùng dạng csv. "
_MADE = "Lập lúc %(at)s. %(agency)s"
_NOTHING = "không có hồ sơ"
CHART_WORDS = (*_SERIES, _TITLE, _LEFT_OUT, _MADE, _NOTHING, ALL, _NO_FIELD)
"""What the chart says in its own words; who draws it may say them in another language."""
Say = Callable[[str], str]
"""Gives a text of ours in the language of who reads."""


def cells(group: Group) -> tuple[int | None, ...]:
    """Return the columns of a province's report; None where the register does not say."""
    received, settled = group.received, group.settled
    is_silent = received.received and not received.portal_known
    return (
        received.received,
        received.components_missing,
        received.components_digitised,
        received.reused,
        None if is_silent else received.portal_reused,
        settled.settled,
        settled.result_missing,
        settled.result_digitised,
    )


def shown(value: float | None) -> str:
    """Write a number of a column, or that it cannot be measured."""
    return UNMEASURED if value is None else f"{value:g}"


def title_of(report: Report, say: Say = str) -> str:
    """Return what the report is of."""
    period = report.scope.period
    days = {"begins": f"{period.begins:%d/%m/%Y}", "ends": f"{period.ends:%d/%m/%Y}"}
    return say(_TITLE) % days


def names(line: Line, report: Report) -> tuple[str, ...]:
    """Return what stands before the columns of a line."""
    if report.by is None or line is report.total:
        return (ALL, "")[: _key_count(report)]
    key = line.group.key or (_NO_FIELD if report.by == "field" else "")
    return (key, line.group.name)[: _key_count(report)]


def names_read(line: Line, report: Report) -> tuple[str, ...]:
    """Return the same as people read it: months and quarters before their year."""
    told = names(line, report)
    if report.by not in ("month", "quarter") or line is report.total:
        return told
    year, _, part = told[0].partition("-")
    return (f"quý {part[1:]}/{year}" if part.startswith("Q") else f"{part}/{year}",)


def key_headings(report: Report) -> tuple[str, ...]:
    """Return the headings of what stands before the columns."""
    headings = KEY_HEADINGS[report.by] if report.by else ("", "")
    return headings[: _key_count(report)]


def _key_count(report: Report) -> int:
    return 2 if report.by and KEY_HEADINGS[report.by][1] else 1


def report_json(report: Report) -> dict[str, Any]:
    """Return the report for other programs (docs/json.md)."""
    return {
        "format": FORMAT,
        "made_at": to_plain(report.made_at),
        "from": to_plain(report.scope.period.begins),
        "to": to_plain(report.scope.period.ends),
        "agencies": list(report.scope.agencies),
        "by": report.by,
        "agency": {"name": report.agency_name, "code": report.agency_code},
        "indicators_version": report.indicators_version,
        "total": _line_json(report.total),
        "groups": [_line_json(line) for line in report.lines],
        "papers": to_plain(report.papers),
        "times": to_plain(report.times),
        "causes": to_plain(report.causes),
        "reuse": to_plain(report.reuse),
        "undated": report.undated,
    }


def _line_json(line: Line) -> dict[str, Any]:
    group = line.group
    counts = {**to_plain(group.received), **to_plain(group.settled)}
    if cells(group)[4] is None:
        counts["portal_reused"] = None
    score, measured, whole = total_score(line.indicators)
    return {
        "key": group.key,
        "name": group.name,
        "counts": counts,
        "indicators": to_plain(line.indicators),
        "score": score,
        "max_score_measured": measured,
        "max_score": whole,
    }


def report_csv(report: Report) -> str:
    """Return the report as one table: a line each, and all together."""
    scored = [item.name for item in report.total.indicators] if report.by != "dossier" else []
    headings = [
        *key_headings(report),
        *HEADINGS,
        *(f"{word}: {name}" for name in scored for word in ("Tỷ lệ %", "Điểm")),
        *(["Điểm đo được", "Trên tối đa"] if scored else []),
    ]
    lines = (*report.lines, report.total)
    return csv_text(headings, [_csv_cells(line, report, is_scored=bool(scored)) for line in lines])


def _csv_cells(line: Line, report: Report, *, is_scored: bool) -> list[object]:
    counted = [UNMEASURED if cell is None else cell for cell in cells(line.group)]
    row: list[object] = [*names(line, report), *counted]
    if not is_scored:
        return row
    for item in line.indicators:
        row += [_percent(item), UNMEASURED if item.score is None else item.score]
    score, measured, _ = total_score(line.indicators)
    return [*row, score, measured]


def _percent(item: Measured) -> object:
    return UNMEASURED if item.ratio is None else round(100 * item.ratio, 2)


def report_svg(report: Report, say: Say = str) -> str:
    """Return a chart: for each line how much is digitised, in bars and in words."""
    lines = report.lines or (report.total,)
    drawn = lines[:_MOST_ROWS]
    left_out = len(lines) - len(drawn)
    height = _TOP + _ROW * len(drawn) + 40
    rows = "".join(_row(number, line, report, say) for number, line in enumerate(drawn))
    note = say(_LEFT_OUT) % {"count": left_out} if left_out else ""
    made = note + say(_MADE) % {"at": show(report.made_at), "agency": report.agency_name}
    legend = "".join(
        f'<rect x="{16 + 300 * n}" y="52" width="14" height="14" fill="{colour}"/>'
        + _text(38 + 300 * n, 64, say(_SERIES[n]))
        for n, colour in enumerate(_COLOURS)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" '
        f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="14">'
        f'<title id="title">{_safe(title_of(report, say))}</title>'
        f'<desc id="desc">{_safe(_told(drawn, report, say))}</desc>'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        f"{_text(16, 32, title_of(report, say), size=18)}{legend}{rows}"
        f"{_text(16, height - 14, made, size=12)}</svg>\n"
    )


def _row(number: int, line: Line, report: Report, say: Say) -> str:
    top = _TOP + _ROW * number
    bars = "".join(
        _bar(top + (_BAR + 4) * index, share, _COLOURS[index], say)
        for index, share in enumerate(_shares(line))
    )
    return _text(16, top + 20, _short(_name(line, report, say))) + bars


def _bar(top: int, share: tuple[int, int], colour: str, say: Say) -> str:
    part, whole = share
    width = round(_BAR_WIDTH * part / whole, 1) if whole else 0
    return (
        f'<rect x="{_LABEL_WIDTH}" y="{top}" width="{_BAR_WIDTH}" height="{_BAR}" fill="#e6e6e6"/>'
        f'<rect x="{_LABEL_WIDTH}" y="{top}" width="{width}" height="{_BAR}" fill="{colour}"/>'
        + _text(_LABEL_WIDTH + _BAR_WIDTH + 10, top + 13, _share_text(share, say), size=13)
    )


def _shares(line: Line) -> tuple[tuple[int, int], tuple[int, int]]:
    received, settled = line.group.received, line.group.settled
    return (
        (received.components_digitised, received.judged),
        (settled.result_digitised, settled.settled),
    )


def _share_text(share: tuple[int, int], say: Say) -> str:
    part, whole = share
    return f"{100 * part / whole:.0f}% ({part}/{whole})" if whole else say(_NOTHING)


def _told(lines: Sequence[Line], report: Report, say: Say) -> str:
    """Say the chart in words, for whoever does not see it."""
    return "; ".join(
        f"{_name(line, report, say)}: "
        + ", ".join(
            f"{say(name).lower()} {_share_text(share, say)}"
            for name, share in zip(_SERIES, _shares(line), strict=True)
        )
        for line in lines
    )


def _name(line: Line, report: Report, say: Say) -> str:
    read = names_read(line, report)
    told = tuple(say(name) if name in (ALL, _NO_FIELD) else name for name in read)
    # A code of a dossier says more than that of its procedure; a name of an agency than its code.
    return " ".join(filter(None, told if report.by == "dossier" else reversed(told)))


def _short(text: str) -> str:
    return text if len(text) <= 38 else f"{text[:37]}…"


def _text(x: int, y: int, text: str, size: int = 14) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="#1a1a1a">{_safe(text)}</text>'


def _safe(text: str) -> str:
    return html.escape(_UNPRINTABLE.sub("\ufffd", text))
