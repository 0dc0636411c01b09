"""`hoso read`: read files without filing anything."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from config.settings import ReadingSettings
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_json_list, print_lines, tell
from desk.cli.signals import heard
from desk.errors import StationNotFound
from desk.exit_codes import DONE, INTERRUPTED, exit_code_of
from desk.previews import Preview, Unread, preview_json, read_files, understanding_of
from desk.station import Station
from digitize.reader import ReaderStopped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the files and where the PDF/A goes."""
    parser.add_argument("files", nargs="+", type=Path, metavar="TỆP", help="bản quét")
    parser.add_argument("--pdf", type=Path, metavar="RA", help="ghi PDF/A hai lớp, chưa ký")


def run(arguments: argparse.Namespace) -> int:
    """Read each file: text, words, confidence, description; or write its unsigned PDF/A."""
    target, paths = arguments.pdf, arguments.files
    if target is not None and len(paths) > 1:
        target.mkdir(parents=True, exist_ok=True)
    station = _station(arguments)
    settings = station.settings.reading if station else ReadingSettings()
    known = understanding_of(station)
    codes: list[int] = []
    with heard(signal.SIGINT) as signals:
        asked = read_files(paths, target, settings, signals.call, known)
        # Closed however this ends: the reading processes end with it.
        with closing(asked) as read, suppress(ReaderStopped):
            _show(_told(read, codes, alone=len(paths) == 1), arguments)
        return INTERRUPTED if signals.received else next(iter(codes), DONE)


def _show(items: Iterator[Preview | Unread], arguments: argparse.Namespace) -> None:
    if not wants_json(arguments):
        for item in items:
            print_lines(_lines(item))
    elif len(arguments.files) == 1:
        (only,) = items
        print_json(preview_json(only))
    else:
        print_json_list(map(preview_json, items))


def _told(
    items: Iterator[Preview | Unread], codes: list[int], *, alone: bool
) -> Iterator[Preview | Unread]:
    """Pass the files on; say which cannot be read, and note their exit codes.

    Raises:
        DigitizeError, PathUnusable: the only file cannot be read.
    """
    for item in items:
        if isinstance(item, Unread):
            if alone:
                raise item.error
            tell(f"{item.path}: {item.error.vi}")
            tell(item.error.en)
            codes.append(exit_code_of(item.error))
        yield item


def _lines(item: Preview | Unread) -> Iterator[str]:
    if isinstance(item, Unread):
        yield f"== {item.path}: không đọc được"
        return
    best = item.classification.best
    sure = "chắc chắn" if item.classification.sure else "chưa chắc"
    yield f"== {item.path}: {best.code if best else 'không rõ loại'} ({sure})"
    yield from (page.text for page in item.pages)


def _station(arguments: argparse.Namespace) -> Station | None:
    """Return the station that the command is given in; None for none, where none was named."""
    try:
        return station_of(arguments)
    except StationNotFound:
        if arguments.station:
            raise
        return None


READ = Command(name="read", help="đọc thử, không lưu kho", add_arguments=add_arguments, run=run)
