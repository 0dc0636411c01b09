"""Draw a set on every core and read it with the reading processes; keep what was read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from config import codec
from config.settings import ReadingSettings
from desk.previews import Unread, read_files
from digitize.model import RecognizedPage
from fixtures.understanding.truth import GoldTruth, read_truth

KEPT = "read"
DrawOne = Callable[[int], GoldTruth]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPaper:
    """One drawn file, and what was read on it."""

    truth: GoldTruth
    """What is true."""
    pages: tuple[RecognizedPage, ...]
    """As read, whatever is understood of them."""


def draw_all(draw: DrawOne, count: int) -> list[GoldTruth]:
    """Draw files on every core, in the order of their numbers."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        return list(pool.map(draw, range(count), chunksize=4))


def kept_or_drawn(folder: Path, draw: DrawOne, count: int) -> list[GoldTruth]:
    """Return the truths of a folder that was drawn before, or draw it."""
    kept = sorted((folder / "truth").glob("*.json"))
    if len(kept) >= count:
        return [read_truth(path) for path in kept[:count]]
    return draw_all(draw, count)


def read_all(truths: Sequence[GoldTruth]) -> Iterator[ReadPaper]:
    """Read drawn files side by side; a file that was read before is not read again.

    What was read is kept in `read/` beside the files: remove it after a change to reading.
    """
    unread = [item.path for item in truths if not _kept(item.path).exists()]
    with closing(read_files(unread, None, ReadingSettings())) as found:
        for item in found:
            if isinstance(item, Unread):
                raise item.error
            _kept(item.path).parent.mkdir(exist_ok=True)
            _kept(item.path).write_bytes(codec.to_bytes(list(item.pages)))
    yield from map(_load, truths)


def _load(truth: GoldTruth) -> ReadPaper:
    plain = json.loads(_kept(truth.path).read_bytes())
    pages = tuple(codec.from_plain(RecognizedPage, page) for page in plain)
    return ReadPaper(truth=truth, pages=pages)


def _kept(path: Path) -> Path:
    return path.parent / KEPT / f"{path.name}.json"


def numbered(draw: Callable[..., GoldTruth], folder: Path, how: object) -> DrawOne:
    """Return a drawer that wants a number only, for other processes."""
    return partial(_draw_numbered, draw, folder, how)


def _draw_numbered(
    draw: Callable[..., GoldTruth], folder: Path, how: object, number: int
) -> GoldTruth:
    return draw(folder, number, how)
