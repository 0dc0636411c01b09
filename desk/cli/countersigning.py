"""`hoso countersign`: an officer's own signature on a paper that is filed."""

from __future__ import annotations

import argparse

from desk.agency_seal import AgencySeal
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.cli.signing import add_key_arguments, key_of
from desk.countersigning import allow_again, countersign
from desk.exit_codes import DONE
from desk.networks import station_network
from desk.people import current_person
from desk.session_folders import take_over
from signing.model import Level
from signing.trust import load_trust
from storage.archive import open_archive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the record, the key, and a word about an earlier try."""
    parser.add_argument("id", metavar="MÃ", help="mã lưu trữ của giấy đã lưu kho")
    add_key_arguments(parser)
    parser.add_argument("--again", action="store_true", help="cho ký lại lần ký dở dang")


def run(arguments: argparse.Namespace) -> int:
    """Sign a filed paper as one revision more; the engine lets it take its place."""
    station = station_of(arguments)
    key, trust = key_of(arguments), load_trust(station.trust)
    with (
        open_archive(station.archive) as archive,
        AgencySeal(key, trust, station_network(station)) as seal,
    ):
        take_over(archive)
        record = archive.records.get(arguments.id.lower())
        if arguments.again:
            allow_again(record, archive, current_person())
        made = countersign(record, Level(arguments.level), seal, archive, current_person())
    if wants_json(arguments):
        print_json(made)
        return DONE
    print_lines(
        [
            f"Đã ký {made.record_id} bằng chứng thư của {made.signer}, trường {made.field}.",
            "Trạm kiểm tra rồi lưu bản mới ở lượt `hoso run` đang chạy hoặc kế tiếp; các chữ ký "
            "trước giữ nguyên.",
        ]
    )
    return DONE


COUNTERSIGN = Command(
    name="countersign",
    help="ký thêm lên giấy đã lưu kho",
    add_arguments=add_arguments,
    run=run,
)
