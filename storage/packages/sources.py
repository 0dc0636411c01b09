"""A package from outside, a folder or a ZIP: its files by name, with nothing believed of them.

Names that lead out, links, special files, names that stand twice, sealed entries and bombs are
refused before a byte is read.
"""

from __future__ import annotations

import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from storage.errors import PackageUnusable

MOST_FILES = 200_000
"""More files than this no package of one dossier has."""
METADATA_BYTES = 64 << 20
"""XML and JSON that are longer are not read."""
_MOST_TIMES_LARGER = 200
_FREE_BYTES = 16 << 20
_MOST_NAME_BYTES = 1024
_MOST_PART_BYTES = 255
_SEALED = 0x1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A package that was opened."""

    name: str
    """Name of its folder."""
    sizes: dict[str, int] = field(repr=False)
    """Length in bytes of each file, by its path in the package."""
    _base: str
    _folder: Path | None = None
    _zip: zipfile.ZipFile | None = None

    def open(self, path: str) -> IO[bytes]:
        """Open a file of the package.

        Raises:
            PackageUnusable: There is none, or it cannot be read.
        """
        if path not in self.sizes:
            raise PackageUnusable(
                f"Gói không có tệp «{path}». Hãy xin lại gói.", f"the package has no file {path}"
            )
        try:
            if self._zip is not None:
                return self._zip.open(f"{self._base}{path}")
            assert self._folder is not None, "a source is one of the two"
            return (self._folder / path).open("rb")
        except (OSError, *_BROKEN) as error:
            raise _unreadable(path, error) from error

    def chunks(self, path: str, size: int = 1 << 20) -> Iterator[bytes]:
        """Yield the bytes of a file.

        Raises:
            PackageUnusable: It cannot be read to its end.
        """
        with self.open(path) as stream:
            try:
                while chunk := stream.read(size):
                    yield chunk
            except (OSError, *_BROKEN) as error:
                raise _unreadable(path, error) from error

    def read(self, path: str) -> bytes:
        """Return the bytes of a file of metadata.

        Raises:
            PackageUnusable: It is not there, cannot be read, or is too long.
        """
        self.refuse_long(path)
        return b"".join(self.chunks(path))

    def refuse_long(self, path: str) -> None:
        """Refuse a file of metadata that is longer than any is.

        Raises:
            PackageUnusable: It is.
        """
        if self.sizes.get(path, 0) > METADATA_BYTES:
            raise PackageUnusable(
                f"«{path}» trong gói dài quá {METADATA_BYTES >> 20} MB. Không nhận gói này.",
                f"{path} of the package is longer than {METADATA_BYTES >> 20} MB; it is refused",
            )


# What zipfile and zlib raise of a file that is none, or no longer whole.
_BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, EOFError)


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a package.

    Args:
        path: Its ZIP, its folder, or a folder that holds nothing but that folder.

    Raises:
        PackageUnusable: It is no package, or a hostile one.
    """
    if path.is_dir():
        folder = _package_folder(path)
        yield Source(name=folder.name, sizes=dict(_walk(folder)), _base="", _folder=folder)
        return
    try:
        packed = zipfile.ZipFile(path)
    except (OSError, *_BROKEN) as error:
        raise PackageUnusable(
            f"«{path}» không phải gói hồ sơ (thư mục hoặc tệp ZIP) đọc được: {error}.",
            f"{path} is no package (folder or ZIP) that can be read: {error}",
        ) from error
    with packed:
        _refuse_bomb(packed, path)
        sizes = dict(_entries(packed))
        top = _only_top(sizes, path)
        base = f"{top}/"
        inner = {name.removeprefix(base): size for name, size in sizes.items()}
        yield Source(name=top, sizes=inner, _base=base, _zip=packed)


def _package_folder(path: Path) -> Path:
    if (path / "METS.xml").exists():
        return path
    inner = [item for item in path.iterdir() if not item.name.startswith(".")]
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else path


def _walk(folder: Path) -> Iterator[tuple[str, int]]:
    known = _Names()
    for root, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(root) / name
            mode = path.lstat().st_mode
            inner = path.relative_to(folder).as_posix()
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise _refused(inner, "là liên kết hoặc tệp đặc biệt", "is a link or special file")
            if stat.S_ISREG(mode):
                known.add_file(inner)
                yield inner, path.lstat().st_size


def _entries(packed: zipfile.ZipFile) -> Iterator[tuple[str, int]]:
    known = _Names()
    for entry in packed.infolist():
        name, mode = entry.filename, entry.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(name, "là liên kết hoặc tệp đặc biệt", "is a link or special file")
        if entry.flag_bits & _SEALED:
            raise _refused(name, "được khóa bằng mật khẩu", "is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(name, "nén theo cách lạ", "is compressed in an unusual way")
        if entry.is_dir():
            known.add_folder(name.removesuffix("/"))
        else:
            known.add_file(name)
            yield name, entry.file_size


_BOTH = "vừa là tệp vừa là thư mục", "is both a file and a folder"


class _Names:
    """The names met so far: each leads inward, and none stands twice, however it is written."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def add_file(self, name: str) -> None:
        same = self._add(name)
        if same in self._folders:
            raise _refused(name, *_BOTH)
        self._files.add(same)
        self._add_folders(name, same.split("/")[:-1])

    def add_folder(self, name: str) -> None:
        self._add_folders(name, self._add(name).split("/"))

    def _add_folders(self, name: str, parts: list[str]) -> None:
        for count in range(len(parts), 0, -1):
            folder = "/".join(parts[:count])
            if folder in self._folders:
                return
            if folder in self._files:
                raise _refused(name, *_BOTH)
            self._folders.add(folder)

    def _add(self, name: str) -> str:
        if not _is_plain(name):
            raise _refused(name, "có tên không hợp lệ", "has a name that is not allowed")
        same = unicodedata.normalize("NFC", name).casefold()
        if same in self._seen:
            raise _refused(name, "có tên trùng", "stands twice")
        self._seen.add(same)
        if len(self._seen) > MOST_FILES:
            raise _refused(name, f"là tệp thứ {MOST_FILES + 1}", "is one file too many")
        return same


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    if not name or len(name.encode(errors="replace")) > _MOST_NAME_BYTES:
        return False
    if any(sign in name for sign in "\\:") or not name.isprintable():
        return False
    return all(
        part not in ("", ".", "..") and len(part.encode()) <= _MOST_PART_BYTES for part in parts
    )


def _refuse_bomb(packed: zipfile.ZipFile, path: Path) -> None:
    told = sum(entry.file_size for entry in packed.infolist())
    if told > _FREE_BYTES + _MOST_TIMES_LARGER * path.stat().st_size:
        raise _refused(path.name, "nở ra quá lớn (bom nén)", "unpacks to far too much")


def _only_top(sizes: dict[str, int], path: Path) -> str:
    tops = {name.partition("/")[0] for name in sizes}
    if len(tops) != 1 or any("/" not in name for name in sizes):
        raise _refused(path.name, "không có đúng một thư mục gói", "holds not just one folder")
    return tops.pop()


def _refused(name: str, vi: str, en: str) -> PackageUnusable:
    shown = name[:200]
    return PackageUnusable(
        f"Không nhận gói: «{shown}» {vi}. Hãy xin lại gói từ nơi giao.",
        f"the package is refused: {shown!r} {en}",
    )


def _unreadable(path: str, error: BaseException) -> PackageUnusable:
    return PackageUnusable(
        f"Không đọc hết được «{path}» trong gói: {error}. Hãy xin lại gói.",
        f"{path} of the package cannot be read to its end: {error}",
    )
