"""Make packages of every kind for `packages.sh`: of a drawn dossier, of all that a station filed.

Usage: packages_make.py FOLDER [STATION]
"""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from config.packages import package_rules
from desk.cli.main import main as hoso
from storage.archive import open_archive
from storage.evidence_parts import Ground
from storage.heads import create_key
from tests.storage.conftest import AT
from tests.storage.packages.conftest import Source, fill


def draw(folder: Path) -> None:
    """Write a package of each kind of one drawn dossier."""
    with TemporaryDirectory(prefix="hoso-packages-") as name:
        work = Path(name)
        (work / "trust").mkdir()
        ground = Ground(key=create_key(work / "key.pem"), trust=work / "trust", at=AT)
        with open_archive(work / "archive") as archive:
            fill(archive)
            source = Source(archive=archive, ground=ground, folder=work)
            for form in package_rules().forms:
                source.write(form.name, folder / form.name)


def export(folder: Path, station: Path) -> None:
    """Export every dossier of a station as AIP, SIP and DIP, and its first paper by itself."""
    with open_archive(station / "archive") as archive:
        records = [archive.records.get(name) for name in archive.records.all_ids()]
    codes = sorted({link.dossier_code for record in records for link in record.links})
    for code in codes:
        for kind, form in (("aip", "aip_hoso"), ("sip", "sip_hoso"), ("dip", "dip")):
            run(code, kind, folder / form, station)
    for kind in ("aip", "sip"):
        run(records[0].id, kind, folder / f"{kind}_tailieu", station)


def run(code: str, kind: str, target: Path, station: Path) -> None:
    """Export one package, and check it."""
    told = StringIO()
    with redirect_stdout(told):
        ended = hoso(
            ["export", code, "--package", kind, "--out", str(target), "--station", str(station)]
        )
    if ended:
        sys.exit(f"hoso export {code} --package {kind} ended with {ended}: {told.getvalue()}")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        export(Path(sys.argv[1]), Path(sys.argv[2]))
