"""A page that could not be read holds its paper before it is signed; a folder answers."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ImageFilter

from config.vocabulary import EventType
from desk import legibility, readings, slips
from desk.moments import now
from desk.services import Services
from desk.startup import note_settings, open_services
from desk.station import Station
from desk.status import measure_status
from desk.withdrawals import note_withdrawn
from digitize.model import ReadingTrouble, RecognizedPage, UnreadablePage
from digitize.model import Submission as Received
from storage.submissions import (
    NewSubmission,
    Outcome,
    Reason,
    Submission,
    SubmissionState,
)
from tests.desk import batch_papers
from tests.desk.conftest import SmallStation
from tests.desk.test_batches import BIRTH, FORM, MARRIAGE, records_of
from tests.desk.test_holds import CODE, RECEIPT
from tests.desk.tiny import drop, drop_half, half_page

NAME = "SCAN_0001.jpg"


@pytest.fixture
def unreadable_pages(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Numbers of the pages that no attempt reads from now on; page 1 at first."""
    numbers = {1}
    read = readings.read

    def doubtful(
        item: Submission, received: Received, services: Services
    ) -> tuple[RecognizedPage, ...]:
        return tuple(
            replace(page, readable=False, confidence=0.41, legal_share=0.314159)
            if page.number in numbers
            else page
            for page in read(item, received, services)
        )

    monkeypatch.setattr(readings, "read", doubtful)
    return numbers


def answer(station: Station, folder: str) -> None:
    """Drag the scan that is asked about into a folder of the inbox."""
    (held,) = [path for path in station.confirm.rglob("*") if path.suffix in (".jpg", ".tif")]
    place = station.inbox / folder
    place.mkdir(parents=True, exist_ok=True)
    held.rename(place / held.name)


def take_away(station: Station, slip: Path, submission_id: str) -> None:
    """Remove the slip of a scan that is gone, and see that the station notes it."""
    with open_services(station) as services:
        assert note_withdrawn(services) == []  # its slip lies there: it was moved to answer
        slip.unlink()
        assert [item.id for item in note_withdrawn(services)] == [submission_id]
        assert note_withdrawn(services) == []
        archive = services.archive
        assert archive.ledger.get(submission_id).state is SubmissionState.WITHDRAWN
        assert measure_status(station, archive).to_confirm == 0
        taken = archive.events.events(submission_id)[-1]
    assert (taken.type, taken.actor) == (EventType.WITHDRAWAL, "desk (unauthenticated)")


def drop_blurred(station: Station) -> None:
    """Drop the receipt as a scanner out of focus gives it: print that nobody reads."""
    buffer = BytesIO()
    blurred = half_page(RECEIPT).filter(ImageFilter.GaussianBlur(3))
    blurred.save(buffer, "JPEG", dpi=(112, 112), quality=80)
    drop(station, f"{CODE}/{NAME}", buffer.getvalue())


