"""Are the requests that wait for the engine as they were asked? Others can be dropped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from config.vocabulary import EventType
from storage.archive import Archive
from storage.model import Finding, NewEvent


def find_changed_requests(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each request that waits, and is not as it was asked."""
    for number in archive.requests.damaged():
        yield Finding(
            kind="record",
            identifier=f"request {number}",
            vi="Yêu cầu này bị hỏng nên không được thực hiện. Hãy yêu cầu lại, rồi bỏ nó bằng "
            "«hoso fixity --mend»; hoặc khôi phục từ bản sao lưu.",
            en="This request is damaged and was not acted on. Ask again, then drop it with "
            "`hoso fixity --mend`; or restore it from a backup.",
        )


def drop_changed_requests(archive: Archive, *, actor: str, at: datetime) -> int:
    """Drop the requests that are not as they were asked; return how many.

    Nothing that they asked for was done: papers wait as before.

    Args:
        archive: The archive.
        actor: Who drops them; that is an event.
        at: When.
    """
    with archive.db.transaction():
        numbers = archive.requests.damaged()
        for number in numbers:
            archive.requests.complete(number, at)
        if numbers:
            dropped = NewEvent(
                type=EventType.DELETION,
                object="archive",
                actor=actor,
                at=at,
                outcome="requests",
                detail={"requests": numbers},
            )
            archive.events.append(dropped)
    return len(numbers)
