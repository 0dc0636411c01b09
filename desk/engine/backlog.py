"""Which submissions wait for a thread of the engine, and which of them is next.

The same rule as for pages (`desk.engine.readers`): small first, every fourth time the oldest.
"""

from __future__ import annotations

from collections.abc import Iterable

from desk.engine.readers import Seats, Turn, small_first
from storage.submissions import Submission

# Until a scan was opened its pages are guessed: what printers write is rarely more a page.
_BYTES_A_PAGE = 1_000_000


class Backlog:
    """Waiting submissions.

    Args:
        seats: of the large ones; where none is free they are passed over.
    """

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._waiting: dict[str, Submission] = {}
        self._pages: dict[str, int] = {}
        self._taken = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def replace(self, items: Iterable[Submission]) -> None:
        """Set who waits."""
        self._waiting = {item.id: item for item in items}
        self._pages = {name: n for name, n in self._pages.items() if name in self._waiting}

    def put_back(self, item: Submission, pages: int) -> None:
        """Let a submission wait again whose pages are known now, and which others go before."""
        self._waiting[item.id] = item
        self._pages[item.id] = pages

    def take(self) -> Submission | None:
        """Take the next; None where nobody waits who could be worked on.

        One that is known to be large takes its seat here: looked at in vain, it would be decoded
        whole each time.
        """
        has_seat = self._seats.free > 0
        turns = [
            turn for turn in map(self._turn, self._waiting.values()) if self._fits(turn, has_seat)
        ]
        if not turns:
            return None
        chosen = turns[small_first(turns, self._taken)]
        self._taken += 1
        if chosen.submission in self._pages:
            self._seats.take(chosen)
        return self._waiting.pop(chosen.submission)

    def _fits(self, turn: Turn, has_seat: bool) -> bool:
        """Tell whether a submission may begin; a guess alone keeps none outside."""
        return has_seat or not (turn.is_large and turn.submission in self._pages)

    def _turn(self, item: Submission) -> Turn:
        pages = self._pages.get(item.id, 1 + item.size_bytes // _BYTES_A_PAGE)
        return Turn(submission=item.id, arrived=item.received_at, pages=pages)
