"""Fields read from their places; what is unsure is missing, never wrong."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from digitize.describe import describe
from digitize.model import Description, Line
from digitize.ocr import make_line, normalise
from tests.digitize.workbench import centred, heading, line, paper_of

CODE = "H26.99-261105-0001"


def _read(*lines: Line) -> Description:
    return describe(paper_of(lines))


def _unsure(item: Line, confidence: float = 0.3) -> Line:
    words = [replace(word, confidence=confidence) for word in item.words]
    return make_line(words)


@pytest.mark.parametrize(
    ("text", "number", "notation"),
    [
        ("Số: 742/QĐ-UBND", "742", "QĐ-UBND"),
        ("Số: 58/GPXD", "58", "GPXD"),
        ("Số 12/TB-UBND", "12", "TB-UBND"),
        ("Số:1204/TN-TTPVHCC", "1204", "TN-TTPVHCC"),
        ("Số : 128/2025/QĐ-UBND", "128", "2025/QĐ-UBND"),
        ("Số: 05a/TTr-SNV", "05a", "TTr-SNV"),
        ("Số: 12/QĐ – UBND", "12", "QĐ-UBND"),
        ("Số: 12 / QĐ-UBND", "12", "QĐ-UBND"),
        ("SỐ: 12/BC-UBND", "12", "BC-UBND"),
        ("| Số: 12/TB-KT.", "12", "TB-KT"),
        ("Số: 412/CNTN-ĐKCG", "412", "CNTN-ĐKCG"),
        ("Số: 1747/UBND-NC&PT", "1747", "UBND-NC&PT"),
        ("So: 12/TB-UBND", "12", "TB-UBND"),
        ("Số:      /QĐ-UBND", None, "QĐ-UBND"),
        ("Số: ...../QĐ-UBND", None, "QĐ-UBND"),
        ("Số: 12", None, None),
        ("Số: 12/", None, None),
        ("Số: 12/2026", None, None),
        ("Số: 05/11/2026", None, None),
        ("Số điện thoại: 0000 000 000", None, None),
        ("Số: 123456/QĐ-UBND", None, None),
        ("Căn cứ Số: 12/TB-UBND ngày 05 tháng 11", None, None),
        ("Số: 12/abc-def", None, None),
    ],
)
def test_number_and_notation(text: str, number: str | None, notation: str | None) -> None:
    found = _read(*heading(text))
    assert found.value("number") == number
    assert found.value("notation") == notation


def test_a_number_that_was_read_unsurely_is_missing_and_the_notation_is_kept() -> None:
    """Handwritten numbers read wrongly more often than not; the printed symbol reads well."""
    found = _read(*heading(), _unsure(line("Số: 742/QĐ-UBND", 70, 100, 10)))
    assert found.value("number") is None
    assert found.value("notation") == "QĐ-UBND"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Số: l2/TB-UBND", "12"),
        ("Số: O5/TB-UBND", "05"),
        ("Số: 1O4/TB-UBND", "104"),
        ("Số: 7]/TB-UBND", "71"),
        ("Số: 4S/TB-UBND", "45"),
        ("Số: 12B/TB-UBND", "12B"),
        ("Số: 05a/TB-UBND", "05a"),
        ("Số: OO/TB-UBND", None),
        ("Số: BIS/TB-UBND", None),
    ],
)
def test_letters_read_for_digits_are_undone_beside_digits_only(
    text: str, number: str | None
) -> None:
    assert _read(*heading(text)).value("number") == number


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Thử Nghiệm, ngày O5 tháng 1l năm 2O26", "2026-11-05"),
        ("Thử Nghiệm, ngày ]5 tháng 11 năm 2026", "2026-11-15"),
        ("Thử Nghiệm, ngày 05 tháng I1 năm 202S", "2025-11-05"),
        ("Thử Nghiệm, ngày lO tháng 11 năm 2026", None),
        ("Thử Nghiệm, ngày 05 tháng so năm 2026", None),
        ("Thử Nghiệm, ngày 05 tháng 11 năm lOSB", None),
        ("Thử Nghiệm, ngày 3I tháng 04 năm 2026", None),
    ],
)
def test_dates_with_letters_for_digits_are_possible_days_or_missing(
    text: str, date: str | None
) -> None:
    assert _read(*heading("Số: 12/TB-UBND", text)).value("issue_date") == date


def test_what_was_read_stays_beside_a_repaired_value() -> None:
    place_date = "Thử Nghiệm, ngày O5 tháng 11 năm 2026"
    code = line("Mã hồ sơ: H26.99-26l105-0001", 70, 300)
    found = {
        field.name: field for field in _read(*heading("Số: l2/TB-UBND", place_date), code).fields
    }
    assert (found["number"].value, found["number"].read) == ("12", "l2")
    assert found["issue_date"].read == place_date
    assert found["dossier_code_label"].value == CODE
    assert found["dossier_code_label"].read == "H26.99-26l105-0001"
    assert found["issuing_body"].read == ""


def test_the_line_as_read_stays_beside_a_value_of_repaired_words() -> None:
    written = line("Họ và tên: NGUYỄN VĂN THỬ", 80, 300)
    words = [
        replace(word, read="NGUYÊN") if word.text == "NGUYỄN" else word for word in written.words
    ]
    (holder,) = _read(*heading(), make_line(words)).fields[-1:]
    assert (holder.value, holder.read) == ("NGUYỄN VĂN THỬ", "Họ và tên: NGUYÊN VĂN THỬ")


def test_a_number_below_the_head_is_cited() -> None:
    assert _read(*heading(), line("Số: 742/QĐ-UBND", 80, 420)).value("number") is None


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Thử Nghiệm, ngày 05 tháng 11 năm 2026", "2026-11-05"),
        ("Thử Nghiệm, ngày 5 tháng 1 năm 2026", "2026-01-05"),
        ("Thử Nghiệm, ngày05 tháng11 năm2026", "2026-11-05"),
        ("THỬ NGHIỆM, NGÀY 05 THÁNG 11 NĂM 2026", "2026-11-05"),
        ("Thử Nghiệm, ngay 05 thang 11 nam 2026", "2026-11-05"),
        ("Thử Nghiệm, ngày 29 tháng 02 năm 2024", "2024-02-29"),
        ("Thử Nghiệm, ngày 29 tháng 02 năm 2026", None),
        ("Thử Nghiệm, ngày 31 tháng 04 năm 2026", None),
        ("Thử Nghiệm, ngày 00 tháng 11 năm 2026", None),
        ("Thử Nghiệm, ngày 05 tháng 13 năm 2026", None),
        ("Thử Nghiệm, ngày 05 tháng 11 năm 0026", None),
        ("Thử Nghiệm, ngày 05 tháng 11 năm 9999", None),
        ("Thử Nghiệm, ngày ... tháng 11 năm 2026", None),
        ("Thử Nghiệm, ngày 05 tháng 11 năm 20261", None),
        ("Thử Nghiệm, ngày 105 tháng 11 năm 2026", None),
    ],
)
def test_dates_are_possible_days_or_missing(text: str, date: str | None) -> None:
    assert _read(*heading("Số: 12/TB-UBND", text)).value("issue_date") == date


def test_a_date_that_was_read_unsurely_is_missing() -> None:
    unsure = _unsure(line("Thử Nghiệm, ngày 05 tháng 11 năm 2026", 330, 100, 10))
    assert _read(*heading("Số: 12/TB-UBND"), unsure).value("issue_date") is None


def test_the_date_of_a_form_stands_at_its_end_on_the_right() -> None:
    end = line("Thử Nghiệm, ngày 05 tháng 11 năm 2026", 330, 640)
    birth = line("Sinh ngày 01 tháng 02 năm 1990 tại thôn Mẫu 1, xã Thử Nghiệm", 80, 300)
    assert _read(*heading(), birth, end).value("issue_date") == "2026-11-05"
    assert _read(*heading(), birth).value("issue_date") is None


@pytest.mark.parametrize("top", [20.0, 60.0])
def test_the_date_in_a_stamp_of_arrival_is_not_the_date_of_the_paper(top: float) -> None:
    """NĐ 30/2020/NĐ-CP Art. 22: the ĐẾN stamp bears the day of arrival."""
    stamp = [
        line("ĐẾN", 450, top, 10),
        line("Số: 88", 440, top + 13, 10),
        line("ngày 13 tháng 11 năm 2026", 420, top + 26, 10),
    ]
    own = line("Thử Nghiệm, ngày 05 tháng 11 năm 2026", 330, 130, 10)
    assert _read(*heading(), *stamp, own).value("issue_date") == "2026-11-05"
    assert _read(*heading(), *stamp).value("issue_date") is None
    assert _read(*heading(), *stamp).value("number") is None


def test_the_issuing_body_is_what_stands_at_the_upper_left() -> None:
    found = _read(*heading("Số: 12/TB-UBND"))
    assert found.value("issuing_body") == "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"
    assert _read(line("Kính gửi: ai đó", 70, 60)).value("issuing_body") is None


def test_a_stamped_code_is_no_issuing_body() -> None:
    label = line(f"MÃ HỒ SƠ: {CODE}", 70, 40, 10)
    assert _read(label).value("issuing_body") is None


def test_the_subject_runs_over_its_lines() -> None:
    lines = [
        line("V/v xác định nghĩa vụ tài chính", 70, 114, 10),
        line("hồ sơ đăng ký biến động", 75, 126, 10),
        line("Kính gửi: Thuế cơ sở Thử Nghiệm", 180, 180),
    ]
    found = _read(*heading("Số: 412/CNTN-ĐKCG"), *lines)
    assert found.value("subject") == "V/v xác định nghĩa vụ tài chính hồ sơ đăng ký biến động"
    assert _read(centred("Về việc kiểm tra thực địa", 170)).value("subject") == (
        "Về việc kiểm tra thực địa"
    )
    assert _read(line("Về việc này, Ủy ban đã có văn bản", 80, 500)).value("subject") is None


@pytest.mark.parametrize(
    ("lines", "holder"),
    [
        (["Họ và tên: NGUYỄN THỬ NGHIỆM A"], "NGUYỄN THỬ NGHIỆM A"),
        (["Chủ đầu tư: HỒ THỬ NGHIỆM Y."], "HỒ THỬ NGHIỆM Y"),
        (["Tiếp nhận hồ sơ của ông/bà: PHẠM THỬ NGHIỆM K"], "PHẠM THỬ NGHIỆM K"),
        (["Họ, chữ đệm, tên: NGUYỄN THỬ NGHIỆM BÉ"], "NGUYỄN THỬ NGHIỆM BÉ"),
        (
            [
                "Họ, chữ đệm, tên người mẹ: TRẦN THỊ THỬ NGHIỆM B",
                "Họ, chữ đệm, tên: NGUYỄN THỬ NGHIỆM BÉ",
            ],
            "NGUYỄN THỬ NGHIỆM BÉ",
        ),
        (["Họ, chữ đệm, tên người mẹ: TRẦN THỊ THỬ NGHIỆM B"], None),
        (["Họ và tên cha: TRẦN THỬ NGHIỆM C"], None),
        (["Họ và tên người nộp: HỒ THỬ NGHIỆM Y"], "HỒ THỬ NGHIỆM Y"),
        (
            [
                "Họ, chữ đệm, tên người yêu cầu: TRẦN THỬ NGHIỆM C",
                "Họ, chữ đệm, tên: LÊ THỬ NGHIỆM D",
            ],
            "LÊ THỬ NGHIỆM D",
        ),
        (["Tên hộ kinh doanh: BÚN MẪU", "Chủ hộ kinh doanh: VÕ THỬ NGHIỆM N"], "VÕ THỬ NGHIỆM N"),
        (["- Tên chủ đầu tư (tên chủ hộ): HỒ THỬ NGHIỆM Y"], "HỒ THỬ NGHIỆM Y"),
        (["Họ và tên:"], None),
        (["Họ và tên: ........"], None),
        (["Họ và tên: 000190000011"], None),
        (["Họ và tên NGUYỄN THỬ NGHIỆM A"], None),
    ],
)
def test_the_holder_is_the_person_the_paper_is_about(lines: list[str], holder: str | None) -> None:
    placed = [line(text, 80, 300 + 20 * index) for index, text in enumerate(lines)]
    assert _read(*heading(), *placed).value("holder") == holder


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Tiếp nhận hồ sơ của: PHẠM", "THỬ NGHIỆM K."),
        ("Tiếp nhận hồ sơ của:", "PHẠM THỬ NGHIỆM K."),
    ],
)
def test_a_name_that_is_broken_at_the_end_of_a_line_is_whole(first: str, second: str) -> None:
    first = "Trung tâm Phục vụ hành chính công xã Thử Nghiệm. " + first
    lines = [line(first, 60, 300, 13), line(second, 60, 320), line("Địa chỉ: thôn Mẫu 1", 60, 340)]
    assert _read(*heading(), *lines).value("holder") == "PHẠM THỬ NGHIỆM K"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Số định danh cá nhân: 000190000011", "000190000011"),
        ("Số định danh cá nhân: 0001900000112", None),
        ("Số định danh cá nhân: 00019000001", None),
        ("Số định danh cá nhân: 000 190 000 011", None),
        ("Số định danh cá nhân: 0000O1234S67", "000001234567"),
        ("Số định danh cá nhân: OOOOO1234S67", None),
        ("Mã: 1234567890lI", None),
    ],
)
def test_personal_numbers_have_twelve_digits(text: str, number: str | None) -> None:
    assert _read(line(text, 80, 300)).value("personal_number") == number
    assert _read(_unsure(line(text, 80, 300))).value("personal_number") is None


def test_decomposed_text_reads_alike() -> None:
    """Words are NFC by the time they get here; what makes them so is `normalise`."""
    texts = [
        "Số: 742/QĐ-UBND",
        "Thử Nghiệm, ngày 05 tháng 11 năm 2026",
        "Họ và tên: NGUYỄN THỬ NGHIỆM A",
    ]
    composed = [
        line(text, 330 if "ngày" in text else 70, 100 + 40 * i) for i, text in enumerate(texts)
    ]
    decomposed = [
        make_line(
            [
                replace(word, text=normalise(unicodedata.normalize("NFD", word.text)))
                for word in item.words
            ]
        )
        for item in composed
    ]
    assert describe(paper_of(decomposed)) == describe(paper_of(composed))
    found = describe(paper_of(decomposed))
    assert found.value("issue_date") == "2026-11-05"
    assert found.value("notation") == "QĐ-UBND"


def test_every_value_tells_where_it_stands() -> None:
    found = _read(*heading("Số: 742/QĐ-UBND", "Thử Nghiệm, ngày 05 tháng 11 năm 2026"))
    for field in found.fields:
        left, top, right, bottom = field.box
        assert 0 <= left < right <= 595
        assert 0 <= top < bottom <= 842
        assert field.page == 1
    names = [field.name for field in found.fields]
    assert len(names) == len(set(names))


def test_an_empty_page_says_nothing() -> None:
    assert _read().fields == ()
    assert _read().value("number") is None
