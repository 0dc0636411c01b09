"""Pages as they were signed beside the same pages now, for a person who asks what was changed.

Drawn in a reading process: the file may be hostile.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from config.settings import ReadingSettings
from desk.errors import PathUnusable
from digitize.page_pairs import PagePairs, PairSpot
from digitize.reader import Reader
from digitize.wire import PairJob
from signing.model import FileVerdict, SignatureVerdict

_SECONDS = 300.0
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPages:
    """The pictures of what was changed after one signature."""

    field: str
    """The signature."""
    pictures: tuple[Path, ...]
    """PNGs: left as signed, right as the file shows it now."""
    left_out: int
    """How many more pages look different."""


def draw_changed_pages(verdict: FileVerdict, folder: Path) -> tuple[ShownPages, ...]:
    """Draw what looks different since each signature that later revisions follow.

    Signatures that were put on one after another are told apart by their numbers, the first
    signature of the form having number 1.

    Args:
        verdict: the verdict on the file.
        folder: gets the pictures.

    Raises:
        DamagedFile, TooLarge: it cannot be drawn.
        PathUnusable: the pictures cannot be written there.
    """
    memory_bytes = ReadingSettings().memory_megabytes * 1_000_000
    followed = [
        (number, one)
        for number, one in enumerate(verdict.signatures, start=1)
        if one.integrity.later_revisions and one.integrity.signed_bytes is not None
    ]
    with (
        TemporaryDirectory(prefix="hoso-pages-") as work,
        closing(Reader(memory_bytes)) as reader,
    ):
        drawing = _Drawing(verdict.path, Path(work), reader)
        return tuple(
            ShownPages(
                field=signature.field,
                pictures=tuple(_put(drawn, verdict.path, folder, number)),
                left_out=drawn.left_out,
            )
            for number, signature in followed
            if (drawn := drawing.of(signature)).pairs
        )


class _Drawing:
    """Draws the changes of one file; signatures of one revision share their pictures."""

    def __init__(self, path: Path, work: Path, reader: Reader) -> None:
        self._path, self._work, self._reader = path, work, reader
        self._known: dict[int, PagePairs] = {}

    def of(self, signature: SignatureVerdict) -> PagePairs:
        end = signature.integrity.signed_bytes or 0
        if end not in self._known:
            signed = self._work / f"{end}.pdf"
            folder = self._work / str(end)
            folder.mkdir()
            _cut(self._path, end, signed)
            spot = PairSpot(before=signed, after=self._path.resolve())
            job = PairJob(spot=spot, target=folder, seconds=_SECONDS)
            self._known[end] = self._reader.ask(job)
            signed.unlink()
        return self._known[end]


def _cut(path: Path, end: int, target: Path) -> None:
    """Copy the first bytes of a file: the revision that was signed."""
    with path.open("rb") as source, target.open("wb") as copy:
        while left := end - copy.tell():
            chunk = source.read(min(left, _CHUNK_BYTES))
            if not chunk:
                return
            copy.write(chunk)


def _put(drawn: PagePairs, path: Path, folder: Path, number: int) -> Iterator[Path]:
    for pair in drawn.pairs:
        target = folder / f"{path.name}.chu-ky-{number}.trang-{pair.picture.name}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(pair.picture, target)
        except OSError as error:
            raise PathUnusable(
                f"Không ghi được hình vào «{target}»: {error.strerror}. Hãy kiểm tra đường dẫn.",
                f"the picture cannot be written to {target}: {error.strerror}; check the path",
            ) from error
        yield target
