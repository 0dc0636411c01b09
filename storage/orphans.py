"""Objects that nothing names: a crash left them between file and row.

Two looks a day apart, and nothing that the log ever named: a paper may wait for a release over a
week of holidays, and what was evidence once stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from config.vocabulary import EventType
from storage.archive import Archive
from storage.looks import Looks
from storage.model import NewEvent

APART = timedelta(hours=24)
_DIGEST = re.compile(rb"[0-9a-f]{64}")


def sweep_orphans(archive: Archive, looks: Looks, *, actor: str, at: datetime) -> list[str]:
    """Look through the store once; delete what no look in 24 hours found named.

    Returns:
        The objects that are gone.
    """
    known = looks.unnamed()
    unnamed = set(_unnamed(archive, at))
    looks.forget_unnamed(known.keys() - unnamed)
    looks.note_unnamed(unnamed - known.keys(), at)
    ripe = sorted(sha256 for sha256 in unnamed & known.keys() if known[sha256] <= at - APART)
    gone = [sha256 for sha256 in ripe if _remove(archive, sha256, at)]
    looks.forget_unnamed(gone)
    looks.note_sweep(at)
    if gone:
        archive.events.append(
            NewEvent(
                type=EventType.DELETION,
                object="archive",
                actor=actor,
                at=at,
                outcome="orphans",
                detail={"objects": gone},
            )
        )
    return gone


def is_sweep_due(looks: Looks, at: datetime) -> bool:
    """Tell whether a day has passed since the last look."""
    last = looks.last_sweep()
    return last is None or last <= at - APART


def _unnamed(archive: Archive, at: datetime) -> Iterator[str]:
    named = archive.referenced_objects()
    for row in archive.db.iterate("SELECT CAST(body AS BLOB) AS body FROM event"):
        named.update(found.decode() for found in _DIGEST.findall(row["body"]))
    limit = (at - APART).timestamp()
    for sha256 in archive.objects:
        if sha256 not in named and archive.objects.path(sha256).stat().st_mtime < limit:
            yield sha256


def _remove(archive: Archive, sha256: str, at: datetime) -> bool:
    # Inside a transaction: a row that names it cannot be written between question and deletion.
    with archive.db.transaction():
        if sha256 in archive.referenced_objects():
            return False
        return archive.objects.remove_unused(sha256, (at - APART).timestamp())
