"""Are events, their tree and its kept roots as they were written? All of it is recomputed."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator
from typing import Any

from storage.canonical import canonical_json, read_json
from storage.database import Database
from storage.merkle import CompactRange, Head, leaf_hash
from storage.model import Finding
from storage.tree_nodes import BLOCK_LEVEL, KEPT, LEAF, Grower, Node

_COLUMNS = ("at", "type", "object", "actor", "outcome")
_IS_TEXT = " AND ".join(f"typeof({column}) = 'text'" for column in (*_COLUMNS, "body"))
# As bytes: a flipped bit can make text that SQLite's driver refuses to decode, and can make a row
# say that its text are bytes, its hash text, or either nothing.
_BODY = "ifnull(CAST(body AS BLOB), x'') AS body"
_RAW = (
    "SELECT seq, CAST(at AS BLOB) AS at, CAST(type AS BLOB) AS type, "  # noqa: S608  # our own words
    "CAST(object AS BLOB) AS object, CAST(actor AS BLOB) AS actor, "
    f"CAST(outcome AS BLOB) AS outcome, {_BODY}, {LEAF} AS leaf, "
    f"typeof(leaf) = 'blob' AND {_IS_TEXT} AS is_typed FROM event ORDER BY seq"
)
# The root over more events than a row number can count is none.
_MOST_LEVELS = 62


def find_changed_events(db: Database, counted: CompactRange) -> list[Finding]:
    """Recompute the log from its rows.

    Checks each row against its canonical body, each leaf hash, the numbering, each kept root and
    the root of all. A root over an event that is missing or damaged itself cannot be recomputed.

    Args:
        db: records.db, read as of one moment.
        counted: the tree as it was counted event by event.
    """
    findings: list[Finding] = []
    grower, nodes = Grower(), _KeptNodes(db)
    for row in db.iterate(_RAW):
        seq, leaf = row["seq"], leaf_hash(row["body"])
        findings += _row_findings(row, leaf)
        if seq > grower.size + 1:
            gap = range(grower.size + 1, seq)
            findings.append(_missing(gap))
            nodes.forgive(gap)
            grower.skip_to(seq - 1)
        if seq == grower.size + 1:
            for node in grower.push(leaf if leaf == row["leaf"] else None):
                findings += nodes.meet(node)
    nodes.forgive(range(grower.size + 1, counted.size + 1))
    return [*findings, *nodes.rest(), *_tree_findings(grower, counted)]


def recomputed_heads(db: Database, sizes: Container[int]) -> Iterator[Head]:
    """Yield size and root after so many events each, recomputed from the bodies of their rows."""
    tree = CompactRange()
    for body in db.values(f"SELECT {_BODY} FROM event ORDER BY seq"):  # noqa: S608  # our own words
        tree = tree.append(leaf_hash(body))
        if tree.size in sizes:
            yield Head(size=tree.size, root_hash=tree.root())


def _tree_findings(grower: Grower, counted: CompactRange) -> list[Finding]:
    grown = grower.grown()
    is_counted_wrong = grown is not None and grown.peaks == counted.peaks
    if counted.size > grower.size and not is_counted_wrong:
        return [_missing(range(grower.size + 1, counted.size + 1))]
    if grown in (None, counted):
        return []
    return [
        Finding(
            kind="event",
            identifier="tree",
            vi=f"Gốc cây băm tính lại từ {grower.size} sự kiện khác với gốc đã lưu.",
            en=f"The root recomputed from {grower.size} events differs from the stored one.",
        )
    ]


class _KeptNodes:
    """Kept roots, compared in their order with those that were recomputed."""

    def __init__(self, db: Database) -> None:
        self._rows = (Node(**row) for row in db.iterate(KEPT))
        self._next = next(self._rows, None)
        self._forgiven: deque[range] = deque()

    def forgive(self, missing: range) -> None:
        """Take nothing for too much that these events completed: they are missing themselves."""
        if missing and missing.start - 1 >> BLOCK_LEVEL != missing.stop - 1 >> BLOCK_LEVEL:
            self._forgiven.append(missing)

    def meet(self, made: Node) -> Iterator[Finding]:
        """Yield what is wrong with the kept roots up to one that was recomputed."""
        while self._next and self._next[:2] < made[:2]:
            yield from self._unmet(self._next)
            self._next = next(self._rows, None)
        if self._next is None or self._next[:2] != made[:2]:
            yield _wrong_node(made, "thiếu", "is missing")
            return
        if made.hash not in (None, self._next.hash):
            yield _wrong_node(made, "khác với khi tính lại", "differs from what is recomputed")
        self._next = next(self._rows, None)

    def rest(self) -> Iterator[Finding]:
        """Yield what is wrong with those after the last that was recomputed."""
        while self._next:
            yield from self._unmet(self._next)
            self._next = next(self._rows, None)

    def _unmet(self, kept: Node) -> Iterator[Finding]:
        while self._forgiven and self._forgiven[0].stop <= kept.last:
            self._forgiven.popleft()
        is_completed = self._forgiven and kept.last in self._forgiven[0]
        if not (is_completed and _is_kept_there(kept)):
            yield _wrong_node(kept, "thừa", "is one too many")


def _is_kept_there(node: Node) -> bool:
    """Tell whether a root at this place is one of those that are kept."""
    is_level = BLOCK_LEVEL <= node.level <= _MOST_LEVELS
    return is_level and node.last > 0 and node.last % (1 << node.level) == 0


def _wrong_node(node: Node, vi: str, en: str) -> Finding:
    span = (
        f"{node.last - (1 << node.level) + 1}-{node.last}"
        if _is_kept_there(node)
        else f"{node.last}, {node.level}"
    )
    return Finding(
        kind="node",
        identifier=span,
        vi=f"Nút cây băm của các sự kiện {span} {vi}. Nếu không sự kiện nào sai, hãy chạy "
        "hoso fixity --mend.",
        en=f"The node over events {span} {en}. Where no event is wrong, run hoso fixity --mend.",
    )


def _row_findings(row: dict[str, Any], leaf: bytes) -> list[Finding]:
    seq = row["seq"]
    if leaf != row["leaf"]:
        return [
            Finding(
                kind="event",
                identifier=str(seq),
                vi=f"Nội dung sự kiện {seq} không khớp mã băm của nó.",
                en=f"The body of event {seq} does not match its hash.",
            )
        ]
    if not (row["is_typed"] and _is_canonical(row)):
        return [
            Finding(
                kind="event",
                identifier=str(seq),
                vi=f"Các cột của sự kiện {seq} không khớp nội dung đã băm.",
                en=f"The columns of event {seq} differ from its hashed body.",
            )
        ]
    return []


def _is_canonical(row: dict[str, Any]) -> bool:
    try:
        body = read_json(row["body"])
    except ValueError:
        return False
    if not isinstance(body, dict) or canonical_json(body) != row["body"]:
        return False
    return body.get("seq") == row["seq"] and all(
        body.get(column) == row[column].decode(errors="replace") for column in _COLUMNS
    )


def _missing(events: range) -> Finding:
    first, last = events[0], events[-1]
    span = str(first) if first == last else f"{first}-{last}"
    return Finding(
        kind="event",
        identifier=span,
        vi=f"Thiếu sự kiện {span} trong nhật ký.",
        en=f"Event {span} is missing from the log.",
    )
