"""What a person is handed, what an officer must judge first, and what the log keeps of it."""

from __future__ import annotations

import contextlib
import io
import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.settings import AgencySettings, Settings
from config.vocabulary import EventType, Role
from desk.cli.main import main
from desk.founding import found_station
from desk.personal_data import FOR_OFFICER, FOR_PERSON, OUTCOME
from storage.archive import Archive, open_archive
from storage.canonical import digest
from storage.model import FieldValue, NewLink
from storage.register import Dossier, RegisterBatch
from tests.storage.conftest import AT, make_record
from tests.test_docs_json import agrees

NUMBER, OTHER = "000099000001", "000099000002"
NAME, HUSBAND = "TRẦN THỊ THỬ NGHIỆM", "LÊ VĂN THỬ NGHIỆM"
DOSSIER = "H26.99-261105-0001"
REASON = f"Đơn của {NAME}, số 12/2026"


@dataclass(frozen=True, slots=True)
class Desk:
    root: Path
    archive: Archive
    own: str
    wedding: str
    possible: str
    mention: str

    def export(self, folder: Path, *words: str, code: int = 1) -> Any:
        out, errors = io.StringIO(), io.StringIO()
        asked = ["--id", NUMBER, "--out", str(folder), "--reason", REASON, *words]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            ended = main(["person", "export", *asked, "--json", "--station", str(self.root)])
        assert ended == code, out.getvalue()
        for text in (NUMBER, NAME):
            assert text not in out.getvalue() + errors.getvalue()
        return json.loads(out.getvalue())


def file(archive: Archive, count: int, title: str = "Giấy", **fields: str) -> str:
    values = tuple(
        FieldValue(name=name, value=value, confidence=1.0) for name, value in fields.items()
    )
    link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
    named = {"fields": values, "title": title, "original_name": f"{title.replace(' ', '_')}.pdf"}
    return archive.file(make_record(archive, count, **named), link, actor="desk", at=AT).id


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    root = tmp_path_factory.mktemp("nguoi") / "tram"
    found_station(root, Settings(agency=AgencySettings(name="UBND XÃ THỬ NGHIỆM")))
    with open_archive(root / "archive") as archive:
        own = file(archive, 1, holder=NAME, personal_number=NUMBER, number="136")
        wedding = file(
            archive,
            2,
            f"Giấy kết hôn của {HUSBAND} và {NAME}",
            wife=NAME,
            wife_number=NUMBER,
            husband=HUSBAND,
            husband_number=OTHER,
            subject=f"Về việc kết hôn của {HUSBAND}",
        )
        possible = file(archive, 3, holder=NAME)
        mention = file(archive, 4, holder=HUSBAND, personal_number=OTHER, agent_number=NUMBER)
        entry = Dossier(
            code=DOSSIER,
            title="Hồ sơ",
            procedure_code="1.000001",
            agency_code="H26.99",
            applicant=NAME,
        )
        archive.register.load(RegisterBatch(dossiers=(entry,)))
        yield Desk(root, archive, own, wedding, possible, mention)


def everything_in(folder: Path) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pdf"
    )


def test_the_person_gets_papers_data_and_a_page_and_nothing_of_others(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "ra"
    printed = desk.export(folder)
    agrees("hoso person export", printed)
    assert (printed["records"], printed["mentions"], printed["possible"]) == (2, 1, 1)
    given = folder / FOR_PERSON
    pdfs = sorted(path.stem for path in (given / "pdf").iterdir())
    assert pdfs == sorted([desk.own, desk.wedding])
    assert (given / "pdf" / f"{desk.own}.pdf").read_bytes() == "bản PDF 1".encode()
    told = everything_in(given)
    assert NUMBER in told
    assert NAME in told
    for text in (OTHER, HUSBAND, desk.possible):
        assert text not in told
    data = json.loads((given / "du-lieu.json").read_text("utf-8"))
    wedding = next(item for item in data["records"] if item["id"] == desk.wedding)
    withheld = {item["name"] for item in wedding["fields"] if item["withheld"]}
    assert withheld == {"husband", "husband_number", "subject"}
    assert wedding["others"] == ["husband"]
    own = next(item for item in data["records"] if item["id"] == desk.own)
    assert "136" in {item["value"] for item in own["fields"]}
    assert [event["type"] for event in own["events"]] == ["ingestion"]
    assert data["dossiers"][0]["applicant"] == NAME


def test_the_officer_sees_what_a_name_points_at_and_may_take_it_in(
    desk: Desk, tmp_path: Path
) -> None:
    desk.export(tmp_path / "a")
    seen = json.loads((tmp_path / "a" / FOR_OFFICER / "can-xem.json").read_text("utf-8"))
    assert [item["record_id"] for item in seen["possible"]] == [desk.possible]
    assert seen["others_on_papers"] == {desk.wedding: ["husband"]}
    assert REASON in (tmp_path / "a" / FOR_OFFICER / "BIEN-BAN.txt").read_text("utf-8")
    printed = desk.export(tmp_path / "b", "--include", desk.possible, code=0)
    assert (printed["records"], printed["possible"]) == (3, 0)


def test_the_log_says_that_it_was_done_and_nothing_of_the_person(
    desk: Desk, tmp_path: Path
) -> None:
    before = desk.archive.events.size()
    desk.export(tmp_path / "ra")
    seen = json.loads((tmp_path / "ra" / FOR_OFFICER / "can-xem.json").read_text("utf-8"))
    told = [event for event in desk.archive.events.events() if event.seq > before]
    assert {event.type for event in told} == {EventType.DISSEMINATION}
    assert {event.outcome for event in told} == {OUTCOME}
    assert [event.object for event in told] == ["archive", *sorted([desk.own, desk.wedding])]
    salted = digest({"salt": seen["reason_salt"], "reason": REASON})
    assert told[0].detail["reason_sha256"] == salted
    log = "\n".join(desk.archive.events.body(event.seq).decode() for event in told)
    for text in (NUMBER, NAME, REASON):
        assert text not in log


def test_nobody_else_on_the_machine_can_read_it(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "ra"
    desk.export(folder)
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_what_cannot_be_given_is_told_and_the_rest_is_given(desk: Desk, tmp_path: Path) -> None:
    sha256 = desk.archive.records.get(desk.own).pdf.sha256
    path = desk.archive.objects.path(sha256)
    kept = path.read_bytes()
    path.chmod(0o600)
    try:
        path.write_bytes(b"\0" * len(kept))
        printed = desk.export(tmp_path / "ra")
    finally:
        path.write_bytes(kept)
        path.chmod(0o440)
    assert (printed["records"], printed["not_copied"]) == (2, 1)
    page = (tmp_path / "ra" / FOR_PERSON / "DOC-TRUOC.html").read_text("utf-8")
    assert "bị hỏng" in page
    assert "://" not in page


def test_a_folder_with_something_in_it_and_a_number_that_is_none_are_refused(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "cu").mkdir()
    (tmp_path / "cu" / "a.txt").touch()
    before = desk.archive.events.size()
    desk.export(tmp_path / "cu", code=2)
    desk.export(tmp_path / "moi", "--id", "12", code=2)
    assert desk.archive.events.size() == before


def test_the_number_need_not_stand_on_the_command_line(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NUMBER}\n"))
    assert desk.export(tmp_path / "ra", "--id", "-")["records"] == 2
