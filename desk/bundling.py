"""Offline bundles: what the station knows of some papers, brought together for an outsider."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.codes import is_dossier_code
from desk.audits import trust_for_timestamps
from desk.departures import ZIP
from desk.errors import PathUnusable
from desk.exporting import Checked, Exported, ExportOrder, Fault, records_of
from desk.proofs import proof_files, signed_under
from desk.station import Station
from desk.verdict_reports import ReportTarget
from desk.views import link_in
from signing.judges import Ground as JudgeGround
from signing.judges import judge_many
from signing.model import FileVerdict
from signing.report import verdict_json
from signing.texts import Language
from storage.archive import Archive
from storage.bundles import PDF, BundlePaper, write_bundle
from storage.canonical import canonical_json
from storage.evidence_parts import Ground
from storage.heads import load_key
from storage.model import Record
from storage.outsider.export_checks import Own, check_path
from storage.outsider.package import BUNDLE, MANIFEST, hash_file
from storage.outsider.papers import VERDICT
from storage.outsider.zips import write_zip
from storage.shared_scans import shows_others
from storage.workshops import workshop

_REPORT, _PROOFS = "bao-cao.pdf", "chung-cu"
_JUDGES = os.cpu_count() or 1


def export_bundle(order: ExportOrder, station: Station, archive: Archive) -> Exported:
    """Write the bundle of a record or dossier into a folder of work.

    Raises:
        UnknownCode: nothing is filed under the code.
        ObjectMissing, ObjectDamaged: a file is not what was filed.
    """
    ground = Ground(key=load_key(station.key), trust=trust_for_timestamps(station), at=order.at)
    # Records, events and head as of one moment: people go on correcting.
    with filled_folder(order.target) as folder, archive.db.snapshot():
        records = records_of(order.code, archive)
        papers = _papers(records, order, station, archive)
        manifest = write_bundle(archive, papers, folder, ground)
        digest = hash_file(folder / MANIFEST)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        withheld = [one.id for one in records if shows_others(archive, one, records)]
    is_zip = order.target.is_file()
    return Exported(
        path=order.target,
        identifier=f"{order.code}@{manifest.size}",
        records=tuple(record.id for record in records),
        files=len(manifest.files) + 1,
        size=order.target.stat().st_size if is_zip else size,
        sha256=hash_file(order.target) if is_zip else digest,
        withheld=tuple(withheld),
    )


@contextmanager
def filled_folder(target: Path, inner: str = "") -> Iterator[Path]:
    """Give a folder to fill: the target itself, or what is packed into it at the end.

    Args:
        target: the folder, or `….zip`; it lies in a folder of work.
        inner: name of a folder that the ZIP shall hold instead of its files.
    """
    is_zip = target.suffix.lower() == ZIP
    folder = target.with_name(".goi") if is_zip else target
    filled = folder / inner if is_zip else folder
    filled.mkdir(parents=True)
    yield filled
    if is_zip:
        write_zip(folder, target)


def check_bundle(path: Path) -> Checked:
    """Check a bundle or an evidence export, as an outsider with nothing but it would.

    Raises:
        PathUnusable: it cannot be read.
    """
    try:
        report = check_path(path, Own())
    except OSError as error:
        raise PathUnusable(
            f"Không đọc được gói «{path}»: {error.strerror}.", f"the package {path} cannot be read"
        ) from error
    return Checked(
        path=path,
        format=BUNDLE if report.kind == BUNDLE else f"evidence {report.kind}".strip(),
        identifier=report.root,
        files=report.packed,
        sha256=report.manifest_sha256,
        findings=tuple(
            Fault(kind=fault.kind, path=fault.identifier, vi=fault.vi, en=fault.en)
            for fault in report.faults
        ),
    )


def _papers(
    records: Sequence[Record], order: ExportOrder, station: Station, archive: Archive
) -> list[BundlePaper]:
    paths = [archive.objects.path(record.pdf.sha256) for record in records]
    verdicts = judge_many(paths, JudgeGround(trust=station.trust), order.at, _JUDGES)
    with workshop(archive.staging, "report.") as work:
        report = work / _REPORT
        return [
            BundlePaper(
                record=record,
                link=link_in(record, order.code)
                if is_dossier_code(order.code)
                else record.links[0],
                files={
                    VERDICT: canonical_json(verdict_json(verdict, PDF)),
                    _REPORT: _report(verdict, report),
                    **_proofs(record, archive),
                },
            )
            for record, verdict in zip(records, verdicts, strict=True)
        ]


def _report(verdict: FileVerdict, path: Path) -> bytes:
    ReportTarget(path, Language.VI).write(verdict, PDF)
    return path.read_bytes()


def _proofs(record: Record, archive: Archive) -> dict[str, bytes]:
    """Return what the checks of certificates before its signatures rested on."""
    signed = signed_under(record.id, archive)
    return {f"{_PROOFS}/{name}": der for name, der in proof_files(signed, archive)}
