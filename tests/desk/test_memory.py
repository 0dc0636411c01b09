"""What a long scan costs in memory: bounded by the reading processes, not by its length."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from desk.station import Station
from tests.desk.conftest import ROOT, SAMPLES
from tests.desk.tiny import archive_of, files_of, make_tiny

A4_PIXELS = (1654, 2339)
"""At 200 dpi."""
FONT = "/usr/share/fonts/truetype/croscore/Tinos-Bold.ttf"
FIRST_PAGE = SAMPLES / "H26.99-261106-0002" / "Tờ khai xác nhận tình trạng hôn nhân.jpg"
MEGABYTE = 1_000_000


def colour_page(number: int, random: np.random.Generator) -> bytes:
    """Draw an A4 colour page of few words, as noisy and so as large as a scanner's."""
    noise = random.integers(228, 256, (A4_PIXELS[1], A4_PIXELS[0], 3), dtype=np.uint8)
    page = Image.fromarray(noise)
    pen = ImageDraw.Draw(page)
    for row in range(3):
        text = f"Trang {number} của bản quét dài, dòng thứ {row}"
        pen.text((200, 400 + 90 * row), text, font=ImageFont.truetype(FONT, 42), fill="black")
    buffer = BytesIO()
    page.save(buffer, "JPEG", dpi=(200, 200), quality=75)
    return buffer.getvalue()


def long_scan(target: Path, pages: int) -> None:
    """Write a scan as scanners do: one JPEG a page; three different ones in turn."""
    random = np.random.default_rng(20)
    drawn = [colour_page(number, random) for number in range(2, 5)]
    with pikepdf.new() as pdf:
        for number in range(pages):
            data = drawn[number % len(drawn)] if number else FIRST_PAGE.read_bytes()
            with Image.open(BytesIO(data)) as image:
                width, height = image.size
            picture = pikepdf.Stream(
                pdf,
                data,
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=width,
                Height=height,
                BitsPerComponent=8,
                ColorSpace=pikepdf.Name.DeviceRGB,
                Filter=pikepdf.Name.DCTDecode,
            )
            page = pdf.add_blank_page(page_size=(595.44, 842.04))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
            page.Contents = pikepdf.Stream(pdf, b"q 595.44 0 0 842.04 0 0 cm /Im0 Do Q")
        pdf.save(target)


@dataclass(slots=True)
class Peaks:
    """The most that was seen at once, bytes of memory that no other process shares."""

    tree: int = 0
    parent: int = 0

    def look(self, pid: int) -> None:
        """Look once at a process and all below it."""
        sizes = {child: _proportional_bytes(child) for child in _with_children(pid)}
        self.parent = max(self.parent, sizes.get(pid, 0))
        self.tree = max(self.tree, sum(sizes.values()))


def _with_children(pid: int) -> Iterator[int]:
    # A demo's throw-away services stand for machines elsewhere.
    with contextlib.suppress(OSError):
        if b"desk.demo.pki" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return
        yield pid
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                yield from _with_children(int(child))


def _proportional_bytes(pid: int) -> int:
    """Return a process's share of memory (PSS); 0 for one that has just ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def run_watched(station: Station) -> tuple[Peaks, list[dict[str, Any]]]:
    """Run the engine once as a program of its own, and watch what it takes."""
    command = [sys.executable, "-m", "desk.cli.main", "run", "--once", "--json", "--station"]
    peaks = Peaks()
    said = station.root.with_suffix(".json")
    with (
        said.open("w") as out,
        subprocess.Popen([*command, station.root], cwd=ROOT, stdout=out) as running,
    ):
        while running.poll() is None:
            peaks.look(running.pid)
            time.sleep(0.1)
    return peaks, json.loads(said.read_text("utf-8"))


@pytest.mark.parametrize("pages", [20, pytest.param(200, marks=pytest.mark.soak)])
def test_a_long_scan_is_filed_within_bounded_memory(
    template: Path, services: None, tmp_path: Path, pages: int
) -> None:
    station = make_tiny(template, tmp_path / "tram", reading={"workers": 2})
    long_scan(tmp_path / "dai.pdf", pages)
    place = station.inbox / FIRST_PAGE.parent.name
    place.mkdir()
    shutil.move(tmp_path / "dai.pdf", place / "dai.pdf")
    peaks, (ending,) = run_watched(station)
    assert ending["state"] == "filed", ending["reason"]
    (record_id,) = ending["record_ids"]
    with archive_of(station) as archive:
        assert len(archive.records.get(record_id).pages) == pages
    assert files_of(station.archive / "staging") == []
    assert 0 < peaks.tree < 800 * MEGABYTE, peaks
    assert 0 < peaks.parent < 200 * MEGABYTE, peaks
