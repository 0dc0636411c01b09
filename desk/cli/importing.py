"""`hoso import`: take in a package of another archive."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.exit_codes import DONE, LOOK
from desk.importing import ImportedPackage, ImportOrder, import_package
from desk.package_scans import hand_in
from desk.people import current_person
from desk.room import telling_full_disk
from desk.station import Station
from storage.archive import open_archive

_STATES = {
    "taken": "đã nhận",
    "held": "kho đã có, giống hệt",
    "completed": "kho đã có, nay bổ sung bản quét",
    "checked": "nhận được",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the package, and the key of whoever packed it."""
    parser.add_argument("package", type=Path, metavar="GÓI", help="thư mục hoặc tệp .zip")
    parser.add_argument(
        "--key", type=Path, metavar="TỆP", help="station.pub của nơi giao, nhận riêng từ trước"
    )
    parser.add_argument("--check", action="store_true", help="chỉ kiểm tra, không nhận vào kho")
    parser.add_argument(
        "--as-scans",
        action="store_true",
        help="gói của phần mềm khác: thả các tệp vào thư mục chờ như bản quét",
    )


def run(arguments: argparse.Namespace) -> int:
    """Take in a package, all of its papers or none."""
    station = station_of(arguments)
    if arguments.as_scans:
        return _hand_in(arguments, station)
    order = ImportOrder(
        path=arguments.package,
        key=arguments.key,
        only_check=arguments.check,
        actor=current_person(),
    )
    with telling_full_disk(), open_archive(station.archive) as archive:
        imported = import_package(order, station, archive)
    if wants_json(arguments):
        print_json(imported)
    else:
        print_lines(_lines(imported))
    is_same = all(paper.verdict == paper.verdict_filed for paper in imported.papers)
    return DONE if is_same else LOOK


def _hand_in(arguments: argparse.Namespace, station: Station) -> int:
    with telling_full_disk(), open_archive(station.archive) as archive:
        handed = hand_in(arguments.package, station, archive, current_person())
    if wants_json(arguments):
        print_json(handed)
        return DONE
    print_lines(
        [
            f"Đã thả {len(handed.files)} tệp của gói {handed.package} vào {station.inbox}.",
            f"Hồ sơ {handed.dossier_code}."
            if handed.dossier_code
            else "Gói không nêu mã hồ sơ TTHC: trạm sẽ hỏi từng giấy.",
        ]
    )
    return DONE


def _lines(imported: ImportedPackage) -> Iterator[str]:
    yield f"Gói {imported.package} ({imported.oais_type}), METS {imported.mets_sha256}"
    yield (
        f"Nhật ký nơi giao: {imported.source_size} sự kiện, khóa {imported.source_key_sha256[:16]}…"
        f"{'' if imported.source_key_is_known else ' (lấy trong gói; nên so với khóa nhận riêng)'}"
    )
    for paper in imported.papers:
        was = paper.verdict_filed
        now_is = "" if paper.verdict == was else f"; tại đây [{paper.verdict}]"
        scan = "; nơi giao không gửi bản quét" if paper.scan_left_out else ""
        yield (
            f"  {paper.dossier_code} {paper.title}: {_STATES[paper.state]}; chữ ký số lúc lưu "
            f"[{was}]{now_is}{scan}"
        )


IMPORT = Command(
    name="import",
    help="nhận vào kho một gói do kho khác xuất",
    add_arguments=add_arguments,
    run=run,
)
