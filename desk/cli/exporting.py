"""`hoso export`: a dossier or a record leaves the archive as a package."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.exit_codes import DONE
from desk.exporting import Export, Exported, ExportOrder, note_export
from desk.moments import now
from desk.people import current_person
from desk.room import telling_full_disk
from storage.archive import open_archive

# Where each format is made; the one that is not asked for is not loaded.
FORMATS = {
    "eark": "desk.eark_exports.export_eark",
    "bundle": "desk.bundling.export_bundle",
}
PACKAGES = ("aip", "sip", "dip")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what leaves, in which form, and where to."""
    parser.add_argument("code", metavar="MÃ", help="mã hồ sơ hoặc mã lưu trữ")
    parser.add_argument(
        "--format", required=True, choices=list(FORMATS), metavar="DẠNG", help=" hoặc ".join(FORMATS)
    )
    parser.add_argument(
        "--package",
        choices=PACKAGES,
        default="aip",
        metavar="LOẠI",
        help="loại gói eark: aip (mặc định), sip hoặc dip",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="NƠI", help="thư mục, hoặc tệp .zip"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write one package, and log that it left."""
    station = station_of(arguments)
    order = ExportOrder(
        code=arguments.code,
        format=arguments.format,
        package=arguments.package,
        target=arguments.out,
        actor=current_person(),
        at=now(),
    )
    with telling_full_disk(), open_archive(station.archive) as archive:
        exported = _export(order.format)(order, station, archive)
        note_export(exported, order, archive)
    _print(exported, arguments)
    return DONE


def _export(name: str) -> Export:
    module, _, function = FORMATS[name].rpartition(".")
    found: Export = getattr(import_module(module), function)
    return found


def _print(exported: Exported, arguments: argparse.Namespace) -> None:
    if wants_json(arguments):
        print_json(exported)
        return
    print_lines(
        [
            f"Đã ghi {exported.path}: {len(exported.records)} giấy tờ, {exported.files} tệp, "
            f"{exported.size // 1000} kB.",
            f"Gói {exported.identifier}, SHA-256 {exported.sha256}",
        ]
    )


EXPORT = Command(
    name="export",
    help="xuất một hồ sơ hay giấy tờ thành gói",
    add_arguments=add_arguments,
    run=run,
)
