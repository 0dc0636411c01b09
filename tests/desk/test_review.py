"""Answers and corrections with `hoso review`: kept, acted on, taken back; never a signature."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import EventType
from desk.cli.main import main
from desk.opinions import confirmed_papers
from digitize.frames import decode
from digitize.model import Cover
from storage.model import Record
from storage.submissions import Outcome, SubmissionState
from tests.desk import batch_papers
from tests.desk.conftest import SmallStation
from tests.desk.tiny import HALVES, drop, half_page_bytes, unsure_page
from tests.test_docs_json import agrees

CODE = "H26.99-261105-0001"
OTHER = "H26.99-261106-0002"


def run(small: SmallStation, *words: str, code: int = 0) -> Any:
    """Run a command in this process and parse what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        ended = main([*words, "--json", "--station", str(small.station.root)])
    assert ended == code, printed.getvalue()
    return json.loads(printed.getvalue())


def ask(small: SmallStation, *words: str, code: int = 0) -> Any:
    return run(small, "review", *words, code=code)


def held(small: SmallStation, place: str = "giay.jpg", data: bytes | None = None) -> str:
    """Drop a page that names no kind, run, and return the submission that waits."""
    drop(small.station, place, data or unsure_page())
    (ending,) = small.run()
    assert ending.state is SubmissionState.TO_CONFIRM
    return ending.submission_id


def only_record(small: SmallStation) -> Record:
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
    return record


def types_of(small: SmallStation, subject: str) -> list[tuple[EventType, str, str]]:
    with small.archive() as archive:
        return [(item.type, item.outcome, item.actor) for item in archive.events.events(subject)]


def test_a_paper_is_listed_looked_at_confirmed_and_filed(
    small: SmallStation, tmp_path: Path
) -> None:
    item = held(small, data=half_page_bytes(HALVES[1]), place="img.jpg")
    listed = ask(small)
    agrees("hoso review", listed)
    (waiting,) = listed["waiting"]
    (paper,) = waiting["papers"]
    assert (listed["count"], waiting["id"], paper["question"]["code"]) == (
        1,
        item,
        "no_dossier_code",
    )
    assert paper["classes"][0]["reasons"]
    assert {"name", "value", "confidence", "page", "box", "source"} <= set(paper["fields"][0])
    crop = tmp_path / "trang.png"
    shown = ask(small, "show", item, "--crop", str(crop))
    assert shown["crop"] == str(crop)
    assert min(decode(crop, 0).shape[:2]) > 400

    refused = ask(small, "confirm", item, code=2)
    assert "--dossier" in refused["error"]["vi"]
    kind = paper["classes"][0]["code"]
    said = ("--dossier", CODE, "--class", kind, "--by", "Bà THỬ NGHIỆM")
    agrees("hoso review confirm", ask(small, "confirm", item, *said))
    assert not any(kind is EventType.SIGNATURE_GENERATION for kind, _, _ in types_of(small, item))
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    record = only_record(small)
    assert record.links[0].dossier_code == CODE
    assert (record.class_code, record.notes["class_from"]) == (kind, "person")
    assert small.files(small.station.confirm) == []
    (answer,) = [one for one in types_of(small, item) if one[0] is EventType.UNQUARANTINE]
    assert answer[1] == "confirm"
    assert answer[2].startswith("Bà THỬ NGHIỆM (unauthenticated; account: ")
    with small.archive() as archive:
        assert [paper.class_code for paper in confirmed_papers(archive)] == [kind]
    assert ask(small) == {"waiting": [], "count": 0, "damaged": []}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("confirm", "ID", "--class", "gks."), "GKS"),
        (("confirm", "ID", "--class", "khai sinh"), "GKS"),
        (("confirm", "ID", "--dossier", "H26.99-261105-0999"), "register import"),
        (("confirm", "ID", "--dossier", "12"), "H26.99-261105-0001"),
        (("confirm", "ID", "--answer", "gi"), "luu-nguyen-trang"),
        (("confirm", "ID", "--dossier", CODE, "--paper", "7"), "giấy 7"),
        (("correct", "ID"), "TRƯỜNG=GIÁ-TRỊ"),
        (("correct", "ID", "issue_dat=1"), "issue_date"),
        (("correct", "ID", "issue_date=31/02/2026"), "issue_date"),
        (("correct", "ID", "personal_number=123"), "12 chữ số"),
        (("reject", "ID", "--reason", " "), "--reason"),
        (("undo", "ID"), "hoàn tác"),
        (("confirm", "01a1ffbc-0629-7235-8ba1-190378a942a0"), "hoso review"),
    ],
)
def test_what_cannot_be_is_refused_with_what_could_be(
    refusing: tuple[SmallStation, str], words: tuple[str, ...], told: str
) -> None:
    small, item = refusing
    refused = ask(small, *(item if word == "ID" else word for word in words), code=2)
    assert told in refused["error"]["vi"]
    with small.archive() as archive:
        assert archive.requests.pending("review") == []


