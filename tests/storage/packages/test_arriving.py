"""What is wrong with a package is found before anything of it is taken in."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from pathlib import Path

import pytest

from desk.cli.main import main
from storage.archive import Archive
from storage.canonical import canonical_json
from storage.errors import PackageUnusable
from storage.heads import create_key, public_pem
from storage.packages import arriving
from storage.packages.checking import check_source
from storage.packages.model import EVIDENCE, HOLDINGS, METS, PackageReport
from storage.packages.sources import Source as PackageFiles
from tests.storage.packages.conftest import Source, Taking, state


def refused(package: Path, take: Taking, target: Archive, **key: bytes) -> str:
    before = state(target)
    with pytest.raises(PackageUnusable) as caught:
        take(package, **key)
    assert state(target) == before
    assert list(target.objects) == []
    return caught.value.vi


@pytest.fixture
def copy(aip: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(aip, tmp_path / "goi" / aip.name))


def retell(folder: Path, inner: str, data: bytes) -> None:
    """Put other bytes into a package, and let METS tell their digest: a forger's work."""
    path, mets = folder / inner, folder / METS
    old = (hashlib.sha256(path.read_bytes()).hexdigest().upper(), path.stat().st_size)
    path.write_bytes(data)
    new = (hashlib.sha256(data).hexdigest().upper(), len(data))
    text = mets.read_text("utf-8").replace(old[0], new[0])
    mets.write_text(text.replace(f'SIZE="{old[1]}"', f'SIZE="{new[1]}"'), "utf-8")


def test_one_changed_byte_and_nothing_is_taken(copy: Path, take: Taking, target: Archive) -> None:
    path = next(copy.rglob("*.2.pdf"))
    path.write_bytes(path.read_bytes() + b"\n")
    assert path.name in refused(copy, take, target)


def test_records_that_the_source_s_log_does_not_tell_of(
    copy: Path, take: Taking, target: Archive
) -> None:
    plain = json.loads((copy / HOLDINGS).read_bytes())
    plain["records"][1]["title"] = "Giấy giả"
    forged = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    retell(copy, HOLDINGS, forged.encode())
    assert "nhật ký nơi giao" in refused(copy, take, target)


