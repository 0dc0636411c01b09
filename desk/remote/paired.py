"""Which agents a station knows: one file each, under the station's keys; and codes for new ones.

An agent that is not in the folder is refused with its next question, whatever TLS remembers.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from config.codec import from_plain, to_plain
from config.vocabulary import EventType
from desk.agent.identity import (
    certificate_of,
    fingerprint,
    is_proof,
    make_identity,
    new_code,
    proof_of,
)
from desk.agent.messages import Paired, Pairing
from desk.errors import AnswerRefused, UnknownCode
from desk.identifiers import new_id
from desk.moments import now
from desk.station import Station
from storage.archive import Archive
from storage.model import NewEvent
from storage.safe_files import keep_first

CODE_MINUTES = 10
_WRONG_CODES = 3
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PENDING = "pairing"
_SUFFIX = ".json"
_KNOWN = f"*.agent{_SUFFIX}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedAgent:
    """A computer whose key the station may ask for signatures."""

    name: str
    """What the station calls it."""
    person: str
    """Who holds the key there, as the administrator said."""
    host: str
    """What the computer calls itself."""
    certificate: str
    """The only certificate it is known by, PEM."""
    paired_at: dt.datetime
    """When, UTC."""
    paired_by: str
    """Who gave the code out."""
    account: str = ""
    """Whose scans that person signs as a person; empty for none."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate."""
        return fingerprint(self.certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPairing:
    """A code that was given out and not used yet."""

    name: str
    person: str
    code: str
    until: dt.datetime
    """Aware."""
    by: str
    """Who gave it out."""
    account: str = ""
    wrong: int = 0
    """How many wrong proofs came."""


def identity_path(station: Station) -> Path:
    """Return where the station's own key on the wire lies."""
    return station.key.with_name("agents.pem")


def ensure_identity(station: Station) -> str:
    """Make the station's key on the wire where it is missing; return the certificate, PEM.

    A command that pairs and the engine may both find it missing: they go on with the same one.
    """
    path = identity_path(station)
    if not path.exists():
        made = path.with_name(f".{path.name}.{new_id()}.tmp")
        make_identity(made, f"hoso station {station.settings.agency.code}".strip(), now())
        keep_first(made, path)
    return certificate_of(path)


def paired_agents(station: Station) -> list[PairedAgent]:
    """Return the agents that the station knows, by name."""
    return list(_agents(station, _KNOWN))


def certificates_ever(station: Station) -> list[str]:
    """Return the certificates (PEM) of all agents, of those that were unpaired too.

    TLS lets these in, so that an agent which was unpaired is told so, and not cut off.
    """
    return [agent.certificate for agent in _agents(station, f"*{_SUFFIX}")]


def find_paired(station: Station, certificate: bytes) -> PairedAgent | None:
    """Return the agent that shows a certificate (DER), or None."""
    shown = fingerprint(certificate)
    return next((agent for agent in paired_agents(station) if agent.fingerprint == shown), None)


def give_code(
    station: Station, name: str, person: str, by: str, account: str = ""
) -> PendingPairing:
    """Make a code with which one computer may be paired; an earlier one ends.

    Args:
        station: whose computer it becomes.
        name: what the station calls it.
        person: who holds the key there.
        by: who gives the code out.
        account: whose scans that person signs as a person; empty for none.

    Raises:
        AnswerRefused: the name cannot be one, or is taken.
    """
    if not _NAME.fullmatch(name):
        raise AnswerRefused(
            f"Tên máy ký «{name}» chưa đúng: chỉ dùng chữ thường không dấu, số và dấu nối.",
            f"{name!r} is no name of an agent: lower-case letters, digits and hyphens",
        )
    if _file(station, name).exists():
        raise AnswerRefused(
            f"Đã có máy ký «{name}». Hãy gỡ nó trước (hoso agents unpair {name}) hoặc chọn tên "
            "khác.",
            f"an agent {name!r} is paired already; unpair it first, or choose another name",
        )
    ensure_identity(station)
    pending = PendingPairing(
        name=name,
        person=person,
        code=new_code(),
        until=now() + dt.timedelta(minutes=CODE_MINUTES),
        by=by,
        account=account,
    )
    _keep(_folder(station) / _PENDING, pending)
    return pending


def accept_pairing(station: Station, archive: Archive, asked: Pairing) -> Paired | None:
    """Take an agent on that proves to know the code; None where it does not.

    Three wrong proofs end the code.
    """
    path = _folder(station) / _PENDING
    if not path.exists():
        return None
    pending = from_plain(PendingPairing, json.loads(path.read_bytes()))
    sides = (fingerprint(ensure_identity(station)), _fingerprint_or_none(asked.certificate))
    wanted = proof_of(pending.code, "agent", *sides)
    if now() >= pending.until or not sides[1] or not is_proof(asked.proof, wanted):
        _count_wrong(path, pending)
        return None
    agent = PairedAgent(
        name=pending.name,
        person=pending.person,
        host=asked.host,
        certificate=asked.certificate,
        paired_at=now(),
        paired_by=pending.by,
        account=pending.account,
    )
    detail = {
        "name": agent.name,
        "person": agent.person,
        "account": agent.account,
        "host": agent.host,
        "fingerprint": agent.fingerprint,
    }
    archive.events.append(agent_event(agent.name, "paired", pending.by, detail))
    _keep(_file(station, agent.name), agent)
    path.unlink()
    return Paired(
        name=agent.name,
        station=station_name(station),
        proof=proof_of(pending.code, "station", *sides),
    )


def unpair(station: Station, archive: Archive, name: str, by: str) -> PairedAgent:
    """Forget an agent; it is refused from now on.

    Raises:
        UnknownCode: there is none of this name.
    """
    agent = next((agent for agent in paired_agents(station) if agent.name == name), None)
    if agent is None:
        raise UnknownCode(
            f"Không có máy ký «{name}». Hãy xem tên bằng: hoso agents.",
            f"no agent {name!r} is paired; see `hoso agents`",
        )
    gone = f"{name}-{agent.fingerprint[:16]}.gone{_SUFFIX}"
    _file(station, name).replace(_folder(station) / gone)
    detail = {"name": name, "fingerprint": agent.fingerprint}
    archive.events.append(agent_event(name, "unpaired", by, detail))
    return agent


def station_name(station: Station) -> str:
    """Say whose station it is, for people."""
    agency = station.settings.agency
    return agency.name or agency.code or "Hồ Sơ"


def agent_event(about: str, outcome: str, actor: str, detail: Mapping[str, object]) -> NewEvent:
    """Make an event about an agent or one of its batches."""
    return NewEvent(
        type=EventType.SIGNING_AGENT,
        object=about,
        actor=actor,
        at=now(),
        outcome=outcome,
        detail=detail,
    )


def _agents(station: Station, pattern: str) -> Iterator[PairedAgent]:
    for path in sorted(_folder(station).glob(pattern)):
        yield from_plain(PairedAgent, json.loads(path.read_bytes()))


def _folder(station: Station) -> Path:
    folder = station.key.with_name("agents")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _file(station: Station, name: str) -> Path:
    return _folder(station) / f"{name}.agent{_SUFFIX}"


def _keep(path: Path, value: object) -> None:
    half = path.with_suffix(".part")
    half.touch(mode=0o600)
    half.write_text(json.dumps(to_plain(value), ensure_ascii=False), encoding="utf-8")
    half.replace(path)


def _count_wrong(path: Path, pending: PendingPairing) -> None:
    counted = replace(pending, wrong=pending.wrong + 1)
    if counted.wrong >= _WRONG_CODES or now() >= pending.until:
        path.unlink()
    else:
        _keep(path, counted)


def _fingerprint_or_none(certificate: str) -> str:
    try:
        return fingerprint(certificate)
    except ValueError:
        return ""
