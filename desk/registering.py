"""Take the register of the one-stop system into the archive, as an event."""

from __future__ import annotations

from pathlib import Path

from config.vocabulary import EventType
from desk.moments import now
from digitize.intake import digests
from storage.archive import Archive
from storage.model import NewEvent
from storage.register import LoadCount
from storage.register_files import read_register


def import_register(path: Path, archive: Archive, *, actor: str) -> LoadCount:
    """Import a file of dossiers, procedures and results; entries known already are updated.

    Raises:
        RegisterFileError: the file cannot be used; the message names the line and what to do.
    """
    batch = read_register(path)
    with archive.db.transaction():
        count = archive.register.load(batch)
        detail = {
            "file_sha256": digests(path)[0],
            "procedures": count.procedures,
            "dossiers": count.dossiers,
            "results": count.results,
            "changed": count.changed,
        }
        archive.events.append(
            NewEvent(
                type=EventType.METADATA_MODIFICATION,
                object="register",
                actor=actor,
                at=now(),
                detail=detail,
            )
        )
    archive.catch_up()
    return count
