"""`hoso export --format eark`: packages of TT 05/2025/TT-BNV from what the station holds."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from config.codes import is_dossier_code
from config.retention import longest
from config.vocabulary import EventType, load_classes
from desk.audits import trust_for_timestamps
from desk.certified_packages import bring_copies
from desk.disposal import open_keeping
from desk.exporting import Exported, ExportOrder, records_of
from desk.station import Station
from storage.archive import Archive
from storage.evidence_parts import Ground
from storage.heads import load_key
from storage.model import Record
from storage.outsider.package import hash_file
from storage.packages.model import METS, Package, Terms
from storage.packages.writing import PackageOrder, place_of_package, write_package
from storage.retention_due import standings

_SINGLE, _WHOLE = "tailieu", "hoso"


def export_eark(order: ExportOrder, station: Station, archive: Archive) -> Exported:
    """Write the package of a dossier (`…_hoso`), or of one paper (`…_tailieu`).

    Raises:
        UnknownCode: nothing is filed under the code.
        AnswerRefused: certified copies are asked for, and one is not at hand.
        TargetNotEmpty: there is something already where it shall go.
        ObjectMissing, ObjectDamaged: a file is not what was filed; nothing leaves.
    """
    records = records_of(order.code, archive)
    unit = _WHOLE if is_dossier_code(order.code) else _SINGLE
    ordered = PackageOrder(
        form=order.package if order.package == "dip" else f"{order.package}_{unit}",
        code=order.code if is_dossier_code(order.code) else records[0].id,
        records=records,
        terms=terms_of(station, archive, records, order.request),
        ground=Ground(key=load_key(station.key), trust=trust_for_timestamps(station), at=order.at),
        whole_scans=order.whole_scans,
        certified=bring_copies(records, order, station, archive) if order.certified else None,
    )
    package = write_package(archive, ordered, order.target)
    return _exported(package, records, place_of_package(order.target, package))


def _exported(package: Package, records: list[Record], place: Path) -> Exported:
    is_file = place.is_file()
    return Exported(
        path=place,
        identifier=package.identifier,
        records=tuple(record.id for record in records),
        files=len(package.files),
        size=place.stat().st_size if is_file else sum(file.size for file in package.files),
        sha256=hash_file(place if is_file else place / METS),
        withheld=tuple(record.id for record in records if record.id in package.withheld),
    )


def terms_of(
    station: Station, archive: Archive, records: list[Record], request: Mapping[str, str]
) -> Terms:
    """Return what a station says of packages beside the papers themselves."""
    said, agency = station.settings.packages, station.settings.agency
    return Terms(
        fonds=said.fonds,
        archive_code=said.archive_code,
        agency_code=agency.code,
        agency_name=agency.name,
        maintenance=_maintenance(station, archive, records),
        mode=said.mode,
        language=said.language,
        shelf=said.shelf,
        has_backups=bool(station.settings.backup.sets),
        is_backed_up=_is_backed_up(archive, records),
        annex_fields_only=said.fields == "annex",
        classes=load_classes(station.own_classes),
        version=_version(),
        request=request,
    )


def _maintenance(station: Station, archive: Archive, records: list[Record]) -> str:
    """Return the code of the longest term; empty where nobody has verified that one."""
    ids = [record.id for record in records]
    found = list(standings(archive.db, open_keeping(station, archive), ids))
    term = longest([standing.term for standing in found])
    return "" if term.unverified else term.code


def _is_backed_up(archive: Archive, records: list[Record]) -> bool:
    filed = max(record.filed_at for record in records)
    kept = (
        event
        for event in archive.events.events("archive")
        if event.type is EventType.REPLICATION and event.outcome == "success"
    )
    return any(event.at >= filed for event in kept)


def _version() -> str:
    try:
        return version("hoso")
    except PackageNotFoundError:
        return ""
