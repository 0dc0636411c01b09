"""Which dossier codes of a paper are its own, and which only stand in its text."""

from __future__ import annotations

import pytest

from digitize.describe import describe
from digitize.dossier_codes import dossier_codes
from digitize.model import Barcode, Line, Paper
from digitize.ocr import make_line
from tests.digitize.workbench import heading, line, page_of, paper_of

CODE = "H26.99-261105-0001"
OTHER = "H26.99-261106-0002"


def _coded(*lines: Line, codes: tuple[str, ...] = ()) -> Paper:
    barcodes = tuple(Barcode(text=text, box=(70, 20, 140, 90)) for text in codes)
    page = page_of(lines, barcodes=barcodes)
    return Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")


def _names(*lines: Line) -> list[str]:
    return [field.name for field in dossier_codes(_coded(*lines))]


@pytest.mark.parametrize(
    "text",
    [
        f"Mã hồ sơ: {CODE}", f"Mã số hồ sơ: {CODE}", f"Mã HS: {CODE}", f"Số hồ sơ: {CODE}",
        f"Hồ sơ số: {CODE}", f"MÃ HỒ SƠ {CODE}", f"Ma ho so: {CODE} - Số phiếu: 26.10229",
        f"(Mã hồ sơ: {CODE})", f"Số phiếu: 26.10229 - Mã hồ sơ: {CODE}",
        f"Mã hồ sơ: {CODE} - Trung tâm PVHCC xã Thử Nghiệm",
        f"Số hồ sơ: {CODE} Ngày tiếp nhận: 05/11/2026", f"Mã hồ sơ : {CODE}.",
    ],
)  # fmt: skip
def test_a_labelled_code_says_so(text: str) -> None:
    (found,) = dossier_codes(_coded(line(text, 70, 100)))
    assert (found.name, found.value, found.page) == ("dossier_code_label", CODE, 1)


@pytest.mark.parametrize(
    "text",
    [
        f"Giấy tờ gốc đã lưu tại hồ sơ {CODE}, không phải nộp lại.",
        f"Giấy tờ gốc đã lưu tại hồ sơ số {CODE}.",
        f"Căn cứ hồ sơ số {CODE} của ông THỬ NGHIỆM",
        f"hồ sơ số {CODE}.",
        f"mã hồ sơ {CODE}.",
        f"Hồ sơ số {CODE}, không phải nộp lại.",
        f"Hồ sơ số {CODE} đã được giải quyết ngày 05/11/2026.",
        f"theo Giấy tiếp nhận, mã hồ sơ {CODE}",
        f"theo văn bản về {CODE}",
        f"Mã hồ sơ gốc: {CODE}",
        CODE,
    ],
)
def test_a_code_in_the_text_is_cited(text: str) -> None:
    assert _names(line(text, 70, 300)) == ["dossier_code"]


def test_a_label_may_stand_in_the_cell_before_or_above() -> None:
    assert _names(line("Mã hồ sơ:", 70, 100), line(CODE, 70, 112)) == ["dossier_code_label"]
    assert _names(line("Nơi nhận:", 70, 100), line(CODE, 70, 112)) == ["dossier_code"]
    assert _names(line("Mã hồ sơ:", 70, 100), line(CODE, 70, 400)) == ["dossier_code"]
    assert _names(line("Mã hồ sơ:", 70, 100), line(f"về {CODE}", 70, 112)) == ["dossier_code"]


def test_codes_come_with_their_place_the_surest_first() -> None:
    found = dossier_codes(
        _coded(
            line(f"theo văn bản về {OTHER}", 70, 300),
            line(f"Mã hồ sơ: {CODE}", 70, 100),
            codes=(f"https://dvc.example/tra-cuu?ma={CODE}&k=1", "rác", ""),
        )
    )
    assert [(item.name, item.value) for item in found] == [
        ("dossier_code_qr", CODE),
        ("dossier_code_label", CODE),
        ("dossier_code", OTHER),
    ]
    assert all(0 < item.confidence <= 1 for item in found)
    assert found[0].box == (70, 20, 140, 90)


def test_codes_on_later_pages_are_seen_with_their_page() -> None:
    paper = paper_of(heading(), [line(f"Mã hồ sơ: {CODE}", 70, 100)])
    assert [(item.page, item.value) for item in describe(paper).fields if "code" in item.name] == [
        (2, CODE)
    ]


@pytest.mark.parametrize(
    "payload",
    [
        f"{CODE}|1.001193|000012345678|Giấy khai sinh|Cổng DVC|20261105|20261106",
        f"https://dvc.example/tra-cuu?ma={CODE}&k=1",
        f"https%3A%2F%2Fdvc.example%2F%3Fma%3D{CODE}%26k%3D1",
        CODE.replace("-", "%2D"),
        f'{{"maHoSo":"{CODE}","maTTHC":"1.001193"}}',
        f"{CODE}-KQ(1)",
        f"\ufeff{CODE}\r\n",
    ],
)
def test_a_code_is_found_in_whatever_a_qr_code_says(payload: str) -> None:
    (found,) = dossier_codes(_coded(codes=(payload,)))
    assert (found.name, found.value, found.source) == ("dossier_code_qr", CODE, "qr")


@pytest.mark.parametrize(
    "payload",
    [
        "\0" * 100, "H26.99-261305-0001", "a" * 4000, "{'ma': null}", "H26.99-261105-00012345",
        "HO6.99-261105-0001", "H26.99-26l105-0001", "%", "%ZZ", "%2", "H64.99-261105-0001",
    ],
)  # fmt: skip
def test_hostile_payloads_of_a_qr_code_are_no_code(payload: str) -> None:
    assert dossier_codes(_coded(codes=(payload,))) == ()


@pytest.mark.parametrize(("room", "found"), [(0.5, ["dossier_code_label"]), (1.2, [])])
def test_a_code_in_pieces_with_room_for_a_sign_between_is_none(
    room: float, found: list[str]
) -> None:
    label = line("Mã hồ sơ:", 70, 300, 10)
    head = line("H57.", label.box[2] + 4, 300, 10)
    sign = 5.0
    rest = line("32-251016-8209", head.box[2] + room * sign, 300, 10)
    whole = make_line([*label.words, *head.words, *rest.words])
    assert _names(whole) == found


def test_a_number_beside_a_whole_code_takes_nothing_from_it() -> None:
    code = line(f"Theo hồ sơ {CODE}", 70, 300, 10)
    number = line("05/11/2026", code.box[2] + 8, 300, 10)
    whole = make_line([*code.words, *number.words])
    assert _names(whole) == ["dossier_code"]
