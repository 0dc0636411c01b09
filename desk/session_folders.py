"""Where a session lays what it signed until the engine has it, and how to tell that it still lives.

A folder in staging and a lock beside it, which the system drops when the process ends, however.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from config import codec
from desk.key_notes import find_unknown
from desk.moments import now
from desk.personal import HANDED_BACK, HandedBack
from desk.unstamped import UNSTAMPED
from storage.archive import Archive
from storage.key_uses import KeyUse, UseState
from storage.model import ObjectRef

COUNTERSIGNED = "countersigned"
"""Kind of the request by which a filed paper with one signature more is handed back."""
OF_RECORD = 0
"""Paper of a signature on a record that is filed."""
PREFIX = "session-"
"""Beginning of the names of session folders."""
_LOCK = ".lock"


def hand_back(path: Path, use: KeyUse, archive: Archive) -> None:
    """Give the engine a signed file, and remove it; a repeated call changes nothing.

    Args:
        path: the file.
        use: the use of the key that made it.
        archive: whose engine.
    """
    stored = archive.objects.add(path)
    ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
    with archive.db.transaction():
        # Unless a person has decided meanwhile that it be signed again.
        if archive.key_uses.end(use.number, UseState.SIGNED, now()):
            _ask(use, ref, archive, is_stamped=path.suffix != UNSTAMPED)
    path.unlink()


def _ask(use: KeyUse, ref: ObjectRef, archive: Archive, *, is_stamped: bool) -> None:
    if use.place.paper == OF_RECORD:
        body = {"use": use.number, "pdf": codec.to_plain(ref)}
        archive.requests.ask(COUNTERSIGNED, body, use.actor, now())
        return
    back = HandedBack(
        source_sha256=use.place.pdf_sha256,
        session=use.holder,
        pdf=ref,
        agency_box=tuple(use.notes["agency_box"]),
        use=use.number,
        is_stamped=is_stamped,
    )
    ask_taking(use.place.subject, use.place.paper, back, (archive, use.actor))


def ask_taking(submission_id: str, paper: int, back: HandedBack, who: tuple[Archive, str]) -> None:
    """Ask the engine to take what a session made of a paper, in the name of its person."""
    archive, actor = who
    body = {"submission_id": submission_id, "paper": paper, **codec.to_plain(back)}
    archive.requests.ask(HANDED_BACK, body, actor, now())


def take_over(archive: Archive) -> None:
    """Hand back what killed sessions had signed already, and clear what they left."""
    for path in archive.staging.glob(f"{PREFIX}*{_LOCK}"):
        # Held, so that a second process that looks at the same moment keeps away.
        with suppress(FileNotFoundError), path.open() as lock:
            if _try_lock(lock) and path.exists():
                _clear(path.with_suffix(""), archive)
                path.unlink()
    for use in archive.key_uses.in_state(UseState.INTENDED):
        if use.holder and not is_live(archive, use.holder):
            find_unknown(use, archive, "the session ended")


def _clear(folder: Path, archive: Archive) -> None:
    if not folder.is_dir():
        return
    session = folder.name.removeprefix(PREFIX)
    for path in (*folder.glob("*.pdf"), *folder.glob(f"*{UNSTAMPED}")):
        submission_id, _, paper = path.stem.rpartition(".")
        for use in archive.key_uses.of(submission_id, int(paper)):
            if use.holder == session and use.is_open:
                hand_back(path, use, archive)
    shutil.rmtree(folder)


def is_live(archive: Archive, session: str) -> bool:
    """Tell whether a session's process still runs."""
    try:
        with _lock_path(archive.staging / f"{PREFIX}{session}").open() as lock:
            return not _try_lock(lock)
    except FileNotFoundError:
        return False


@contextmanager
def held_folder(folder: Path) -> Iterator[None]:
    """Make a session's folder, whose lock the system drops when the process ends, however."""
    path = _lock_path(folder)
    with _own_lock(path):
        folder.mkdir(mode=0o700)
        try:
            yield
        finally:
            # What could not be handed back stays, for the engine to take over.
            with suppress(OSError):
                folder.rmdir()
                path.unlink()


def _lock_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{_LOCK}")


def _own_lock(path: Path) -> IO[str]:
    """Make a lock and hold it; one that was cleared away before it was held is made again."""
    while True:
        lock = path.open("a")
        fcntl.flock(lock, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(lock.fileno()).st_ino:
                return lock
        lock.close()


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
