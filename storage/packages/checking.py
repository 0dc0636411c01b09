"""The fixity pass: every file of a package against its METS, every METS against its schema.

eark-validator does not do this: it says the same of a package in which a PDF was changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from config.packages import package_rules
from storage.errors import PackageUnusable
from storage.packages import xml
from storage.packages.ead import schema_bytes
from storage.packages.mets_reading import (
    Reference,
    ToldPackage,
    inner_mets,
    references,
    told_package,
)
from storage.packages.model import METS, PackageFinding, PackageReport
from storage.packages.sources import Source, open_source


def check_package(path: Path) -> PackageReport:
    """Check a package, a folder or a ZIP; what is wrong is in the report.

    Raises:
        PackageUnusable: It is no package, or a hostile one.
    """
    with open_source(path) as source:
        return check_source(source)


def check_source(source: Source) -> PackageReport:
    """Check a package that is open; otherwise as `check_package`."""
    check = _Check(source)
    findings = tuple(check.findings())
    return PackageReport(
        identifier=check.told.identifier,
        oais_type=check.told.oais_type,
        files=len(source.sizes),
        mets_sha256=_hash(source, METS) if METS in source.sizes else "",
        findings=findings,
    )


def refuse_findings(findings: Sequence[PackageFinding]) -> None:
    """Refuse a package in which something is wrong.

    Raises:
        PackageUnusable: The message names what.
    """
    if findings:
        raise _changed(findings)


_SHOWN = 5
_NOTHING = ToldPackage(identifier="", oais_type="")


@dataclass(slots=True)
class _Check:
    """One pass over a package."""

    source: Source
    told: ToldPackage = _NOTHING
    _faults: list[PackageFinding] = field(default_factory=list)

    def findings(self) -> Iterator[PackageFinding]:
        found = list(self._references(METS))
        for path in inner_mets(found):
            found += self._references(path)
        yield from self._faults
        named: dict[str, Reference] = {}
        for item in found:
            if item.path in named and named[item.path] != item:
                yield _finding("broken", item.path, "METS ghi hai lần khác nhau", "told twice")
            named[item.path] = item
        for item in named.values():
            yield from self._compare(item)
        for path in sorted(self.source.sizes.keys() - named.keys() - {METS}):
            yield _finding("extra", path, "không có trong METS", "no METS names it")
        yield from self._descriptions()

    def _mets(self, path: str) -> xml.Element | None:
        try:
            root = xml.parse(self.source.read(path), path)
        except PackageUnusable as error:
            self._faults.append(_told("broken", path, error))
            return None
        fault = xml.first_fault(xml.mets_schema(), root)
        if fault:
            self._faults.append(
                _finding("broken", path, f"sai lược đồ METS ({fault})", f"no valid METS: {fault}")
            )
        return root

    def _references(self, path: str) -> list[Reference]:
        root = self._mets(path)
        folder = PurePosixPath(path).parent.as_posix()
        base = "" if folder == "." else f"{folder}/"
        if root is None:
            return []
        if path == METS:
            self.told = told_package(root)
        return list(references(root, base))

    def _compare(self, item: Reference) -> Iterator[PackageFinding]:
        if item.path not in self.source.sizes:
            yield _finding("missing", item.path, "không có trong gói", "is not in the package")
            return
        if not item.sha256:
            yield _finding("broken", item.path, "METS không ghi SHA-256", "told without SHA-256")
            return
        try:
            is_same = _hash(self.source, item.path) == item.sha256
        except PackageUnusable as error:
            yield _told("changed", item.path, error)
            return
        if not is_same or self.source.sizes[item.path] != item.size:
            yield _finding("changed", item.path, "đã thay đổi", "has changed")

    def _descriptions(self) -> Iterator[PackageFinding]:
        """Hold EAD files against the schema of all fields that any annex has."""
        fields = tuple(item.name for item in package_rules().fields)
        schema = xml.schema_of(schema_bytes(fields))
        for path in sorted(self.source.sizes):
            is_described = "/metadata/descriptive/" in f"/{path}" and path.endswith(".xml")
            if not is_described:
                continue
            try:
                fault = xml.first_fault(schema, xml.parse(self.source.read(path), path))
            except PackageUnusable as error:
                yield _told("broken", path, error)
                continue
            if fault:
                yield _finding("broken", path, f"sai lược đồ ({fault})", f"not valid: {fault}")


def _hash(source: Source, path: str) -> str:
    digest = hashlib.sha256()
    for chunk in source.chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


Kind = Literal["missing", "changed", "extra", "broken"]


def _finding(kind: Kind, path: str, vi: str, en: str) -> PackageFinding:
    return PackageFinding(kind=kind, path=path, vi=f"Tệp này {vi}.", en=f"This file {en}.")


def _told(kind: Kind, path: str, error: PackageUnusable) -> PackageFinding:
    return PackageFinding(kind=kind, path=path, vi=error.vi, en=error.en)


def _changed(findings: Sequence[PackageFinding]) -> PackageUnusable:
    shown = findings[:_SHOWN]
    more = f" và {len(findings) - _SHOWN} sai lệch khác" if len(findings) > _SHOWN else ""
    return PackageUnusable(
        "Gói không còn như lúc đóng: "
        + "; ".join(f"{item.path}: {item.vi}" for item in shown)
        + f"{more}. Không nhận gì; hãy xin lại gói.",
        "the package is not as it was packed: "
        + "; ".join(f"{item.path}: {item.en}" for item in shown),
    )
