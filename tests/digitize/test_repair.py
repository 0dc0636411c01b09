from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from digitize.model import Line, Word
from digitize.ocr import make_line
from digitize.phrases import count, of_law
from digitize.repair import repair_lines
from digitize.twins import is_mistakable, legal_twins
from tests.digitize.workbench import ROOT, line

LAW = ROOT / "digitize" / "language"


def _repair(text: str, confidence: float = 0.8) -> str:
    (repaired,) = repair_lines([_line(text, confidence)])
    return repaired.text


def _line(text: str, confidence: float) -> Line:
    laid = line(text, 70, 100)
    words = [Word(text=word.text, box=word.box, confidence=confidence) for word in laid.words]
    return make_line(words)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("QUYÉT ĐỊNH", "QUYẾT ĐỊNH"),
        ("«Quyét", "«Quyết"),
        ("đuợc", "được"),
        ("truờng", "trường"),
        ("(khảc)", "(khác)"),
        ("nguời", "người"),
        ("ñgười", "người"),
        ("TRÄ KẾT QUẢ", "TRẢ KẾT QUẢ"),
        ("tính chât", "tính chất"),
        ("số tiền là sô 12", "số tiền là số 12"),
    ],
)
def test_what_no_syllable_is_becomes_its_only_twin(read: str, meant: str) -> None:
    assert _repair(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("ghi vào số hộ tịch việc", "ghi vào sổ hộ tịch việc"),
        ("quy định chỉ tiết một số điều", "quy định chi tiết một số điều"),
        ("Hợp đồng chuyến nhượng quyền sử dụng đất", "Hợp đồng chuyển nhượng quyền sử dụng đất"),
        ("TRÁ KẾT QUÁ theo cơ chế một cửa", "TRẢ KẾT QUẢ theo cơ chế một cửa"),
        ("tài sản găn liền với đất", "tài sản gắn liền với đất"),
        ("phạm vi điều chính", "phạm vi điều chỉnh"),
        ("Căn cứ Luật Tô chức chính quyền", "Căn cứ Luật Tổ chức chính quyền"),
        ("GIÁM ĐÔC Sở Tư pháp", "GIÁM ĐỐC Sở Tư pháp"),
        ("khiếu nại theo quy đinh của pháp luật", "khiếu nại theo quy định của pháp luật"),
    ],
)
def test_what_the_law_never_writes_there_becomes_what_it_does(read: str, meant: str) -> None:
    assert _repair(read) == meant


@pytest.mark.parametrize(
    "text",
    [
        "con dâu và con rể của ông Hồ Văn Số",  # a rare word beside a common twin
        "Số hộ nghèo của xã là 12",
        "đô thị loại hai",
        "Trường Văn hóa nghệ thuật",
        "Ông Trần Quyến, bà Lê Thị Thuý",
        "H26.99-261105-0001 QĐ-UBND UBND VNPT",
        "Windows Excel email café résumé",
        "thành phố Hồ Chí Minh",
        "Phó Chủ tịch Phan Văn Sơn",
        "tòa án nhân dân",
        "15/QĐ-TTg l5 O2 S3",
        "kính biếu, kính gửi",
    ],
)
def test_what_may_be_meant_is_left(text: str) -> None:
    assert _repair(text) == text


def test_both_schools_of_tone_marks_are_kept_as_printed() -> None:
    assert _repair("Uỷ ban nhân dân, Ủy ban") == "Uỷ ban nhân dân, Ủy ban"
    assert _repair("Cộng hoá xã hội chủ nghĩa") == "Cộng hoà xã hội chủ nghĩa"
    assert _repair("Cộng hóa xã hội chủ nghĩa") == "Cộng hòa xã hội chủ nghĩa"


def test_what_was_read_stays_beside_and_no_word_grows_surer() -> None:
    (repaired,) = repair_lines([_line("QUYÉT ĐỊNH", 0.7)])
    first, second = repaired.words
    assert (first.text, first.read, first.confidence) == ("QUYẾT", "QUYÉT", 0.7)
    assert (second.text, second.read) == ("ĐỊNH", "")


