"""Which paper it is: every kind from its title, nothing surely from a mere mention."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from digitize.classify import SURE_SCORES, View, classify, is_sure, view
from digitize.describe import describe
from digitize.headings import title_blocks
from digitize.model import Candidate, Classification, Line, Paper
from digitize.opinion import LEAST_PAPERS, Confirmed, Said, learn
from fixtures.blocks import BOLD
from fixtures.typesetting import font_path
from tests.digitize.workbench import (
    CLASSES,
    centred,
    heading,
    line,
    paper_of,
    read_file,
    sheet,
)

TITLES = [
    (item.code, title) for item in CLASSES.items if not item.subjects for title in item.titles
]
# A decision is told from narrower ones by its subject: see below.
by_title = pytest.mark.parametrize(("code", "title"), [pair for pair in TITLES if pair[0] != "QD"])
DATE = "Thử Nghiệm, ngày 05 tháng 11 năm 2026"

# What Tesseract makes of Vietnamese capitals: most often another mark on the same letter.
CONFUSIONS = {
    "Ế": "ÉÊE", "Ấ": "ÁÂA", "Ậ": "ẠÂA", "Ố": "ÓÔO", "Ị": "IĨ", "Đ": "D", "Ể": "ÊẺ", "Ẩ": "ÂẢ",
    "Ự": "ỤƯ", "Ờ": "ƠÒO", "Ợ": "ỌƠ", "O": "0Q", "I": "1Í", "H": "N", "N": "M", "S": "5",
    "B": "8", "G": "C6", "Y": "V", "U": "Ư", "T": "I7",
}  # fmt: skip


def _misread(text: str, rate: float, chance: random.Random) -> str:
    read = []
    for letter in text:
        if letter == " " or chance.random() >= rate:
            read.append(letter)
            continue
        kind = chance.random()
        if kind < 0.7:
            read.append(chance.choice(CONFUSIONS.get(letter, "AEIOUN")))
        elif kind >= 0.85:
            read.append(letter + chance.choice(".|I"))
    return "".join(read)


def _wrapped(title: str, width: int = 42) -> list[str]:
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _titled(title: str, top: float = 150.0) -> list[Line]:
    return [centred(part, top + 18 * index, 14) for index, part in enumerate(_wrapped(title))]


def _classified(paper: Paper) -> Classification:
    return classify(paper, describe(paper), CLASSES)


def _of_title(title: str, *more: Line, number: str = "") -> Classification:
    return _classified(paper_of([*heading(number, DATE), *_titled(title), *more]))


def _best(found: Classification) -> str | None:
    return found.best.code if found.best else None


@by_title
def test_every_kind_is_named_by_its_printed_title(code: str, title: str) -> None:
    found = _of_title(title)
    assert _best(found) == code
    assert found.sure
    assert found.best is not None
    assert title.split()[0] in found.best.reasons[0]
    assert found.best.box is not None
    assert found.best.box[1] == 150


@by_title
def test_a_title_alone_on_the_page_is_enough(code: str, title: str) -> None:
    """Cards and old certificates have no head of an administrative document."""
    found = _classified(paper_of(_titled(title)))
    assert _best(found) == code
    assert found.sure


def test_a_title_printed_in_red_is_read(tmp_path: Path) -> None:
    """Land certificates print theirs in red, and red ink vanishes from the copy that is read."""
    picture = Image.fromarray(sheet(["Số vào sổ cấp: 12", "", "", "Ông NGUYỄN THỬ NGHIỆM A"]))
    font = ImageFont.truetype(font_path(BOLD, "serif"), 48)
    place = (300, 500)
    ImageDraw.Draw(picture).text(place, "GIẤY CHỨNG NHẬN", font=font, fill=(206, 32, 44))
    lower = (260, 570)
    ImageDraw.Draw(picture).text(lower, "QUYỀN SỬ DỤNG ĐẤT", font=font, fill=(206, 32, 44))
    source = tmp_path / "do.jpg"
    picture.save(source, quality=75, dpi=(200, 200))
    _, pages = read_file(source, tmp_path)
    assert "CHỨNG NHẬN" not in pages[0].text
    found = _classified(Paper(number=1, pages=pages, reason="Mỗi tệp là một giấy tờ"))
    assert _best(found) == "GCNQSDD"
    assert found.sure


@by_title
def test_a_title_in_one_line_is_enough(code: str, title: str) -> None:
    found = _classified(paper_of([*heading(), centred(title, 150, 9)]))
    assert _best(found) == code
    assert found.sure


@pytest.mark.parametrize(
    ("rate", "least_right", "least_sure"), [(0.05, 0.99, 0.88), (0.1, 0.98, 0.7), (0.25, 0.95, 0.2)]
)
def test_misread_titles_are_named_and_never_surely_wrong(
    rate: float, least_right: float, least_sure: float
) -> None:
    """Measured at 5 % wrong letters: 99.9 % right, 92 % of them sure, none surely wrong."""
    chance = random.Random(3)
    right = sure = 0
    for code, title in TITLES:
        found = _of_title(_misread(title, rate, chance))
        is_right = _best(found) == code
        right += is_right
        sure += found.sure
        assert is_right or not found.sure, (code, title, found.candidates[0])
    assert right / len(TITLES) >= least_right
    assert sure / len(TITLES) >= least_sure


@pytest.mark.parametrize(
    "title",
    [
        "ĐƠN KHIẾU NẠI", "ĐƠN XIN NGHỈ PHÉP", "CHỨNG CHỈ NGÂN QUỸ",
        "ĐƠN ĐỀ NGHỊ TÁCH THỬA ĐẤT", "GIẤY CHỨNG NHẬN", "GIẤY CHỨNG NHẬN KẾT QUẢ THI",
        "GIẤY CHỨNG NHẬN ĐĂNG KÝ XE", "GIẤY CHỨNG NHẬN ĐĂNG KÝ KINH DOANH",
        "GIẤY CHỨNG NHẬN ĐĂNG KÝ HỢP TÁC XÃ", "GIẤY PHÉP LÁI XE", "GIẤY PHÉP KINH DOANH",
        "HỢP ĐỒNG THUÊ MÁY", "HỢP ĐỒNG THUÊ QUYỀN SỬ DỤNG ĐẤT", "HỢP ĐỒNG ĐẶT CỌC",
        "TỜ KHAI ĐĂNG KÝ GIÁM HỘ", "TỜ KHAI ĐĂNG KÝ LẠI KHAI SINH", "TỜ KHAI CĂN CƯỚC",
        "TRÍCH LỤC GHI CHÚ LY HÔN", "GIẤY XÁC NHẬN CƯ TRÚ", "SỔ HỘ TỊCH", "THÔNG BÁO THUẾ",
        "QUYẾT ĐỊNH THI HÀNH ÁN", "BIÊN BẢN THỎA THUẬN", "GIẤY TIẾP NHẬN HỒ SƠ",
        "GIẤY PHÉP XÂY DỰNG CÓ THỜI HẠN", "ĐƠN ĐỀ NGHỊ CẤP LẠI GIẤY PHÉP XÂY DỰNG",
        "GIẤY ĐỀ NGHỊ ĐĂNG KÝ THAY ĐỔI HỘ KINH DOANH", "VĂN BẢN CAM KẾT TÀI SẢN RIÊNG",
    ],
)  # fmt: skip
def test_a_title_of_no_kind_is_never_surely_one(title: str) -> None:
    assert not _of_title(title).sure


@pytest.mark.parametrize("title", [title for _, title in TITLES])
def test_a_title_that_is_cited_names_nothing_surely(title: str) -> None:
    """In running text, set in capitals below another title, below the salutation, at the foot."""
    body = [
        line("Căn cứ hồ sơ đã nộp gồm các giấy tờ sau đây và các quy định hiện hành:", 80, 260),
        line(f"bản chính {title.lower()} do cơ quan có thẩm quyền cấp,", 80, 290),
        line(f"{title.capitalize()} kèm theo đơn này.", 80, 310),
    ]
    assert not _classified(paper_of([*heading(), *body])).sure
    assert not _of_title("GIẤY MỜI HỌP", *_titled(title, 330)).sure
    salutation = line("Kính gửi: Ủy ban nhân dân xã Thử Nghiệm", 150, 200)
    assert not _classified(paper_of([*heading(), salutation, *_titled(title, 260)])).sure
    assert not _classified(paper_of([*heading(), *_titled(title, 620)])).sure


@by_title
def test_two_titles_in_a_list_name_nothing_surely(code: str, title: str) -> None:
    other = next(other for found, other in TITLES if found != code)
    listed = [line(title, 60, 200, 5), line(other, 60, 222, 5)]
    assert not _classified(paper_of([*heading(), *listed])).sure


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("VỀ VIỆC CẤP GIẤY PHÉP XÂY DỰNG", "Số: 58/QĐ-UBND"),
        ("Về việc cấp Giấy chứng nhận quyền sử dụng đất", "Số: 58/QĐ-UBND"),
        ("VỀ VIỆC THU HỒI\nGIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT", "Số: 58/QĐ-UBND"),
        ("VỀ VIỆC THU HỒI\nGIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT", ""),
        ("PHÊ DUYỆT BÁO CÁO", ""),
    ],
)
def test_a_decision_about_another_paper_is_a_decision(subject: str, number: str) -> None:
    lines = [centred(part, 176 + 18 * index, 12) for index, part in enumerate(subject.splitlines())]
    found = _of_title("QUYẾT ĐỊNH", *lines, number=number)
    assert _best(found) == "QD"
    assert found.sure


def test_the_word_of_decision_below_another_title_does_not_beat_it() -> None:
    found = _of_title("BIÊN BẢN", centred("QUYẾT ĐỊNH:", 400, 13))
    assert _best(found) == "BB"
    assert found.sure


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("Về việc cho phép chuyển mục đích sử dụng đất", "QDD"),
        ("Về việc giao đất cho hộ ông NGUYỄN THỬ NGHIỆM A", "QDD"),
        ("VỀ VIỆC THU HỒI ĐẤT", "QDD"),
        ("Về việc cho phép cải chính hộ tịch", "QDHT"),
        ("Về việc trợ cấp xã hội hằng tháng", "QDTC"),
        ("Về việc phân công công tác", "QD"),
        ("Về việc giao nhiệm vụ quản lý đất", "QD"),
    ],
)
def test_decisions_are_told_apart_by_what_they_speak_of(subject: str, code: str) -> None:
    found = _of_title("QUYẾT ĐỊNH", centred(subject, 172), number="Số: 58/QĐ-UBND")
    assert _best(found) == code
    assert found.sure


@pytest.mark.parametrize("subject", ["", "Về việc giao đ4t", "Điều 1. Giao đất cho ông A."])
def test_a_decision_whose_subject_was_not_read_waits(subject: str) -> None:
    lines = [centred(subject, 172)] if subject else []
    assert not _of_title("QUYẾT ĐỊNH", *lines, number="Số: 58/QĐ-UBND").sure


@pytest.mark.parametrize(
    ("first", "rest", "code"),
    [
        ("TỜ KHAI", "ĐĂNG KÝ KHAI SINH", "TKKS"),
        ("GIẤY ĐỀ NGHỊ", "ĐĂNG KÝ HỘ KINH DOANH", "DHKD"),
        ("THÔNG BÁO", "NỘP TIỀN", "THUE"),
        ("HỢP ĐỒNG", "CHUYỂN NHƯỢNG QUYỀN SỬ DỤNG ĐẤT", "HDCN"),
        ("HỢP ĐỒNG", "CHUYỂN NHƯỢNG QUYỀN SỬ DỤNG ĐẤT VÀ TÀI SẢN GẮN LIỀN", "HDCN"),
        ("ĐƠN ĐỀ NGHỊ", "TÁCH THỬA", "DON"),
    ],
)
def test_a_title_that_goes_on_in_the_next_line_names_the_narrower_kind(
    first: str, rest: str, code: str
) -> None:
    lines = [centred(first, 150, 14), centred(rest, 168, 14)]
    found = _classified(paper_of([*heading(), *lines]))
    assert _best(found) == code
    assert found.sure


def test_a_title_that_may_go_on_to_a_narrower_kind_waits() -> None:
    lines = [centred("ĐƠN ĐỀ NGHỊ", 150, 14), centred("CẤP LẠI GIẤY PHÉP XÂY DỰNG", 168, 14)]
    assert not _classified(paper_of([*heading(), *lines])).sure


def test_a_symbol_of_another_type_makes_a_title_doubtful() -> None:
    found = _of_title("BIÊN BẢN", number="Số: 12/TTr-UBND")
    assert not found.sure
    assert found.best is not None
    assert any("TTr" in reason for reason in found.best.reasons)


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("BIÊN BẢN HỌP", "BB"),
        ("BÁO CÁO THẨM ĐỊNH", "BC"),
        ("HỢP ĐỒNG LAO ĐỘNG", "HOPD"),
        ("ĐƠN XIN HỖ TRỢ KINH PHÍ SỬA NHÀ", "DON"),
    ],
)
def test_a_type_that_says_more_in_its_title_is_that_type(title: str, code: str) -> None:
    found = _of_title(title)
    assert _best(found) == code
    assert found.sure


def test_nothing_lifts_a_doubtful_title() -> None:
    """A title of other words stays so, whatever the number and the body say."""
    more = line("Bên thế chấp và bên nhận thế chấp thỏa thuận", 80, 300)
    found = _of_title("HỢP ĐỒNG THUÊ XE", more, number="Số: 05/HĐ-TNH")
    assert not found.sure


def test_without_a_title_symbol_and_words_together_are_enough() -> None:
    body = ["Được phép xây dựng các hạng mục sau:", "Chủ đầu tư: ông NGUYỄN THỬ NGHIỆM A"]
    lines = [line(text, 80, 220 + 20 * index) for index, text in enumerate(body)]
    both = _classified(paper_of([*heading("Số: 12/GPXD", DATE), *lines]))
    assert _best(both) == "GPXD"
    assert both.sure
    assert not _classified(paper_of([*heading("Số: 12/GPXD", DATE), lines[0]])).sure
    assert not _classified(paper_of([*heading("", DATE), *lines])).sure


BODIES = {
    "GKSK": "Khám thể lực chiều cao cân nặng mạch huyết áp phân loại sức khỏe bác sĩ kết luận",
    "SYLL": "Quá trình hoạt động của bản thân hoàn cảnh gia đình cha mẹ anh chị em ruột cam đoan",
}
OPINION = learn(
    Confirmed(class_code=code, text=f"{text} số {number}")
    for code, text in BODIES.items()
    for number in range(LEAST_PAPERS)
)


@pytest.mark.parametrize(
    ("scored", "said", "expected"),
    [
        ("GKSK", "GKSK", View.AGREES),
        ("GKSK", "SYLL", View.CONTRADICTS),
        ("TB", "SYLL", View.SILENT),
        ("GKSK", None, View.SILENT),
    ],
)
def test_the_second_opinion_agrees_contradicts_or_does_not_know(
    scored: str, said: str | None, expected: View
) -> None:
    heard = None if said is None else Said(code=said, likeness=0.6, lead=0.4)
    assert view((_candidate(0.9, scored),), heard, OPINION) is expected


def test_a_second_opinion_between_two_kinds_is_none() -> None:
    undecided = Said(code="SYLL", likeness=0.6, lead=0.001)
    assert view((_candidate(0.9, "GKSK"),), undecided, OPINION) is View.SILENT


def test_the_more_the_second_opinion_contradicts_the_surer_the_rules_must_be() -> None:
    assert SURE_SCORES[View.AGREES] <= SURE_SCORES[View.SILENT] < SURE_SCORES[View.CONTRADICTS]
    ranked = (_candidate(0.92, "GKSK"),)
    assert is_sure(ranked)
    assert not is_sure(ranked, View.CONTRADICTS)


def test_the_second_opinion_is_told_and_never_decides_alone() -> None:
    body = [line(text, 80, 300 + 20 * i) for i, text in enumerate([BODIES["SYLL"]])]
    paper = paper_of([*heading(), *body])
    found = classify(paper, describe(paper), CLASSES, OPINION)
    assert _best(found) == "SYLL"
    assert not found.sure
    assert found.best is not None
    assert "đã xác nhận" in found.best.reasons[-1]
    agreed = paper_of([*heading(), *_titled("SƠ YẾU LÝ LỊCH"), *body])
    assert classify(agreed, describe(agreed), CLASSES, OPINION).sure


def test_the_symbol_of_the_number_supports_a_title_and_never_names_alone() -> None:
    title = "TH0NG BÁ0"
    alone, supported = _of_title(title), _of_title(title, number="Số: 12/TB-UBND")
    assert alone.best is not None
    assert supported.best is not None
    assert supported.best.score >= alone.best.score
    assert any("Ký hiệu" in reason for reason in supported.best.reasons)
    untitled = _classified(paper_of(heading("Số: 12/QĐ-UBND", DATE)))
    assert not untitled.sure


def _letter(
    number: str = "Số: 412/CNTN-ĐKCG", subject: str = "V/v xác định nghĩa vụ"
) -> list[Line]:
    return [
        *heading(number, DATE),
        line(subject, 70, 114, 10),
        line("Kính gửi: Thuế cơ sở Thử Nghiệm", 180, 180),
        line("Chi nhánh chuyển hồ sơ để xác định nghĩa vụ tài chính.", 80, 220),
    ]


def test_a_letter_is_known_by_a_number_without_type_its_subject_and_salutation() -> None:
    found = _classified(paper_of(_letter()))
    assert _best(found) == "CV"
    assert found.sure


def test_a_letter_that_cites_a_title_in_capitals_stays_a_letter() -> None:
    found = _classified(paper_of([*_letter(), *_titled("GIẤY PHÉP XÂY DỰNG", 300)]))
    assert _best(found) == "CV"
    assert found.sure


@pytest.mark.parametrize(
    "lines",
    [
        _letter(number="Số: 12/TB-UBND"),
        _letter(subject="Căn cứ quy định"),
        [item for item in _letter() if "Kính" not in item.text],
        _letter(number="Số: 12"),
    ],
    ids=["typed number", "no subject", "no salutation", "no notation"],
)
def test_what_lacks_a_sign_of_a_letter_is_not_surely_one(lines: list[Line]) -> None:
    found = _classified(paper_of(lines))
    assert not (found.sure and _best(found) == "CV")


def test_nothing_is_known_of_an_empty_page() -> None:
    found = _classified(paper_of([]))
    assert found.best is None
    assert not found.sure


def test_words_of_the_body_alone_are_a_hint_and_no_more() -> None:
    hints = ["Tiếp nhận hồ sơ của: ông A", "Nội dung yêu cầu giải quyết", "Thời gian trả kết quả"]
    found = _classified(paper_of([line(text, 80, 200 + 20 * i) for i, text in enumerate(hints)]))
    assert _best(found) == "GTN"
    assert not found.sure


def _candidate(score: float, code: str = "A") -> Candidate:
    return Candidate(code=code, score=score, reasons=(), box=None)


@pytest.mark.parametrize(
    ("scores", "sure"),
    [([], False), ([0.87], False), ([0.88], True), ([1.0, 0.94], True), ([1.0, 0.95], False),
     ([0.9, 0.5], True), ([0.92, 0.92], False)],
)  # fmt: skip
def test_sure_means_high_and_well_ahead(scores: list[float], sure: bool) -> None:
    ranked = tuple(_candidate(score, str(index)) for index, score in enumerate(scores))
    assert is_sure(ranked) is sure


def test_the_ranking_is_short_stable_and_best_first() -> None:
    found = _of_title("GIẤY CHỨNG NHẬN")
    scores = [item.score for item in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= 5
    assert found == _of_title("GIẤY CHỨNG NHẬN")


def test_titles_are_joined_over_lines_and_the_motto_is_none() -> None:
    page = paper_of([*heading(), *_titled("TRÍCH LỤC THAY ĐỔI, CẢI CHÍNH, BỔ SUNG HỘ TỊCH")]).pages[
        0
    ]
    texts = [block.text for block in title_blocks(page)]
    assert "TRÍCH LỤC THAY ĐỔI, CẢI CHÍNH, BỔ SUNG HỘ TỊCH" in texts
    assert not any("CỘNG HÒA" in text or "Độc lập" in text for text in texts)
