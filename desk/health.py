"""What the running engine says of itself, for other programs: is it alive, does it hear the inbox.

Written by the engine to `archive/health.json`, whole or not at all; what is older than three
minutes says nothing any more.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from desk import trays
from desk.moments import now
from storage.submissions import Reason

STALE_SECONDS = 180.0
# Well inside the three minutes, and still no load: one small file.
_BEAT_SECONDS = 30.0

_CAUSES = {
    errno.EACCES: ("không có quyền", "no permission"),
    errno.EPERM: ("không có quyền", "no permission"),
    errno.EROFS: ("ổ đĩa chỉ cho đọc", "the file system is read-only"),
    errno.ENOENT: ("không còn ở đó", "it is gone"),
    errno.ENOSPC: ("đĩa đã đầy", "the disk is full"),
    errno.EDQUOT: ("đã hết hạn mức đĩa", "the disk quota is used up"),
    errno.EIO: ("ổ đĩa hay máy chủ chia sẻ không trả lời", "the disk or share does not answer"),
    errno.ESTALE: ("thư mục mạng đã mất kết nối", "the share lost its connection"),
    errno.EHOSTDOWN: ("máy chủ chia sẻ không trả lời", "the file server is down"),
    errno.EHOSTUNREACH: ("không tới được máy chủ chia sẻ", "the file server cannot be reached"),
    errno.ENOTCONN: ("thư mục mạng đã mất kết nối", "the share lost its connection"),
    errno.ETXTBSY: ("đang được chương trình khác dùng", "another program uses it"),
    errno.EBUSY: ("đang được chương trình khác dùng", "another program uses it"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the engine said last."""

    at: dt.datetime
    """When, aware."""
    alarms: tuple[Reason, ...]
    """What keeps it from hearing or taking scans now; empty: nothing."""

    @property
    def hears(self) -> bool:
        """Whether everything that lies in the inbox is seen, at once, and can be taken."""
        return not any(alarm.code.startswith("inbox_") for alarm in self.alarms)

    def is_fresh(self, at: dt.datetime) -> bool:
        """Tell whether it still counts; a clock that was turned makes it old, never young."""
        return abs((at - self.at).total_seconds()) <= STALE_SECONDS


class Pulse:
    """Writes the engine's health: at once where it changed, else every half minute.

    Args:
        path: `archive/health.json`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._alarms: tuple[Reason, ...] | None = None
        self._next = 0.0

    def beat(self, alarms: Sequence[Reason], moment: float) -> bool:
        """Say how it is.

        Args:
            alarms: what is wrong now.
            moment: monotonic seconds.

        Returns:
            Whether that is something else than before.
        """
        said = tuple(dict.fromkeys(alarms))
        changed = said != self._alarms
        if changed or moment >= self._next:
            plain = {"at": now().isoformat(), "alarms": [asdict(alarm) for alarm in said]}
            # Where it cannot be written its age tells; the work itself goes on.
            with suppress(OSError):
                trays.write_whole(self._path, json.dumps(plain, ensure_ascii=False).encode())
            self._alarms, self._next = said, moment + _BEAT_SECONDS
        return changed


def read_health(path: Path) -> Health | None:
    """Return what the engine said last, or None where it never did or what it said is damaged."""
    try:
        plain: dict[str, Any] = json.loads(path.read_bytes())
        return Health(
            at=dt.datetime.fromisoformat(plain["at"]),
            alarms=tuple(Reason(**alarm) for alarm in plain["alarms"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def unreachable(vi: str, en: str) -> Reason:
    """Say that the inbox as a whole cannot be used, and why."""
    return Reason(
        code="inbox_unreachable",
        vi=f"Trạm không dùng được thư mục chờ: {vi}. Chưa mất gì; hãy báo người quản trị. "
        "Trạm tự làm tiếp khi thư mục trở lại.",
        en=f"the inbox cannot be used: {en}. Nothing is lost; it goes on when the folder is back",
    )


def unlisted(error: OSError) -> Reason:
    """Say that a subfolder of the inbox cannot be looked into."""
    vi, en = cause(error)
    return Reason(
        code="inbox_unlisted",
        vi=f"Trạm không xem được một thư mục con của thư mục chờ: {vi}. "
        "Hãy báo người quản trị mở quyền cho tài khoản của trạm.",
        en=f"a subfolder of the inbox cannot be listed: {en}; let the station's account in",
    )


def cause(error: OSError) -> tuple[str, str]:
    """Say in Vietnamese and in English why the system refused."""
    known = _CAUSES.get(error.errno or 0)
    text = error.strerror or type(error).__name__
    return known or (f"hệ điều hành báo «{text}»", text)
