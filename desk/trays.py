"""Files in the trays: what counts as a scan, moving without loss, slips for the clerk."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_IGNORED_NAMES = {"thumbs.db", "desktop.ini", ".ds_store"}
_IGNORED_STARTS = (".", "~$")
_IGNORED_ENDS = (".tmp", ".part", ".partial", ".filepart", ".crdownload")
_MAX_NAME_BYTES = 255
RESULT, REASON = ".KET-QUA.txt", ".LY-DO.txt"
WAITING, QUESTION = ".DANG-CHO.txt", ".CAN-XAC-NHAN.txt"
_SLIPS = (RESULT, REASON, WAITING, QUESTION)


@dataclass(frozen=True, slots=True)
class Found:
    """A scan that lies in a tray."""

    path: str
    """Where, the tray's own path before it; text, for there may be twenty thousand."""
    size: int
    """Bytes."""
    mtime_ns: int
    """Last change, by the file system's clock, nanoseconds."""


def is_scan(path: Path) -> bool:
    """Tell whether a file is a scan, and no system file, editor file or slip of ours."""
    return has_scan_name(path.name) and path.is_file() and not path.is_symlink()


def has_scan_name(name: str) -> bool:
    """Tell whether a name may be a scan's: none of a system, of an editor, of half a copy."""
    lower = name.lower()
    if lower in _IGNORED_NAMES or lower.startswith(_IGNORED_STARTS):
        return False
    return not lower.endswith(_IGNORED_ENDS) and not name.endswith(_SLIPS)


def look_into(tray: Path, refused: Callable[[OSError], None]) -> Iterator[Found]:
    """Yield the scans of a tray, those of subfolders included, one look at each.

    Args:
        tray: which folder.
        refused: told of each subfolder that cannot be listed; the others are.

    Raises:
        OSError: the tray itself cannot be listed.
    """
    start = os.fspath(tray)
    folders = [start]
    while folders:
        folder = folders.pop()
        try:
            inside, scans = _list(folder)
        except OSError as error:
            if folder == start:
                raise
            if not isinstance(error, FileNotFoundError):  # a folder may go while we look
                refused(error)
            continue
        folders += inside
        yield from scans


def _list(folder: str) -> tuple[list[str], list[Found]]:
    """Return the subfolders and the scans of a folder."""
    folders, scans = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_open_folder(entry):
                folders.append(entry.path)
            elif (found := _measure(entry)) is not None:
                scans.append(found)
    return folders, scans


def _is_open_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")


def _measure(entry: os.DirEntry[str]) -> Found | None:
    if not has_scan_name(entry.name) or not entry.is_file(follow_symlinks=False):
        return None
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None  # taken away since it was listed
    return Found(entry.path, status.st_size, status.st_mtime_ns)


def measure(path: Path) -> Found | None:
    """Measure one file; None where it is gone."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return Found(str(path), status.st_size, status.st_mtime_ns)


def list_scans(tray: Path) -> Iterator[Path]:
    """Yield the scans of a tray, those of subfolders included, in order of name."""
    for folder, folders, names in os.walk(tray):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if is_scan(path):
                yield path


def folder_of(path: Path, tray: Path) -> str:
    """Return the subfolder of a tray that a file lies in, `/`-joined; empty for the tray itself."""
    folder = path.parent.relative_to(tray).as_posix()
    return "" if folder == "." else nfc(folder)


def move(source: Path, folder: Path) -> Path:
    """Rename a file into a folder of the same volume, under a free name near its own.

    Returns:
        Where it lies now.

    Raises:
        OSError: it cannot be moved; it stays where it was.
    """
    target = free_place(source.name, folder)
    rename(source, target)
    return target


def free_place(name: str, folder: Path) -> Path:
    """Return a free path in a folder, made where it is missing, for a name or one near it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = nfc(name)
    target = folder / name
    number = 2
    # The trays behind the inbox are written by the engine alone, so a free name stays free.
    while target.exists():
        target = folder / fit_name(Path(name).stem, f" ({number}){Path(name).suffix}")
        number += 1
    return target


def rename(source: Path, target: Path) -> None:
    """Rename a file, for good when this returns; an inbox on another volume is copied from.

    Raises:
        OSError: it cannot be moved; it stays where it was.
    """
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _carry_over(source, target)
    sync_folder(target.parent)
    with suppress(OSError):  # some shares let no folder be synced; the file has moved all the same
        sync_folder(source.parent)


def _carry_over(source: Path, target: Path) -> None:
    """Move to another volume: the copy is whole and durable before the source goes.

    Raises:
        OSError: it cannot be copied, or changed meanwhile; the source stays.
    """
    before = source.stat()
    temporary = _temporary(target)
    try:
        shutil.copy2(source, temporary)
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        after = source.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise OSError(errno.EBUSY, "the file changed while it was copied", str(source))
        temporary.rename(target)
    finally:
        temporary.unlink(missing_ok=True)
    source.unlink()


def put_back(moved: Path, source: Path) -> bool:
    """Give a file back its old place, unless another has taken it since.

    Returns:
        Whether it lies there again; if not, it stays where it is.
    """
    try:
        # A rename would replace what came under the same name meanwhile; a link never does.
        os.link(moved, source)
    except OSError:
        return False
    moved.unlink()
    return True


def nfc(name: str) -> str:
    """Return a name in the one form that is compared and stored."""
    return unicodedata.normalize("NFC", name)


def remove_empty_folders(folder: Path, tray: Path) -> None:
    """Remove a folder and those above it while they are empty, up to the tray itself."""
    while folder != tray and folder.is_relative_to(tray):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fit_name(name: str, suffix: str) -> str:
    """Join name and suffix; too long a name is cut and told apart by a short hash."""
    whole = name + suffix
    if len(whole.encode()) <= _MAX_NAME_BYTES:
        return whole
    mark = "~" + hashlib.sha256(name.encode()).hexdigest()[:8]
    room = _MAX_NAME_BYTES - len((mark + suffix).encode())
    return name.encode()[:room].decode(errors="ignore") + mark + suffix


def write_slip(path: Path, text: str) -> None:
    """Write a slip as Windows' editors like it: UTF-8 with BOM, CRLF; whole or not at all."""
    write_whole(path, _slip_bytes(text))


def write_further_slip(scan: Path, suffix: str, text: str) -> None:
    """Write a scan's slip beside those of earlier scans of the same name; the same slip is one.

    Printers use their names again, and each drop has its answer.
    """
    data, number, name = _slip_bytes(text), 1, scan.name
    while (path := scan.with_name(fit_name(name, suffix))).exists() and path.read_bytes() != data:
        number += 1
        name = f"{scan.stem} ({number}){scan.suffix}"
    write_whole(path, data)


def _slip_bytes(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file to a temporary name and rename it, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary(path)
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()[:16]}.tmp")


def slip_path(scan: Path, suffix: str) -> Path:
    """Return where a scan's slip lies: beside it, its whole name and the suffix."""
    return scan.with_name(fit_name(scan.name, suffix))


def remove_slips(scan: Path) -> None:
    """Remove the slips of a scan that has moved on; a scan itself is never removed here."""
    for suffix in _SLIPS:
        slip_path(scan, suffix).unlink(missing_ok=True)
