"""`hoso sign-session`: a person signs own scans, for a limited time and number."""

from __future__ import annotations

import argparse
import datetime as dt
import threading
from dataclasses import replace

from config.rules import load_rule_set
from desk import startup
from desk.agency_seal import AgencySeal
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table, tell
from desk.cli.running import stop_signals
from desk.exit_codes import DONE, LOOK
from desk.moments import VIETNAM, now, show
from desk.networks import station_network
from desk.people import current_account, current_person
from desk.session_folders import take_over
from desk.sign_sessions import Limits, SignSession, Waiting, allow_again, waiting_for
from desk.signing_rounds import sign_until
from desk.station import Station
from signing.trust import load_trust
from storage.archive import Archive, open_archive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the key, the limits, and what to do about papers of a session that broke off."""
    add = parser.add_argument
    add("--key", metavar="KHÓA", help="khóa cá nhân: tệp PKCS#12, pkcs11:… hoặc csc+https:…")
    add("--passphrase", metavar="TỆP", default="", help="tệp mật khẩu hoặc PIN; không có thì hỏi")
    add("--minutes", type=float, metavar="N", help="phiên dài nhiều nhất, phút")
    add("--limit", type=int, metavar="N", help="ký nhiều nhất bấy nhiêu giấy")
    add("--once", action="store_true", help="ký hết giấy đang chờ rồi đóng phiên")
    add("--again", action="append", metavar="MÃ", default=[], help="cho ký lại giấy dở dang")


def run(arguments: argparse.Namespace) -> int:
    """Show what waits for a person; with a key, open a session and sign it."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        take_over(archive)
        _allow_again(arguments.again, archive)
        if arguments.key is None:
            return _show(waiting_for(archive), arguments)
        session = _run_session(station, archive, arguments)
        return _report(session, waiting_for(archive), arguments)


def _allow_again(asked: list[str], archive: Archive) -> None:
    broken = [paper for paper in waiting_for(archive) if paper.used_by is not None]
    for paper in broken:
        if paper.submission_id in asked:
            allow_again(paper, archive, current_person())
    for unknown in sorted(set(asked) - {paper.submission_id for paper in broken}):
        tell(f"Không có giấy dở dang nào mang mã {unknown}.")


def _run_session(station: Station, archive: Archive, arguments: argparse.Namespace) -> SignSession:
    signing = station.settings.signing
    named = replace(signing, key=arguments.key, passphrase=arguments.passphrase)
    minutes = _at_most(arguments.minutes, signing.session_minutes)
    limits = Limits(
        person=current_account(),
        actor=current_person(),
        papers=int(_at_most(arguments.limit, signing.session_papers)),
        until=now() + dt.timedelta(minutes=minutes),
    )
    rules = load_rule_set(now().astimezone(VIETNAM).date())
    stop = threading.Event()
    key, trust = startup.named_key(named, station.root), load_trust(station.trust)
    with (
        stop_signals(stop),
        AgencySeal(key, trust, station_network(station)) as seal,
        SignSession(station, archive, seal, rules, limits) as session,
    ):
        tell(f"Phiên ký của {session.signer.cn} đã mở, đến {show(limits.until)}. Ctrl-C để đóng.")
        sign_until(session, stop, once=arguments.once, report=tell)
    return session


def _at_most(asked: float | None, allowed: float) -> float:
    """Return what a person asked for, within what the settings allow."""
    return allowed if asked is None else min(asked, allowed)


def _show(waiting: list[Waiting], arguments: argparse.Namespace) -> int:
    broken = [paper for paper in waiting if paper.used_by is not None]
    if wants_json(arguments):
        print_json({"session": None, "signer": None, "used": 0, "signed": 0, "waiting": waiting})
        return LOOK if broken else DONE
    headings = ("Mã lượt nộp", "Giấy", "Tệp", "Thư mục", "Người ký", "Tình trạng")
    rows = [
        (p.submission_id, str(p.paper), p.name, p.folder, p.signer, _standing(p)) for p in waiting
    ]
    print_table("Giấy chờ chữ ký của người sao chụp", headings, rows)
    print_lines([f"{len(waiting)} giấy chờ, trong đó {len(broken)} giấy dở dang."])
    return LOOK if broken else DONE


def _standing(paper: Waiting) -> str:
    if paper.used_by is None:
        return "chờ ký"
    return "DỞ DANG: phiên trước bị ngắt khi đang ký; xem lại rồi dùng --again"


def _report(session: SignSession, waiting: list[Waiting], arguments: argparse.Namespace) -> int:
    broken = [paper for paper in waiting if paper.used_by is not None]
    if wants_json(arguments):
        told = {"session": session.id, "signer": session.signer.cn}
        counts = {"used": session.used, "signed": session.signed}
        print_json({**told, **counts, "waiting": waiting})
    else:
        print_lines([f"Đã ký {session.signed} giấy; còn {len(waiting)} giấy chờ người ký."])
    return LOOK if broken else DONE


SIGN_SESSION = Command(
    name="sign-session",
    help="mở phiên ký cá nhân cho bản quét của mình",
    add_arguments=add_arguments,
    run=run,
)
