"""How fast an archive is searched and filed into, and how large its index is.

python bench/archive.py [--pages N] [--queries N] [--filings N] [--keep DIR] [--no-rivals]

Draws papers by seed, files them, and asks every kind of query: CPU time of the serving thread for a
whole answer of 20 papers, with its count, pages and lines. Beside it, in the same run and on the
same texts and queries, tantivy and PostgreSQL's full-text search, for the bare list of 20; where
one cannot be had, its column says «not shown». With `--keep`, what was built stays in a folder, and
a run that finds it there goes on from it.
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the bench is not installed

from bench.drawn.archive import Asked, Drawing
from bench.rivals.full_text import RIVALS, Timings, ask_rivals
from storage.archive import Archive, open_archive
from storage.index_order import MOST_PIECES, pieces
from storage.model import NewLink, NewRecord, ObjectRef
from storage.rows import PAPERS
from storage.search_values import Kind, Order, SearchRequest

SEED = 7
CHUNK = 500
SCAN_BYTES = 200_000
BLOCK = 25
# How often an engine that has work looks after its index, at most.
ENGINE_SECONDS = 0.02
# Objects of a store that has all its folders.
AGE = 8_000
Scanned = tuple[bytes, NewRecord, NewLink, datetime]
"""A scan, and the paper drawn on it: what is filed, where, when."""
# What the limits leave out: a beginning has no list of places of its own, and names are asked of
# dossiers, where pairs of syllables are indexed.
APART = ("prefix", "name on papers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was built, what it took, and what is asked of it."""

    questions: tuple[Asked, ...]
    pages: int
    papers: int
    text_bytes: int
    index_bytes: int
    cpu_seconds: float


