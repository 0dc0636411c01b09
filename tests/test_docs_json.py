"""The examples of docs/json.md have the shapes that the commands print today."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.codec import to_plain
from config.settings import (
    BackupSettings,
    IntakeSettings,
    Settings,
    SigningSettings,
    load_settings,
    render_settings,
)
from config.vocabulary import Role
from desk.cli.main import main
from desk.countersigning import Countersigned
from desk.hand_signing import Attempt, attempt_json
from signing.model import (
    Level,
    RevocationEvidence,
    SignedPdf,
)
from signing.report import verdict_json
from storage.archive import open_archive
from storage.destroyed_list import NAME, write_list
from storage.heads import load_key
from storage.key_uses import NewKeyUse, Place, Proof
from storage.model import FieldValue, NewLink, NewRecord, ObjectRef, PageText, SignatureSummary
from storage.submissions import SubmissionState
from tests.notices import make_notice
from tests.signing.made_verdicts import PASSED
from tests.storage.disposing import OLD, YOUNG, make_office, record_id

ROOT = Path(__file__).resolve().parent.parent
TEXT_PDF = ROOT / "desk/demo/samples/H26.99-261111-0005/thong-bao-136.pdf"
REGISTER = ROOT / "desk/demo/register/so-ho-so.json"
DOSSIER = "H26.99-261111-0005"
AT = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
# What these hold depends on the event or the run, not on the command.
FREE = {"detail", "notes", "before", "after"}


def examples() -> dict[str, Any]:
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)[1:]
    found = {}
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        blocks = re.findall(r"^```json\n(.*?)^```", body, re.MULTILINE | re.DOTALL)
        assert len(blocks) == 1, f"{heading} needs one example"
        found[heading] = json.loads(blocks[0])
    return found


EXAMPLES = examples()


def shape(value: Any) -> Any:
    """Reduce a value to its keys; a list to the shape of its fullest element; null to None."""
    if isinstance(value, dict):
        return {key: None if key in FREE else shape(item) for key, item in value.items()}
    if isinstance(value, list):
        shapes = [shape(item) for item in value]
        return [max(shapes, key=lambda item: len(json.dumps(item)))] if shapes else None
    return type(value).__name__ if value is not None else None


def differences(documented: Any, printed: Any, where: str = "$") -> Iterator[str]:
    """Yield where two shapes differ; what is null or empty in one of them says nothing."""
    if documented is None or printed is None:
        return
    if isinstance(documented, dict) and isinstance(printed, dict):
        if documented.keys() != printed.keys():
            yield f"{where}: {sorted(documented.keys() ^ printed.keys())}"
        for key in documented.keys() & printed.keys():
            yield from differences(documented[key], printed[key], f"{where}.{key}")
    elif isinstance(documented, list) and isinstance(printed, list):
        yield from differences(documented[0], printed[0], f"{where}[]")
    elif documented != printed:
        yield f"{where}: {documented} is documented, {printed} is printed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A station with one filed record and one submission that waits for a release."""

    printed: Callable[..., Any]
    """Runs a command with `--json` and returns what it printed."""
    record_id: str


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    root = tmp_path / "tram"
    monkeypatch.setenv("HOSO_STATION", str(root))
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")

    def printed(*arguments: str) -> Any:
        capsys.readouterr()
        main([*arguments, "--json"])
        out = capsys.readouterr().out
        assert not re.search(r'\d[+-]\d\d:\d\d"', out), "times are written with Z"
        return json.loads(out)

    printed("init", str(root), "--agency", "UBND XÃ THỬ NGHIỆM")
    settings = Settings(
        agency=load_settings(root / "hoso.toml").agency,
        intake=IntakeSettings(still_seconds=0.0, dossier_seconds=0.0, incomplete_seconds=0.0),
        signing=SigningSettings(personal="off"),
    )
    (root / "hoso.toml").write_text(render_settings(settings), encoding="utf-8")
    printed("register", "import", str(REGISTER))
    inbox = root / "1-cho-xu-ly" / DOSSIER
    inbox.mkdir()
    (inbox / TEXT_PDF.name).write_bytes(TEXT_PDF.read_bytes())
    (inbox / "rong.pdf").touch()
    with open_archive(root / "archive") as archive:
        stored = archive.objects.add_bytes(b"filed before")
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        filed = archive.file(
            a_record(ref), NewLink(dossier_code=DOSSIER, role=Role.RESULT), actor="test", at=AT
        )
    return Desk(printed=printed, record_id=filed.id)


def a_record(ref: ObjectRef) -> NewRecord:
    return replace(
        make_notice(ref),
        pages=(PageText(number=1, text="THÔNG BÁO\nthử nghiệm"),),
        fields=(
            FieldValue(
                name="number", value="136", confidence=0.9, page=1, box=(1.5, 2.5, 3.5, 4.5)
            ),
        ),
        signatures=(
            SignatureSummary(
                field="CQ_SoHoa",
                level="B-LT",
                indication="TOTAL-PASSED",
                signer="UBND XÃ THỬ NGHIỆM",
                signed_at=AT,
                best_time_kind="timestamp",
            ),
        ),
    )


