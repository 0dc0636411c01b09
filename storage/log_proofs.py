"""Proofs of events and of growth (RFC 9162, 2.1), from kept roots and a block of events at most.

No proof is given that does not lead to the root that the log counted: what is damaged on its way
is noticed here, and named by the check of the log.
"""

from __future__ import annotations

from storage.database import Database
from storage.errors import DamagedLog
from storage.merkle import (
    Head,
    consistency_spans,
    inclusion_spans,
    is_consistent,
    is_included,
    joined_root,
    leaf_hash,
    perfect_spans,
    tree_root,
)
from storage.tree_nodes import BLOCK, LEAF


class LogProofs:
    """Proofs under the log as it stands.

    Args:
        db: records.db.
        head: Size and root as they were counted event by event.
    """

    def __init__(self, db: Database, head: Head) -> None:
        self._db = db
        self._head = head
        self._roots: dict[range, bytes] = {}

    def head_at(self, size: int) -> Head:
        """Return size and root of the first `size` events.

        Raises:
            DamagedLog: It would not be the beginning of the log as it stands.
        """
        if size == self._head.size:
            return self._head
        if size > self._head.size:
            raise self._damaged(size)
        head = Head(size=size, root_hash=self._root(range(size)))
        self._grow(head, self._head)
        return head

    def inclusion(self, seq: int, head: Head) -> list[bytes]:
        """Prove that an event is under a head.

        Raises:
            DamagedLog: What is kept does not prove it.
            IndexError: There is no such event.
        """
        path = [self._root(span) for span in inclusion_spans(seq - 1, head.size)]
        row = self._db.row(
            f"SELECT ifnull(CAST(body AS BLOB), x'') AS body, {LEAF} AS leaf FROM event "  # noqa: S608  # our own words
            "WHERE seq = ?",
            (seq,),
        )
        if row is None or leaf_hash(row["body"]) != row["leaf"]:
            raise self._damaged(head.size)
        if not is_included(row["leaf"], seq - 1, head, path):
            raise self._damaged(head.size)
        return path

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Prove that the log of `new` events grew out of that of `old` events.

        Raises:
            DamagedLog: What is kept does not prove it.
            IndexError: `old` is larger than `new`.
        """
        consistency_spans(old, new)  # before anything is read
        head = self.head_at(new)
        return self._grow(Head(size=old, root_hash=self._root(range(old))), head)

    def _grow(self, old: Head, new: Head) -> list[bytes]:
        path = [self._root(span) for span in consistency_spans(old.size, new.size)]
        if not is_consistent(old, new, path):
            raise self._damaged(new.size)
        return path

    def _root(self, span: range) -> bytes:
        return joined_root([self._perfect_root(part) for part in perfect_spans(span)])

    def _perfect_root(self, part: range) -> bytes:
        if part not in self._roots:
            read = self._kept if len(part) >= BLOCK else self._hashed
            self._roots[part] = read(part)
        return self._roots[part]

    def _kept(self, part: range) -> bytes:
        row = self._db.row(
            "SELECT CAST(hash AS BLOB) AS hash FROM tree_node WHERE last = ? AND level = ?",
            (part.stop, len(part).bit_length() - 1),
        )
        if row is None or row["hash"] is None:
            raise self._damaged(part.stop)
        return bytes(row["hash"])

    def _hashed(self, part: range) -> bytes:
        query = f"SELECT {LEAF} FROM event WHERE seq > ? AND seq <= ? ORDER BY seq"  # noqa: S608  # our own words
        leaves = list(self._db.values(query, (part.start, part.stop)))
        if len(leaves) != len(part):
            raise self._damaged(part.stop)
        return tree_root(leaves)

    def _damaged(self, size: int) -> DamagedLog:
        return DamagedLog(
            f"Không lập được bằng chứng cho nhật ký {size} sự kiện trong {self._db.path}: sự kiện "
            "hoặc nút cây băm bị hỏng hay thiếu. Hãy chạy «hoso audit verify» để biết chỗ nào; chỉ "
            "nút hỏng thì chạy «hoso fixity --mend», còn lại thì khôi phục từ bản sao lưu.",
            f"Nothing can be proved of the log of {size} events in {self._db.path}: an event or a "
            "node of its tree is damaged or missing. Run `hoso audit verify` to see which; where "
            "only nodes are, run `hoso fixity --mend`, otherwise restore it from a backup.",
        )
