"""`hoso export --check` of a package of TT 05/2025/TT-BNV."""

from __future__ import annotations

from pathlib import Path

from desk.exporting import Checked, Fault
from storage.packages.checking import check_package


def check_eark(path: Path) -> Checked:
    """Compare every file of a package with its METS.

    Raises:
        PackageUnusable: it is no package, or a hostile one.
    """
    report = check_package(path)
    return Checked(
        path=path,
        format=f"eark {report.oais_type}".strip(),
        identifier=report.identifier,
        files=report.files,
        sha256=report.mets_sha256,
        findings=tuple(
            Fault(kind=item.kind, path=item.path, vi=item.vi, en=item.en)
            for item in report.findings
        ),
    )
