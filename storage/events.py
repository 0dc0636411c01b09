"""The event log: append-only rows under a Merkle tree, written with the act they record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from config.vocabulary import EventType
from storage.canonical import canonical_json, canonical_text, read_json
from storage.database import Database
from storage.errors import DamagedLog
from storage.merkle import (
    CompactRange,
    Head,
    TreeLevels,
    consistency_path,
    inclusion_path,
    leaf_hash,
    tree_root,
)
from storage.model import Event, Finding, NewEvent
from storage.times import read_time, time_text

_HASH_BYTES = 32
_COLUMNS = ("at", "type", "object", "actor", "outcome")
# As bytes: a flipped bit can make text that SQLite's driver refuses to decode.
_RAW = (
    "SELECT seq, CAST(at AS BLOB) AS at, CAST(type AS BLOB) AS type, "
    "CAST(object AS BLOB) AS object, CAST(actor AS BLOB) AS actor, "
    "CAST(outcome AS BLOB) AS outcome, CAST(body AS BLOB) AS body, leaf FROM event ORDER BY seq"
)


class EventLog:
    """The log of one archive.

    Args:
        db: records.db; an event commits together with what it tells of.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(self, *events: NewEvent) -> list[int]:
        """Log events in order; join the caller's transaction if there is one.

        Returns:
            Their numbers in the log.

        Raises:
            DamagedLog: The log holds more rows than its tree counts.
            ValueError: A time has no zone.
        """
        with self._db.transaction():
            tree = self._tree()
            numbers = []
            for event in events:
                tree = self._insert(event, tree)
                numbers.append(tree.size)
            self._db.execute(
                "UPDATE tree SET size = ?, peaks = ? WHERE id = 1",
                (tree.size, b"".join(tree.peaks)),
            )
        return numbers

    def events(self, object: str | None = None) -> list[Event]:  # the PREMIS word for it
        """Return all events, or those of one submission or record, in order."""
        if object is None:
            rows = self._db.rows("SELECT * FROM event ORDER BY seq")
        else:
            rows = self._db.rows("SELECT * FROM event WHERE object = ? ORDER BY seq", (object,))
        return [_event(row) for row in rows]

    def between(self, first: int, last: int) -> list[Event]:
        """Return the events from one number to another, in order."""
        query = "SELECT * FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq"
        return [_event(row) for row in self._db.rows(query, (first, last))]

    def newest_of(self, kind: EventType, object: str) -> Event | None:  # the PREMIS word for it
        """Return the newest event of a type about one object, or None."""
        return next(iter(self.newest_few(kind, object, 1)), None)

    def newest_few(
        self,
        kind: EventType,
        object: str,  # the PREMIS word for it
        most: int,
    ) -> list[Event]:
        """Return the newest events of a type about one object, the newest first."""
        query = "SELECT * FROM event WHERE object = ? AND type = ? ORDER BY seq DESC LIMIT ?"
        return [_event(row) for row in self._db.rows(query, (object, kind.value, most))]

    def newest_about(
        self,
        objects: Sequence[str],
        most: int,
        *,
        before: int | None = None,
        without: EventType | None = None,
    ) -> list[Event]:
        """Return the newest events about any of a few objects, the newest first.

        Args:
            objects: identifiers of submissions and records.
            most: of how many at most.
            before: the number of an event; only earlier ones. None: all.
            without: a type that is left out.
        """
        query = (
            "SELECT * FROM event WHERE object = ? AND seq < ? AND type <> ? "
            "ORDER BY seq DESC LIMIT ?"
        )
        limit = self.size() + 1 if before is None else before
        left_out = without.value if without else ""
        rows = [
            row for each in objects for row in self._db.rows(query, (each, limit, left_out, most))
        ]
        rows.sort(key=lambda row: int(row["seq"]), reverse=True)
        return [_event(row) for row in rows[:most]]

    def body(self, seq: int) -> bytes:
        """Return the bytes whose hash is the leaf of an event.

        Raises:
            IndexError: There is no such event.
        """
        row = self._db.row("SELECT CAST(body AS BLOB) AS body FROM event WHERE seq = ?", (seq,))
        if row is None:
            raise IndexError(f"the log has no event {seq}")
        return bytes(row["body"])

    def last_time(self) -> datetime | None:
        """Return when the last event happened, or None for an empty log."""
        row = self._db.row("SELECT at FROM event ORDER BY seq DESC LIMIT 1")
        return None if row is None else read_time(row["at"])

    def count_between(self, begins: datetime, ends: datetime) -> dict[EventType, int]:
        """Count the events of each type from one moment up to, not including, another."""
        rows = self._db.rows(
            "SELECT type, count(*) AS n FROM event WHERE at >= ? AND at < ? GROUP BY type",
            (time_text(begins), time_text(ends)),
        )
        return {EventType(row["type"]): row["n"] for row in rows}

    def size(self) -> int:
        """Return the number of events."""
        return self._tree().size

    def root(self) -> str:
        """Return the root of the tree, hex."""
        return self._tree().root().hex()

    def head(self) -> Head:
        """Return size and root as of one moment."""
        tree = self._tree()
        return Head(size=tree.size, root_hash=tree.root())

    def head_at(self, size: int) -> Head:
        """Return size and root of the first `size` events, by their leaves.

        Raises:
            DamagedLog: Rows are missing.
        """
        head = self.head()
        if size == head.size:
            return head
        return Head(size=size, root_hash=tree_root(self._leaves(size)))

    def inclusion_proof(self, seq: int, size: int | None = None) -> list[str]:
        """Prove that an event is under the root of the first `size` events (default: all).

        Returns:
            Hashes from the leaf's sibling upwards, hex (RFC 9162, 2.1.3).

        Raises:
            DamagedLog: Rows are missing.
            IndexError: There is no such event.
        """
        leaves = self._leaves(self.size() if size is None else size)
        return [step.hex() for step in inclusion_path(seq - 1, leaves)]

    def inclusion_proofs(self, seqs: Sequence[int], size: int) -> dict[int, list[str]]:
        """Prove many events under one root; otherwise as `inclusion_proof`, at the cost of one."""
        levels = TreeLevels(self._leaves(size))
        return {seq: [step.hex() for step in levels.inclusion_path(seq - 1)] for seq in seqs}

    def consistency_proof(self, old: int, new: int | None = None) -> list[str]:
        """Prove that the tree of `new` events (default: all) grew out of that of `old` events.

        Raises:
            DamagedLog: Rows are missing.
            IndexError: `old` is larger than `new`.
        """
        leaves = self._leaves(self.size() if new is None else new)
        return [step.hex() for step in consistency_path(old, leaves)]

    def verify(self) -> list[Finding]:
        """Recompute the log from its rows.

        Checks each row against its canonical body, each leaf hash, the numbering and the root.
        """
        with self._db.snapshot():
            findings: list[Finding] = []
            tree = CompactRange()
            expected = 1
            for row in self._db.iterate(_RAW):
                if row["seq"] != expected:
                    findings.append(_missing(expected, row["seq"] - 1))
                findings += _row_findings(row)
                tree = tree.append(leaf_hash(row["body"]))
                expected = row["seq"] + 1
            findings += self._tree_findings(tree, expected - 1)
        return findings

    def recomputed_heads(self) -> Iterator[Head]:
        """Yield size and root after each event, recomputed from the bodies of the rows."""
        tree = CompactRange()
        for row in self._db.iterate(_RAW):
            tree = tree.append(leaf_hash(row["body"]))
            yield Head(size=tree.size, root_hash=tree.root())

    def _insert(self, event: NewEvent, tree: CompactRange) -> CompactRange:
        seq = tree.size + 1
        if self._db.row("SELECT seq FROM event WHERE seq >= ? LIMIT 1", (seq,)):
            raise DamagedLog(
                f"Nhật ký trong {self._db.path} có sự kiện {seq} mà cây băm chưa đếm. "
                "Hãy chạy kiểm tra toàn vẹn và báo quản trị.",
                f"The log in {self._db.path} has an event {seq} that its tree does not count. "
                "Run the fixity check and tell the administrator.",
            )
        columns: dict[str, object] = {
            "seq": seq,
            "at": time_text(event.at),
            "type": event.type.value,
            "object": event.object,
            "actor": event.actor,
            "outcome": event.outcome,
        }
        body = canonical_text({**columns, "detail": dict(event.detail)})
        leaf = leaf_hash(body.encode())
        self._db.execute(
            "INSERT INTO event (seq, at, type, object, actor, outcome, body, leaf) "
            "VALUES (:seq, :at, :type, :object, :actor, :outcome, :body, :leaf)",
            {**columns, "body": body, "leaf": leaf},
        )
        return tree.append(leaf)

    def _tree(self) -> CompactRange:
        row = self._db.row("SELECT size, peaks FROM tree WHERE id = 1")
        if row is None:
            raise DamagedLog(
                f"Nhật ký trong {self._db.path} mất trạng thái cây băm. "
                "Hãy khôi phục từ bản sao lưu.",
                f"The log in {self._db.path} has lost its tree. Restore it from a backup.",
            )
        peaks = row["peaks"]
        return CompactRange(
            size=row["size"],
            peaks=tuple(
                peaks[start : start + _HASH_BYTES] for start in range(0, len(peaks), _HASH_BYTES)
            ),
        )

    def _leaves(self, size: int) -> list[bytes]:
        query = "SELECT leaf FROM event WHERE seq <= ? ORDER BY seq"
        leaves: list[bytes] = list(self._db.values(query, (size,)))
        if len(leaves) != size:
            raise DamagedLog(
                f"Nhật ký trong {self._db.path} thiếu sự kiện: có {len(leaves)}, cần {size}. "
                "Hãy chạy kiểm tra toàn vẹn và báo quản trị.",
                f"The log in {self._db.path} lacks events: {len(leaves)} of {size}. "
                "Run the fixity check and tell the administrator.",
            )
        return leaves

    def _tree_findings(self, tree: CompactRange, last: int) -> list[Finding]:
        kept = self._tree()
        findings = []
        if kept.size > last and kept.peaks != tree.peaks:
            findings.append(_missing(last + 1, kept.size))
        elif kept != tree:
            findings.append(
                Finding(
                    kind="event",
                    identifier="tree",
                    vi=f"Gốc cây băm tính lại từ {last} sự kiện khác với gốc đã lưu.",
                    en=f"The root recomputed from {last} events differs from the stored one.",
                )
            )
        return findings


def _event(row: dict[str, Any]) -> Event:
    return Event(
        seq=row["seq"],
        type=EventType(row["type"]),
        object=row["object"],
        actor=row["actor"],
        at=read_time(row["at"]),
        outcome=row["outcome"],
        detail=read_json(row["body"])["detail"],
        leaf=row["leaf"].hex(),
    )


def _row_findings(row: dict[str, Any]) -> list[Finding]:
    seq = row["seq"]
    if leaf_hash(row["body"]) != row["leaf"]:
        return [
            Finding(
                kind="event",
                identifier=str(seq),
                vi=f"Nội dung sự kiện {seq} không khớp mã băm của nó.",
                en=f"The body of event {seq} does not match its hash.",
            )
        ]
    if not _is_canonical(row):
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
        canonical_json(body.get(column)) == canonical_json(row[column].decode(errors="replace"))
        for column in _COLUMNS
    )


def _missing(first: int, last: int) -> Finding:
    span = str(first) if first == last else f"{first}-{last}"
    return Finding(
        kind="event",
        identifier=span,
        vi=f"Thiếu sự kiện {span} trong nhật ký.",
        en=f"Event {span} is missing from the log.",
    )