def test_an_unreadable_page_holds_its_paper_until_a_person_says_that_it_is_filed_so(
    small: SmallStation,
) -> None:
    drop_blurred(small.station)
    (ending,) = small.run()
    assert (ending.state, ending.needs_person) == (SubmissionState.TO_CONFIRM, True)
    assert ending.reason is not None
    assert ending.reason.code == "unreadable_page"
    assert small.files(small.station.confirm) == [
        f"{CODE}/{NAME}",
        f"{CODE}/{NAME}.CAN-XAC-NHAN.txt",
    ]
    slip = small.station.confirm / CODE / f"{NAME}.CAN-XAC-NHAN.txt"
    asked = slip.read_bytes().decode("utf-8-sig")
    assert "Trang 1 không đọc được" in asked
    assert "âm tiết là tiếng Việt" in asked
    assert "dưới độ phân giải quy định" in asked
    assert f"1-cho-xu-ly/{CODE}/luu-nguyen-trang/" in asked
    with small.archive() as archive:
        events = archive.events.events(ending.submission_id)
        status = measure_status(small.station, archive)
    # Nothing was made of it, and nothing was signed.
    kinds = {event.type for event in events}
    assert kinds.isdisjoint({EventType.NORMALIZATION, EventType.SIGNATURE_GENERATION})
    (seen,) = [event for event in events if event.type is EventType.VALIDATION]
    assert seen.outcome == "unreadable_page"
    assert '"trouble": "coarse"' in json.dumps(seen.detail["pages"])
    assert (status.to_confirm, status.unreadable) == (1, 1)
    page_shown = small.station.status_page.read_text(encoding="utf-8")
    # Coloured where somebody must look, and nowhere else.
    assert (
        'class="part look"><th scope="row">vì có trang không đọc được</th><td>1</td>' in page_shown
    )
    assert 'class="none"><th scope="row">Có dấu mật' in page_shown

    # What cannot be read names no kind of paper either: the person says both.
    answer(small.station, f"{CODE}/GTN/luu-nguyen-trang")
    # Without the slip it counts as taken away, until the inbox gives it back.
    take_away(small.station, slip, ending.submission_id)
    assert [ending.state for ending in small.run()] == [SubmissionState.FILED]
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
        events = archive.events.events(record.submission_id)
        status = measure_status(small.station, archive)
    assert record.notes["unreadable_scan_pages"] == "1"
    assert record.notes["unreadable_filed_by"] == "person"
    assert any("không tìm được" in text for text in record.warnings)
    answers = [e.detail["unreadable"] for e in events if e.type is EventType.UNQUARANTINE]
    assert answers == ["luu-nguyen-trang"]
    assert status.unreadable == 0


@pytest.mark.usefixtures("unreadable_pages")
def test_the_setting_files_such_a_paper_and_the_record_says_so(small: SmallStation) -> None:
    small.set(reading={"unreadable": "accept"})
    drop_half(small.station, RECEIPT)
    assert [ending.state for ending in small.run()] == [SubmissionState.FILED]
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
    assert record.notes["unreadable_scan_pages"] == "1"
    assert record.notes["unreadable_filed_by"] == "setting"


def test_of_several_papers_only_one_is_held_and_moved_back_it_is_read_anew(
    small: SmallStation, tmp_path: Path, unreadable_pages: set[int]
) -> None:
    unreadable_pages.clear()
    unreadable_pages.add(4)
    sheets = [
        batch_papers.cover(small, tmp_path, FORM),
        batch_papers.page("Giấy thứ nhất, thử nghiệm một cửa"),
        batch_papers.cover(small, tmp_path, replace(FORM, dossier_code=MARRIAGE)),
        batch_papers.page("Giấy thứ hai, thử nghiệm một cửa"),
    ]
    batch_papers.scan(sheets, small.station.inbox / "lo.tif")
    (ending,) = small.run()
    assert ending.state is SubmissionState.TO_CONFIRM
    assert [record.links[0].dossier_code for record in records_of(small)] == [BIRTH]
    assert ending.reason is not None
    assert "Giấy 2 (trang 4): Trang 4 không đọc được" in ending.reason.vi
    unreadable_pages.clear()  # as when the operator has added a language
    answer(small.station, MARRIAGE)
    assert [ending.state for ending in small.run()] == [SubmissionState.FILED]
    first, second = records_of(small)
    assert "unreadable_scan_pages" not in {**first.notes, **second.notes}
    with small.archive() as archive:
        # What each was filed with stands, though the ledger has forgotten the first reading.
        readings = {record.notes["reading_sha256"] for record in (first, second)}
        assert len(readings) == 2
        assert readings <= archive.referenced_objects() & set(archive.objects)


def page(number: int = 1, trouble: ReadingTrouble = ReadingTrouble.UNCLEAR) -> UnreadablePage:
    return UnreadablePage(
        number=number, words=12, legal_share=0.25, confidence=0.5, trouble=trouble
    )


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (ReadingTrouble.NO_WORDS, "không thấy chữ nào"),
        (ReadingTrouble.ROWS_UNREAD, "chỉ đọc ra 12 từ"),
        (ReadingTrouble.COARSE, "quá thô"),
        (ReadingTrouble.OTHER_LANGUAGE, "chữ không phải tiếng Việt, trang quét ngược"),
        (ReadingTrouble.UNCLEAR, "mờ, nhạt, tối hoặc lóa"),
    ],
)
def test_the_question_names_page_cause_and_what_to_do(trouble: ReadingTrouble, cause: str) -> None:
    reason = legibility.question((page(7, trouble),))
    assert "Trang 7 không đọc được" in reason.vi
    assert cause in reason.vi
    assert "quét lại" in reason.vi
    assert "page 7" in reason.en


