"""`hoso copy`: small copies for reading and sending."""

from __future__ import annotations

import argparse
from pathlib import Path

from config.settings import ReadingSettings
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.copies import CopyOrder, MadeCopy, copy_file, copy_records
from desk.exit_codes import DONE
from desk.people import current_person
from digitize.access_job import AccessKind
from storage.archive import open_archive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what is copied, how, and where the copies go."""
    parser.add_argument("code", metavar="NGUỒN", help="mã hồ sơ, mã lưu trữ, hoặc tệp PDF")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="THƯ-MỤC", help="nơi ghi bản xem"
    )
    parser.add_argument(
        "--kind",
        choices=[kind.value for kind in AccessKind],
        default=AccessKind.MRC.value,
        metavar="CÁCH",
        help="mrc (mặc định), g4 hoặc gray",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write access copies of a record, of a dossier, or of a PDF."""
    made = _copies(arguments)
    if wants_json(arguments):
        print_json({"copies": made})
        return DONE
    sizes = [(item.file, item.size // 1000, item.source_size // 1000) for item in made]
    print_lines(f"{file}: {size} kB, bản lưu {source} kB" for file, size, source in sizes)
    print_lines(["Bản xem nén mất dữ liệu, không thay thế bản lưu."])
    return DONE


def _copies(arguments: argparse.Namespace) -> tuple[MadeCopy, ...]:
    kind, folder = AccessKind(arguments.kind), arguments.out
    if _is_path(arguments.code):
        order = CopyOrder(kind=kind, folder=folder, reading=ReadingSettings())
        return copy_file(Path(arguments.code), order)
    station = station_of(arguments)
    order = CopyOrder(kind=kind, folder=folder, reading=station.settings.reading)
    with open_archive(station.archive) as archive:
        return copy_records(arguments.code, order, station, archive, current_person())


def _is_path(text: str) -> bool:
    """Codes and ids have neither a slash nor an ending."""
    return Path(text).is_file() or "/" in text or text.lower().endswith(".pdf")


COPY = Command(
    name="copy", help="làm bản xem nhỏ để đọc và gửi", add_arguments=add_arguments, run=run
)
