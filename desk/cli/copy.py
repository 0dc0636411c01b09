"""`hoso copy`: copies of filed papers, for reading, for sending, or certified."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from config.settings import ReadingSettings
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.copies import (
    Asked,
    CopyOrder,
    MadeCopy,
    ask_certified,
    copy_file,
    copy_records,
    issued_copies,
)
from desk.errors import AnswerRefused
from desk.exit_codes import DONE
from desk.moments import now, show
from desk.people import current_person
from desk.reading_copies import last_day_of, reading_folder, write_list
from desk.room import telling_full_disk
from digitize.access_job import AccessKind
from storage.access_copies import CopyState, IssuedCopy, IssuedKind
from storage.archive import open_archive

_STATES = {
    CopyState.ASKED: "chờ duyệt ký",
    CopyState.RELEASED: "chờ ký",
    CopyState.ISSUED: "đã cấp",
    CopyState.EXPIRED: "hết hạn",
    CopyState.PURGED: "tệp đã xóa",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what is copied, which kind of copy, why, and where the copies go."""
    add = parser.add_argument
    add("code", metavar="NGUỒN", help="mã hồ sơ, mã lưu trữ, hoặc tệp PDF")
    add(
        "--kind",
        choices=[kind.value for kind in IssuedKind],
        default=IssuedKind.PLAIN.value,
        metavar="LOẠI",
        help="plain (mặc định): bản sao không chứng nhận; reading: bản đọc; certified: bản sao "
        "có chữ ký số của cơ quan, chờ duyệt ký",
    )
    add("--reason", default="", metavar="LÝ-DO", help="lý do cấp bản sao, ghi vào sổ")
    add("--out", type=Path, metavar="THƯ-MỤC", help="nơi ghi bản sao, bản xem")
    add(
        "--packing",
        choices=[kind.value for kind in AccessKind],
        default=AccessKind.MRC.value,
        metavar="CÁCH",
        help="cách nén ảnh: mrc (mặc định), g4 hoặc gray",
    )
    add("--list", action="store_true", help="xem sổ bản sao đã cấp, không cấp bản nào")


def run(arguments: argparse.Namespace) -> int:
    """Write copies of a record, of a dossier or of a PDF; a certified one is asked for."""
    if arguments.list:
        return _show_register(arguments)
    if _is_path(arguments.code):
        reading = ReadingSettings()
        made: tuple[MadeCopy, ...] = copy_file(
            Path(arguments.code), _order(arguments, reading, arguments.out)
        )
        return _tell(made, (), arguments)
    if arguments.kind == IssuedKind.CERTIFIED:
        return _tell((), _asked_for(arguments), arguments)
    return _tell(_copies(arguments), (), arguments)


def _show_register(arguments: argparse.Namespace) -> int:
    """Show to whose order copies were issued, why, and what became of them."""
    with open_archive(station_of(arguments).archive) as archive:
        issued = issued_copies(arguments.code, archive)
    if wants_json(arguments):
        print_json({"issued": issued})
        return DONE
    headings = ("Giấy", "Loại", "Tình trạng", "Người cấp", "Lúc", "Lý do", "SHA-256")
    rows = [
        (c.paper, c.kind, _STATES[c.state], c.actor, show(c.at), c.reason, c.sha256) for c in issued
    ]
    print_table("Sổ bản sao", headings, rows)
    return DONE


def _copies(arguments: argparse.Namespace) -> tuple[MadeCopy, ...]:
    station = station_of(arguments)
    kind = IssuedKind(arguments.kind)
    is_reading = kind is IssuedKind.READING
    if is_reading and arguments.out is not None:
        raise AnswerRefused(
            "Bản đọc chỉ được giữ trong thư mục của trạm. Hãy bỏ --out.",
            "a reading copy stays in the station's own folder; leave --out away",
        )
    asked = Asked(
        kind=kind,
        actor=current_person(),
        reason=arguments.reason,
        at=now(),
        last_day=last_day_of(station, now()) if is_reading else None,
    )
    folder = reading_folder(station) if is_reading else arguments.out
    order = _order(arguments, station.settings.reading, folder)
    with telling_full_disk(), open_archive(station.archive) as archive:
        made = copy_records(arguments.code, order, station, archive, asked)
        if is_reading:
            write_list(station, archive)
    return made


def _asked_for(arguments: argparse.Namespace) -> tuple[IssuedCopy, ...]:
    station = station_of(arguments)
    asked = Asked(
        kind=IssuedKind.CERTIFIED, actor=current_person(), reason=arguments.reason, at=now()
    )
    with open_archive(station.archive) as archive:
        return ask_certified(arguments.code, asked, archive)


def _order(
    arguments: argparse.Namespace, reading: ReadingSettings, folder: Path | None
) -> CopyOrder:
    if folder is None:
        raise AnswerRefused(
            "Hãy cho biết nơi ghi bản sao bằng --out THƯ-MỤC.", "name the copies' folder with --out"
        )
    return CopyOrder(kind=AccessKind(arguments.packing), folder=folder, reading=reading)


def _tell(
    made: Iterable[MadeCopy], waiting: tuple[IssuedCopy, ...], arguments: argparse.Namespace
) -> int:
    made = tuple(made)
    if wants_json(arguments):
        shown = [
            {"id": c.id, "record_id": c.record_id, "pdf_sha256": c.pdf_sha256} for c in waiting
        ]
        print_json({"copies": made, "awaiting_release": shown})
        return DONE
    for copy in made:
        until = f", đọc đến hết {copy.last_day.strftime('%d/%m/%Y')}" if copy.last_day else ""
        sizes = f"{copy.size // 1000} kB, bản lưu {copy.source_size // 1000} kB"
        print_lines([f"{copy.file}: {sizes}{until}"])
    if made:
        print_lines(["Bản sao nén mất dữ liệu, không có chứng nhận, không thay thế bản lưu."])
    print_lines(f"{copy.id}: chờ duyệt ký bằng `hoso release {copy.id}`" for copy in waiting)
    return DONE


def _is_path(text: str) -> bool:
    """Codes and ids have neither a slash nor an ending."""
    return Path(text).is_file() or "/" in text or text.lower().endswith(".pdf")


COPY = Command(
    name="copy", help="làm bản sao, bản đọc, bản xem", add_arguments=add_arguments, run=run
)
