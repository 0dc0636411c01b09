"""`hoso register import`: dossiers, procedures and results of the one-stop system."""

from __future__ import annotations

import argparse
from pathlib import Path

from config.vocabulary import load_classes
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.exit_codes import DONE
from desk.people import current_person
from desk.registering import import_register
from storage.archive import open_archive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the file."""
    parser.add_argument("file", type=Path, metavar="TỆP", help="JSON hoặc CSV (docs/register.md)")


def run(arguments: argparse.Namespace) -> int:
    """Import a register file; what is known already is updated."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        classes = load_classes(station.own_classes)
        count = import_register(arguments.file, archive, classes, actor=current_person())
    if wants_json(arguments):
        print_json(count)
        return DONE
    print_lines(
        [
            f"Đã nhập {count.procedures} thủ tục, {count.dossiers} hồ sơ, "
            f"{count.results} kết quả; {count.changed} mục mới hoặc thay đổi, "
            f"{count.tied} kết quả đã lưu kho nay được nối."
        ]
    )
    print_lines(
        f"! Mã loại giấy tờ {code} trạm chưa biết: giấy loại đó sẽ luôn bị coi là thiếu. "
        "Hãy sửa mã, hoặc thêm loại vào danh mục riêng (config/classes.toml)."
        for code in count.unknown_classes
    )
    return DONE


REGISTER_IMPORT = Command(
    name="register import", help="nhập sổ hồ sơ", add_arguments=add_arguments, run=run
)
