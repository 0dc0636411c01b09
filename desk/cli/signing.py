"""`hoso sign`: sign PDFs with a key that a person names."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from config.settings import SigningSettings
from desk import startup
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, tell
from desk.errors import StationNotFound
from desk.exit_codes import DONE, exit_code_of
from desk.hand_signing import Attempt, Means, Wish, attempt_json, sign_files
from desk.moments import show
from desk.networks import open_network, station_network
from signing.errors import SigningError
from signing.key_names import SignerKey
from signing.model import Level
from signing.network import Network
from signing.providers import Padding
from signing.trust import TrustStore, load_trust


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the files, the key, and where trust and timestamps come from."""
    add = parser.add_argument
    add("files", nargs="+", type=Path, metavar="TỆP", help="tệp PDF cần ký")
    add_key_arguments(parser)
    add("--out", type=Path, metavar="RA", help="tệp đã ký, hoặc thư mục nhận các tệp đã ký")
    add("--field", metavar="TÊN", help="tên trường chữ ký")
    add("--trust", type=Path, metavar="THƯ-MỤC", help="chứng thư gốc tin cậy")
    add("--timestamp-url", metavar="ĐỊA-CHỈ", help="dịch vụ dấu thời gian RFC 3161")
    add("--host", action="append", metavar="MÁY", help="máy chủ được hỏi CRL, OCSP; lặp lại được")


def add_key_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the key of a person, and the level of the signature."""
    add = parser.add_argument
    add("--key", required=True, metavar="KHÓA", help="tệp PKCS#12, pkcs11:… hoặc csc+https:…")
    add("--passphrase", metavar="TỆP", default="", help="tệp mật khẩu hoặc PIN; không có thì hỏi")
    add("--access", metavar="TỆP", default="", help="tệp mã truy cập dịch vụ ký từ xa")
    add("--padding", choices=[item.value for item in Padding], default=Padding.PKCS1.value)
    add("--level", choices=[item.value for item in Level], default=Level.B_LT.value)


def run(arguments: argparse.Namespace) -> int:
    """Sign each file; one that cannot be signed keeps no other from being signed."""
    trust, network = _services(arguments)
    means = Means(key=key_of(arguments), trust=trust, network=network)
    wish = Wish(level=Level(arguments.level), field=arguments.field)
    codes: list[int] = []
    done = _told(sign_files(arguments.files, arguments.out, means, wish), codes)
    if wants_json(arguments):
        # Whole at the end: an error that stops all of it prints a value of its own.
        print_json([attempt_json(attempt) for attempt in done])
    else:
        print_lines(map(_line, done))
    return next(iter(codes), DONE)


def key_of(arguments: argparse.Namespace) -> SignerKey:
    """Name the key; a station's own key signs what was released there, and nothing here."""
    named = SigningSettings(
        key=arguments.key,
        passphrase=arguments.passphrase,
        access=arguments.access,
        padding=arguments.padding,
    )
    return startup.named_key(named, Path.cwd())


def _services(arguments: argparse.Namespace) -> tuple[TrustStore, Network]:
    """Take anchors and services of the station, where there is one, and what is named instead."""
    try:
        station = station_of(arguments)
    except StationNotFound:
        if arguments.station:
            raise
        trust, network = load_trust(arguments.trust), open_network(SigningSettings())
    else:
        trust = load_trust(arguments.trust or station.trust)
        network = station_network(station)
    if arguments.timestamp_url:
        network = dataclasses.replace(
            network, timestamp_url=arguments.timestamp_url, second_timestamp_url=None
        )
    if arguments.host:
        network = dataclasses.replace(network, allowed_hosts=frozenset(arguments.host))
    return trust, network


def _told(attempts: Iterator[Attempt], codes: list[int]) -> Iterator[Attempt]:
    for attempt in attempts:
        if isinstance(attempt.outcome, SigningError):
            tell(f"{attempt.source}: {attempt.outcome.vi}")
            tell(attempt.outcome.en)
            codes.append(exit_code_of(attempt.outcome))
        yield attempt


def _line(attempt: Attempt) -> str:
    signed = attempt.outcome
    if isinstance(signed, SigningError):
        return f"{attempt.source}: CHƯA KÝ"
    stamp = signed.timestamp_time
    time = f"dấu thời gian {show(stamp)}" if stamp else "không có dấu thời gian"
    return f"{signed.path}: đã ký, {signed.signer.cn}, mức {signed.level.value}, {time}"


SIGN = Command(name="sign", help="ký số tệp PDF", add_arguments=add_arguments, run=run)
