"""How the officers' computers stand, for the pages: is one there, does it sign, what went wrong.

The engine alone hears them; what it heard last it writes to `archive/agents.json`, which counts
while the engine runs.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from config import codec
from desk import trays
from desk.moments import now
from desk.station import Station

# Every call is a sign of life; to write one in so many seconds tells it soon enough.
_WRITE_SECONDS = 3.0


class Step(StrEnum):
    """What a computer was last seen doing."""

    LOOKING = "looking"
    """It asked for papers, and there were none."""
    SHOWN = "shown"
    """It got a list; its officer looks at it, and types the PIN."""
    SIGNING = "signing"
    """Its key is open."""
    ENDED = "ended"
    """The batch is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStanding:
    """What the engine heard last of one computer."""

    seen_at: dt.datetime
    """When it called last, UTC."""
    step: Step
    since: dt.datetime
    """Since when it does that, UTC."""
    count: int = 0
    """Papers of its batch."""
    signed: int = 0
    """How many of them are signed."""
    why: str = ""
    """Why the batch ended: `done`, or a word for what went wrong."""


class Standings:
    """Keeps what is heard of computers; called from several threads.

    Args:
        path: `archive/agents.json`; what an earlier engine wrote goes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._known: dict[str, AgentStanding] = {}
        self._next = 0.0
        path.unlink(missing_ok=True)

    def note(self, agent: str, step: Step, count: int = 0, *, signed: int = 0) -> None:
        """Note that a computer called, and what for."""
        with self._guard:
            at, before = now(), self._known.get(agent)
            if before is None:
                self._put(agent, AgentStanding(seen_at=at, step=step, since=at, count=count))
            elif step is Step.LOOKING and before.step is Step.ENDED:
                # That nothing more waits does not let it be forgotten how the last batch ended.
                self._put(agent, replace(before, seen_at=at))
            elif step is before.step:
                self._put(agent, replace(before, seen_at=at, count=count, signed=signed))
            else:
                found = AgentStanding(seen_at=at, step=step, since=at, count=count, signed=signed)
                self._put(agent, found)

    def note_end(self, agent: str, why: str, count: int = 0, *, signed: int = 0) -> None:
        """Note that a computer's batch is over; it may be the station that says so."""
        with self._guard:
            at, before = now(), self._known.get(agent)
            found = AgentStanding(
                seen_at=before.seen_at if before else at,
                step=Step.ENDED,
                since=at,
                count=count,
                signed=signed,
                why=why,
            )
            self._put(agent, found)

    def _put(self, agent: str, found: AgentStanding) -> None:
        """Keep what is known; write it where it says more than that somebody is still there."""
        before = self._known.get(agent)
        self._known[agent] = found
        is_news = before is None or (before.step, before.since) != (found.step, found.since)
        if is_news or time.monotonic() >= self._next:
            self._next = time.monotonic() + _WRITE_SECONDS
            self._write()

    def _write(self) -> None:
        plain = {name: codec.to_plain(each) for name, each in self._known.items()}
        # It tells people and decides nothing: where it cannot be written, signing goes on.
        with suppress(OSError):
            trays.write_whole(self._path, json.dumps(plain, ensure_ascii=False).encode())


def standings_at(station: Station) -> Path:
    """Return where the engine writes what it heard."""
    return station.archive / "agents.json"


def read_standing(station: Station, agent: str) -> AgentStanding | None:
    """Return what the engine heard last of a computer, or None where it heard nothing."""
    try:
        plain = json.loads(standings_at(station).read_bytes())[agent]
        return codec.from_plain(AgentStanding, plain)
    except (OSError, ValueError, KeyError, TypeError):
        return None
