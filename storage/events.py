"""The event log: append-only rows under a Merkle tree, written with the act they record."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from config.vocabulary import EventType
from storage.canonical import canonical_text
from storage.damaged_rows import read_each
from storage.database import Database
from storage.errors import DamagedLog
from storage.event_check import find_changed_events, recomputed_heads
from storage.event_lists import EventList, event_of, read_events
from storage.log_proofs import LogProofs
from storage.merkle import CompactRange, Head, leaf_hash
from storage.model import Event, Finding, NewEvent
from storage.times import read_time, time_text
from storage.tree_nodes import BLOCK, INSERT, mend_nodes, nodes_of

_HASH_BYTES = 32
_TREE = "SELECT size, peaks FROM tree WHERE id = 1"
# One question, as each event asks it. Proofs ask for the tree alone: it stands where events fail.
_TREE_AND_LAST = "SELECT size, peaks, (SELECT max(seq) FROM event) AS last FROM tree WHERE id = 1"
RARE_TYPES = "'anchor', 'fixity check', 'recovery', 'replication', 'setting'"
"""Types of events of which the newest are asked for, as the index that finds them is limited: those
about the archive and its log are few among all that are about them."""


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
            tree = self._whole_tree()
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
        """Return all events, or those of one submission or record, in order.

        Raises:
            RowDamaged: One of them cannot be read; lists are asked for by `about` and `between`.
        """
        if object is None:
            rows = self._db.rows("SELECT * FROM event ORDER BY seq")
        else:
            rows = self._db.rows("SELECT * FROM event WHERE object = ? ORDER BY seq", (object,))
        return [event_of(row) for row in rows]

    def between(self, first: int, last: int) -> EventList:
        """Return the events from one number to another, in order."""
        query = "SELECT * FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq"
        return read_events(self._db.salvaged(query, (first, last)))

    def about(self, object: str) -> EventList:  # the PREMIS word for it
        """Return the events of one submission or record, in order."""
        query = "SELECT * FROM event WHERE object = ? ORDER BY seq"
        return read_events(self._db.salvaged(query, (object,)))

    def newest_of(self, kind: EventType, object: str) -> Event | None:  # the PREMIS word for it
        """Return the newest event of a type about one object, or None."""
        return next(iter(self.newest_few(kind, object, 1)), None)

    def newest_few(
        self,
        kind: EventType,
        object: str,  # the PREMIS word for it
        most: int,
    ) -> list[Event]:
        """Return the newest events of a type about one object, the newest first.

        What cannot be read of them is left out: the check of the log names it.
        """
        rare = f"AND type IN ({RARE_TYPES}) " if f"'{kind.value}'" in RARE_TYPES else ""
        query = f"SELECT * FROM event WHERE object = ? AND type = ? {rare}ORDER BY seq DESC LIMIT ?"  # noqa: S608  # our own words
        found = read_events(self._db.salvaged(query, (object, kind.value, most)))
        return list(found.events)

    def newest_about(
        self,
        objects: Sequence[str],
        most: int,
        *,
        before: int | None = None,
        without: EventType | None = None,
    ) -> EventList:
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
            row
            for each in objects
            for row in self._db.salvaged(query, (each, limit, left_out, most))
        ]
        rows.sort(key=lambda row: int(row["seq"]), reverse=True)
        return read_events(rows[:most])

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
        """Return when the last event happened of which that can be read, or None."""
        for told in self._db.values("SELECT CAST(at AS BLOB) FROM event ORDER BY seq DESC"):
            with suppress(ValueError):
                return read_time(told.decode())
        return None

    def count_between(self, begins: datetime, ends: datetime) -> dict[EventType, int]:
        """Count the events of each type from one moment up to, not including, another."""
        rows = self._db.salvaged(
            "SELECT type, count(*) AS n FROM event WHERE at >= ? AND at < ? GROUP BY type",
            (time_text(begins), time_text(ends)),
        )
        counted = {row["type"]: row["n"] for row in rows}
        types, _ = read_each(EventType, counted)
        return {kind: counted[word] for word, kind in types.items()}

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
        """Return size and root of the first `size` events.

        Raises:
            DamagedLog: They are not the beginning of the log as it stands.
        """
        return self._proofs().head_at(size)

    def inclusion_proof(self, seq: int, size: int | None = None) -> list[str]:
        """Prove that an event is under the root of the first `size` events (default: all).

        Returns:
            Hashes from the leaf's sibling upwards, hex (RFC 9162, 2.1.3).

        Raises:
            DamagedLog: Events or kept roots on its way are damaged or missing.
            IndexError: There is no such event.
        """
        return self.inclusion_proofs((seq,), self.size() if size is None else size)[seq]

    def inclusion_proofs(self, seqs: Sequence[int], size: int) -> dict[int, list[str]]:
        """Prove many events under one root; otherwise as `inclusion_proof`."""
        proofs = self._proofs()
        head = proofs.head_at(size)
        return {seq: [step.hex() for step in proofs.inclusion(seq, head)] for seq in seqs}

    def consistency_proof(self, old: int, new: int | None = None) -> list[str]:
        """Prove that the tree of `new` events (default: all) grew out of that of `old` events.

        Raises:
            DamagedLog: Events or kept roots on its way are damaged or missing.
            IndexError: `old` is larger than `new`.
        """
        proofs = self._proofs()
        return [step.hex() for step in proofs.consistency(old, self.size() if new is None else new)]

    def verify(self) -> list[Finding]:
        """Recompute the log from its rows; see `find_changed_events`."""
        with self._db.snapshot():
            return find_changed_events(self._db, self._tree())

    def mend_nodes(self) -> int:
        """Make the kept roots of the tree anew; return how many were not as they should be.

        Raises:
            DamagedLog: The events are not those that were counted.
        """
        with self._db.transaction():
            return mend_nodes(self._db, self._tree())

    def recomputed_heads(self, sizes: Container[int]) -> Iterator[Head]:
        """Yield size and root after so many events each, recomputed from their bodies."""
        return recomputed_heads(self._db, sizes)

    def _insert(self, event: NewEvent, tree: CompactRange) -> CompactRange:
        seq = tree.size + 1
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
        if seq % BLOCK == 0:
            self._db.execute_each(INSERT, nodes_of(tree.completed(leaf), seq))
        return tree.append(leaf)

    def _proofs(self) -> LogProofs:
        return LogProofs(self._db, self.head())

    def _whole_tree(self) -> CompactRange:
        """Return the tree to which an event may be added: it counts all that are there."""
        row = self._db.row(_TREE_AND_LAST) or {}
        tree = self._tree_of(row)
        if (row["last"] or 0) > tree.size:
            raise DamagedLog(
                f"Nhật ký trong {self._db.path} có sự kiện {row['last']} mà cây băm chưa đếm. "
                "Hãy chạy kiểm tra toàn vẹn và báo quản trị.",
                f"The log in {self._db.path} has an event {row['last']} that its tree does not "
                "count. Run the fixity check and tell the administrator.",
            )
        return tree

    def _tree(self) -> CompactRange:
        return self._tree_of(self._db.row(_TREE))

    def _tree_of(self, row: dict[str, Any] | None) -> CompactRange:
        if not row:
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
