"""`hoso read`: every core at once, files in order, a bad one beside good ones, a clean end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from config.settings import ReadingSettings
from desk.errors import PathUnusable
from desk.previews import Preview, Unread, preview_json, read_files
from digitize.errors import EmptyFile, EngineMissing
from digitize.model import RecognizedPage
from digitize.reader import Reader
from digitize.wire import PageJob
from tests.desk.conftest import ROOT
from tests.digitize.workbench import save_picture, sheet

SETTINGS = ReadingSettings(workers=2)
ALONE = ReadingSettings(workers=1)


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return six small scans, each with its own number on it."""
    folder = tmp_path_factory.mktemp("scans")
    numbers = ("MOT", "HAI", "BAO", "CHO", "NAM", "GIAO")
    return [
        save_picture(sheet([f"TRANG {word}"], dpi=100), folder / f"{at}.png")
        for at, word in enumerate(numbers)
    ]


def texts(items: list[Preview | Unread]) -> list[str]:
    return [item.pages[0].text if isinstance(item, Preview) else "-" for item in items]


def test_pages_of_files_that_wait_are_read_together(
    scans: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    together: list[int] = []
    ask = Reader.ask_pages

    def counted(reader: Reader, pages: Sequence[PageJob]) -> list[RecognizedPage | None]:
        found = ask(reader, pages)
        together.append(sum(page is not None for page in found))
        return found

    monkeypatch.setattr(Reader, "ask_pages", counted)
    with closing(read_files(scans, None, ALONE)) as read:
        items = list(read)
    assert [item.path for item in items] == scans
    assert texts(items)[0] == "TRANG MOT"
    assert max(together) > 1
    assert all(isinstance(item, Preview) and item.seconds[0] > 0 for item in items)


def test_files_come_back_in_the_order_given_whichever_is_read_first(
    scans: list[Path], tmp_path: Path
) -> None:
    empty = tmp_path / "rong.pdf"
    empty.touch()
    gone = tmp_path / "khong-co.jpg"
    paths = [scans[3], empty, scans[1], gone, scans[5], scans[0], scans[2], scans[4]]
    with closing(read_files(paths, None, SETTINGS)) as read:
        items = list(read)
    assert [item.path for item in items] == paths
    assert [text.split()[-1] for text in texts(items)] == [
        *("CHO", "-", "HAI", "-", "GIAO", "MOT", "BAO", "NAM")
    ]
    broken = [item.error for item in items if isinstance(item, Unread)]
    assert [type(error) for error in broken] == [EmptyFile, PathUnusable]
    assert "khong-co.jpg" in broken[1].vi
    assert all(0 < item.seconds[0] < 60 for item in items if isinstance(item, Preview))
    shown = preview_json(items[1])
    assert shown["error"]["code"] == "EmptyFile"


def test_each_pdf_lies_under_its_own_name(scans: list[Path], tmp_path: Path) -> None:
    twin = tmp_path / "0.tif"
    save_picture(sheet(["BẢN KHÁC"], dpi=100), twin)
    out = tmp_path / "ra"
    out.mkdir()
    with closing(read_files([scans[0], twin, scans[1]], out, ALONE)) as read:
        assert not any(isinstance(item, Unread) for item in read)
    assert sorted(path.name for path in out.iterdir()) == ["0.png.pdf", "0.tif.pdf", "1.pdf"]
    shown = subprocess.run(
        ["pdftotext", out / "0.tif.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "BẢN KHÁC" in shown


def test_a_scan_is_never_overwritten_by_its_own_pdf(scans: list[Path], tmp_path: Path) -> None:
    with closing(read_files([scans[0]], tmp_path / "don.pdf", ALONE)) as read:
        (first,) = read
    made = (tmp_path / "don.pdf").read_bytes()
    with closing(read_files([tmp_path / "don.pdf"], tmp_path, ALONE)) as read:
        (again,) = read
    assert isinstance(first, Preview)
    assert isinstance(again, Unread)
    assert isinstance(again.error, PathUnusable)
    assert (tmp_path / "don.pdf").read_bytes() == made
    assert [path.name for path in tmp_path.iterdir()] == ["don.pdf"]


def test_a_folder_that_cannot_be_written_to_is_told(scans: list[Path], tmp_path: Path) -> None:
    with closing(read_files([scans[0]], tmp_path / "khong-co/don.pdf", ALONE)) as read:
        (item,) = read
    assert isinstance(item, Unread)
    assert "khong-co" in item.error.vi


def test_a_missing_language_is_told_for_each_file(scans: list[Path]) -> None:
    settings = ReadingSettings(workers=1, languages="khong_co")
    with closing(read_files(scans[:2], None, settings)) as read:
        assert [type(item.error) for item in read if isinstance(item, Unread)] == [
            EngineMissing
        ] * 2


def test_who_stops_early_leaves_no_process_and_no_file(
    scans: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = _children()
    read = read_files(scans, None, SETTINGS)
    next(read)
    assert _children() != before
    read.close()
    assert _children() == before
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_ends_with_130_and_leaves_nothing(scans: list[Path], tmp_path: Path) -> None:
    temporary = tmp_path / "tam"
    temporary.mkdir()
    command = [sys.executable, "-m", "desk.cli.main", "read", *map(str, scans * 20)]
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary)},
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (130, b"")
    assert list(temporary.iterdir()) == []


def test_the_command_shows_what_it_can_and_ends_with_the_first_error(
    scans: list[Path], tmp_path: Path
) -> None:
    empty = tmp_path / "rong.pdf"
    empty.touch()
    command = [sys.executable, "-m", "desk.cli.main", "read", "--json"]
    paths = [scans[0], empty, tmp_path / "khong-co.pdf"]
    finished = subprocess.run([*command, *paths], cwd=ROOT, capture_output=True, text=True)
    shown = json.loads(finished.stdout)
    assert [item["file"] for item in shown] == [str(path) for path in paths]
    assert [item.get("error", {}).get("code") for item in shown] == [
        None,
        "EmptyFile",
        "PathUnusable",
    ]
    assert finished.returncode == 10
    assert "rong.pdf" in finished.stderr


def _children() -> list[int]:
    """Return the processes that this one has started, ended or not, once they are at rest."""
    time.sleep(0.05)
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        found += [int(word) for word in (task / "children").read_text("ascii").split()]
    return sorted(found)
