"""tesserocr behind the same door: the same words, its own failures, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from pytesseract import pytesseract as engine

from digitize import fast_engine, ocr
from digitize.errors import EngineMissing, RecognitionTimeout
from digitize.frames import Picture
from digitize.intake import Limits
from digitize.ocr import Engine
from digitize.reader import Reader
from digitize.wire import PageJob, ReceiveJob, job_of, plain_job
from tests.digitize.workbench import RECOGNIZER, save_picture, sheet

FAST = replace(RECOGNIZER, engine=Engine.TESSEROCR)
LETTER = [
    "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM",
    "Kính gửi: Bộ phận một cửa của phường",
    "Đề nghị trả kết quả trước ngày 30 tháng 11",
]
installed = pytest.mark.skipif(
    find_spec("tesserocr") is None, reason="tesserocr, the extra hoso[fast], is not installed"
)


def grey(lines: list[str], dpi: int = 200) -> Picture:
    """Draw lines as a grey page."""
    return np.ascontiguousarray(sheet(lines, dpi=dpi)[:, :, 0])


@pytest.fixture(scope="module")
def letter() -> Picture:
    return grey(LETTER)


@installed
def test_both_engines_read_the_same_words_at_the_same_places(
    letter: Picture, tmp_path: Path
) -> None:
    slow, fast = RECOGNIZER.read(letter, 200, tmp_path), FAST.read(letter, 200, tmp_path)
    assert [line.text for line in fast] == [line.text for line in slow] == LETTER
    for ours, theirs in zip(fast, slow, strict=True):
        assert ours.box == pytest.approx(theirs.box, abs=1.0)
        for word, other in zip(ours.words, theirs.words, strict=True):
            assert word.box == pytest.approx(other.box, abs=1.0)
            assert word.confidence == pytest.approx(other.confidence, abs=0.05)
    assert not list(tmp_path.iterdir())


@installed
def test_what_was_read_before_changes_nothing(letter: Picture, tmp_path: Path) -> None:
    first = FAST.read(letter, 200, tmp_path)
    other = FAST.read(grey(["Trang hai, một dòng"])[:400], 200, tmp_path)
    assert [line.text for line in other] == ["Trang hai, một dòng"]
    assert FAST.read(letter, 200, tmp_path) == first


@installed
def test_the_resolution_decides_the_places_on_paper(letter: Picture, tmp_path: Path) -> None:
    at_200 = FAST.read(letter, 200, tmp_path)
    at_100 = FAST.read(letter, 100, tmp_path)
    assert at_100[0].box[2] == pytest.approx(2 * at_200[0].box[2], rel=0.01)


@installed
def test_a_blank_page_has_no_lines_and_no_direction(tmp_path: Path) -> None:
    blank = np.full((900, 700), 255, np.uint8)
    assert FAST.read(blank, 200, tmp_path) == ()
    assert FAST.read_marks(blank, 200, tmp_path) == ()
    assert FAST.quarter_turns(blank, 200, tmp_path) == 0


@installed
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_page_is_turned_as_the_program_would(letter: Picture, tmp_path: Path, turns: int) -> None:
    # numpy turns counter-clockwise, so as many clockwise turns bring it back.
    turned = np.ascontiguousarray(np.rot90(np.vstack([letter[:500]] * 2), turns))
    assert FAST.quarter_turns(turned, 200, tmp_path) == turns
    if turns == 1:
        assert RECOGNIZER.quarter_turns(turned, 200, tmp_path) == turns


@installed
def test_a_page_that_takes_too_long_is_stopped_and_the_next_is_read(
    letter: Picture, tmp_path: Path
) -> None:
    hasty = replace(FAST, page_seconds=0.01)
    with pytest.raises(RecognitionTimeout, match="page_seconds"):
        hasty.read(letter, 200, tmp_path)
    assert [line.text for line in FAST.read(letter, 200, tmp_path)] == LETTER


@installed
@pytest.mark.parametrize(("languages", "tessdata"), [("khong_co", ""), ("vie", "/khong/co")])
def test_missing_trained_data_is_told(languages: str, tessdata: str, tmp_path: Path) -> None:
    recognizer = replace(FAST, languages=languages, tessdata=tessdata)
    with pytest.raises(EngineMissing, match=languages):
        recognizer.read(np.full((50, 50), 255, np.uint8), 200, tmp_path)


@installed
def test_a_folder_of_trained_data_of_ones_own_is_used(letter: Picture, tmp_path: Path) -> None:
    system = ocr.probe().tessdata
    assert system is not None
    (tmp_path / "tieng_rieng.traineddata").symlink_to(Path(system) / "vie.traineddata")
    recognizer = replace(FAST, languages="tieng_rieng", tessdata=str(tmp_path))
    assert recognizer.read(letter, 200, tmp_path)[0].text == LETTER[0]
    assert ocr.probe(str(tmp_path)).languages == ("tieng_rieng",)


@installed
def test_a_reading_process_uses_it_when_the_job_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, work = save_picture(sheet(LETTER, dpi=100), tmp_path / "thu.png"), tmp_path / "work"
    work.mkdir()
    tessdata = str(ocr.probe().tessdata)
    # Without a program to call, only tesserocr can have read it.
    monkeypatch.setenv("PATH", "/khong/co")
    reader = Reader(2_000_000_000)
    try:
        limits = Limits(max_bytes=10**8, max_pages=10)
        received = reader.ask(ReceiveJob(path=path, name="thu.png", limits=limits, seconds=60))
        recognizer = replace(FAST, tessdata=tessdata)
        wanted = PageJob(
            submission=received, number=1, recognizer=recognizer, work=work, seconds=60
        )
        assert job_of(plain_job(wanted)) == wanted
        page = reader.ask(wanted)
    finally:
        reader.close()
    assert "NHÂN DÂN" in page.text


def test_without_tesserocr_the_setting_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    fast_engine._open_engine.cache_clear()
    assert fast_engine.version() is None
    assert ocr.probe().fast_version is None
    with pytest.raises(EngineMissing, match=r"hoso\[fast\]"):
        FAST.read(np.full((50, 50), 255, np.uint8), 200, tmp_path)
    with pytest.raises(EngineMissing, match=r"hoso\[fast\]"):
        FAST.quarter_turns(np.full((50, 50), 255, np.uint8), 200, tmp_path)


def test_without_trained_data_anywhere_it_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine, "tesseract_cmd", "khong-co-tesseract")
    with pytest.raises(EngineMissing, match="tesseract-ocr-vie"):
        FAST.read(np.full((50, 50), 255, np.uint8), 200, tmp_path)


def test_it_is_not_loaded_where_nobody_asks_for_it(tmp_path: Path) -> None:
    # A fresh interpreter: other tests of this run have loaded it.
    code = "import sys, digitize.worker; sys.exit('tesserocr' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(Path(ocr.__file__).parents[1])}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
