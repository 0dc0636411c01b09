"""A package from another archive: everything is checked before anything of it is believed.

Files against METS, records against the source's event log, that log against the source's key: what
does not hold refuses the package whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.codes import is_dossier_code
from storage.archive import Archive
from storage.errors import PackageUnusable
from storage.model import ObjectRef, Record
from storage.outsider.event_rows import Story, parse_event
from storage.outsider.export_checks import Own, check_export
from storage.outsider.faults import BROKEN
from storage.outsider.package import PROOF, PUBLIC_KEY, hash_file
from storage.outsider.proofs import read_proofs
from storage.packages import model, xml
from storage.packages.checking import check_source, refuse_findings
from storage.packages.holdings import read_holdings
from storage.packages.mets_reading import Reference, references
from storage.packages.model import Holdings
from storage.packages.sources import Source

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A package that holds together, and is not taken in yet."""

    identifier: str
    """`mets/@OBJID`."""
    oais_type: str
    """SIP or AIP."""
    mets_sha256: str
    """SHA-256 of its METS.xml."""
    holdings: Holdings
    """What it holds."""
    source_key: str
    """SHA-256 of the source's `station.pub`."""
    source_size: int
    """Events in the source's log then."""
    source_root: str
    """Root of the tree over them, hex."""
    evidence: Path
    """Folder of the source's evidence, unpacked."""
    objects: Mapping[str, Path]
    """Unpacked files by their SHA-256."""

    def absent_of(self, record: Record) -> tuple[str, ...]:
        """Return the objects that a record names and the source left out, as it signed."""
        named = {reference.sha256 for reference in needed_objects(record)}
        return tuple(sorted(named - self.objects.keys()))


def read_arrival(source: Source, archive: Archive, work: Path, key: bytes | None) -> Arrival:
    """Check a package and unpack it.

    Args:
        source: The package.
        archive: Where it would go; nothing is written there.
        work: An empty folder, on the disk of the archive.
        key: PEM of the source's public key, from elsewhere; None: that of the package is believed.

    Raises:
        PackageUnusable: Something does not hold; the message names what.
    """
    report = check_source(source)
    refuse_findings(report.findings)
    if report.oais_type == "DIP" or model.HOLDINGS not in source.sizes:
        raise PackageUnusable(
            f"Gói {report.identifier} ({report.oais_type}) không có dữ liệu đầy đủ của giấy tờ "
            f"({model.HOLDINGS}), nên không nhập được. Gói của phần mềm khác: dùng "
            "--as-scans để thả các tệp vào thư mục chờ.",
            f"package {report.identifier} has no {model.HOLDINGS}, so no records can be made of it",
        )
    told = source.read(model.HOLDINGS)
    holdings = read_holdings(told)
    for record in holdings.records:
        _refuse_odd(record)
    evidence = _unpack_evidence(source, work / "evidence")
    story, size, root = _believe(evidence, key)
    for record in holdings.records:
        _hold_against(record, archive, story)
    _hold_contents(source, evidence, told)
    return Arrival(
        identifier=report.identifier,
        oais_type=report.oais_type,
        mets_sha256=report.mets_sha256,
        holdings=holdings,
        source_key=hash_file(evidence / PUBLIC_KEY),
        source_size=size,
        source_root=root,
        evidence=evidence,
        objects=_unpack_objects(source, holdings, work / "objects"),
    )


def needed_objects(record: Record) -> Iterator[ObjectRef]:
    """Yield the objects that a record names."""
    yield record.pdf
    yield record.original
    reading = record.notes.get("reading_sha256")
    if reading is not None:
        yield ObjectRef(sha256=reading, sha512="", size_bytes=-1)


def _refuse_odd(record: Record) -> None:
    """Refuse identifiers that this program never gives."""
    codes = [link.dossier_code for link in record.links]
    is_named = isinstance(record.id, str) and _ID.fullmatch(record.id)
    if not is_named or not codes or not all(map(is_dossier_code, codes)):
        raise PackageUnusable(
            f"Gói có giấy tờ mang mã không hợp lệ: {record.id!r}. Không nhận gói này.",
            f"the package holds a record with an impossible identifier: {record.id!r}",
        )


