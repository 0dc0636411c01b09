"""The write-once store of files, addressed by SHA-256."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.errors import DiskFull, ObjectDamaged, ObjectMissing
from storage.safe_files import sync_folder

_CHUNK_BYTES = 1 << 20
_READ_ONLY = 0o444
_SHARED = 0o644
_SWEEP = "sweep."
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """What the store holds after `add`."""

    sha256: str
    """SHA-256, hex: the address."""
    sha512: str
    """SHA-512, hex."""
    size_bytes: int
    """Length in bytes."""


class ObjectStore:
    """Files that are written once and never changed.

    Args:
        root: Folder of the objects, `sha256/ab/cd/<64 hex>` below it.
        staging: Folder for files being written, on the same file system.
    """

    def __init__(self, root: Path, staging: Path) -> None:
        self.root = root
        self.staging = staging
        # Each filing asks for places again and again: joined as text, once.
        self._folder = f"{root}/sha256"

    def add(self, source: Path) -> StoredObject:
        """Copy a file into the store; a file that is there already is re-hashed and kept.

        Everything is on the disk when this returns: file, name and folders.

        Raises:
            DiskFull: There is no room.
            ObjectDamaged: The store holds this object with other bytes.
            FileNotFoundError: There is no such source.
        """
        with source.open("rb") as stream:
            return self._store(stream)

    def add_bytes(self, data: bytes) -> StoredObject:
        """Store bytes; otherwise as `add`."""
        return self._store(io.BytesIO(data))

    def path(self, sha256: str) -> Path:
        """Return where an object lies.

        Raises:
            ObjectMissing: The store has no such object.
        """
        place = self._place(sha256)
        if not _DIGEST.fullmatch(sha256) or not place.is_file():
            raise ObjectMissing(
                f"Kho không có tệp {sha256}. Hãy chạy kiểm tra toàn vẹn và khôi phục từ sao lưu.",
                f"The store has no object {sha256}. Run the fixity check and restore it.",
            )
        return place

    def has(self, sha256: str) -> bool:
        """Tell whether there is such an object."""
        return bool(_DIGEST.fullmatch(sha256)) and self._place(sha256).is_file()

    def read(self, sha256: str) -> bytes:
        """Return the bytes of an object, checked.

        Raises:
            ObjectMissing: The store has no such object.
            ObjectDamaged: Its bytes have changed.
        """
        data = self.path(sha256).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _damaged(sha256)
        return data

    def copy_to(self, sha256: str, target: Path) -> None:
        """Copy an object out, checked while copying; the target appears whole or not at all.

        Raises:
            ObjectMissing: The store has no such object.
            ObjectDamaged: Its bytes have changed; the target is as it was before.
            DiskFull: There is no room.
        """
        with (
            self.path(sha256).open("rb") as stream,
            _written(target.parent, prefix=f".{target.name[:40]}.") as (temporary, sink),
        ):
            os.fchmod(sink.fileno(), _SHARED)
            if _copy(stream, sink).sha256 != sha256:
                raise _damaged(sha256)
            temporary.replace(target)
        sync_folder(target.parent)

    def put_back(self, sha256: str, source: Path) -> None:
        """Put an object in its place again, over what is damaged there or where nothing is.

        Raises:
            ObjectDamaged: The source is not that object.
            DiskFull: There is no room.
        """
        with source.open("rb") as stream, _written(self.staging, prefix="object.") as written:
            temporary, sink = written
            os.fchmod(sink.fileno(), _READ_ONLY)
            if _copy(stream, sink).sha256 != sha256:
                raise _damaged(sha256)
            place = self._place(sha256)
            made = _make_folders(place.parent, self.root)
            temporary.replace(place)
        _sync_all(place.parent, made)

    def remove_unused(self, sha256: str, touched_before: float) -> bool:
        """Delete an object, unless it was stored again since a moment (seconds since 1970).

        Raises:
            ObjectMissing: The store has no such object.
        """
        path = self.path(sha256)
        aside = self.staging / f"{_SWEEP}{sha256}"
        # Away first: whoever stores it from here on finds nothing there, and writes it anew.
        path.rename(aside)
        if aside.stat().st_mtime >= touched_before:
            aside.rename(path)
            return False
        aside.unlink()
        sync_folder(path.parent)
        return True

    def recover_swept(self) -> None:
        """Put back what a sweep that was killed had taken away; the next one decides."""
        for aside in self.staging.glob(f"{_SWEEP}*"):
            place = self._place(aside.name.removeprefix(_SWEEP))
            if not place.exists():
                aside.rename(place)
                sync_folder(place.parent)

    def verify(self, sha256: str) -> bool:
        """Tell whether the bytes of an object are still its own.

        Raises:
            ObjectMissing: The store has no such object.
        """
        return self.measure(sha256).sha256 == sha256

    def measure(self, sha256: str) -> StoredObject:
        """Hash what lies at an address.

        Raises:
            ObjectMissing: The store has no such object.
        """
        with self.path(sha256).open("rb") as stream:
            return _copy(stream, None)

    def __iter__(self) -> Iterator[str]:
        for path in sorted((self.root / "sha256").glob("??/??/*")):
            if _DIGEST.fullmatch(path.name):
                yield path.name

    def _place(self, sha256: str) -> Path:
        return Path(f"{self._folder}/{sha256[:2]}/{sha256[2:4]}/{sha256}")

    def _store(self, stream: BinaryIO) -> StoredObject:
        with _written(self.staging, prefix="object.") as (temporary, sink):
            os.fchmod(sink.fileno(), _READ_ONLY)
            stored = _copy(stream, sink)
            place = self._place(stored.sha256)
            if self._is_held(stored.sha256):
                # Who wrote it may have died before the line below.
                made = [self.root, *reversed(place.parents[1:3])]
            else:
                made = _make_folders(place.parent, self.root)
                temporary.replace(place)
        _sync_all(place.parent, made)
        return stored

    def _is_held(self, sha256: str) -> bool:
        """Tell whether an object is there, and mark it as stored again: no sweep takes it now."""
        try:
            os.utime(self._place(sha256))
            if not self.verify(sha256):
                raise _damaged(sha256)
        except (FileNotFoundError, ObjectMissing):
            return False
        return True


def _copy(stream: BinaryIO, sink: BinaryIO | None) -> StoredObject:
    """Read a stream to its end; hash it, and write it on when a sink is given."""
    sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
    while chunk := stream.read(_CHUNK_BYTES):
        sha256.update(chunk)
        sha512.update(chunk)
        size += len(chunk)
        if sink is not None:
            sink.write(chunk)
    if sink is not None:
        sink.flush()
        os.fsync(sink.fileno())
    return StoredObject(sha256=sha256.hexdigest(), sha512=sha512.hexdigest(), size_bytes=size)


def is_being_written(path: Path) -> bool:
    """Tell whether another process writes a temporary file right now."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


