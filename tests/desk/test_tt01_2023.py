"""TT 01/2023/TT-VPCP, clause by clause: the articles on what is digitised, how, and what is kept.

Each test is named by its article (Điều), clause (khoản) and point (điểm); where the circular has
the clause unnumbered in every source found, by what it demands. What other articles of law add
(the blocks' places and fonts, PDF/A) is held elsewhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from config.fields import load_field_rules
from config.rules import load_rule_set
from config.vocabulary import EventType, load_classes
from desk import answers, objections
from desk.answers import Answer
from digitize import gate
from digitize.model import Cover, Description, Paper, RecognizedPage
from digitize.papers import CutRules, apply, count_doubt, plan
from storage.model import Record
from storage.submissions import SubmissionState
from tests.desk.conftest import SAMPLES, Ran, SmallStation, hoso_json
from tests.desk.test_duty import DOSSIER, LATER, duty, stated
from tests.digitize.test_batch_plans import COVER, RULES, batch
from tests.digitize.workbench import heading, line, page_of, paper_of

LAW = load_rule_set(dt.date(2026, 11, 21))
CLASSES = load_classes()
SOURCES = {"ocr", "qr", "mrz", "person", "register"}


@pytest.fixture(scope="module")
def filed(ran: Ran) -> dict[str, Record]:
    """The filed samples, by their file names."""
    with ran.archive() as archive:
        return {record.original_name: record for record in archive.records.newest(100)}


def samples_of(ran: Ran) -> dict[str, Path]:
    """Return the samples by their names, whichever way their letters are composed."""
    files = (path for path in (ran.station.root / "samples").rglob("*") if path.is_file())
    return {unicodedata.normalize("NFC", path.name): path for path in files}


def events_of(ran: Ran, record: Record) -> list[EventType]:
    with ran.archive() as archive:
        return [
            event.type
            for subject in (record.submission_id, record.id)
            for event in archive.events.events(subject)
        ]


# Điều 4: what is digitised


def test_dieu_4_khoan_1_diem_a_results_of_earlier_procedures_are_digitised() -> None:
    assert duty("GKS").duty == duty("VB", given=True).duty == "must"
    assert "Điều 4.1.a" in duty("GKS").why


def test_dieu_4_khoan_1_diem_b_what_a_sector_law_orders_is_digitised() -> None:
    decided = duty("VB", register=stated("sector_law"))
    assert (decided.duty, "Điều 4.1.b" in decided.why) == ("must", True)


def test_dieu_4_khoan_1_diem_c_what_minister_or_chairman_lists_is_digitised() -> None:
    decided = duty("VB", register=stated("listed"))
    assert (decided.duty, "Điều 4.1.c" in decided.why) == ("must", True)


def test_dieu_4_khoan_1_diem_d_other_papers_are_digitised_on_request() -> None:
    decided = duty("TKKS")
    assert (decided.duty, "Điều 4.1.d" in decided.why) == ("on_request", True)


def test_dieu_4_khoan_1_originals_and_signed_copies_are_taken_as_they_come(
    filed: dict[str, Record],
) -> None:
    scanned, arrived = filed["SCAN_0001.jpg"], filed["quyet-dinh-da-ky-so.pdf"]
    assert scanned.pdf != scanned.original
    # An e-copy from the register or certified from the original came signed: not a byte is changed.
    assert arrived.pdf == arrived.original
    assert arrived.duty != "must_not"
    assert filed["IMG_20261107_101522.jpg"].original_media_type == "image/jpeg"


def test_dieu_4_khoan_2_opinions_given_on_the_case_are_digitised() -> None:
    decided = duty("CV", LATER)
    assert (decided.duty, "Điều 4.2" in decided.why) == ("must", True)
    before = {**LATER, "issue_date": f"{DOSSIER.received_at:%Y-%m}-04"}
    assert duty("CV", before).case == "component"


def test_dieu_4_khoan_3_results_still_valid_are_digitised(filed: dict[str, Record]) -> None:
    results = [item for item in filed.values() if item.links[0].role.value == "result"]
    assert len(results) == 5
    assert {(item.duty, item.notes["duty_case"]) for item in results} == {("must", "result")}
    assert all("Điều 4.3" in item.notes["duty_why"] for item in results)


def test_dieu_4_photocopies_and_certified_copies_are_not_digitised_as_originals() -> None:
    assert LAW.duty("copy").duty == "must_not"
    for mark in LAW.copy_marks:
        paper = paper_of([*heading(), line(mark, 80, 500)])
        assert gate.check(paper, LAW).copy_mark is not None, mark


def test_dieu_4_copies_certified_in_electronic_form_are_excepted(
    ran: Ran, filed: dict[str, Record]
) -> None:
    arrived = filed["quyet-dinh-da-ky-so.pdf"]
    assert "objections" not in arrived.notes
    assert EventType.QUARANTINE not in events_of(ran, arrived)


def test_dieu_4_extracts_from_the_register_are_no_copies_of_an_original() -> None:
    extract = CLASSES.find("TLKS")
    assert extract is not None
    title = line("TRÍCH LỤC KHAI SINH", 200, 150)
    own = paper_of([*heading(), title, line("(BẢN SAO)", 250, 175)])
    stamped = paper_of([*heading(), title, line("BẢN SAO", 400, 600)])
    assert objections.is_own_title("BẢN SAO", own, extract)
    assert not objections.is_own_title("BẢN SAO", stamped, extract)


def test_dieu_4_papers_only_to_be_shown_are_not_digitised() -> None:
    assert duty("VB", register=stated("shown")).duty == "must_not"


def test_dieu_4_papers_whose_data_is_shared_already_are_not_digitised() -> None:
    assert duty("VB", register=stated("shared")).duty == "must_not"


@pytest.mark.parametrize("mark", ["MẬT", "TỐI MẬT", "TUYỆT MẬT"])
def test_dieu_4_secret_papers_are_not_digitised(mark: str) -> None:
    paper = paper_of([line(mark, 80, 60), *heading()])
    assert gate.check(paper, LAW).secret_mark == mark
    assert LAW.duty("secret").duty == "must_not"


# Điều 7: the four steps


def test_dieu_7_copied_then_extracted_then_coded_then_stored(
    ran: Ran, filed: dict[str, Record]
) -> None:
    record = filed["giay-khai-sinh.pdf"]
    happened = events_of(ran, record)
    steps = [EventType.NORMALIZATION, EventType.METADATA_EXTRACTION, EventType.INGESTION]
    places = [happened.index(step) for step in steps]
    assert places == sorted(places)
    assert record.digitisation_code


# Điều 8: copying


def test_dieu_8_each_paper_is_its_own_copy() -> None:
    pages = batch("cppcp")
    cut = apply(plan(pages, RULES), pages)
    assert [[page.number for page in paper.pages] for paper in cut] == [[2, 3], [5]]


def test_dieu_8_the_person_who_copied_signs_before_anything_is_extracted(
    small: SmallStation,
) -> None:
    small.set(signing={"personal": "required"})
    small.drop("H26.99-261111-0005/thong-bao-136.pdf")
    (ending,) = small.run()
    assert ending.state is SubmissionState.AWAITING_PERSONAL_SIGNATURE
    with small.archive() as archive:
        happened = [event.type for event in archive.events.events(ending.submission_id)]
    assert EventType.NORMALIZATION in happened
    assert EventType.METADATA_EXTRACTION not in happened


def test_dieu_8_name_and_time_of_copying_stand_top_left_on_page_one() -> None:
    assert LAW.personal_block.corner == "top left"
    assert "TT 01/2023/TT-VPCP Điều 8" in LAW.personal_block.source


def test_dieu_8_originals_and_copies_are_counted() -> None:
    pages = batch("pp")
    stated = Cover(dossier_code=COVER.dossier_code, pages=3)
    paper = Paper(number=1, pages=pages, reason="", cover=stated)
    doubt = count_doubt(paper)
    assert doubt is not None
    assert doubt.code == "page_count_differs"
    assert count_doubt(replace(paper, cover=replace(stated, pages=2))) is None


def test_dieu_8_the_whole_paper_is_copied_page_for_page_in_order(
    ran: Ran, filed: dict[str, Record]
) -> None:
    with ran.archive() as archive:
        for name, record in filed.items():
            with pikepdf.open(archive.objects.path(record.pdf.sha256)) as pdf:
                assert len(pdf.pages) == record.page_count, name
            assert [page.number for page in record.pages] == list(range(1, record.page_count + 1))
    longest = filed["hop-dong-chuyen-nhuong.tif"]
    assert longest.page_count > 1
    assert "HỢP ĐỒNG" in longest.pages[0].text
    assert "HỢP ĐỒNG CHUYỂN NHƯỢNG" not in longest.pages[-1].text.partition("\n")[0]


def test_dieu_8_a_page_with_a_note_attached_is_kept_twice() -> None:
    text = [line(f"dòng chữ thứ {row} của trang", 80, 200 + 20 * row) for row in range(8)]
    noted = page_of([*text, line("ghi chú dán trên trang", 300, 90)])
    pages = (replace(noted, number=1), replace(page_of(text), number=2))
    (paper,) = apply(plan(pages, CutRules(key=bytes(32))), pages)
    assert [page.number for page in paper.pages] == [1, 2]


def test_dieu_8_the_copy_shows_the_very_picture_that_was_scanned(
    ran: Ran, filed: dict[str, Record]
) -> None:
    record = filed["SCAN_0001.jpg"]
    scanned = samples_of(ran)["SCAN_0001.jpg"].read_bytes()
    with ran.archive() as archive, pikepdf.open(archive.objects.path(record.pdf.sha256)) as pdf:
        drawn = pdf.pages[0].Resources.XObject.values()
        pictures = [item.read_raw_bytes() for item in drawn if item.Subtype == "/Image"]
    assert scanned in pictures


def test_dieu_8_nothing_is_changed_on_the_way(ran: Ran, filed: dict[str, Record]) -> None:
    samples = samples_of(ran)
    with ran.archive() as archive:
        for name, record in filed.items():
            digest = hashlib.sha256(samples[name].read_bytes()).hexdigest()
            assert record.original.sha256 == digest
            assert archive.objects.verify(digest)


def coarse(dpi: float) -> RecognizedPage:
    return replace(page_of([*heading()]), dpi=dpi)


def test_dieu_8_technical_parameters_are_held() -> None:
    chart, letter = CLASSES.find("TLBD"), CLASSES.find("CV")
    assert chart is not None
    assert letter is not None
    paper = Paper(number=1, pages=(coarse(200.0),), reason="")
    assert objections.coarse_pages(paper, chart, LAW.minimum_dpi) == (1,)
    assert objections.coarse_pages(paper, letter, LAW.minimum_dpi) == ()
    sharp = Paper(number=1, pages=(coarse(300.0),), reason="")
    assert objections.coarse_pages(sharp, chart, LAW.minimum_dpi) == ()
    assert gate.check(replace(paper, pages=(coarse(150.0),)), LAW).warnings


# Điều 9: extracting


def shown_fields(ran: Ran) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each record that `hoso show --json` shows of the dossiers, with each of its fields."""
    for folder in sorted(path.name for path in SAMPLES.iterdir()):
        shown = hoso_json("show", folder, "--station", ran.station.root)
        for record in shown["records"]:
            for field in record["fields"]:
                yield record, field


