"""Bundles: papers with all that proves them, checked by whoever gets them, without us."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from copy import copy as twin
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.vocabulary import EventType, Role
from storage import anchors
from storage.archive import Archive, open_archive
from storage.bundles import BundlePaper, write_bundle
from storage.canonical import canonical_json
from storage.errors import ObjectDamaged, TargetNotEmpty
from storage.evidence_parts import Ground, events_of, seal
from storage.heads import create_key
from storage.model import NewEvent, NewLink, Record
from storage.outsider import package, papers
from storage.outsider.export_checks import Own, Report, check_path
from storage.outsider.zips import unpack, write_zip
from tests.storage.conftest import AT, DOSSIER, make_record
from tests.storage.test_objects import flip_a_byte
from tests.storage.timestamps import make_stamper

OTHER = "H15.50.05.13-261008-0976"


@dataclass(frozen=True, slots=True)
class Made:
    """An archive with two dossiers under a timestamp, and the bundle of one of them."""

    archive: Archive
    ground: Ground
    folder: Path
    zipped: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    root = tmp_path_factory.mktemp("bundle")
    stamper = make_stamper(root / "tsa", ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"))
    trust = root / "trust" / "timestamping"
    trust.mkdir(parents=True)
    shutil.copy(stamper.folder / "root.pem", trust)
    (trust / "root.txt").write_text("lấy ở nơi THỬ NGHIỆM")
    key = create_key(root / "station.pem")
    with open_archive(root / "archive") as archive:
        for n in range(1, 7):
            code = OTHER if n % 2 else DOSSIER
            link = NewLink(dossier_code=code, role=Role.COMPONENT)
            archive.file(make_record(archive, n), link, actor="desk", at=AT)
        anchors.anchor_log(archive, key, stamper, actor="desk", at=AT + timedelta(days=1))
        ground = Ground(key=key, trust=trust, at=AT + timedelta(days=2))
        write_bundle(archive, wanted(archive), root / "goi", ground)
        write_zip(root / "goi", root / "goi.zip")
        yield Made(archive, ground, root / "goi", root / "goi.zip")


def wanted(archive: Archive) -> list[BundlePaper]:
    return [paper(record) for record in archive.records.of_dossier(DOSSIER)]


def paper(record: Record) -> BundlePaper:
    verdict = {"sha256": record.pdf.sha256, "overall": "TOTAL-PASSED", "signatures": []}
    files = {papers.VERDICT: canonical_json(verdict), "chung-cu/1.crl": b"CRL"}
    return BundlePaper(record=record, link=record.links[0], files=files)


def named(report: Report) -> set[tuple[str, str]]:
    return {(fault.kind, fault.identifier) for fault in report.faults}


def test_a_bundle_holds_and_tells_nothing_of_others(made: Made) -> None:
    report = check_path(made.folder, Own())
    assert report.faults == []
    assert report.kind == package.BUNDLE
    ids = [record.id for record in made.archive.records.of_dossier(DOSSIER)]
    assert [one.id for one in report.papers] == ids
    assert sorted(report.stamps) == [6]
    names = {path.name for path in (made.folder / "giay-to" / f"{DOSSIER}.1").rglob("*")}
    assert {"ban-luu.pdf", "ban-goc.tif", "mo-ta.json", "1.crl"} <= names
    text = b"".join(path.read_bytes() for path in made.folder.rglob("*") if path.is_file())
    assert ids[0].encode() in text
    assert OTHER.encode() not in text
    for record in made.archive.records.of_dossier(OTHER):
        assert record.id.encode() not in text
        assert record.pdf.sha256.encode() not in text


def test_trust_goes_along_with_its_notes(made: Made) -> None:
    assert (made.folder / "tin-cay/timestamping/root.txt").read_text() == "lấy ở nơi THỬ NGHIỆM"
    assert (made.folder / "trust/1-root.txt").is_file()
    assert not list(made.folder.rglob("*.key"))


def test_the_verifier_inside_needs_nothing_but_python(made: Made, tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", str(made.folder / "kiem-tra.pyz")]
    run = subprocess.run([*command, made.zipped, "--json"], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["ok"]
    assert [one["verdict"] for one in said["papers"]] == ["TOTAL-PASSED"] * 3
    changed = tmp_path / "goi.zip"
    shutil.copy(made.zipped, changed)
    flip_a_byte(changed)
    run = subprocess.run([*command, changed], capture_output=True, check=False)
    assert run.returncode == 1
    assert "SAI LỆCH" in run.stdout.decode()


def test_the_same_archive_and_moment_give_the_same_bytes(made: Made, tmp_path: Path) -> None:
    write_bundle(made.archive, wanted(made.archive), tmp_path / "goi", made.ground)
    write_zip(tmp_path / "goi", tmp_path / "goi.zip")
    assert (tmp_path / "goi.zip").read_bytes() == made.zipped.read_bytes()


def flip(path: Path, place: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)


def flips(made: Made, tmp_path: Path, seed: int, count: int) -> None:
    """Flip bits at random places of a ZIP; each is found, and where it is a file's, it is named."""
    draw = random.Random(seed)
    size = made.zipped.stat().st_size
    path = tmp_path / "goi.zip"
    for _ in range(count):
        place, bit = draw.randrange(size), draw.randrange(8)
        shutil.copy(made.zipped, path)
        flip(path, place, bit)
        report = check_path(path, Own())
        name = file_at(made.zipped, place)
        assert report.faults, (place, bit)
        if name is not None:
            assert any(name in fault.identifier for fault in report.faults), (place, bit, name)


