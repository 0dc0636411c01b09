"""Pairing on the officer's computer: a code that was read out joins it to one station."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from config.codec import to_plain
from desk.agent import messages
from desk.agent.calls import Gone, StationCalls, not_paired
from desk.agent.identity import (
    certificate_of,
    fingerprint,
    is_proof,
    make_identity,
    meeting_context,
    plain_code,
    proof_of,
    to_pem,
)
from desk.agent.messages import BadMessage, Paired, Pairing
from desk.agent.settings import AgentFolder, AgentSettings, host_and_port, save_agent
from desk.errors import AgentNotPaired
from desk.moments import now


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What came of a pairing."""

    name: str
    """What the station calls this computer."""
    station: str
    """Whose station it is."""
    address: str
    """Where it is."""
    station_fingerprint: str
    """SHA-256 of its certificate."""
    fingerprint: str
    """SHA-256 of this computer's own."""


def join_station(folder: AgentFolder, wished: AgentSettings, code: str) -> Joined:
    """Pair this computer; an earlier pairing is replaced.

    Args:
        folder: where the agent lies.
        wished: station, key and padding; the station gives the name.
        code: what the station's administrator read out.

    Raises:
        StationUnreachable: the station does not answer.
        AgentNotPaired: the code is wrong, too old, or used; or somebody stands between.
    """
    folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not folder.identity.exists():
        make_identity(folder.identity, f"hoso agent {platform.node()}", now())
    own = certificate_of(folder.identity)
    calls = StationCalls(host_and_port(wished.station), meeting_context())
    try:
        seen = calls.station_certificate
        sides = (fingerprint(seen), fingerprint(own))
        paired = _ask(calls, code, own, sides)
    finally:
        calls.close()
    if not is_proof(paired.proof, proof_of(code, "station", *sides)):
        raise _wrong_code(wished.station)
    half = folder.station.with_suffix(".part")
    half.write_text(to_pem(seen), encoding="utf-8")
    half.replace(folder.station)
    kept = to_plain(wished) | {"name": paired.name}
    save_agent(folder, AgentSettings(**kept))
    return Joined(
        name=paired.name,
        station=paired.station,
        address=wished.station,
        station_fingerprint=sides[0],
        fingerprint=sides[1],
    )


def _ask(calls: StationCalls, code: str, own: str, sides: tuple[str, str]) -> Paired:
    host = messages.shown_title([platform.node()])
    pairing = Pairing(certificate=own, proof=proof_of(code, "agent", *sides), host=host)
    if not plain_code(code):
        raise _wrong_code(host)
    try:
        paired = messages.read(Paired, calls.ask(messages.PAIR, messages.to_bytes(pairing)))
    except (Gone, AgentNotPaired) as error:
        raise _wrong_code(host) from error
    except BadMessage as error:
        raise not_paired(host) from error
    if not (messages.is_title(paired.name) and messages.is_title(paired.station)):
        raise not_paired(host)
    return paired


def _wrong_code(station: str) -> AgentNotPaired:
    return AgentNotPaired(
        f"Trạm {station} không nhận mã ghép: gõ sai, đã dùng, quá 10 phút, hoặc có máy đứng giữa. "
        "Hãy xin mã mới.",
        f"the station {station} does not accept the code: wrong, used, too old, or somebody "
        "stands between; ask for a new one",
    )