@pytest.fixture(scope="module")
def refusing(
    template: Path, services: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SmallStation, str]:
    """A station with one scan that waits; these tests change nothing of it."""
    small = SmallStation.of(template, tmp_path_factory.mktemp("refusing") / "station")
    return small, held(small)


def test_fields_said_before_filing_are_filed_as_a_person_s(small: SmallStation) -> None:
    item = held(small, f"{CODE}/giay.jpg")
    ask(small, "correct", item, "number=15a", "issue_date=05/11/2026", "--class", "TB")
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    said = {
        field.name: (field.value, field.source, field.box)
        for field in only_record(small).fields
        if field.source == "person"
    }
    assert said == {
        "number": ("15a", "person", None),
        "issue_date": ("2026-11-05", "person", None),
    }


def test_an_answer_is_taken_back_until_the_paper_is_signed(small: SmallStation) -> None:
    small.set(signing={"release": "person"})
    item = held(small, f"{CODE}/giay.jpg")
    ask(small, "confirm", item, "--class", "TB")
    (ending,) = small.run()
    assert ending.state is SubmissionState.AWAITING_RELEASE
    ask(small, "undo", item)
    (again,) = small.run()
    assert again.state is SubmissionState.TO_CONFIRM
    assert again.reason is not None
    assert again.reason.code == "class_unsure"
    with small.archive() as archive:
        acts = [told.act.value for told in archive.corrections.of_submission(item)]
        assert archive.records.count() == 0
    assert acts == ["confirm", "undo"]
    assert small.files(small.station.confirm) == [
        f"{CODE}/giay.jpg",
        f"{CODE}/giay.jpg.CAN-XAC-NHAN.txt",
    ]
    assert "hoàn tác" in ask(small, "undo", item, code=2)["error"]["vi"]


def test_a_move_out_of_the_tray_is_an_answer_like_any_other(small: SmallStation) -> None:
    small.set(signing={"release": "person"})
    item = held(small)
    answer = small.station.inbox / CODE / "TB"
    answer.mkdir(parents=True)
    (small.station.confirm / "giay.jpg").rename(answer / "giay.jpg")
    (ending,) = small.run()
    assert ending.state is SubmissionState.AWAITING_RELEASE
    (told,) = ask(small, "show", item)["corrections"]
    assert (told["act"], told["actor"]) == ("confirm", "desk (unauthenticated)")
    assert (told["after"]["dossier"], told["after"]["class"]) == (CODE, "TB")


def test_a_rejected_scan_lies_with_its_reason_and_can_come_back(small: SmallStation) -> None:
    item = held(small)
    # Another scan of the same name is not the one that was looked at.
    place = small.station.confirm / "giay.jpg"
    own = place.read_bytes()
    place.write_bytes(half_page_bytes(HALVES[0]))
    ask(small, "reject", item, "--reason", "x")
    assert small.run() == []
    assert small.files(small.station.error) == []
    place.write_bytes(own)
    ask(small, "reject", item, "--reason", "Không phải giấy\x1b[2J của hồ sơ nào")
    assert small.run() == []
    assert small.files(small.station.error) == ["giay.jpg", "giay.jpg.LY-DO.txt"]
    slip = (small.station.error / "giay.jpg.LY-DO.txt").read_bytes().decode("utf-8-sig")
    assert "Không phải giấy [2J của hồ sơ nào" in slip
    assert types_of(small, item)[-1][:2] == (EventType.WITHDRAWAL, "rejected")
    with small.archive() as archive:
        assert archive.ledger.get(item).state is SubmissionState.WITHDRAWN
    ask(small, "undo", item)
    (ending,) = small.run()
    assert (ending.submission_id, ending.state) == (item, SubmissionState.TO_CONFIRM)
    assert small.files(small.station.error) == []