def forge(rng: random.Random, data: bytes) -> bytes:
    """Change, cut, repeat or replace a few bytes."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(changed))
        match rng.randrange(4):
            case 0:
                changed[place] ^= 1 << rng.randrange(8)
            case 1:
                del changed[place : place + rng.randint(1, 40)]
            case 2:
                changed[place:place] = changed[rng.randrange(len(changed)) :][:60]
            case _:
                odd = [b"null", b"[]", b"-1", b"1e999", b"&#0;", b"%zz", b"../..", b"\xff", b"\0"]
                changed[place : place + rng.randint(0, 8)] = rng.choice(odd)
    return bytes(changed)


FORGED = (
    HOLDINGS,
    "metadata/descriptive/EAD.xml",
    "metadata/preservation/PREMIS.xml",
    *(f"{EVIDENCE}/{name}" for name in ("proof.json", "GOI.json", "station.pub", "heads")),
)
"""Files whose digests a forger can tell anew in METS.xml; a folder stands for its first file."""


def storm(seed: int, count: int, folder: Path, take: Taking, target: Archive) -> None:
    rng = random.Random(seed)
    for _ in range(count):
        path = folder / rng.choice(FORGED)
        path = next(path.iterdir()) if path.is_dir() else path
        kept, mets = path.read_bytes(), (folder / METS).read_bytes()
        forged = forge(rng, kept)
        if forged == kept:
            continue
        retell(folder, path.relative_to(folder).as_posix(), forged)
        with pytest.raises(PackageUnusable):
            take(folder)
        path.write_bytes(kept)
        (folder / METS).write_bytes(mets)
    assert list(target.records.all_ids()) == []
    assert list(target.objects) == []


def test_a_forger_s_changes_are_refused(copy: Path, take: Taking, target: Archive) -> None:
    storm(20261122, 20, copy, take, target)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_many_of_a_forger_s_changes_are_refused(
    seed: int, copy: Path, take: Taking, target: Archive
) -> None:
    storm(seed, 100, copy, take, target)


def test_what_no_event_tells_of_is_signed_all_the_same(
    copy: Path, take: Taking, target: Archive
) -> None:
    # The register's words on a dossier are in no event of its papers.
    plain = json.loads((copy / HOLDINGS).read_bytes())
    plain["dossier"]["applicant"] = "NGƯỜI KHÁC"
    forged = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    retell(copy, HOLDINGS, forged.encode())
    assert "đã ký khi đóng gói" in refused(copy, take, target)


def test_a_description_that_the_source_did_not_write(
    copy: Path, take: Taking, target: Archive
) -> None:
    inner = "metadata/descriptive/EAD.xml"
    retell(copy, inner, (copy / inner).read_bytes().replace(b"<mode>02", b"<mode>01"))
    assert "đã ký khi đóng gói" in refused(copy, take, target)


@pytest.mark.parametrize("data", [b"{}", b"[]", b"[" * 100_000, b'{"format":"hoso records 1"}'])
def test_records_that_are_none(data: bytes, copy: Path, take: Taking, target: Archive) -> None:
    retell(copy, HOLDINGS, data)
    assert HOLDINGS in refused(copy, take, target)


def test_a_length_that_no_number_holds(copy: Path, take: Taking, target: Archive) -> None:
    mets = copy / METS
    text = mets.read_text("utf-8")
    size = (copy / HOLDINGS).stat().st_size
    mets.write_text(text.replace(f'SIZE="{size}"', f'SIZE="{"9" * 5000}"'), "utf-8")
    assert HOLDINGS in refused(copy, take, target)


def test_records_that_change_between_the_check_and_the_reading(
    copy: Path, take: Taking, target: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the register says is in no event, so that only the source's signature vouches for it.
    path = copy / HOLDINGS
    plain = json.loads(path.read_bytes())
    plain["dossier"]["applicant"] = "NGƯỜI KHÁC"

    def checked_then_changed(source: PackageFiles) -> PackageReport:
        report = check_source(source)
        path.write_bytes(canonical_json(plain))
        return report

    monkeypatch.setattr(arriving, "check_source", checked_then_changed)
    assert "đã ký khi đóng gói" in refused(copy, take, target)


def test_names_that_a_terminal_would_act_on_are_shown_without(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mets = copy / METS
    mets.write_text(mets.read_text("utf-8").replace(HOLDINGS, "%1b[2Ja%e2%80%aeb"), "utf-8")
    assert main(["export", "--check", str(copy)]) == 1
    shown = capsys.readouterr().out
    assert "\ufffd[2Ja\ufffdb" in shown
    assert not {"\x1b", "\u202e"} & set(shown)


def test_proofs_without_end(copy: Path, take: Taking, target: Archive) -> None:
    retell(copy, f"{EVIDENCE}/proof.json", b"[" * 200_000)
    assert "Bằng chứng của nơi giao" in refused(copy, take, target)


def test_evidence_that_does_not_hold(copy: Path, take: Taking, target: Archive) -> None:
    inner = f"{EVIDENCE}/proof.json"
    proofs = json.loads((copy / inner).read_bytes())
    proofs["events"][0]["body"] = proofs["events"][0]["body"].replace("desk", "deks")
    retell(copy, inner, json.dumps(proofs, separators=(",", ":")).encode())
    assert "Bằng chứng của nơi giao" in refused(copy, take, target)


def test_another_s_key(copy: Path, take: Taking, target: Archive, tmp_path: Path) -> None:
    stranger = public_pem(create_key(tmp_path / "la.pem"))
    assert "Bằng chứng của nơi giao" in refused(copy, take, target, key=stranger)


def test_a_dip_cannot_be_taken_in(
    source: Source, tmp_path: Path, take: Taking, target: Archive
) -> None:
    source.write("dip", tmp_path / "doc.zip")
    assert "--as-scans" in refused(tmp_path / "doc.zip", take, target)
