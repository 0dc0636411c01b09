"""`hoso`: the table of commands, and the one place where errors meet the person.

Known errors are one sentence in Vietnamese, one in English, and their exit code; anything else is a
defect and shows its trace.
"""

from __future__ import annotations

import argparse
import logging
import sys
import traceback
from collections.abc import Sequence

from config.telling import ToldError
from desk.cli import cover, doctor, evidence, init, lists, reading, register, retry, running
from desk.cli.command import Command, wants_json
from desk.cli.output import print_json, tell
from desk.exit_codes import INTERNAL, INTERRUPTED, exit_code_of

COMMANDS: tuple[Command, ...] = (
    init.INIT,
    reading.READ,
    running.RUN,
    running.RELEASE,
    retry.RETRY,
    lists.STATUS,
    register.REGISTER_IMPORT,
    cover.COVER,
    lists.SEARCH,
    lists.SHOW,
    evidence.VERIFY,
    evidence.FIXITY,
    evidence.AUDIT_VERIFY,
    doctor.DOCTOR,
)
_GROUPS = {"register": "sổ hồ sơ của bộ phận một cửa", "audit": "nhật ký sự kiện"}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; `--json` and `--station` may stand before or after a command's own."""
    parser = argparse.ArgumentParser(
        prog="hoso", description="Số hóa, ký số và lưu trữ hồ sơ thủ tục hành chính."
    )
    parser.set_defaults(json=False, station=None)
    _add_common(parser)
    commands = parser.add_subparsers(required=True, metavar="LỆNH")
    groups = {
        name: commands.add_parser(name, help=text).add_subparsers(required=True, metavar="VIỆC")
        for name, text in _GROUPS.items()
    }
    for command in COMMANDS:
        group, _, rest = command.name.rpartition(" ")
        place = groups[group] if group else commands
        child = place.add_parser(rest or command.name, help=command.help, description=command.help)
        _add_common(child)
        command.add_arguments(child)
        child.set_defaults(run=command.run)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    # SUPPRESS: a value given before the command must not be reset by the command's own default.
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="in một giá trị JSON"
    )
    parser.add_argument(
        "--station", metavar="THƯ-MỤC", default=argparse.SUPPRESS, help="thư mục của trạm"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (docs/commands.md)."""
    arguments = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    try:
        return int(arguments.run(arguments))
    except ToldError as error:
        tell(error.vi)
        tell(error.en)
        if wants_json(arguments):
            kind = type(error).__name__
            print_json({"error": {"code": kind, "vi": error.vi, "en": error.en}})
        return exit_code_of(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # noqa: BLE001  the edge: a defect is shown whole, once, here
        tell("Lỗi chưa lường trước. Hãy gửi các dòng dưới đây cho người quản trị.")
        traceback.print_exc(file=sys.stderr)
        return INTERNAL


if __name__ == "__main__":
    sys.exit(main())
