from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import pikepdf
import pytest

from config.statement import Row, Section, Statement, Tone
from digitize.archival import find_problems
from digitize.letter_font import LetterFont
from digitize.metadata import DocumentFacts
from digitize.statement_pages import write_statement

FONT = Path("signing/fonts/Tinos-Regular.ttf")
FACTS = DocumentFacts(
    title="Báo cáo THỬ NGHIỆM",
    agency_name="",
    dossier_code=None,
    source_sha256="",
    received_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
    note="THỬ NGHIỆM",
)
SECTION = Section(
    heading="Chữ ký số «CQ_SoHoa»",
    tone=Tone.GOOD,
    rows=tuple(
        Row(label=f"Mục {number}", value=f"giá trị thứ {number}", tone=tone)
        for number, tone in enumerate(Tone)
    ),
)
STATEMENT = Statement(
    language="vi",
    title="Báo cáo kiểm tra chữ ký số",
    conclusion="KẾT LUẬN: Hợp lệ [TOTAL-PASSED].",
    tone=Tone.GOOD,
    reference="SHA-256 0123456789abcdef",
    checked="Kiểm tra tại thời điểm 20/11/2026.",
    sections=(SECTION,),
    caution="Chỉ nói về đúng những byte này.",
)


def written(statement: Statement, folder: Path, facts: DocumentFacts = FACTS) -> Path:
    target = folder / "bao-cao.pdf"
    with as_file(files("signing") / "fonts" / "Tinos-Regular.ttf") as font:
        write_statement(statement, font, facts, target)
    return target


def text_of(path: Path) -> str:
    run = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True
    )
    return run.stdout


def test_a_statement_becomes_pdf_a_whose_text_can_be_read(tmp_path: Path) -> None:
    path = written(STATEMENT, tmp_path)
    assert find_problems(path, FACTS) == ()
    text = text_of(path)
    for words in (STATEMENT.title, STATEMENT.conclusion, STATEMENT.checked, STATEMENT.caution):
        assert words in text
    for row in SECTION.rows:
        assert f"{row.label} " in text
        assert row.value in text
    assert "SHA-256 0123456789abcdef · 1/1" in text


def test_the_same_statement_gives_the_same_bytes(tmp_path: Path) -> None:
    first = written(STATEMENT, tmp_path).read_bytes()
    assert written(STATEMENT, tmp_path).read_bytes() == first
    assert written(replace(STATEMENT, tone=Tone.BAD), tmp_path).read_bytes() != first


def test_the_language_of_the_statement_is_stated(tmp_path: Path) -> None:
    path = written(STATEMENT, tmp_path, replace(FACTS, language="en"))
    with pikepdf.open(path) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert b"<rdf:li>en</rdf:li>" in pdf.Root.Metadata.read_bytes()


def test_long_statements_go_on_over_pages_that_each_say_of_which_file(tmp_path: Path) -> None:
    path = written(replace(STATEMENT, sections=(SECTION,) * 25), tmp_path)
    with pikepdf.open(path) as pdf:
        count = len(pdf.pages)
    assert count > 2
    pages = text_of(path).split("\f")[:count]
    for number, page in enumerate(pages, start=1):
        assert f"SHA-256 0123456789abcdef · {number}/{count}" in page
        # No heading stands alone at the foot of its page.
        lines = [line for line in page.splitlines() if line.strip()]
        assert "Chữ ký số" not in lines[-2]


@pytest.mark.parametrize(
    "value",
    ["W" * 5000, "một " * 1000, "中文 \U0001f600 ẩn", "", "()\\<> %!", "\u0301 \u202e"],
    ids=["one word", "many words", "letters the font lacks", "nothing", "signs", "marks"],
)
def test_no_value_leaves_its_page_or_breaks_it(value: str, tmp_path: Path) -> None:
    row = Row(label="Tên dài " + value, value=value)
    path = written(replace(STATEMENT, sections=(replace(SECTION, rows=(row,)),)), tmp_path)
    words = subprocess.run(
        ["pdftotext", "-bbox", str(path), "-"], check=True, capture_output=True, text=True
    ).stdout
    rights = [float(part.split('"')[0]) for part in words.split('xMax="')[1:]]
    assert max(rights) <= 595.276 - 50


def test_letters_that_the_font_lacks_are_shown_by_their_numbers() -> None:
    letters = LetterFont(FONT, "Hợp lệ 中")
    assert letters.readable("Hợp lệ 中") == "Hợp lệ ‹U+4E2D›"
    assert letters.width("Hợp", 10) > letters.width("Hợ", 10) > 0
    assert list(letters.wrap("Hợp lệ", 10, 1.0)) == list("Hợplệ")