@contextmanager
def _written(folder: Path, *, prefix: str) -> Iterator[tuple[Path, BinaryIO]]:
    """Give a temporary file that is gone afterwards unless it was renamed."""
    with _room(folder):
        descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=folder)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as sink:
                # Tells an engine that starts meanwhile that this is nothing left by a crash.
                fcntl.flock(sink, fcntl.LOCK_EX)
                yield temporary, sink
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _room(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(
            f"Đĩa đã đầy khi ghi vào {folder}. Hãy giải phóng dung lượng rồi chạy lại.",
            f"The disk is full, writing to {folder}. Free some room, then run again.",
        ) from error


def _make_folders(folder: Path, root: Path) -> list[Path]:
    """Make a folder and its parents below `root`; return those in which one was made."""
    try:
        folder.mkdir()
    except FileExistsError:
        return []
    except FileNotFoundError:
        if folder.parent == root:
            raise
        made = _make_folders(folder.parent, root)
        folder.mkdir(exist_ok=True)
        return [*made, folder.parent]
    return [folder.parent]


def _sync_all(folder: Path, made: list[Path]) -> None:
    """Bring the names in a folder, and in those above it where a folder was made, to the disk.

    The deepest first: a journal that is written out for it holds those above it as well.
    """
    for each in (folder, *reversed(made)):
        sync_folder(each)


def _damaged(sha256: str) -> ObjectDamaged:
    return ObjectDamaged(
        f"Tệp {sha256} trong kho đã bị thay đổi. Đừng dùng; hãy khôi phục từ bản sao lưu.",
        f"Object {sha256} in the store has changed. Do not use it; restore it from a backup.",
    )
