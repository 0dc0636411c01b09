"""`hoso import --as-scans`: papers of a package that another program made, handed in as scans.

Such a package holds no records, only files and descriptions. Its files, held against its METS, are
dropped into the inbox under their dossier; from there they go the way of every paper, a signed PDF
as it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from config.codes import find_dossier_codes
from config.vocabulary import EventType
from desk.errors import PathUnusable
from desk.moments import now
from desk.station import Station
from desk.trays import has_scan_name
from storage.archive import Archive
from storage.errors import PackageUnusable
from storage.model import NewEvent
from storage.outsider.package import hash_file
from storage.packages.checking import check_source, refuse_findings
from storage.packages.ead import read_ead
from storage.packages.mets_reading import data_files
from storage.packages.model import EAD, HOLDINGS, METS, PackageFinding, PackageReport
from storage.packages.sources import Source, open_source
from storage.packages.xml import parse
from storage.workshops import workshop_beside

_DESCRIPTION = f"metadata/descriptive/{EAD}"
_CODES = ("arcFileCode", "fileCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What was dropped of a package."""

    package: str
    """`OBJID`."""
    oais_type: str
    """SIP, AIP or DIP."""
    mets_sha256: str
    """SHA-256 of its METS.xml."""
    dossier_code: str | None
    """Mã hồ sơ that its description names; None where it names no such code, or several."""
    files: tuple[Path, ...]
    """Where they lie now."""


def hand_in(path: Path, station: Station, archive: Archive, actor: str) -> HandedIn:
    """Check a package, and drop its files into the inbox; the event comes first.

    Killed at any step, each file is in the inbox whole or not at all; handed in again once the
    station has worked, what came twice is known for what it is.

    Raises:
        PackageUnusable: it is broken or hostile; nothing was dropped.
        PathUnusable: the inbox holds a file of that name, or cannot be written.
    """
    with open_source(path) as source:
        report = check_source(source)
        # How it describes its papers is not what they are: only its files have to be whole.
        refuse_findings([item for item in report.findings if _is_of_files(item)])
        if HOLDINGS in source.sizes:
            raise PathUnusable(
                f"Gói {report.identifier} có dữ liệu đầy đủ. Hãy nhập không kèm --as-scans.",
                f"package {report.identifier} holds whole records; import it without --as-scans",
            )
        code = _dossier_code(source)
        folder = station.inbox / code if code else station.inbox
        digests = data_files(source)
        targets = {inner: folder / PurePosixPath(inner).name for inner in digests}
        _refuse_unseen(targets)
        _refuse_taken(targets)
        # Hidden: intake leaves it alone. On the inbox's own disk: a change of name is enough.
        with workshop_beside(station.inbox / "goi") as work:
            halves = _write(source, digests, work)
            archive.events.append(_event(report, sorted(digests.values()), actor))
            for inner, half in halves.items():
                targets[inner].parent.mkdir(exist_ok=True)
                half.rename(targets[inner])
    return HandedIn(
        package=report.identifier,
        oais_type=report.oais_type,
        mets_sha256=report.mets_sha256,
        dossier_code=code,
        files=tuple(targets.values()),
    )


def _is_of_files(finding: PackageFinding) -> bool:
    return finding.kind != "broken" or finding.path.endswith(METS)


def _dossier_code(source: Source) -> str | None:
    """Return the one dossier code of the description; a person is asked where there is none."""
    if _DESCRIPTION not in source.sizes:
        return None
    values = read_ead(parse(source.read(_DESCRIPTION), _DESCRIPTION))
    found = {code for name in _CODES for code in find_dossier_codes(values.get(name, ""))}
    return found.pop() if len(found) == 1 else None


def _refuse_unseen(targets: dict[str, Path]) -> None:
    """Refuse files that intake would leave lying: hidden ones, halves, slips."""
    for inner, path in targets.items():
        if not has_scan_name(path.name):
            raise PackageUnusable(
                f"Trạm không nhận tệp mang tên như «{inner}». Không thả tệp nào; hãy hỏi nơi giao.",
                f"a file with a name like {inner} is no scan to this station; nothing was dropped",
            )


def _refuse_taken(targets: dict[str, Path]) -> None:
    taken = next((path for path in targets.values() if path.exists()), None)
    if taken is not None or len(set(targets.values())) != len(targets):
        raise PathUnusable(
            f"Thư mục chờ đã có «{taken or 'tệp trùng tên'}». Hãy để trạm xử lý xong rồi thử lại.",
            f"the inbox holds {taken or 'two files of one name'}; let the station work first",
        )


def _write(source: Source, digests: dict[str, str], work: Path) -> dict[str, Path]:
    """Write every file aside, compared with its digest; return where each lies."""
    # Numbered, not named after it: a name may be as long as names can be.
    halves = {inner: work / str(number) for number, inner in enumerate(digests)}
    for inner, half in halves.items():
        with half.open("wb") as sink:
            sink.writelines(source.chunks(inner))
        if hash_file(half) != digests[inner]:
            raise PackageUnusable(
                f"«{inner}» đổi trong lúc đọc gói. Không thả tệp nào; hãy xin lại gói.",
                f"{inner} changed while the package was read; nothing was dropped",
            )
    return halves


def _event(report: PackageReport, digests: list[str], actor: str) -> NewEvent:
    return NewEvent(
        type=EventType.ACCESSION,
        object="archive",
        actor=actor,
        at=now(),
        outcome="scans",
        detail={
            "package": report.identifier,
            "mets_sha256": report.mets_sha256,
            "files": digests,
        },
    )
