"""`hoso read`: read files without filing anything."""

from __future__ import annotations

import argparse
from pathlib import Path

from config.settings import ReadingSettings
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.errors import StationNotFound
from desk.exit_codes import DONE
from desk.previews import preview, preview_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the files and where the PDF/A goes."""
    parser.add_argument("files", nargs="+", type=Path, metavar="TỆP", help="bản quét")
    parser.add_argument("--pdf", type=Path, metavar="RA", help="ghi PDF/A hai lớp, chưa ký")


def run(arguments: argparse.Namespace) -> int:
    """Read each file: text, words, confidence, description; or write its unsigned PDF/A."""
    target = arguments.pdf
    if target is not None and len(arguments.files) > 1:
        target.mkdir(parents=True, exist_ok=True)
    settings = _reading_settings(arguments)
    previews = [preview(path, target, settings) for path in arguments.files]
    if wants_json(arguments):
        shown = [preview_json(item) for item in previews]
        print_json(shown[0] if len(shown) == 1 else shown)
        return DONE
    for item in previews:
        best = item.classification.best
        sure = "chắc chắn" if item.classification.sure else "chưa chắc"
        print_lines([f"== {item.path}: {best.code if best else 'không rõ loại'} ({sure})"])
        print_lines(page.text for page in item.pages)
    return DONE


def _reading_settings(arguments: argparse.Namespace) -> ReadingSettings:
    """Take the station's languages and limits; the defaults where there is no station."""
    try:
        return station_of(arguments).settings.reading
    except StationNotFound:
        if arguments.station:
            raise
        return ReadingSettings()


READ = Command(name="read", help="đọc thử, không lưu kho", add_arguments=add_arguments, run=run)
