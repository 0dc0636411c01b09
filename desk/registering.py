"""Take the register of the one-stop system into the archive, as an event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.codec import to_plain
from config.vocabulary import Classes, EventType
from desk import results
from desk.moments import now
from digitize.intake import digests
from storage.archive import Archive
from storage.model import NewEvent
from storage.register import LoadCount, RegisterBatch
from storage.register_files import read_register


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported(LoadCount):
    """What an import met, and what it settled."""

    tied: int
    """Filed results that were tied to their entries now."""
    unknown_classes: tuple[str, ...]
    """Kinds of paper that the file names and this station does not know: none can ever come."""


def import_register(path: Path, archive: Archive, classes: Classes, *, actor: str) -> Imported:
    """Import a file of dossiers, procedures and results; entries known already are updated.

    Results that were filed before their entry came are tied to it (`desk.results`).

    Raises:
        RegisterFileError: the file cannot be used; the message names the line and what to do.
    """
    batch = read_register(path)
    with archive.db.transaction():
        before = results.changing(archive, batch.results)
        count = archive.register.load(batch)
        tied = results.follow_register(archive, before, actor=actor)
        detail = {
            "file_sha256": digests(path)[0],
            "procedures": count.procedures,
            "dossiers": count.dossiers,
            "results": count.results,
            "changed": count.changed,
            "tied": len(tied),
            **archive.register.seals.told(),
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
    unknown = {code for code in _classes_of(batch) if classes.find(code) is None}
    return Imported(**to_plain(count), tied=len(tied), unknown_classes=tuple(sorted(unknown)))


def _classes_of(batch: RegisterBatch) -> Iterator[str]:
    for procedure in batch.procedures:
        yield from procedure.result_classes
        yield from (part.class_code for part in procedure.components)
    yield from (result.class_code for result in batch.results)