def file_at(zipped: Path, place: int) -> str | None:
    """Return the file whose content lies at a place of a ZIP; None for the ZIP's own bytes."""
    with zipfile.ZipFile(zipped) as found:
        for entry in found.infolist():
            begins = entry.header_offset + 30 + len(entry.filename.encode())
            if begins <= place < begins + entry.file_size:
                return entry.filename
    return None


def test_any_flipped_bit_of_a_bundle_is_found_and_named(made: Made, tmp_path: Path) -> None:
    flips(made, tmp_path, seed=1, count=12)


@pytest.mark.soak
def test_any_flipped_bit_of_a_bundle_is_found_and_named_often(made: Made, tmp_path: Path) -> None:
    flips(made, tmp_path, seed=2, count=1500)


def resealed(made: Made, tmp_path: Path) -> Path:
    """Return a copy that whoever has the station's key may change and seal anew."""
    copy = tmp_path / "goi"
    shutil.copytree(made.folder, copy)
    return copy


def seal_again(made: Made, copy: Path) -> Report:
    head = max(int(path.stem) for path in (copy / "heads").iterdir())
    root = json.loads((copy / "heads" / f"{head}.json").read_bytes())["root"]
    (copy / package.MANIFEST).unlink()
    seal(copy, made.ground, (package.BUNDLE, head, root))
    return check_path(copy, Own())


@pytest.mark.parametrize("name", ["ban-luu.pdf", "ban-goc.tif", "mo-ta.json"])
def test_what_the_log_tells_of_cannot_be_exchanged_by_the_station_either(
    made: Made, tmp_path: Path, name: str
) -> None:
    copy = resealed(made, tmp_path)
    place = f"giay-to/{DOSSIER}.2/{name}"
    data = (copy / place).read_bytes()
    (copy / place).write_bytes(data.replace(b"Gi", b"gi") if name == "mo-ta.json" else data + b" ")
    assert ("paper", place) in named(seal_again(made, copy))


def test_a_verdict_of_another_file_or_of_signatures_that_are_not_there_is_told(
    made: Made, tmp_path: Path
) -> None:
    copy = resealed(made, tmp_path)
    place = f"giay-to/{DOSSIER}.1"
    verdict = json.loads((copy / place / papers.VERDICT).read_bytes())
    verdict |= {"sha256": "0" * 64, "signatures": [{"integrity": {"intact": True}}]}
    (copy / place / papers.VERDICT).write_text(json.dumps(verdict))
    found = named(seal_again(made, copy))
    assert found == {("paper", f"{place}/{papers.VERDICT}"), ("signature", f"{place}/ban-luu.pdf")}


def test_a_list_that_leads_elsewhere_is_refused(made: Made, tmp_path: Path) -> None:
    copy = resealed(made, tmp_path)
    listed = json.loads((copy / papers.LIST).read_bytes())
    # A whole paper lies there: nothing else would be found wrong with it.
    elsewhere = shutil.copytree(copy / listed["papers"][0]["folder"], tmp_path / "elsewhere")
    for folder in (f"../{elsewhere.name}", str(elsewhere)):
        listed["papers"][0]["folder"] = folder
        (copy / papers.LIST).write_bytes(canonical_json(listed))
        assert named(seal_again(made, copy)) == {("paper", papers.LIST)}