def agrees(heading: str, printed: Any) -> None:
    assert list(differences(shape(EXAMPLES[heading]), shape(printed))) == []


def test_init_and_errors(desk: Desk, tmp_path: Path) -> None:
    agrees("hoso init", desk.printed("init", str(tmp_path / "moi"), "--agency", "THỬ NGHIỆM"))
    agrees("An error", desk.printed("show", "XX"))


def test_read(desk: Desk) -> None:
    agrees("hoso read", desk.printed("read", str(TEXT_PDF)))


def test_a_scan_that_waits_and_one_that_fails(desk: Desk) -> None:
    ended = desk.printed("run", "--once")
    assert {entry["state"] for entry in ended} == {
        SubmissionState.AWAITING_RELEASE,
        SubmissionState.IN_ERROR,
    }
    agrees("hoso run", ended)
    agrees("hoso status", desk.printed("status"))
    agrees("hoso retry", desk.printed("retry"))
    agrees("hoso release", desk.printed("release"))
    agrees("hoso sign-session", desk.printed("sign-session"))
    waiting = next(entry for entry in ended if entry["state"] != SubmissionState.IN_ERROR)
    agrees(
        "hoso show: a submission that is not filed", desk.printed("show", waiting["submission_id"])
    )


def test_a_filed_record(desk: Desk) -> None:
    agrees("hoso search", desk.printed("search", "thông báo", "--facets"))
    agrees("hoso search: dossiers", desk.printed("search", "thông báo", "--kind", "dossiers"))
    agrees("hoso search: what is missing", desk.printed("search", "--missing", "result"))
    agrees("hoso reindex", desk.printed("reindex"))
    agrees("hoso show: a record", desk.printed("show", desk.record_id))
    dossier = desk.printed("show", DOSSIER)
    agrees("hoso show: a dossier", dossier)
    agrees("hoso show: a record", dossier["records"][0])


def test_evidence_and_countersign(desk: Desk, tmp_path: Path) -> None:
    with open_archive(tmp_path / "tram" / "archive") as archive:
        place = Place(
            subject=archive.records.get(desk.record_id).submission_id,
            paper=1,
            field="CQ_SoHoa",
            pdf_sha256="0" * 64,
        )
        checked = EXAMPLES["hoso evidence"]["signatures"][0]["check"]
        use = NewKeyUse(place=place, digest="1" * 64, actor="test", at=AT, checked=checked)
        archive.key_uses.intend(use, [Proof(kind="certificate", der=b"DER")])
    saved = ("--save", str(tmp_path / "proofs"), "--delete")
    agrees("hoso evidence", desk.printed("evidence", desk.record_id, *saved))
    made = Countersigned(
        record_id=desk.record_id, field="CB_KySo_1", signer="A", pdf_sha256="0" * 64, use=1
    )
    agrees("hoso countersign", to_plain(made))


def test_register_import(desk: Desk) -> None:
    agrees("hoso register import", desk.printed("register", "import", str(REGISTER)))


def test_cover(desk: Desk, tmp_path: Path) -> None:
    options = ("--class", "GKS", "--pages", "2", "--out", str(tmp_path / "bia.pdf"))
    agrees("hoso cover", desk.printed("cover", "H26.99-261105-0001", *options))


def test_copy(desk: Desk, tmp_path: Path) -> None:
    agrees(
        "hoso copy", desk.printed("copy", str(TEXT_PDF), "--out", str(tmp_path), "--packing", "g4")
    )


def test_checks(desk: Desk, tmp_path: Path) -> None:
    objects = tmp_path / "tram" / "archive" / "objects"
    stored = next(path for path in objects.rglob("*") if path.is_file())
    stored.chmod(0o600)
    stored.write_bytes(b"\0")
    agrees("hoso fixity", desk.printed("fixity"))
    agrees("hoso audit verify", desk.printed("audit", "verify"))
    agrees("hoso audit export", desk.printed("audit", "export", str(tmp_path / "export")))
    agrees("hoso audit witness", desk.printed("audit", "witness", str(tmp_path / "phieu.txt")))
    agrees("hoso doctor", desk.printed("doctor"))


