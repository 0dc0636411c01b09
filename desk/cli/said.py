"""`hoso person reasons`: texts kept beside exports and hand-overs; listed, and erased."""

from __future__ import annotations

import argparse
from datetime import date

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.errors import PathUnusable
from desk.exit_codes import DONE
from desk.moments import show
from desk.people import current_person
from desk.said_reasons import Kept, erase_reasons, kept_reasons
from storage.archive import open_archive

_KINDS = {"export": "lý do xuất danh sách", "handover": "nơi nhận hồ sơ đã nộp"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which texts, and whether they go."""
    parser.add_argument("--about", default="", metavar="CHỮ", help="chỉ lời có những chữ này")
    parser.add_argument(
        "--before", type=_day, metavar="NĂM-THÁNG-NGÀY", help="chỉ lời ghi trước ngày này"
    )
    parser.add_argument(
        "--erase", action="store_true", help="xóa các lời đó; nhật ký và bằng chứng còn nguyên"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("phải là ngày, ví dụ 2026-11-30") from error


def run(arguments: argparse.Namespace) -> int:
    """List the texts; with `--erase`, erase those that were chosen."""
    if arguments.erase and not (arguments.about or arguments.before):
        raise PathUnusable(
            "Hãy nêu xóa những lời nào: --about CHỮ hoặc --before NGÀY.",
            "say which texts shall go: --about or --before",
        )
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        found = kept_reasons(station, archive, arguments.about, arguments.before)
        if arguments.erase:
            erase_reasons(station, archive, found, actor=current_person())
    if wants_json(arguments):
        print_json({"erased": arguments.erase, "reasons": found})
    else:
        _show(found, is_erased=arguments.erase)
    return DONE


def _show(found: list[Kept], *, is_erased: bool) -> None:
    rows = [(show(one.at), _KINDS[one.kind], one.key, one.said) for one in found]
    print_table("Lời ghi cạnh việc đã làm", ("Lúc", "Loại", "Trong nhật ký", "Lời"), rows)
    if is_erased:
        print_lines([f"Đã xóa {len(found)} lời."])


PERSON_REASONS = Command(
    name="person reasons",
    help="lời nêu khi xuất dữ liệu, nộp hồ sơ: liệt kê, xóa theo luật",
    add_arguments=add_arguments,
    run=run,
)
