"""The station's second opinion: learned from the papers that its own people named, once a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from desk.moments import VIETNAM
from digitize.opinion import Confirmed, Opinion, dump, learn, load
from storage.archive import Archive

# What was named lately is what the desk meets now; so many are learned from in seconds.
NEWEST_RECORDS = 2000
_AGE = timedelta(days=1)
# Who said the class (`class_from` of a record): what was only read teaches nothing new.
_PERSONS = {"person", "cover"}


def open_opinion(archive: Archive, path: Path, at: datetime) -> Opinion | None:
    """Return the second opinion, learned anew where it is older than a day.

    Args:
        archive: its newest records are learned from.
        path: where it is kept between two starts; may be deleted at any time.
        at: now.
    """
    if path.exists() and _written_at(path) > at - _AGE:
        kept = load(path.read_bytes())
        if kept is not None:
            return kept
    opinion = learn(confirmed_papers(archive))
    if opinion is None:
        path.unlink(missing_ok=True)
        return None
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(dump(opinion))
    fresh.replace(path)
    return opinion


def confirmed_papers(archive: Archive) -> Iterator[Confirmed]:
    """Yield the papers that a person named, or whose cover sheet did, the newest first."""
    for record in archive.records.newest(NEWEST_RECORDS):
        if record.notes.get("class_from") in _PERSONS:
            text = "\n".join(page.text for page in record.pages)
            yield Confirmed(class_code=record.class_code, text=text)


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, VIETNAM)
