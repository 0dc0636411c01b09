"""`hoso handover`: which dossiers are due to the archive of the agency, and which it has."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from config.codec import to_plain
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.damage import damage_lines
from desk.exit_codes import DONE, LOOK
from desk.handover import SOON_DAYS, mark_handed_over, measure_deadlines
from desk.people import current_person
from storage.archive import open_archive
from storage.handovers import DueHandover


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take how far to look ahead."""
    parser.add_argument(
        "--days",
        type=_days,
        default=SOON_DAYS,
        metavar="NGÀY",
        help="hồ sơ đến hạn trong bấy nhiêu ngày",
    )


def _days(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5):
        raise argparse.ArgumentTypeError("phải là số ngày, ví dụ 60")
    return int(text)


def handover(arguments: argparse.Namespace) -> int:
    """List the dossiers that are late, and those that are due soon."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        told = measure_deadlines(archive, arguments.days)
    if wants_json(arguments):
        print_json(told)
    else:
        headings = ("Hồ sơ", "Tiêu đề", "Kết thúc", "Hạn nộp", "Giấy tờ")
        print_table("QUÁ HẠN nộp Lưu trữ cơ quan", headings, _rows(told.overdue))
        print_table(f"Đến hạn trong {arguments.days} ngày", headings, _rows(told.due))
        print_lines([f"Đã nộp {told.handed_over} hồ sơ. {told.rule.source}."])
        print_lines(damage_lines(told.damaged, "hồ sơ "))
    return LOOK if told.overdue else DONE


def _rows(dossiers: Iterable[DueHandover]) -> Iterable[tuple[str, ...]]:
    for one in dossiers:
        days = (one.ended_on.strftime("%d/%m/%Y"), one.due_on.strftime("%d/%m/%Y"))
        yield (one.dossier_code, one.title, *days, str(one.papers))


HANDOVER = Command(
    name="handover", help="hạn nộp Lưu trữ cơ quan", add_arguments=add_arguments, run=handover
)


def add_mark_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the dossier, its package, and who received it."""
    parser.add_argument("code", metavar="MÃ-HỒ-SƠ", help="hồ sơ đã nộp")
    parser.add_argument(
        "--package", required=True, metavar="GÓI", help="gói đã nộp, hoặc mã SHA-256 của gói"
    )
    parser.add_argument("--to", required=True, metavar="NƠI-NHẬN", help="nơi nhận")


def mark(arguments: argparse.Namespace) -> int:
    """Note that a dossier was handed over."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        done = mark_handed_over(
            archive, arguments.code, arguments.package, arguments.to, actor=current_person()
        )
    if wants_json(arguments):
        print_json(to_plain(done))
    else:
        print_lines([f"Hồ sơ {done.dossier_code} đã nộp {done.receiver}."])
    return DONE


MARK = Command(
    name="handover mark",
    help="ghi hồ sơ đã nộp",
    add_arguments=add_mark_arguments,
    run=mark,
)
