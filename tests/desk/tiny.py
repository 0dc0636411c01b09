"""Tiny stations for failures: half pages that are read in a third of a second, one shared PKI."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from config.settings import Settings, load_settings, render_settings
from desk.station import Station, open_station
from desk.unknown_signatures import unknown_signatures
from storage.archive import Archive, open_archive
from tests.desk.conftest import SAMPLES
from tests.desk.forked import Forks

HALVES = (
    "H26.99-261105-0001/SCAN_0001.jpg",
    "H26.99-261105-0001/img20261105_09153012.jpg",
    "H26.99-261106-0002/SCAN_0002.jpg",
    "H26.99-261107-0003/SCAN_0003.jpg",
    "H26.99-261106-0002/Tờ khai xác nhận tình trạng hôn nhân.jpg",
)
"""Samples whose upper half tells dossier and class."""
_DPI = 112
_WIDTH = 930
_FONT = "/usr/share/fonts/truetype/croscore/Tinos-Bold.ttf"


@cache
def half_page(sample: str) -> Image.Image:
    """Return the upper half of a sample, grey, 112 dpi."""
    with Image.open(SAMPLES / sample) as whole:
        half = whole.crop((0, 0, whole.width, whole.height // 2)).convert("L")
    return half.resize((_WIDTH, round(_WIDTH * half.height / half.width)))


def half_page_bytes(sample: str, mark: str = "") -> bytes:
    """Return a half page as JPEG; the mark makes its bytes its own."""
    buffer = BytesIO()
    half_page(sample).save(buffer, "JPEG", dpi=(_DPI, _DPI), quality=70, comment=mark.encode())
    return buffer.getvalue()


def drop_half(station: Station, sample: str, name: str | None = None) -> Path:
    """Drop a half page into its dossier's folder of the inbox."""
    dossier, _, file = sample.partition("/")
    return drop(station, f"{dossier}/{name or file}", half_page_bytes(sample, name or ""))


def drop(station: Station, place: str, data: bytes) -> Path:
    """Drop bytes as `<dossier>/<name>` into the inbox, as a rename."""
    target = station.inbox / place
    target.parent.mkdir(exist_ok=True)
    half = target.with_name(f".{target.name}.part")
    half.write_bytes(data)
    return half.rename(target)


def unsure_page() -> bytes:
    """Return a page that names no kind of paper, so that a person is asked."""
    return _written("Trang này không nêu tên giấy tờ nào cả")


def marked_page() -> bytes:
    """Return a page with a mark of secrecy at its upper left."""
    return _written("Nội dung báo cáo tháng này", mark="TỐI MẬT")


def _written(text: str, mark: str = "") -> bytes:
    page = Image.new("L", (_WIDTH, 660), "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(_FONT, 26)
    for row in range(8):
        pen.text((90, 260 + 40 * row), f"{text} {row}", font=font, fill="black")
    if mark:
        pen.rectangle((100, 90, 320, 150), outline="black", width=3)
        pen.text((130, 100), mark, font=ImageFont.truetype(_FONT, 32), fill="black")
    buffer = BytesIO()
    page.save(buffer, "JPEG", dpi=(_DPI, _DPI), quality=80)
    return buffer.getvalue()


def make_tiny(template: Path, root: Path, **sections: dict[str, Any]) -> Station:
    """Copy a founded demo station; its services are started by the test, once for many stations."""
    shutil.copytree(template, root, ignore=shutil.ignore_patterns("samples"))
    wanted: dict[str, dict[str, Any]] = {
        "intake": {
            "still_seconds": 0.05,
            "dossier_seconds": 0.05,
            "incomplete_seconds": 1.0,
            "free_megabytes": 0,
        },
        "signing": {"level": "B-LT", "personal": "off"},
        "demo": {"authority": ""},
    }
    for name, values in sections.items():
        wanted[name] = {**wanted.get(name, {}), **values}
    change_settings(root, **wanted)
    return open_station(root)


def change_settings(root: Path, **sections: dict[str, Any]) -> None:
    """Change settings, as an operator edits hoso.toml; what this version lacks is left out."""
    settings: Settings = load_settings(root / "hoso.toml")
    changed = {}
    for name, values in sections.items():
        section = getattr(settings, name)
        known = {key: value for key, value in values.items() if hasattr(section, key)}
        changed[name] = replace(section, **known)
    (root / "hoso.toml").write_text(render_settings(replace(settings, **changed)), encoding="utf-8")


@contextmanager
def archive_of(station: Station) -> Iterator[Archive]:
    """Open a station's archive."""
    with open_archive(station.archive) as archive:
        yield archive


def files_of(tray: Path) -> list[str]:
    """List a tray's files, relative to it."""
    return sorted(path.relative_to(tray).as_posix() for path in tray.rglob("*") if path.is_file())


def sign_again(forks: Forks, station: Station) -> bool:
    """Play the officer: papers that a kill met while the key was used shall be signed again.

    Nobody can know whether such a paper was signed, so it waits for this word. A storm of kills may
    meet that moment or not; what it must not do is to lose the paper.

    Returns:
        Whether there was any.
    """
    with archive_of(station) as archive:
        unknown = [paper.submission_id for paper in unknown_signatures(archive)]
    words = [word for submission_id in unknown for word in ("--again", submission_id)]
    if words:
        said = forks.hoso("release", *words, "--station", station.root)
        assert said.code == 0, (said.out, said.err)
    return bool(words)
