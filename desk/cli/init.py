"""`hoso init`: make a station."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from config.settings import AgencySettings, Settings, SigningSettings
from config.tables import SettingsError
from desk.cli.command import Command, wants_json
from desk.cli.output import print_json, print_lines
from desk.demo.founding import found_demo
from desk.exit_codes import DONE
from desk.founding import Founded, found_station
from desk.moments import now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the folder and what `init` would ask for."""
    parser.add_argument("folder", type=Path, metavar="THƯ-MỤC", help="thư mục mới cho trạm")
    parser.add_argument("--demo", action="store_true", help="trạm dùng thử, có sẵn hồ sơ mẫu")
    parser.add_argument("--agency", default=None, metavar="TÊN", help="tên cơ quan")
    parser.add_argument("--agency-code", default="", metavar="MÃ", help="mã định danh cơ quan")
    parser.add_argument(
        "--personal", choices=("required", "off"), default=None, help="chữ ký cá nhân"
    )
    parser.add_argument(
        "--release", choices=("person", "automatic"), default="person", help="ai duyệt ký"
    )


def run(arguments: argparse.Namespace) -> int:
    """Make a station and say what to do next."""
    founded = _found(arguments)
    root = founded.station.root
    if wants_json(arguments):
        print_json({"station": root, "demo": arguments.demo, "public_key": founded.public_key})
        return DONE
    next_step = (
        f"cp -r '{root}'/samples/. '{founded.station.inbox}' && hoso run --once --station '{root}'"
        if arguments.demo
        else f"ghi khóa ký và dịch vụ dấu thời gian vào {root}/hoso.toml, đặt chứng thư gốc vào "
        f"{root}/trust, rồi `hoso doctor --station '{root}'`"
    )
    print_lines(
        [
            f"Đã lập trạm tại {root}",
            f"Khóa công khai của nhật ký: {founded.public_key}",
            f"Việc tiếp theo: {next_step}",
        ]
    )
    return DONE


def _found(arguments: argparse.Namespace) -> Founded:
    if arguments.demo:
        return found_demo(arguments.folder.absolute(), now())
    agency = arguments.agency or _ask("Tên cơ quan")
    if not agency:
        raise SettingsError(
            "Thiếu tên cơ quan: nó đứng trong khối chữ ký số. Hãy thêm --agency 'TÊN'.",
            "the agency's name is missing; add --agency",
        )
    personal = arguments.personal or _ask_personal()
    settings = Settings(
        agency=AgencySettings(name=agency, code=arguments.agency_code),
        signing=SigningSettings(personal=personal, release=arguments.release),
    )
    return found_station(arguments.folder.absolute(), settings)


def _ask(question: str) -> str:
    return input(f"{question}: ").strip() if sys.stdin.isatty() else ""


def _ask_personal() -> str:
    answer = _ask("Người sao chụp có ký số cá nhân trước khi bóc tách không? [C/k]")
    return "off" if answer.lower().startswith("k") else "required"


INIT = Command(name="init", help="lập trạm mới", add_arguments=add_arguments, run=run)
