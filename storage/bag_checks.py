"""Is a bag (RFC 8493) whole and valid: every file listed, listed files there, digests right?

For bags of anybody: what we write is stricter than what is asked for. Manifests of digests that
Python does not know are named as not checked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from storage.bags import DECLARATION, INFO, PAYLOAD, files_of, unescape
from storage.outsider.faults import Fault

_MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)", re.DOTALL)
_VERSION = re.compile(r"BagIt-Version: \d+\.\d+")
_LINE_END = re.compile(r"\r\n|\r|\n")
_OXUM = re.compile(r"^Payload-Oxum:\s*(\d+)\.(\d+)\s*$", re.MULTILINE)
_CHUNK_BYTES = 1 << 20


@dataclass(slots=True)
class BagReport:
    """What was found of a bag."""

    files: int = 0
    """Files of the payload."""
    algorithms: list[str] = field(default_factory=list)
    """Digests that the payload was checked with."""
    unchecked: list[str] = field(default_factory=list)
    """Manifests of digests that are not known here."""
    faults: list[Fault] = field(default_factory=list)


def check_bag(folder: Path) -> BagReport:
    """Check a bag; everything that is wrong is in the report."""
    report = BagReport()
    report.faults += _check_declaration(folder)
    files = {path.relative_to(folder).as_posix(): path for path in files_of(folder)}
    payload = {name for name in files if name.startswith(f"{PAYLOAD}/")}
    report.files = len(payload)
    report.faults += _links(files)
    for name, path in files.items():
        found = _MANIFEST.fullmatch(name)
        if found is None:
            continue
        is_tag, algorithm = bool(found[1]), found[2]
        if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
            report.unchecked.append(name)
            continue
        listed = dict(_read_manifest(path, report))
        report.faults += _compare(files, listed, algorithm)
        if not is_tag:
            report.algorithms.append(algorithm)
            report.faults += _unlisted(payload - listed.keys(), name)
    if not report.algorithms:
        vi, en = "Bag không có danh sách mã băm nào dùng được.", "No manifest that can be used."
        report.faults.append(_fault(folder.name, vi, en))
    report.faults += _check_size(files, payload)
    return report


def _check_declaration(folder: Path) -> Iterator[Fault]:
    try:
        first = (folder / DECLARATION).read_text(encoding="utf-8").splitlines()[0]
    except (OSError, ValueError, IndexError):
        first = ""
    if not _VERSION.fullmatch(first):
        yield _fault(DECLARATION, "Tệp này không khai báo một bag.", "It declares no bag.")


def _links(files: Mapping[str, Path]) -> Iterator[Fault]:
    for name, path in files.items():
        if path.is_symlink():
            yield _fault(name, "Tệp này chỉ dẫn tới nơi khác.", "It only leads elsewhere.")


def _read_manifest(path: Path, report: BagReport) -> Iterator[tuple[str, str]]:
    seen = set()
    try:
        # Not by `splitlines`: a name may hold what only looks like the end of a line.
        lines = _LINE_END.split(path.read_bytes().decode())
    except (OSError, ValueError) as error:
        report.faults.append(_fault(path.name, f"Không đọc được: {error}.", f"{error}."))
        return
    for line in filter(None, lines):
        found = _LINE.fullmatch(line)
        name = unescape(found[2]).removeprefix("./") if found else ""
        if found is None or name in seen or name.startswith("/") or ".." in name.split("/"):
            vi, en = f"Dòng không hợp lệ: {line[:80]}", f"A line that cannot be: {line[:80]}"
            report.faults.append(_fault(path.name, vi, en))
            continue
        seen.add(name)
        yield name, found[1].lower()


def _compare(
    files: Mapping[str, Path], listed: Mapping[str, str], algorithm: str
) -> Iterator[Fault]:
    for name, digest in sorted(listed.items()):
        if name not in files:
            yield _fault(name, "Tệp này thiếu.", "This file is missing.")
        elif _digest(files[name], algorithm) != digest:
            yield _fault(name, "Tệp này đã thay đổi.", "This file has changed.")


def _unlisted(names: set[str], manifest: str) -> Iterator[Fault]:
    for name in sorted(names):
        vi, en = f"Tệp này không có trong {manifest}.", f"It is not listed in {manifest}."
        yield _fault(name, vi, en)


def _check_size(files: Mapping[str, Path], payload: set[str]) -> Iterator[Fault]:
    if INFO not in files:
        return
    stated = _OXUM.search(files[INFO].read_text(encoding="utf-8", errors="replace"))
    total = sum(files[name].stat().st_size for name in payload)
    if stated and (int(stated[1]), int(stated[2])) != (total, len(payload)):
        yield _fault(INFO, "Payload-Oxum không khớp.", "Payload-Oxum does not fit.")


def _digest(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _fault(identifier: str, vi: str, en: str) -> Fault:
    return Fault(kind="export", identifier=identifier, vi=vi, en=en)
