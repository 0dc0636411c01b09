"""What the audit commands ask of the archive, with the key, trust and witnesses of a station."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from config.vocabulary import EventType
from desk.departures import whole_folder
from desk.errors import PathUnusable
from desk.moments import now
from desk.people import current_person
from desk.station import Station
from storage.anchors import load_certificates, make_witness, read_anchor
from storage.archive import Archive
from storage.evidence_export import export_log, export_record
from storage.evidence_parts import Ground
from storage.fixity import FixityReport, check_archive, check_some
from storage.heads import PUBLIC_KEY_NAME, load_key, load_public_key
from storage.log_fixity import Outside
from storage.looks import Looks
from storage.model import NewEvent
from storage.outsider.heads import SignedHead
from storage.outsider.package import Manifest
from storage.outsider.witness import Witness, read_witness
from storage.safe_files import write_whole


def outside_of(station: Station, witnesses: Sequence[Path] = ()) -> Outside:
    """Return what a station's log is compared with.

    Raises:
        StationKeyUnusable: `station.pub` cannot be read.
        PathUnusable: A witness file cannot be.
    """
    return Outside(
        key=load_public_key(station.key.with_name(PUBLIC_KEY_NAME)),
        certificates=load_certificates(trust_for_timestamps(station)),
        witnesses=[(path.name, _witness(path)) for path in witnesses],
    )


def check_station(station: Station, archive: Archive, quota: int | None) -> FixityReport:
    """Check everything; or, as an event, so many of the objects that were not checked for longest.

    Raises:
        StationKeyUnusable: `station.pub` cannot be read.
    """
    outside = outside_of(station)
    if quota is None:
        return check_archive(archive, outside)
    at = now()
    with closing(Looks(archive.root)) as looks:
        report = check_some(archive, outside, looks, quota, at=at)
    archive.events.append(
        NewEvent(
            type=EventType.FIXITY_CHECK,
            object="archive",
            actor=current_person(),
            at=at,
            outcome="failure" if report.findings else "success",
            detail={"objects": report.objects, "findings": len(report.findings)},
        )
    )
    return report


def trust_for_timestamps(station: Station) -> Path:
    """Return the folder of the certificates that are trusted for timestamps."""
    return station.trust / "timestamping"


def sign_head_now(station: Station, archive: Archive) -> SignedHead | None:
    """Sign the log as it stands; None while it is empty."""
    return archive.sign_head(load_key(station.key), now())


def export_evidence(
    station: Station, archive: Archive, target: Path, record_id: str | None
) -> Manifest:
    """Write the log, or what concerns one record, for outsiders; that is an event.

    The folder appears whole, and not before the log tells of it.

    Raises:
        TargetNotEmpty: The folder holds something.
        PathUnusable: Nothing can be written there.
        RecordNotFound: There is no such record.
    """
    ground = Ground(key=load_key(station.key), trust=trust_for_timestamps(station), at=now())
    with whole_folder(target) as folder:
        if record_id is None:
            manifest = export_log(archive, folder, ground)
        else:
            manifest = export_record(archive, record_id, folder, ground)
        archive.events.append(
            NewEvent(
                type=EventType.DISSEMINATION,
                object=record_id or "archive",
                actor=current_person(),
                at=ground.at,
                outcome="evidence",
                detail={"kind": manifest.kind, "size": manifest.size, "root": manifest.root},
            )
        )
    return manifest


def write_witness_file(station: Station, archive: Archive, head: SignedHead, target: Path) -> None:
    """Write the witness file of a head.

    Raises:
        PathUnusable: It cannot be written.
    """
    text = make_witness(
        head,
        read_anchor(archive, head.size),
        station.key.with_name(PUBLIC_KEY_NAME).read_bytes(),
        station.settings.agency.name,
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text.replace("\n", "\r\n").encode("utf-8-sig"))
    except OSError as error:
        raise PathUnusable(
            f"Không ghi được phiếu nhân chứng «{target}»: {error.strerror}. Hãy kiểm tra "
            "[evidence] witness và quyền ghi.",
            f"the witness file {target} cannot be written; check [evidence] witness",
        ) from error


def _witness(path: Path) -> Witness:
    try:
        return read_witness(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PathUnusable(
            f"«{path}» không phải phiếu nhân chứng đọc được. Hãy chọn đúng tệp.",
            f"{path} is no witness file that can be read; name the right one",
        ) from error
