"""Reading processes: a hostile file costs one process and its own job, never the engine."""

from __future__ import annotations

import gc
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from digitize import wire
from digitize.errors import DamagedFile, DigitizeError, EmptyFile, RecognitionTimeout, TooLarge
from digitize.intake import Limits
from digitize.model import Submission
from digitize.ocr import Recognizer
from digitize.pdfa import RenderJob
from digitize.reader import Reader, ReaderStopped
from digitize.wire import BrokenFrame, PageJob, ReceiveJob, RenditionJob
from digitize.worker import look_for_garbage_seldom
from tests.digitize.workbench import facts, save_picture, sheet

LIMITS = Limits(max_bytes=500_000_000, max_pages=1000)
MEMORY = 2_000_000_000
RECOGNIZER = Recognizer(languages="vie", tessdata="", page_seconds=60.0)


@contextmanager
def reading(memory_bytes: int = MEMORY) -> Iterator[Reader]:
    reader = Reader(memory_bytes)
    try:
        yield reader
    finally:
        reader.close()


def all_children() -> list[int]:
    """Return the processes that this one has started, ended or not, threads' ones included."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += [int(word) for word in (task / "children").read_text("ascii").split()]
    return found


_OTHERS: set[int] = set()
"""What was running before a test: services that other tests share."""


@pytest.fixture(autouse=True)
def _know_others() -> None:
    _OTHERS.clear()
    _OTHERS.update(all_children())


def children() -> list[int]:
    """Return the processes that a test has started and that were not taken leave of."""
    return [number for number in all_children() if number not in _OTHERS]


def wait_until(condition: object, seconds: float = 10.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def small_scan(folder: Path) -> Path:
    return save_picture(sheet(["ĐƠN XIN THỬ NGHIỆM"], dpi=70), folder / "don.png")


def receive(path: Path, seconds: float = 60.0) -> ReceiveJob:
    return ReceiveJob(path=path, name=path.name, limits=LIMITS, seconds=seconds)


def page_job(submission: Submission, work: Path, seconds: float = 60.0) -> PageJob:
    return PageJob(
        submission=submission, number=1, recognizer=RECOGNIZER, work=work, seconds=seconds
    )


@pytest.fixture
def slow_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Tesseract that never ends, and says by a file that it has begun."""
    folder, begun = tmp_path / "bin", tmp_path / "begun"
    folder.mkdir()
    engine = folder / "tesseract"
    engine.write_text(f'#!/bin/sh\necho $$ > "{begun}"\nexec sleep 600\n', encoding="utf-8")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return begun


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text("ascii").rpartition(")")[2].split()[0] != "Z"


def engine_number(begun: Path) -> int:
    wait_until(lambda: begun.exists() and begun.read_text("ascii").strip())
    return int(begun.read_text("ascii"))


def test_a_scan_is_received_read_and_rendered_in_the_process(tmp_path: Path) -> None:
    path, work = small_scan(tmp_path), tmp_path / "work"
    work.mkdir()
    with reading() as reader:
        submission = reader.ask(receive(path))
        page = reader.ask(page_job(submission, work))
        assert list(work.iterdir()) == [], "reading leaves its folder as it was found"
        lost = replace(submission, path=tmp_path / "khong-co.png")
        wanted = [page_job(submission, work), page_job(lost, work)]
        assert reader.ask_pages(wanted) == [page, None], "the lost one is to be asked for alone"
        assert list(work.iterdir()) == []
        render = RenderJob(
            source=path, media_type=submission.media_type, pages=(page,), facts=facts()
        )
        made = reader.ask(RenditionJob(render=render, target=work / "out.pdf", seconds=60))
    assert (submission.page_count, submission.path) == (1, path)
    assert "NGHIỆM" in page.text
    assert made.size_bytes == (work / "out.pdf").stat().st_size
    assert children() == []


def test_errors_of_the_stages_arrive_as_they_were_raised(tmp_path: Path) -> None:
    empty = tmp_path / "rong.pdf"
    empty.touch()
    with reading() as reader:
        with pytest.raises(EmptyFile, match=r"rong\.pdf") as caught:
            reader.ask(receive(empty))
        assert "rỗng" in caught.value.vi
        with pytest.raises(FileNotFoundError, match=r"khong-co\.pdf"):
            reader.ask(receive(tmp_path / "khong-co.pdf"))


def test_a_page_that_takes_too_long_is_ended_with_its_engine_and_leaves_nothing(
    tmp_path: Path, slow_engine: Path
) -> None:
    path, work = small_scan(tmp_path), tmp_path / "work"
    work.mkdir()
    with reading() as reader:
        submission = reader.ask(receive(path))
        with pytest.raises(RecognitionTimeout, match=r"Trang 1 của tệp «don\.png»"):
            reader.ask(page_job(submission, work, seconds=3.0))
        engine = engine_number(slow_engine)
        wait_until(lambda: not is_alive(engine))
        assert list(work.iterdir()) == []
        assert reader.ask(receive(path)).sha256 == submission.sha256, "the next job is done"
    assert children() == []


