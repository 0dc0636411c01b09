"""What a cover sheet's QR code says, and whether a station of ours printed it.

Payload, short ASCII: `HS1|<dossier code>|<class or ->|<pages or ->|<check>`. The check code is
HMAC-SHA256 over what stands before it, with the station's key, cut to 80 bits: whoever has no key
cannot print a sheet that sends papers into a dossier.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from config.codes import is_dossier_code
from digitize.model import Cover

_PREFIX = "HS1"
_NONE = "-"
_FIELDS = 5
_CHECK_BYTES = 10


def is_ours(text: str) -> bool:
    """Tell whether a QR code claims to be a cover sheet of ours."""
    return text.startswith(f"{_PREFIX}|")


def write_payload(cover: Cover, key: bytes) -> str:
    """Write what a cover sheet's QR code holds."""
    pages = _NONE if cover.pages is None else str(cover.pages)
    said = "|".join((_PREFIX, cover.dossier_code, cover.class_code or _NONE, pages))
    return f"{said}|{_check(said, key)}"


def read_payload(text: str, key: bytes | None) -> Cover | None:
    """Read a QR code of ours.

    Args:
        text: what the code holds.
        key: the station's key; None where it has printed no sheet yet.

    Returns:
        What the sheet says; None where the check code is wrong or something in it is impossible.
    """
    said, _, check = text.rpartition("|")
    parts = text.split("|")
    if key is None or len(parts) != _FIELDS or not is_ours(text):
        return None
    if not hmac.compare_digest(check.encode(), _check(said, key).encode()):
        return None
    _, code, kind, pages, _ = parts
    if not is_dossier_code(code) or not (pages == _NONE or pages.isdecimal()):
        return None
    return Cover(
        dossier_code=code,
        class_code=None if kind == _NONE else kind,
        pages=None if pages == _NONE else int(pages),
    )


def _check(said: str, key: bytes) -> str:
    digest = hmac.new(key, said.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_CHECK_BYTES]).decode("ascii")