def test_a_question_about_many_pages_stays_short() -> None:
    reason = legibility.question(tuple(page(number) for number in range(1, 201)))
    assert "Trang 5 " in reason.vi
    assert "Trang 6 " not in reason.vi
    assert "Và 195 trang khác." in reason.vi
    assert len(reason.en) < 150


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        (f"{CODE}/luu-nguyen-trang", True),
        (f"{CODE}/GTN/luu-nguyen-trang", True),
        (f"{CODE}/GTN", False),
        (CODE, False),
        ("luu-nguyen-trang", False),
        ("", False),
    ],
)
def test_naming_a_dossier_alone_says_nothing_of_the_page(folder: str, said: bool) -> None:
    assert legibility.is_answer(folder) is said


def submission() -> Submission:
    at = now()
    return Submission(
        id="x",
        name=NAME,
        folder=CODE,
        tray_path=f"2-dang-xu-ly/{CODE}/{NAME}",
        size_bytes=1,
        received_at=at,
        state=SubmissionState.IN_WORK,
        sha256=None,
        sha512=None,
        media_type=None,
        updated_at=at,
        attempts=0,
        stage=None,
        reason=None,
        confirmed_dossier=None,
        confirmed_class=None,
    )


@pytest.mark.parametrize(
    ("code", "offered", "withheld"),
    [
        ("unreadable_page", ["Nếu quét lại được", "/luu-nguyen-trang/"], ["Chỉ xác nhận hồ sơ"]),
        (
            "unreadable_page+class_unsure",
            ["/luu-nguyen-trang/", "Các câu hỏi khác", "Chỉ xác nhận hồ sơ"],
            [],
        ),
        ("class_unsure", ["Cách trả lời", "Chỉ xác nhận hồ sơ"], ["luu-nguyen-trang"]),
    ],
)
def test_the_slip_offers_the_answers_that_fit_the_question(
    code: str, offered: list[str], withheld: list[str]
) -> None:
    text = slips.question_slip(submission(), Reason(code=code, vi="?", en="?"), (), "1-cho-xu-ly")
    assert f"1-cho-xu-ly/{CODE}/" in text
    assert all(part in text for part in offered)
    assert not any(part in text for part in withheld)


def test_switching_the_question_off_is_an_event(small: SmallStation) -> None:
    small.set(reading={"unreadable": "accept"})
    with small.archive() as archive:
        for _ in range(2):
            note_settings(small.station, archive)
        logged = [e for e in archive.events.events("archive") if e.type is EventType.SETTING]
    assert logged[-1].detail["unreadable"] == "accept"
    assert [e.detail.get("unreadable") for e in logged].count("accept") == 1


def test_a_scan_is_read_anew_only_while_its_question_is_open(small: SmallStation) -> None:
    with open_services(small.station) as services:
        ledger = services.archive.ledger
        claimed = NewSubmission(
            id="x", name=NAME, tray_path=f"5/{NAME}", size_bytes=1, received_at=now()
        )
        item = ledger.claim(claimed, "test")
        for stage, paper in (("gate", 0), ("unreadable", 2)):
            ledger.record_outcome(
                Outcome(submission_id=item.id, paper=paper, stage=stage, body={"of": stage})
            )
        assert legibility.note_answer(item, f"{CODE}/luu-nguyen-trang", services) is not None
        assert ledger.papers_with(item.id, "accepted") == [2]
        # Another question of the same scan is answered: what was accepted is not read again.
        assert legibility.note_answer(item, CODE, services) is None
        assert ledger.outcome(item.id, 0, "gate") is not None
        ledger.forget_outcomes(item.id, ("accepted",))
        assert legibility.note_answer(item, CODE, services) is None
        assert ledger.outcome(item.id, 0, "gate") is None
