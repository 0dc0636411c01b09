"""Restoring from a backup set: into an empty folder, or one damaged object in its place."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from config.vocabulary import EventType
from storage.archive import Archive
from storage.backup import find_object, objects_of
from storage.backup_set import BackupSet, Kept, Place, Run
from storage.errors import BackupUnusable, TargetNotEmpty
from storage.model import NewEvent
from storage.safe_files import sync_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was written back."""

    place: Place
    """The run."""
    run: Run
    """What it says of itself."""
    files: int
    """Files that were written, objects included."""
    bytes: int
    """Their length."""
    list_sha256: str
    """SHA-256, hex, of the sealed list of what the backup holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A backup that was read back."""

    set: str
    """Identifier of its set."""
    folder: str
    """Folder of the set."""
    place: Place
    """The run."""
    list_sha256: str
    """SHA-256, hex, of the sealed list of what it holds."""
    records: int
    """Records in it."""
    files: int
    """Files that it needs."""
    bytes: int
    """Their length."""
    bad: tuple[str, ...]
    """Paths of what cannot be restored."""


def choose_run(source: BackupSet, name: str | None = None) -> Place:
    """Return the run of a name, or the newest.

    Raises:
        BackupUnusable: There is none.
    """
    places = source.places()
    chosen = [place for place in places if name in (None, place.name)]
    if not chosen:
        known = ", ".join(place.name for place in places[-5:]) or "-"
        raise BackupUnusable(
            f"Bộ sao lưu {source.folder} không có lần {name or 'nào'}. Các lần gần nhất: {known}.",
            f"{source.folder} has no such backup; the newest are: {known}",
        )
    return chosen[-1]


def restore(source: BackupSet, place: Place, target: Path) -> Restored:
    """Write a run into an empty folder; each file is checked while it is written.

    Raises:
        TargetNotEmpty: The folder holds something.
        BackupUnusable: A piece is missing or damaged.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TargetNotEmpty(
            f"«{target}» đã có nội dung. Hãy khôi phục vào một thư mục mới hoặc trống.",
            f"{target} holds something already; restore into a new or empty folder",
        )
    target.mkdir(parents=True, exist_ok=True)
    run = source.read(place)
    # Settings and keys come last: what was cut off before its end does not look like a station.
    files = [*objects_of(source, place).values(), *run.files]
    for kept in files:
        _write(source, place.chain, kept, _inside(target, kept.path))
    return Restored(
        place=place,
        run=run,
        files=len(files),
        bytes=sum(kept.size for kept in files),
        list_sha256=source.list_digest(place),
    )


def check_run(source: BackupSet, place: Place) -> Checked:
    """Read everything that a run needs.

    Raises:
        BackupUnusable: Not even its list can be read.
    """
    run = source.read(place)
    files = (*run.files, *objects_of(source, place).values())
    bad = []
    with Path(os.devnull).open("wb") as nowhere:
        for kept in files:
            try:
                source.take(place.chain, kept, nowhere)
            except BackupUnusable:
                bad.append(kept.path)
    return Checked(
        set=source.identifier,
        folder=str(source.folder),
        place=place,
        list_sha256=source.list_digest(place),
        records=run.records,
        files=len(files),
        bytes=sum(kept.size for kept in files),
        bad=tuple(bad),
    )


def mend_object(
    archive: Archive, sha256: str, source: BackupSet, *, actor: str, at: datetime
) -> bool:
    """Put an object back as it was, from a set; False where the set does not hold it whole."""
    found = find_object(source, sha256)
    if found is None:
        return False
    chain, kept = found
    descriptor, name = tempfile.mkstemp(prefix="mend.", dir=archive.staging)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as sink:
            source.take(chain, kept, sink)
        archive.objects.put_back(sha256, temporary)
    except BackupUnusable:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    archive.events.append(
        NewEvent(
            type=EventType.RECOVERY,
            object="archive",
            actor=actor,
            at=at,
            outcome="mended",
            detail={
                "object_sha256": sha256,
                "set": source.identifier,
                "chain": chain,
                "medium": str(source.folder),
                "bytes": kept.size,
            },
        )
    )
    return True


def _write(source: BackupSet, chain: str, kept: Kept, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as sink:
        os.fchmod(sink.fileno(), kept.mode)
        source.take(chain, kept, sink)
        sink.flush()
        os.fsync(sink.fileno())
    sync_folder(path.parent)


def _inside(target: Path, written: str) -> Path:
    """Return where a file goes; never outside the folder, whatever the set says."""
    pure = PurePosixPath(written)
    if pure.is_absolute() or ".." in pure.parts:
        raise BackupUnusable(
            f"Bộ sao lưu chỉ ra ngoài thư mục khôi phục: {written}. Đừng dùng bộ này.",
            f"the backup names a place outside the folder: {written}; do not use this set",
        )
    return target / pure
