"""`hoso`: the table of commands, and the one place where errors meet the person.

Known errors are one sentence in Vietnamese, one in English, and their exit code; anything else is a
defect and shows where it happened.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any

from config.telling import ToldError
from config.traces import NamelessFormatter, trace_of
from desk.cli.command import Command, wants_json
from desk.cli.output import print_json, tell
from desk.exit_codes import INTERNAL, INTERRUPTED, exit_code_of

# Where each command lives in this package. One that is not asked for is not loaded: most need a
# library of signatures or databases that the others do without.
_PLACES = {
    "init": "init.INIT",
    "read": "reading.READ",
    "run": "running.RUN",
    "sign-session": "sign_session.SIGN_SESSION",
    "release": "releasing.RELEASE",
    "agents": "agents.AGENTS",
    "agents pair": "agents.PAIR",
    "agents unpair": "agents.UNPAIR",
    "agent": "agent.AGENT",
    "agent join": "agent.JOIN",
    "agent journal": "agent.JOURNAL",
    "agent login": "logging_in.AGENT_LOGIN",
    "retry": "retry.RETRY",
    "review": "review.REVIEW",
    "review show": "review.SHOW",
    "review confirm": "review.CONFIRM",
    "review correct": "review.CORRECT",
    "review reject": "review.REJECT",
    "review undo": "review.UNDO",
    "status": "lists.STATUS",
    "register import": "register.REGISTER_IMPORT",
    "cover": "cover.COVER",
    "copy": "copy.COPY",
    "search": "searching.SEARCH",
    "reindex": "searching.REINDEX",
    "show": "lists.SHOW",
    "reuse": "reuse.REUSE",
    "person export": "people_data.PERSON_EXPORT",
    "person reasons": "said.PERSON_REASONS",
    "report digitisation": "reporting.REPORT_DIGITISATION",
    "sign": "signing.SIGN",
    "countersign": "countersigning.COUNTERSIGN",
    "verify": "verifying.VERIFY",
    "evidence": "proofs.EVIDENCE",
    "fixity": "auditing.FIXITY",
    "audit verify": "auditing.AUDIT_VERIFY",
    "audit export": "auditing.AUDIT_EXPORT",
    "audit anchor": "stamping.AUDIT_ANCHOR",
    "audit witness": "auditing.AUDIT_WITNESS",
    "export": "exporting.EXPORT",
    "import": "importing.IMPORT",
    "handover": "handing_over.HANDOVER",
    "handover mark": "handing_over.MARK",
    "dispose": "disposing.DISPOSE",
    "dispose propose": "disposing.PROPOSE",
    "dispose decide": "disposing.DECIDE",
    "dispose carry-out": "disposing.CARRY_OUT",
    "dispose minutes": "disposing.MINUTES",
    "dispose again": "disposing.AGAIN",
    "dispose hold": "holding.HOLD",
    "dispose lift": "holding.LIFT",
    "dispose term": "holding.TERM",
    "backup": "backing_up.BACKUP",
    "backup log": "backup_log.BACKUP_LOG",
    "backup minutes": "backup_log.BACKUP_MINUTES",
    "restore": "backing_up.RESTORE",
    "serve": "serving.SERVE",
    "people": "serving.PEOPLE",
    "people add": "serving.ADD",
    "people renew": "serving.RENEW",
    "people role": "serving.ROLE",
    "people logout": "serving.LOG_OUT",
    "people close": "serving.CLOSE",
    "people certificate": "certificates.CERTIFICATE",
    "people uncertificate": "certificates.UNCERTIFICATE",
    "login": "logging_in.LOGIN",
    "doctor": "doctor.DOCTOR",
}
# Looking for garbage among what is being loaded is a twelfth of a start, and finds none.
_OBJECTS_BETWEEN_SEARCHES = 50_000
_GROUPS = {
    "register": "sổ hồ sơ của bộ phận một cửa",
    "audit": "nhật ký sự kiện",
    "person": "dữ liệu cá nhân",
    "report": "báo cáo",
}


def load_commands(words: Collection[str] = ()) -> tuple[Command, ...]:
    """Return the commands that a command line names; all where it names none."""
    named = [place for name, place in _PLACES.items() if name.partition(" ")[0] in words]
    return tuple(_load(place) for place in named or _PLACES.values())


def _load(place: str) -> Command:
    module, _, name = place.partition(".")
    found: Command = getattr(import_module(f"desk.cli.{module}"), name)
    return found


def build_parser(words: Collection[str] = ()) -> argparse.ArgumentParser:
    """Return the parser; `--json` and `--station` may stand before or after a command's own.

    Args:
        words: the command line; the commands that it does not name are left out. Empty for all.
    """
    parser = argparse.ArgumentParser(
        prog="hoso", description="Số hóa, ký số và lưu trữ hồ sơ thủ tục hành chính."
    )
    parser.set_defaults(json=False, station=None)
    _add_common(parser)
    commands = parser.add_subparsers(required=True, metavar="LỆNH")
    groups: dict[str, Any] = {}
    whole: dict[str, argparse.ArgumentParser] = {}
    for command in load_commands(words):
        group, _, rest = command.name.rpartition(" ")
        if group and group not in groups:
            # A group may be a command itself: it stands before those of the group.
            parent = whole.get(group) or commands.add_parser(group, help=_GROUPS[group])
            groups[group] = parent.add_subparsers(required=group not in whole, metavar="VIỆC")
        place = groups[group] if group else commands
        child = place.add_parser(rest or command.name, help=command.help, description=command.help)
        _add_common(child)
        command.add_arguments(child)
        child.set_defaults(run=command.run)
        whole[command.name] = child
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
    if argv is None:  # started as a program: the process is ours alone
        gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES, *gc.get_threshold()[1:])
    words = sys.argv[1:] if argv is None else argv
    arguments = build_parser(words).parse_args(words)
    journal = logging.StreamHandler()
    journal.setFormatter(NamelessFormatter("%(asctime)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[journal])
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
    except Exception as error:  # noqa: BLE001  the edge: a defect is shown, once, here
        tell("Lỗi chưa lường trước. Hãy gửi các dòng dưới đây cho người quản trị.")
        tell(trace_of(error))
        return INTERNAL


if __name__ == "__main__":
    sys.exit(main())
