"""`hoso export --format bagit`: the package that an archivist expects, in a bag (RFC 8493)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desk.bundling import filled_folder
from desk.departures import ZIP
from desk.eark_exports import export_eark
from desk.exporting import Checked, Exported, ExportOrder, Fault
from desk.moments import vietnam
from desk.station import Station
from storage.archive import Archive
from storage.bag_checks import check_bag
from storage.bags import close_bag, files_of, make_payload
from storage.outsider.package import hash_file


def export_bag(order: ExportOrder, station: Station, archive: Archive) -> Exported:
    """Write a bag with the package of a dossier or paper in it into a folder of work.

    Raises:
        UnknownCode: nothing is filed under the code.
        ObjectMissing, ObjectDamaged: a file is not what was filed.
    """
    # RFC 8493, 4: a ZIP holds the bag's folder, not its files.
    with filled_folder(order.target, order.target.stem) as folder:
        payload = make_payload(folder)
        inside = export_eark(replace(order, target=payload), station, archive)
        digest = close_bag(folder, _info(inside, order, station))
        files = list(files_of(folder))
        size = sum(path.stat().st_size for path in files)
    is_zip = order.target.suffix.lower() == ZIP
    return Exported(
        path=order.target,
        identifier=inside.identifier,
        records=inside.records,
        files=len(files),
        size=order.target.stat().st_size if is_zip else size,
        sha256=hash_file(order.target) if is_zip else digest,
        withheld=inside.withheld,
    )


def _info(inside: Exported, order: ExportOrder, station: Station) -> dict[str, str]:
    agency = station.settings.agency
    told = {
        "Source-Organization": agency.name,
        "External-Identifier": inside.identifier,
        "Internal-Sender-Identifier": order.code,
        "Bagging-Date": vietnam(order.at).date().isoformat(),
        "Bag-Software-Agent": "Ho So",
    }
    return {name: value for name, value in told.items() if value}


def check_export_bag(path: Path) -> Checked:
    """Compare every file of a bag with its manifests.

    Raises:
        PackageUnusable: it cannot be read, or is a hostile one.
    """
    report = check_bag(path)
    return Checked(
        path=path,
        format="bagit",
        identifier=report.name,
        files=report.files,
        sha256=report.sha256,
        findings=tuple(
            Fault(kind=item.kind, path=item.path, vi=item.vi, en=item.en) for item in report.faults
        ),
    )
