"""Roots of perfect subtrees of the log, kept so that no proof has to read all of it.

Kept are the roots over each full block of events, and all roots above. They are derived: from the
events they can be made again, and the check of the log recomputes every one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from storage.database import Database
from storage.errors import DamagedLog
from storage.merkle import CompactRange, perfect_spans, tree_root

BLOCK_LEVEL = 6
"""Level of the lowest roots that are kept: two to its power are the events of a block."""
BLOCK = 1 << BLOCK_LEVEL
"""Events of a block."""
TABLES = (
    # By the event that completes it: rows are only added at the end, and checked in one pass.
    """CREATE TABLE tree_node (
        last INTEGER NOT NULL, level INTEGER NOT NULL, hash BLOB NOT NULL,
        PRIMARY KEY (last, level)
    ) STRICT, WITHOUT ROWID""",
)
# One flipped bit makes a row say that its hash is text, which the driver refuses to decode.
LEAF = "ifnull(CAST(leaf AS BLOB), x'')"
"""SQL: the leaf hash of an event, whatever its row calls it."""
LEAVES = f"SELECT seq, {LEAF} AS leaf FROM event ORDER BY seq"  # noqa: S608  # our own words
"""What `complete_nodes` reads."""
KEPT = (
    "SELECT last, level, iif(typeof(hash) = 'blob', hash, x'') AS hash FROM tree_node "
    "ORDER BY last, level"
)
"""All kept roots, as they were completed; what is no hash at all is empty."""
INSERT = "INSERT OR REPLACE INTO tree_node (last, level, hash) VALUES (?, ?, ?)"
"""Keeps one root; one that stood there before its events did stops no event."""


class Node(NamedTuple):
    """The root over two to the power of `level` events, of which `last` is the last."""

    last: int
    """Number of the event that completes it."""
    level: int
    """How often leaves were paired below it."""
    hash: bytes | None
    """The root; None where an event under it is missing or damaged."""


class Grower:
    """Completes the roots that are kept, while leaf hashes come in the order of the log."""

    def __init__(self) -> None:
        self.size = 0
        self._block: list[bytes | None] = []
        # By level, roots over full blocks that wait for their sibling on the right.
        self._waiting: dict[int, bytes | None] = {}

    def push(self, leaf: bytes | None) -> list[Node]:
        """Take in the next leaf hash; None for one that is not to be trusted.

        Returns:
            What it completes, the lowest first.
        """
        self._block.append(leaf)
        self.size += 1
        if len(self._block) < BLOCK:
            return []
        root = _root(self._block)
        self._block = []
        level = BLOCK_LEVEL
        nodes = [Node(self.size, level, root)]
        while not self.size >> level & 1:
            root = _root([self._waiting.pop(level), root])
            level += 1
            nodes.append(Node(self.size, level, root))
        self._waiting[level] = root
        return nodes

    def skip_to(self, size: int) -> None:
        """Go on after so many events; those between are missing, and no root over them is known."""
        if size >> BLOCK_LEVEL == self.size >> BLOCK_LEVEL:
            self._block += [None] * (size - self.size)
        else:
            self._block = [None] * (size % BLOCK)
            self._waiting = {
                level: self._waiting[level] if self.size >> level == size >> level else None
                for level in range(BLOCK_LEVEL, size.bit_length())
                if size >> level & 1
            }
        self.size = size

    def grown(self) -> CompactRange | None:
        """Return the tree as it has grown; None where an event is missing or damaged."""
        peaks = [self._waiting[level] for level in sorted(self._waiting, reverse=True)]
        tail = perfect_spans(range(len(self._block)))
        peaks += [_root(self._block[part.start : part.stop]) for part in tail]
        known = tuple(peak for peak in peaks if peak is not None)
        return CompactRange(size=self.size, peaks=known) if len(known) == len(peaks) else None


def nodes_of(roots: list[bytes], last: int) -> list[Node]:
    """Return what is kept of the roots that an event completes, given from its leaf upwards."""
    return [Node(last, level, root) for level, root in enumerate(roots) if level >= BLOCK_LEVEL]


def complete_nodes(leaves: Iterable[tuple[int, bytes]], grower: Grower) -> Iterator[Node]:
    """Yield the roots over events that are all there.

    Args:
        leaves: number and leaf hash of each event, in order.
        grower: grows with them.
    """
    for seq, leaf in leaves:
        if seq > grower.size + 1:
            grower.skip_to(seq - 1)
        if seq == grower.size + 1:
            yield from (node for node in grower.push(leaf) if node.hash is not None)


def mend_nodes(db: Database, counted: CompactRange) -> int:
    """Make all kept roots anew from the events.

    Args:
        db: records.db, in a transaction.
        counted: the tree as it was counted event by event.

    Returns:
        How many differed, were missing, or were too many.

    Raises:
        DamagedLog: The events are not those that were counted.
    """
    grower = Grower()
    leaves = ((row["seq"], row["leaf"]) for row in db.iterate(LEAVES))
    made = set(complete_nodes(leaves, grower))
    kept = {Node(**row) for row in db.iterate(KEPT)}
    if grower.grown() != counted:
        raise DamagedLog(
            f"Nhật ký trong {db.path} không khớp gốc đã lưu, nên không lập lại nút cây băm. Hãy "
            "chạy «hoso audit verify» để biết chỗ hỏng, rồi khôi phục từ bản sao lưu.",
            f"The log in {db.path} does not fit its root, so no node of its tree was made anew. "
            "Run `hoso audit verify` to see what is damaged, then restore it from a backup.",
        )
    wrong = "DELETE FROM tree_node WHERE last = ? AND level = ?"
    db.execute_each(wrong, (node[:2] for node in kept - made))
    db.execute_each(INSERT, sorted(made - kept))
    return len({node[:2] for node in kept ^ made})


def _root(parts: list[bytes | None]) -> bytes | None:
    known = [part for part in parts if part is not None]
    return tree_root(known) if len(known) == len(parts) else None
