"""Timestamp tokens (RFC 3161): what they are over, when, by whom, and do they hold?

Revocation of the authority's certificate is not asked: that needs the lists of its time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.outsider.certificates import Certificate, find_anchor
from storage.outsider.der import SEQUENCE, Node, read_one
from storage.outsider.public_keys import UnknownAlgorithm, digest_name
from storage.outsider.signed_messages import (
    BadMessage,
    DigestOf,
    check_signer,
    read_message,
)

_TST_INFO = "1.2.840.113549.1.9.16.1.4"


class BadToken(ValueError):
    """A token that does not hold; the message says why, in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a token that holds says."""

    time: datetime
    """When the authority saw the digest, UTC."""
    authority: str
    """Name of the authority."""
    anchor: str | None
    """Name of the trusted certificate that its own leads to; None where there is none."""
    ends: datetime
    """Until when the authority's certificate is valid, UTC."""


def check_token(token: bytes, sha256: str, anchors: Sequence[Certificate]) -> Stamp:
    """Check a token over a SHA-256.

    Args:
        token: DER of the token.
        sha256: What it shall be over, hex.
        anchors: Certificates that are trusted for timestamps.

    Raises:
        BadToken: It is broken, over something else, or not signed as it says.
    """

    def imprint(name: str) -> bytes:
        return bytes.fromhex(sha256) if name == "sha256" else b""

    try:
        return check_stamp(read_one(token), imprint, anchors)
    except BadToken:
        raise
    except UnknownAlgorithm as error:
        raise BadToken(f"it uses an algorithm that is not checked here: {error}") from error
    except BadMessage as error:
        raise BadToken(str(error)) from error
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise BadToken(f"it cannot be read: {error}") from error


def check_stamp(token: Node, imprint: DigestOf, anchors: Sequence[Certificate]) -> Stamp:
    """Check a token over anything.

    Args:
        token: The token.
        imprint: The digest of what it shall be over.
        anchors: Certificates that are trusted for timestamps.

    Raises:
        BadToken, BadMessage: It is over something else, or not signed as it says.
        UnknownAlgorithm: It is signed in a way that is not checked here.
        ValueError, IndexError, KeyError, TypeError: It is broken.
    """
    message = read_message(token)
    stated = message.content
    if message.content_type != _TST_INFO or stated is None:
        raise BadToken("it is no timestamp")
    info = read_one(stated).expect(SEQUENCE).parts
    algorithm, stamped = info[2].parts
    if stamped.content != imprint(digest_name(algorithm)):
        raise BadToken("it is over something else")
    signer = check_signer(message, lambda name: hashlib.new(name, stated).digest())
    at = info[4].time
    if not signer.is_valid_at(at) or not signer.is_for_timestamps:
        raise BadToken("its certificate is not for timestamps, or not of that time")
    anchor = find_anchor(signer, message.certificates, anchors, at)
    return Stamp(
        time=at,
        authority=signer.name,
        anchor=anchor.name if anchor else None,
        ends=signer.ends,
    )
