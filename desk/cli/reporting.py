"""`hoso report digitisation`: indicators of QĐ 766/QĐ-TTg, by unit, field, time or dossier."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import json_text, print_lines, print_table
from desk.cli.saving import print_or_write, refuse_file
from desk.exit_codes import DONE
from desk.moments import now, show, vietnam
from desk.report_pages import (
    HEADINGS,
    UNMEASURED,
    cells,
    key_headings,
    names_read,
    report_csv,
    report_json,
    report_svg,
    shown,
    title_of,
)
from desk.reports import Measured, Report, make_report, total_score
from storage.archive import open_archive
from storage.report_times import Span
from storage.reports import Period, Scope

_DAY = dt.date.fromisoformat
_SPANS = (
    ("received_to_filed", "Từ lúc nhận bản quét đến lúc lưu kho"),
    ("waited_for_release", "Chờ duyệt ký"),
    ("released_to_signed", "Từ lúc duyệt đến lúc có chữ ký cơ quan"),
    ("waited_for_person", "Chờ người xem ở khay 4, 5"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the days, what the lines are, and the form."""
    parser.add_argument(
        "--from",
        dest="begins",
        type=_DAY,
        metavar="NGÀY",
        help="từ ngày (2026-11-01); mặc định đầu tháng của ngày cuối",
    )
    parser.add_argument(
        "--to", dest="ends", type=_DAY, metavar="NGÀY", help="đến hết ngày; mặc định hôm nay"
    )
    parser.add_argument(
        "--by",
        choices=("unit", "field", "month", "quarter", "year", "dossier"),
        help="mỗi dòng một đơn vị, lĩnh vực, tháng, quý, năm hoặc hồ sơ",
    )
    parser.add_argument(
        "--agency", action="append", default=[], metavar="MÃ", help="chỉ cơ quan này; lặp lại được"
    )
    parser.add_argument(
        "--format", choices=("table", "csv", "json", "svg"), default="table", help="dạng in ra"
    )
    parser.add_argument("--out", type=Path, metavar="TỆP", help="ghi vào tệp thay vì in ra")


def run(arguments: argparse.Namespace) -> int:
    """Print the report, or write it into a file."""
    station = station_of(arguments)
    ends = arguments.ends or vietnam(now()).date()
    period = Period(begins=arguments.begins or ends.replace(day=1), ends=ends)
    scope = Scope(period=period, agencies=tuple(arguments.agency))
    with open_archive(station.archive) as archive:
        report = make_report(station, archive, scope, arguments.by)
    form = "json" if wants_json(arguments) else arguments.format
    if form != "table":
        print_or_write(_FORMS[form](report), arguments.out)
    else:
        refuse_file(arguments.out)
        _print(report)
    return DONE


def _print(report: Report) -> None:
    lines = (*report.lines, report.total)
    rows = [(*names_read(line, report), *map(shown, cells(line.group))) for line in lines]
    print_table(title_of(report), (*key_headings(report), *HEADINGS), rows)
    print_table(
        "Chỉ tiêu QĐ 766/QĐ-TTg, nhóm số hóa hồ sơ",
        ("Chỉ tiêu", "Tỷ lệ", "Đủ điểm ở", "Điểm", "Tối đa"),
        [_indicator_row(item) for item in report.total.indicators],
    )
    score, measured, whole = total_score(report.total.indicators)
    print_lines([f"Điểm đo được: {score:g}/{measured:g} (cả nhóm {whole:g} điểm)."])
    times = [(told, *_span_row(getattr(report.times, name))) for name, told in _SPANS]
    print_table("Thời gian", ("Khoảng", "Số lượt", "Một nửa trong", "90% trong", "Lâu nhất"), times)
    causes = [
        (cause.code, *map(str, (cause.in_error, cause.to_confirm, cause.unknown)))
        for cause in report.causes
    ]
    if causes:
        headings = ("Lý do (docs/trays.md)", "Khay 4", "Khay 5", "Không rõ khay")
        print_table("Vì sao bản quét phải dừng", headings, causes)
    print_lines(_notes(report))


def _indicator_row(item: Measured) -> tuple[str, ...]:
    name = f"{item.name} [chưa đối chiếu]" if item.unverified else item.name
    threshold, most = f"{item.threshold:g}%", f"{item.max_score:g}"
    if item.ratio is None or item.score is None:
        return (name, item.why, threshold, UNMEASURED, most)
    silent = f"; {item.unknown} không rõ" if item.unknown else ""
    ratio = f"{100 * item.ratio:.1f}% ({item.part}/{item.whole}{silent})"
    return (name, ratio, threshold, f"{item.score:g}", most)


def _span_row(span: Span) -> tuple[str, ...]:
    spans = (span.median_seconds, span.p90_seconds, span.longest_seconds)
    return (str(span.count), *map(_duration, spans))


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "ngày"), (hours, "giờ"), (minutes, "phút"), (rest, "giây"))
    told = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(told[:2]) or "0 giây"


def _notes(report: Report) -> list[str]:
    counted, papers = report.total.group.received, report.papers
    notes = [
        f"Giấy tờ lưu kho trong kỳ: {papers.filed} ({papers.pages} trang); {papers.must} thuộc "
        f"diện phải số hóa; {papers.passed} có chữ ký hợp lệ khi lưu.",
        f"Hỏi «kho đã có chưa»: {report.reuse.asked} lần, {report.reuse.held} lần đã có.",
    ]
    told = (
        (counted.components_begun, "hồ sơ chưa đủ thành phần nhưng đã có một phần"),
        (counted.nothing_due, "hồ sơ không có thành phần nào phải số hóa: không tính tỷ lệ"),
        (counted.procedure_unknown, "hồ sơ có thủ tục mà sổ không nêu thành phần: có một là đủ"),
        (report.undated, "hồ sơ trong sổ không có ngày tiếp nhận: không thuộc kỳ nào"),
    )
    notes += [f"! {count} {text}." for count, text in told if count]
    return [*notes, f"Tính theo kho lúc {show(report.made_at)}."]


def _as_json(report: Report) -> str:
    return json_text(report_json(report)) + "\n"


_FORMS: Mapping[str, Callable[[Report], str]] = {
    "csv": report_csv,
    "json": _as_json,
    "svg": report_svg,
}

REPORT_DIGITISATION = Command(
    name="report digitisation",
    help="chỉ tiêu số hóa hồ sơ (QĐ 766/QĐ-TTg)",
    add_arguments=add_arguments,
    run=run,
)
