"""The tree against the well-known vectors of Certificate Transparency (RFC 6962, RFC 9162)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.merkle import (
    EMPTY_ROOT,
    CompactRange,
    Head,
    consistency_spans,
    inclusion_spans,
    is_consistent,
    is_included,
    joined_root,
    leaf_hash,
    node_hash,
    perfect_spans,
    tree_root,
)

LEAVES = [
    leaf_hash(bytes.fromhex(entry))
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def head(size: int, leaves: list[bytes] = LEAVES) -> Head:
    return Head(size=size, root_hash=tree_root(leaves[:size]))


def inclusion_path(index: int, leaves: list[bytes]) -> list[bytes]:
    return [tree_root(leaves[at.start : at.stop]) for at in inclusion_spans(index, len(leaves))]


def consistency_path(old: int, leaves: list[bytes]) -> list[bytes]:
    return [tree_root(leaves[at.start : at.stop]) for at in consistency_spans(old, len(leaves))]


def split(leaves: list[bytes]) -> int:
    return max(1 << n for n in range(len(leaves).bit_length()) if 1 << n < len(leaves))


def mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    k = split(leaves)
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path_of(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1, word by word."""
    if len(leaves) == 1:
        return []
    k = split(leaves)
    if m < k:
        return [*path_of(m, leaves[:k]), mth(leaves[k:])]
    return [*path_of(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], is_whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1, word by word."""
    if m == len(leaves):
        return [] if is_whole else [mth(leaves)]
    k = split(leaves)
    if m <= k:
        return [*subproof(m, leaves[:k], is_whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference_tree(size: int) -> None:
    assert tree_root(LEAVES[:size]).hex() == ROOTS[size]


def test_a_tree_that_grew_leaf_by_leaf_has_the_root_of_all_its_leaves() -> None:
    leaves = [bytes([size]) * 32 for size in range(70)]
    grown = CompactRange()
    for size, leaf in enumerate(leaves):
        assert grown.root() == tree_root(leaves[:size]), size
        grown = grown.append(leaf)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert CompactRange().root() == EMPTY_ROOT == bytes.fromhex(ROOTS[0])


def test_inclusion_proofs_are_those_of_the_reference_tree() -> None:
    assert [step.hex() for step in inclusion_path(0, LEAVES)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [step.hex() for step in inclusion_path(2, LEAVES[:3])] == [
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    ]
    assert inclusion_path(0, LEAVES[:1]) == []


def test_a_consistency_proof_is_that_of_the_reference_tree() -> None:
    assert [step.hex() for step in consistency_path(6, LEAVES)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 40), data=st.data())
def test_a_proof_holds_for_its_leaf_and_fails_for_any_other(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(index, leaves)
    assert is_included(leaves[index], index, head(size, leaves), path)
    assert not is_included(leaf_hash(b"other"), index, head(size, leaves), path)
    assert not is_included(leaves[index], size, head(size, leaves), path)
    if path:
        assert not is_included(leaves[index], index, head(size, leaves), path[:-1])


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 40), data=st.data())
def test_a_tree_follows_its_own_past_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    old = data.draw(st.integers(0, size))
    path = consistency_path(old, leaves)
    assert is_consistent(head(old, leaves), head(size, leaves), path)
    if old > 0:
        forged = [leaf_hash(b"forged"), *leaves[1:]]
        assert not is_consistent(head(old, forged), head(size, leaves), path)
    if path:
        assert not is_consistent(head(old, leaves), head(size, leaves), path[:-1])


def test_a_larger_tree_never_precedes_a_smaller_one() -> None:
    assert not is_consistent(head(5), head(3), consistency_path(3, LEAVES[:5]))


def test_a_leaf_that_is_not_there_has_no_proof() -> None:
    with pytest.raises(IndexError, match="has no leaf 8"):
        inclusion_path(8, LEAVES)
    with pytest.raises(IndexError, match="cannot follow"):
        consistency_path(9, LEAVES)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 21])
def test_roots_and_paths_are_those_of_the_definitions(size: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    assert tree_root(leaves) == mth(leaves)
    for index in range(size):
        assert inclusion_path(index, leaves) == path_of(index, leaves)
    for old in range(1, size + 1):
        assert consistency_path(old, leaves) == subproof(old, leaves, True)


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 10**9), data=st.data())
def test_a_step_of_a_proof_consists_of_perfect_subtrees(size: int, data: st.DataObject) -> None:
    spans = inclusion_spans(data.draw(st.integers(0, size - 1)), size)
    spans += consistency_spans(data.draw(st.integers(1, size)), size)
    for span in spans:
        parts = perfect_spans(span)
        assert [part.start for part in parts] == [span.start, *(part.stop for part in parts[:-1])]
        assert parts[-1].stop == span.stop
        assert all(part.start % len(part) == 0 for part in parts)
        assert all(len(part) & (len(part) - 1) == 0 for part in parts)


@pytest.mark.parametrize("size", [0, 1, 5, 8, 13])
def test_perfect_subtrees_join_to_the_root(size: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    parts = [tree_root(leaves[part.start : part.stop]) for part in perfect_spans(range(size))]
    assert joined_root(parts) == tree_root(leaves)
