from __future__ import annotations

import subprocess
import unicodedata
from pathlib import Path

import pytest

from digitize.syllables import is_abbreviation, is_legal, legal_share, syllables

# Each stands for a rule: k/c/q, gh and ngh, gi and its swallowed i, qu, glides, y, stops, borrowed
# words, names of places.
HARD = (
    "nghiêng nghệch gìn giếng giết gì gia giữ quỹ quyết quốc quặng quềnh khuỷu khuya khúc khuyết "
    "ngoằn ngoèo huơ thuở nguệch ngoạc huýt uỵch yếm yết ỷ ý yểu rượu hươu xoong boong coóc pa pin "
    "kỹ kĩ lý lí hòa hoà khỏe khoẻ thủy thuỷ ủy uỷ đoàn duyệt doanh nghị được người Đường PHƯỜNG "
    "Kạn Đắk Lắk Krông Thy Vỹ Huỳnh Nguyễn Trịnh ắk đắk goòng khoăm ngoẹo thuế tuệ quý qúy"
)
# What recognition makes of syllables, and what only looks like one.
FORBIDDEN = (
    "QUYÉT quyêt tuyét cếc kanh gê nghành nga'o ngiêng ghà càch cuyết vuyên boan gíup toànn thưong "
    "ngưòi đuợc truờng bât lach tich đep hòà khảc thât yt iên phuyện ơng hgười sô0 xyz"
)


@pytest.mark.parametrize("word", HARD.split())
def test_syllables_of_each_rule_are_legal(word: str) -> None:
    assert is_legal(word)
    assert is_legal(word.upper())
    assert is_legal(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize("word", FORBIDDEN.split())
def test_what_the_rules_forbid_is_illegal(word: str) -> None:
    assert not is_legal(word)


def test_the_set_is_closed_and_of_known_size() -> None:
    assert 15_000 < len(syllables()) < 18_000
    assert all(word == unicodedata.normalize("NFC", word).lower() for word in syllables())


def test_parts_joined_by_hyphen_or_slash_are_judged_each() -> None:
    assert is_legal("(Hà-Nội),")
    assert is_legal("và/hoặc.")
    assert not is_legal("và/hoãcc")
    assert not is_legal("...")
    assert not is_legal("")


def test_words_that_are_no_syllables_by_nature_are_not_counted() -> None:
    assert legal_share(["01/2023/TT-VPCP", "UBND", "QĐ-TTg", "Microsoft", "14:30", "H57.132"]) == 1
    assert legal_share([]) == 1
    assert legal_share(["Quyết", "định", "QUYÉT", "số"]) == 0.75


def test_letters_of_a_page_upside_down_have_a_low_share() -> None:
    read = "Suon uẹnb rệp ưnp BỊN Ượiq uợu rệp ẻo oọip ạuị ịọi tộqu ẻuợl ạnp"
    assert legal_share(read.split()) < 0.5


@pytest.mark.parametrize(
    ("word", "expected"),
    [("UBND", True), ("TTg", True), ("HĐND", True), ("QUYÉT", False), ("ĐÔC", False), ("A", False)],
)
def test_abbreviations_have_capitals_and_no_tone(word: str, expected: bool) -> None:
    assert is_abbreviation(word) is expected


def test_the_rules_cover_the_words_of_the_engine(tmp_path: Path) -> None:
    words = [word for word in _words_of_tesseract(tmp_path) if not word.isascii()]
    legal = sum(map(is_legal, words))
    assert len(words) > 2000
    assert legal / len(words) > 0.97


def _words_of_tesseract(folder: Path) -> list[str]:
    """Return the word list that tesseract-ocr-vie brings; what is no word of its own is few."""
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True)
    data = Path(listed.stdout.split('"')[1]) / "vie.traineddata"
    subprocess.run(
        ["combine_tessdata", "-u", data, folder / "vie."], check=True, capture_output=True
    )
    parts = [folder / f"vie.lstm-{part}" for part in ("unicharset", "word-dawg")]
    output = folder / "words.txt"
    subprocess.run(["dawg2wordlist", *parts, output], check=True, capture_output=True)
    return output.read_text(encoding="utf-8").split()
