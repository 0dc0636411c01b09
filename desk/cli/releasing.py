"""`hoso release`: the person's word that lets the agency's key sign."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from desk.certified_copies import WaitingCopy, ask_copy_release, waiting_copies
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table, tell
from desk.errors import UnknownCode
from desk.exit_codes import DONE, LOOK
from desk.moments import show
from desk.people import current_device, current_person
from desk.releases import Releasing, ToRelease, ask_release, waiting_for_release
from desk.station import Station
from desk.unknown_signatures import (
    Decided,
    Decision,
    UnknownSignature,
    ask_decision,
    paper_of,
    unknown_signatures,
)
from storage.archive import Archive, open_archive
from storage.model import ObjectRef


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which submissions to release, and for which key."""
    parser.add_argument("ids", nargs="*", metavar="MÃ", help="mã lượt nộp; bỏ trống để xem")
    parser.add_argument("--all", action="store_true", help="duyệt tất cả giấy đang chờ")
    parser.add_argument("--key", metavar="KHÓA", help="khóa của cơ quan; bỏ trống: theo cài đặt")
    add = parser.add_argument
    add("--again", action="append", metavar="MÃ", default=[], help="ký lại giấy ký dở dang")
    add("--found", action="append", metavar="TỆP", default=[], help="nộp tệp đã ký tìm thấy")
    add("--give-up", action="append", metavar="MÃ", default=[], help="thôi ký giấy ký dở dang")


def run(arguments: argparse.Namespace) -> int:
    """List what waits for a release, or release it in the name of the person at the keyboard."""
    station = station_of(arguments)
    key = _key(arguments, station)
    with open_archive(station.archive) as archive:
        unknown = unknown_signatures(archive)
        decided = _decide(arguments, unknown, archive)
        waiting = waiting_for_release(archive)
        chosen = [
            paper for paper in waiting if arguments.all or paper.submission_id in arguments.ids
        ]
        who = Releasing(actor=current_person(), key=key, device=current_device())
        if chosen:
            ask_release(archive, chosen, who)
        copies, released = _release_copies(arguments, archive, who)
    left = [paper for paper in unknown if paper not in decided]
    if wants_json(arguments):
        told = {"key": key, "count": len(waiting), "waiting": waiting, "released": chosen}
        told |= {"copies": copies, "copies_released": released}
        print_json({**told, "unknown": left, "decided": decided})
    else:
        _show(waiting, chosen, key)
        _show_copies(copies, released)
        _show_unknown(left, decided)
        _tell_unknown(arguments.ids, waiting, copies)
    return LOOK if left else DONE


def _release_copies(
    arguments: argparse.Namespace, archive: Archive, who: Releasing
) -> tuple[list[WaitingCopy], list[str]]:
    """Release certified copies; return those that wait, and the ids of those released now."""
    waiting = waiting_copies(archive)
    chosen = [copy.id for copy in waiting if arguments.all or copy.id in arguments.ids]
    if chosen:
        ask_copy_release(archive, chosen, who)
    return waiting, chosen


def _show_copies(waiting: list[WaitingCopy], released: list[str]) -> None:
    if not waiting:
        return
    headings = ("Mã", "Giấy", "Người xin", "Lý do", "SHA-256 của PDF", "Lần trước", "Duyệt")
    rows = [
        (c.id, c.paper, c.actor, c.reason, c.pdf_sha256, c.note, "đã duyệt" * (c.id in released))
        for c in waiting
    ]
    print_table("Bản sao chờ duyệt ký chứng nhận", headings, rows)


def _decide(
    arguments: argparse.Namespace, unknown: list[UnknownSignature], archive: Archive
) -> list[UnknownSignature]:
    """Write down what the officer decides of papers that may be signed; return those papers."""
    actor, device = current_person(), current_device()
    decided = []
    for path in map(Path, arguments.found):
        paper = paper_of(path, unknown, archive)
        stored = archive.objects.add(path)
        pdf = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        word = Decided(what=Decision.FOUND, actor=actor, device=device, pdf=pdf)
        ask_decision(archive, [paper], word)
        decided.append(paper)
    for what, asked in (
        (Decision.AGAIN, arguments.again),
        (Decision.GIVE_UP, arguments.give_up),
    ):
        chosen = [paper for paper in unknown if paper.submission_id in asked]
        if chosen:
            ask_decision(archive, chosen, Decided(what=what, actor=actor, device=device))
            decided += chosen
        for code in sorted(set(asked) - {paper.submission_id for paper in unknown}):
            tell(f"Không có giấy ký dở dang nào mang mã {code}.")
    return decided


def _show_unknown(left: list[UnknownSignature], decided: list[UnknownSignature]) -> None:
    if not left and not decided:
        return
    headings = ("Mã lượt nộp", "Giấy", "Tệp", "Thư mục", "Dùng khóa lúc", "SHA-256 khóa đã nhận")
    rows = [
        (p.submission_id, str(p.paper), p.name, p.folder, show(p.used_at), p.digest) for p in left
    ]
    print_table("KÝ DỞ DANG: chưa rõ đã ký hay chưa, máy không tự ký lại", headings, rows)
    done = f"; vừa quyết định {len(decided)}" if decided else ""
    print_lines([f"{len(left)} giấy ký dở dang{done}. Chọn --again, --found hoặc --give-up."])


def _key(arguments: argparse.Namespace, station: Station) -> str:
    """Return the key that is released for: the station's, which the person may name.

    Raises:
        UnknownCode: the station signs with another.
    """
    known = station.settings.signing.key
    if arguments.key is not None and arguments.key != known:
        raise UnknownCode(
            f"Trạm ký bằng khóa «{known}», không phải «{arguments.key}». Hãy xem [signing] key.",
            f"the station signs with {known!r}, not with {arguments.key!r}; see [signing] key",
        )
    return known


def _show(waiting: list[ToRelease], chosen: list[ToRelease], key: str) -> None:
    headings = ("Mã lượt nộp", "Giấy", "Tệp", "Thư mục", "Loại", "SHA-256 của PDF", "Duyệt")
    print_table("Giấy chờ duyệt ký", headings, _rows(waiting, chosen))
    done = f"; vừa duyệt {len(chosen)}" if chosen else ""
    print_lines([f"{len(waiting)} giấy chờ ký bằng khóa «{key or 'chưa khai báo'}»{done}."])


def _rows(waiting: list[ToRelease], chosen: list[ToRelease]) -> Iterable[tuple[str, ...]]:
    for paper in waiting:
        told = "đã duyệt" if paper in chosen else ""
        place = (paper.submission_id, str(paper.paper), paper.name, paper.folder)
        yield (*place, paper.title, paper.pdf_sha256, told)


def _tell_unknown(asked: list[str], waiting: list[ToRelease], copies: list[WaitingCopy]) -> None:
    known = {paper.submission_id for paper in waiting} | {copy.id for copy in copies}
    for unknown in sorted(set(asked) - known):
        tell(f"Không có giấy nào mang mã {unknown} đang chờ duyệt.")


RELEASE = Command(
    name="release", help="duyệt ký bằng chữ ký cơ quan", add_arguments=add_arguments, run=run
)
