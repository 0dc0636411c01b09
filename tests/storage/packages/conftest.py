"""Archives with a dossier of a few papers, and packages of it, made once for a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from config.vocabulary import Role, load_classes
from storage.archive import Archive, open_archive
from storage.corrections import Act
from storage.evidence_parts import Ground
from storage.fingerprints import Fingerprint, Version
from storage.heads import create_key, public_pem
from storage.model import NewLink, Record
from storage.packages.admitting import Admission, Admitted, admit
from storage.packages.arriving import read_arrival
from storage.packages.model import Package, Terms
from storage.packages.sources import open_source
from storage.packages.writing import PackageOrder, write_package
from storage.register import Dossier, Procedure, ProcedureResult, RegisterBatch
from tests.storage.conftest import AT, DOSSIER, make_record

TERMS = Terms(
    fonds="P26",
    archive_code="LT01",
    agency_code="H15.50.05.13",
    agency_name="UBND PHƯỜNG THỬ NGHIỆM",
    maintenance="04",
    mode="02",
    language="01",
    shelf="K1-G2-H3",
    has_backups=True,
    classes=load_classes(),
    version="0.1.0",
    request={"requestID": "YC-1", "purpose": "02"},
)
REGISTERED = RegisterBatch(
    procedures=(Procedure(code="1.001193", title="Đăng ký khai sinh", sector="Hộ tịch"),),
    dossiers=(
        Dossier(
            code=DOSSIER,
            title="Đăng ký khai sinh của TRẦN THỊ THỬ NGHIỆM",
            procedure_code="1.001193",
            agency_code="H15.50.05.13",
            agency_name="UBND PHƯỜNG THỬ NGHIỆM",
            applicant="TRẦN VĂN THỬ NGHIỆM",
            received_at=date(2026, 10, 8),
            settled_at=date(2026, 10, 9),
        ),
    ),
    results=(ProcedureResult(dossier_code=DOSSIER, ordinal=1, class_code="GKS"),),
)


@dataclass(frozen=True, slots=True)
class Source:
    """An archive with one dossier, and what its packages are signed with."""

    archive: Archive
    ground: Ground
    folder: Path

    @property
    def records(self) -> list[Record]:
        return self.archive.records.of_dossier(DOSSIER)

    @property
    def public_key(self) -> bytes:
        return public_pem(self.ground.key)

    def write(
        self, form: str, target: Path, terms: Terms = TERMS, *, whole_scans: bool = False
    ) -> Package:
        is_single = form.endswith("tailieu")
        code = self.records[0].id if is_single else DOSSIER
        return self.write_of(form, code, target, terms, whole_scans=whole_scans)

    def write_of(
        self,
        form: str,
        code: str,
        target: Path,
        terms: Terms = TERMS,
        *,
        whole_scans: bool = False,
    ) -> Package:
        records = self.archive.records.of_dossier(code) or [self.archive.records.get(code)]
        order = PackageOrder(
            form=form,
            code=code,
            records=records,
            terms=terms,
            ground=self.ground,
            whole_scans=whole_scans,
        )
        return write_package(self.archive, order, target)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    folder = tmp_path_factory.mktemp("source")
    (folder / "trust").mkdir()
    key = create_key(folder / "station.pem")
    with open_archive(folder / "archive") as archive:
        fill(archive)
        ground = Ground(key=key, trust=folder / "trust", at=AT)
        yield Source(archive=archive, ground=ground, folder=folder)


def fill(archive: Archive) -> None:
    """File three papers, of which one arrived signed, one replaced another, one was corrected."""
    archive.register.load(REGISTERED)
    reading = archive.objects.add_bytes(b'{"words": []}').sha256
    notes = {"personal_signing": "off", "reading_sha256": reading}
    link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
    first = archive.file(make_record(archive, 1, notes=notes), link, actor="desk", at=AT)
    archive.fingerprints.add(first.id, Fingerprint(pictures=("0f" * 8,), keys=("a", "b")))
    archive.file(make_record(archive, 2), link, actor="desk", at=AT)
    born = make_record(archive, 3)
    result = NewLink(
        dossier_code=DOSSIER, role=Role.RESULT, procedure_result_code=f"{DOSSIER}-KQ(1)"
    )
    third = archive.file(
        replace(born, original=born.pdf, original_media_type="application/pdf"),
        result,
        actor="desk",
        at=AT,
    )
    version = Version(record_id=third.id, supersedes=first.id, kind="version", at=AT)
    archive.supersede(version, actor="officer")
    archive.revise(
        replace(archive.records.get(first.id), title="Giấy khai sinh\x01 <sửa> & «lại»"),
        Act.CORRECT,
        actor="officer",
        at=AT,
    )


@pytest.fixture(scope="module")
def aip(source: Source) -> Path:
    """The folder of an AIP."""
    package = source.write("aip_hoso", source.folder / "aip")
    return source.folder / "aip" / package.folder


Taking = Callable[..., Admitted]
"""Takes a package into the archive `target`; the source's key may be named."""


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "kho-nhan") as archive:
        yield archive


@pytest.fixture
def take(target: Archive, tmp_path: Path) -> Taking:
    def taken(package: Path, key: bytes | None = None) -> Admitted:
        work = tmp_path / f"work-{len(list(tmp_path.iterdir()))}"
        work.mkdir()
        with open_source(package) as source:
            arrival = read_arrival(source, target, work, key)
        return admit(target, arrival, Admission(actor="văn thư", at=AT, verdicts={}))

    return taken


def state(archive: Archive) -> tuple[object, ...]:
    """Return everything that an import may change."""
    return (archive.events.root(), list(archive.records.all_ids()), archive.register.dossiers())
