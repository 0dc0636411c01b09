"""A package onto the disk: a folder, or one ZIP; every object is checked as it leaves the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.packages import PackageForm, package_rules
from storage.archive import Archive
from storage.errors import TargetNotEmpty
from storage.evidence_parts import (
    Ground,
    events_of,
    seal,
    write_common,
    write_proofs,
)
from storage.model import Event, Record
from storage.outsider import package as evidence_files
from storage.outsider.zips import write_zip
from storage.packages.building import build_package
from storage.packages.holdings import gather
from storage.packages.model import CONTENTS, Certified, Package, PackageFile, Plan, Terms
from storage.shared_scans import shows_others
from storage.workshops import workshop_beside

ZIP = ".zip"
"""Ending of a target that is one file."""
_README = """BẰNG CHỨNG CỦA CÁC TÀI LIỆU TRONG GÓI (evidence of the papers of this package)

Kiểm tra, chỉ cần Python 3.11 trở lên, không cần mạng / check with Python alone, offline:
    python kiem-tra.pyz .
    python kiem-tra.pyz . --key station.pub --file TAI-LIEU.pdf
station.pub nên lấy từ nơi khác, không lấy trong gói / bring your own copy of station.pub.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageOrder:
    """One package that is asked for."""

    form: str
    """A kind of `config/packages.toml`."""
    code: str
    """Mã hồ sơ, or the id of the one record."""
    records: Sequence[Record]
    """The papers, in order; they are read again as they stand when the package is made."""
    terms: Terms
    """What the station says."""
    ground: Ground
    """Key, moment and timestamp certificates."""
    certified: Certified | None = None
    """Certified copies in place of the filed PDFs (DIP); None: those PDFs."""
    whole_scans: bool = False
    """Scans go along also where they show papers that do not."""


def write_package(archive: Archive, order: PackageOrder, target: Path) -> Package:
    """Write a package; it appears whole or not at all.

    Args:
        archive: Whose papers.
        order: What.
        target: `….zip`, or the folder in which the folder of the package appears.

    Raises:
        TargetNotEmpty: There is something already where it shall go.
        ObjectMissing, ObjectDamaged: A file is not what was filed.
        DiskFull: There is no room.
    """
    is_zip = target.suffix.lower() == ZIP
    # A folder of many packages may be new: the package's own folder appears in it.
    with workshop_beside(target if is_zip else target / "goi") as work:
        # Records, events and head as of one moment: people go on correcting.
        with archive.db.snapshot():
            package = _lay_out(archive, order, work / "evidence")
        place = target if is_zip else target / package.folder
        if place.exists():
            raise TargetNotEmpty(
                f"Đã có «{place}». Hãy chọn nơi khác.", f"{place} is there already; choose another"
            )
        folder = work / "out" / package.folder
        for file in package.files:
            _write(archive, file, folder / file.path)
        if place is target:
            write_zip(work / "out", work / "packed")
            (work / "packed").replace(place)
        else:
            folder.replace(place)
    return package


def place_of_package(target: Path, package: Package) -> Path:
    """Return where a package lies that was written to a target."""
    return target if target.suffix.lower() == ZIP else target / package.folder


def _lay_out(archive: Archive, order: PackageOrder, evidence: Path) -> Package:
    form = package_rules().form(order.form)
    records = [archive.records.get(record.id) for record in order.records]
    ids = [record.id for record in records]
    told = {event.seq: event for one in ids for event in events_of(archive, one)}
    events = tuple(told[seq] for seq in sorted(told))
    withheld = _withheld(archive, records, form, is_whole=order.whole_scans)
    plan = Plan(
        form=form,
        holdings=gather(archive, order.code, records),
        events=events,
        readings=_readings(archive, [one for one in records if one.id not in withheld]),
        terms=order.terms,
        at=order.ground.at,
        withheld=withheld,
        certified=order.certified,
    )

    def prove(contents: bytes) -> Path:
        evidence.mkdir()
        (evidence / CONTENTS).write_bytes(contents)
        _prove(archive, events, order.ground, evidence)
        return evidence

    digests = [archive.records.digest(record) for record in records]
    # A reader gets no events: they name the staff.
    return build_package(plan, digests, None if form.oais_type == "DIP" else prove)


def _prove(archive: Archive, events: Sequence[Event], ground: Ground, folder: Path) -> None:
    """Write the events of the papers with their proofs, as an evidence export."""
    head = archive.sign_head(ground.key, ground.at)
    assert head is not None, "papers were filed, so there are events"
    sizes = write_proofs(archive, folder, events, head)
    write_common(archive, folder, ground, sizes=sizes, readme=_README)
    seal(folder, ground, (evidence_files.RECORD, head.size, head.root))


def _withheld(
    archive: Archive, records: Sequence[Record], form: PackageForm, *, is_whole: bool
) -> frozenset[str]:
    """Return the papers whose scan stays, or never came; a reader is given none anyway."""
    if form.oais_type == "DIP":
        return frozenset()
    return frozenset(
        one.id
        for one in records
        if archive.accessions.absent_of(one.id)
        or (not is_whole and shows_others(archive, one, records))
    )


def _readings(archive: Archive, records: Sequence[Record]) -> dict[str, int]:
    named = {record.notes.get("reading_sha256") for record in records} - {None}
    return {
        sha256: archive.objects.path(sha256).stat().st_size for sha256 in sorted(map(str, named))
    }


def _write(archive: Archive, file: PackageFile, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.content is None:
        archive.objects.copy_to(file.sha256, target)
    else:
        target.write_bytes(file.content)
