"""`hoso serve`, `hoso people`: the pages of officers and auditors, and who may use them."""

from __future__ import annotations

import argparse
import getpass
import signal
import sys
from base64 import b32encode
from typing import Any

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table, tell
from desk.errors import AnswerRefused
from desk.exit_codes import DONE
from desk.moments import show
from desk.people import current_person
from desk.web.people import (
    Asking,
    Place,
    add_person,
    close_person,
    find_person,
    list_people,
    log_out_everybody,
    log_out_person,
    place_person,
    renew_secrets,
)
from desk.web.serving import open_house, serve
from storage.accounts import EVERYWHERE, WebRole


def run(arguments: argparse.Namespace) -> int:
    """Serve the pages until told to end."""
    # The server ends in order at this signal, then raises it again: for us that is the end.
    signal.signal(signal.SIGTERM, lambda *_: None)
    station = station_of(arguments)
    with open_house(station) as house:
        if not house.accounts.people():
            tell("Chưa có ai dùng được trang này: hãy chạy `hoso people add TÊN --role officer`.")
    serve(station, lambda address: tell(f"Trang web đang chạy ở {address}"))
    return DONE


SERVE = Command(name="serve", help="chạy trang web của cán bộ và kiểm toán", run=run)


def _add_person_arguments(parser: argparse.ArgumentParser) -> None:
    _login_argument(parser)
    parser.add_argument("--name", metavar="HỌ-TÊN", help="họ tên hiện trên trang")
    _place_arguments(parser, is_role_needed=True)


def _place_arguments(parser: argparse.ArgumentParser, *, is_role_needed: bool = False) -> None:
    roles = [role.value for role in WebRole]
    parser.add_argument("--role", choices=roles, required=is_role_needed, help="vai trò")
    parser.add_argument(
        "--agency", action="append", metavar="MÃ", help="chỉ thấy giấy của cơ quan này; * = tất cả"
    )


def add(arguments: argparse.Namespace) -> int:
    """Add a person; the password is asked for twice, the secret of one-time codes is shown once."""
    new = Asking(
        login=arguments.login,
        name=arguments.name or arguments.login,
        role=WebRole(arguments.role),
        agencies=tuple(arguments.agency or ()) or (EVERYWHERE,),
        by=current_person(),
    )
    with open_house(station_of(arguments)) as house:
        secret, address = add_person(house, new, _password())
    _show_secret(arguments, secret, address)
    return DONE


def renew(arguments: argparse.Namespace) -> int:
    """Give a person a new password and a new secret of one-time codes."""
    with open_house(station_of(arguments)) as house:
        secret, address = renew_secrets(house, arguments.login, _password(), current_person())
    _show_secret(arguments, secret, address)
    return DONE


def change_role(arguments: argparse.Namespace) -> int:
    """Give a person another role, another scope, or both; what is not named stays."""
    if arguments.role is None and arguments.agency is None:
        raise AnswerRefused(
            "Chưa nói đổi gì: hãy ghi --role, --agency hoặc cả hai.",
            "nothing to change was named: give --role, --agency or both",
        )
    with open_house(station_of(arguments)) as house:
        person = find_person(house, arguments.login)
        place = Place(
            role=WebRole(arguments.role or person.role),
            agencies=tuple(arguments.agency or person.agencies),
        )
        place_person(house, person.login, place, current_person())
    scope = ", ".join(place.agencies)
    print_lines([f"«{person.login}» nay là {place.role.value}, phạm vi: {scope}."])
    return DONE


def log_out(arguments: argparse.Namespace) -> int:
    """End the sessions of a person, or of everybody."""
    with open_house(station_of(arguments)) as house:
        if arguments.login is None:
            count = log_out_everybody(house, current_person())
            told = f"Đã kết thúc mọi phiên của trang web: {count}."
        else:
            log_out_person(house, arguments.login, current_person())
            told = f"Đã kết thúc mọi phiên của «{arguments.login}»."
    print_lines([told])
    return DONE


def close(arguments: argparse.Namespace) -> int:
    """Close an account; what its person did stays in the log under that name."""
    with open_house(station_of(arguments)) as house:
        close_person(house, arguments.login, current_person())
    print_lines([f"Đã đóng tài khoản «{arguments.login}»."])
    return DONE


def list_all(arguments: argparse.Namespace) -> int:
    """List the people of the pages."""
    with open_house(station_of(arguments)) as house:
        people = list_people(house)
    if wants_json(arguments):
        print_json({"people": people})
        return DONE
    rows = [_row(person) for person in people]
    headings = ("Tên", "Họ tên", "Vai trò", "Cơ quan", "Chứng thư", "")
    print_table("Người dùng trang web", headings, rows)
    return DONE


def _row(person: dict[str, Any]) -> tuple[str, ...]:
    certificates = [
        f"{known['sha256']} (đến {show(known['valid_to'])[:10]})"
        for known in person["certificates"]
    ]
    told = (person["login"], person["name"], person["role"], ", ".join(person["agencies"]))
    return (*told, "\n".join(certificates), "" if person["open"] else "đã đóng")


def _password() -> str:
    """Ask for a password twice; from a pipe, once."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Mật khẩu: ")
    if getpass.getpass("Gõ lại mật khẩu: ") != first:
        tell("Hai lần gõ khác nhau; hãy gõ lại.")
        return _password()
    return first


def _show_secret(arguments: argparse.Namespace, secret: bytes, address: str) -> None:
    written = b32encode(secret).decode()
    if wants_json(arguments):
        print_json({"login": arguments.login, "one_time_secret": written, "address": address})
        return
    tell("Nhập khóa này vào ứng dụng tạo mã dùng một lần (chỉ hiện một lần):")
    print_lines([written, address])


def _login_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", metavar="TÊN", help="tên đăng nhập")


def _role_arguments(parser: argparse.ArgumentParser) -> None:
    _login_argument(parser)
    _place_arguments(parser)


def _log_out_arguments(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("login", metavar="TÊN", nargs="?", help="tên đăng nhập")
    chosen.add_argument("--all", action="store_true", help="của mọi người")


PEOPLE = Command(name="people", help="người dùng trang web", run=list_all)
ADD = Command(
    name="people add", help="thêm người dùng", add_arguments=_add_person_arguments, run=add
)
RENEW = Command(
    name="people renew", help="đặt mật khẩu và mã mới", add_arguments=_login_argument, run=renew
)
ROLE = Command(
    name="people role",
    help="đổi vai trò, phạm vi",
    add_arguments=_role_arguments,
    run=change_role,
)
LOG_OUT = Command(
    name="people logout",
    help="kết thúc phiên đang mở",
    add_arguments=_log_out_arguments,
    run=log_out,
)
CLOSE = Command(
    name="people close", help="đóng tài khoản", add_arguments=_login_argument, run=close
)
