"""Page cursors: a place in the answers of one search, opaque and checked."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from storage.canonical import canonical_json
from storage.errors import BadCursor
from storage.search_values import Filters, SearchRequest

# Larger than any filing number.
BEFORE_ALL = 1 << 62
_CHECK_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the answers of one search."""

    tier: int
    """Tier of the answer."""
    number: int
    """Row number of the answer."""
    top: int = 0
    """Newest row number when the search began; 0 before it did."""
    rank: int = -1
    """Where it stands among the best of its tier, from 0; -1 where order is by number."""
    oldest: int = 0
    """Oldest row among those best; 0 where all of the tier are."""
    is_few: bool = False
    """Whether so few were found that they were told apart row by row."""


START = Place(tier=0, number=BEFORE_ALL, rank=0)


def write_cursor(request: SearchRequest, place: Place) -> str:
    """Return a cursor that goes on after a place."""
    numbers = (place.tier, place.number, place.top, place.rank, place.oldest, int(place.is_few))
    text = ".".join(map(str, numbers))
    return base64.urlsafe_b64encode(f"{text}.{_check(request, text)}".encode()).decode()


def read_cursor(request: SearchRequest) -> Place:
    """Return the place after which to go on.

    Raises:
        BadCursor: `after` was not given by this search.
    """
    if request.after is None:
        return START
    try:
        text = base64.b64decode(request.after.encode(), altchars=b"-_", validate=True).decode()
        place, _, check = text.rpartition(".")
        if hmac.compare_digest(check.encode(), _check(request, place).encode()):
            return _place(list(map(int, place.split("."))))
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error
    raise _bad_cursor()


def _place(numbers: list[int]) -> Place:
    if max(numbers) > BEFORE_ALL:
        raise ValueError("no row has such a number, and no database takes it")
    tier, number, top, rank, oldest, few = numbers
    return Place(tier=tier, number=number, top=top, rank=rank, oldest=oldest, is_few=few == 1)


def _check(request: SearchRequest, place: str) -> str:
    """Bind a cursor to its search, so that it cannot be used on another by mistake."""
    filters: dict[str, list[str]] = {
        name: sorted(getattr(request.filters, name)) for name in Filters.__slots__
    }
    typed = request.query.encode(errors="replace").decode()
    manner = [request.order, request.kind, request.overlay, request.near]
    key = canonical_json([typed, filters, place, manner])
    return hashlib.sha256(key).hexdigest()[: 2 * _CHECK_BYTES]


def _bad_cursor() -> BadCursor:
    return BadCursor(
        "Dấu trang tìm kiếm không hợp lệ. Hãy tìm lại từ đầu.",
        "The cursor does not belong to this search. Search again from the start.",
    )
