"""Verdicts that somebody asked for, for as long as they are looked at; never the files themselves.

A folder for each asking, under a name that cannot be guessed, open to the one who asked.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from config import codec
from signing.model import FileVerdict
from storage.archive import Archive

KEPT = dt.timedelta(minutes=30)
_NAME = re.compile(r"[A-Za-z0-9_-]{32}")
_NAME_BYTES = 24
_FILE = "verdicts.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvedPages:
    """Pictures of what looks different since one signature: as signed, and now."""

    field: str
    pictures: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """The verdict on one file."""

    name: str
    """As its sender names it."""
    verdict: FileVerdict
    changed: tuple[ShelvedPages, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What somebody asked about at once."""

    person: int
    """Who, by number in people.db."""
    at: dt.datetime
    """When."""
    files: tuple[Shelved, ...]


class VerdictShelf:
    """Keeps verdicts for a while.

    Args:
        root: its folder; made where it is missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def new_folder(self) -> Path:
        """Return an empty folder for an asking."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = self.root / secrets.token_urlsafe(_NAME_BYTES)
        folder.mkdir(mode=0o700)
        return folder

    def put(self, folder: Path, asking: Asking) -> None:
        """Keep the verdicts of an asking in its folder."""
        text = json.dumps(codec.to_plain(asking), ensure_ascii=False)
        # A name of a file may hold what is no text (PEP 383).
        (folder / _FILE).write_text(text, encoding="utf-8", errors="surrogatepass")

    def find(self, name: str, person: int, at: dt.datetime) -> Asking | None:
        """Return an asking of this person that is still kept, or None."""
        if not _NAME.fullmatch(name):
            return None
        try:
            text = (self.root / name / _FILE).read_text("utf-8", errors="surrogatepass")
        except OSError:
            return None
        asking = codec.from_plain(Asking, json.loads(text))
        is_kept = asking.person == person and at - asking.at <= KEPT
        return asking if is_kept else None

    def picture(self, name: str, asking: Asking, number: int) -> Path | None:
        """Return a picture of an asking by its number, or None."""
        names = [path for file in asking.files for c in file.changed for path in c.pictures]
        return self.root / name / names[number] if number < len(names) else None

    def sweep(self, at: dt.datetime) -> None:
        """Remove what was kept long enough, and what a killed server left."""
        for folder in self._folders():
            with suppress(OSError):
                age = at.timestamp() - folder.stat().st_mtime
                if age > KEPT.total_seconds():
                    shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """Remove everything; nobody looks at it any more."""
        for folder in self._folders():
            shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> list[Path]:
        return list(self.root.iterdir()) if self.root.is_dir() else []


def shelf_of(archive: Archive) -> VerdictShelf:
    """Return the shelf of an archive's pages."""
    return shelf_at(archive.root)


def shelf_at(archive: Path) -> VerdictShelf:
    """Return the shelf of the pages of the archive in a folder."""
    return VerdictShelf(archive / "web")


@contextmanager
def emptied(shelf: VerdictShelf) -> Iterator[None]:
    """Empty a shelf of what a killed server left, and again when nobody looks any more."""
    shelf.clear()
    try:
        yield
    finally:
        shelf.clear()


def numbered(files: Sequence[Shelved]) -> list[tuple[Shelved, list[tuple[ShelvedPages, range]]]]:
    """Return each file with its changed pages, and the numbers of their pictures."""
    count, told = 0, []
    for file in files:
        pages = []
        for changed in file.changed:
            pages.append((changed, range(count, count + len(changed.pictures))))
            count += len(changed.pictures)
        told.append((file, pages))
    return told
