"""The report as people and programs take it: nothing invented, nothing that a cell or page runs."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from config.settings import AgencySettings, Settings
from config.vocabulary import Role
from desk.cli.main import main
from desk.csv_tables import csv_text
from desk.founding import found_station
from desk.report_pages import UNMEASURED, report_svg
from desk.reports import make_report
from desk.station import open_station
from storage.archive import Archive, open_archive
from storage.model import NewLink
from storage.register import Dossier, ExpectedComponent, Procedure, RegisterBatch
from storage.reports import Period, Scope
from tests.storage.conftest import AT, make_record
from tests.test_docs_json import agrees

CODE = "H26.99-261103-0001"
HOSTILE = '=cmd|"/c calc"!A1 <script>&\x00\ud7ff'
NOVEMBER = ("--from", "2026-11-01", "--to", "2026-11-30")


@dataclass(frozen=True, slots=True)
class Desk:
    root: Path
    archive: Archive

    def printed(self, *words: str, code: int = 0) -> str:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            ended = main(["report", "digitisation", *words, "--station", str(self.root)])
        assert ended == code, out.getvalue()
        return out.getvalue()

    def json(self, *words: str) -> Any:
        return json.loads(self.printed(*NOVEMBER, *words, "--json"))

    def register(self, *dossiers: Dossier) -> None:
        self.archive.register.load(RegisterBatch(dossiers=dossiers))


def a_dossier(code: str = CODE, **told: Any) -> Dossier:
    entry = {"title": "Hồ sơ của TRẦN THỊ THỬ NGHIỆM", "applicant": "TRẦN THỊ THỬ NGHIỆM"}
    days = {"received_at": date(2026, 11, 3), "settled_at": date(2026, 11, 5)}
    asked = {"procedure_code": "1.000001", "agency_code": "H26.99", "agency_name": "UBND XÃ"}
    return Dossier(code=code, **{**entry, **days, **asked, **told})


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    root = tmp_path_factory.mktemp("bao-cao") / "tram"
    settings = Settings(agency=AgencySettings(name="UBND XÃ THỬ NGHIỆM", code="H26.99"))
    found_station(root, settings)
    with open_archive(root / "archive") as archive:
        yield Desk(root, archive)


@pytest.fixture
def desk(founded: Desk) -> Desk:
    with founded.archive.db.transaction():
        for table in ("link", "change", "dossier", "procedure"):
            founded.archive.db.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
    part = ExpectedComponent(class_code="GKS", name="Giấy khai sinh")
    procedure = Procedure(code="1.000001", title="Thủ tục", sector=HOSTILE[:-2], components=(part,))
    founded.archive.register.load(RegisterBatch(procedures=(procedure,)))
    founded.register(a_dossier())
    return founded


def indicators(report: Any) -> dict[str, Any]:
    return {item["code"]: item for item in report["total"]["indicators"]}


def test_the_printed_json_is_the_documented_one(desk: Desk) -> None:
    agrees("hoso report digitisation", desk.json("--by", "unit"))


def test_what_cannot_be_known_is_said_and_not_nought(desk: Desk) -> None:
    report = desk.json()
    unmeasured = {code for code, item in indicators(report).items() if not item["measured"]}
    assert unmeasured == {
        "ORIGINAL_RESULT_AVAILABLE",
        "SYNCED_WITH_DVCQG_PERSONAL_STORAGE",
        "CITIZEN_DATA_CONNECTED_DOSSIER",
        "CITIZEN_DATA_CONNECTED_FORMALITY",
        "ELECTRONIC_CERTIFIED_COPY",
    }
    for code in unmeasured:
        item = indicators(report)[code]
        assert (item["ratio"], item["score"], bool(item["why"])) == (None, None, True)
    assert (report["total"]["max_score_measured"], report["total"]["max_score"]) == (6, 22)
    assert report["total"]["counts"]["portal_reused"] is None
    assert UNMEASURED in desk.printed(*NOVEMBER, "--format", "csv")


def test_points_follow_what_is_filed_and_what_the_register_says(desk: Desk) -> None:
    second = a_dossier("H26.99-261103-0002", citizen_data=True, synced_at=date(2026, 11, 9))
    desk.register(second)
    record = make_record(desk.archive, desk.archive.records.count() + 1)
    for role, kind in ((Role.COMPONENT, "GKS"), (Role.RESULT, "KQ")):
        place = NewLink(dossier_code=second.code, role=role)
        number = desk.archive.records.count() + 1
        record = make_record(desk.archive, number, class_code=kind)
        desk.archive.file(record, place, actor="thử nghiệm", at=AT)
    found = indicators(desk.json())
    digitised = found["SO_HOA_GIAY_TO_GIAI_QUYET"]
    assert (digitised["part"], digitised["whole"], digitised["score"]) == (1, 2, 2.0)
    citizen = found["CITIZEN_DATA_CONNECTED_DOSSIER"]
    assert (citizen["ratio"], citizen["unknown"], citizen["score"]) == (0.5, 1, 1.0)
    synced = found["SYNCED_WITH_DVCQG_PERSONAL_STORAGE"]
    assert (synced["ratio"], synced["score"]) == (1.0, 4.0)


def test_an_empty_period_gives_no_points_and_no_error(desk: Desk) -> None:
    report = json.loads(desk.printed("--from", "2020-01-01", "--to", "2020-01-31", "--json"))
    assert not any(item["measured"] for item in report["total"]["indicators"])
    assert (report["total"]["score"], report["total"]["max_score_measured"]) == (0, 0)
    assert desk.printed("--from", "2020-01-01", "--to", "2020-01-31")
    desk.printed("--from", "2026-11-02", "--to", "2026-11-01", code=2)


def test_a_spreadsheet_opens_the_csv_and_runs_nothing(desk: Desk) -> None:
    text = desk.printed(*NOVEMBER, "--by", "field", "--format", "csv")
    assert text.startswith("\ufeff")
    headings, line, total = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    assert (headings[0], line[0], total[0]) == ("Lĩnh vực", f"'{HOSTILE[:-2]}", "Tổng cộng")
    assert len(headings) == len(line) == len(total)
    assert line[1:3] == ["1", "1"]


@pytest.mark.parametrize("cell", ["=1+1", "+84", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    (_, line) = csv.reader(io.StringIO(csv_text(["a"], [[cell]]), newline=""))
    assert line == [f"'{cell}"]


def test_numbers_stay_numbers_and_nothing_stays_empty() -> None:
    assert csv_text(["a"], [[-1, None, 0.5]]).splitlines()[1] == "-1,,0.5"


def test_the_chart_is_well_formed_says_itself_in_words_and_holds_no_markup(desk: Desk) -> None:
    path = desk.root / "bieu-do.svg"
    desk.printed(*NOVEMBER, "--by", "field", "--format", "svg", "--out", str(path))
    drawn = ET.fromstring(path.read_bytes())  # noqa: S314  # our own file
    assert {element.tag.rpartition("}")[2] for element in drawn.iter()} == {
        "svg", "title", "desc", "rect", "text"
    }  # fmt: skip
    told = "".join(drawn.itertext())
    assert "kết quả đã số hóa 0% (0/1)" in told
    assert "<script>" in told


def test_a_chart_of_very_many_lines_says_what_it_leaves_out(desk: Desk) -> None:
    desk.register(*(a_dossier(f"H26.99-261103-{number:04}") for number in range(1000, 1230)))
    period = Period(begins=date(2026, 11, 1), ends=date(2026, 11, 30))
    report = make_report(open_station(desk.root), desk.archive, Scope(period=period), "dossier")
    assert "Còn 31 dòng không vẽ" in report_svg(report)


@pytest.mark.parametrize(
    ("by", "read", "written"),
    [("month", "11/2026", "2026-11"), ("quarter", "quý 4/2026", "2026-Q4")],
)
def test_people_read_months_before_their_year_and_programs_do_not(
    desk: Desk, by: str, read: str, written: str
) -> None:
    told = {
        form: desk.printed(*NOVEMBER, "--by", by, "--format", form)
        for form in ("table", "svg", "csv", "json")
    }
    assert [read in told[form] for form in told] == [True, True, False, False]
    keys = [line["key"] for line in json.loads(told["json"])["groups"]]
    assert keys == [written]
    assert f"\n{written}," in told["csv"]
    assert [written in told[form] for form in ("table", "svg")] == [False, False]


def test_no_line_names_a_person(desk: Desk) -> None:
    for form in ("csv", "json", "svg", "table"):
        for by in ("unit", "dossier"):
            assert "TRẦN" not in desk.printed(*NOVEMBER, "--by", by, "--format", form)


def test_a_table_goes_into_no_file(desk: Desk) -> None:
    desk.printed(*NOVEMBER, "--out", str(desk.root / "bang.txt"), code=2)
