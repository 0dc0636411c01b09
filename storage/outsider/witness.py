"""The witness: one small file with a signed head, to be kept where the station cannot write."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from storage.outsider.heads import SignedHead, is_signed_head, parse_head

_MARK = "hoso-nhan-chung-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What a witness file says."""

    head: bytes
    """The file of the head."""
    anchor: bytes | None
    """The timestamp over it, where there was one."""
    public_key: bytes
    """PEM of the key that signed it."""


def write_witness(witness: Witness, heading: str) -> str:
    """Write a witness file: lines for people, then one line for programs."""
    plain = {
        "mark": _MARK,
        "head": witness.head.decode(),
        "anchor": base64.b64encode(witness.anchor).decode() if witness.anchor else None,
        "public_key": witness.public_key.decode(),
    }
    return f"{heading.rstrip()}\n\n{json.dumps(plain, sort_keys=True)}\n"


def read_witness(text: str) -> Witness:
    """Read a witness file.

    Raises:
        ValueError, KeyError, TypeError: It is none.
    """
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    plain = json.loads(last)
    if plain["mark"] != _MARK:
        raise ValueError("no witness file")
    anchor = plain["anchor"]
    return Witness(
        head=plain["head"].encode(),
        anchor=None if anchor is None else base64.b64decode(anchor, validate=True),
        public_key=plain["public_key"].encode(),
    )


def signed_head(witness: Witness, key: bytes) -> SignedHead | None:
    """Return the head of a witness, or None where a station's key (32 bytes) did not sign it.

    Raises:
        ValueError, KeyError, TypeError: It is no head.
    """
    head = parse_head(witness.head)
    return head if is_signed_head(head, key) else None
