"""What a page is: an address, who may ask for it, what answers. One table holds all of them.

The tests of access are made from that table: a page without an entry in them fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.responses import Response

from desk.web.house import MOST_DIGITS, Asked
from storage.accounts import WebRole


class _Number(IntegerConvertor):
    """A number of an address: none is longer than those of the log, nor than a database holds."""

    regex = f"[0-9]{{1,{MOST_DIGITS}}}"


# Of every table of pages of this program: Starlette's own takes any length.
register_url_convertor("int", _Number())
View = Callable[[Asked], Response]
READERS = frozenset({WebRole.OFFICER, WebRole.AUDITOR})
"""Who sees papers."""
OFFICERS = frozenset({WebRole.OFFICER})
AUDITORS = frozenset({WebRole.AUDITOR})
ADMINISTRATORS = frozenset({WebRole.ADMINISTRATOR})
ALL = frozenset(WebRole)
"""Everybody who is logged in."""
SMALL_BYTES = 64 * 1024
"""What a form without a file may send."""


class Queue(Enum):
    """What costs much waits in a line, and holds no thread that quick pages need.

    The value is its place, and how many are answered at once.
    """

    ENTER = (0, 1)
    """A hash of a password takes 19 MiB; one at a time also lets no storm outrun its count."""
    DRAW = (1, 2)
    """Pictures: one process draws, meanwhile the next file is compared with its digest."""
    JUDGE = (2, 1)
    """Verdicts and packages: a file costs up to ten seconds of every processor."""
    CHECK = (3, 1)
    """The whole log is read."""
    CERTIFY = (4, 2)
    """A certificate is judged: an authority may be asked, which takes seconds."""

    @property
    def at_once(self) -> int:
        """How many are answered at once."""
        return self.value[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One address and one method."""

    path: str
    """As Starlette writes it: `/giay/{record}`."""
    view: View
    roles: frozenset[WebRole] | None
    """Who may ask; None: anybody, logged in or not."""
    method: str = "GET"
    """GET changes nothing but the log; POST may, and carries the proof of its session."""
    queue: Queue | None = None
    """What it waits in where it costs much; None: it is answered at once."""
    is_for_new: bool = False
    """Whether it is open to who must first replace a password that the program drew."""
    most_files: int = 0
    """How many files a form may bring; where it may, its length is the settings' affair."""
