"""What people wrote down beside acts: kept apart from the log, listed, erased where the law asks.

The log holds digests over random salts alone; once the text and its salt are gone they tell
nothing, and every proof stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from config.vietnamese import fold
from config.vocabulary import EventType
from desk.moments import now, vietnam
from desk.station import Station
from desk.web.serving import accounts_of
from storage.accounts import Accounts
from storage.archive import Archive
from storage.model import NewEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A text that is kept beside an act."""

    kind: Literal["export", "handover"]
    """Why a list was taken out on the pages; who received a dossier."""
    key: str
    """What the log holds of it: the mark of a reason, the code of a dossier."""
    said: str
    """The text."""
    at: datetime
    """When it was said, aware."""


def kept_reasons(
    station: Station, archive: Archive, about: str = "", before: date | None = None
) -> list[Kept]:
    """Return the texts that are kept, the newest first.

    Args:
        station: whose pages.
        archive: whose hand-overs.
        about: words that a text holds, however they are written; empty: any.
        before: only what was said before this day.
    """
    found = [*_of_exports(station), *_of_handovers(archive)]
    wanted = fold(about)
    return sorted(
        (
            one
            for one in found
            if wanted in fold(one.said) and (before is None or vietnam(one.at).date() < before)
        ),
        key=lambda one: one.at,
        reverse=True,
    )


def erase_reasons(
    station: Station, archive: Archive, chosen: Sequence[Kept], *, actor: str
) -> None:
    """Erase texts; the log tells which, by what it held of them already."""
    at = now()
    marks = sorted(one.key for one in chosen if one.kind == "export")
    if marks:
        told = NewEvent(
            type=EventType.DELETION,
            object="archive",
            actor=actor,
            at=at,
            outcome="reasons",
            detail={"reasons": marks},
        )
        archive.events.append(told)
        with closing(Accounts(accounts_of(station))) as accounts:
            accounts.erase_reasons(marks)
    for one in chosen:
        if one.kind == "handover":
            archive.handovers.erase_receiver(one.key, actor=actor, at=at)
    archive.db.truncate_log()


def _of_exports(station: Station) -> list[Kept]:
    if not accounts_of(station).exists():
        return []
    with closing(Accounts(accounts_of(station))) as accounts:
        return [
            Kept(kind="export", key=one.mark, said=one.said, at=one.at)
            for one in accounts.reasons()
        ]


def _of_handovers(archive: Archive) -> list[Kept]:
    return [
        Kept(kind="handover", key=one.dossier_code, said=one.receiver, at=one.at)
        for one in archive.handovers.all()
        if one.receiver
    ]