def test_dieu_9_what_was_recognised_is_shown_with_its_place_and_certainty(ran: Ran) -> None:
    seen = list(shown_fields(ran))
    assert len(seen) > 60
    for record, field in seen:
        assert field["source"] in SOURCES
        assert field["value"]
        assert 0 <= field["confidence"] <= 1
        assert 1 <= field["page"] <= len(record["pages"])
        left, top, right, bottom = field["box"]
        assert 0 <= left < right
        assert 0 <= top < bottom


def test_dieu_9_what_recognition_cannot_read_is_keyed_in_by_staff() -> None:
    paper = paper_of(heading())
    keyed = answers.with_fields(
        Description(fields=()), paper, Answer(fields={"number": "215", "holder": "THỬ NGHIỆM"})
    )
    assert {(item.name, item.value, item.source) for item in keyed.fields} == {
        ("number", "215", "person"),
        ("holder", "THỬ NGHIỆM", "person"),
    }


def test_dieu_9_what_is_extracted_is_what_the_paper_says(
    ran: Ran, filed: dict[str, Record]
) -> None:
    held = ("number", "issue_date", "personal_number")
    wrong, samples = [], samples_of(ran)
    for name, record in filed.items():
        if record.pdf == record.original:
            continue  # it came signed, and was not digitised here
        source = samples[name]
        truth = ran.truth(f"{source.parent.name}/{source.name}")["fields"]
        said = {item.name: item.value for item in record.fields}
        wrong += [
            (name, key, said[key], truth[key])
            for key in held
            if key in said and key in truth and said[key] != truth[key]
        ]
    assert wrong == []


