"""Check an evidence export: files, heads, events or proofs, timestamps, witnesses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.outsider import package
from storage.outsider.anchor_checks import SUFFIX, Anchored, check_anchors
from storage.outsider.certificates import Certificate, read_certificates
from storage.outsider.event_rows import OpenCapture, Story
from storage.outsider.faults import BROKEN, Fault
from storage.outsider.heads import SignedHead, is_signed_head, parse_head, parse_public_key
from storage.outsider.log_checks import LogCheck
from storage.outsider.papers import PaperReport, check_papers
from storage.outsider.pdf_signatures import Anchors
from storage.outsider.proofs import check_proofs, read_proofs
from storage.outsider.tokens import Stamp
from storage.outsider.witness import read_witness, signed_head
from storage.outsider.zips import unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What the outsider brings along."""

    key: bytes | None = None
    """PEM of the station's key from elsewhere; None: that of the export is believed."""
    trust: Path | None = None
    """Folder of certificates for timestamps; None: those of the export."""
    witnesses: Sequence[Path] = ()
    """Witness files that left the station earlier."""
    files: Sequence[Path] = ()
    """Files: is each one that the archive took in or signed?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStory:
    """What the log says of a file."""

    sha256: str
    """Its digest."""
    events: Sequence[int]
    """Numbers of the events that name it."""
    before: str | None
    """It was recorded before this moment, by a timestamp; None where none covers it."""


@dataclass(slots=True)
class Report:
    """What was checked and found."""

    kind: str = ""
    events: int = 0
    root: str = ""
    packed: int = 0
    manifest_sha256: str = ""
    heads: dict[int, SignedHead] = field(default_factory=dict)
    stamps: dict[int, Stamp] = field(default_factory=dict)
    open_captures: list[OpenCapture] = field(default_factory=list)
    files: dict[str, FileStory] = field(default_factory=dict)
    papers: list[PaperReport] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def check_path(path: Path, own: Own) -> Report:
    """Check an export that is a folder, or a ZIP of one.

    Raises:
        OSError: It cannot be read.
    """
    if path.is_dir():
        return check_export(path, own)
    with TemporaryDirectory(prefix="kiem-tra-") as work:
        faults = unpack(path, Path(work))
        report = check_export(Path(work), own)
    report.faults[:0] = faults
    return report


def check_export(folder: Path, own: Own) -> Report:
    """Check an export; everything that is wrong is in the report, nothing is raised for it."""
    report = Report()
    key = _key(folder, own, report)
    _manifest(folder, key, report)
    heads = _read_folder(folder / package.HEADS, ".json")
    signed, witnessed = _roots(heads, key, report), _witnessed(own.witnesses, key, report)
    if report.kind != package.LOG:
        report.faults += _uncompared(signed, witnessed)
        witnessed = {}
    roots = {**signed, **witnessed}
    wanted = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in own.files}
    story = _events(folder, report, roots, frozenset(wanted))
    report.open_captures = list(story.open.values()) if report.kind == package.LOG else []
    anchored = Anchored(
        heads=heads,
        anchors=_read_folder(folder / package.ANCHORS, SUFFIX),
        told=story.anchors,
        certificates=_certificates(own.trust or folder / package.TRUST, report),
    )
    if report.kind == package.BUNDLE:
        anchors = Anchors(
            signers=_certificates(own.trust or folder / package.ALL_TRUST, report),
            timestamping=anchored.certificates,
        )
        report.faults += check_papers(folder, story, anchors, report.papers)
    report.faults += check_anchors(anchored)
    report.stamps = {int(size): stamp for size, stamp in anchored.stamps.items()}
    report.files = {
        str(path): _file_story(sha256, story, report) for sha256, path in wanted.items()
    }
    report.faults += [_unknown(name) for name, found in report.files.items() if not found.events]
    return report


def _manifest(folder: Path, key: bytes, report: Report) -> None:
    try:
        data = (folder / package.MANIFEST).read_bytes()
        manifest, is_signed = package.read_manifest(data, key)
        report.packed, report.manifest_sha256 = (
            len(manifest.files),
            hashlib.sha256(data).hexdigest(),
        )
        report.kind, report.events, report.root = manifest.kind, manifest.size, manifest.root
        # Also where it is not signed: what was changed shall be named all the same.
        report.faults += package.compare_files(folder, manifest)
        if not is_signed:
            raise ValueError("the station did not sign it")
    except BROKEN as error:
        report.faults.append(_broken("export", package.MANIFEST, error))


def _key(folder: Path, own: Own, report: Report) -> bytes:
    try:
        packed = (folder / package.PUBLIC_KEY).read_bytes()
        key = parse_public_key(own.key or packed)
        if key != parse_public_key(packed):
            raise ValueError("it is not the key that was handed over earlier")
    except BROKEN as error:
        report.faults.append(_broken("export", package.PUBLIC_KEY, error))
        return b""
    return key


def _read_folder(folder: Path, suffix: str) -> dict[str, bytes]:
    """Return files by the number that is their name, in order."""
    paths = (path for path in folder.glob(f"*{suffix}") if path.stem.isdecimal())
    return {path.stem: path.read_bytes() for path in sorted(paths, key=lambda p: int(p.stem))}


def _roots(heads: Mapping[str, bytes], key: bytes, report: Report) -> dict[int, str]:
    for stem, data in heads.items():
        try:
            head = parse_head(data)
            if str(head.size) != stem or not is_signed_head(head, key):
                raise ValueError("the station did not sign it, or not under this name")
            report.heads[head.size] = head
        except BROKEN as error:
            report.faults.append(_broken("head", f"{stem}.json", error))
    return {size: head.root for size, head in report.heads.items()}


def _witnessed(paths: Sequence[Path], key: bytes, report: Report) -> dict[int, str]:
    roots = {}
    for path in paths:
        try:
            head = signed_head(read_witness(path.read_text(encoding="utf-8-sig")), key)
            if head is None:
                raise ValueError("this station's key did not sign it")
            roots[head.size] = head.root
        except BROKEN as error:
            report.faults.append(_broken("file", path.name, error))
    return roots


def _uncompared(signed: Mapping[int, str], witnessed: Mapping[int, str]) -> Iterator[Fault]:
    """Compare witnesses with an export of one record, which proves growth between a few heads."""
    for size in sorted(witnessed.keys() - signed.keys()):
        yield Fault(
            kind="file",
            identifier=f"witness {size}",
            vi=f"Gói này không nối tới phiếu nhân chứng {size}: hãy xin gói toàn nhật ký.",
            en=f"This export of one record does not reach the witness of {size}: ask for the log.",
        )
    for size in sorted(witnessed.keys() & signed.keys()):
        if witnessed[size] != signed[size]:
            yield Fault(
                kind="event",
                identifier=f"1-{size}",
                vi=f"Đầu cây {size} khác với phiếu nhân chứng.",
                en=f"The head of {size} differs from the witness.",
            )


def _events(
    folder: Path, report: Report, roots: Mapping[int, str], wanted: frozenset[str]
) -> Story:
    try:
        if report.kind != package.LOG:
            story = Story()
            proofs = read_proofs(json.loads((folder / package.PROOF).read_bytes()))
            report.faults += check_proofs(proofs, roots, story, wanted)
            # Which anchors the whole log tells of is not known here: tokens speak for themselves.
            for token in _read_folder(folder / package.ANCHORS, SUFFIX).values():
                story.anchors[hashlib.sha256(token).hexdigest()] = "-"
            return story
        # A witness knows better than the manifest, and than a head of the export.
        stated = {report.events: report.root, **roots}
        check = LogCheck(leaves=(folder / package.LEAVES).read_bytes(), roots=stated, wanted=wanted)
        check.run(_lines(folder / package.EVENTS))
    except BROKEN as error:
        name = package.EVENTS if report.kind == package.LOG else package.PROOF
        report.faults.append(_broken("export", name, error))
        return Story()
    report.events, report.root = check.tree.size, check.tree.root().hex()
    report.faults += check.faults
    return check.story


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        for line in stream:
            yield line.removesuffix(b"\n")


def _certificates(folder: Path, report: Report) -> list[Certificate]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".pem", ".crt", ".cer", ".der"):
            try:
                found += read_certificates(path.read_bytes())
            except BROKEN as error:
                report.faults.append(_broken("file", path.name, error))
    return found


def _file_story(sha256: str, story: Story, report: Report) -> FileStory:
    events = story.files.get(sha256, [])
    times = [stamp.time for size, stamp in report.stamps.items() if events and size >= events[0]]
    before = min(times).isoformat().replace("+00:00", "Z") if times else None
    return FileStory(sha256=sha256, events=events, before=before)


def _unknown(name: str) -> Fault:
    return Fault(
        kind="file",
        identifier=name,
        vi="Không có sự kiện nào nhắc tới đúng nội dung của tệp này.",
        en="No event names a file of just these bytes.",
    )


def _broken(kind: str, name: str, error: Exception) -> Fault:
    return Fault(
        kind=kind,  # type: ignore[arg-type]  # one of the words above
        identifier=name,
        vi=f"Không dùng được tệp này: {error}.",
        en=f"This file cannot be used: {error}.",
    )
