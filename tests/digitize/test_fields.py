"""Fields of each kind of paper, read from its form; what contradicts itself is missing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from config.fields import FieldKind, load_field_rules
from config.vocabulary import load_classes
from digitize.describe import describe
from digitize.fields import complete
from digitize.model import Barcode, Description, Line, Mark, MarkKind, Paper
from digitize.ocr import make_line
from tests.digitize.workbench import centred, heading, line, page_of, paper_of

RULES = load_field_rules()
SCANNED = dt.date(2026, 11, 20)
MOTHER = "Họ, chữ đệm, tên người mẹ: TRẦN THỊ THỬ NGHIỆM B"


def _rows(texts: Sequence[str], left: float = 80, top: float = 300) -> list[Line]:
    return [line(text, left, top + 20 * at, 10) for at, text in enumerate(texts)]


def _read(code: str, texts: Sequence[str], *others: Line, **changes: object) -> Description:
    page = page_of([*heading(), *_rows(texts), *others], **changes)
    paper = Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")
    return complete(describe(paper), paper, code, RULES, SCANNED)


def _with_confidence(item: Line, text: str, confidence: float) -> Line:
    words = [
        replace(word, confidence=confidence) if word.text == text else word for word in item.words
    ]
    return make_line(words)


def test_the_rules_are_of_known_classes_and_have_labels() -> None:
    known = {item.code for item in load_classes().items}
    for rule in RULES.rules:
        assert set(rule.classes) <= known, rule.name
        assert rule.labels
        re.compile(rule.like)
        assert bool(rule.pattern) == (rule.kind is FieldKind.PATTERN), rule.name
        persons = {other.name for code in rule.classes for other in RULES.of_class(code)}
        assert not rule.of or rule.of in persons, rule.name


BIRTH = (
    "Họ, chữ đệm, tên: NGUYỄN THỬ NGHIỆM BÉ",
    "Ngày, tháng, năm sinh: 21/10/2026",
    "Ghi bằng chữ: ngày hai mươi mốt tháng mười năm hai nghìn không trăm hai mươi sáu",
    "Giới tính: Nữ Dân tộc: Kinh Quốc tịch: Việt Nam",
    "Số định danh cá nhân: 000326000033",
    MOTHER,
    "Năm sinh: 1995 Số định danh cá nhân: 000195000022",
    "Nơi đăng ký khai sinh: Ủy ban nhân dân xã Thử Nghiệm",
    "Ngày, tháng, năm đăng ký: 06/11/2026",
)


def test_a_birth_certificate() -> None:
    found = _read("GKS", BIRTH, line("Số: 215/2026", 70, 100, 10))
    said = {field.name: field.value for field in found.fields}
    assert said == {
        "number": "215/2026",
        "issuing_body": "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM",
        "holder": "NGUYỄN THỬ NGHIỆM BÉ",
        "birth_date": "2026-10-21",
        "personal_number": "000326000033",
        "mother": "TRẦN THỊ THỬ NGHIỆM B",
        "registration_place": "Ủy ban nhân dân xã Thử Nghiệm",
        "registration_date": "2026-11-06",
    }
    assert found.doubts == ()


def test_every_value_has_the_box_of_its_own_words() -> None:
    found = {field.name: field for field in _read("GKS", BIRTH).fields}
    label_end = line("Họ, chữ đệm, tên:", 80, 300, 10).box[2]
    assert found["holder"].box[0] > label_end
    assert found["holder"].box[1] == 300
    assert found["birth_date"].box[3] == 330


def test_the_number_of_another_person_is_not_the_holders() -> None:
    blank = [*BIRTH[:4], "Số định danh cá nhân: ............", *BIRTH[5:]]
    found = _read("GKS", blank)
    assert found.value("personal_number") is None
    assert found.value("holder") == "NGUYỄN THỬ NGHIỆM BÉ"


def test_a_blank_name_is_not_filled_from_the_next_person() -> None:
    found = _read("GKS", ["Họ, chữ đệm, tên: ..........", MOTHER])
    assert found.value("holder") is None
    assert found.value("mother") == "TRẦN THỊ THỬ NGHIỆM B"


@pytest.mark.parametrize(
    "words",
    [
        "ngày hai mươi hai tháng mười năm hai nghìn không trăm hai mươi sáu",
        "ngày hai mươi mốt thắng mừơi nam hsi nghìn",
    ],
)
def test_digits_that_the_words_do_not_say_are_missing(words: str) -> None:
    found = _read("GKS", [*BIRTH[:2], f"Ghi bằng chữ: {words}", *BIRTH[3:]])
    assert found.value("birth_date") is None
    assert found.value("holder") == "NGUYỄN THỬ NGHIỆM BÉ"


def test_a_birth_that_the_number_does_not_say_is_missing_with_it_and_told() -> None:
    changed = [row.replace("000326000033", "000325000033") for row in BIRTH]
    found = _read("GKS", changed)
    assert found.value("birth_date") is None
    assert found.value("personal_number") is None
    (doubt,) = found.doubts
    assert doubt.code == "birth_differs"
    assert doubt.fields == ("birth_date", "personal_number")


@pytest.mark.parametrize(
    ("born", "registered", "kept"),
    [
        ("21/10/2026", "06/11/2026", True),
        ("21/10/2026", "20/10/2026", False),
        ("21/12/2026", "22/12/2026", False),
    ],
)
def test_days_are_in_their_order_and_not_after_the_scan(
    born: str, registered: str, kept: bool
) -> None:
    rows = [
        "Họ, chữ đệm, tên: NGUYỄN THỬ NGHIỆM BÉ",
        f"Ngày sinh: {born}",
        f"Ngày, tháng, năm đăng ký: {registered}",
    ]
    found = _read("GKS", rows)
    assert (found.value("birth_date") is not None) is kept
    assert (found.value("registration_date") is not None) is kept


def test_both_spouses_in_two_columns() -> None:
    left = _rows(
        ["Họ, chữ đệm, tên chồng: LÊ THỬ NGHIỆM C", "Ngày sinh: 01/02/1990",
         "Số định danh cá nhân: 000090000011"], 40)  # fmt: skip
    right = _rows(
        ["Họ, chữ đệm, tên vợ: MAI THỊ THỬ NGHIỆM D", "Ngày sinh: 03/04/1992",
         "Số định danh cá nhân: 000192000022"], 320, 298)  # fmt: skip
    found = _read("GCNKH", [], *left, *right)
    said = {field.name: field.value for field in found.fields}
    assert said["husband"] == "LÊ THỬ NGHIỆM C"
    assert said["wife"] == "MAI THỊ THỬ NGHIỆM D"
    assert (said["husband_birth_date"], said["wife_birth_date"]) == ("1990-02-01", "1992-04-03")
    assert (said["husband_number"], said["wife_number"]) == ("000090000011", "000192000022")


def test_both_spouses_in_a_table() -> None:
    cells = [
        [("VỢ", 260), ("CHỒNG", 420)],
        [("Họ, chữ đệm, tên", 60), ("MAI THỬ NGHIỆM D", 220), ("LÊ THỬ NGHIỆM C", 400)],
        [("Ngày sinh", 60), ("03/04/1992", 220), ("01/02/1990", 400)],
    ]
    table = [
        line(text, left, 300 + 25 * at, 10) for at, row in enumerate(cells) for text, left in row
    ]
    found = _read("GCNKH", [], *table)
    assert (found.value("wife"), found.value("husband")) == ("MAI THỬ NGHIỆM D", "LÊ THỬ NGHIỆM C")
    assert found.value("wife_birth_date") == "1992-04-03"
    assert found.value("husband_birth_date") == "1990-02-01"


def test_labels_over_their_values() -> None:
    table = [
        line("Họ, chữ đệm, tên", 60, 300, 10),
        line("Ngày sinh", 300, 300, 10),
        line("LÊ THỬ NGHIỆM C", 60, 318, 10),
        line("01/02/1990", 300, 318, 10),
    ]
    found = _read("GKS", [], *table)
    assert found.value("holder") == "LÊ THỬ NGHIỆM C"
    assert found.value("birth_date") == "1990-02-01"


LAND = (
    "1. Người sử dụng đất, chủ sở hữu tài sản gắn liền với đất:",
    "Ông ĐẶNG THỬ NGHIỆM R, số định danh cá nhân 000085000066.",
    "a) Thửa đất số: 118 Tờ bản đồ số: 07",
    "b) Diện tích: 152,4 m2 (một trăm năm mươi hai phẩy bốn mét vuông)",
    "Số phát hành: AA 00000412",
    "Số vào sổ cấp Giấy chứng nhận: CS 000412. Ngày cấp: 20/11/2026.",
)


def test_a_land_certificate() -> None:
    found = _read("GCNQSDD", LAND)
    said = {field.name: field.value for field in found.fields}
    assert said["holder"] == "ĐẶNG THỬ NGHIỆM R"
    assert said["personal_number"] == "000085000066"
    assert (said["parcel"], said["map_sheet"], said["area"]) == ("118", "07", "152,4")
    assert (said["serial"], said["entry_number"]) == ("AA 00000412", "CS 000412")
    assert said["issue_date"] == "2026-11-20"


@pytest.mark.parametrize("serial", ["A 00000412", "AA 00412", "AA 000004123", "AAA 000412", "12"])
def test_what_is_no_serial_is_missing(serial: str) -> None:
    rows = [row if "phát hành" not in row else f"Số phát hành: {serial}" for row in LAND]
    assert _read("GCNQSDD", rows).value("serial") is None


def test_a_number_that_the_form_gives_twice_must_be_the_same() -> None:
    again = ["Thửa đất số: 118", "Thửa đất số: 118"]
    assert _read("GCNQSDD", again).value("parcel") == "118"
    assert _read("GCNQSDD", [again[0], "Thửa đất số: 119"]).value("parcel") is None


@pytest.mark.parametrize(
    ("code", "row", "name", "value"),
    [
        ("HKD", "2. Mã số hộ kinh doanh: 000188000055", "business_code", "000188000055"),
        ("GCNDN", "Mã số doanh nghiệp: 0O12345678", "business_code", "0012345678"),
        ("GCNDN", "Mã số doanh nghiệp: 12345", "business_code", None),
        ("HKD", "1. Tên hộ kinh doanh: BÚN MẪU", "business_name", "BÚN MẪU"),
        ("HKD", "Đăng ký lần đầu, ngày 11 tháng 11 năm 2026", "issue_date", "2026-11-11"),
        ("TTHN", "Giấy này có giá trị 6 tháng kể từ ngày cấp.", "validity", "6 tháng"),
        ("TTHN", "Giấy này được cấp để: Mua bán tài sản", "purpose", "Mua bán tài sản"),
        ("CCCD", "Có giá trị đến / Date of expiry: 19/12/2029", "expiry_date", "2029-12-19"),
        ("CCCD", "Số / No.: 000087066469", "personal_number", "000087066469"),
        ("CCCD", "Số / No.: 003087066469", "personal_number", None),
        ("CMND", "Số: 012345678", "old_number", "012345678"),
        ("GPXD", "1. Cấp cho: ông HỒ THỬ NGHIỆM Y, số định danh", "holder", "HỒ THỬ NGHIỆM Y"),
        ("GKT", "Đã chết vào lúc: 22 giờ 10 phút, ngày 04/02/2025", "death_date", "2025-02-04"),
        ("GUQ", "BÊN ỦY QUYỀN: Ông LÊ THỬ NGHIỆM C, sinh năm 1975", "holder", "LÊ THỬ NGHIỆM C"),
        ("GTN", "Tiếp nhận hồ sơ của: NGUYÊN THỊ THU", "holder", "NGUYỄN THỊ THU"),
    ],
)
def test_values_behind_their_labels(code: str, row: str, name: str, value: str | None) -> None:
    assert _read(code, [row]).value(name) == value


@pytest.mark.parametrize(
    "name",
    [
        "", "........", "LÊ", "LÊ THỬ NGH1ỆM C", "LÊ THỬ |GHIỆM C", "CỘNG HÒA XÃ HỘI", "HỒ SƠ GỐC",
        "Ủy ban nhân dân xã", "000190000011",
        "LÊ A B C D E F G",
    ],
)  # fmt: skip
def test_what_is_no_whole_name_is_missing(name: str) -> None:
    found = _read("TTHN", [f"Họ, chữ đệm, tên: {name}"])
    assert found.value("holder") is None


def test_an_unsure_word_makes_the_name_missing() -> None:
    row = _with_confidence(line("Họ và tên: Mai Thử Nghiệm An", 80, 300, 10), "An", 0.5)
    assert _read("TTHN", [], row).value("holder") is None


def test_a_value_under_the_pen_is_missing() -> None:
    rows = ["Họ, chữ đệm, tên: LÊ THỬ NGHIỆM C", "Ngày sinh: 01/02/1990"]
    box = line(rows[0], 80, 300, 10).box
    pen = Mark(kind=MarkKind.PEN, box=(box[2] - 60, 298, box[2] + 5, 312))
    found = _read("GKS", rows, marks=(pen,))
    assert found.value("holder") is None
    assert found.value("birth_date") == "1990-02-01"


def test_a_name_that_went_on_in_its_narrow_cell_is_whole() -> None:
    cells = [
        line("1. Cấp cho: ĐOÀN THỬ NGHIỆM", 80, 300, 10),
        line("Số định danh cá nhân: 000058296085", 330, 300, 10),
        line("DŨNG", 80, 313, 10),
    ]
    assert _read("GPXD", [], *cells).value("holder") == "ĐOÀN THỬ NGHIỆM DŨNG"


def test_names_are_spelled_as_most_of_the_paper_does() -> None:
    rows = ["Họ, chữ đệm, tên: LÊ VĂN THỨ", "Họ, chữ đệm, tên người cha: LÊ VĂN THỬ"]
    signed = line("Lê Văn Thử", 350, 500, 10)
    found = {field.name: field for field in _read("GKS", rows, signed).fields}
    assert (found["holder"].value, found["holder"].read) == ("LÊ VĂN THỬ", "LÊ VĂN THỨ")
    divided = _read("GKS", [rows[0]], signed)
    assert divided.value("holder") is None


def test_an_issuing_body_is_spelled_as_the_paper_spells_its_place() -> None:
    """Its place is read in capitals once, and elsewhere on the paper in small letters."""

    def body(place: str, dated: str) -> str | None:
        lines = [
            line("ỦY BAN NHÂN DÂN", 70, 60, 10),
            line(f"XÃ {place}", 80, 73, 10),
            line(f"{dated}, ngày 05 tháng 11 năm 2026", 330, 100, 10),
            line(f"Kính gửi: Công an xã {dated}", 180, 160, 10),
        ]
        paper = paper_of(lines)
        found = complete(describe(paper), paper, "CV", RULES, SCANNED)
        return found.value("issuing_body")

    assert body("KIỂM THỬ", "Kiểm Thử") == "ỦY BAN NHÂN DÂN XÃ KIỂM THỬ"
    assert body("KIỀM THỬ", "Kiểm Thử") == "ỦY BAN NHÂN DÂN XÃ KIỂM THỬ"


def test_the_subject_ends_where_the_text_begins() -> None:
    lines = [
        *heading("Số: 12/TB-KT"),
        centred("Về việc kiểm tra thực địa", 160, 10),
        line("Kính gửi: Ông HỒ THỬ NGHIỆM Y", 180, 172, 10),
    ]
    paper = paper_of(lines)
    assert describe(paper).value("subject") == "Về việc kiểm tra thực địa"


def test_a_cards_code_wins_and_says_its_source() -> None:
    payload = "000190000011||Nguyễn Thị Thử Nghiệm A|05061990|Nữ|thôn Mẫu 1|01022022"
    code = Barcode(text=payload, box=(400, 20, 470, 90))
    found = _read("CCCD", ["Số / No.: 000190000017"], barcodes=(code,))
    said = {field.name: field for field in found.fields}
    assert said["personal_number"].value == "000190000011"
    assert said["personal_number"].source == "qr"
    assert [doubt.code for doubt in found.doubts] == ["identity_differs"]


def _signed(*lines: Line, **changes: object) -> Description:
    page = page_of([*heading("Số: 12/TB-UBND"), *lines], **changes)
    paper = Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")
    return complete(describe(paper), paper, "TB", RULES, SCANNED)


def test_the_signatory_stands_below_title_and_signature() -> None:
    found = _signed(
        line("Nơi nhận:", 80, 500, 10),
        line("KT. CHỦ TỊCH", 380, 500, 10),
        line("PHÓ CHỦ TỊCH", 380, 513, 10),
        line("Bùi Thử Nghiệm An", 370, 590, 10),
    )
    assert found.value("signatory") == "Bùi Thử Nghiệm An"
    assert found.value("signatory_title") == "KT. CHỦ TỊCH PHÓ CHỦ TỊCH"


def test_the_signatory_is_known_beside_a_seal_that_covers_the_title() -> None:
    seal = Mark(kind=MarkKind.SEAL, box=(330, 500, 430, 600))
    name = line("Bùi Thử Nghiệm An", 400, 595, 10)
    assert _signed(name, marks=(seal,)).value("signatory") == "Bùi Thử Nghiệm An"
    assert _signed(name).value("signatory") is None
    eaten = (make_line(list(line("Nguyễn ##", 340, 595, 10).words)),)
    assert _signed(name, marks=(seal,), overlay=eaten).value("signatory") is None


def test_who_signs_a_form_is_no_signatory() -> None:
    found = _signed(line("NGƯỜI NỘP HỒ SƠ", 380, 500, 10), line("Bùi Thử Nghiệm An", 370, 590, 10))
    assert found.value("signatory") is None


def test_a_cited_papers_day_is_none_of_this_one() -> None:
    cited = "Căn cứ Giấy khai sinh số 350/2019, đăng ký ngày 22 tháng 3 năm 2022 tại Ủy ban"
    texts = [cited, "Họ, chữ đệm, tên: TRẦN THỬ NGHIỆM AN", "Đã chết vào lúc: ngày 13/08/2025"]
    found = _read("GKT", texts)
    assert found.value("registration_date") is None
    assert found.value("death_date") == "2025-08-13"


def test_the_one_whom_a_letter_of_the_desk_is_sent_to_is_its_holder() -> None:
    rows = ["Kính gửi ông (bà): TRẦN THỬ NGHIỆM AN", "Thiếu bản sao giấy khai sinh."]
    assert _read("PBS", rows).value("holder") == "TRẦN THỬ NGHIỆM AN"
    assert _read("PBS", ["Kính gửi: Ủy ban nhân dân xã Suối Mẫu"]).value("holder") is None


@pytest.mark.parametrize(
    "behind",
    [", Chủ tịch Ủy ban nhân dân xã", " - Giám đốc Sở Tư pháp", ", BÙI THỊ THỬ NGHIỆM BA", ";"],
)
def test_a_letter_to_an_official_or_to_several_has_no_holder(behind: str) -> None:
    row = f"Kính gửi: Ông TRẦN THỬ NGHIỆM AN{behind}"
    assert _read("PXL", [row]).value("holder") is None


def test_who_owes_a_tax_is_its_holder_and_not_who_pays_it() -> None:
    rows = ["Người nộp tiền: LÊ THỊ THỬ NGHIỆM BA", "Người nộp thuế: TRẦN THỬ NGHIỆM AN"]
    assert _read("THUE", rows).value("holder") == "TRẦN THỬ NGHIỆM AN"


def test_a_name_of_which_more_may_lie_under_a_mark_is_missing() -> None:
    text = "Họ và tên: TRẦN THỊ THỬ NGHIỆM"
    name = line(text, 80, 300, 10)
    behind = name.box[2] + 4
    assert _read("LLTP", [text]).value("holder") == "TRẦN THỊ THỬ NGHIỆM"
    assert _read("LLTP", [text], overlay=(line("YY^,", behind, 300, 10),)).value("holder") is None
    assert _read("LLTP", [text], overlay=(line("DUNG", 80, 314, 10),)).value("holder") is None
    stroke = _read("LLTP", [text], overlay=(line("__", behind, 300, 10),))
    assert stroke.value("holder") == "TRẦN THỊ THỬ NGHIỆM"


def test_the_head_of_a_table_is_no_part_of_the_name_above_it() -> None:
    rows = ["Họ và tên: TRẦN THỊ THỬ NGHIỆM MAI Sinh ngày: 05/11/1990", "STT Giấy tờ cần bổ sung"]
    assert _read("LLTP", rows).value("holder") == "TRẦN THỊ THỬ NGHIỆM MAI"


def test_heads_of_a_table_that_leans_are_of_the_person_left_of_them() -> None:
    heads = [
        line("Họ, chữ đệm, tên", 126, 301, 10),
        line("Ngày sinh", 300, 300, 10),
        line("Số định danh cá nhân", 420, 299, 10),
    ]
    values = [
        line("TRẦN THỊ THỬ NGHIỆM AN", 90, 325, 10),
        line("05/11/2012", 300, 324, 10),
        line("000312873030", 425, 323, 10),
    ]
    found = _read("GKS", [], *heads, *values)
    assert found.value("holder") == "TRẦN THỊ THỬ NGHIỆM AN"
    assert found.value("personal_number") == "000312873030"
