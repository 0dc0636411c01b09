"""The Merkle tree of RFC 9162 section 2.1: pure functions over leaf hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash one entry: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactRange:
    """All that must be kept of a tree to append to it and to know its root."""

    size: int = 0
    """Number of leaves."""
    peaks: tuple[bytes, ...] = ()
    """Roots of the perfect subtrees, the largest first; one for each set bit of `size`."""

    def append(self, leaf: bytes) -> CompactRange:
        """Return the range with one more leaf hash."""
        peaks = [*self.peaks, leaf]
        carry = self.size
        while carry & 1:
            right = peaks.pop()
            peaks[-1] = node_hash(peaks[-1], right)
            carry >>= 1
        return CompactRange(size=self.size + 1, peaks=tuple(peaks))

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        if not self.peaks:
            return EMPTY_ROOT
        *rest, root = self.peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Size and root of a tree at some moment."""

    size: int
    """Number of leaves."""
    root_hash: bytes
    """Root over them."""


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    if not leaves:
        return CompactRange().root()
    level = leaves
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def _level_above(below: Sequence[bytes]) -> list[bytes]:
    """Return the nodes over those of a level."""
    level = list(map(node_hash, below[:-1:2], below[1::2]))
    # The last one without a sibling stands one level higher as it is.
    return [*level, *below[len(level) * 2 :]]


def inclusion_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Prove that a leaf is in the tree (RFC 9162, 2.1.3.1).

    Args:
        index: Position of the leaf, from 0.
        leaves: All leaf hashes of the tree.

    Raises:
        IndexError: The tree has no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"the tree of {len(leaves)} leaves has no leaf {index}")
    path: list[bytes] = []
    while len(leaves) > 1:
        split = _split(len(leaves))
        if index < split:
            path.append(tree_root(leaves[split:]))
            leaves = leaves[:split]
        else:
            path.append(tree_root(leaves[:split]))
            leaves, index = leaves[split:], index - split
    return path[::-1]


class TreeLevels:
    """All levels of one tree: many inclusion proofs for one pass of hashing.

    Args:
        leaves: All leaf hashes of the tree.
    """

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            self._levels.append(_level_above(self._levels[-1]))

    def inclusion_path(self, index: int) -> list[bytes]:
        """Prove that a leaf is in the tree; the same as the function of that name.

        Raises:
            IndexError: The tree has no such leaf.
        """
        size = len(self._levels[0])
        if not 0 <= index < size:
            raise IndexError(f"the tree of {size} leaves has no leaf {index}")
        path = []
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index >>= 1
        return path


def consistency_path(old_size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Prove that the first `old_size` leaves are the older tree (RFC 9162, 2.1.4.1).

    Raises:
        IndexError: The older tree is larger than this one.
    """
    if not 0 <= old_size <= len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves cannot follow one of {old_size}")
    path: list[bytes] = []
    is_whole = True
    size = old_size
    while 0 < size < len(leaves):
        split = _split(len(leaves))
        if size <= split:
            path.append(tree_root(leaves[split:]))
            leaves = leaves[:split]
        else:
            path.append(tree_root(leaves[:split]))
            leaves, size, is_whole = leaves[split:], size - split, False
    if size and not is_whole:
        path.append(tree_root(leaves))
    return path[::-1]


def is_included(leaf: bytes, index: int, head: Head, path: Sequence[bytes]) -> bool:
    """Check an inclusion proof (RFC 9162, 2.1.3.2).

    Args:
        leaf: Leaf hash.
        index: Position of the leaf, from 0.
        head: Size and root of the tree.
        path: What `inclusion_path` gave.
    """
    if not 0 <= index < head.size:
        return False
    position, last, root = index, head.size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            root = node_hash(step, root)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            root = node_hash(root, step)
        position, last = position >> 1, last >> 1
    return last == 0 and root == head.root_hash


def is_consistent(old: Head, new: Head, path: Sequence[bytes]) -> bool:
    """Check a consistency proof between two heads (RFC 9162, 2.1.4.2)."""
    if old.size in (0, new.size):
        same = old.size == 0 or old.root_hash == new.root_hash
        return same and not path
    if not 0 < old.size < new.size or not path:
        return False
    roots = _replay(old, new, path)
    return roots == (old.root_hash, new.root_hash)


def _replay(old: Head, new: Head, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Recompute the roots of both trees from a proof, or None where it does not fit them."""
    steps = list(path)
    if old.size & (old.size - 1) == 0:
        steps.insert(0, old.root_hash)
    position, last = old.size - 1, new.size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_root = new_root = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old_root, new_root = node_hash(step, old_root), node_hash(step, new_root)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new_root = node_hash(new_root, step)
        position, last = position >> 1, last >> 1
    return (old_root, new_root) if last == 0 else None


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
