"""Both digests of a stream, whoever makes the second one."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from storage.digests import Digests


@pytest.fixture
def digests() -> Digests:
    return Digests()


def chunks_of(seed: int) -> list[bytes]:
    """Large pieces and small ones, in no order."""
    chance = random.Random(seed)
    return [chance.randbytes(chance.choice((1, 5_000, 70_000, 1 << 20))) for _ in range(12)]


def expected(chunks: list[bytes]) -> tuple[str, str, int]:
    data = b"".join(chunks)
    return hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest(), len(data)


@contextmanager
def occupied(digests: Digests) -> Iterator[None]:
    """Let the thread be busy with something else."""
    begun, over = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        over.wait(60)

    assert digests._beside is not None
    working = digests._beside.submit(work)
    assert begun.wait(60)
    yield
    # Nobody waited for it.
    assert not working.done()
    over.set()


@pytest.mark.parametrize("seed", range(6))
def test_pieces_of_all_sizes_are_hashed_in_their_order(digests: Digests, seed: int) -> None:
    chunks = chunks_of(seed)
    passed: list[bytes] = []
    assert digests.of(iter(chunks), passed.append) == expected(chunks)
    assert passed == chunks
    assert digests.of(chunks) == expected(chunks)
    assert digests.of([]) == expected([])


def test_nobody_waits_for_a_thread_that_is_busy(digests: Digests) -> None:
    chunks = chunks_of(7)
    with occupied(digests):
        assert digests.of(chunks) == expected(chunks)


def test_a_machine_without_more_threads_hashes_all_the_same(
    digests: Digests, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more_threads(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    lots = [chunks_of(seed) for seed in (10, 11)]
    with monkeypatch.context() as starved:
        starved.setattr(threading.Thread, "start", no_more_threads)
        assert [digests.of(lot) for lot in lots] == [expected(lot) for lot in lots]
    assert [digests.of(lot) for lot in lots] == [expected(lot) for lot in lots]


def test_a_program_about_to_end_hashes_all_the_same(digests: Digests) -> None:
    assert digests._beside is not None
    digests._beside.shutdown()
    assert digests.of(chunks_of(12)) == expected(chunks_of(12))


def test_many_hash_at_once(digests: Digests) -> None:
    lots = [chunks_of(seed) for seed in range(8)]
    made: dict[int, tuple[str, str, int]] = {}

    def hash_lot(number: int) -> None:
        made[number] = digests.of(lots[number])

    threads = [threading.Thread(target=hash_lot, args=(number,)) for number in range(len(lots))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == {number: expected(lot) for number, lot in enumerate(lots)}


def test_what_fails_meanwhile_leaves_the_next_one_whole(digests: Digests) -> None:
    class DiskGone(Exception):
        """The disk that the bytes go to is gone."""

    def fail(_: bytes) -> None:
        raise DiskGone

    chunks = chunks_of(9)
    with pytest.raises(DiskGone):
        digests.of([b"x" * (1 << 20)], fail)
    assert digests.of(chunks) == expected(chunks)
