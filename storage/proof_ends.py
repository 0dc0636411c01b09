"""Until when filed papers can be proved by their own files: how many end when, and which end next.

A paper counts from the day that the first of its signatures can be proved no longer; those whose
end is not known do not hide it. One that another paper replaced counts no more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from storage.canonical import canonical_text
from storage.damaged_rows import read_each, require_whole
from storage.database import Database
from storage.errors import RowDamaged
from storage.remembered import Remembered
from storage.scopes import IN_SCOPE
from storage.times import VIETNAM, read_evidence_time, time_text

_SUPERSEDED = (
    "SELECT earlier.number FROM version JOIN record AS earlier ON earlier.id = version.supersedes "
    "WHERE version.kind = 'replacement'"
)
_PLACE = (
    "FROM link LEFT JOIN dossier ON dossier.code = link.dossier_code "
    f"WHERE (NOT json_array_length(:scope) OR {IN_SCOPE})"
)
_IS_COUNTED = (
    f"NOT IN ({_SUPERSEDED}) "
    f"AND (NOT json_array_length(:scope) OR {{record}} IN (SELECT link.record {_PLACE}))"
)
_PAPERS = f"SELECT count(*) AS n FROM record WHERE number {_IS_COUNTED.format(record='number')}"  # noqa: S608  # our own words
# In the order of an index, once for each paper; SQLite would sort all of them to count them.
_ENDS = (
    "SELECT min(proven_until) AS until FROM signature "  # noqa: S608  # our own words
    f"WHERE record {_IS_COUNTED.format(record='record')} GROUP BY record"
)
_FIRST_OF_ITS_PAPER = (
    "NOT EXISTS (SELECT 1 FROM signature AS other WHERE other.record = this.record AND "
    "(other.proven_until, other.ordinal) < (this.proven_until, this.ordinal))"
)
_NEXT = (
    "SELECT record.number, record.id, iif(record.title = '', class_name, record.title) AS title, "  # noqa: S608  # our own words
    "this.proven_until AS until, "
    f"(SELECT min(link.dossier_code) {_PLACE} AND link.record = this.record) AS dossier_code "
    "FROM signature AS this JOIN record ON record.number = this.record "
    "WHERE (this.proven_until, this.record) > (:after, :number) "
    f"AND {_FIRST_OF_ITS_PAPER} AND this.record NOT IN ({_SUPERSEDED}) "
    f"AND EXISTS (SELECT 1 {_PLACE} AND link.record = this.record) "
    "ORDER BY this.proven_until, this.record LIMIT :limit"
)
_COUNT_BEFORE = (
    "SELECT count(DISTINCT record) AS papers FROM signature "  # noqa: S608  # our own words
    f"WHERE proven_until < :before AND record NOT IN ({_SUPERSEDED})"
)


class ProvedArchive(Protocol):
    """What is counted from."""

    db: Database
    """records.db."""
    remembered: Remembered
    """Counts of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofEnds:
    """How many papers can be proved until when."""

    before: tuple[int, ...]
    """Whose proof ends before each moment asked about, and not before the one before it."""
    later: tuple[tuple[int, int], ...]
    """After all of them: years of Vietnam's calendar, each with how many end in it."""
    unknown: int
    """Signed papers of which it is not known: an older program filed them, or nothing passed."""
    unsigned: int
    """Papers without a signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingPaper:
    """A paper and when its proof ends."""

    number: int
    """Filing number."""
    id: str
    """Record id."""
    title: str
    """Its title, or that of its class."""
    dossier_code: str
    """A dossier that it lies in, of the agencies asked about."""
    until: datetime
    """Until when the first of its signatures can be proved, UTC."""


def count_proof_ends(
    archive: ProvedArchive, scope: Sequence[str], moments: Sequence[datetime]
) -> ProofEnds:
    """Count papers by the end of their proof.

    Args:
        archive: Whose papers.
        scope: Agencies of whose dossiers alone something is told; empty for all.
        moments: Aware, ascending.
    """
    before = [0] * len(moments)
    years: Counter[int] = Counter()
    told = canonical_text(list(scope))
    papers, ends = archive.remembered.of(("proof ends", told), lambda: _count(archive.db, told))
    # Certificates end on few days, however many papers there are.
    unknown = 0
    for text, count in ends.items():
        until = _moment(text)
        if until is None:
            unknown += count
            continue
        place = bisect_right(moments, until)
        if place < len(moments):
            before[place] += count
        else:
            years[until.astimezone(VIETNAM).year] += count
    return ProofEnds(
        before=tuple(before),
        later=tuple(sorted(years.items())),
        unknown=unknown,
        unsigned=papers - ends.total(),
    )


def _moment(text: str | None) -> datetime | None:
    """Return the moment that a row tells; None where it tells none, or is damaged."""
    with suppress(ValueError):
        return None if text is None else read_evidence_time(text)
    return None


def _count(db: Database, scope: str) -> tuple[int, Counter[str | None]]:
    """Count papers, and those that are signed by the first end of their proof."""
    row = db.row(_PAPERS, {"scope": scope})
    return row["n"] if row else 0, Counter(_first_ends(db, scope))


def _first_ends(db: Database, scope: str) -> Iterator[str | None]:
    try:
        yield from list(db.values(_ENDS, {"scope": scope}))
    except RowDamaged:
        yield from (row["until"] for row in db.salvaged(_ENDS, {"scope": scope}))


def list_proof_ends(
    db: Database, scope: Sequence[str], after: tuple[datetime, int], limit: int
) -> list[EndingPaper]:
    """Return the papers whose proof ends next, the nearest first.

    Args:
        db: records.db.
        scope: Agencies of whose dossiers alone something is told; empty for all.
        after: Go on after this end, aware, and filing number.
        limit: At most so many.
    """
    moment, number = after
    told = {
        "scope": canonical_text(list(scope)),
        "after": time_text(moment),
        "number": number,
        "limit": limit,
    }
    rows = {row["number"]: row for row in db.salvaged(_NEXT, told)}
    # One that is damaged is counted among those of which it is not known.
    whole, _ = read_each(lambda number: _ending(rows[number]), rows)
    return list(whole.values())


def _ending(row: Mapping[str, Any]) -> EndingPaper:
    require_whole(row)
    return EndingPaper(**{**row, "until": read_evidence_time(row["until"])})


def count_ending_before(db: Database, before: datetime) -> int:
    """Count the papers whose proof ends before a moment; what ends later costs nothing.

    Args:
        db: records.db.
        before: Aware.
    """
    row = db.row(_COUNT_BEFORE, {"before": time_text(before)})
    return int(row["papers"]) if row else 0
