"""Pages of filed papers as pictures, drawn by a process with limits: a PDF may be hostile."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from types import TracebackType

from desk.reading_jobs import crop_job
from digitize.crops import CropSpot
from digitize.model import Box
from digitize.reader import Reader
from storage.workshops import workshop


class PagePictures:
    """Draws pages, one after another; a context manager.

    Args:
        work: folder for what is drawn, until it is sent.
        memory_bytes: most that the process may take.
    """

    def __init__(self, work: Path, memory_bytes: int) -> None:
        self._work = work
        self._reader = Reader(memory_bytes)
        self._turn = threading.Lock()

    def __enter__(self) -> PagePictures:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with closing(self._reader):
            pass

    def draw(
        self,
        pdf: Path,
        page: int,
        box: Box | None = None,
        *,
        has_annotations: bool = False,
        marked: Box | None = None,
    ) -> bytes:
        """Return a page, or a piece of it, as PNG.

        Args:
            pdf: a PDF.
            page: from 1.
            box: the piece, in points; None for the whole page.
            has_annotations: whether blocks of signatures are drawn, too.
            marked: what a frame is drawn round, in points; None for nothing.

        Raises:
            DamagedFile, TooLarge: it cannot be drawn.
        """
        # Marked as at work: an engine that starts clears what nobody works in.
        with self._turn, workshop(self._work, "web.") as folder:
            target = folder / "page.png"
            spot = CropSpot(
                source=pdf,
                index=page - 1,
                box=box,
                has_annotations=has_annotations,
                marked=marked,
            )
            self._reader.ask(crop_job(spot, target))
            return target.read_bytes()
