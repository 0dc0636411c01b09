"""`hoso export`: a dossier or a record leaves the archive as a package."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from config.codec import to_plain
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.departures import take_out
from desk.errors import PathUnusable
from desk.exit_codes import DONE, LOOK
from desk.exporting import Checked, Exported, ExportOrder, hold_against, mark_of, read_request
from desk.moments import now
from desk.people import current_person
from desk.room import telling_full_disk
from storage.archive import open_archive

# Where each format is made; the one that is not asked for is not loaded.
FORMATS = {
    "eark": "desk.eark_exports.export_eark",
    "bundle": "desk.bundling.export_bundle",
    "bagit": "desk.bagging.export_bag",
}
# How packages of each format are checked, by a file that lies in them and in no other.
CHECKS = {
    "METS.xml": "desk.eark_checks.check_eark",
    "GOI.json": "desk.bundling.check_bundle",
    "bagit.txt": "desk.bagging.check_export_bag",
}
PACKAGES = ("aip", "sip", "dip")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what leaves, in which form, and where to."""
    parser.add_argument(
        "code", metavar="MÃ", help="mã hồ sơ hoặc mã lưu trữ; với --check: gói cần kiểm tra"
    )
    parser.add_argument(
        "--format",
        choices=list(FORMATS),
        default="eark",
        metavar="DẠNG",
        help=f"{' hoặc '.join(FORMATS)}; mặc định eark",
    )
    parser.add_argument(
        "--package",
        choices=PACKAGES,
        default="aip",
        metavar="LOẠI",
        help="loại gói eark: aip (mặc định), sip hoặc dip",
    )
    parser.add_argument("--out", type=Path, metavar="NƠI", help="thư mục, hoặc tệp .zip")
    parser.add_argument(
        "--request",
        action="append",
        default=[],
        metavar="TRƯỜNG=GIÁ-TRỊ",
        help="yêu cầu khai thác ghi trong gói dip",
    )
    parser.add_argument(
        "--whole-scans",
        action="store_true",
        help="kèm cả bản quét gốc có giấy tờ không thuộc gói (gói eark, bagit)",
    )
    parser.add_argument(
        "--certified",
        action="store_true",
        help="gói dip: các bản sao có chứng nhận đã cấp, thay cho bản PDF đã lưu",
    )
    _add_check_arguments(parser)


def _add_check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="kiểm tra một gói, không xuất gì")
    parser.add_argument(
        "--sha256",
        metavar="MÃ-BĂM",
        help="với --check: mã SHA-256 được in ra, và ghi trong nhật ký, lúc xuất gói",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write one package, and log that it left; or check one."""
    if arguments.check:
        return _check(arguments)
    _require_sense(arguments)
    station = station_of(arguments)
    order = ExportOrder(
        code=arguments.code,
        format=arguments.format,
        package=arguments.package,
        target=arguments.out,
        actor=current_person(),
        at=now(),
        request=read_request(arguments.request),
        whole_scans=arguments.whole_scans,
        certified=arguments.certified,
    )
    with telling_full_disk(), open_archive(station.archive) as archive:
        exported = take_out(_load(FORMATS[order.format]), order, station, archive)
    _print(exported, arguments)
    return DONE


def _require_sense(arguments: argparse.Namespace) -> None:
    """Let a package leave that was asked for in words that go together.

    Raises:
        PathUnusable: they do not, or no place was named.
    """
    if arguments.out is None:
        raise PathUnusable("Hãy nêu nơi ghi gói: --out NƠI.", "name where the package goes: --out")
    if arguments.certified and arguments.format == "bundle":
        raise PathUnusable(
            "--certified chỉ dùng cho gói dip: --format eark --package dip.",
            "--certified is for a DIP: --format eark --package dip",
        )
    if arguments.sha256 is not None:
        raise PathUnusable(
            "--sha256 chỉ dùng khi kiểm tra gói, cùng với --check.",
            "--sha256 is for a check: give it with --check",
        )


def _check(arguments: argparse.Namespace) -> int:
    path = Path(arguments.code)
    checked: Checked = _load(CHECKS[mark_of(path, tuple(CHECKS))])(path)
    if arguments.sha256 is not None:
        checked = hold_against(checked, arguments.sha256)
    if wants_json(arguments):
        print_json({"ok": not checked.findings, **to_plain(checked)})
    else:
        print_lines(_check_lines(checked))
    return LOOK if checked.findings else DONE


def _check_lines(checked: Checked) -> Iterator[str]:
    yield f"Gói {checked.identifier} ({checked.format}): đã so {checked.files} tệp."
    yield f"Mã SHA-256 của danh sách tệp: {checked.sha256}"
    yield "Không thấy sai lệch." if not checked.findings else f"{len(checked.findings)} SAI LỆCH:"
    yield from (f"  {item.kind} {item.path}: {item.vi}" for item in checked.findings)


def _load(place: str) -> Any:
    module, _, function = place.rpartition(".")
    return getattr(import_module(module), function)


def _print(exported: Exported, arguments: argparse.Namespace) -> None:
    if wants_json(arguments):
        print_json(exported)
        return
    print_lines(
        [
            f"Đã ghi {exported.path}: {len(exported.records)} giấy tờ, {exported.files} tệp, "
            f"{exported.size // 1000} kB.",
            f"Gói {exported.identifier}, SHA-256 {exported.sha256}",
            *(f"Không kèm bản quét gốc của {name}: còn giấy khác." for name in exported.withheld),
        ]
    )


EXPORT = Command(
    name="export",
    help="xuất một hồ sơ hay giấy tờ thành gói, hoặc kiểm tra gói",
    add_arguments=add_arguments,
    run=run,
)