def test_disposals(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_archive(tmp_path / "tram" / "archive") as archive:
        make_office(archive)
    own = tmp_path / "tram" / "config" / "retention.toml"
    own.parent.mkdir(exist_ok=True)
    own.write_text('version = "1"\n[[class]]\ncode = "GKS"\nterm = "06"\nsource = "QĐ 1"\n')
    why = ("--reason", "đơn THỬ NGHIỆM")
    hold = desk.printed("dispose", "hold", OLD, "--ground", "complaint", *why)
    agrees("hoso dispose hold", hold)
    listed = desk.printed("dispose")
    agrees("hoso dispose lift", desk.printed("dispose", "lift", OLD, *why))
    monkeypatch.setenv("SUDO_USER", "nguoi-thu-nhat")
    proposed = desk.printed("dispose", "propose", "--all")
    agrees("hoso dispose propose", proposed)
    agrees("hoso dispose", {**listed, "batches": [proposed]})
    agrees("hoso show: a record", desk.printed("show", record_id(1)))
    monkeypatch.setenv("SUDO_USER", "nguoi-khac")
    decision = ("--decision", "1", "--date", "20/11/2025", "--council", "Bà THỬ NGHIỆM")
    decided = desk.printed("dispose", "decide", proposed["id"], "--approve", *decision)
    agrees("hoso dispose decide", decided)
    agrees("hoso dispose carry-out", desk.printed("dispose", "carry-out", proposed["id"]))
    agrees("hoso dispose minutes", desk.printed("dispose", "minutes", proposed["id"]))
    with open_archive(tmp_path / "tram" / "archive") as archive:
        key = load_key(tmp_path / "tram" / "keys" / "station.pem")
        write_list(archive.destroyed.all(), tmp_path, key, AT)
    agrees("hoso dispose again", desk.printed("dispose", "again", str(tmp_path / NAME)))
    agrees("hoso dispose term", desk.printed("dispose", "term", YOUNG, "--term", "05", *why))
    gone = desk.printed("show", record_id(1))
    agrees("hoso show: a destroyed paper", gone)
    agrees("hoso show: a destroyed paper", desk.printed("show", OLD)["destroyed"][0])
    agrees("hoso handover", desk.printed("handover"))
    marked = desk.printed("handover", "mark", YOUNG, "--package", "ab" * 32, "--to", "Lưu trữ xã")
    agrees("hoso handover mark", marked)
    agrees("hoso person reasons", desk.printed("person", "reasons"))


def test_backups(desk: Desk, tmp_path: Path) -> None:
    passphrase = tmp_path / "sao-luu.pass"
    passphrase.write_text("THU NGHIEM")
    passphrase.chmod(0o600)
    settings = tmp_path / "tram" / "hoso.toml"
    said = replace(
        load_settings(settings), backup=BackupSettings(sets=("../bo",), key=str(passphrase))
    )
    settings.write_text(render_settings(said), encoding="utf-8")
    agrees("hoso backup", desk.printed("backup"))
    assert desk.printed("backup", "--check") == {
        "ok": True,
        "sets": {str(tmp_path / "tram/../bo"): []},
    }
    listed = desk.printed("backup", "log")
    agrees("hoso backup log", listed)
    number = str(listed["entries"][0]["number"])
    agrees("hoso backup minutes", desk.printed("backup", "minutes", number))
    restored = desk.printed(
        "restore", str(tmp_path / "bo"), str(tmp_path / "moi"), "--key", str(passphrase)
    )
    agrees("hoso restore", restored)


def test_packages(desk: Desk, tmp_path: Path) -> None:
    with open_archive(tmp_path / "tram" / "archive") as archive:
        stored = archive.objects.add(TEXT_PDF)
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        unsigned = replace(
            make_notice(ref),
            id="01a1ffbc-0629-7235-8ba1-190378a942a1",
            submission_id="01a1ffbb-b974-797d-b947-78af63352ca0",
            verdict="NO_SIGNATURE_FOUND",
        )
        link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
        record = archive.file(unsigned, link, actor="test", at=AT)
    exported = desk.printed("export", record.id, "--out", str(tmp_path / "goi"))
    agrees("hoso export", exported)
    package = Path(exported["path"])
    other = tmp_path / "kho-khac"
    desk.printed("init", str(other), "--agency", "KHO THỬ NGHIỆM")
    imported = desk.printed("import", str(package), "--station", str(other))
    agrees("hoso import", imported)
    assert [paper["state"] for paper in imported["papers"]] == ["taken"]
    # As another program would have packed it.
    reading = desk.printed("export", record.id, "--package", "dip", "--out", str(tmp_path / "dip"))
    handed_in = desk.printed("import", reading["path"], "--as-scans", "--station", str(other))
    agrees("hoso import: as scans", handed_in)
    assert [Path(path).read_bytes() for path in handed_in["files"]] == [TEXT_PDF.read_bytes()]
    next(package.rglob("EAD.xml")).write_text("<simpledc/>")
    checked = desk.printed("export", str(package), "--check")
    assert [finding["path"] for finding in checked["findings"]] == ["metadata/descriptive/EAD.xml"]
    agrees("hoso export: a check", checked)


def test_verify(desk: Desk) -> None:
    agrees("hoso verify", desk.printed("verify", str(TEXT_PDF)))
    agrees("hoso verify", [verdict_json(PASSED, "a.pdf")])
    agrees("hoso verify: the archive", desk.printed("verify", "--archive"))


def test_sign() -> None:
    signer = PASSED.signatures[0].signer
    assert signer is not None
    signed = SignedPdf(
        path=Path("a-da-ky.pdf"),
        sha256="0" * 64,
        size_bytes=1,
        level=Level.B_LT,
        field_name="CB_KySo_1",
        signer=signer,
        signed_at=AT,
        timestamp_time=AT,
        verdict=PASSED,
        evidence=RevocationEvidence(certificate=b"", crls=(), ocsp_responses=()),
    )
    agrees("hoso sign", [to_plain(attempt_json(Attempt(source=Path("a.pdf"), outcome=signed)))])
