"""Officers and papers whose term is over, by the commands; copies outside the archive go too."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pdfplumber
import pikepdf
import pytest

from config.settings import AgencySettings, Settings
from config.vocabulary import EventType
from desk.cli.main import main
from desk.disposal import go_on, open_keeping
from desk.disposal_minutes import minutes_writer
from desk.founding import found_station
from desk.laid_out import copies_outside
from desk.reading_copies import reading_folder
from desk.station import Station, open_station
from desk.station_lock import hold_backup_lock
from storage.access_copies import CopyOrder, CopyState, IssuedKind, Told
from storage.archive import Archive, open_archive
from storage.destroyed_list import NAME
from storage.destruction import Order, begin, destroy
from storage.disposal_values import BatchState
from tests.storage.conftest import AT
from tests.storage.disposing import OLD, UNKNOWN, YOUNG, make_office, record_id

DECISION = ("--decision", "12/QĐ-UBND", "--date", "20/11/2025", "--council", "Bà THỬ NGHIỆM")


@dataclass(slots=True)
class Desk:
    """A station, the officers at its keyboard, and what the last command printed."""

    station: Station
    capsys: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def hoso(self, *words: str, person: str = "an", code: int = 0) -> Any:
        """Run a command as somebody behind sudo; return its JSON."""
        self.patch.setenv("SUDO_USER", person)
        ended = main([*words, "--json", "--station", str(self.station.root)])
        told = self.capsys.readouterr()
        assert ended == code, (told.out, told.err)
        return json.loads(told.out)

    def say(self, *words: str) -> str:
        """Run a command; return what it printed for people."""
        main([*words, "--station", str(self.station.root)])
        return self.capsys.readouterr().out

    def state_terms(self) -> None:
        """Let the office state that it keeps everything for ten years."""
        own = self.station.own_retention
        own.parent.mkdir(exist_ok=True)
        own.write_text(
            'version = "THU-NGHIEM"\n[default]\nterm = "06"\nsource = "QĐ THỬ NGHIỆM"\n'
            '[[class]]\ncode = "GKS"\nterm = "06"\nsource = "QĐ THỬ NGHIỆM"\n',
            encoding="utf-8",
        )

    def lay_out(self, n: int, text: str = "") -> list[Path]:
        """Lay out what the engine does of a filed paper: its copy, and its slip."""
        folder = self.station.done / OLD
        folder.mkdir(exist_ok=True)
        copy = folder / f"{OLD}.{n}.pdf"
        copy.write_bytes(b"%PDF")
        slip = folder / f"quet {n}.tif.KET-QUA.txt"
        slip.write_text(f"Mã lưu trữ:      {record_id(n)}\n{text}", encoding="utf-8-sig")
        return [copy, slip]

    @property
    def archive(self) -> Archive:
        return open_archive(self.station.archive)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("disposal") / "station"
    settings = Settings(agency=AgencySettings(name="UBND xã THỬ NGHIỆM"))
    station = found_station(folder, settings).station
    with open_archive(station.archive) as archive:
        make_office(archive)
    return folder


@pytest.fixture
def desk(
    founded: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    shutil.copytree(founded, tmp_path / "station")
    return Desk(open_station(tmp_path / "station"), capsys, monkeypatch)


def test_terms_that_nobody_compared_with_the_law_destroy_nothing(desk: Desk) -> None:
    listed = desk.hoso("dispose")
    assert listed["due"] == []  # births are kept for ever, as far as we know
    assert desk.hoso("dispose", "propose", "--all", code=65)["error"]["code"] == "DisposalRefused"
    own = desk.station.root / "config" / "retention.toml"
    own.parent.mkdir(exist_ok=True)
    own.write_text('version = "1"\n[[class]]\ncode = "GSK"\nterm = "06"\nsource = "x"\n')
    assert "GKS" in desk.hoso("dispose", code=2)["error"]["vi"]


def test_from_the_list_to_the_minutes(desk: Desk) -> None:
    desk.state_terms()
    left = desk.lay_out(2)
    listed = desk.hoso("dispose")
    assert [item["record_id"] for item in listed["due"]] == [record_id(n) for n in (1, 2, 3)]
    assert {item["expires_on"] for item in listed["due"]} == {"2021-01-01"}
    assert listed["unknown"] == [{"dossier_code": UNKNOWN, "papers": 1}]
    batch = desk.hoso("dispose", "propose", OLD)["id"]
    shown = desk.hoso("show", record_id(2))
    assert shown["disposition"] == {"batch": batch, "state": "proposed"}
    decide = ("dispose", "decide", batch, "--approve", "--except", record_id(3), *DECISION)
    assert desk.hoso(*decide, code=65)["error"]["code"] == "DisposalRefused"
    decided = desk.hoso(*decide, person="binh")
    assert [item["state"] for item in decided["items"]] == ["approved", "approved", "kept"]
    done = desk.hoso("dispose", "carry-out", batch, person="binh")
    assert (done["done"], done["waiting"], done["batch"]["state"]) == (True, [], "carried_out")
    assert not any(path.exists() for path in left)
    assert desk.hoso("fixity")["findings"] == []
    assert desk.hoso("audit", "verify")["findings"] == []
    text = desk.say("dispose", "minutes", batch)
    assert "DANH MỤC TÀI LIỆU HỦY: 2 giấy tờ" in text
    assert "Giấy khai sinh 2" in text
    assert "12/QĐ-UBND, ngày 20/11/2025" in text
    pdf = desk.station.root / "bien-ban.pdf"
    sha256 = desk.hoso("dispose", "minutes", batch, "--out", str(pdf))["sha256"]
    pages = printed(pdf)
    assert all(f"SHA-256{sha256}" in page for page in pages)
    for line in text.splitlines():
        label, _, value = line.partition(":")
        assert "".join(label.split()) in "".join(pages)
        assert "".join(value.split()) in "".join(pages)
    gone = desk.hoso("show", record_id(2))
    assert (gone["state"], gone["decision"]["number"]) == ("destroyed", "12/QĐ-UBND")
    dossier = desk.hoso("show", OLD)
    assert [item["id"] for item in dossier["destroyed"]] == [record_id(1), record_id(2)]
    assert [item["id"] for item in dossier["records"]] == [record_id(3)]
    assert "ĐÃ HỦY" in desk.say("show", OLD)
    # Again: nothing is left to do.
    assert desk.hoso("dispose", "carry-out", batch)["done"] is True


def printed(pdf: Path) -> list[str]:
    """Return what stands on the pages of a PDF/A, without spaces and ends of lines."""
    with pikepdf.open(pdf) as opened:
        assert "pdfaid:part>2<" in opened.Root.Metadata.read_bytes().decode()
    with pdfplumber.open(pdf) as opened:
        return ["".join(page.extract_text().split()) for page in opened.pages]


def test_a_hold_stops_what_was_decided_and_a_longer_term_what_is_due(desk: Desk) -> None:
    desk.state_terms()
    batch = desk.hoso("dispose", "propose", "--all")["id"]
    desk.hoso("dispose", "decide", batch, "--approve", *DECISION, person="binh")
    why = ("--reason", "đơn khiếu nại THỬ NGHIỆM")
    desk.hoso("dispose", "hold", record_id(1), "--ground", "complaint", *why)
    desk.hoso("dispose", "term", OLD, "--term", "05", *why)
    done = desk.hoso("dispose", "carry-out", batch)
    assert [item["state"] for item in done["batch"]["items"]] == ["withheld"] * 3
    listed = desk.hoso("dispose")
    assert [stop["subject"] for stop in listed["holds"]] == [record_id(1)]
    assert listed["due"] == []
    later = desk.hoso("dispose", "--year", "2030")["due"]
    assert {item["record_id"]: item["objection"] is None for item in later} == {
        record_id(1): False,
        record_id(2): True,
        record_id(3): True,
    }
    assert desk.hoso("dispose", "lift", record_id(1), *why)["lifted"] == 1
    assert desk.hoso("dispose", "lift", record_id(1), *why, code=1)["lifted"] == 0
    assert desk.hoso("fixity")["findings"] == []
    with desk.archive as archive:
        told = json.dumps([dict(event.detail) for event in archive.events.events()])
        assert "khiếu nại" not in told


def test_a_young_paper_and_an_unknown_code_are_not_proposed(desk: Desk) -> None:
    desk.state_terms()
    assert desk.hoso("dispose", "propose", YOUNG, code=65)["error"]["code"] == "DisposalRefused"
    assert desk.hoso("dispose", "propose", "H26.99-200101-0009", code=2)
    assert desk.hoso("dispose", "carry-out", "HUY-2026-999", code=65)
    assert desk.hoso("dispose", "hold", "x", "--ground", "other", "--reason", "x", code=2)


def test_no_destruction_while_a_backup_runs(desk: Desk) -> None:
    desk.state_terms()
    batch = desk.hoso("dispose", "propose", record_id(1))["id"]
    desk.hoso("dispose", "decide", batch, "--approve", *DECISION, person="binh")
    with hold_backup_lock(desk.station):
        assert desk.hoso("dispose", "carry-out", batch, code=4)["error"]["code"] == "StationBusy"
    assert desk.hoso("dispose", "carry-out", batch)["done"] is True


def test_what_was_cut_off_goes_on_when_the_engine_starts(desk: Desk) -> None:
    desk.state_terms()
    batch = desk.hoso("dispose", "propose", OLD)["id"]
    desk.hoso("dispose", "decide", batch, "--approve", *DECISION, person="binh")
    left = [path for n in (1, 2, 3) for path in desk.lay_out(n)]
    with desk.archive as archive:
        order = Order(batch=batch, actor="binh", at=dt.datetime.now(dt.UTC))
        outside = copies_outside(desk.station, archive)
        keeping = open_keeping(desk.station, archive)
        begin(archive, order, keeping, minutes_writer("THỬ NGHIỆM", keeping.rules, "binh"))
        why = {"batch": batch, "ground": "expired", "term": "06", "years": 10, "decision": None}
        destroy(archive, record_id(1), why, outside, order)
        assert [gone.record_id for gone in archive.destroyed.unfinished()] == [record_id(1)]
        go_on(desk.station, archive, actor="hoso")
        assert archive.disposals.get(batch).state is BatchState.CARRIED_OUT
        assert archive.records.count() == 2
        # A set that was away while papers went gets the list of them when it is at hand.
        folder = desk.station.root / "bo-a"
        folder.mkdir()
        (folder / "hoso-backup.json").write_text('{"set": "a"}')
        backup = replace(desk.station.settings.backup, sets=("bo-a",))
        station = replace(desk.station, settings=replace(desk.station.settings, backup=backup))
        go_on(station, archive, actor="hoso")
        assert (folder / NAME).exists()
    assert not any(path.exists() for path in left)
    assert desk.hoso("fixity")["findings"] == []


def test_copies_that_were_issued_go_with_the_paper_and_slips_of_others_stay(desk: Desk) -> None:
    desk.state_terms()
    kept = desk.lay_out(1)
    with desk.archive as archive:
        record = archive.records.get(record_id(2))
        folder = reading_folder(desk.station)
        path = folder / "ban-doc-2.pdf"
        path.write_bytes(b"%PDF ban doc")
        order = CopyOrder(
            id="018f0000-0000-7000-8000-00000000000c",
            record_id=record.id,
            dossier_code=OLD,
            ordinal=2,
            kind=IssuedKind.READING,
            pdf_sha256=record.pdf.sha256,
            reason="ông THỬ NGHIỆM hỏi",
            actor="an",
            at=AT,
        )
        told = Told(type=EventType.DISSEMINATION, actor="an", at=AT, outcome="reading", detail={})
        made = {"file": desk.station.relative(path), "sha256": "b" * 64, "expires_at": AT}
        archive.copies.add(order, told, state=CopyState.ISSUED, **made)
    batch = desk.hoso("dispose", "propose", record_id(2))["id"]
    desk.hoso("dispose", "decide", batch, "--approve", *DECISION, person="binh")
    desk.hoso("dispose", "carry-out", batch)
    assert not path.exists()
    assert all(path.exists() for path in kept)
    with desk.archive as archive:
        assert archive.copies.of_record(record_id(2)) == []
    assert desk.hoso("fixity")["findings"] == []


def test_a_place_that_a_row_names_outside_the_trays_is_left_alone(desk: Desk) -> None:
    settings = desk.station.root / "hoso.toml"
    with desk.archive as archive:
        copies_outside(desk.station, archive).remove(["hoso.toml", "3-da-xong/../hoso.toml"])
    assert settings.exists()
