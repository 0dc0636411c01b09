"""`hoso agents`: the computers of officers that sign for this station."""

from __future__ import annotations

import argparse

from desk.agent.identity import fingerprint
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.exit_codes import DONE
from desk.moments import show
from desk.people import current_person
from desk.remote.paired import (
    PairedAgent,
    ensure_identity,
    give_code,
    paired_agents,
    unpair,
)
from desk.station import Station
from storage.archive import open_archive


def list_agents(arguments: argparse.Namespace) -> int:
    """List the paired computers, and what this station shows them."""
    station = station_of(arguments)
    own, agents = fingerprint(ensure_identity(station)), paired_agents(station)
    if wants_json(arguments):
        settings = station.settings
        told = {"port": settings.agents.port, "key": settings.signing.key, "fingerprint": own}
        print_json({**told, "agents": [_as_json(agent) for agent in agents]})
        return DONE
    headings = (
        "Tên",
        "Người giữ khóa",
        "Tài khoản",
        "Máy",
        "Ghép lúc",
        "Người ghép",
        "Vân tay SHA-256",
    )
    print_table("Máy ký đã ghép", headings, [_as_row(agent) for agent in agents])
    print_lines([f"Cổng: {_port(station)}. Vân tay chứng thư của trạm: {own}"])
    return DONE


def _as_json(agent: PairedAgent) -> dict[str, object]:
    return {
        "name": agent.name,
        "person": agent.person,
        "account": agent.account,
        "host": agent.host,
        "paired_at": agent.paired_at,
        "paired_by": agent.paired_by,
        "fingerprint": agent.fingerprint,
    }


def _as_row(agent: PairedAgent) -> tuple[str, ...]:
    when = show(agent.paired_at)
    who = (agent.name, agent.person, agent.account)
    return (*who, agent.host, when, agent.paired_by, agent.fingerprint)


def _port(station: Station) -> str:
    port = station.settings.agents.port
    return str(port) if port else "chưa mở ([agents] port = 0)"


def add_pair_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the name and the person."""
    parser.add_argument("name", metavar="TÊN", help="tên máy ký: chữ thường, số, dấu nối")
    parser.add_argument("--person", metavar="NGƯỜI", required=True, help="người giữ khóa ở máy đó")
    parser.add_argument(
        "--account",
        metavar="TÀI-KHOẢN",
        default="",
        help="tài khoản có bản quét mà người đó ký cá nhân",
    )


def pair(arguments: argparse.Namespace) -> int:
    """Give out a code with which one computer may be paired."""
    station = station_of(arguments)
    given = give_code(
        station, arguments.name, arguments.person, current_person(), arguments.account
    )
    if wants_json(arguments):
        told = {"name": given.name, "person": given.person, "code": given.code}
        print_json({**told, "until": given.until, "port": station.settings.agents.port})
        return DONE
    print_lines(
        [
            f"Mã ghép, dùng một lần, đến {show(given.until)}: {given.code}",
            f"Trên máy của {given.person}: hoso agent join MÁY-TRẠM:{station.settings.agents.port} "
            "--key KHÓA, rồi gõ mã này. Trạm phải đang chạy (hoso run).",
        ]
    )
    return DONE


def add_unpair_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the name."""
    parser.add_argument("name", metavar="TÊN", help="tên máy ký")


def run_unpair(arguments: argparse.Namespace) -> int:
    """Forget a computer: it is refused from now on."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        gone = unpair(station, archive, arguments.name, current_person())
    if wants_json(arguments):
        print_json({"unpaired": _as_json(gone)})
    else:
        print_lines([f"Đã gỡ máy ký «{gone.name}» ({gone.person})."])
    return DONE


AGENTS = Command(name="agents", help="các máy ký đã ghép với trạm", run=list_agents)
PAIR = Command(
    name="agents pair",
    help="cấp mã để ghép một máy ký",
    add_arguments=add_pair_arguments,
    run=pair,
)
UNPAIR = Command(
    name="agents unpair",
    help="gỡ một máy ký",
    add_arguments=add_unpair_arguments,
    run=run_unpair,
)
