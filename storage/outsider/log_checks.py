"""A whole log: are its events numbered, unchanged, and under the heads that the station signed?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from storage.merkle import CompactRange, leaf_hash
from storage.outsider.event_rows import Story, parse_event
from storage.outsider.faults import Fault

_HASH_BYTES = 32


@dataclass(slots=True)
class LogCheck:
    """The check of one log; what it found stays in it.

    Attributes:
        leaves: The leaf hashes that were packed beside the events.
        roots: The root that a signed head states for a size, hex, by size.
        wanted: SHA-256 of files whose events are looked for.
    """

    leaves: bytes
    roots: Mapping[int, str]
    wanted: frozenset[str] = frozenset()
    story: Story = field(default_factory=Story)
    tree: CompactRange = field(default_factory=CompactRange)
    faults: list[Fault] = field(default_factory=list)

    def run(self, lines: Iterable[bytes]) -> None:
        """Read all events."""
        found: dict[int, str] = {}
        expected = 1
        for line in lines:
            self.tree = self.tree.append(leaf_hash(line))
            if self.tree.size in self.roots:
                found[self.tree.size] = self.tree.root().hex()
            expected = self._read(line, expected) + 1
        self.faults += _compare_roots(self.roots, found, self.tree.size)
        if len(self.leaves) != self.tree.size * _HASH_BYTES:
            self.faults.append(_unequal(self.tree.size, len(self.leaves) // _HASH_BYTES))

    def _read(self, line: bytes, expected: int) -> int:
        """Take in one event and return its number; a gap is told once."""
        try:
            event = parse_event(line)
        except ValueError:
            self.faults.append(_changed(expected))
            return expected
        seq = int(event["seq"])
        packed = self.leaves[(seq - 1) * _HASH_BYTES : seq * _HASH_BYTES] if seq > 0 else b""
        if leaf_hash(line) != packed:
            self.faults.append(_changed(expected))
        if seq != expected:
            self.faults.append(_misplaced(seq, expected))
        self.story.read(event, self.wanted)
        return seq


def _compare_roots(
    stated: Mapping[int, str], found: Mapping[int, str], events: int
) -> Iterator[Fault]:
    """Yield the span in which the log left what the station signed, and what it lacks."""
    before = 0
    for size in sorted(stated):
        if size not in found:
            yield _unequal(events, size)
            return
        if found[size] != stated[size]:
            yield Fault(
                kind="event",
                identifier=f"{before + 1}-{size}",
                vi=f"Các sự kiện này khác với lúc trạm ký đầu cây {size}.",
                en=f"These events differ from when the station signed the head of {size}.",
            )
            return
        before = size


def _changed(seq: int) -> Fault:
    return Fault(
        kind="event",
        identifier=str(seq),
        vi=f"Sự kiện {seq} đã bị sửa.",
        en=f"Event {seq} has changed.",
    )


def _misplaced(seq: int, expected: int) -> Fault:
    span = str(expected) if seq <= expected + 1 else f"{expected}-{seq - 1}"
    return Fault(
        kind="event",
        identifier=span,
        vi=f"Sự kiện {span} thiếu hoặc sai thứ tự: ở đó là sự kiện {seq}.",
        en=f"Event {span} is missing or out of order: {seq} stands there.",
    )


def _unequal(events: int, needed: int) -> Fault:
    first, last = sorted((events, needed))
    return Fault(
        kind="event",
        identifier=f"{first + 1}-{last}",
        vi=f"Nhật ký có {events} sự kiện, cần {needed}.",
        en=f"The log has {events} events where {needed} belong.",
    )
