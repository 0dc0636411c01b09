"""The signatures of a PDF: is each one over the bytes that it says, and whose is it?

A PDF is not parsed here. A signature names the bytes that it covers (`/ByteRange`) and lies between
them as hexadecimal digits, so it can be found by that alone. Whether its certificate was revoked,
what later revisions changed, and how a page looks is the business of a full check: that verdict
lies beside the PDF, and any program for PAdES can give its own.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from storage.outsider.certificates import Certificate, find_anchor
from storage.outsider.der import Node, read_padded
from storage.outsider.public_keys import UnknownAlgorithm
from storage.outsider.signed_messages import (
    BadMessage,
    DigestOf,
    Message,
    check_signer,
    read_message,
)
from storage.outsider.tokens import BadToken, Stamp, check_stamp

_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_DATA, _TST_INFO = "1.2.840.113549.1.7.1", "1.2.840.113549.1.9.16.1.4"
_SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
_CHUNK_BYTES = 1 << 20
# As hexadecimal digits.
_MOST_CONTENTS_BYTES = 1 << 22
# Each is hashed over nearly the whole file: a hostile one could name bytes by the thousand times.
_MOST_SIGNATURES = 64
# What reading a broken message can raise.
_UNREADABLE = (ValueError, IndexError, KeyError, TypeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """Certificates that are trusted."""

    signers: Sequence[Certificate]
    """For signatures."""
    timestamping: Sequence[Certificate]
    """For timestamps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfSignature:
    """One signature that was found in a PDF."""

    covered: tuple[int, int, int, int]
    """The bytes that it is over: start and length, twice."""
    holds: bool | None
    """Whether these are the bytes that were signed; None where that was not checked."""
    why: str = ""
    """Why it does not hold, or was not checked."""
    signer: str = ""
    """Name in the certificate."""
    anchor: str | None = None
    """Name of the trusted certificate that it leads to; None where there is none."""
    before: datetime | None = None
    """It was there before this moment, by a timestamp."""
    authority: str = ""
    """Whose timestamp that is."""


def check_signatures(path: Path, anchors: Anchors) -> list[PdfSignature]:
    """Find and check the signatures of a PDF, in the order of the file.

    Of more than any paper has, the first are checked; the last one given then says so.
    """
    if not path.stat().st_size:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = list(islice(_ranges(data), _MOST_SIGNATURES + 1))
        checked = [_check(data, covered, anchors) for covered in found[:_MOST_SIGNATURES]]
    if len(found) > _MOST_SIGNATURES:
        why = f"not checked here: more than {_MOST_SIGNATURES} signatures in one file"
        checked.append(PdfSignature(covered=found[-1], holds=None, why=why))
    return checked


def _ranges(data: mmap.mmap) -> Iterator[tuple[int, int, int, int]]:
    """Yield what signatures cover, once: two spans with hexadecimal digits in angles between."""
    seen: set[tuple[int, int, int, int]] = set()
    for match in _RANGE.finditer(data):
        first, length, second, rest = (int(number) for number in match.groups())
        begins, ends = first + length, second
        is_whole = first == 0 and begins + 1 < ends and second + rest <= len(data)
        if is_whole and data[begins : begins + 1] == b"<" and data[ends - 1 : ends] == b">":
            covered = first, length, second, rest
            if covered not in seen:
                yield covered
            seen.add(covered)


def _check(data: mmap.mmap, covered: tuple[int, int, int, int], anchors: Anchors) -> PdfSignature:
    try:
        begins, ends = covered[1] + 1, covered[2] - 1
        if ends - begins > _MOST_CONTENTS_BYTES:
            raise UnknownAlgorithm("a signature of that length")
        contents = data[begins:ends]
        node = read_padded(bytes.fromhex(contents.decode("ascii")))
        return _judged(node, _digest_of(data, covered), anchors, covered)
    except UnknownAlgorithm as error:
        return PdfSignature(covered=covered, holds=None, why=f"not checked here: {error}")
    except (BadMessage, BadToken) as error:
        return PdfSignature(covered=covered, holds=False, why=str(error))
    except _UNREADABLE as error:
        return PdfSignature(covered=covered, holds=None, why=f"it cannot be read here: {error}")


def _digest_of(data: mmap.mmap, covered: tuple[int, int, int, int]) -> DigestOf:
    def digest(name: str) -> bytes:
        made = hashlib.new(name)
        for begins, length in (covered[:2], covered[2:]):
            for start in range(begins, begins + length, _CHUNK_BYTES):
                made.update(data[start : min(start + _CHUNK_BYTES, begins + length)])
        return made.digest()

    return digest


def _judged(
    node: Node, digest: DigestOf, anchors: Anchors, covered: tuple[int, int, int, int]
) -> PdfSignature:
    message = read_message(node)
    if message.content_type == _TST_INFO:
        stamp = check_stamp(node, digest, anchors.timestamping)
        return _held(covered, stamp.authority, stamp.anchor, stamp)
    if message.content_type != _DATA or message.content is not None:
        raise UnknownAlgorithm("a signature that holds what it signs")
    signer = check_signer(message, digest)
    stamped = _stamp_of(message, anchors)
    # At its own beginning where no timestamp says when: the verdict beside knows the moment.
    at = stamped.time if stamped else signer.begins
    anchor = find_anchor(signer, message.certificates, anchors.signers, at)
    return _held(covered, signer.name, anchor.name if anchor else None, stamped)


def _stamp_of(message: Message, anchors: Anchors) -> Stamp | None:
    token = message.unsigned.get(_SIGNATURE_TIMESTAMP)
    if token is None:
        return None
    signature = message.signature
    return check_stamp(
        token, lambda name: hashlib.new(name, signature).digest(), anchors.timestamping
    )


def _held(
    covered: tuple[int, int, int, int], signer: str, anchor: str | None, stamp: Stamp | None
) -> PdfSignature:
    return PdfSignature(
        covered=covered,
        holds=True,
        signer=signer,
        anchor=anchor,
        before=stamp.time if stamp else None,
        authority=stamp.authority if stamp else "",
    )
