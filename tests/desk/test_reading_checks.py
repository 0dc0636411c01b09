"""What `hoso doctor` says of the engines that read."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec

import pytest

from config.settings import ReadingSettings
from desk import checkup, reading_checks
from digitize import fast_engine, ocr
from digitize.ocr import EngineProbe
from tests.remembering import RememberingOcr


def probed(**changes: object) -> EngineProbe:
    values: dict[str, object] = {
        "path": "/usr/bin/tesseract",
        "version": "5.3.0",
        "tessdata": "/usr/share/tessdata",
        "languages": ("eng", "osd", "vie"),
        "fast_version": None,
    }
    return EngineProbe(**{**values, **changes})  # type: ignore[arg-type]  # each named above


def test_the_engine_is_shown_with_its_version_languages_and_data() -> None:
    shown = reading_checks.describe_tesseract(ocr.probe())
    assert "vie" in shown
    assert "tessdata" in shown
    assert reading_checks.describe_tesseract(probed(path=None)) == "chưa cài"


@pytest.mark.parametrize(
    ("languages", "there", "missing"),
    [
        ("vie", ("vie", "osd"), ()),
        ("vie+eng", ("vie", "osd"), ("eng",)),
        ("vie", ("vie",), ("osd",)),
        ("vie+vie", (), ("vie", "osd")),
    ],
)
def test_languages_that_a_station_needs_and_lacks_are_named(
    languages: str, there: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    settings = ReadingSettings(languages=languages)
    assert reading_checks.missing_languages(probed(languages=there), settings) == missing


def test_the_faster_engine_is_optional_and_its_absence_no_fault() -> None:
    assert "không bắt buộc" in reading_checks.describe_fast_engine(probed())


def test_nothing_is_measured_where_the_data_is_missing() -> None:
    shown = reading_checks.describe_fast_engine(probed(languages=(), fast_version="5.5.4"))
    assert shown == "Tesseract 5.5.4"


@pytest.mark.skipif(find_spec("tesserocr") is None, reason="tesserocr is not installed")
def test_the_gain_is_measured_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, remembering_ocr: RememberingOcr
) -> None:
    monkeypatch.setenv("PATH", f"{remembering_ocr.real}:{os.environ['PATH']}")
    found = re.search(r"tốn ([\d.]+) lần", reading_checks.describe_fast_engine(ocr.probe()))
    assert found is not None
    assert 0.1 < float(found[1]) < 1.2


@pytest.mark.parametrize(
    ("settings", "ok", "advice"),
    [
        (ReadingSettings(), True, ""),
        (ReadingSettings(languages="vie+khong_co"), False, "khong_co"),
        (ReadingSettings(tessdata="/khong/co"), False, "/khong/co"),
    ],
)
def test_a_station_is_told_what_its_engine_lacks(
    settings: ReadingSettings, ok: bool, advice: str
) -> None:
    check = checkup.check_reading(settings)
    assert check.ok is ok
    assert advice in check.advice


def test_an_engine_that_is_set_and_not_installed_is_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fast_engine, "version", lambda: None)
    check = checkup.check_reading(ReadingSettings(engine="tesserocr"))
    assert not check.ok
    assert "hoso[fast]" in check.advice
