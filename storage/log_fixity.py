"""Is the log as it was left? Events, signed heads, timestamps and witnesses against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.vocabulary import EventType
from storage import anchors
from storage.archive import Archive
from storage.errors import DamagedLog
from storage.heads import PublicKey, head_paths, read_head, verify_head
from storage.model import Finding, NewEvent
from storage.outsider.anchor_checks import Anchored, check_anchors
from storage.outsider.certificates import Certificate
from storage.outsider.heads import SignedHead, parse_head
from storage.outsider.witness import Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the log is compared with."""

    key: PublicKey | None = None
    """The station's key; None where it is not at hand: a finding as soon as there is a head."""
    certificates: Sequence[Certificate] = ()
    """Certificates that are trusted for timestamps; without any, tokens are checked alone."""
    witnesses: Sequence[tuple[str, Witness]] = ()
    """Heads that left the station earlier, with the names of their files."""


NOTHING = Outside()
"""Nothing is at hand."""


def check_events(archive: Archive, findings: list[Finding]) -> int:
    """Recompute the log; return how many events it has."""
    findings.extend(archive.events.verify())
    return archive.events.size()


def mend_nodes(archive: Archive, findings: Sequence[Finding], *, actor: str, at: datetime) -> int:
    """Make the kept roots of the log's tree anew where they, and no event, are found wrong.

    Args:
        archive: The archive.
        findings: What its check found.
        actor: Who has it mended; that is an event.
        at: When.

    Returns:
        How many were wrong.

    Raises:
        DamagedLog: The events are not those that were counted.
    """
    kinds = {item.kind for item in findings}
    if "node" not in kinds or "event" in kinds:
        return 0
    with archive.db.transaction():
        count = archive.events.mend_nodes()
        mended = NewEvent(
            type=EventType.RECOVERY,
            object=anchors.LOG,
            actor=actor,
            at=at,
            outcome="nodes",
            detail={"nodes": count},
        )
        archive.events.append(mended)
    return count


def check_heads(archive: Archive, findings: list[Finding], *, outside: Outside) -> int:
    """Compare the log with every signed head and witness; return how many heads there are."""
    paths = head_paths(archive.heads)
    heads: dict[int, tuple[str, SignedHead]] = {}
    for path in paths:
        try:
            head = read_head(path)
        except (DamagedLog, OSError):
            findings.append(
                _head_finding(path.name, "Không đọc được tệp.", "The file cannot be read.")
            )
            continue
        problem = _head_problem(head, path.stem, outside.key)
        if problem:
            findings.append(_head_finding(path.name, *problem))
        else:
            heads[head.size] = (path.name, head)
    for name, witness in outside.witnesses:
        told = _witnessed(witness, outside.key)
        if told is None:
            findings.append(_unusable_witness(name))
        else:
            # A head of that size that is not the witness's is the witness's finding too.
            heads[told.size] = (name, told)
    _compare_with_log(archive, heads, findings)
    return len(paths)


def check_stamps(archive: Archive, findings: list[Finding], *, outside: Outside) -> int:
    """Check the timestamps over heads; return how many there are."""
    tokens = anchors.read_anchors(archive)
    anchored = Anchored(
        heads=anchors.read_heads(archive),
        anchors=tokens,
        told=anchors.told_anchors(archive.db),
        certificates=outside.certificates,
    )
    findings.extend(
        Finding(kind="anchor", identifier=fault.identifier, vi=fault.vi, en=fault.en)
        for fault in check_anchors(anchored)
    )
    return len(tokens)


def _head_problem(
    head: SignedHead, stem: str, public_key: PublicKey | None
) -> tuple[str, str] | None:
    if public_key is None:
        return "Thiếu khóa công khai để kiểm tra.", "The public key to check it is not at hand."
    if not verify_head(head, public_key):
        return "Chữ ký của trạm không đúng.", "The signature of the station is wrong."
    if stem != str(head.size):
        return "Tên tệp không khớp số sự kiện.", "The file name differs from its size."
    return None


def _witnessed(witness: Witness, public_key: PublicKey | None) -> SignedHead | None:
    try:
        head = parse_head(witness.head)
    except (ValueError, KeyError, TypeError):
        return None
    return head if public_key is not None and verify_head(head, public_key) else None


def _compare_with_log(
    archive: Archive, heads: dict[int, tuple[str, SignedHead]], findings: list[Finding]
) -> None:
    before = 0
    for recomputed in archive.events.recomputed_heads(heads):
        size = recomputed.size
        name, head = heads[size]
        if head.root != recomputed.root_hash.hex():
            findings.append(
                Finding(
                    kind="event",
                    identifier=f"{before + 1}-{size}",
                    vi=f"Các sự kiện này khác với lúc trạm ký đầu cây {name}.",
                    en=f"These events differ from when the station signed {name}.",
                )
            )
            return
        before = size
    newest = max(heads, default=0)
    rows = archive.db.row("SELECT count(*) AS n FROM event")
    size = int(rows["n"]) if rows else 0
    if newest > size:
        name = heads[newest][0]
        findings.append(
            Finding(
                kind="event",
                identifier=f"{size + 1}-{newest}",
                vi=f"Nhật ký thiếu các sự kiện mà trạm đã ký trong {name}.",
                en=f"The log lacks these events, which the station signed in {name}.",
            )
        )


def _head_finding(name: str, vi: str, en: str) -> Finding:
    return Finding(kind="head", identifier=name, vi=vi, en=en)


def _unusable_witness(name: str) -> Finding:
    return Finding(
        kind="witness",
        identifier=name,
        vi="Khóa của trạm này không ký đầu cây trong phiếu nhân chứng.",
        en="The key of this station did not sign the head in this witness file.",
    )
