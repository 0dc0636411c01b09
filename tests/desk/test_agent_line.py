"""An open batch on the station's side: threads that wait, and an agent that comes, or not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from desk.agent.identity import certificate_of, make_identity
from desk.agent.messages import Offer, Paper, Refusal, decoded
from desk.moments import now
from desk.remote import line as line_module
from desk.remote.board import Board
from desk.remote.line import DONE, Line
from signing.errors import KeyMaterialError, PaperDeclined, SigningError, TokenLost
from signing.far_key import FarKey, read_far_key
from signing.providers import ToSign

PAPERS = tuple(
    Paper(number=n, reference=f"s{n}/1/0", pdf_sha256="0" * 64, title=f"Giấy {n}") for n in (1, 2)
)
OFFER = Offer(batch="lô", station="THỬ NGHIỆM", count=2, papers=PAPERS)


class Hand:
    """The agent's end, worked by a test."""

    def __init__(self, path: Path, declined: int = 0) -> None:
        make_identity(path, "THỬ NGHIỆM", now())
        private = load_pem_private_key(path.read_bytes(), None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        self._private = private
        _, _, der = pem.unarmor(certificate_of(path).encode())
        self.key: FarKey = read_far_key(der, (), "pkcs1")
        self.line = Line(
            agent="pc",
            actor="chi.lan",
            offer=OFFER,
            key=self.key,
            declined=frozenset({declined} - {0}),
        )
        self.pool = ThreadPoolExecutor(4)

    def ask(self, number: int) -> Future[bytes]:
        """Ask for a signature in a thread, as the engine does; return when it is asked for."""
        item = ToSign(title="", data=bytes([number]), reference=PAPERS[number - 1].reference)
        return self.pool.submit(self.line.sign, item)

    def answer(self, change: Callable[[bytes], bytes] = bytes, refused: str = "") -> bool:
        """Take what is asked for, and answer the first."""
        wanted = self.line.take_work(10.0)[0]
        data = decoded(wanted.data)
        signature = self._private.sign(change(data), ec.ECDSA(hashes.SHA256()))
        digest = ToSign(title="", data=data).digest.hex()
        return self.line.answer(wanted.number, digest, b"" if refused else signature, refused)


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    return Hand(tmp_path / "key.pem")


def error_of(asked: Future[bytes]) -> SigningError:
    error = asked.exception(20)
    assert isinstance(error, SigningError)
    return error


def test_what_is_asked_for_is_answered_and_a_batch_ends_with_its_last_paper(hand: Hand) -> None:
    for number in (1, 2):
        asked = hand.ask(number)
        assert not hand.line.is_over
        assert hand.answer()
        assert len(asked.result(20)) > 60
    assert hand.line.is_over
    assert hand.line.take_work(0.0) == []
    assert [len(part) for part in (hand.line.tally().signed, hand.line.tally().refused)] == [2, 0]
    # Told once, whoever comes first.
    assert [hand.line.tell_end(DONE), hand.line.tell_end("lost")] == [True, False]
    assert hand.line.closed == DONE


def test_an_answer_to_something_else_is_not_taken(hand: Hand) -> None:
    asked = hand.ask(1)
    hand.line.take_work(10.0)
    assert not hand.line.answer(1, "0" * 64, b"x", "")
    assert not hand.line.answer(2, "0" * 64, b"x", "")
    assert not asked.done()
    assert hand.answer()
    asked.result(20)
    assert not hand.line.answer(1, "0" * 64, b"x", "")


def test_a_signature_that_is_not_the_keys_ends_the_batch_and_nobody_knows(hand: Hand) -> None:
    asked = hand.ask(1)
    hand.answer(lambda data: data + b"!")
    error = error_of(asked)
    assert isinstance(error, TokenLost)
    assert not error.is_answer
    assert isinstance(error_of(hand.ask(2)), PaperDeclined)


@pytest.mark.parametrize(
    ("refused", "kind"), [(Refusal.SIGNED_BEFORE, PaperDeclined), (Refusal.UNSURE, TokenLost)]
)
def test_what_the_agent_does_not_sign_is_told(
    hand: Hand, refused: str, kind: type[SigningError]
) -> None:
    asked = hand.ask(1)
    hand.answer(refused=refused)
    error = error_of(asked)
    assert type(error) is kind
    assert hand.line.tally().refused == (PAPERS[0].reference,)
    # Only where nobody knows is the batch over.
    assert bool(hand.line.closed) is (kind is TokenLost)


def test_papers_that_were_not_taken_in_are_not_asked_for(tmp_path: Path) -> None:
    hand = Hand(tmp_path / "key.pem", declined=2)
    assert isinstance(error_of(hand.ask(2)), PaperDeclined)
    other = ToSign(title="", data=b"", reference="s9/1/0")
    with pytest.raises(PaperDeclined) as caught:
        hand.line.sign(other)
    assert "đợt sau" in caught.value.vi
    asked = hand.ask(1)
    hand.answer()
    asked.result(20)
    assert hand.line.is_over


@pytest.mark.parametrize("is_taken", [True, False])
def test_an_agent_that_does_not_come_back_is_not_waited_for(
    hand: Hand, monkeypatch: pytest.MonkeyPatch, is_taken: bool
) -> None:
    monkeypatch.setattr(line_module, "_STOPPING_SECONDS", 0.1)
    board = Board()
    board.hang(hand.line)
    asked = hand.ask(1)
    if is_taken:
        hand.line.take_work(10.0)
    # As a station does that stops; while it runs the same takes minutes.
    board.hurry()
    error = error_of(asked)
    assert isinstance(error, TokenLost)
    # What the agent never took is known not to be signed.
    assert error.is_answer is not is_taken
    assert hand.line.closed


def test_a_batch_for_which_nobody_asks_ends(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not hand.line.is_over
    monkeypatch.setattr(line_module, "IDLE_SECONDS", -1.0)
    assert hand.line.is_over


def test_a_board_gives_out_the_newest_open_batch(hand: Hand, tmp_path: Path) -> None:
    board = Board()
    with pytest.raises(PaperDeclined) as caught, board.open_key("pc"):
        pass
    assert "hoso agent" in caught.value.vi
    assert board.hang(hand.line) is None
    asked = hand.ask(1)
    hand.line.take_work(10.0)
    later = Hand(tmp_path / "later.pem")
    assert board.hang(later.line) is hand.line
    assert isinstance(error_of(asked), TokenLost)
    with board.open_key("pc") as signer:
        assert signer.certificate.dump() == later.key.certificate.dump()
    board.close()
    assert board.line("pc") is None
    assert board.newest("pc") is later.line
    board.resume({"a", "b"})
    board.forget("a")
    assert board.resumed() == {"b"}


def test_work_is_waited_for_without_being_asked_again_and_again(hand: Hand) -> None:
    taken: Future[int] = Future()
    waiting = threading.Thread(
        target=lambda: taken.set_result(len(hand.line.take_work(20.0))), daemon=True
    )
    waiting.start()
    asked = hand.ask(1)
    assert taken.result(20) == 1
    hand.answer()
    asked.result(20)


@pytest.mark.parametrize("damage", [b"", b"\x30\x00", b"x" * 50])
def test_a_certificate_that_is_none_is_refused(hand: Hand, damage: bytes) -> None:
    der = hand.key.certificate.dump()
    for certificate, issuers, padding in ((damage, (), "pkcs1"), (der, (damage,), "pkcs1")):
        with pytest.raises(KeyMaterialError):
            read_far_key(certificate, issuers, padding)
    with pytest.raises(KeyMaterialError):
        read_far_key(der, (), "none")