def _bomb(path: Path, side: int) -> Path:
    """Write a PNG of so many pixels a side, all white, in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + sum_

    squeeze = zlib.compressobj(9)
    row = b"\0" + b"\xff" * (3 * side)
    data = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    path.write_bytes(png)
    return path


def test_a_file_that_needs_more_memory_than_allowed_is_refused_and_only_it(tmp_path: Path) -> None:
    bomb = _bomb(tmp_path / "bom.png", 10_000)
    with reading(600_000_000) as reader:
        with pytest.raises(DigitizeError) as caught:
            reader.ask(receive(bomb))
        assert isinstance(caught.value, TooLarge | DamagedFile)
        assert reader.ask(receive(small_scan(tmp_path))).page_count == 1


def test_memory_that_runs_out_is_told_as_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import digitize.intake as intake\n"
        "def receive(*arguments):\n    return bytearray(10**10)\n"
        "intake.receive = receive\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    with reading() as reader, pytest.raises(TooLarge, match="bộ nhớ"):
        reader.ask(receive(small_scan(tmp_path)))


def test_a_process_killed_from_outside_is_replaced_and_the_job_done(
    tmp_path: Path, slow_engine: Path
) -> None:
    path, work = small_scan(tmp_path), tmp_path / "work"
    work.mkdir()
    with reading() as reader:
        submission = reader.ask(receive(path))

        def kill() -> None:
            os.kill(engine_number(slow_engine), signal.SIGSTOP)
            (slow_engine.parent / "bin" / "tesseract").unlink()  # the second try finds the real one
            (child,) = children()
            os.kill(child, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        page = reader.ask(page_job(submission, work))
        killer.join()
    assert "NGHIỆM" in page.text
    assert children() == []
    assert list(work.iterdir()) == []


def test_a_file_that_breaks_the_process_twice_is_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import os, digitize.intake as intake\nintake.receive = lambda *arguments: os.abort()\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    with reading() as reader, pytest.raises(DamagedFile, match="hai lần"):
        reader.ask(receive(small_scan(tmp_path)))
    assert children() == []


def test_what_libraries_print_disturbs_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import os, digitize.intake as intake\n"
        "real = intake.receive\n"
        "def receive(*arguments):\n"
        "    for _ in range(100):\n"
        "        os.write(1, b'noise' * 10000)\n        os.write(2, b'noise' * 10000)\n"
        "    return real(*arguments)\n"
        "intake.receive = receive\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    with reading() as reader:
        assert reader.ask(receive(small_scan(tmp_path))).page_count == 1
    assert capfd.readouterr() == ("", "")


def test_a_process_that_cannot_start_blames_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import os; os._exit(3)\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    with reading() as reader, pytest.raises(ChildProcessError, match="Không khởi động được"):
        reader.ask(receive(small_scan(tmp_path)))


def test_stopping_ends_what_is_in_work(tmp_path: Path, slow_engine: Path) -> None:
    path, work = small_scan(tmp_path), tmp_path / "work"
    work.mkdir()
    with reading() as reader:
        submission = reader.ask(receive(path))

        def stop() -> None:
            engine_number(slow_engine)
            reader.stop()

        stopper = threading.Thread(target=stop)
        stopper.start()
        with pytest.raises(ReaderStopped):
            reader.ask(page_job(submission, work))
        stopper.join()
        with pytest.raises(ReaderStopped):
            reader.ask(receive(path))
    engine = engine_number(slow_engine)
    wait_until(lambda: not is_alive(engine))
    assert list(work.iterdir()) == []


def test_processes_end_with_the_engine_that_was_killed(tmp_path: Path, slow_engine: Path) -> None:
    path, work = small_scan(tmp_path), tmp_path / "work"
    work.mkdir()
    program = (
        "from pathlib import Path\n"
        "from tests.digitize.test_worker import *\n"
        f"reader = Reader(MEMORY)\nreceived = reader.ask(receive(Path({str(path)!r})))\n"
        f"reader.ask(page_job(received, Path({str(work)!r})))\n"
    )
    engine = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    read = engine_number(slow_engine)
    engine.kill()
    engine.wait()
    wait_until(lambda: not is_alive(read))


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00",
        b"\x00\x00\x00\x05{}",
        b"\x00\x00\x00\x02{]",
        b"\x00\x00\x00\x02\xff\xfe",
    ],
)
def test_a_frame_that_is_none_is_refused(frame: bytes) -> None:
    rest = [frame]

    def take(count: int) -> bytes:
        part, rest[0] = rest[0][:count], rest[0][count:]
        return part

    with pytest.raises(BrokenFrame):
        wire.read_frame(take)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"kind": "value", "value": {"sha256": 1}},
        {"kind": "value", "value": None, "more": 1} | {"kind": "told"},
        {"kind": "told", "class": "annotations", "vi": "", "en": ""},
        {"kind": "told", "class": "ToldError", "vi": "", "en": ""},
        {"kind": "unexpected"},
    ],
)
def test_an_answer_of_another_form_is_refused(answer: object, tmp_path: Path) -> None:
    with pytest.raises(BrokenFrame):
        wire.result_of(receive(tmp_path), answer)


def test_names_that_are_not_utf8_travel(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.png")
    small_scan(tmp_path).rename(path)
    with reading() as reader:
        assert reader.ask(receive(path)).path == path


def test_garbage_is_looked_for_seldom_and_not_among_what_is_loaded() -> None:
    before = gc.get_threshold()
    try:
        look_for_garbage_seldom()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[0] > before[0]
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
