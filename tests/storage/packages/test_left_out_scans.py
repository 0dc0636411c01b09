"""A paper whose scan stayed at its source: taken in with its signed PDF, and that is no damage."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from config.vocabulary import EventType, Role
from storage.archive import Archive, open_archive
from storage.bundles import BundlePaper, write_bundle
from storage.canonical import canonical_json, digest
from storage.evidence_parts import Ground
from storage.fixity import check_archive
from storage.heads import create_key
from storage.model import NewLink, Record
from storage.outsider.export_checks import Own, check_path
from storage.outsider.papers import VERDICT
from storage.packages.checking import check_package
from storage.packages.model import METS, REPRESENTATION
from tests.storage.conftest import AT, DOSSIER, make_record
from tests.storage.packages.conftest import Source, Taking
from tests.storage.packages.test_admitting import facts
from tests.storage.packages.test_arriving import refused, retell
from tests.storage.test_events import tamper


@dataclass(frozen=True, slots=True)
class Shared:
    """A source with two papers of one scan, and packages of the first one."""

    source: Source
    record: Record
    alone: Path
    """Without the scan."""
    whole: Path
    """With it."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    folder = tmp_path_factory.mktemp("chung")
    (folder / "trust").mkdir()
    ground = Ground(key=create_key(folder / "station.pem"), trust=folder / "trust", at=AT)
    with open_archive(folder / "archive") as archive:
        source = Source(archive, ground, folder)
        notes = {"reading_sha256": archive.objects.add_bytes(b"[1, 2]").sha256}
        first = make_record(archive, 1, notes={**notes, "scan_pages": "1"})
        second = make_record(archive, 2, notes={**notes, "scan_pages": "2"})
        second = replace(second, submission_id=first.submission_id, paper=2)
        link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
        record = archive.file(first, link, actor="desk", at=AT)
        archive.file(replace(second, original=first.original), link, actor="desk", at=AT)
        alone = source.write_of("aip_tailieu", record.id, folder / "mot")
        whole = source.write_of("aip_tailieu", record.id, folder / "hai", whole_scans=True)
        yield Shared(source, record, folder / "mot" / alone.folder, folder / "hai" / whole.folder)


def test_it_is_taken_in_equal_in_every_field(shared: Shared, target: Archive, take: Taking) -> None:
    record = shared.record
    assert take(shared.alone, shared.source.public_key).taken == (record.id,)
    assert facts(target, record.id) == facts(shared.source.archive, record.id)
    left_out = {record.original.sha256, record.notes["reading_sha256"]}
    assert target.accessions.absent_of(record.id) == left_out
    assert check_archive(target).findings == ()
    assert target.referenced_objects() == set(target.objects)
    event = target.events.events(record.id)[-1]
    assert (event.type, event.detail["absent"]) == (EventType.ACCESSION, sorted(left_out))
    assert take(shared.alone).held == (record.id,)
    assert target.events.events(record.id)[-1] == event


def test_it_goes_on_as_it_came(
    shared: Shared, target: Archive, take: Taking, tmp_path: Path
) -> None:
    take(shared.alone)
    here = replace(shared.source, archive=target)
    onward = here.write_of("aip_tailieu", shared.record.id, tmp_path / "tiep", whole_scans=True)
    assert onward.withheld == {shared.record.id}
    assert check_package(tmp_path / "tiep" / onward.folder).findings == ()
    record = target.records.get(shared.record.id)
    verdict = {"sha256": record.pdf.sha256, "overall": "TOTAL-PASSED", "signatures": []}
    files = {VERDICT: canonical_json(verdict)}
    paper = BundlePaper(record=record, link=record.links[0], files=files)
    (tmp_path / "trust").mkdir()
    ground = replace(shared.source.ground, trust=tmp_path / "trust" / "timestamping")
    write_bundle(target, [paper], tmp_path / "ngoai", ground)
    assert check_path(tmp_path / "ngoai", Own()).faults == []


def test_the_scan_that_comes_later_completes_it(
    shared: Shared, target: Archive, take: Taking
) -> None:
    record = shared.record
    take(shared.alone)
    admitted = take(shared.whole)
    assert (admitted.taken, admitted.held, admitted.completed) == ((), (), (record.id,))
    assert target.accessions.absent_of(record.id) == frozenset()
    assert target.objects.verify(record.original.sha256)
    assert target.events.events(record.id)[-1].outcome == "completed"
    assert check_archive(target).findings == ()
    assert facts(target, record.id) == facts(shared.source.archive, record.id)
    assert take(shared.whole).held == (record.id,)


def test_a_theft_that_is_dressed_up_as_left_out_is_named(
    shared: Shared, target: Archive, take: Taking
) -> None:
    take(shared.whole)
    sha256 = shared.record.original.sha256
    tamper(target, "UPDATE accession SET absent = ?", (sha256,))
    path = target.objects.path(sha256)
    path.unlink()
    named = {item.identifier for item in check_archive(target).findings}
    assert f"accession {shared.record.id}" in named


def test_what_came_whole_has_the_digest_that_it_always_had(
    shared: Shared, target: Archive, take: Taking
) -> None:
    take(shared.whole)
    accession = target.accessions.of_record(shared.record.id)
    assert accession is not None
    row = dict(accession.row)
    assert row.pop("absent") == ""
    assert accession.digest == digest(row)


def test_a_scan_that_somebody_dropped_on_the_way_is_missed(
    shared: Shared, target: Archive, take: Taking, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(shared.whole, tmp_path / "goi" / shared.whole.name))
    scan = next(copy.rglob("*.goc.*"))
    inner = f"{REPRESENTATION}/{METS}"
    told = (copy / inner).read_text("utf-8")
    # METS tells no more of it than if the source had kept it.
    parts = re.findall(r"<(?:mets:)?file .*?</(?:mets:)?file>", told, re.DOTALL)
    (part,) = (part for part in parts if scan.name in part)
    (name,) = re.findall(r'<(?:mets:)?file [^>]*?\bID="([^"]+)"', part)
    rest = re.sub(rf'<(?:mets:)?fptr FILEID="{name}"\s*/>', "", told.replace(part, ""))
    assert name not in rest
    scan.unlink()
    retell(copy, inner, rest.encode())
    assert check_package(copy).findings == ()
    assert "đã ký" in refused(copy, take, target)


def test_the_signed_pdf_is_never_left_out(
    shared: Shared, target: Archive, take: Taking, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(shared.alone, tmp_path / "goi" / shared.alone.name))
    pdf = next(copy.rglob("*.pdf"))
    retell(copy, pdf.relative_to(copy).as_posix(), b"%PDF-1.7 other")
    assert refused(copy, take, target)