def test_an_answer_whose_move_was_cut_off_is_not_taken_for_a_clerk_s(small: SmallStation) -> None:
    """The scan lay in one dossier's folder and is confirmed for another: a crash in between."""
    item = held(small, f"{OTHER}/SCAN.jpg", half_page_bytes(HALVES[0]))
    number = ask(small, "confirm", item, "--dossier", CODE)["request"]
    place = f"{small.station.settings.folders.work}/{OTHER}/SCAN.jpg"
    with small.archive() as archive:
        assert archive.ledger.get(item).reason is not None
        archive.ledger.record_outcome(
            Outcome(
                submission_id=item,
                paper=0,
                stage="review_move",
                body={"request": number, "target": place},
            )
        )
    target = small.station.root / place
    target.parent.mkdir()
    (small.station.confirm / OTHER / "SCAN.jpg").rename(target)
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    assert [link.dossier_code for link in only_record(small).links] == [CODE]
    with small.archive() as archive:
        (told,) = archive.corrections.of_submission(item)
    assert "unauthenticated" not in told.actor


def file_one(small: SmallStation) -> Record:
    """File the half page of a birth certificate."""
    drop(small.station, f"{CODE}/SCAN.jpg", half_page_bytes(HALVES[0]))
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    return only_record(small)


def test_a_filed_paper_is_corrected_and_its_signed_file_stays(small: SmallStation) -> None:
    filed = file_one(small)
    ask(small, "correct", filed.id, "subject=Về việc thử nghiệm", "issue_date=")
    assert small.run() == []
    now = only_record(small)
    values = {field.name: field for field in now.fields}
    assert (values["subject"].value, values["subject"].source) == ("Về việc thử nghiệm", "person")
    assert values["issue_date"].value is None
    assert now.title == "Về việc thử nghiệm"
    assert (now.pdf, now.pages, now.links, now.class_code) == (
        filed.pdf,
        filed.pages,
        filed.links,
        filed.class_code,
    )
    agrees("hoso review show", ask(small, "show", filed.id))
    ask(small, "confirm", filed.id)
    assert small.run() == []
    assert only_record(small).notes["class_from"] == "person"
    for _ in range(2):
        ask(small, "undo", filed.id)
        small.run()
    back = only_record(small)
    assert {field.name: field.value for field in back.fields} == {
        field.name: field.value for field in filed.fields
    }
    assert (back.title, back.notes) == (filed.title, filed.notes)
    assert run(small, "fixity")["ok"]
    with small.archive() as archive:
        acts = [told.act.value for told in archive.corrections.of_record(filed.id)]
    assert acts == ["correct", "confirm", "undo", "undo"]
    assert "reject" not in acts
    assert "correct" in ask(small, "reject", filed.id, "--reason", "x", code=2)["error"]["vi"]


def test_a_paper_filed_in_the_wrong_dossier_leaves_it_with_its_copy(small: SmallStation) -> None:
    filed = file_one(small)
    assert f"{CODE}/{CODE}.1.pdf" in small.files(small.station.done)
    ask(small, "correct", filed.id, "--dossier", OTHER)
    small.run()
    (link,) = only_record(small).links
    assert (link.dossier_code, link.ordinal) == (OTHER, 1)
    assert f"{CODE}/{CODE}.1.pdf" not in small.files(small.station.done)


def test_each_paper_of_a_scan_gets_its_own_answer(small: SmallStation, tmp_path: Path) -> None:
    small.set(signing={"release": "person"})
    sheets = []
    for code in (CODE, OTHER):
        sheets.append(batch_papers.cover(small, tmp_path, Cover(dossier_code=code)))
        sheets.append(batch_papers.page(f"Trang này không nêu tên giấy tờ nào, {code[-4:]}"))
    batch_papers.scan(sheets, small.station.inbox / "lo.tif")
    (ending,) = small.run()
    item = ending.submission_id
    (waiting,) = ask(small)["waiting"]
    assert [(paper["paper"], paper["pages"]) for paper in waiting["papers"]] == [(1, [2]), (2, [4])]
    assert "--paper" in ask(small, "confirm", item, "--class", "TB", code=2)["error"]["vi"]
    ask(small, "confirm", item, "--paper", "2", "--class", "TB")
    ask(small, "confirm", item, "--paper", "1", "--class", "QD", "--dossier", OTHER)
    small.run()
    run(small, "release", "--all")
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    with small.archive() as archive:
        placed = {
            record.paper: (record.class_code, record.links[0].dossier_code)
            for record in archive.records.newest(10)
        }
    assert placed == {1: ("QD", OTHER), 2: ("TB", OTHER)}
