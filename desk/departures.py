"""What leaves the archive appears whole, and not before the log tells of it.

A package is made in a folder of work on the disk that it goes to; then its events are written; then
it gets its name. Killed before the events, nothing has left; killed after them, the log tells of a
package that was never seen. The next export there clears what was left.

An empty folder that is there is taken for the place of the package: the folder of work lies beside
it and takes its name, at once. Only where that cannot be (it is a disk of its own, or nothing may
be made beside it) do the files come one by one, under a note that they are not all there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

from desk.errors import PathUnusable
from desk.exporting import Export, Exported, ExportOrder, note_export
from desk.station import Station
from storage.archive import Archive
from storage.errors import TargetNotEmpty
from storage.workshops import clear_beside, workshop_beside

ZIP = ".zip"
"""Ending of a target that is one file."""
_LISTS = ("GOI.json", "bagit.txt")
"""Files without which a folder is no package of its format."""
_LISTS_OF_RIGHTS = ("system.posix_acl_access", "system.posix_acl_default")
_PACKED = "goi"
_NOT_WHOLE = "CHUA-XUAT-XONG.txt"
_NOTE = """Gói này chưa xuất xong: còn thiếu tệp. Đừng dùng, đừng giao cho ai.
Nếu không còn chương trình nào đang xuất vào đây, hãy xóa thư mục này rồi xuất lại.

This export did not come to its end: files are missing. Do not use it; delete it and export again.
"""


def take_out(make: Export, order: ExportOrder, station: Station, archive: Archive) -> Exported:
    """Make a package, log that it leaves, and let it appear.

    Raises:
        TargetNotEmpty: there is something already where it shall go.
        UnknownCode: nothing is filed under the code.
        ObjectMissing, ObjectDamaged: a file is not what was filed; nothing leaves.
    """
    target = order.target
    is_zip, is_there = target.suffix.lower() == ZIP, target.exists() or target.is_symlink()
    _clear(target)
    _refuse(target, is_taken=is_there and (is_zip or not target.is_dir()))
    with _work_for(target) as work:
        aside = work / (target.name if is_zip else _PACKED)
        made = make(replace(order, target=aside), station, archive)
        # Some formats name the folder of the package themselves, in the one that was asked for.
        place = target / made.path.relative_to(aside)
        _refuse(place, is_taken=_is_taken(place, besides=work.parent.name))
        note_export(made, order, archive)
        _appear(made.path, place)
    return replace(made, path=place)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which stands as the target at the end, whole.

    Where filling it fails or is killed, the target is what it was before.

    Raises:
        TargetNotEmpty: the target holds something.
        PathUnusable: nothing can be written there.
    """
    try:
        _clear(target)
        _refuse(target, is_taken=_is_taken(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        _try_out(target)
    except OSError as error:
        raise PathUnusable(
            f"Không ghi được vào «{target}»: {error.strerror}. Hãy kiểm tra quyền và chỗ trống.",
            f"cannot write into {target}: {error.strerror}; check permissions and room",
        ) from error
    with _work_for(target) as work:
        aside = work / _PACKED
        aside.mkdir()
        yield aside
        _appear(aside, target)


def _try_out(target: Path) -> None:
    """Write where the folder of work will lie.

    Raises:
        OSError: it cannot be.
    """
    with TemporaryFile(dir=target.parent if _can_be_replaced(target) else target):
        pass


@contextmanager
def _work_for(target: Path) -> Iterator[Path]:
    """Give a folder of work on the disk of the target: beside it, or in it where that cannot be."""
    place = target.resolve()
    with workshop_beside(place if _can_be_replaced(place) else place / _PACKED) as work:
        yield work


def _can_be_replaced(target: Path) -> bool:
    """Tell whether a folder of work may lie beside the target, and take its name."""
    if not target.is_dir():
        return True
    place = target.resolve()
    if place.is_mount() or not os.access(place.parent, os.W_OK | os.X_OK):
        return False
    # Another one would take away what this one gives: a group for its files, rights of others, a
    # place to stand in. One that is closed to its owner could not be moved, nor be taken away from.
    found = place.stat()
    is_plain = (found.st_uid, found.st_gid) == (os.geteuid(), os.getegid())
    is_open = found.st_mode & stat.S_IRWXU == stat.S_IRWXU
    is_plain &= is_open and not found.st_mode & stat.S_ISGID and not _has_list_of_rights(place)
    return is_plain and place != Path.cwd()


def _has_list_of_rights(folder: Path) -> bool:
    """Tell whether rights are given one by one there (acl(5)): a new folder would have none."""
    with suppress(OSError):  # a share that knows none
        return any(name in _LISTS_OF_RIGHTS for name in os.listxattr(folder))
    return False


def _clear(target: Path) -> None:
    # Where the target is a link, the folder of work lies beside what it leads to.
    place = target.resolve()
    clear_beside(place.parent)
    clear_beside(place)


def _refuse(place: Path, *, is_taken: bool) -> None:
    if is_taken:
        raise TargetNotEmpty(
            f"Đã có «{place}». Hãy chọn nơi khác.", f"{place} is there already; choose another"
        )


def _is_taken(place: Path, besides: str = "") -> bool:
    if not place.is_dir():
        return place.exists() or place.is_symlink()
    return any(path.name != besides for path in place.iterdir())


def _appear(made: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_dir():
        made.replace(place)
    elif _can_be_replaced(place):
        _take_name(made, place.resolve())
    else:
        _bring_in(made, place)


def _take_name(made: Path, place: Path) -> None:
    """Put a folder in the place of an empty one; what was closed to others stays closed."""
    made.chmod(stat.S_IMODE(made.stat().st_mode & place.stat().st_mode))
    try:
        made.replace(place)
    except OSError:
        # Some shares put no folder over another; killed here, there is none.
        place.rmdir()
        made.replace(place)


def _bring_in(made: Path, place: Path) -> None:
    """Bring the files of a package into a folder one by one, under a note that says so."""
    note = place / _NOT_WHOLE
    note.write_text(_NOTE, encoding="utf-8-sig", newline="\r\n")
    # Last what says that it is a package.
    for path in sorted(made.iterdir(), key=lambda path: (path.name in _LISTS, path.name)):
        path.replace(place / path.name)
    note.unlink()
