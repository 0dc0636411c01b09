"""`hoso doctor`: what is installed, what is set, what is missing, and what to do about it."""

from __future__ import annotations

import argparse

from desk.checkup import Check, check_machine, check_station
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_table
from desk.errors import StationNotFound
from desk.exit_codes import DONE, LOOK


def run(arguments: argparse.Namespace) -> int:
    """Check the machine, and the station where there is one."""
    checks = [*check_machine(), *_station_checks(arguments)]
    if wants_json(arguments):
        print_json(checks)
    else:
        rows = [
            (item.name, "tốt" if item.ok else "THIẾU", item.found, item.advice) for item in checks
        ]
        print_table("Kiểm tra trạm", ("Mục", "Kết quả", "Tìm thấy", "Việc cần làm"), rows)
    return DONE if all(item.ok for item in checks) else LOOK


def _station_checks(arguments: argparse.Namespace) -> list[Check]:
    try:
        return check_station(station_of(arguments))
    except StationNotFound:
        if arguments.station:
            raise
        return []


DOCTOR = Command(name="doctor", help="kiểm tra cài đặt", run=run)
