"""Files in the trays: what counts as a scan, moving without loss, slips for the clerk."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

_IGNORED_NAMES = {"thumbs.db", "desktop.ini", ".ds_store"}
_IGNORED_STARTS = (".", "~$")
_IGNORED_ENDS = (".tmp", ".part", ".crdownload")
_MAX_NAME_BYTES = 255
RESULT, REASON = ".KET-QUA.txt", ".LY-DO.txt"
WAITING, QUESTION = ".DANG-CHO.txt", ".CAN-XAC-NHAN.txt"
_SLIPS = (RESULT, REASON, WAITING, QUESTION)


def is_scan(path: Path) -> bool:
    """Tell whether a file is a scan, and no system file, editor file or slip of ours."""
    name = path.name.lower()
    if name in _IGNORED_NAMES or name.startswith(_IGNORED_STARTS) or name.endswith(_IGNORED_ENDS):
        return False
    return not path.name.endswith(_SLIPS) and path.is_file() and not path.is_symlink()


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
    """Rename a file within the volume, for good when this returns.

    Raises:
        OSError: it cannot be moved; it stays where it was.
    """
    source.rename(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


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
    temporary = path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()[:16]}.tmp")
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def slip_path(scan: Path, suffix: str) -> Path:
    """Return where a scan's slip lies: beside it, its whole name and the suffix."""
    return scan.with_name(fit_name(scan.name, suffix))


def remove_slips(scan: Path) -> None:
    """Remove the slips of a scan that has moved on; a scan itself is never removed here."""
    for suffix in _SLIPS:
        slip_path(scan, suffix).unlink(missing_ok=True)