def _unpack_evidence(source: Source, folder: Path) -> Path:
    base = f"{model.EVIDENCE}/"
    folder.mkdir(parents=True)
    for path in source.sizes:
        if path.startswith(base):
            source.refuse_long(path)
            _unpack(source, path, folder / path.removeprefix(base))
    return folder


def _unpack(source: Source, path: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as sink:
        for chunk in source.chunks(path):
            sink.write(chunk)


def _believe(evidence: Path, key: bytes | None) -> tuple[Story, int, str]:
    """Check the source's log as an outsider does; return what its events tell."""
    report = check_export(evidence, Own(key=key))
    if report.faults:
        fault = report.faults[0]
        raise PackageUnusable(
            f"Bằng chứng của nơi giao không đúng: {fault.identifier}: {fault.vi} Không nhận gói "
            "này; hãy hỏi nơi giao.",
            f"the source's evidence does not hold: {fault.identifier}: {fault.en}",
        )
    story = Story()
    try:
        for item in read_proofs(json.loads((evidence / PROOF).read_bytes())).events:
            story.read(parse_event(item.body.encode()))
    except BROKEN as error:
        raise PackageUnusable(
            "Không đọc được sự kiện trong bằng chứng của nơi giao. Không nhận gói này.",
            f"events of the source's evidence cannot be read: {error}",
        ) from error
    return story, report.events, report.root


def _hold_contents(source: Source, evidence: Path, read: bytes) -> None:
    """Compare the files with the digests that the source signed; METS may be anybody's.

    Args:
        source: The package.
        evidence: The source's evidence, unpacked and checked.
        read: The records as they were read: the file may be another than when METS was compared.
    """
    told = {item.path: item.sha256 for item in _references(source)}
    told[model.HOLDINGS] = hashlib.sha256(read).hexdigest()
    signed = evidence / model.CONTENTS
    if not signed.is_file() or signed.read_bytes() != model.contents_bytes(told):
        raise PackageUnusable(
            "Các tệp trong gói không phải các tệp mà nơi giao đã ký khi đóng gói. Không nhận gói "
            "này; hãy hỏi nơi giao.",
            "the files of the package are not those that the source signed when it packed them",
        )


def _hold_against(record: Record, archive: Archive, story: Story) -> None:
    """Compare a record with what the newest event of the source tells of it."""
    try:
        digest = archive.records.digest(record)
    except (TypeError, ValueError, AttributeError) as error:
        raise _differs(record) from error
    if story.records.get(record.id) != digest:
        raise _differs(record)


def _unpack_objects(source: Source, holdings: Holdings, folder: Path) -> dict[str, Path]:
    """Unpack what the records name; METS has been held against the files already.

    The signed PDF of each must be there. Of the rest, the source signed what it left out.
    """
    folder.mkdir()
    places = _places(source)
    unpacked: dict[str, Path] = {}
    for record in holdings.records:
        for reference in needed_objects(record):
            sha256 = reference.sha256
            if sha256 in unpacked:
                continue
            if sha256 not in places and reference != record.pdf:
                continue  # a scan that shows papers of others stays where it is
            if sha256 not in places:
                raise PackageUnusable(
                    f"Gói thiếu tệp {sha256} của giấy tờ {record.id}. Hãy xin lại gói.",
                    f"the package lacks the file {sha256} of record {record.id}",
                )
            unpacked[sha256] = folder / sha256
            _unpack(source, places[sha256], unpacked[sha256])
    return unpacked


def _places(source: Source) -> dict[str, str]:
    """Return where each file of the package lies, by its SHA-256."""
    return {item.sha256: item.path for item in _references(source)}


def _references(source: Source) -> Iterator[Reference]:
    for base in ("", f"{model.REPRESENTATION}/"):
        yield from references(xml.parse(source.read(base + model.METS), model.METS), base)


def _differs(record: Record) -> PackageUnusable:
    return PackageUnusable(
        f"Dữ liệu của giấy tờ {record.id} không phải dữ liệu mà nhật ký nơi giao ghi nhận. Không "
        "nhận gói này; hãy hỏi nơi giao.",
        f"record {record.id} is not what the newest event of the source's log tells of it",
    )
