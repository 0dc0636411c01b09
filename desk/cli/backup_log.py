"""`hoso backup log`, `hoso backup minutes`: who backed up, checked, restored what, and when."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from config.codec import to_plain
from desk.backup_papers import forms_of, log_csv, log_headings, log_rows, write_minutes
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import json_text, print_json, print_table
from desk.cli.saving import print_or_write, refuse_file
from desk.errors import UnknownCode
from desk.exit_codes import DONE
from desk.moments import now, vietnam
from storage.archive import open_archive
from storage.backup_log import find_entry, read_backup_log
from storage.times import moments_of

_FIRST = dt.date(2000, 1, 1)


def add_log_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the days and the form."""
    day = dt.date.fromisoformat
    parser.add_argument(
        "--from", dest="begins", type=day, metavar="NGÀY", help="từ ngày; mặc định từ đầu"
    )
    parser.add_argument(
        "--to", dest="ends", type=day, metavar="NGÀY", help="đến hết ngày; mặc định hôm nay"
    )
    parser.add_argument(
        "--format", choices=("text", "csv", "json"), default="text", help="dạng in ra"
    )
    parser.add_argument("--out", type=Path, metavar="TỆP", help="ghi vào tệp; chỉ csv và json")


def log(arguments: argparse.Namespace) -> int:
    """Print the backup log."""
    station = station_of(arguments)
    begins = arguments.begins or _FIRST
    ends = arguments.ends or vietnam(now()).date()
    with open_archive(station.archive) as archive:
        entries = read_backup_log(archive, *moments_of(begins, ends))
    forms = forms_of(station)
    form = "json" if wants_json(arguments) else arguments.format
    if form == "text":
        refuse_file(arguments.out)
        print_table("Sổ sao lưu", log_headings(forms), log_rows(entries, forms))
    elif form == "csv":
        print_or_write(log_csv(entries, forms), arguments.out)
    else:
        print_or_write(
            json_text({"entries": [to_plain(item) for item in entries]}) + "\n", arguments.out
        )
    return DONE


BACKUP_LOG = Command(name="backup log", help="sổ sao lưu", add_arguments=add_log_arguments, run=log)


def add_minutes_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which act, and a file."""
    parser.add_argument("number", type=int, metavar="SỐ", help="số sự kiện trong sổ sao lưu")
    parser.add_argument("--out", type=Path, metavar="TỆP", help="ghi vào tệp thay vì in ra")


def minutes(arguments: argparse.Namespace) -> int:
    """Print the minutes of one act of the backup log."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        entry = find_entry(archive, arguments.number)
    if entry is None:
        raise UnknownCode(
            f"Sự kiện {arguments.number} không có trong sổ sao lưu. Hãy xem `hoso backup log`.",
            f"event {arguments.number} is not in the backup log; see `hoso backup log`",
        )
    text = write_minutes(entry, station)
    if wants_json(arguments):
        print_json({"entry": entry, "text": text})
    else:
        print_or_write(text, arguments.out)
    return DONE


BACKUP_MINUTES = Command(
    name="backup minutes",
    help="biên bản sao lưu, kiểm tra, khôi phục",
    add_arguments=add_minutes_arguments,
    run=minutes,
)
