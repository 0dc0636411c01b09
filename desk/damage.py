"""What is said where rows are damaged: which, that all others are shown, and what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from storage.damaged_rows import GARBLED, read_each
from storage.submissions import Reason

log = logging.getLogger("hoso.damage")

Key = TypeVar("Key")
Shown = TypeVar("Shown")
_MOST_NAMED = 5
_told: set[tuple[str, str]] = set()


def show_each(
    show: Callable[[Key], Shown], keys: Iterable[Key]
) -> tuple[dict[Key, Shown], list[Key]]:
    """Show what can be shown, by its keys; return the keys of what is damaged, too.

    A garbled value makes what shows it fail as a fault of the program does. Where `hoso fixity`
    then finds nothing damaged, it was one: the journal says once where, and nothing of the value.

    Args:
        show: Shows one.
        keys: Of which.
    """

    def telling(key: Key) -> Shown:
        try:
            return show(key)
        except GARBLED as error:
            _tell(error)
            raise

    return read_each(telling, keys)


def _tell(error: Exception) -> None:
    place, kind = "", type(error).__name__
    trace = error.__traceback__
    while trace is not None:
        place = f"{trace.tb_frame.f_globals['__name__']}:{trace.tb_lineno}"
        trace = trace.tb_next
    if (place, kind) not in _told:
        _told.add((place, kind))
        log.warning("%s at %s, taken for a damaged row", kind, place)


def damage_lines(names: Sequence[object], what: str = "") -> list[str]:
    """Return what is said of damaged rows; nothing where there are none.

    Args:
        names: What each is called, as the check of the archive calls it.
        what: What all of them are.
    """
    if not names:
        return []
    listed = ", ".join(map(str, names))
    return [
        f"HỎNG dòng dữ liệu: {what}{listed}. Những dòng khác vẫn đúng và đã hiện đủ. Hãy chạy "
        "«hoso fixity», rồi khôi phục từ bản sao lưu."
    ]


def damage_alarm(names: Sequence[str]) -> Reason | None:
    """Return the alarm of damaged rows that the station met while it counted; None where none."""
    if not names:
        return None
    listed = ", ".join(names[:_MOST_NAMED])
    return Reason(
        code="rows_damaged",
        vi=f"Có {len(names)} dòng dữ liệu hỏng, không đếm được: {listed}. Hãy chạy «hoso fixity», "
        "rồi khôi phục từ bản sao lưu; những dòng khác vẫn đúng.",
        en=f"{len(names)} rows are damaged and were not counted: {listed}; run `hoso fixity`, and "
        "restore them from a backup; all others are as they were",
    )
