"""What the stages are given: the archive, the engine, the rules, the signing parts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from config.fields import FieldRules
from config.rules import RuleSet
from config.vocabulary import Classes
from desk.agency_seal import AgencySeal
from desk.engine.readers import ReaderPool, Seats
from desk.remote.board import Board
from desk.station import Station
from digitize.intake import Limits
from digitize.ocr import Recognizer
from digitize.opinion import Opinion
from signing.judges import KeptJudge
from signing.network import Network
from signing.trust import TrustStore
from storage.archive import Archive


class PersonalSession(Protocol):
    """A session of personal signatures that runs in this process."""

    def sign(self, submission_id: str, paper: int) -> None:
        """Sign a paper that waits for its person, and hand it back."""


class KeyedLocks:
    """A lock for each key, made when first asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def of(self, key: str) -> threading.Lock:
        """Return the lock of a key."""
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that a submission's way through the station needs."""

    station: Station
    archive: Archive
    recognizer: Recognizer
    """How pages are read; the readers are told with each page."""
    readers: ReaderPool
    """The reading processes: whatever looks into a scan goes through them."""
    seats: Seats
    """How many large submissions are in work at once."""
    rules: RuleSet
    classes: Classes
    field_rules: FieldRules
    """The fields of each kind, with the places that the agency lists."""
    trust: TrustStore
    network: Network
    judge: KeptJudge
    """Judges what came from elsewhere: an arrival, or what another process signed or found."""
    seal: AgencySeal
    opinion: Opinion | None = None
    """What was learned of papers from those that people named; None where that is too little."""
    session: PersonalSession | None = None
    """A session of personal signatures in this process: a demo station's; None for a real one."""
    agents: Board = field(default_factory=Board)
    """Open batches of keys on officers' computers."""
    same_bytes: KeyedLocks = field(default_factory=KeyedLocks)
    """Scans of equal bytes go one after the other, so that the second finds the first's record."""
    same_paper: KeyedLocks = field(default_factory=KeyedLocks)
    """Papers of one class and dossier too, so that a second scan finds the first's record."""

    @property
    def limits(self) -> Limits:
        """How large a submission may be."""
        intake = self.station.settings.intake
        return Limits(max_bytes=intake.max_megabytes * 1_000_000, max_pages=intake.max_pages)

    def workspace(self, submission_id: str) -> Path:
        """Return the folder of a submission's temporary files, made where it is missing."""
        folder = self.archive.staging / submission_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder
