"""Signed tree heads as files: what the station signs, and what a whole file of one looks like."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from storage.canonical import canonical_json
from storage.outsider import ed25519
from storage.times import read_time, time_text

# Signed with each head, so that no other signature of the key can pass for one.
_PURPOSE = "hoso tree head v1"
_PEM_BEGIN, _PEM_END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """Size and root of the event log at a moment, signed by the station."""

    size: int
    """Number of events."""
    root: str
    """Root of the Merkle tree, hex."""
    at: datetime
    """When it was signed, UTC."""
    signature: str
    """Ed25519 signature over the canonical JSON of the rest, base64."""


def statement(size: int, root: str, at: datetime) -> bytes:
    """Return the bytes that the station signs."""
    return canonical_json({"purpose": _PURPOSE, "size": size, "root": root, "at": time_text(at)})


def head_bytes(head: SignedHead) -> bytes:
    """Write a head as its file holds it; there is one form only."""
    return canonical_json(
        {
            "size": head.size,
            "root": head.root,
            "at": time_text(head.at),
            "signature": head.signature,
        }
    )


def parse_head(data: bytes) -> SignedHead:
    """Read the file of a head; any other form than the one that is written is refused.

    Raises:
        ValueError, KeyError, TypeError: It is none.
    """
    body = json.loads(data)
    head = SignedHead(
        size=int(body["size"]),
        root=str(body["root"]),
        at=read_time(body["at"]),
        signature=str(body["signature"]),
    )
    signature = base64.b64decode(head.signature, validate=True)
    # Two spellings of one signature would be a byte that can change unseen.
    if head_bytes(head) != data or base64.b64encode(signature).decode() != head.signature:
        raise ValueError("not the form in which a head is written")
    return head


def is_signed_head(head: SignedHead, key: bytes) -> bool:
    """Tell whether a station's key (32 bytes) signed a head."""
    signed = statement(head.size, head.root, head.at)
    return ed25519.is_signed(key, signed, base64.b64decode(head.signature))


def parse_public_key(pem: bytes) -> bytes:
    """Return the 32 bytes of a station's public key from its PEM file.

    Raises:
        ValueError: It is none.
    """
    text = pem.decode("ascii").strip()
    if not (text.startswith(_PEM_BEGIN) and text.endswith(_PEM_END)):
        raise ValueError("no public key in PEM")
    body = text.removeprefix(_PEM_BEGIN).removesuffix(_PEM_END)
    key = ed25519.key_of(base64.b64decode("".join(body.split()), validate=True))
    if key is None:
        raise ValueError("no Ed25519 key")
    return key
