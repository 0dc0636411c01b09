"""Proofs for single events, and that one head grew out of another (RFC 9162, 2.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.merkle import Head, is_consistent, is_included, leaf_hash
from storage.outsider.event_rows import Story, parse_event
from storage.outsider.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class EventProof:
    """One event and the way from it to a signed head."""

    body: str
    """The event, canonical JSON."""
    size: int
    """Size of the head."""
    path: Sequence[str]
    """Hashes from the leaf's sibling upwards, hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthProof:
    """That the log of a later head begins with that of an earlier one."""

    old: int
    """Size of the earlier head."""
    new: int
    """Size of the later one."""
    path: Sequence[str]
    """Hashes, hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What is proved of one record."""

    events: Sequence[EventProof]
    """Its events."""
    growth: Sequence[GrowthProof]
    """From each head that is used to the next."""


def read_proofs(plain: Mapping[str, Any]) -> Proofs:
    """Read proofs from JSON.

    Raises:
        KeyError, TypeError: They are none.
    """
    return Proofs(
        events=[EventProof(**item) for item in plain["events"]],
        growth=[GrowthProof(**item) for item in plain["growth"]],
    )


def check_proofs(
    proofs: Proofs, roots: Mapping[int, str], story: Story, wanted: frozenset[str]
) -> Iterator[Fault]:
    """Yield what is not proved.

    Args:
        proofs: What was packed.
        roots: The root that a signed head states for a size, hex, by size.
        story: Takes in the events that are proved.
        wanted: SHA-256 of files whose events are looked for.
    """
    heads = {size: Head(size=size, root_hash=bytes.fromhex(root)) for size, root in roots.items()}
    for number, proof in enumerate(proofs.events, start=1):
        try:
            event = parse_event(proof.body.encode())
            if _is_proved(proof, event["seq"], heads):
                story.read(event, wanted)
                continue
        except ValueError:
            event = {"seq": f"? ({number})"}
        yield _fault(str(event["seq"]), "Sự kiện này", "This event")
    tied = {1 << 62} if not heads else {max(heads)}
    for step in sorted(proofs.growth, key=lambda step: -step.new):
        old, new = heads.get(step.old), heads.get(step.new)
        if step.new in tied and old and new and _is_grown(step, old, new):
            tied.add(step.old)
    for size in sorted(heads.keys() - tied):
        yield _fault(f"1-{size}", f"Đầu cây {size} nối với đầu cây mới nhất", f"The head of {size}")


def _is_proved(proof: EventProof, seq: int, heads: Mapping[int, Head]) -> bool:
    head = heads.get(proof.size)
    path = [bytes.fromhex(step) for step in proof.path]
    return head is not None and is_included(leaf_hash(proof.body.encode()), seq - 1, head, path)


def _is_grown(step: GrowthProof, old: Head, new: Head) -> bool:
    return is_consistent(old, new, [bytes.fromhex(part) for part in step.path])


def _fault(identifier: str, vi: str, en: str) -> Fault:
    return Fault(
        kind="event",
        identifier=identifier,
        vi=f"{vi}: bằng chứng không dẫn tới đầu cây mà trạm đã ký.",
        en=f"{en}: the proof does not lead to a head that the station signed.",
    )