@pytest.mark.parametrize("name", [papers.LIST, package.PROOF, package.MANIFEST])
@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"papers": [1e999], "events": [1e999]}'])
def test_lists_that_no_program_wrote_are_told(
    made: Made, tmp_path: Path, name: str, data: bytes
) -> None:
    copy = resealed(made, tmp_path)
    (copy / name).write_bytes(data)
    assert check_path(copy, Own()).faults


def test_a_scan_that_shows_papers_of_others_stays_here(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "trust/timestamping").mkdir(parents=True)
    key = create_key(tmp_path / "station.pem")
    ground = Ground(key=key, trust=tmp_path / "trust/timestamping", at=AT)
    first = make_record(archive, 1)
    second = replace(make_record(archive, 2), submission_id=first.submission_id, paper=2)
    second = replace(second, original=first.original)
    records = [
        archive.file(new, NewLink(dossier_code=code, role=Role.COMPONENT), actor="desk", at=AT)
        for new, code in ((first, DOSSIER), (second, OTHER))
    ]
    archive.events.append(
        *(
            NewEvent(
                type=EventType.METADATA_EXTRACTION,
                object=first.submission_id,
                actor="desk",
                at=AT,
                detail={"paper": number},
            )
            for number in (1, 2)
        )
    )
    write_bundle(archive, [paper(records[0])], tmp_path / "mot", ground)
    assert not list((tmp_path / "mot").rglob("ban-goc*"))
    assert check_path(tmp_path / "mot", Own()).faults == []
    told = [event.detail.get("paper") for event in events_of(archive, records[0].id)]
    assert told == [1, 1]
    write_bundle(archive, [paper(one) for one in records], tmp_path / "hai", ground)
    assert len(list((tmp_path / "hai").rglob("ban-goc*"))) == 2


def test_nothing_is_written_over_and_nothing_damaged_leaves(made: Made, tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day/a").touch()
    with pytest.raises(TargetNotEmpty, match="day"):
        write_bundle(made.archive, wanted(made.archive), tmp_path / "day", made.ground)
    record = made.archive.records.of_dossier(OTHER)[0]
    path = made.archive.objects.path(record.pdf.sha256)
    path.chmod(0o600)
    flip(path, 3, 0)
    with pytest.raises(ObjectDamaged):
        write_bundle(made.archive, [paper(record)], tmp_path / "goi", made.ground)
    assert not (tmp_path / "goi" / package.MANIFEST).exists()
    flip(path, 3, 0)


@pytest.mark.parametrize("name", ["../ra-ngoai", "/tuyet-doi", "a/../b", "c:\\d", "thu-muc/"])
def test_names_that_lead_out_of_a_zip_are_told_and_not_written(tmp_path: Path, name: str) -> None:
    packed, folder = tmp_path / "a.zip", tmp_path / "ra" / "trong"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr(zipfile.ZipInfo(name), b"x")
    assert [fault.identifier for fault in unpack(packed, folder)] == [name]
    assert [path.name for path in (tmp_path / "ra").rglob("*")] == ["trong"]


def test_a_zip_whose_entries_lie_over_each_other_is_not_unpacked(tmp_path: Path) -> None:
    packed, folder = tmp_path / "a.zip", tmp_path / "trong"
    folder.mkdir()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("0", bytes(100_000))
        first = made.infolist()[0]
        for number in range(1, 50):
            again = twin(first)
            again.filename = str(number)
            made.filelist.append(again)
            made.NameToInfo[again.filename] = again
    assert [fault.identifier for fault in unpack(packed, folder)] == ["a.zip"]
    assert list(folder.iterdir()) == []


def test_zips_that_are_none_or_swell_or_say_a_thing_twice_are_told(tmp_path: Path) -> None:
    packed, folder = tmp_path / "a.zip", tmp_path / "trong"
    folder.mkdir()
    packed.write_bytes(b"PK\x03\x04 THU NGHIEM")
    assert [fault.identifier for fault in unpack(packed, folder)] == ["a.zip"]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bom", bytes(10_000_000))
    assert [fault.identifier for fault in unpack(packed, folder)] == ["bom"]
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("A", b"1")
        made.writestr("a", b"2")
    assert [fault.identifier for fault in unpack(packed, folder)] == ["a"]
    assert (folder / "A").read_bytes() == b"1"
