"""`hoso person export`: everything held on one person, for that person."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.exit_codes import DONE, LOOK
from desk.people import current_person
from desk.person_files import hand_out
from desk.personal_data import FOR_OFFICER, FOR_PERSON, Exported, Wanted
from storage.archive import open_archive

_TO_JUDGE = ("possible", "possible_dossiers", "in_work", "not_copied", "index_lag")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take whose data, where to, and why."""
    parser.add_argument(
        "--id",
        required=True,
        metavar="SỐ",
        help="số định danh, CMND hoặc hộ chiếu; «-»: đọc từ stdin",
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="THƯ-MỤC", help="thư mục mới hoặc trống"
    )
    parser.add_argument("--reason", required=True, metavar="LÝ-DO", help="yêu cầu nào, của ai")
    parser.add_argument(
        "--name", action="append", default=[], metavar="TÊN", help="tên khác của người này"
    )
    parser.add_argument(
        "--include",
        action="append",
        default=[],
        metavar="MÃ",
        help="mã tài liệu mà cán bộ xác nhận là của người này",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the export; say how much, and never whose."""
    station = station_of(arguments)
    number = sys.stdin.readline() if arguments.id == "-" else arguments.id
    wanted = Wanted(
        number=number,
        reason=arguments.reason,
        actor=current_person(),
        names=tuple(arguments.name),
        include=tuple(arguments.include),
    )
    with open_archive(station.archive) as archive:
        exported = hand_out(station, archive, wanted, arguments.out)
    facts = _facts(exported)
    if wants_json(arguments):
        print_json(facts)
    else:
        print_lines(_told(exported))
    is_open = any(facts[key] for key in _TO_JUDGE)
    return LOOK if is_open else DONE


def _facts(exported: Exported) -> dict[str, object]:
    held = exported.held
    return {
        "folder": str(exported.folder),
        "records": len(held.own),
        "not_copied": sum(copied.file is None for copied in exported.pdfs.values()),
        "mentions": len(held.mentioned),
        "dossiers": len(held.dossiers),
        "possible": len(held.possible),
        "possible_dossiers": len(held.possible_dossiers),
        "in_work": len(held.in_work),
        "index_lag": held.index_lag,
    }


def _told(exported: Exported) -> list[str]:
    held = exported.held
    return [
        f"Đã ghi vào {exported.folder}: {len(held.own)} giấy tờ, {len(held.mentioned)} giấy của "
        f"người khác có nhắc đến, {len(held.dossiers)} hồ sơ trong sổ.",
        f"Giao thư mục {FOR_PERSON} cho người yêu cầu, sau khi xem {FOR_OFFICER}.",
        f"Có thể, chỉ trùng tên: {len(held.possible)} giấy, {len(held.possible_dossiers)} hồ sơ; "
        f"chưa lưu kho: {len(held.in_work)} bản quét.",
    ]


PERSON_EXPORT = Command(
    name="person export",
    help="dữ liệu kho giữ về một người",
    add_arguments=add_arguments,
    run=run,
)
