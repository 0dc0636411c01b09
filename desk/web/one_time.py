"""One-time codes of an authenticator: TOTP (RFC 6238) with SHA-1, 6 digits, steps of 30 seconds.

Those are what every authenticator reads from an `otpauth:` address without being asked.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

_SECRET_BYTES = 20
_STEP_SECONDS = 30
_DIGITS = 6
# A phone's clock may be a step behind or ahead (RFC 6238, 5.2).
_DRIFT = (-1, 0, 1)


def new_secret() -> bytes:
    """Return a secret of 160 bits (RFC 4226, R6)."""
    return secrets.token_bytes(_SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a step, six digits (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def step_of(at: datetime) -> int:
    """Return the step of a moment."""
    return int(at.timestamp()) // _STEP_SECONDS


def matching_step(secret: bytes, code: str, at: datetime) -> int | None:
    """Return the step whose code was typed, or None; all steps are compared in any case."""
    typed = "".join(code.split())
    if not typed.isascii():
        return None
    found = None
    for drift in _DRIFT:
        step = step_of(at) + drift
        if hmac.compare_digest(code_at(secret, step), typed):
            found = step
    return found


def address_of(secret: bytes, login: str, issuer: str) -> str:
    """Return the `otpauth:` address that an authenticator reads from a QR code."""
    label = quote(f"{issuer}:{login}")
    told = {"secret": base64.b32encode(secret).decode(), "issuer": issuer}
    return f"otpauth://totp/{label}?{urlencode(told)}"