def fill(archive: Archive, wanted: argparse.Namespace) -> Built:
    """File drawn papers, many in a transaction, and index them."""
    drawing = Drawing(SEED)
    archive.register.load(drawing.register(2 * wanted.pages // 5))
    papers = drawing.papers(wanted.pages)
    text_bytes = count = pages = 0
    spent = 0.0
    while chunk := list(islice(papers, CHUNK)):
        with archive.db.transaction():
            for new, link, at in chunk:
                archive.records.insert(new, link, at)
        began = time.thread_time()
        archive.catch_up()
        spent += time.thread_time() - began
        count += len(chunk)
        texts = [page.text for new, _, _ in chunk for page in new.pages]
        pages += len(texts)
        text_bytes += sum(len(text.encode()) for text in texts)
    _put_in_order(archive)
    return Built(
        questions=drawing.questions(wanted.queries), pages=pages, papers=count,
        text_bytes=text_bytes, index_bytes=_index_bytes(archive), cpu_seconds=spent,
    )  # fmt: skip


def _put_in_order(archive: Archive) -> None:
    """Do what an engine does that has nothing else to do: join the pieces of the index."""
    while pieces(archive.index_db, PAPERS.index) > MOST_PIECES:
        archive.index_gathered(is_idle=True)


def built(folder: Path, archive: Archive, wanted: argparse.Namespace) -> Built:
    """Return what a run before left in a folder, or build it."""
    note = folder / "built.pickle"
    if note.exists():
        found: Built = pickle.loads(note.read_bytes())  # noqa: S301  # written by the line below
        return found
    made = fill(archive, wanted)
    note.write_bytes(pickle.dumps(made))
    return made


def _index_bytes(archive: Archive) -> int:
    archive.index_db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (archive.root / "search.db").stat().st_size


def _read_through(archive: Archive) -> None:
    """Have the system hold the databases in memory, as where people have searched for a while.

    What reading a page of them from the disk for the first time takes of the processor is told of
    no search: it depends on what else the machine held.
    """
    for name in ("search.db", "records.db"):
        with (archive.root / name).open("rb") as file:
            while file.read(1 << 24):
                pass


def ask(archive: Archive, asked: Asked, order: Order) -> Timings:
    """Ask every query of a kind; return CPU milliseconds of each."""
    kind: Kind = "dossiers" if asked.kind == "dossiers" else "papers"
    spent = []
    for query in asked.queries:
        began = time.thread_time()
        archive.search.search(SearchRequest(query=query, order=order, kind=kind))
        spent.append((time.thread_time() - began) * 1000)
    return Timings(milliseconds=tuple(spent))


@dataclass(slots=True, kw_only=True)
class Filing:
    """Wall seconds of filing lots of papers, and of writing the same bytes bare.

    Each lot is compared with the bare one right after it, and the median of these counts: a machine
    changes its speed, and a lot during which somebody else had the disk tells nothing.
    """

    indexed: list[float] = field(default_factory=list)
    """Filing, the index looked after meanwhile as an engine does, until it has all of them."""
    plain: list[float] = field(default_factory=list)
    """Filing as many others, without the index."""
    bare: list[float] = field(default_factory=list)
    """Write, fsync, commit: in turn for a lot of the first kind and one of the second."""

    @property
    def ratio(self) -> float:
        """How the speed of filing itself compares with bare writing, which does as much."""
        return _median_ratio(self.bare[1::2], self.plain)

    @property
    def indexed_ratio(self) -> float:
        """The same with everything indexed: bare writing makes nothing that can be searched."""
        return _median_ratio(self.bare[::2], self.indexed)

    @property
    def text(self) -> str:
        """Milliseconds a paper: with the index, without, bare."""
        kinds = (self.indexed, self.plain, self.bare)
        return " / ".join(f"{1000 * median(lots) / BLOCK:.2f}" for lots in kinds)


def _median_ratio(bare: Sequence[float], ours: Sequence[float]) -> float:
    return median(one / other for one, other in zip(bare, ours, strict=True))


def measure_filing(folder: Path, drawing: Drawing, count: int) -> Filing:
    """File papers with the index, as many without, and write the same bytes bare, in turn."""
    bare = folder / "bare"
    bare.mkdir()
    filing = Filing()
    papers = drawing.papers(10**9)
    with open_archive(folder / "filing") as archive, _bare_table(bare) as table:
        _age(archive)
        for _ in range(max(count // BLOCK, 1)):
            with_index, without = (
                [(os.urandom(SCAN_BYTES), *paper) for paper in islice(papers, BLOCK)]
                for _ in range(2)
            )
            filing.indexed.append(_seconds(_file_and_index, archive, with_index))
            filing.bare.append(_seconds(_write_bare, bare, table, with_index))
            filing.plain.append(_seconds(_file, archive, without))
            filing.bare.append(_seconds(_write_bare, bare, table, without))
            archive.catch_up()
    return filing


def _age(archive: Archive) -> None:
    """Let the store be some weeks old: each of its folders is made once."""
    for number in range(AGE):
        archive.objects.add_bytes(b"%d" % number)


def _seconds(act: Callable[..., None], *arguments: object) -> float:
    began = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - began


def _file_and_index(archive: Archive, papers: Sequence[Scanned]) -> None:
    """File papers, while a thread looks after the index as an engine's own does."""
    is_done = threading.Event()

    def look_after() -> None:
        while not is_done.wait(ENGINE_SECONDS):
            archive.index_gathered(is_idle=False)

    engine = threading.Thread(target=look_after)
    engine.start()
    _file(archive, papers)
    is_done.set()
    engine.join()
    archive.catch_up()


def _file(archive: Archive, papers: Sequence[Scanned]) -> None:
    for scan, drawn, link, at in papers:
        original = archive.objects.add_bytes(scan)
        stored = _stored(original.sha256, original.sha512)
        archive.file(replace(drawn, original=stored, pdf=stored), link, actor="bench", at=at)


def _write_bare(folder: Path, table: sqlite3.Connection, papers: Sequence[Scanned]) -> None:
    for scan, drawn, _, _ in papers:
        _write(folder / f"{drawn.id}.pdf", scan)
        text = "\n".join(page.text for page in drawn.pages)
        with table:
            table.execute("INSERT INTO paper VALUES (?, ?)", (drawn.id, text))


def _stored(sha256: str, sha512: str) -> ObjectRef:
    return ObjectRef(sha256=sha256, sha512=sha512, size_bytes=SCAN_BYTES)


def _bare_table(folder: Path) -> closing[sqlite3.Connection]:
    table = sqlite3.connect(folder / "bare.db")
    table.execute("PRAGMA journal_mode = WAL")
    table.execute("PRAGMA synchronous = FULL")
    table.execute("CREATE TABLE paper (id TEXT PRIMARY KEY, text TEXT)")
    return closing(table)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def print_answers(
    questions: Sequence[Asked],
    ours: dict[tuple[str, Order], Timings],
    rivals: dict[tuple[str, str, str], Timings],
) -> None:
    """Print CPU milliseconds, p50 / p99, a line for each kind of query and order."""
    print(f"\n{'CPU ms, p50 / p99':<44}{'ours':>16}" + "".join(f"{name:>20}" for name in RIVALS))
    for order in ("newest", "relevance"):
        for asked in questions:
            cells = [rivals.get((name, asked.name, order)) for name in RIVALS]
            shown = "".join(f"{cell.text if cell else 'not shown':>20}" for cell in cells)
            print(f"{order + ': ' + asked.name:<44}{ours[asked.name, order].text:>16}{shown}")


def worst(ours: dict[tuple[str, Order], Timings], order: Order) -> float:
    """Return the worst p99 of the kinds that the limits hold for."""
    held = (found for (name, which), found in ours.items() if which == order and name not in APART)
    return max(timings.p99 for timings in held)


def measure(folder: Path, wanted: argparse.Namespace) -> str:
    """Build, ask, file; print the tables and return the last line."""
    orders: tuple[Order, ...] = ("newest", "relevance")
    with open_archive(folder / "archive") as archive:
        sizes = built(folder, archive, wanted)
        _set_apart()
        # Before anything is deleted here: for minutes afterwards ext4 passes over each inode that
        # was freed, wherever files are made beside many.
        with tempfile.TemporaryDirectory(prefix="filing-", dir=folder) as work:
            filing = measure_filing(Path(work), Drawing(SEED + 1), wanted.filings)
        questions = sizes.questions
        _read_through(archive)
        _set_apart()
        ours = {(q.name, order): ask(archive, q, order) for order in orders for q in questions}
        with tempfile.TemporaryDirectory(prefix="hoso-rivals-") as work:
            rivals = {} if wanted.no_rivals else ask_rivals(Path(work), archive, questions)
    ratio = sizes.index_bytes / sizes.text_bytes
    print(f"{'papers / pages':<44}{sizes.papers:>8} /{sizes.pages:>8}")
    print(f"{'text, MB':<44}{sizes.text_bytes / 1e6:>16.1f}")
    print(f"{'index as it grew, MB (times text)':<44}{sizes.index_bytes / 1e6:>8.1f} ({ratio:.2f})")
    print(f"{'indexing, CPU ms a page':<44}{1000 * sizes.cpu_seconds / sizes.pages:>16.2f}")
    print(f"{'filing, ms: with index / without / bare':<44}{filing.text:>16}")
    print(f"{'filing over a bare write, fsync and commit':<44}{filing.ratio:>16.2f}")
    print(f"{'the same until all of it is indexed':<44}{filing.indexed_ratio:>16.2f}")
    print_answers(questions, ours, rivals)
    newest, relevance = (worst(ours, order) for order in orders)
    return (
        f"newest_p99_ms={newest:.1f} relevance_p99_ms={relevance:.1f} "
        f"filing_ratio={filing.ratio:.2f} filing_indexed_ratio={filing.indexed_ratio:.2f} "
        f"index_ratio={ratio:.2f}"
    )


def _set_apart() -> None:
    """Let what was drawn and built until now cost nothing from here on; a station has none of it.

    No collection of garbage walks over it, and the system has nothing of it left to write: an
    archive takes years to grow so far, not minutes.
    """
    gc.collect()
    gc.freeze()
    os.sync()


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Give the folder of a run: one that is kept, or one that is gone afterwards."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as folder:
        yield Path(folder)


def main() -> None:
    """Print the tables and the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000, help="pages of the archive")
    parser.add_argument("--queries", type=int, default=400, help="queries of each kind")
    parser.add_argument(
        "--filings",
        type=int,
        default=1200,
        help="papers filed one by one, with the index and without; of 200 the ratio of one run "
        "differs from that of the next by a fifth",
    )
    parser.add_argument("--no-rivals", action="store_true", help="leave other engines out")
    parser.add_argument("--keep", type=Path, help="folder for the archive, to go on from")
    wanted = parser.parse_args()
    with _folder(wanted.keep) as folder:
        print(measure(folder, wanted))


if __name__ == "__main__":
    main()
