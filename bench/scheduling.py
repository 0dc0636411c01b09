"""Small dossiers beside a large one: small first against first come, first served.

python bench/scheduling.py [--scale S] [--page-seconds T] [--readers N] [--real]

Twenty dossiers of one to three pages and one of a hundred, all dropped at once, through the
engine's own queue of pages; the rest of the engine is left out. A page is a sleep of
`--page-seconds`, so that what is compared is the order alone; with `--real` it is a drawn page read
by real processes, on a quiet machine only. `--scale` makes the large dossier smaller.

Policies:
fifo         the pages of what came first
small-first  the engine's own (desk/engine/readers.py)
Each policy meets the large dossier as the first and as the last to come.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from desk.engine.readers import Policy, ReaderPool, Turn, first_come, small_first
from digitize.intake import Limits
from digitize.ocr import Recognizer
from digitize.reader import Reader
from digitize.wire import Job, PageJob, ReceiveJob

SMALL_PAGES = (1, 2, 3) * 6 + (1, 3)
LARGE_PAGES = 100
LARGE = "large"
MEMORY_BYTES = 2_000_000_000
POLICIES: dict[str, Policy] = {"fifo": first_come, "small-first": small_first}
ARRIVED = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one run is made of."""

    readers: int
    start: Callable[[], Any]
    """Makes a reading process, or what stands for one."""
    job: Job
    """One page."""
    large_pages: int
    large_first: bool

    @property
    def dossiers(self) -> list[tuple[str, int]]:
        """Names and numbers of pages, in the order they came."""
        small = [(f"small-{number}", pages) for number, pages in enumerate(SMALL_PAGES)]
        large = [(LARGE, self.large_pages)]
        return [*large, *small] if self.large_first else [*small, *large]


class Sleeping:
    """Stands for a reading process: a page takes a set time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def ask(self, job: Job) -> None:
        """Take the time of a page."""
        time.sleep(self._seconds)

    def ask_pages(self, pages: Sequence[PageJob]) -> list[None]:
        """Leave every page to be asked for alone."""
        return [None] * len(pages)

    def stop(self) -> None:
        """Nothing to stop."""

    def close(self) -> None:
        """Nothing to close."""


def measure(load: Load, policy: Policy) -> dict[str, float]:
    """Return when each dossier was read, in seconds since all were dropped."""
    ends: dict[str, float] = {}
    with ReaderPool(load.readers, load.start, policy) as pool:
        everyone_there = threading.Barrier(len(load.dossiers) + 1)

        def carry(name: str, pages: int, order: int) -> None:
            arrived = ARRIVED + dt.timedelta(seconds=order)
            turn = Turn(submission=name, arrived=arrived, pages=pages)
            everyone_there.wait()
            for future in [pool.submit(turn, load.job) for _ in range(pages)]:
                future.result()
            ends[name] = time.monotonic() - started

        with ThreadPoolExecutor(len(load.dossiers)) as threads:
            for order, (name, pages) in enumerate(load.dossiers):
                threads.submit(carry, name, pages, order)
            everyone_there.wait()
            started = time.monotonic()
    return ends


def compare(load: Load) -> tuple[float, float]:
    """Print both policies; return small-first's share of fifo's small median and of its total."""
    found = {}
    for name, policy in POLICIES.items():
        ends = measure(load, policy)
        small = sorted(end for dossier, end in ends.items() if dossier != LARGE)
        found[name] = (statistics.median(small), max(ends.values()))
        place = "first" if load.large_first else "last"
        late = small[round(0.95 * (len(small) - 1))]
        print(f"{place:<12}{name:<14}{found[name][0]:>14.2f}{late:>11.2f}{ends[LARGE]:>9.2f}"
              f"{found[name][1]:>9.2f}")  # fmt: skip
    fifo, ours = found["fifo"], found["small-first"]
    return ours[0] / fifo[0], ours[1] / fifo[1]


def drawn_page(folder: Path) -> Job:
    """Draw a small page and receive it; return the job of reading it."""
    image = Image.new("L", (620, 300), "white")
    ImageDraw.Draw(image).text((40, 40), "DON XIN THU NGHIEM", fill="black", font_size=30)
    path = folder / "page.png"
    image.save(path, dpi=(100, 100))
    reader = Reader(MEMORY_BYTES)
    limits = Limits(max_bytes=path.stat().st_size, max_pages=1)
    received = reader.ask(ReceiveJob(path=path, name=path.name, limits=limits, seconds=60.0))
    reader.close()
    recognizer = Recognizer(languages="vie", tessdata="", page_seconds=60.0)
    return PageJob(submission=received, number=1, recognizer=recognizer, work=folder, seconds=60.0)


def main() -> None:
    """Print seconds for each policy, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the large dossier's pages")
    parser.add_argument("--page-seconds", type=float, default=0.05)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--real", action="store_true", help="read drawn pages in real processes")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as folder:
        job = drawn_page(Path(folder))
        start: Callable[[], Any] = lambda: Sleeping(wanted.page_seconds)  # noqa: E731  one of two
        if wanted.real:
            start = lambda: Reader(MEMORY_BYTES)  # noqa: E731  one of two
        print(f"{'large comes':<12}{'policy':<14}{'small median s':>14}{'95 % s':>11}"
              f"{'large s':>9}{'total s':>9}")  # fmt: skip
        ratios = {}
        for place in (True, False):
            ratios[place] = compare(
                Load(
                    readers=wanted.readers,
                    start=start,
                    job=job,
                    large_pages=round(LARGE_PAGES * wanted.scale),
                    large_first=place,
                )
            )
    (first, total), (last, last_total) = ratios[True], ratios[False]
    print(
        f"small_median_ratio={first:.2f} total_ratio={total:.2f} "
        f"large_last_small_median_ratio={last:.2f} large_last_total_ratio={last_total:.2f}"
    )


if __name__ == "__main__":
    main()