@pytest.mark.parametrize(
    ("point", "name"),
    [
        ("b", "personal_number"),
        ("b_khi_khong_co_ma", "holder"),
        ("so", "number"),
        ("ky_hieu", "notation"),
        ("ngay_cap", "issue_date"),
        ("co_quan_cap", "issuing_body"),
        ("trich_yeu", "subject"),
    ],
)
def test_dieu_9_khoan_2_the_fields_of_every_paper_are_extracted(
    filed: dict[str, Record], point: str, name: str
) -> None:
    have = [record for record in filed.values() if any(item.name == name for item in record.fields)]
    assert have, point


@pytest.mark.parametrize("name", ["expiry_date", "scope"])
def test_dieu_9_khoan_2_validity_and_scope_are_extracted_where_a_paper_states_them(
    name: str,
) -> None:
    assert name in {rule.name for rule in load_field_rules().rules}


def test_dieu_9_khoan_2_diem_a_and_c_every_paper_has_its_class_and_name(
    filed: dict[str, Record],
) -> None:
    for record in filed.values():
        kind = CLASSES.find(record.class_code)
        assert kind is not None
        assert record.class_name == kind.name
        assert record.title


# Điều 10: the code of the result


def test_dieu_10_an_owner_without_a_number_leaves_its_part_empty(filed: dict[str, Record]) -> None:
    for record in filed.values():
        owner, kind, _ = (record.digitisation_code or "").split(".", 2)
        assert kind == record.class_code
        numbers = {
            item.value
            for item in record.fields
            if item.name in ("personal_number", "business_code")
        }
        assert (owner in numbers) if numbers else owner == ""


def test_dieu_10_each_digitised_paper_has_a_code_of_its_own(filed: dict[str, Record]) -> None:
    codes = [record.digitisation_code for record in filed.values()]
    assert len(set(codes)) == len(codes)
