"""Exports as one ZIP file: one form for each content, so that no byte of it can change unseen.

Nothing is compressed: pictures and PDFs hardly shrink, and compressors of other versions write
other bytes. An outsider packs the files again and compares.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from storage.outsider.faults import Fault

# One moment for all, the earliest that the format has.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_UNIX = 3
_CHUNK_BYTES = 1 << 20
_ZIP64_BYTES = 1 << 31


def write_zip(folder: Path, target: Path) -> None:
    """Pack the files of a folder; equal files give equal bytes."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for name in sorted(name for name, path in paths.items() if path.is_file()):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.create_system, entry.external_attr = _UNIX, _MODE
            size = paths[name].stat().st_size
            with (
                paths[name].open("rb") as source,
                packed.open(entry, "w", force_zip64=size >= _ZIP64_BYTES) as sink,
            ):
                shutil.copyfileobj(source, sink, _CHUNK_BYTES)


def unpack(packed: Path, folder: Path) -> list[Fault]:
    """Unpack what `write_zip` packed into an empty folder, and say what is not as it was packed.

    A name that leads out of the folder, or stands twice, is told and not written.

    Raises:
        OSError: The file cannot be read, or the folder not be written.
    """
    try:
        with zipfile.ZipFile(packed) as found:
            # Entries may lie over each other, so that a small file unpacks without end.
            if sum(entry.compress_size for entry in found.infolist()) > packed.stat().st_size:
                raise zipfile.BadZipFile("it unpacks to more than it holds")
            faults = [*_unpack_all(found, folder)]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        return [_fault(packed.name, f"Tệp ZIP này hỏng: {error}.", f"It is broken: {error}.")]
    if not faults and not _is_packed_so(packed, folder):
        vi, en = "Tệp ZIP này không còn như lúc đóng gói.", "It is not as it was packed."
        faults.append(_fault(packed.name, vi, en))
    return faults


def _unpack_all(found: zipfile.ZipFile, folder: Path) -> Iterator[Fault]:
    seen: set[str] = set()
    for entry in found.infolist():
        if not _is_plain(entry, seen):
            yield _fault(entry.filename, "Tên này không hợp lệ.", "This name is not allowed.")
            continue
        seen.add(entry.filename.casefold())
        target = folder / entry.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with found.open(entry) as source, target.open("xb") as sink:
                shutil.copyfileobj(source, sink, _CHUNK_BYTES)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            target.unlink(missing_ok=True)
            yield _fault(entry.filename, f"Tệp này hỏng: {error}.", f"It is broken: {error}.")


def _is_plain(entry: zipfile.ZipInfo, seen: set[str]) -> bool:
    """Tell whether an entry is a file as we pack them: stored, inside the folder, named once."""
    name = entry.filename
    parts = PurePosixPath(name).parts
    is_inside = bool(parts) and not name.startswith("/") and ".." not in parts
    is_named = "\\" not in name and ":" not in name and not name.endswith("/")
    is_stored = entry.compress_type == zipfile.ZIP_STORED and entry.file_size == entry.compress_size
    return is_inside and is_named and is_stored and name.casefold() not in seen


def _is_packed_so(packed: Path, folder: Path) -> bool:
    with TemporaryDirectory(prefix="kiem-tra-") as work:
        again = Path(work) / "again.zip"
        write_zip(folder, again)
        return _is_equal(packed, again)


def _is_equal(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        while chunk := first.read(_CHUNK_BYTES):
            if chunk != second.read(_CHUNK_BYTES):
                return False
        return not second.read(1)


def _fault(name: str, vi: str, en: str) -> Fault:
    return Fault(kind="export", identifier=name, vi=vi, en=en)
