"""`hoso backup`, `hoso restore`: copies of the station elsewhere, and a station from a copy."""

from __future__ import annotations

import argparse
from pathlib import Path

from desk.backup_checks import check_sets
from desk.backups import (
    Order,
    SetResult,
    back_up_station,
    read_passphrase,
    require_sets,
    weaknesses,
)
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.exit_codes import DONE, LOOK
from desk.moments import show_text
from desk.people import current_person
from desk.restoring import Brought, restore_station
from desk.room import telling_full_disk
from storage.archive import open_archive


def add_backup_arguments(parser: argparse.ArgumentParser) -> None:
    """Take `--full` and `--check`."""
    parser.add_argument("--full", action="store_true", help="sao lưu đầy đủ, dù chưa sang tháng")
    parser.add_argument(
        "--check", action="store_true", help="không sao lưu; đọc lại lần mới nhất của mỗi bộ"
    )


def backup(arguments: argparse.Namespace) -> int:
    """Back up into every set, or read the newest backup of each back."""
    station = station_of(arguments)
    require_sets(station)
    settings = station.settings.backup
    passphrase = read_passphrase(settings.key, station.root)
    if arguments.check:
        with open_archive(station.archive) as archive:
            checked = check_sets(station, archive, passphrase, actor=current_person())
        return _print_check({item.folder: list(item.bad) for item in checked}, arguments)
    order = Order(
        passphrase=passphrase,
        actor=current_person(),
        kind="full" if arguments.full else None,
    )
    with open_archive(station.archive) as archive:
        results = back_up_station(station, archive, order)
    return _print_backup(results, weaknesses(station), arguments)


def _print_check(bad: dict[str, list[str]], arguments: argparse.Namespace) -> int:
    if wants_json(arguments):
        print_json({"ok": not any(bad.values()), "sets": bad})
    else:
        for folder, paths in bad.items():
            print_lines([f"{folder}: {'đọc lại được hết' if not paths else 'HỎNG'}", *paths])
    return LOOK if any(bad.values()) else DONE


def _print_backup(results: list[SetResult], weak: list[str], arguments: argparse.Namespace) -> int:
    is_good = all(result.is_good for result in results)
    if wants_json(arguments):
        print_json({"ok": is_good, "sets": results, "warnings": weak})
    else:
        print_lines([*map(_line, results), *weak])
    return DONE if is_good and not weak else LOOK


def _line(result: SetResult) -> str:
    if result.error:
        return f"{result.folder}: KHÔNG XONG. {result.error}"
    kind = "đầy đủ" if result.kind == "full" else "hằng ngày"
    damaged = f", THIẾU {len(result.damaged)} tệp hỏng" if result.damaged else ""
    return (
        f"{result.folder}: {kind}, {result.records} tài liệu, thêm {result.files_added} tệp, "
        f"{result.bytes_added} byte{damaged}"
    )


BACKUP = Command(
    name="backup", help="sao lưu vào các bộ", add_arguments=add_backup_arguments, run=backup
)


def add_restore_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the set, the folder, the run, and where the passphrase is."""
    parser.add_argument("set", type=Path, metavar="BỘ", help="thư mục của bộ sao lưu")
    parser.add_argument("folder", type=Path, metavar="THƯ-MỤC", help="thư mục mới cho trạm")
    parser.add_argument("--backup", metavar="LẦN", help="lần sao lưu; mặc định lần mới nhất")
    parser.add_argument(
        "--key", default="", metavar="TỆP", help="tệp mật khẩu, quyền 0600; trống = hỏi"
    )


def restore(arguments: argparse.Namespace) -> int:
    """Restore a station into an empty folder; works without a station."""
    passphrase = read_passphrase(arguments.key, Path.cwd())
    with telling_full_disk():
        brought = restore_station(
            arguments.set, passphrase, arguments.folder, arguments.backup, actor=current_person()
        )
    if wants_json(arguments):
        print_json({"ok": brought.is_whole, **_facts(brought)})
    else:
        print_lines(_told(brought))
    return DONE if brought.is_whole else LOOK


def _facts(brought: Brought) -> dict[str, object]:
    return {name: getattr(brought, name) for name in brought.__slots__}


def _told(brought: Brought) -> list[str]:
    whole = "Mọi dòng có tệp của nó, nhật ký đúng." if brought.is_whole else "CÓ SAI LỆCH:"
    return [
        f"Đã khôi phục trạm vào {brought.station}: {brought.records} tài liệu, {brought.files} "
        f"tệp, như lúc {show_text(brought.at)}.",
        *([f"{brought.scan_again} bản quét phải quét lại."] if brought.scan_again else []),
        *(
            [f"{brought.destroyed_again} giấy tờ đã hủy sau lần sao lưu này, nay hủy lại."]
            if brought.destroyed_again
            else []
        ),
        whole,
        *(f"  thiếu tệp {sha256}" for sha256 in brought.missing),
        *(f"  {item.kind} {item.identifier}: {item.vi}" for item in brought.findings),
    ]


RESTORE = Command(
    name="restore", help="khôi phục trạm", add_arguments=add_restore_arguments, run=restore
)
