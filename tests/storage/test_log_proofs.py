"""Proofs from kept roots are those of the whole tree, and none is given over a damaged one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.vocabulary import EventType
from storage.database import Database
from storage.errors import DamagedLog, RowDamaged
from storage.events import EventLog
from storage.log_proofs import LogProofs
from storage.merkle import (
    Head,
    consistency_spans,
    inclusion_spans,
    is_consistent,
    is_included,
    tree_root,
)
from storage.model import NewEvent
from storage.schema import MIGRATIONS
from storage.tree_nodes import BLOCK, BLOCK_LEVEL
from tests.storage.conftest import AT

# Around every place where a block, or one more level, is completed.
EDGES = [0, 1, 2, 63, 64, 65, 127, 128, 129, 191, 192, 193, 255, 256, 257, 319, 511, 512, 513, 576]
UPDATE = "UPDATE tree_node SET hash = ? WHERE last = ? AND level = ?"


@dataclass(frozen=True, slots=True)
class Log:
    """A log, with all its leaf hashes apart from it."""

    db: Database
    events: EventLog

    def grow(self, count: int) -> None:
        """Log so many events more, all in one transaction."""
        self.events.append(*(new_event(n) for n in range(count)))

    def leaves(self) -> list[bytes]:
        """Return the leaf hashes of all events."""
        return list(self.db.values("SELECT leaf FROM event ORDER BY seq"))

    def nodes(self) -> list[tuple[int, int, bytes]]:
        """Return the kept roots."""
        rows = self.db.rows("SELECT last, level, hash FROM tree_node ORDER BY last, level")
        return [(row["last"], row["level"], row["hash"]) for row in rows]

    def wrong(self) -> list[tuple[str, str]]:
        """Return what the check of the log names."""
        return [(item.kind, item.identifier) for item in self.events.verify()]

    def tamper(self, sql: str, parameters: tuple[object, ...] = ()) -> None:
        """Do what only someone with the file in hand can."""
        self.db.execute("DROP TRIGGER IF EXISTS event_is_final")
        self.db.execute("DROP TRIGGER IF EXISTS event_stays")
        self.db.execute(sql, parameters)


def new_event(n: int) -> NewEvent:
    return NewEvent(type=EventType.VIEW, object=f"r{n}", actor="thử nghiệm", at=AT, detail={"n": n})


def open_log(path: Path, count: int) -> Log:
    db = Database(path)
    db.migrate(MIGRATIONS)
    log = Log(db, EventLog(db))
    log.grow(count)
    return log


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    log = open_log(tmp_path_factory.mktemp("log") / "records.db", 700)
    with closing(log.db):
        yield log


@pytest.fixture
def spoilt(whole: Log, tmp_path: Path) -> Iterator[Log]:
    """The same log, to be damaged."""
    whole.db.copy_to(tmp_path / "records.db")
    with closing(Database(tmp_path / "records.db")) as db:
        yield Log(db, EventLog(db))


def steps(path: list[str]) -> list[bytes]:
    return [bytes.fromhex(step) for step in path]


def roots_over(spans: list[range], leaves: list[bytes]) -> list[bytes]:
    return [tree_root(leaves[span.start : span.stop]) for span in spans]


def check_proofs(log: Log, leaves: list[bytes], size: int, draw: random.Random) -> None:
    """Compare heads and proofs of a size with those of the whole tree."""
    head = Head(size=size, root_hash=tree_root(leaves[:size]))
    assert log.events.head_at(size) == head
    for index in {draw.randrange(size) for _ in range(2)} if size else ():
        path = steps(log.events.inclusion_proof(index + 1, size))
        assert path == roots_over(inclusion_spans(index, size), leaves)
        assert is_included(leaves[index], index, head, path)
    old = draw.randrange(size + 1)
    path = steps(log.events.consistency_proof(old, size))
    assert path == roots_over(consistency_spans(old, size), leaves)
    assert is_consistent(Head(size=old, root_hash=tree_root(leaves[:old])), head, path)


def test_proofs_are_those_of_the_whole_tree_at_every_earlier_size(whole: Log) -> None:
    leaves, draw = whole.leaves(), random.Random(1)
    for size in {*EDGES, *(draw.randrange(701) for _ in range(40)), 700}:
        check_proofs(whole, leaves, size, draw)


def test_proofs_hold_while_the_log_grows_over_every_edge(tmp_path: Path) -> None:
    log, draw = open_log(tmp_path / "records.db", 0), random.Random(2)
    with closing(log.db):
        for size in EDGES:
            log.grow(size - log.events.size())
            check_proofs(log, log.leaves(), size, draw)
            assert log.wrong() == []


@pytest.mark.soak
def test_proofs_are_those_of_the_whole_tree_in_a_larger_log(tmp_path: Path) -> None:
    log, draw = open_log(tmp_path / "records.db", 70_000), random.Random(3)
    with closing(log.db):
        leaves = log.leaves()
        for size in (65_535, 65_536, 65_537, *(draw.randrange(70_001) for _ in range(60))):
            check_proofs(log, leaves, size, draw)
        for _ in range(20):
            find_flip(log, draw)


def test_every_full_block_and_all_above_are_kept(whole: Log) -> None:
    leaves = whole.leaves()
    wanted = [
        (last, level, tree_root(leaves[last - (1 << level) : last]))
        for last in range(BLOCK, 701, BLOCK)
        for level in range(BLOCK_LEVEL, 10)
        if last % (1 << level) == 0
    ]
    assert whole.nodes() == wanted
    assert len(wanted) == 10 + 5 + 2 + 1


def test_no_proof_reads_more_than_a_block_of_events_at_each_end(
    whole: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    values = Database.values

    def counted(db: Database, sql: str, parameters: tuple[int, int]) -> Iterator[bytes]:
        for value in values(db, sql, parameters):
            read.append(value)
            yield value

    monkeypatch.setattr(Database, "values", counted)
    for proved in (
        lambda: whole.events.inclusion_proof(300),
        lambda: whole.events.consistency_proof(300),
        lambda: whole.events.head_at(300),
    ):
        read.clear()
        proved()
        assert 0 < len(read) <= 2 * BLOCK


def test_kept_roots_stay_or_go_with_their_events(tmp_path: Path) -> None:
    log = open_log(tmp_path / "records.db", 60)

    def fail() -> None:
        with log.db.transaction():
            log.grow(10)
            assert len(log.nodes()) == 1
            raise RuntimeError

    with closing(log.db):
        with pytest.raises(RuntimeError):
            fail()
        assert (log.nodes(), log.events.size(), log.wrong()) == ([], 60, [])
        log.grow(4)
        assert [node[:2] for node in log.nodes()] == [(64, 6)]


def call(last: int, level: int) -> tuple[str, str]:
    return "node", f"{last - (1 << level) + 1}-{last}"


def try_all_proofs(log: Log, leaves: list[bytes], draw: random.Random) -> int:
    """Ask for many proofs of a damaged log; those that are given must hold. Return how many are."""
    given, size = 0, len(leaves)
    head = Head(size=size, root_hash=tree_root(leaves))
    for seq in draw.sample(range(1, size + 1), 12):
        try:
            path = steps(log.events.inclusion_proof(seq))
        except DamagedLog:
            continue
        given += 1
        assert is_included(leaves[seq - 1], seq - 1, head, path)
    for old in draw.sample(range(1, size), 12):
        try:
            older, path = log.events.head_at(old), steps(log.events.consistency_proof(old))
        except DamagedLog:
            continue
        given += 1
        assert older == Head(size=old, root_hash=tree_root(leaves[:old]))
        assert is_consistent(older, head, path)
    return given


def find_flip(log: Log, draw: random.Random) -> None:
    """Flip a bit of a kept root; it is named, and put right again."""
    last, level, hash_ = draw.choice(log.nodes())
    flipped = bytearray(hash_)
    flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
    log.tamper(UPDATE, (bytes(flipped), last, level))
    assert log.wrong() == [call(last, level)]
    log.tamper(UPDATE, (hash_, last, level))


@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_root_is_named_and_proves_nothing(spoilt: Log, seed: int) -> None:
    draw, leaves = random.Random(seed), spoilt.leaves()
    find_flip(spoilt, draw)
    last, level, hash_ = draw.choice(spoilt.nodes())
    spoilt.tamper(UPDATE, (hash_[::-1], last, level))
    assert spoilt.wrong() == [call(last, level)]
    given = try_all_proofs(spoilt, leaves, draw)
    assert given < 24
    assert spoilt.events.mend_nodes() == 1
    assert spoilt.wrong() == []
    assert try_all_proofs(spoilt, leaves, draw) == 24


def test_roots_that_are_missing_or_too_many_are_named(spoilt: Log) -> None:
    spoilt.tamper("DELETE FROM tree_node WHERE last = 512 AND level = 7")
    insert = "INSERT INTO tree_node (last, level, hash) VALUES (?, ?, ?)"
    odd = [(64, 5), (100, 6), (192, 7), (704, 6), (1 << 40, 6), (640, 62), (-64, 6), (640, 1 << 62)]
    for last, level in odd:
        spoilt.tamper(insert, (last, level, bytes(32)))
    wrong = spoilt.wrong()
    assert {kind for kind, _ in wrong} == {"node"}
    assert call(512, 7) in wrong
    assert call(704, 6) in wrong
    assert ("node", "100, 6") in wrong
    assert len(wrong) == 1 + len(odd)
    try_all_proofs(spoilt, spoilt.leaves(), random.Random(7))
    with pytest.raises(DamagedLog, match="hoso audit verify"):
        spoilt.events.inclusion_proof(300)
    assert spoilt.events.mend_nodes() == len(wrong)
    assert spoilt.wrong() == []


def test_a_root_that_stands_there_too_early_stops_no_event(spoilt: Log) -> None:
    spoilt.tamper("INSERT INTO tree_node (last, level, hash) VALUES (704, 6, zeroblob(32))")
    assert spoilt.wrong() == [call(704, 6)]
    spoilt.grow(10)
    assert spoilt.wrong() == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ("DELETE FROM event WHERE seq BETWEEN 100 AND 102", ("event", "100-102")),
        ("DELETE FROM event WHERE seq BETWEEN 30 AND 500", ("event", "30-500")),
        ("DELETE FROM event WHERE seq > 200", ("event", "201-700")),
        ("UPDATE event SET body = 'x' WHERE seq = 300", ("event", "300")),
        ("UPDATE event SET leaf = zeroblob(32) WHERE seq = 300", ("event", "300")),
        ("DELETE FROM event", ("event", "1-700")),
    ],
)
def test_a_damaged_event_is_named_alone_and_stays_unmended(
    spoilt: Log, changed: str, named: tuple[str, str]
) -> None:
    leaves = spoilt.leaves()
    spoilt.tamper(changed)
    assert spoilt.wrong() == [named]
    nodes = spoilt.nodes()
    try_all_proofs(spoilt, leaves, random.Random(4))
    with pytest.raises(DamagedLog):
        spoilt.events.inclusion_proof(int(named[1].partition("-")[0]))
    # Leaf hashes that are as they were counted are enough for the nodes above them.
    if "body" not in changed:
        with pytest.raises(DamagedLog, match="hoso audit verify"):
            spoilt.events.mend_nodes()
    assert spoilt.nodes() == nodes


def test_a_rewritten_event_shows_in_the_nodes_above_it(spoilt: Log) -> None:
    spoilt.tamper("UPDATE event SET seq = -1 WHERE seq = 70")
    spoilt.tamper("UPDATE event SET seq = 70 WHERE seq = 75")
    spoilt.tamper("UPDATE event SET seq = 75 WHERE seq = -1")
    nodes = [("node", "65-128"), ("node", "1-128"), ("node", "1-256"), ("node", "1-512")]
    assert spoilt.wrong() == [("event", "70"), ("event", "75"), *nodes, ("event", "tree")]
    with pytest.raises(DamagedLog):
        spoilt.events.inclusion_proof(70)
    # Other blocks are proved by their own events, and by the root over this one.
    assert spoilt.events.inclusion_proof(200)


def test_a_root_that_was_counted_wrong_proves_nothing(spoilt: Log) -> None:
    row = spoilt.db.row("SELECT peaks FROM tree")
    assert row is not None
    spoilt.tamper("UPDATE tree SET peaks = ?", (row["peaks"][:-1] + bytes(1),))
    assert spoilt.wrong() == [("event", "tree")]
    refused: list[Callable[[], object]] = [
        lambda: spoilt.events.inclusion_proof(5),
        lambda: spoilt.events.head_at(600),
        lambda: spoilt.events.consistency_proof(64),
        lambda: spoilt.events.consistency_proof(64, 640),
        spoilt.events.mend_nodes,
    ]
    for proved in refused:
        with pytest.raises(DamagedLog):
            proved()


def test_what_never_was_is_not_proved(whole: Log) -> None:
    for seq in (0, -1, 701):
        with pytest.raises(IndexError):
            whole.events.inclusion_proof(seq)
    with pytest.raises(IndexError):
        whole.events.inclusion_proof(65, 64)
    for old, new in ((65, 64), (701, 700), (-1, 700)):
        with pytest.raises(IndexError):
            whole.events.consistency_proof(old, new)
    with pytest.raises(DamagedLog):
        whole.events.head_at(701)


def test_many_events_are_proved_under_one_root(whole: Log) -> None:
    seqs = [1, 64, 65, 300, 513]
    proofs = whole.events.inclusion_proofs(seqs, 513)
    assert proofs == {seq: whole.events.inclusion_proof(seq, 513) for seq in seqs}


def test_an_older_log_gets_the_same_roots(spoilt: Log) -> None:
    nodes = spoilt.nodes()
    make_older(spoilt)
    spoilt.db.migrate(MIGRATIONS)
    assert spoilt.nodes() == nodes
    assert spoilt.wrong() == []
    spoilt.grow(68)
    assert spoilt.wrong() == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ("DELETE FROM event WHERE seq = 100", "100"),
        ("DELETE FROM event WHERE seq BETWEEN 60 AND 600", "60-600"),
        ("DELETE FROM event WHERE seq > 600", "601-700"),
    ],
)
def test_an_older_log_that_is_damaged_is_opened_and_its_damage_named(
    spoilt: Log, changed: str, named: str
) -> None:
    leaves = spoilt.leaves()
    make_older(spoilt)
    spoilt.tamper(changed)
    spoilt.db.migrate(MIGRATIONS)
    assert ("event", named) in spoilt.wrong()
    try_all_proofs(spoilt, leaves, random.Random(5))


# How a row begins of which a bit says that what follows is a hash: with the type before the first
# text of an event, or in the whole head of the first kept root.
TYPES = {
    "event": (b"\x4c2026-11-21T", b"\x4d2026-11-21T", 99),
    "node": (b"\x04\x01\x01\x4c\x40\x06", b"\x04\x01\x01\x4d\x40\x06", 0),
}


def flip_type(log: Log, kind: str) -> None:
    """Flip the bit by which a row calls its hash text."""
    was, now, count = TYPES[kind]
    data = log.db.path.read_bytes()
    place = data.index(was)
    for _ in range(count):
        place = data.index(was, place + 1)
    log.db.path.write_bytes(data[:place] + now + data[place + len(was) :])


def test_an_event_that_calls_its_hash_text_is_named_and_stops_nothing(spoilt: Log) -> None:
    flip_type(spoilt, "event")
    ((kind, seq),) = spoilt.wrong()
    assert kind == "event"
    with pytest.raises(RowDamaged):
        spoilt.events.events(f"r{int(seq) - 1}")
    leaves = spoilt.db.values("SELECT CAST(leaf AS BLOB) FROM event ORDER BY seq")
    assert try_all_proofs(spoilt, list(leaves), random.Random(9)) == 24
    nodes = spoilt.nodes()
    make_older(spoilt)
    spoilt.db.migrate(MIGRATIONS)
    assert spoilt.nodes() == nodes
    assert spoilt.wrong() == [(kind, seq)]


def test_a_kept_root_that_is_called_text_is_named_and_made_anew(whole: Log, spoilt: Log) -> None:
    flip_type(spoilt, "node")
    assert spoilt.wrong() == [call(64, 6)]
    assert try_all_proofs(spoilt, whole.leaves(), random.Random(11)) == 24
    assert spoilt.events.mend_nodes() == 1
    assert spoilt.wrong() == []
    assert spoilt.nodes() == whole.nodes()


def make_older(log: Log) -> None:
    """Take from a log what the program before kept roots did not have."""
    log.db.execute("DROP TABLE tree_node")
    log.db.execute("DELETE FROM _sqlite_migrations WHERE name = '0020_tree_nodes'")


def test_a_head_is_believed_only_as_the_beginning_of_the_log(whole: Log) -> None:
    forged = LogProofs(whole.db, Head(size=700, root_hash=bytes(32)))
    for size in (1, 64, 512, 699):
        with pytest.raises(DamagedLog):
            forged.head_at(size)
