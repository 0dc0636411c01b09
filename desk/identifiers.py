"""Identifiers of submissions and records: UUID version 7 (RFC 9562), which sort by time."""

from __future__ import annotations

import secrets
import time
import uuid


def new_id() -> str:
    """Return a new UUIDv7, lower case."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
