"""One byte form for each JSON value, so that a digest of it means something."""

from __future__ import annotations

import hashlib
import json
from typing import Any

# One for all: to make an encoder costs as much as to write an event with it.
_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
)


def canonical_json(value: object) -> bytes:
    """Write JSON with sorted keys, no spaces, UTF-8 unescaped, no NaN.

    Raises:
        TypeError: The value is not JSON.
        ValueError: It holds NaN or an infinity.
    """
    return _ENCODER.encode(value).encode()


def canonical_text(value: object) -> str:
    """Return `canonical_json` as text, the form that a column holds."""
    return canonical_json(value).decode()


def read_json(text: str | bytes) -> Any:
    """Read a JSON column."""
    return json.loads(text)


def digest(value: object) -> str:
    """Return the SHA-256 (hex) of the canonical form."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
