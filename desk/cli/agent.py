"""`hoso agent`: sign on an officer's own computer what a station has had released.

Nothing here needs a station's folder, and nothing what Windows lacks.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Collection
from pathlib import Path

from desk.agent.batch import Tally
from desk.agent.identity import plain_code
from desk.agent.joining import join_station
from desk.agent.journal import Entry, Journal, Standing
from desk.agent.messages import Offer
from desk.agent.run import Agent, Listed
from desk.agent.settings import (
    AgentFolder,
    AgentSettings,
    default_folder,
    load_agent,
)
from desk.cli.command import Command, wants_json
from desk.cli.output import print_json, print_lines, print_table, tell
from desk.exit_codes import DONE, LOOK
from desk.moments import show_text
from signing.providers import Padding

_STANDINGS = {
    Standing.NEW: "",
    Standing.SIGNED: "ĐÃ KÝ ở máy này lúc {at}",
    Standing.UNSURE: "DỞ DANG từ {at}: chưa rõ đã ký hay chưa",
}


class Screen:
    """The officer before this computer; what is said goes to stderr."""

    def show(self, offer: Offer, listed: list[Listed]) -> None:
        """Show a batch: count and titles."""
        tell(f"{offer.station}: {offer.count} giấy chờ ký")
        for each in listed:
            note = _note(each.known, each.standing)
            tell(f"  {each.paper.number}. {each.paper.title}{f'  [{note}]' if note else ''}")

    def choose(self, doubtful: list[Listed]) -> Collection[int]:
        """Ask which of the papers that the journal knows are signed again."""
        numbers = {each.paper.number for each in doubtful}
        shown = ", ".join(map(str, sorted(numbers)))
        tell(f"Giấy {shown} đã dùng khóa ở máy này rồi, nên KHÔNG ký lại, trừ khi ông/bà yêu cầu.")
        tell("Gõ số giấy cần ký lại, cách nhau bằng dấu phẩy; Enter = không ký lại giấy nào:")
        typed = sys.stdin.readline().replace(",", " ").split()
        return numbers & {int(word) for word in typed if word.isdecimal()}

    def tell(self, text: str) -> None:
        """Say something."""
        tell(text)


def _note(known: Entry | None, standing: Standing) -> str:
    return "" if known is None else _STANDINGS[standing].format(at=show_text(known.at))


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Take where the agent lies."""
    parser.add_argument(
        "--folder", metavar="THƯ-MỤC", type=Path, default=None, help="thư mục của máy ký này"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take how long to work."""
    add_folder(parser)
    parser.add_argument("--once", action="store_true", help="ký đợt đang chờ rồi dừng")


def run(arguments: argparse.Namespace) -> int:
    """Wait for released batches; show each, have the PIN typed, sign."""
    tallies: list[Tally] = []
    with Agent(_folder(arguments), Screen()) as agent:
        if arguments.once:
            tally = agent.sign_next()
            tallies += [] if tally is None else [tally]
        else:
            tell("Đang chờ đợt ký. Ctrl-C để dừng.")
            never = threading.Event()
            for tally in agent.sign_until(never.is_set):
                _report(tally)
    if wants_json(arguments):
        print_json([_as_json(tally) for tally in tallies])
    elif tallies:
        _report(tallies[0])
    elif arguments.once:
        print_lines(["Không có giấy chờ ký."])
    return LOOK if any(tally.refused or tally.left for tally in tallies) else DONE


def _report(tally: Tally) -> None:
    lines = [f"Đã ký {tally.signed}/{tally.offer.count} giấy."]
    if tally.refused:
        lines.append(
            f"{tally.refused} giấy KHÔNG ký vì sổ ký của máy này đã có; xem: hoso agent journal"
        )
    if tally.ended:
        lines.append(f"Trạm dừng đợt ký: {tally.ended}")
    elif tally.left:
        lines.append(f"{tally.left} giấy trạm chưa gửi sang; sẽ có ở đợt sau.")
    print_lines(lines)


def _as_json(tally: Tally) -> dict[str, object]:
    return {
        "batch": tally.offer.batch,
        "count": tally.offer.count,
        "signed": tally.signed,
        "refused": tally.refused,
        "left": tally.left,
        "ended": tally.ended,
    }


def add_join_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the station and the key."""
    add_folder(parser)
    parser.add_argument("station", metavar="TRẠM", help="địa chỉ của trạm: máy hoặc máy:cổng")
    parser.add_argument(
        "--key",
        metavar="KHÓA",
        required=True,
        help="khóa ở máy này: pkcs11:token=TÊN?module-path=TỆP",
    )
    parser.add_argument(
        "--padding",
        choices=[each.value for each in Padding],
        default=Padding.PKCS1.value,
        help="cách ký bằng khóa RSA",
    )


def join(arguments: argparse.Namespace) -> int:
    """Pair this computer with a station, by a code that its administrator reads out."""
    tell("Gõ mã ghép do người quản trị trạm đọc:")
    code = plain_code(sys.stdin.readline())
    wished = AgentSettings(
        station=arguments.station, name="", key=arguments.key, padding=arguments.padding
    )
    joined = join_station(_folder(arguments), wished, code)
    if wants_json(arguments):
        print_json(joined)
    else:
        print_lines(
            [
                f"Đã ghép với trạm {joined.station}; máy này tên là «{joined.name}».",
                f"Vân tay chứng thư của trạm: {joined.station_fingerprint}",
                "Ký: hoso agent",
            ]
        )
    return DONE


def show_journal(arguments: argparse.Namespace) -> int:
    """List what the key of this computer was used for; first what is unsure."""
    folder = _folder(arguments)
    load_agent(folder)
    with Journal(folder.root) as journal:
        entries = journal.entries()
    unsure = [entry for entry in entries if entry.standing is Standing.UNSURE]
    if wants_json(arguments):
        print_json({"unsure": len(unsure), "entries": entries})
        return LOOK if unsure else DONE
    headings = ("Lúc", "Giấy", "Tình trạng", "SHA-256 đã ký")
    rows = [
        (show_text(entry.at), entry.title, _standing_of(entry), entry.digest)
        for entry in [*unsure, *(each for each in entries if each not in unsure)]
    ]
    print_table("Sổ ký của máy này", headings, rows)
    print_lines([f"{len(entries)} lần dùng khóa, trong đó {len(unsure)} dở dang."])
    return LOOK if unsure else DONE


def _standing_of(entry: Entry) -> str:
    return "đã ký" if entry.standing is Standing.SIGNED else "DỞ DANG: chưa rõ đã ký hay chưa"


def _folder(arguments: argparse.Namespace) -> AgentFolder:
    return AgentFolder(root=(arguments.folder or default_folder()).resolve())


AGENT = Command(
    name="agent",
    help="máy ký: ký bằng token ở máy này các giấy trạm đã duyệt",
    add_arguments=add_arguments,
    run=run,
)
JOIN = Command(
    name="agent join",
    help="ghép máy này với một trạm",
    add_arguments=add_join_arguments,
    run=join,
)
JOURNAL = Command(
    name="agent journal",
    help="sổ ký của máy này",
    add_arguments=add_folder,
    run=show_journal,
)
