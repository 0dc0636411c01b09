"""Are the requests that wait for the engine as they were asked? Others can be dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from config.vocabulary import EventType
from storage.archive import Archive
from storage.model import Finding, NewEvent

_NAME = "request {}"


def find_changed_requests(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each request that waits, and is not as it was asked."""
    for number in archive.requests.damaged():
        yield Finding(
            kind="record",
            identifier=_NAME.format(number),
            vi="Yêu cầu này bị hỏng nên không được thực hiện. Hãy yêu cầu lại, rồi bỏ nó bằng "
            "«hoso fixity --mend»; hoặc khôi phục từ bản sao lưu.",
            en="This request is damaged and was not acted on. Ask again, then drop it with "
            "`hoso fixity --mend`; or restore it from a backup.",
        )


def drop_changed_requests(
    archive: Archive, findings: Sequence[Finding], *, actor: str, at: datetime
) -> int:
    """Drop the requests that were found not to be as they were asked; return how many.

    Nothing that they asked for was done: papers wait as before.

    Args:
        archive: The archive.
        findings: What its check found: nothing is dropped that nobody is told of.
        actor: Who drops them; that is an event.
        at: When.
    """
    named = {item.identifier for item in findings}
    with archive.db.transaction():
        damaged = archive.requests.damaged()
        numbers = [number for number in damaged if _NAME.format(number) in named]
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
