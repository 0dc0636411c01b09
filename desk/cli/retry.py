"""`hoso retry`: try scans of the error tray again."""

from __future__ import annotations

import argparse

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_table, tell
from desk.exit_codes import DONE
from desk.people import current_person
from desk.retries import ask_retry, in_error
from storage.archive import open_archive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which submissions to try again."""
    parser.add_argument("ids", nargs="*", metavar="MÃ", help="mã lượt nộp; bỏ trống để xem")
    parser.add_argument("--all", action="store_true", help="thử lại tất cả")


def run(arguments: argparse.Namespace) -> int:
    """List what lies in the error tray, or have it tried again."""
    with open_archive(station_of(arguments).archive) as archive:
        failed = in_error(archive)
        chosen = [item for item in failed if arguments.all or item.id in arguments.ids]
        if chosen:
            ask_retry(archive, chosen, current_person())
    retried = {item.id for item in chosen}
    for unknown in sorted(set(arguments.ids) - {item.id for item in failed}):
        tell(f"Không có tệp lỗi nào mang mã {unknown}.")
    if wants_json(arguments):
        print_json({"in_error": failed, "retried": sorted(retried)})
        return DONE
    headings = ("Mã lượt nộp", "Tệp", "Thư mục", "Lý do", "Thử lại")
    rows = [
        (
            item.id,
            item.name,
            item.folder,
            item.reason.vi if item.reason else "",
            "đã yêu cầu" if item.id in retried else "",
        )
        for item in failed
    ]
    print_table("Tệp lỗi trong thư mục 4", headings, rows)
    return DONE


RETRY = Command(
    name="retry", help="thử lại tệp trong thư mục lỗi", add_arguments=add_arguments, run=run
)
