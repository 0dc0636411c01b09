"""Room on the station's disk: below the floor nothing new is taken in, so that what is can end."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desk.station import Station
from storage.errors import DiskFull
from storage.submissions import Reason

_MEGABYTE = 1_000_000
_FULL = (errno.ENOSPC, errno.EDQUOT)


def shortage(station: Station) -> Reason | None:
    """Return why nothing may be taken in for want of room; None where there is enough."""
    floor = station.settings.intake.free_megabytes
    try:
        free = shutil.disk_usage(station.root).free // _MEGABYTE
    except OSError:
        return None  # a station that is out of reach is told of otherwise
    if free >= floor:
        return None
    return Reason(
        code="no_room",
        vi=f"Đĩa của trạm chỉ còn {free} MB, cần ít nhất {floor} MB: trạm tạm ngừng nhận bản quét "
        "mới; tệp trong thư mục chờ được để nguyên. Hãy báo người quản trị dọn ổ đĩa.",
        en=f"{free} MB are free, {floor} MB are needed: no new scans are taken in until there is "
        "room; they stay in the inbox",
    )


def require_room(station: Station, *, kept_out: int) -> None:
    """Stop a run that ends while scans may not be taken in for want of room.

    Raises:
        DiskFull: so many scans stay in the inbox.
    """
    short = shortage(station) if kept_out else None
    if short is not None:
        raise DiskFull(f"{short.vi} Còn {kept_out} tệp chờ.", f"{short.en}; {kept_out} wait")


@contextmanager
def telling_full_disk() -> Iterator[None]:
    """Tell a full disk as such, wherever it was met: the process ends, and nothing is lost.

    Raises:
        DiskFull: instead of the operating system's own error.
    """
    try:
        yield
    except OSError as error:
        full = as_disk_full(error)
        if full is None:
            raise
        raise full from error


def as_disk_full(error: OSError) -> DiskFull | None:
    """Return the error that tells of a full disk or quota; None for any other error."""
    if error.errno not in _FULL:
        return None
    # The folder says which disk; the file's name may be a person's, and this goes into journals.
    folder = Path(error.filename).parent if isinstance(error.filename, str) else None
    return DiskFull(
        f"Đĩa đã đầy khi ghi vào {folder or 'trạm'}. Không mất gì; hãy giải phóng dung lượng rồi "
        "chạy lại.",
        f"the disk is full, writing into {folder or 'the station'}; nothing is lost. Free some "
        "room, then run again",
    )
