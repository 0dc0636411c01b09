"""Anchors: timestamps of an authority over signed heads, each told by an event of the log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from storage.outsider.certificates import Certificate
from storage.outsider.faults import Fault
from storage.outsider.tokens import BadToken, Stamp, check_token

SUFFIX = ".tst"
"""Ending of an anchor's file; its name is that of its head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """What lies in an archive or an export."""

    heads: Mapping[str, bytes]
    """The file of each head, by its size."""
    anchors: Mapping[str, bytes]
    """The anchor of each head that has one, by the head's size."""
    told: Mapping[str, str]
    """SHA-256 of each anchor that an event tells of: the number of that event."""
    certificates: Sequence[Certificate]
    """Certificates that are trusted for timestamps; without any only the tokens are checked."""
    stamps: dict[str, Stamp] = field(default_factory=dict)
    """What the anchors that hold say, by the head's size; filled by the check."""


def check_anchors(anchored: Anchored) -> Iterator[Fault]:
    """Yield what is wrong with the anchors; what those that hold say is put into `stamps`."""
    found = set()
    for size, token in anchored.anchors.items():
        sha256 = hashlib.sha256(token).hexdigest()
        found.add(sha256)
        problem = _problem(anchored, size, token, sha256)
        if problem:
            yield _fault(size + SUFFIX, *problem)
    for sha256 in sorted(anchored.told.keys() - found):
        seq = anchored.told[sha256]
        yield _fault(
            f"event {seq}",
            f"Sự kiện {seq} ghi một dấu thời gian mà nay không còn, hoặc đã thay đổi.",
            f"Event {seq} tells of a timestamp that is gone or has changed.",
        )


def _problem(anchored: Anchored, size: str, token: bytes, sha256: str) -> tuple[str, str] | None:
    if sha256 not in anchored.told:
        return "Không có sự kiện nào ghi dấu này.", "No event tells of it as it is."
    if size not in anchored.heads:
        return "Thiếu đầu cây của dấu này.", "Its head is missing."
    head_sha256 = hashlib.sha256(anchored.heads[size]).hexdigest()
    try:
        stamp = check_token(token, head_sha256, anchored.certificates)
    except BadToken as error:
        return f"Dấu thời gian không đúng: {error}.", f"The timestamp does not hold: {error}."
    if anchored.certificates and stamp.anchor is None:
        return (
            f"Dịch vụ dấu thời gian {stamp.authority} không thuộc danh sách tin cậy.",
            f"The authority {stamp.authority} does not lead to a trusted certificate.",
        )
    anchored.stamps[size] = stamp
    return None


def _fault(identifier: str, vi: str, en: str) -> Fault:
    return Fault(kind="anchor", identifier=identifier, vi=vi, en=en)
