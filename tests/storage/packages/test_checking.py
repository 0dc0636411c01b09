from __future__ import annotations

import hashlib
import random
import shutil
import zipfile
from pathlib import Path

import pytest

from storage.errors import PackageUnusable
from storage.outsider.zips import write_zip
from storage.packages import xml
from storage.packages.checking import check_package
from storage.packages.model import METS
from tests.storage.conftest import DOSSIER
from tests.storage.packages.conftest import Source

PDF = f"representations/rep1/data/{DOSSIER}.2.pdf"


@pytest.fixture
def copy(aip: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(aip, tmp_path / "goi" / aip.name))


def found(path: Path) -> list[tuple[str, str]]:
    return [(item.kind, item.path) for item in check_package(path).findings]


def test_a_changed_byte_of_any_file_is_found_and_named(copy: Path) -> None:
    rng = random.Random(20261122)
    paths = [path for path in sorted(copy.rglob("*")) if path.is_file()]
    checked = 0
    for path in paths:
        inner = path.relative_to(copy).as_posix()
        if inner == METS:
            continue  # nothing inside vouches for it: see the next test but one
        data = path.read_bytes()
        position = rng.randrange(len(data))
        changed = bytearray(data)
        changed[position] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        assert ("changed", inner) in found(copy), (inner, position)
        path.write_bytes(data)
        checked += 1
    assert checked == len(paths) - 1
    assert found(copy) == []


def test_missing_and_foreign_files_are_named(copy: Path) -> None:
    (copy / PDF).unlink()
    (copy / "representations/rep1/data/la.pdf").write_bytes(b"%PDF")
    assert found(copy) == [("missing", PDF), ("extra", "representations/rep1/data/la.pdf")]


def test_the_digest_of_mets_itself_is_told(copy: Path) -> None:
    before = check_package(copy).mets_sha256
    mets = copy / METS
    mets.write_bytes(mets.read_bytes().replace("THỬ NGHIỆM".encode(), "THỬ NGHIỆN".encode()))
    report = check_package(copy)
    assert report.mets_sha256 != before


def test_a_zip_is_checked_like_its_folder(copy: Path, tmp_path: Path) -> None:
    packed = tmp_path / "goi.zip"
    write_zip(copy.parent, packed)
    assert found(packed) == []
    (copy / PDF).write_bytes(b"%PDF-1.7 changed")
    packed.unlink()
    write_zip(copy.parent, packed)
    assert found(packed) == [("changed", PDF)]


def test_a_zip_cut_or_flipped_anywhere_is_never_clean(source: Source, tmp_path: Path) -> None:
    packed = tmp_path / "goi.zip"
    source.write("sip_tailieu", packed)
    data, content = packed.read_bytes(), _content(packed)
    mets_sha256 = check_package(packed).mets_sha256
    rng = random.Random(7)
    for _ in range(25):
        changed = bytearray(data)
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        packed.write_bytes(changed)
        try:
            report = check_package(packed)
        except PackageUnusable:
            continue
        # Dates and attributes of ZIP entries say nothing of the content, and are not looked at.
        is_same = report.mets_sha256 == mets_sha256 and not report.findings
        assert not is_same or _content(packed) == content
    packed.write_bytes(data[:-40])
    with pytest.raises(PackageUnusable):
        check_package(packed)


def _content(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_mets_that_breaks_its_schema_is_named(copy: Path) -> None:
    mets = copy / METS
    mets.write_bytes(
        mets.read_bytes().replace(b"<amdSec", b"<amdSek").replace(b"amdSec>", b"amdSek>")
    )
    assert ("broken", METS) in found(copy)


def test_descriptions_are_held_against_the_fields_of_the_circular(copy: Path) -> None:
    # As if whoever packed it had told the digest of a wrong description.
    inner = "metadata/descriptive/EAD.xml"
    path = copy / inner
    old = told_digest(path)
    path.write_bytes(path.read_bytes().replace(b"<mode>02", b"<mode>99"))
    mets = copy / METS
    size = str(path.stat().st_size).encode()
    assert size in mets.read_bytes()
    mets.write_bytes(mets.read_bytes().replace(old, told_digest(path)))
    assert found(copy) == [("broken", inner)]


def told_digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).hexdigest().upper().encode()


@pytest.mark.parametrize(
    "head",
    [
        b'<!DOCTYPE mets SYSTEM "http://127.0.0.1:9/x.dtd">',
        b'<!DOCTYPE mets [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE mets [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_no_document_type_is_believed(head: bytes, copy: Path) -> None:
    mets = copy / METS
    declared, rest = mets.read_bytes().split(b"?>", 1)
    mets.write_bytes(declared + b"?>" + head + rest)
    assert ("broken", METS) in found(copy)
    with pytest.raises(PackageUnusable, match="DOCTYPE"):
        xml.parse(mets.read_bytes(), METS)


def test_entities_are_not_expanded() -> None:
    bomb = b"<!DOCTYPE a [" + b"".join(
        b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"x" * 100) for n in range(9)
    )
    with pytest.raises(PackageUnusable):
        xml.parse(bomb + b"]><a>&e8;</a>", "bom.xml")


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(PackageUnusable):
        check_package(tmp_path / "a.zip")
    with pytest.raises(PackageUnusable):
        check_package(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert found(empty) == [("broken", METS)]
