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

    def completed(self, leaf: bytes) -> list[bytes]:
        """Return the roots of all perfect subtrees that one more leaf hash ends, the leaf first."""
        roots = [leaf]
        carry = self.size
        while carry & 1:
            roots.append(node_hash(self.peaks[-len(roots)], roots[-1]))
            carry >>= 1
        return roots

    def append(self, leaf: bytes) -> CompactRange:
        """Return the range with one more leaf hash."""
        roots = self.completed(leaf)
        standing = len(self.peaks) - len(roots) + 1
        return CompactRange(size=self.size + 1, peaks=(*self.peaks[:standing], roots[-1]))

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        return joined_root(self.peaks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Size and root of a tree at some moment."""

    size: int
    """Number of leaves."""
    root_hash: bytes
    """Root over them."""


def joined_root(peaks: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees, the largest first."""
    if not peaks:
        return EMPTY_ROOT
    *rest, root = peaks
    for peak in reversed(rest):
        root = node_hash(peak, root)
    return root


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    if not leaves:
        return EMPTY_ROOT
    level = leaves
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def _level_above(below: Sequence[bytes]) -> list[bytes]:
    """Return the nodes over those of a level."""
    level = list(map(node_hash, below[:-1:2], below[1::2]))
    # The last one without a sibling stands one level higher as it is.
    return [*level, *below[len(level) * 2 :]]


def inclusion_spans(index: int, size: int) -> list[range]:
    """Return the leaves under each step of the proof that a leaf is in a tree (RFC 9162, 2.1.3.1).

    Args:
        index: Position of the leaf, from 0.
        size: Number of leaves of the tree.

    Returns:
        From the leaf's sibling upwards; the proof is the root over each.

    Raises:
        IndexError: The tree has no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"the tree of {size} leaves has no leaf {index}")
    spans: list[range] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            spans.append(range(middle, end))
            end = middle
        else:
            spans.append(range(first, middle))
            first = middle
    return spans[::-1]


def consistency_spans(old_size: int, size: int) -> list[range]:
    """Return the leaves under each step of the proof that a tree grew (RFC 9162, 2.1.4.1).

    Args:
        old_size: Number of leaves of the older tree.
        size: Number of leaves of the tree that grew out of it.

    Raises:
        IndexError: The older tree is larger.
    """
    if not 0 <= old_size <= size:
        raise IndexError(f"a tree of {size} leaves cannot follow one of {old_size}")
    spans: list[range] = []
    first, end = 0, size
    while first < old_size < end:
        middle = first + _split(end - first)
        if old_size <= middle:
            spans.append(range(middle, end))
            end = middle
        else:
            spans.append(range(first, middle))
            first = middle
    if first:
        spans.append(range(first, end))
    return spans[::-1]


def perfect_spans(span: range) -> list[range]:
    """Return the leaves of the perfect subtrees that a span of a tree consists of, from the left.

    Args:
        span: One that a proof names, or the first leaves of a tree.
    """
    parts = []
    first = span.start
    while first < span.stop:
        width = 1 << (span.stop - first).bit_length() - 1
        parts.append(range(first, first + width))
        first += width
    return parts


def is_included(leaf: bytes, index: int, head: Head, path: Sequence[bytes]) -> bool:
    """Check an inclusion proof (RFC 9162, 2.1.3.2).

    Args:
        leaf: Leaf hash.
        index: Position of the leaf, from 0.
        head: Size and root of the tree.
        path: The root over each of `inclusion_spans`.
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
