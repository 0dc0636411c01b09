"""`hoso cover`: cover sheets that tell the papers of one scan apart."""

from __future__ import annotations

import argparse
from pathlib import Path

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.cover import print_covers
from desk.exit_codes import DONE
from desk.people import current_person
from digitize.model import Cover
from storage.archive import open_archive


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("phải là số từ 1 trở lên")
    return count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take dossiers, class, number of pages and where the PDF goes."""
    parser.add_argument("codes", nargs="+", metavar="MÃ", help="mã hồ sơ; mỗi mã một tờ bìa")
    parser.add_argument("--class", dest="kind", metavar="MÃ-LOẠI", help="mã loại giấy tờ")
    parser.add_argument("--pages", type=_count, metavar="N", help="số trang của giấy sau tờ bìa")
    parser.add_argument("--out", type=Path, metavar="TỆP", help="PDF; mặc định to-bia-<mã>.pdf")


def run(arguments: argparse.Namespace) -> int:
    """Print cover sheets into a PDF."""
    station = station_of(arguments)
    target = arguments.out or Path(f"to-bia-{arguments.codes[0]}.pdf")
    covers = tuple(
        Cover(dossier_code=code, class_code=arguments.kind, pages=arguments.pages)
        for code in arguments.codes
    )
    with open_archive(station.archive) as archive:
        printed = print_covers(covers, station, archive, target, current_person())
    if wants_json(arguments):
        print_json({"file": str(target), "sheets": printed})
        return DONE
    print_lines([f"Đã ghi {len(printed)} tờ bìa vào {target}. Hãy in khổ A4, cỡ 100%."])
    return DONE


COVER = Command(name="cover", help="in tờ bìa", add_arguments=add_arguments, run=run)
