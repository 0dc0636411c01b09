"""The door to Tesseract: its table, its errors, and what it leaves behind."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytesseract import pytesseract as engine

from digitize.errors import (
    EngineMissing,
    RecognitionFailed,
    RecognitionTimeout,
)
from digitize.ocr import (
    Recognizer,
    let_engine_keep_memory,
    limit_threads,
    make_line,
    normalise,
    parse_table,
    probe,
    write_grey,
)
from tests.digitize.workbench import RECOGNIZER, broken_engine, line, sheet

HEAD = "level\tpage\tblock\tpar\tline\tword\tleft\ttop\twidth\theight\tconf\ttext"


def _row(text: str, conf: str = "96.5", level: int = 5, number: str = "1") -> str:
    cells = [str(level), "1", "1", "1", number, "1", "100", "200", "50", "20", conf, text]
    return "\t".join(cells)


def test_words_of_one_line_stay_together_in_order() -> None:
    table = "\n".join([HEAD, _row("Ủy"), _row("ban"), _row("nhân", number="2"), _row("dân")])
    first, second = parse_table(table, 0.36)
    assert first.text == "Ủy ban dân"
    assert second.text == "nhân"
    assert first.words[0].box == (36.0, 72.0, 54.0, 79.2)
    assert first.words[0].confidence == pytest.approx(0.965)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [_row("", level=1)],
        [_row("khối", level=2)],
        [_row("")],
        [_row(" ")],
        [_row("\u00a0")],
        ["5\t1\t1"],
        [""],
        ["hỏng"],
    ],
)
def test_rows_that_hold_no_word_are_left_out(rows: list[str]) -> None:
    assert parse_table("\n".join([HEAD, *rows, _row("chữ")]), 1.0)[0].text == "chữ"
    assert parse_table("\n".join([HEAD, *rows]), 1.0) == ()


def test_an_empty_table_is_an_empty_page() -> None:
    assert parse_table("", 1.0) == ()
    assert parse_table(HEAD, 1.0) == ()


@pytest.mark.parametrize(("conf", "wanted"), [("-1", 0.0), ("0", 0.0), ("100", 1.0), ("55", 0.55)])
def test_confidence_lies_between_0_and_1(conf: str, wanted: float) -> None:
    (found,) = parse_table("\n".join([HEAD, _row("chữ", conf)]), 1.0)
    assert found.words[0].confidence == pytest.approx(wanted)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_words_are_nfc_however_the_engine_writes_them(form: str) -> None:
    text = unicodedata.normalize(form, "QUYẾT")  # type: ignore[arg-type]  # one of the four forms
    (found,) = parse_table("\n".join([HEAD, _row(text)]), 1.0)
    assert found.words[0].text == "QUYẾT"
    assert normalise(f" {text}\n") == "QUYẾT"


@pytest.mark.parametrize("odd", ["a\u2028b", "a\u0085b", "a\x0bb", "a\x1cb"])
def test_odd_separators_inside_a_word_do_not_tear_its_row(odd: str) -> None:
    (found,) = parse_table("\n".join([HEAD, _row(odd), _row("sau")]), 1.0)
    assert found.words[0].text == odd
    assert found.words[1].text == "sau"


def test_a_line_holds_all_its_words() -> None:
    words = [*line("một hai", 50, 90).words, *line("ba", 10, 100).words]
    box = make_line(words).box
    assert box == (10, 90, max(word.box[2] for word in words), 112)


def test_the_engine_is_there_and_reads_vietnamese() -> None:
    found = probe()
    assert found.path
    assert found.version
    assert found.version[0] in "45"
    assert {"vie", "osd"} <= set(found.languages)


def test_without_the_engine_the_probe_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "tesseract_cmd", "khong-co-tesseract")
    found = probe()
    assert (found.path, found.version, found.languages) == (None, None, ())
    assert found.tessdata is None


def test_a_missing_engine_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "tesseract_cmd", "khong-co-tesseract")
    with pytest.raises(EngineMissing, match="tesseract-ocr-vie"):
        RECOGNIZER.read(_small(), 200, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("languages", "tessdata"), [("khong_co", ""), ("vie", "/khong/co")])
def test_missing_trained_data_is_told(languages: str, tessdata: str, tmp_path: Path) -> None:
    recognizer = Recognizer(languages=languages, tessdata=tessdata, page_seconds=30)
    with pytest.raises(EngineMissing, match=languages):
        recognizer.read(_small(), 200, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_page_that_takes_too_long_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _use(broken_engine(tmp_path, "exec sleep 30"), monkeypatch)
    work = tmp_path / "work"
    work.mkdir()
    recognizer = Recognizer(languages="vie", tessdata="", page_seconds=0.3)
    with pytest.raises(RecognitionTimeout, match="page_seconds"):
        recognizer.read(_small(), 200, work)
    assert not list(work.iterdir())


@pytest.mark.parametrize("ending", ["exit 3", "kill -9 $$", "echo hong >&2; exit 1"])
def test_an_engine_that_crashes_fails_that_page_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: str
) -> None:
    _use(broken_engine(tmp_path, ending), monkeypatch)
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(RecognitionFailed, match="Hãy quét lại"):
        RECOGNIZER.read(_small(), 200, work)
    assert RECOGNIZER.quarter_turns(_small(), 200, work) == 0
    assert not list(work.iterdir())


def test_an_engine_that_writes_nothing_fails_that_page_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _use(broken_engine(tmp_path, "exit 0"), monkeypatch)
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(RecognitionFailed):
        RECOGNIZER.read(_small(), 200, work)


# Where it is told to expect one kind of text.
CRASHES = """case "$*" in
  {what}) kill -FPE $$ ;;
