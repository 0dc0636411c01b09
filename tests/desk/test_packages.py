"""Packages from the command line: what leaves, what is refused, what is logged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from config.settings import BackupSettings, PackageSettings, load_settings, render_settings
from config.vocabulary import EventType, Role
from desk import package_scans
from desk.cli.main import main
from desk.errors import PathUnusable
from desk.exporting import read_request
from storage.archive import open_archive
from storage.model import NewLink, NewRecord, ObjectRef, Record
from storage.packages.mets_reading import data_files
from storage.packages.sources import Source
from storage.workshops import is_at_work, workshop
from tests.notices import make_notice

ROOT = Path(__file__).resolve().parents[2]
TEXT_PDF = ROOT / "desk/demo/samples/H26.99-261111-0005/thong-bao-136.pdf"
REGISTER = ROOT / "desk/demo/register/so-ho-so.json"
DOSSIER = "H26.99-261111-0005"
AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
UNKNOWN = "H26.99-261111-9999"


def hoso(*arguments: object) -> tuple[int, Any]:
    """Run a command; return its exit code and what it printed as JSON."""
    out = StringIO()
    with redirect_stdout(out):
        code = main([*map(str, arguments), "--json"])
    return code, json.loads(out.getvalue())


@dataclass(frozen=True, slots=True)
class Desk:
    """A station with an unsigned notice in a registered dossier, and another one without any."""

    root: Path
    other: Path

    def export(self, *arguments: object) -> tuple[int, Any]:
        return hoso("export", *arguments, "--station", self.root)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("packages")
    made = Desk(root=folder / "tram", other=folder / "kho")
    for root in (made.root, made.other):
        hoso("init", root, "--agency", "UBND THỬ NGHIỆM", "--agency-code", "H26.99")
    hoso("register", "import", REGISTER, "--station", made.root)
    file_notice(made.root)
    return made


def file_notice(root: Path, **changes: object) -> Record:
    with open_archive(root / "archive") as archive:
        stored = archive.objects.add(TEXT_PDF)
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        told: dict[str, object] = {"verdict": "NO_SIGNATURE_FOUND", **changes}
        notice: NewRecord = replace(make_notice(ref), **told)  # type: ignore[arg-type]  # by name
        link = NewLink(dossier_code=DOSSIER, role=Role.RESULT)
        return archive.file(notice, link, actor="desk", at=AT)


def header(exported: dict[str, Any]) -> str:
    path = Path(exported["path"]) / "metadata/descriptive/EAD.xml"
    return path.read_text(encoding="utf-8")


def test_an_export_is_an_event_of_each_paper(desk: Desk, tmp_path: Path) -> None:
    code, exported = desk.export(DOSSIER, "--package", "sip", "--out", tmp_path / "goi.zip")
    assert code == 0
    with open_archive(desk.root / "archive") as archive:
        event = archive.events.events(exported["records"][0])[-1]
    assert (event.type, event.outcome) == (EventType.DISSEMINATION, "export")
    assert event.detail == {
        "format": "eark",
        "package": "sip",
        "identifier": exported["identifier"],
        "sha256": exported["sha256"],
    }


def test_what_the_station_says_goes_into_the_package(desk: Desk, tmp_path: Path) -> None:
    # Before anybody said anything; the terms that come with the program nobody has verified.
    _, exported = desk.export(DOSSIER, "--out", tmp_path / "goi")
    assert exported["identifier"].startswith("urn:uuid:")
    assert "<maintenance/>" in header(exported)
    settings = desk.root / "hoso.toml"
    before = settings.read_text("utf-8")
    said = replace(
        load_settings(settings),
        packages=PackageSettings(fonds="P 26", archive_code="LT01", shelf="K1-G1-H1", mode="01"),
        backup=BackupSettings(sets=("../bo",)),
    )
    terms = desk.root / "config" / "retention.toml"
    terms.parent.mkdir(exist_ok=True)
    terms.write_text('version = "1"\n[[class]]\ncode = "TB"\nterm = "05"\nsource = "TN"\n', "utf-8")
    settings.write_text(render_settings(said), encoding="utf-8")
    _, exported = desk.export(DOSSIER, "--out", tmp_path / "goi")
    settings.write_text(before, "utf-8")
    terms.unlink()
    assert exported["identifier"].startswith("urn:P%2026:uuid:")
    for told in (
        f"<arcFileCode>LT01.{DOSSIER}</arcFileCode>",
        f"<paperFileCode>LT01.K1-G1-H1.{DOSSIER}</paperFileCode>",
        "<maintenance>05</maintenance>",
        "<mode>01</mode>",
        "<riskRecovery>1</riskRecovery>",
        "<riskRecoveryStatus>02</riskRecoveryStatus>",
    ):
        assert told in header(exported)


def test_what_a_reader_asked_for_is_held_against_the_circular(desk: Desk, tmp_path: Path) -> None:
    asked = ("--request", "purpose=01", "--request", "requestID=YC 1")
    _, exported = desk.export(DOSSIER, "--package", "dip", "--out", tmp_path / "doc", *asked)
    assert "<purpose>01</purpose>" in header(exported)
    assert "<requestID>YC 1</requestID>" in header(exported)
    assert read_request([]) == {}
    for wrong in ("purpose=09", "mucdich=01", "purpose"):
        with pytest.raises(PathUnusable):
            read_request([wrong])


def test_what_cannot_leave_is_told(desk: Desk, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "goi.zip")
    assert desk.export(UNKNOWN, *out)[1]["error"]["code"] == "UnknownCode"
    assert desk.export(DOSSIER)[1]["error"]["code"] == "PathUnusable"
    assert desk.export(DOSSIER, *out)[0] == 0
    code, again = desk.export(DOSSIER, *out)
    assert (code, again["error"]["code"]) == (2, "TargetNotEmpty")
    code, broken = desk.export(tmp_path / "khong-co.zip", "--check")
    assert (code, broken["error"]["code"]) == (63, "PackageUnusable")


def test_another_station_takes_the_package_in(desk: Desk, tmp_path: Path) -> None:
    packed, there = tmp_path / "goi.zip", ("--station", desk.other)
    desk.export(DOSSIER, "--out", packed)
    code, checked = hoso(
        "import", packed, "--check", "--key", desk.root / "keys" / "station.pub", *there
    )
    assert code == 0
    assert checked["source_key_is_known"]
    assert [paper["state"] for paper in checked["papers"]] == ["checked"]
    assert hoso("search", "", *there)[1]["count"] == 0
    _, imported = hoso("import", packed, *there)
    assert [paper["state"] for paper in imported["papers"]] == ["taken"]
    found = hoso("show", DOSSIER, *there)[1]
    mine = hoso("show", DOSSIER, "--station", desk.root)[1]
    for key in ("id", "links", "pages", "fields", "original", "pdf", "procedure_result_code"):
        assert found["records"][0][key] == mine["records"][0][key]
    assert found["dossier"] == mine["dossier"]
    assert hoso("fixity", *there)[1]["ok"]
    assert hoso("audit", "verify", *there)[1]["unended"] == []
    assert list((desk.other / "archive" / "staging").iterdir()) == []
    # And on to a third one, as it came.
    assert hoso("export", DOSSIER, "--out", tmp_path / "tiep", *there)[0] == 0


def test_a_signature_that_fails_here_refuses_the_package(desk: Desk, tmp_path: Path) -> None:
    # As if a source had passed what is no PDF at all.
    with open_archive(desk.root / "archive") as archive:
        stored = archive.objects.add_bytes(b"no PDF")
    ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
    record = file_notice(
        desk.root,
        id="01a1ffbc-0629-7235-8ba1-190378a942a9",
        submission_id="01a1ffbb-b974-797d-b947-78af63352ca9",
        pdf=ref,
        verdict="TOTAL-PASSED",
    )
    desk.export(record.id, "--out", tmp_path / "goi.zip")
    before = hoso("search", "", "--station", desk.other)[1]["count"]
    code, refused = hoso("import", tmp_path / "goi.zip", "--station", desk.other)
    assert (code, refused["error"]["code"]) == (63, "PackageUnusable")
    assert hoso("search", "", "--station", desk.other)[1]["count"] == before


def test_an_engine_that_starts_leaves_an_import_alone(tmp_path: Path) -> None:
    with workshop(tmp_path, "import.") as folder:
        assert is_at_work(folder.parent)
        outside = folder.parent
    assert not outside.exists()
    assert not is_at_work(outside)


def test_a_package_of_another_program_is_handed_in_as_scans(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, exported = desk.export(DOSSIER, "--package", "dip", "--out", tmp_path)
    package, there = Path(exported["path"]), ("--as-scans", "--station", desk.other)
    mets, ead = package / "METS.xml", package / "metadata/descriptive/EAD.xml"
    before, size = sha256_of(ead), ead.stat().st_size
    # Codes as another office writes them: our code, and fields that we do not know.
    ead.write_text(f"<simpledc><fileCode>{DOSSIER}</fileCode><la/></simpledc>", "utf-8")
    text = mets.read_text("utf-8").replace(before, sha256_of(ead))
    mets.write_text(text.replace(f'SIZE="{size}"', f'SIZE="{ead.stat().st_size}"'), "utf-8")
    inbox = desk.other / "1-cho-xu-ly"
    for change in (lambda path, _: (path, "0" * 64), lambda _, digest: (".an.pdf", digest)):
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(package_scans, "data_files", changed(change))
            assert hoso("import", package, *there)[1]["error"]["code"] == "PackageUnusable"
    assert not [path for path in inbox.rglob("*") if path.is_file()]
    code, handed_in = hoso("import", package, *there)
    assert (code, handed_in["dossier_code"]) == (0, DOSSIER)
    dropped = sorted(path for path in inbox.rglob("*") if path.is_file())
    assert [str(path) for path in dropped] == sorted(handed_in["files"])
    assert {path.parent.name for path in dropped} == {DOSSIER}
    with open_archive(desk.other / "archive") as archive:
        event = archive.events.events("archive")[-1]
    assert (event.type, event.outcome) == (EventType.ACCESSION, "scans")
    assert event.detail["files"] == sorted(sha256_of(path).lower() for path in dropped)
    # Again, while they wait: nothing is written over, and no half is left.
    code, again = hoso("import", package, *there)
    assert (code, again["error"]["code"]) == (2, "PathUnusable")
    next(package.rglob("*.pdf")).write_bytes(b"%PDF changed")
    assert hoso("import", package, *there)[0] == 63
    assert sorted(path for path in inbox.rglob("*") if path.is_file()) == dropped
    _, whole = desk.export(DOSSIER, "--out", tmp_path)
    assert hoso("import", whole["path"], *there)[1]["error"]["code"] == "PathUnusable"


def changed(change: Callable[[str, str], tuple[str, str]]) -> Callable[[Source], dict[str, str]]:
    """Let a package hold other files than those that were checked."""
    return lambda source: dict(change(*item) for item in data_files(source).items())


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest().upper()
