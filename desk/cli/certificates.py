"""`hoso people certificate`, `hoso people uncertificate`: which certificates log whom in."""

from __future__ import annotations

import argparse
from pathlib import Path

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.errors import PathUnusable
from desk.exit_codes import DONE
from desk.moments import show
from desk.people import current_person
from desk.web.certificates import add_certificate, remove_certificate
from desk.web.people import certificate_json
from desk.web.serving import open_house


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take whose, and the file."""
    parser.add_argument("login", metavar="TÊN", help="tên đăng nhập")
    parser.add_argument("file", metavar="TỆP", type=Path, help="chứng thư, PEM hoặc DER")


def run(arguments: argparse.Namespace) -> int:
    """Let a certificate log a person in."""
    content = _read(arguments.file)
    with open_house(station_of(arguments)) as house:
        known = add_certificate(house, arguments.login, content, current_person())
    if wants_json(arguments):
        print_json({"login": arguments.login, "certificate": certificate_json(known)})
        return DONE
    print_lines(
        [
            f"«{arguments.login}» đăng nhập được bằng chứng thư của «{known.subject}», do "
            f"«{known.issuer_name}» cấp, có giá trị đến {show(known.valid_to)}.",
            f"SHA-256: {known.sha256}",
        ]
    )
    return DONE


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PathUnusable(
            f"Không đọc được {path}. Hãy kiểm tra đường dẫn.",
            f"cannot read {path}: {error.strerror}",
        ) from error


def add_removal_arguments(parser: argparse.ArgumentParser) -> None:
    """Take whose, and which."""
    parser.add_argument("login", metavar="TÊN", help="tên đăng nhập")
    parser.add_argument("sha256", metavar="SHA-256", help="vân tay chứng thư, như hoso people ghi")


def run_removal(arguments: argparse.Namespace) -> int:
    """Let a certificate log a person in no more."""
    with open_house(station_of(arguments)) as house:
        remove_certificate(house, arguments.login, arguments.sha256, current_person())
    print_lines([f"«{arguments.login}» không còn đăng nhập được bằng chứng thư này."])
    return DONE


CERTIFICATE = Command(
    name="people certificate",
    help="cho một người đăng nhập bằng chứng thư",
    add_arguments=add_arguments,
    run=run,
)
UNCERTIFICATE = Command(
    name="people uncertificate",
    help="thôi cho đăng nhập bằng một chứng thư",
    add_arguments=add_removal_arguments,
    run=run_removal,
)
