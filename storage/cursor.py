"""Page cursors: a place in the answers of one search, opaque and checked."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from storage.canonical import canonical_json
from storage.errors import BadCursor
from storage.search_values import Filters, SearchRequest

# Larger than any filing number whose rows fit the index.
BEFORE_ALL = 1 << 46
_CHECK_BYTES = 8


def write_cursor(request: SearchRequest, tier: int, number: int) -> str:
    """Return a cursor that goes on after a record of a tier."""
    place = f"{tier}.{number}"
    return base64.urlsafe_b64encode(f"{place}.{_check(request, place)}".encode()).decode()


def read_cursor(request: SearchRequest) -> tuple[int, int]:
    """Return tier and filing number after which to go on.

    Raises:
        BadCursor: `after` was not given by this search.
    """
    if request.after is None:
        return 0, BEFORE_ALL
    try:
        text = base64.b64decode(request.after.encode(), altchars=b"-_", validate=True).decode()
        tier, number, check = text.split(".")
        if hmac.compare_digest(check.encode(), _check(request, f"{tier}.{number}").encode()):
            return int(tier), int(number)
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error
    raise _bad_cursor()


def _check(request: SearchRequest, place: str) -> str:
    """Bind a cursor to its search, so that it cannot be used on another by mistake."""
    filters: dict[str, list[str]] = {
        name: sorted(getattr(request.filters, name)) for name in Filters.__slots__
    }
    typed = request.query.encode(errors="replace").decode()
    key = canonical_json([typed, filters, place, *(["overlay"] if request.overlay else [])])
    return hashlib.sha256(key).hexdigest()[: 2 * _CHECK_BYTES]


def _bad_cursor() -> BadCursor:
    return BadCursor(
        "Dấu trang tìm kiếm không hợp lệ. Hãy tìm lại từ đầu.",
        "The cursor does not belong to this search. Search again from the start.",
    )
