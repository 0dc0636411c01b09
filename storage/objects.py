"""The write-once store of files, addressed by SHA-256."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from os.path import isfile
from pathlib import Path
from typing import BinaryIO

from storage.digests import Digests
from storage.errors import DiskFull, ObjectDamaged, ObjectMissing
from storage.object_folders import ObjectFolders
from storage.safe_files import sync_folder

_CHUNK_BYTES = 1 << 20
_PRIVATE = 0o600
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
        # Each filing asks for places again and again: they are text, for a `Path` takes more time
        # to be joined than the question that it is made for.
        self._folder = f"{root}/sha256"
        self._folders = ObjectFolders(root)
        self._digests = Digests()

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
        if not self.has(sha256):
            raise ObjectMissing(
                f"Kho không có tệp {sha256}. Hãy chạy kiểm tra toàn vẹn và khôi phục từ sao lưu.",
                f"The store has no object {sha256}. Run the fixity check and restore it.",
            )
        return Path(self._place(sha256))

    def has(self, sha256: str) -> bool:
        """Tell whether there is such an object."""
        return bool(_DIGEST.fullmatch(sha256)) and isfile(self._place(sha256))  # noqa: PTH113

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
            if _copy(stream, sink) != sha256:
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
            if _copy(stream, sink) != sha256:
                raise _damaged(sha256)
            folder = self._folders.make(sha256)
            temporary.replace(f"{folder}/{sha256}")
        self._folders.sync(folder)

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
        for swept in self.staging.glob(f"{_SWEEP}*"):
            place = Path(self._place(swept.name.removeprefix(_SWEEP)))
            if not place.exists():
                swept.rename(place)
                sync_folder(place.parent)

    def verify(self, sha256: str) -> bool:
        """Tell whether the bytes of an object are still its own.

        Raises:
            ObjectMissing: The store has no such object.
        """
        with self.path(sha256).open("rb") as stream:
            return _copy(stream, None) == sha256

    def measure(self, sha256: str) -> StoredObject:
        """Hash what lies at an address.

        Raises:
            ObjectMissing: The store has no such object.
        """
        with self.path(sha256).open("rb") as stream:
            return self._measured(_chunks(stream))

    def __iter__(self) -> Iterator[str]:
        for path in sorted((self.root / "sha256").glob("??/??/*")):
            if _DIGEST.fullmatch(path.name):
                yield path.name

    def _place(self, sha256: str) -> str:
        return f"{self._folder}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def _store(self, stream: BinaryIO) -> StoredObject:
        with _written(self.staging, prefix="object.") as (temporary, sink):
            os.fchmod(sink.fileno(), _READ_ONLY)
            stored = self._measured(_chunks(stream), _sending(sink))
            # Before the file is on the disk: a journal that is written out for it holds both.
            folder = self._folders.find(stored.sha256)
            os.fsync(sink.fileno())
            return self._named(stored, folder, temporary)

    def _measured(
        self, chunks: Iterable[bytes], meanwhile: Callable[[bytes], None] | None = None
    ) -> StoredObject:
        sha256, sha512, size = self._digests.of(chunks, meanwhile)
        return StoredObject(sha256=sha256, sha512=sha512, size_bytes=size)

    def _named(self, stored: StoredObject, folder: str, temporary: Path) -> StoredObject:
        """Give a file that is on the disk its name, unless there is such an object already."""
        if self._is_held(stored.sha256):
            temporary.unlink()
        else:
            self._move(temporary, stored.sha256)
        self._folders.sync(folder)
        return stored

    def _move(self, temporary: Path, sha256: str) -> None:
        try:
            temporary.replace(self._place(sha256))
        except FileNotFoundError:
            # The folder was there when it was last seen.
            self._folders.make(sha256)
            temporary.replace(self._place(sha256))

    def _is_held(self, sha256: str) -> bool:
        """Tell whether an object is there, and mark it as stored again: no sweep takes it now."""
        place = self._place(sha256)
        # Asked first: to be told by an error takes twice as long, and nearly all are new.
        if not isfile(place):  # noqa: PTH113
            return False
        try:
            os.utime(place)
            if not self.verify(sha256):
                raise _damaged(sha256)
        except (FileNotFoundError, ObjectMissing):
            return False
        return True


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    return iter(partial(stream.read, _CHUNK_BYTES), b"")


def _sending(sink: BinaryIO) -> Callable[[bytes], None]:
    """Return what writes chunks one after another, each on its way to the disk at once."""
    begin = 0

    def send(chunk: bytes) -> None:
        nonlocal begin
        sink.write(chunk)
        sink.flush()
        # Linux begins to write at this word. Of this chunk alone: what is on the disk already would
        # be dropped from memory, and is read again soon.
        with suppress(OSError):
            os.posix_fadvise(sink.fileno(), begin, len(chunk), os.POSIX_FADV_DONTNEED)
        begin += len(chunk)

    return send


def _copy(stream: BinaryIO, sink: BinaryIO | None) -> str:
    """Read a stream to its end; return its SHA-256. Where a sink is given, it is on the disk."""
    sha256 = hashlib.sha256()
    for chunk in _chunks(stream):
        sha256.update(chunk)
        if sink is not None:
            sink.write(chunk)
    if sink is not None:
        sink.flush()
        os.fsync(sink.fileno())
    return sha256.hexdigest()


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
    """Give a temporary file, to be given its name or taken away; it is gone where one fails."""
    temporary = folder / f"{prefix}{os.urandom(8).hex()}.tmp"
    with _room(folder):
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE)
        try:
            with os.fdopen(descriptor, "wb") as sink:
                # Tells an engine that starts meanwhile that this is nothing left by a crash.
                fcntl.flock(sink, fcntl.LOCK_EX)
                yield temporary, sink
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


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


def _damaged(sha256: str) -> ObjectDamaged:
    return ObjectDamaged(
        f"Tệp {sha256} trong kho đã bị thay đổi. Đừng dùng; hãy khôi phục từ bản sao lưu.",
        f"Object {sha256} in the store has changed. Do not use it; restore it from a backup.",
    )
