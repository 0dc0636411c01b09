"""`hoso dispose hold`, `lift`, `term`: what officers say about keeping single dossiers."""

from __future__ import annotations

import argparse

from config.codec import to_plain
from desk.cli.command import Command, station_of, wants_json
from desk.cli.disposing import words
from desk.cli.output import print_json, print_lines
from desk.exit_codes import DONE, LOOK
from desk.holds import hold, lift, set_term
from desk.people import current_person
from storage.archive import open_archive
from storage.retention import HoldGround


def add_hold_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what is stopped, and why."""
    parser.add_argument("code", metavar="MÃ", help="mã hồ sơ hoặc mã lưu trữ")
    parser.add_argument(
        "--ground",
        required=True,
        choices=[ground.value for ground in HoldGround],
        help="khiếu nại, thanh tra, kiện tụng, khác",
    )
    parser.add_argument("--reason", required=True, type=words, metavar="LÝ-DO", help="vì sao")


def stop(arguments: argparse.Namespace) -> int:
    """Stop the destruction of a dossier or a paper."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        ground = HoldGround(arguments.ground)
        stopped = hold(archive, arguments.code, ground, arguments.reason, actor=current_person())
    told = {"subject": stopped.subject, "ground": stopped.ground.value, "at": to_plain(stopped.at)}
    if wants_json(arguments):
        print_json(told)
    else:
        print_lines([f"Đã tạm dừng hủy {stopped.subject}."])
    return DONE


HOLD = Command(name="dispose hold", help="tạm dừng hủy", add_arguments=add_hold_arguments, run=stop)


def add_lift_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what is no longer stopped, and why."""
    parser.add_argument("code", metavar="MÃ", help="mã hồ sơ hoặc mã lưu trữ")
    parser.add_argument("--reason", required=True, type=words, metavar="LÝ-DO", help="vì sao")


def lift_hold(arguments: argparse.Namespace) -> int:
    """End the holds on a dossier or a paper."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        lifted = lift(archive, arguments.code, arguments.reason, actor=current_person())
    if wants_json(arguments):
        print_json({"subject": arguments.code, "lifted": len(lifted)})
    else:
        print_lines([f"Đã bỏ {len(lifted)} lệnh tạm dừng hủy của {arguments.code}."])
    return DONE if lifted else LOOK


LIFT = Command(
    name="dispose lift", help="bỏ tạm dừng hủy", add_arguments=add_lift_arguments, run=lift_hold
)


def add_term_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the dossier and its term."""
    add = parser.add_argument
    add("code", metavar="MÃ-HỒ-SƠ", help="hồ sơ")
    add("--term", required=True, metavar="MÃ-THỜI-HẠN", help="01 đến 07")
    add("--years", type=int, default=0, metavar="NĂM", help="số năm, chỉ với 07")
    add("--reason", required=True, type=words, metavar="LÝ-DO", help="vì sao")


def term(arguments: argparse.Namespace) -> int:
    """Set the term of one dossier; it makes the keeping longer, never shorter."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        stated = set_term(
            archive,
            arguments.code,
            (arguments.term, arguments.years),
            arguments.reason,
            actor=current_person(),
        )
    if wants_json(arguments):
        print_json({"dossier_code": arguments.code, "term": stated.code, "years": stated.years})
    else:
        length = "vĩnh viễn" if stated.years is None else f"{stated.years} năm"
        print_lines([f"Hồ sơ {arguments.code}: thời hạn {stated.code}, {length}."])
    return DONE


TERM = Command(
    name="dispose term",
    help="thời hạn riêng của một hồ sơ",
    add_arguments=add_term_arguments,
    run=term,
)