def test_a_phrase_is_seen_over_the_end_of_a_line() -> None:
    first, second = repair_lines([_line("Hợp đồng chuyến", 0.9), _line("nhượng quyền", 0.9)])
    assert first.text == "Hợp đồng chuyển"
    assert second.text == "nhượng quyền"


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("NGUYÊN VĂN NGHIỆM", "NGUYỄN VĂN NGHIỆM"),
        ("Ông Pham Văn Nghiệm", "Ông Phạm Văn Nghiệm"),
        ("bà ĐĂNG THỊ HOA", "bà ĐẶNG THỊ HOA"),
        ("Nguyên văn bản này", "Nguyên văn bản này"),
        ("ĐĂNG VĂN BẢN", "ĐĂNG VĂN BẢN"),
        ("TRƯỜNG VĂN HÓA", "TRƯỜNG VĂN HÓA"),
        ("THỊ TRẤN VĂN ĐIỂN", "THỊ TRẤN VĂN ĐIỂN"),
    ],
)
def test_family_names_are_known_only_where_a_name_begins(read: str, meant: str) -> None:
    assert _repair(read) == meant


def test_a_family_name_that_was_surely_read_is_left() -> None:
    assert _repair("NGUYÊN VĂN NGHIỆM", 0.96) == "NGUYÊN VĂN NGHIỆM"


def test_lines_without_words_stay() -> None:
    assert repair_lines([]) == ()


@pytest.mark.parametrize(
    ("read", "meant", "expected"),
    [
        ("quá", "quả", True),
        ("quyét", "quyết", True),
        ("thưc", "thực", True),
        ("bạn", "bản", False),  # a dot below is no hook above
        ("rồ", "rõ", False),  # two marks at once
        ("đo", "do", True),
        ("số", "số", False),
        ("so", "sa", False),
    ],
)
def test_print_confuses_one_mark_and_dots_only_with_none(
    read: str, meant: str, expected: bool
) -> None:
    assert is_mistakable(read, meant) is expected


def test_twins_of_a_spelling_are_legal_and_one_mark_away() -> None:
    assert legal_twins("quyét") == {"quyết"}
    assert legal_twins("thât") == {"thất", "thật"}


def test_phrases_are_counted_within_sentences_only() -> None:
    phrases = count(["Hộ tịch là sổ. Sổ hộ tịch,\nhộ tịch 12 tháng"])
    assert phrases.pairs["hộ", "tịch"] == 3
    assert phrases.triples["sổ", "hộ", "tịch"] == 1
    assert phrases.pairs["tịch", "#"] == 1
    assert not phrases.pairs["sổ", "sổ"]
    assert not phrases.pairs["tịch", "hộ"]


def test_each_text_of_law_says_where_it_comes_from() -> None:
    files = sorted(LAW.glob("*.txt"))
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert "Luật Sở hữu trí tuệ Điều 15" in text.split("\n\n")[0][:700], path.name
    assert sum(of_law().words.values()) > 20_000


def _lines_of_papers() -> Iterator[str]:
    for path in sorted((ROOT / "fixtures" / "truth").rglob("*.json")):
        for page in json.loads(path.read_text(encoding="utf-8"))["pages"]:
            yield from page["lines"]


def test_right_text_is_not_touched() -> None:
    """Papers as they are printed, and each law by what the others know."""
    lines = [_line(text, 0.9) for text in _lines_of_papers()]
    assert sum(len(item.words) for item in lines) > 6000
    assert [
        (old.text, new.text)
        for old, new in zip(lines, repair_lines(lines), strict=True)
        if old.text != new.text
    ] == []


def test_few_words_of_a_law_unknown_are_touched() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(LAW.glob("*.txt"))}
    touched = seen = 0
    for path, text in list(texts.items())[:3]:
        others = count(other for name, other in texts.items() if name != path)
        lines = [_line(row, 0.9) for row in text.splitlines() if row[:1] not in ("", "#")]
        words = [word for item in repair_lines(lines, others) for word in item.words]
        touched += sum(bool(word.read) for word in words)
        seen += len(words)
    assert touched / seen < 1 / 1000


def test_a_page_is_repaired_in_milliseconds() -> None:
    page = [_line(text, 0.9) for text in _lines_of_papers()][:60]
    repair_lines(page)  # the law is counted once
    started = time.process_time()
    for _ in range(10):
        repair_lines(page)
    assert (time.process_time() - started) / 10 < 0.03
