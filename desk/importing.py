"""`hoso import`: papers that another archive filed, taken in from a package, all or none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desk.errors import PathUnusable
from desk.moments import now
from desk.station import Station
from signing.judges import Ground, judge_many
from storage.archive import Archive
from storage.errors import PackageUnusable
from storage.model import Record
from storage.packages.admitting import Admission, Admitted, admit
from storage.packages.arriving import Arrival, read_arrival
from storage.packages.sources import open_source
from storage.workshops import workshop

_JUDGES = os.cpu_count() or 1
_FAILED = "TOTAL-FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPaper:
    """One paper of a package."""

    id: str
    """Record id; it stays what it was."""
    dossier_code: str
    """The first dossier that it lies in."""
    title: str
    state: str
    """`taken`; `held`: the archive had it already, equal in every field; `completed`: it had it
    without its scan, which came now; `checked`: not asked."""
    scan_left_out: bool
    """The source left its scan out; only the signed PDF came."""
    verdict_filed: str
    """Verdict on its signatures when the source filed it."""
    verdict: str
    """Verdict here, now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPackage:
    """What became of a package."""

    package: str
    """`OBJID`."""
    oais_type: str
    """SIP or AIP."""
    mets_sha256: str
    """SHA-256 of its METS.xml."""
    source_key_sha256: str
    """SHA-256 of the source's `station.pub`."""
    source_key_is_known: bool
    """That key was handed over apart from the package, and is the same."""
    source_size: int
    """Events in the source's log then."""
    source_root: str
    """Root of the tree over them, hex."""
    papers: tuple[ImportedPaper, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """One import that a person asks for."""

    path: Path
    """The package: folder or ZIP."""
    key: Path | None
    """`station.pub` of the source, from elsewhere."""
    only_check: bool
    """Take nothing in."""
    actor: str
    """Who asks."""


def import_package(order: ImportOrder, station: Station, archive: Archive) -> ImportedPackage:
    """Check a package, judge its signatures by this station's anchors, and take it in.

    Raises:
        PackageUnusable: something does not hold; nothing was taken in.
        PackageConflict: it contradicts what the archive holds; nothing was taken in.
        PathUnusable: the key cannot be read.
        DiskFull: there is no room.
    """
    key = None if order.key is None else _read_key(order.key)
    with (
        workshop(archive.staging, "import.") as work,
        open_source(order.path) as source,
    ):
        arrival = read_arrival(source, archive, work, key)
        verdicts = _judge(arrival, station)
        admitted = Admitted(taken=(), held=())
        if not order.only_check:
            admission = Admission(actor=order.actor, at=now(), verdicts=verdicts)
            admitted = admit(archive, arrival, admission)
    states = {
        **dict.fromkeys(admitted.taken, "taken"),
        **dict.fromkeys(admitted.held, "held"),
        **dict.fromkeys(admitted.completed, "completed"),
    }
    return ImportedPackage(
        package=arrival.identifier,
        oais_type=arrival.oais_type,
        mets_sha256=arrival.mets_sha256,
        source_key_sha256=arrival.source_key,
        source_key_is_known=key is not None,
        source_size=arrival.source_size,
        source_root=arrival.source_root,
        papers=tuple(
            _paper(record, states.get(record.id, "checked"), arrival, verdicts)
            for record in arrival.holdings.records
        ),
    )


def _paper(
    record: Record, state: str, arrival: Arrival, verdicts: Mapping[str, str]
) -> ImportedPaper:
    return ImportedPaper(
        id=record.id,
        dossier_code=record.links[0].dossier_code,
        title=record.title,
        state=state,
        scan_left_out=record.original.sha256 in arrival.absent_of(record),
        verdict_filed=record.verdict,
        verdict=verdicts[record.id],
    )


def _read_key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PathUnusable(
            f"Không đọc được khóa của nơi giao «{path}»: {error.strerror}. Hãy chọn đúng tệp "
            "station.pub.",
            f"the source's key {path} cannot be read; name its station.pub",
        ) from error


def _judge(arrival: Arrival, station: Station) -> dict[str, str]:
    """Judge the PDFs; a signature that is broken here refuses the package."""
    records = arrival.holdings.records
    paths = [arrival.objects[record.pdf.sha256] for record in records]
    verdicts = judge_many(paths, Ground(trust=station.trust), now(), _JUDGES)
    found = {
        record.id: verdict.overall.value for record, verdict in zip(records, verdicts, strict=True)
    }
    for record in records:
        if found[record.id] == _FAILED and record.verdict != _FAILED:
            raise PackageUnusable(
                f"Chữ ký số của giấy tờ {record.id} không đúng (nơi giao ghi {record.verdict}). "
                "Không nhận gói này; hãy hỏi nơi giao.",
                f"the signatures of record {record.id} fail here; the source told {record.verdict}",
            )
    return found
