"""Probe what reads the pages: the engine, its trained data, and what the faster one would save."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from config.settings import ReadingSettings
from digitize import frames, ocr
from digitize.frames import Picture
from digitize.ocr import Engine, EngineProbe, Recognizer

# A sample's upper third: ten lines, a second of work.
_SAMPLE = Path(__file__).parent / "demo/samples/H26.99-261105-0001/SCAN_0001.jpg"
_SAMPLE_DPI = 200.0
_SAMPLE_SHARE = 1 / 3
# Processor time is counted in steps: what took less than one took no time at all.
_TICK_SECONDS = 0.01
_NEEDED = ("vie", "osd")


def describe_tesseract(probed: EngineProbe) -> str:
    """Say which Tesseract was found, with which languages, and where they lie."""
    if probed.path is None:
        return "chưa cài"
    return f"{probed.version} ({', '.join(probed.languages)}), dữ liệu {probed.tessdata}"


def missing_languages(probed: EngineProbe, settings: ReadingSettings) -> tuple[str, ...]:
    """Return the languages that the settings name, or that turning pages needs, and are not there.

    Args:
        probed: of the settings' own tessdata.
        settings: the station's.
    """
    wanted = (*settings.languages.split("+"), "osd")
    return tuple(name for name in dict.fromkeys(wanted) if name not in probed.languages)


def describe_fast_engine(probed: EngineProbe) -> str:
    """Say which tesserocr was found, and what it saves on this machine."""
    if probed.fast_version is None:
        return "chưa cài (không bắt buộc)"
    found = f"Tesseract {probed.fast_version}"
    if any(name not in probed.languages for name in _NEEDED):
        return found
    share = measure_share()
    return f"{found}; tốn {share:.2f} lần thời gian xử lý của {probed.version} trên một trang mẫu"


def measure_share() -> float:
    """Return tesserocr's processor time over pytesseract's, on a piece of a sample page.

    Raises:
        RecognitionError: one of the two cannot read.
    """
    ocr.limit_threads()
    whole = frames.decode(_SAMPLE, 0)
    piece = whole[: round(whole.shape[0] * _SAMPLE_SHARE), :, 1].copy()  # green: print and stamps
    _cpu_seconds(Engine.TESSEROCR, piece)  # its data is loaded once, not for every page
    fast = _cpu_seconds(Engine.TESSEROCR, piece)
    return fast / max(_cpu_seconds(Engine.PYTESSERACT, piece), _TICK_SECONDS)


def _cpu_seconds(engine: Engine, picture: Picture) -> float:
    recognizer = Recognizer(languages="vie", tessdata="", page_seconds=60.0, engine=engine)
    started = _used()
    with tempfile.TemporaryDirectory(prefix="hoso-doctor-") as work:
        recognizer.read(picture, _SAMPLE_DPI, Path(work))
    return _used() - started


def _used() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
