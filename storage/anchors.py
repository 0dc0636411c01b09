"""Anchors: an authority's timestamps over signed heads, so that their time is not ours to say.

A token lies beside the heads, in `anchors/`, and an event of the log holds its digest. What the
next head covers cannot be exchanged any more; what an authority stamped cannot be made earlier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from config.vocabulary import EventType
from storage.archive import Archive
from storage.canonical import read_json
from storage.database import Database
from storage.errors import TimestampRefused
from storage.events import RARE_TYPES
from storage.heads import PrivateKey, head_paths, numbered_paths
from storage.model import NewEvent
from storage.outsider.anchor_checks import SUFFIX
from storage.outsider.certificates import Certificate, read_certificates
from storage.outsider.event_rows import ANCHOR
from storage.outsider.heads import SignedHead, head_bytes
from storage.outsider.tokens import BadToken, Stamp, check_token
from storage.outsider.witness import Witness, write_witness
from storage.safe_files import write_whole

LOG = "log"
"""Object of the events that tell of anchors."""
# Anchors whose files are gone are passed over, to some number.
_FEW = 10
# What reading a damaged event can raise.
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)

Timestamp = Callable[[bytes], bytes]
"""Given a SHA-256, returns an RFC 3161 token over it, DER."""


def anchor_log(
    archive: Archive, key: PrivateKey, timestamp: Timestamp, *, actor: str, at: datetime
) -> tuple[SignedHead, Stamp] | None:
    """Sign the log as it stands and have the head timestamped; None for an empty log.

    Raises:
        TimestampRefused: What came is no timestamp over the head.
    """
    head = archive.sign_head(key, at)
    if head is None:
        return None
    return head, keep_anchor(archive, head, timestamp(head_digest(head)), actor=actor, at=at)


def head_digest(head: SignedHead) -> bytes:
    """Return the SHA-256 that an authority stamps: that of the head's file."""
    return hashlib.sha256(head_bytes(head)).digest()


def keep_anchor(
    archive: Archive, head: SignedHead, token: bytes, *, actor: str, at: datetime
) -> Stamp:
    """Keep a timestamp over a head, with the event that tells of it; once for each head.

    Raises:
        TimestampRefused: It is no timestamp over the head.
    """
    digest = head_digest(head).hex()
    try:
        stamp = check_token(token, digest, ())
    except BadToken as error:
        raise TimestampRefused(
            "Dịch vụ trả về một dấu thời gian không đúng với đầu cây đã gửi; không giữ lại. Hãy "
            "thử lại, và báo quản trị nếu vẫn vậy.",
            f"what the authority gave is no timestamp over the head ({error}); it was not kept, "
            "try again",
        ) from error
    path = archive.anchors / f"{head.size}{SUFFIX}"
    detail = {
        "size": head.size,
        "root": head.root,
        "head_sha256": digest,
        "anchor_sha256": hashlib.sha256(token).hexdigest(),
        "time": stamp.time.isoformat().replace("+00:00", "Z"),
        "authority": stamp.authority,
    }
    # In one transaction: the engine and a person may have the same head stamped at once, and the
    # file of one must not take the place of the file that the other's event tells of.
    with archive.db.transaction():
        if not _is_told(path, archive.db):
            write_whole(path, token)
            archive.events.append(
                NewEvent(type=EventType.ANCHOR, object=LOG, actor=actor, at=at, detail=detail)
            )
    return stamp


def _is_told(path: Path, db: Database) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() in told_anchors(db)


def told_anchors(db: Database) -> dict[str, str]:
    """Return the SHA-256 of each anchor that an event tells of, with the event's number.

    An event that cannot be read any more is the finding of another check.
    """
    query = (
        "SELECT CAST(body AS BLOB) AS body FROM event "  # noqa: S608  # our own words
        f"WHERE object = ? AND type = ? AND type IN ({RARE_TYPES}) ORDER BY seq"
    )
    told = {}
    for row in db.iterate(query, (LOG, ANCHOR)):
        try:
            event = read_json(row["body"])
            if event["type"] == ANCHOR:
                told[str(event["detail"]["anchor_sha256"])] = str(event["seq"])
        except _UNREADABLE:
            continue
    return told


def last_anchor(archive: Archive) -> datetime | None:
    """Return when the newest anchor was kept, or None."""
    event = archive.events.newest_of(EventType.ANCHOR, LOG)
    return None if event is None else event.at


def newest_stamp(archive: Archive) -> Stamp | None:
    """Return what the newest anchor says, however its authority is trusted.

    None where there is no anchor, or it does not hold any more: the log's own check says why.
    """
    for event in archive.events.newest_few(EventType.ANCHOR, LOG, _FEW):
        head = archive.heads / f"{event.detail.get('size')}.json"
        anchor = archive.anchors / f"{event.detail.get('size')}{SUFFIX}"
        if head.exists() and anchor.exists():
            digest = hashlib.sha256(head.read_bytes()).hexdigest()
            with suppress(BadToken):
                return check_token(anchor.read_bytes(), digest, ())
            return None
    return None


def anchor_sizes(archive: Archive) -> list[int]:
    """Return the sizes of the heads that are timestamped, the smallest first."""
    return [int(path.stem) for path in numbered_paths(archive.anchors, SUFFIX)]


def read_anchor(archive: Archive, size: int) -> bytes | None:
    """Return the anchor of the head of a size, or None."""
    path = archive.anchors / f"{size}{SUFFIX}"
    return path.read_bytes() if path.exists() else None


def read_anchors(archive: Archive) -> dict[str, bytes]:
    """Return the anchors by the size of their heads."""
    return {path.stem: path.read_bytes() for path in numbered_paths(archive.anchors, SUFFIX)}


def read_heads(archive: Archive) -> dict[str, bytes]:
    """Return the files of heads by size."""
    return {path.stem: path.read_bytes() for path in head_paths(archive.heads)}


def load_certificates(folder: Path) -> list[Certificate]:
    """Read every certificate of a folder; files that are none are left out."""
    found: list[Certificate] = []
    for path in certificate_paths(folder):
        try:
            found += read_certificates(path.read_bytes())
        except (OSError, *_UNREADABLE):
            continue
    return found


def certificate_paths(folder: Path) -> Sequence[Path]:
    """Return the files of a folder that are named as certificates."""
    endings = (".pem", ".crt", ".cer", ".der")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings)


def make_witness(head: SignedHead, token: bytes | None, public_key: bytes, agency: str) -> str:
    """Write what another agency, a notebook or a mailbox shall keep: a head, and its timestamp."""
    heading = (
        "PHIẾU NHÂN CHỨNG CỦA NHẬT KÝ SỰ KIỆN (witness of the event log)\n"
        f"Cơ quan: {agency}\n"
        f"Số sự kiện: {head.size}\n"
        f"Gốc cây băm: {head.root}\n"
        f"Lúc ký: {head.at.isoformat().replace('+00:00', 'Z')}\n"
        "Hãy giữ phiếu này ở nơi trạm không ghi được. Về sau nó chỉ ra nhật ký có bị viết lại "
        "hay không: hoso audit verify --witness PHIẾU"
    )
    witness = Witness(head=head_bytes(head), anchor=token, public_key=public_key)
    return write_witness(witness, heading)
