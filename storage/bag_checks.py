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
from typing import Literal

from storage.bags import DECLARATION, INFO, PAYLOAD, unescape
from storage.errors import PackageUnusable
from storage.packages.sources import Source, open_source

_MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)", re.DOTALL)
_VERSION = re.compile(r"BagIt-Version: \d+\.\d+")
_LINE_END = re.compile(r"\r\n|\r|\n")
_OXUM = re.compile(r"^Payload-Oxum:\s*0*([0-9]+)\.0*([0-9]+)\s*$", re.MULTILINE)


BagFaultKind = Literal["missing", "changed", "extra", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BagFault:
    """Something in a bag that is not as it was packed."""

    kind: BagFaultKind
    path: str
    """The file."""
    vi: str
    """What is wrong with it, Vietnamese."""
    en: str
    """The same in English."""


@dataclass(slots=True)
class BagReport:
    """What was found of a bag."""

    name: str
    """Name of its folder."""
    sha256: str = ""
    """Of the first manifest of the payload; it names the content."""
    files: int = 0
    """Files of the payload."""
    algorithms: list[str] = field(default_factory=list)
    """Digests that the payload was checked with."""
    unchecked: list[str] = field(default_factory=list)
    """Manifests of digests that are not known here."""
    faults: list[BagFault] = field(default_factory=list)


def check_bag(path: Path) -> BagReport:
    """Check a bag, a folder or a ZIP of one; everything that is wrong is in the report.

    Raises:
        PackageUnusable: It cannot be read, or is a hostile one.
    """
    with open_source(path) as source:
        report = BagReport(name=source.name)
        report.faults += _check_declaration(source)
        payload = {name for name in source.sizes if name.startswith(f"{PAYLOAD}/")}
        report.files = len(payload)
        for name in sorted(source.sizes):
            found = _MANIFEST.fullmatch(name)
            if found is not None:
                _check_manifest(source, found, payload, report)
        report.faults += _check_size(source, payload)
    if not report.algorithms:
        vi, en = "Bag không có danh sách mã băm nào dùng được.", "No manifest that can be used."
        report.faults.append(_fault("broken", DECLARATION, vi, en))
    # Two manifests name the same file.
    report.faults = list(dict.fromkeys(report.faults))
    return report


def _check_manifest(
    source: Source, found: re.Match[str], payload: set[str], report: BagReport
) -> None:
    name, is_tag, algorithm = found[0], bool(found[1]), found[2]
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        report.unchecked.append(name)
        return
    data = source.read(name)
    listed = dict(_read_manifest(name, data, report))
    report.faults += _compare(source, listed, algorithm)
    if not is_tag:
        report.algorithms.append(algorithm)
        report.faults += _unlisted(payload - listed.keys(), name)
        if not report.sha256:
            report.sha256 = hashlib.sha256(data).hexdigest()


def _check_declaration(source: Source) -> Iterator[BagFault]:
    lines = source.read(DECLARATION).decode(errors="replace") if _has(source, DECLARATION) else ""
    if not _VERSION.fullmatch(lines.partition("\n")[0].rstrip("\r")):
        yield _fault(
            "broken", DECLARATION, "Tệp này không khai báo một bag.", "It declares no bag."
        )


def _has(source: Source, name: str) -> bool:
    return name in source.sizes


def _read_manifest(name: str, data: bytes, report: BagReport) -> Iterator[tuple[str, str]]:
    seen = set()
    try:
        # Not by `splitlines`: a name may hold what only looks like the end of a line.
        lines = _LINE_END.split(data.decode())
    except ValueError as error:
        report.faults.append(_fault("broken", name, f"Không đọc được: {error}.", f"{error}."))
        return
    for line in filter(None, lines):
        found = _LINE.fullmatch(line)
        listed = unescape(found[2]).removeprefix("./") if found else ""
        if found is None or listed in seen or listed.startswith("/") or ".." in listed.split("/"):
            vi, en = f"Dòng không hợp lệ: {line[:80]}", f"A line that cannot be: {line[:80]}"
            report.faults.append(_fault("broken", name, vi, en))
            continue
        seen.add(listed)
        yield listed, found[1].lower()


def _compare(source: Source, listed: Mapping[str, str], algorithm: str) -> Iterator[BagFault]:
    for name, digest in sorted(listed.items()):
        if not _has(source, name):
            yield _fault("missing", name, "Tệp này thiếu.", "This file is missing.")
            continue
        made = hashlib.new(algorithm, usedforsecurity=False)
        try:
            for chunk in source.chunks(name):
                made.update(chunk)
        except PackageUnusable as error:
            yield _fault("broken", name, error.vi, error.en)
            continue
        if made.hexdigest() != digest:
            yield _fault("changed", name, "Tệp này đã thay đổi.", "This file has changed.")


def _unlisted(names: set[str], manifest: str) -> Iterator[BagFault]:
    for name in sorted(names):
        vi, en = f"Tệp này không có trong {manifest}.", f"It is not listed in {manifest}."
        yield _fault("extra", name, vi, en)


def _check_size(source: Source, payload: set[str]) -> Iterator[BagFault]:
    if not _has(source, INFO):
        return
    stated = _OXUM.search(source.read(INFO).decode(errors="replace"))
    total = sum(source.sizes[name] for name in payload)
    # As text: Python refuses to read numbers of thousands of digits.
    if stated and stated.groups() != (str(total), str(len(payload))):
        yield _fault("broken", INFO, "Payload-Oxum không khớp.", "Payload-Oxum does not fit.")


def _fault(kind: BagFaultKind, path: str, vi: str, en: str) -> BagFault:
    return BagFault(kind=kind, path=path, vi=vi, en=en)
