"""Whose page is next, what a failed page costs, what is not read again, how a stop ends."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from desk import readings
from desk.engine.backlog import Backlog
from desk.engine.readers import NotYet, ReaderPool, Seats, Turn, first_come, small_first
from desk.readings import PageFiles
from desk.services import Services
from digitize.errors import RecognitionTimeout
from digitize.intake import Limits
from digitize.model import MediaType, RecognizedPage
from digitize.model import Submission as Received
from digitize.ocr import Recognizer
from digitize.reader import Reader, ReaderStopped
from digitize.wire import Job, PageJob, ReceiveJob
from storage.submissions import Submission, SubmissionState
from tests.desk.conftest import ROOT, SmallStation
from tests.digitize.workbench import line, page_of

NINE = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)
MISSING_PAGE = 7


def turn(name: str, pages: int, minute: int = 0) -> Turn:
    return Turn(submission=name, arrived=NINE + dt.timedelta(minutes=minute), pages=pages)


def job(name: str, number: int = 1) -> ReceiveJob:
    limits = Limits(max_bytes=1, max_pages=1)
    return ReceiveJob(path=Path(name), name=f"{name}{number}", limits=limits, seconds=1.0)


class SlowReader:
    """Stands for a reading process: each job takes a while, or until it is stopped."""

    def __init__(self, seconds: float = 0.005, gate: threading.Event | None = None) -> None:
        self.asked: list[Job] = []
        self.together: list[int] = []
        self.closed = False
        self._seconds = seconds
        self._gate = gate
        self._stopped = threading.Event()

    def ask(self, job: Job) -> Any:
        self.asked.append(job)
        if self._gate is not None:
            self._gate.wait()
        if self._stopped.wait(self._seconds):
            raise ReaderStopped
        return job

    def ask_pages(self, pages: Sequence[PageJob]) -> list[Any]:
        """Read all but the first, which must be asked for alone."""
        self.together.append(len(pages))
        self._stopped.wait(self._seconds)
        return [None, *pages[1:]]

    def stop(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        self.stop()
        self.closed = True


def order_of(turns: list[Turn]) -> list[str]:
    """Return in which order one reader does these jobs, all there before it begins."""
    gate = threading.Event()
    reader = SlowReader(gate=gate)
    with ReaderPool(1, lambda: reader) as pool:
        first = pool.submit(turn("first", 1, -9), job("first"))
        while not reader.asked:
            time.sleep(0.01)
        futures = [pool.submit(item, job(item.submission)) for item in turns]
        gate.set()
        wait([first, *futures])
    return [cast("ReceiveJob", item).path.name for item in reader.asked[1:]]


def test_small_submissions_go_first_and_every_fourth_job_is_the_oldest() -> None:
    large = [turn("large", 500, 0)] * 4
    middle = [turn("middle", 4, 2)]
    small = [turn(f"s{minute}", 3, minute) for minute in range(5, 11)]
    assert order_of([*large, *middle, *small]) == [
        *("s5", "s6", "large"),
        *("s7", "s8", "s9", "large"),
        *("s10", "middle", "large", "large"),
    ]


@pytest.mark.parametrize(
    ("pages", "size_class"), [(0, 0), (3, 0), (4, 1), (10, 1), (11, 2), (1000, 2)]
)
def test_classes_of_size(pages: int, size_class: int) -> None:
    assert turn("a", pages).size_class == size_class
    assert turn("a", pages).is_large == (size_class == 2)


def test_a_large_one_among_endless_small_ones_gets_a_quarter() -> None:
    waiting = [turn("large", 500), *(turn(f"s{n}", 1, n + 1) for n in range(20))]
    chosen = [waiting[small_first(waiting, taken)].submission for taken in range(100)]
    assert chosen.count("large") == 25


def test_first_come_takes_the_oldest() -> None:
    assert first_come([turn("b", 1, 1), turn("a", 500, 0)], 0) == 1


def test_large_ones_take_seats_and_small_ones_none() -> None:
    seats = Seats(1)
    seats.take(turn("a", 11))
    seats.take(turn("a", 11))
    seats.take(turn("small", 10))
    with pytest.raises(NotYet):
        seats.take(turn("b", 11))
    seats.give_back("a")
    seats.take(turn("b", 11))
    assert seats.free == 0


def claimed(name: str, size_bytes: int, minute: int = 0) -> Submission:
    return Submission(
        id=name,
        name=f"{name}.pdf",
        tray_path=f"2/{name}.pdf",
        size_bytes=size_bytes,
        received_at=NINE + dt.timedelta(minutes=minute),
        state=SubmissionState.IN_WORK,
        sha256=None,
        sha512=None,
        media_type=None,
        updated_at=NINE,
        attempts=0,
        stage=None,
        reason=None,
        confirmed_dossier=None,
        confirmed_class=None,
    )


def test_the_backlog_passes_over_large_ones_while_no_seat_is_free() -> None:
    seats = Seats(1)
    backlog = Backlog(seats)
    large, late = claimed("large", 300_000), claimed("late", 500_000, 5)
    backlog.replace([large])
    assert backlog.take() == large
    seats.take(turn("other", 100))
    backlog.put_back(large, 100)
    assert backlog.take() is None
    assert len(backlog) == 1
    backlog.replace([large, late])
    assert [backlog.take(), backlog.take()] == [late, None]
    seats.give_back("other")
    assert backlog.take() == large
    assert seats.free == 0, "its seat is taken before it is opened again"


def test_a_stop_lets_the_page_in_work_finish_and_begins_no_other() -> None:
    reader = SlowReader(0.3)
    pool = ReaderPool(1, lambda: reader)
    futures = [pool.submit(turn("a", 2), job("a", n)) for n in range(2)]
    while not reader.asked:
        time.sleep(0.01)
    pool.stop()
    assert futures[0].result() == job("a", 0)
    with pytest.raises(ReaderStopped):
        futures[1].result()
    with pytest.raises(ReaderStopped):
        pool.submit(turn("b", 1), job("b")).result()
    assert reader.closed
    assert not [t for t in threading.enumerate() if t.name.startswith("reader-")]


def test_a_stop_gives_up_a_page_that_does_not_end() -> None:
    reader = SlowReader(600)
    pool = ReaderPool(1, lambda: reader)
    future = pool.submit(turn("a", 1), job("a"))
    while not reader.asked:
        time.sleep(0.01)
    started = time.monotonic()
    pool.stop(0.2)
    assert time.monotonic() - started < 5
    with pytest.raises(ReaderStopped):
        future.result()


class PageReader(SlowReader):
    """Reads every page at once, but one."""

    def ask(self, job: Job) -> Any:
        assert isinstance(job, PageJob)
        super().ask(job)
        if job.number == MISSING_PAGE and job.submission.name == "hostile.pdf":
            raise RecognitionTimeout("Trang này đọc quá lâu.", "a page took too long")
        return page_of([line(f"trang {job.number}", 70, 60)], number=job.number)


def received(pages: int, name: str = "a.pdf", sha256: str = "0" * 64) -> Received:
    return Received(
        path=Path(name),
        name=name,
        media_type=MediaType.PDF,
        size_bytes=1,
        sha256=sha256,
        sha512="0" * 128,
        page_count=pages,
        signed=False,
        warnings=(),
    )


@contextmanager
def pages_services(folder: Path, languages: str = "vie") -> Iterator[tuple[Services, PageReader]]:
    """Give what reading pages needs of the services."""
    reader = PageReader()

    def workspace(name: str) -> Path:
        (folder / name).mkdir(parents=True, exist_ok=True)
        return folder / name

    with ReaderPool(1, lambda: reader) as pool:
        found = SimpleNamespace(
            readers=pool,
            seats=Seats(1),
            recognizer=Recognizer(languages=languages, tessdata="", page_seconds=1.0),
            workspace=workspace,
        )
        yield cast("Services", found), reader


def read(folder: Path, scan: Received, languages: str = "vie") -> tuple[list[int], int]:
    """Read a scan; return the numbers of its pages and how many the readers were asked for."""
    with pages_services(folder, languages) as (services, reader):
        pages = readings.read(claimed("item", 1), scan, services)
        return [page.number for page in pages], len(reader.asked)


def test_pages_that_were_read_before_a_kill_are_not_read_again(tmp_path: Path) -> None:
    assert read(tmp_path, received(5)) == ([1, 2, 3, 4, 5], 5)
    kept = sorted((tmp_path / "item" / "pages").iterdir())
    assert [path.name for path in kept] == [f"{n:04}.json" for n in range(1, 6)]
    kept[1].unlink()
    kept[3].write_bytes(kept[3].read_bytes()[:-9])  # cut off
    assert read(tmp_path, received(5)) == ([1, 2, 3, 4, 5], 2)


@pytest.mark.parametrize(
    ("scan", "languages"), [(received(3, sha256="1" * 64), "vie"), (received(3), "vie+eng")]
)
def test_pages_of_other_bytes_or_read_otherwise_are_read_again(
    tmp_path: Path, scan: Received, languages: str
) -> None:
    read(tmp_path, received(3))
    assert read(tmp_path, scan, languages) == ([1, 2, 3], 3)


def test_a_hostile_page_costs_one_page(tmp_path: Path) -> None:
    with pages_services(tmp_path) as (services, reader):
        with pytest.raises(RecognitionTimeout):
            readings.read(claimed("item", 1), received(100, "hostile.pdf"), services)
        assert len(reader.asked) < 50, "the others are not begun"
        other = readings.read(claimed("other", 1), received(2), services)
    assert [page.number for page in other] == [1, 2]


def test_what_was_kept_of_pages_is_forgotten_with_the_gate(tmp_path: Path) -> None:
    read(tmp_path, received(2))
    with pages_services(tmp_path) as (services, _):
        readings.forget(claimed("item", 1), services)
    assert list((tmp_path / "item").iterdir()) == []


def test_a_page_is_kept_as_it_was_read(tmp_path: Path) -> None:
    page: RecognizedPage = page_of([line("Số: 12/QĐ-UBND", 70, 60)], number=3)
    files = PageFiles(tmp_path / "pages", "key")
    files.save(page)
    assert files.load(3) == page
    assert PageFiles(tmp_path / "pages", "other").load(3) is None
    assert files.load(4) is None


def test_the_engine_goes_on_with_the_pages_that_are_missing(small: SmallStation) -> None:
    """A run is told to stop while it reads a large scan; the next one finishes it."""
    from PIL import Image

    name = "H26.99-261105-0001/SCAN_0001.jpg"
    with Image.open(ROOT / "desk/demo/samples" / name) as whole:
        strip = whole.crop((0, 0, whole.width, 500)).convert("L").resize((930, 281))
    folder = small.station.inbox / "H26.99-261105-0001"
    folder.mkdir(exist_ok=True)
    strip.save(
        folder / "day.tif", save_all=True, append_images=[strip] * 9, dpi=(112, 112),
        compression="jpeg",
    )  # fmt: skip
    command = [sys.executable, "-m", "desk.cli.main", "run", "--once", "--json", "--station"]
    engine = subprocess.Popen(
        [*command, str(small.station.root)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    staging = small.station.archive / "staging"
    end = time.monotonic() + 60
    while len(list(staging.glob("*/pages/*.json"))) < 2:
        assert engine.poll() is None, engine.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)
    engine.send_signal(signal.SIGTERM)
    told = time.monotonic()
    out, err = engine.communicate(timeout=30)
    assert (engine.returncode, json.loads(out), err) == (0, [], b"")
    assert time.monotonic() - told < 30
    kept = list(staging.glob("*/pages/*.json"))
    assert 2 <= len(kept) < 10
    assert small.station.work.joinpath(folder.name, "day.tif").exists()
    small.run()
    with small.archive() as archive:
        assert archive.ledger.unfinished() == []
    assert list(staging.iterdir()) == []


def test_real_processes_serve_a_pool_and_leave_with_it(tmp_path: Path) -> None:
    others = children()
    shutil.copy(ROOT / "desk/demo/samples/H26.99-261105-0001/SCAN_0001.jpg", tmp_path / "a.jpg")
    limits = Limits(max_bytes=10_000_000, max_pages=10)
    wanted = ReceiveJob(path=tmp_path / "a.jpg", name="a.jpg", limits=limits, seconds=60)
    with ReaderPool(2, lambda: Reader(2_000_000_000)) as pool:
        futures = [pool.submit(turn(str(n), 1, n), wanted) for n in range(4)]
        assert {future.result().page_count for future in futures} == {1}
    assert children() <= others


def children() -> set[str]:
    """Return the processes that this one has started, services that tests share included."""
    return {
        child
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text("ascii").split()
    }


def test_a_process_that_is_free_is_asked_before_another_is_started() -> None:
    readers: list[SlowReader] = []

    def start() -> SlowReader:
        readers.append(SlowReader(seconds=0.0))
        return readers[-1]

    with ReaderPool(3, start) as pool:
        for number in range(20):
            assert pool.submit(turn("one", 1), job("one", number)).result() is not None
        assert [len(reader.asked) for reader in readers] == [20, 0, 0]
        wait([pool.submit(turn("many", 9), job("many", number)) for number in range(30)])
    assert all(reader.closed for reader in readers)


def test_as_many_processes_as_there_are_work_side_by_side() -> None:
    gate = threading.Event()
    readers = [SlowReader(gate=gate) for _ in range(3)]
    unused = iter(readers)
    with ReaderPool(3, lambda: next(unused)) as pool:
        futures = [pool.submit(turn("many", 9), job("many", number)) for number in range(7)]
        end = time.monotonic() + 10
        while sum(len(reader.asked) for reader in readers) < 3:
            assert time.monotonic() < end, "all three should be at work"
            time.sleep(0.01)
        gate.set()
        wait(futures)
    assert sum(len(reader.asked) for reader in readers) == 7


def test_pages_are_given_together_where_many_wait_and_alone_at_the_end() -> None:
    gate = threading.Event()
    reader = SlowReader(gate=gate)
    recognizer = Recognizer(languages="vie", tessdata="", page_seconds=1.0)
    pages = [
        PageJob(
            submission=received(9), number=n, recognizer=recognizer, work=Path("w"), seconds=1.0
        )
        for n in range(1, 10)
    ]
    with ReaderPool(1, lambda: reader, first_come, together=4) as pool:
        first = pool.submit(turn("first", 1, -9), job("first"))
        while not reader.asked:
            time.sleep(0.01)
        futures = [pool.submit(turn("many", 9), page) for page in pages]
        last = pool.submit(turn("last", 1, 1), job("last"))
        gate.set()
        assert [future.result() for future in futures] == pages
        wait([first, last])
    assert reader.together == [4, 4]
    assert [item.number for item in reader.asked if isinstance(item, PageJob)] == [1, 5, 9]


def test_two_processes_share_what_pages_are_left() -> None:
    gate = threading.Event()
    readers = [SlowReader(gate=gate) for _ in range(2)]
    unused = iter(readers)
    recognizer = Recognizer(languages="vie", tessdata="", page_seconds=1.0)
    page = PageJob(
        submission=received(9), number=1, recognizer=recognizer, work=Path("w"), seconds=1.0
    )
    with ReaderPool(2, lambda: next(unused), first_come, together=4) as pool:
        busy = [pool.submit(turn("first", 1, -9), job("first")) for _ in range(2)]
        while sum(len(reader.asked) for reader in readers) < 2:
            time.sleep(0.01)
        futures = [pool.submit(turn("many", 9), page) for _ in range(5)]
        gate.set()
        wait([*busy, *futures])
    assert max(size for reader in readers for size in reader.together) <= 3
