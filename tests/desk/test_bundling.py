"""Bundles and bags of a station's papers: made, logged, and checked as packages are."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from config.settings import AgencySettings, Settings
from config.vocabulary import EventType, Role
from desk.cli.main import main
from desk.founding import found_station
from desk.station import Station, open_station
from storage.archive import open_archive
from storage.errors import ObjectDamaged
from storage.model import NewLink, ObjectRef, PageText
from storage.objects import ObjectStore
from storage.submissions import NewSubmission
from tests.digitize import pdfs
from tests.notices import make_notice
from tests.storage.conftest import AT

CODE = "H26.99-261106-0002"


@dataclass(frozen=True, slots=True)
class Office:
    """A station with one paper in its archive; no engine ever ran."""

    station: Station
    record_id: str

    def say(self, capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, Any]:
        """Run a command here; return its exit code and its JSON."""
        code = main([*map(str, words), "--json", "--station", str(self.station.root)])
        return code, json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return make_office(tmp_path_factory.mktemp("office"))


def make_office(folder: Path) -> Office:
    """Found a station, and file a paper in it."""
    found_station(folder / "tram", Settings(agency=AgencySettings(name="UBND xã THỬ NGHIỆM")))
    station = open_station(folder / "tram")
    with open_archive(station.archive) as archive:
        stored = archive.objects.add(pdfs.born_digital(folder / "a.pdf"))
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        new = replace(make_notice(ref), pages=(PageText(number=1, text="THÔNG BÁO"),))
        archive.ledger.claim(
            NewSubmission(
                id=new.submission_id,
                name="a.pdf",
                tray_path="2-dang-xu-ly/a.pdf",
                size_bytes=ref.size_bytes,
                received_at=AT,
            ),
            "thử nghiệm",
        )
        record = archive.file(new, NewLink(dossier_code=CODE, role=Role.RESULT), actor="a", at=AT)
    return Office(station, record.id)


def test_a_bag_leaves_in_a_zip_and_any_change_of_it_is_named(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "goi.zip"
    code, told = office.say(capsys, "export", CODE, "--format", "bagit", "--out", target)
    assert (code, told["records"], told["size"]) == (0, [office.record_id], target.stat().st_size)
    assert told["identifier"].startswith("urn:")
    code, checked = office.say(capsys, "export", "--check", target)
    assert (code, checked["format"], checked["findings"]) == (0, "bagit", [])
    with open_archive(office.station.archive) as archive:
        event = archive.events.events(office.record_id)[-1]
    assert (event.type, event.outcome) == (EventType.DISSEMINATION, "export")
    assert (event.detail["format"], event.detail["sha256"]) == ("bagit", told["sha256"])
    with zipfile.ZipFile(target) as packed:
        packed.extractall(tmp_path)
    pdf = next(path for path in (tmp_path / "goi").rglob("*.pdf"))
    pdf.write_bytes(pdf.read_bytes() + b" ")
    code, checked = office.say(capsys, "export", "--check", tmp_path / "goi")
    assert code == 1
    assert pdf.relative_to(tmp_path / "goi").as_posix() in {
        item["path"] for item in checked["findings"]
    }


def test_a_bundle_holds_the_verdict_as_json_and_as_a_report(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "goi"
    words = ("export", office.record_id.upper(), "--format", "bundle", "--out", target)
    assert office.say(capsys, *words)[0] == 0
    code, checked = office.say(capsys, "export", "--check", target)
    assert (code, checked["format"], checked["findings"]) == (0, "bundle", [])
    (place,) = (target / "giay-to").iterdir()
    assert place.name == f"{CODE}.1"
    verdict = json.loads((place / "kiem-tra-chu-ky.json").read_bytes())
    assert (verdict["file"], verdict["overall"]) == ("ban-luu.pdf", "NO_SIGNATURE_FOUND")
    assert (place / "bao-cao.pdf").read_bytes().startswith(b"%PDF-1.7")
    assert str(office.station.root) not in "".join(
        path.read_text("utf-8", errors="replace") for path in target.rglob("*.json")
    )
    readme = (target / "DOC-TOI.txt").read_text("utf-8-sig")
    assert "KHÔNG chứng minh" in readme
    assert "does NOT prove" in readme
    assert "chứng thực" not in readme.lower()
    for path in target.iterdir():
        if path.name != "GOI.json":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    code, checked = office.say(capsys, "export", "--check", target)
    assert code == 1
    assert {"station.pub", "kiem-tra.pyz"} <= {item["path"] for item in checked["findings"]}


@pytest.mark.parametrize("form", ["bundle", "bagit"])
def test_nothing_is_written_over(
    office: Office, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "goi.zip"
    packed.write_bytes(b"?")
    code, told = office.say(capsys, "export", CODE, "--format", form, "--out", packed)
    assert (code, told["error"]["code"]) == (2, "TargetNotEmpty")
    assert packed.read_bytes() == b"?"
    assert [path.name for path in tmp_path.iterdir()] == ["goi.zip"]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_appears_whole_or_not_at_all(
    office: Office,
    is_there: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = tmp_path / "ra" / "goi"
    if is_there:
        target.mkdir(parents=True)
    left = target / ".hoso-goi-cu" if is_there else tmp_path / "ra" / ".hoso-goi-cu"
    with monkeypatch.context() as broken:
        broken.setattr(ObjectStore, "copy_to", damaged)
        code, _ = office.say(capsys, "export", CODE, "--format", "bagit", "--out", target)
        assert code != 0
    assert not is_there or list(target.iterdir()) == []
    if not is_there:
        left.mkdir(parents=True, exist_ok=True)
        os.utime(left, (0, 0))
    code, said = office.say(capsys, "export", CODE, "--format", "bagit", "--out", target)
    assert (code, said["withheld"]) == (0, [])
    assert not left.exists()
    assert [path.name for path in (tmp_path / "ra").iterdir()] == ["goi"]
    assert office.say(capsys, "export", "--check", target)[0] == 0


def damaged(_store: ObjectStore, sha256: str, _target: Path) -> None:
    raise ObjectDamaged(f"Tệp {sha256} hỏng.", f"{sha256} is damaged")
