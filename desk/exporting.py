"""What leaves the archive as a package: who asks for what, what was written, and its events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.codes import is_dossier_code
from config.vocabulary import EventType
from desk.errors import UnknownCode
from desk.station import Station
from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.model import NewEvent, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """One export that a person asks for."""

    code: str
    """A dossier code or a record id."""
    format: str
    """A key of `desk.cli.exporting.FORMATS`."""
    package: str
    """`aip`, `sip` or `dip`; formats that know no kinds of package leave it alone."""
    target: Path
    """`….zip`: the file to write; anything else: the folder that gets the package."""
    actor: str
    """Who asks."""
    at: dt.datetime
    """When, aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One package that was written."""

    path: Path
    """The folder or the ZIP."""
    identifier: str
    """What the package calls itself."""
    records: tuple[str, ...]
    """Ids of the records in it."""
    files: int
    """Files in it."""
    size: int
    """Bytes of the ZIP; of all files where it is a folder."""
    sha256: str
    """Of the ZIP; of the package's own list of digests (METS, manifest) where it is a folder."""


Export = Callable[[ExportOrder, Station, Archive], Exported]
"""What each format is: it re-reads every object against its digest before that leaves."""


def records_of(code: str, archive: Archive) -> list[Record]:
    """Return the records of a dossier by their ordinals, or the one record with an id.

    Raises:
        UnknownCode: nothing is filed under the code.
    """
    found = archive.records.of_dossier(code) if is_dossier_code(code) else _by_id(code, archive)
    if found:
        return found
    raise UnknownCode(
        f"Kho không có giấy tờ nào mang mã «{code}». Hãy kiểm tra lại mã.",
        f"nothing is filed under {code!r}; check the code",
    )


def _by_id(code: str, archive: Archive) -> list[Record]:
    try:
        return [archive.records.get(code.lower())]
    except RecordNotFound:
        return []


def note_export(exported: Exported, order: ExportOrder, archive: Archive) -> None:
    """Log an export on each record that left."""
    detail = {
        "format": order.format,
        "package": order.package,
        "identifier": exported.identifier,
        "sha256": exported.sha256,
    }
    archive.events.append(*_events(exported.records, order, detail))


def _events(
    records: Sequence[str], order: ExportOrder, detail: dict[str, object]
) -> list[NewEvent]:
    return [
        NewEvent(
            type=EventType.DISSEMINATION,
            object=record_id,
            actor=order.actor,
            at=order.at,
            outcome="export",
            detail=detail,
        )
        for record_id in records
    ]