esac
exec tesseract "$@\""""


@pytest.mark.parametrize("psm", [3, 7, 11])
def test_a_picture_over_which_the_engine_crashes_is_read_as_another_kind_of_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, psm: int
) -> None:
    _use(broken_engine(tmp_path, CRASHES.format(what=f"*'--psm {psm} '*")), monkeypatch)
    ask = {3: RECOGNIZER.read, 7: RECOGNIZER.read_row, 11: RECOGNIZER.read_marks}[psm]
    (found,) = ask(_small(), 200, tmp_path)
    assert found.text == "Thử nghiệm"
    assert [path.name for path in tmp_path.iterdir()] == ["tesseract-hong"]


def test_a_place_that_the_engine_cannot_stand_takes_no_page_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(broken_engine(tmp_path, CRASHES.format(what="*")), monkeypatch)
    assert RECOGNIZER.read_row(_small(), 200, tmp_path) == ()
    assert RECOGNIZER.read_marks(_small(), 200, tmp_path) == ()
    with pytest.raises(RecognitionFailed, match="Hãy quét lại"):
        RECOGNIZER.read(_small(), 200, tmp_path)
    assert RECOGNIZER.quarter_turns(_small(), 200, tmp_path) == 0


def test_an_engine_that_somebody_ended_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "times"
    _use(broken_engine(tmp_path, f'echo once >> "{told}"; kill -KILL $$'), monkeypatch)
    with pytest.raises(RecognitionFailed):
        RECOGNIZER.read_row(_small(), 200, tmp_path)
    assert told.read_text().split() == ["once"]


def _use(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "tesseract_cmd", str(program))


def _small() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.ascontiguousarray(sheet(["Thử nghiệm"])[:400, :900, 0])


def test_folders_with_spaces_and_marks_are_no_trouble(tmp_path: Path) -> None:
    work = tmp_path / "thư mục «tạm» 'của' tôi"
    work.mkdir()
    (found,) = RECOGNIZER.read(_small(), 200, work)
    assert found.text == "Thử nghiệm"
    assert not list(work.iterdir())


def test_threads_are_limited_for_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_THREAD_LIMIT", "8")
    limit_threads()
    assert os.environ["OMP_THREAD_LIMIT"] == "1"


def test_the_engine_reads_the_same_with_memory_that_it_keeps(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture = sheet(["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], dpi=200)[:, :, 0]
    before = RECOGNIZER.read(picture, 200, tmp_path)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    let_engine_keep_memory()
    # A larger one would be ignored by the C library.
    assert int(os.environ["MALLOC_MMAP_THRESHOLD_"]) <= 32 << 20
    assert before
    assert RECOGNIZER.read(picture, 200, tmp_path) == before


def test_stamps_are_read_wherever_they_stand(tmp_path: Path) -> None:
    pixels = np.full((900, 1400), 255, np.uint8)
    word = sheet(["TỐI MẬT"], dpi=300)[400:500, 280:700, 0]
    pixels[60:160, 500:920] = word
    found = RECOGNIZER.read_marks(pixels, 300, tmp_path)
    assert [item.text for item in found] == ["TỐI MẬT"]
    assert found[0].box[0] == pytest.approx(515 * 72 / 300, abs=8)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 57])
def test_a_grey_picture_is_written_as_it_is(tmp_path: Path, width: int) -> None:
    pixels = _small()[:, :width]
    write_grey(tmp_path / "trang.bmp", pixels)
    with Image.open(tmp_path / "trang.bmp") as image:
        assert np.array_equal(np.asarray(image), pixels)
    with pytest.raises(FileNotFoundError):
        write_grey(tmp_path / "khong-co" / "trang.bmp", pixels)


def test_a_side_longer_than_the_engine_takes_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(RecognitionFailed, match="40000"):
        RECOGNIZER.read(np.full((600, 40_000), 255, np.uint8), 200.0, tmp_path)
