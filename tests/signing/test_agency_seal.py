"""The agency's key in the engine: it ends with the batch, and stops after a token's error."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from desk import agency_seal
from desk.agency_seal import AgencySeal
from desk.agent.messages import Offer, Paper, decoded
from desk.moments import now
from desk.remote.board import Board
from desk.remote.line import DONE, Line
from signing.errors import (
    CertificateRefused,
    KeyMaterialError,
    PaperDeclined,
    PinRefused,
    TimestampUnavailable,
    TokenLost,
)
from signing.far_key import FarKey
from signing.key_names import SignerKey
from signing.meeting import Intended
from signing.model import Indication, Level, SignRequest
from signing.providers import ToSign
from signing.secrets import Secret, SecretPrompt
from signing.signer import OpenSigner, open_signer
from tests.signing.workbench import Workbench, free_port, make_pdf


@pytest.fixture
def request_(bench: Workbench, tmp_path: Path) -> SignRequest:
    return bench.request(make_pdf(tmp_path / "a.pdf", 1), tmp_path / "b.pdf", Level.B_B)


class Openings:
    """Counts how often a key is opened; the next ones may fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.error: Exception | None = None
        monkeypatch.setattr(agency_seal, "open_signer", self)

    def __call__(self, key: SignerKey) -> OpenOrFail:
        return OpenOrFail(self, key)


class OpenOrFail:
    def __init__(self, openings: Openings, key: SignerKey) -> None:
        self._openings = openings
        self._inner = open_signer(key, apart=False)

    def __enter__(self) -> OpenSigner:
        self._openings.count += 1
        if self._openings.error is not None:
            raise self._openings.error
        return self._inner.__enter__()

    def __exit__(self, *_: object) -> None:
        self._inner.__exit__(None, None, None)


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> Openings:
    return Openings(monkeypatch)


def test_the_key_lies_in_a_process_of_its_own(bench: Workbench, request_: SignRequest) -> None:
    with AgencySeal(bench.key(), bench.trust, bench.network) as seal:
        assert seal.sign(request_).verdict.overall is Indication.TOTAL_PASSED
        assert seal.is_open
    assert not seal.is_open


@pytest.mark.parametrize(
    "error", [TokenLost("Token bị rút.", "gone"), PinRefused("Sai PIN.", "wrong PIN")]
)
def test_after_a_tokens_error_the_key_is_not_touched_until_a_person_releases(
    bench: Workbench, request_: SignRequest, openings: Openings, error: Exception
) -> None:
    openings.error = error
    with AgencySeal(bench.key(), bench.trust, bench.network) as seal:
        for _ in range(3):
            with pytest.raises(type(error)):
                seal.sign(request_)
        assert openings.count == 1
        openings.error = None
        with pytest.raises(type(error)):
            seal.sign(request_)
        seal.resume()
        assert seal.sign(request_).verdict.overall is Indication.TOTAL_PASSED
        assert openings.count == 2


def test_after_other_errors_the_next_paper_opens_the_key_anew(
    bench: Workbench, request_: SignRequest, openings: Openings
) -> None:
    wrong = replace(bench.key(), passphrase=Secret("khác"))
    with AgencySeal(wrong, bench.trust, bench.network) as seal:
        for _ in range(2):
            with pytest.raises(KeyMaterialError):
                seal.sign(request_)
    assert openings.count == 2
    with (
        AgencySeal(bench.key("expired"), bench.trust, bench.network) as seal,
        pytest.raises(CertificateRefused),
    ):
        seal.sign(request_)
    with AgencySeal(None, bench.trust, bench.network) as seal, pytest.raises(KeyMaterialError):
        seal.sign(request_)


def test_a_service_that_is_down_does_not_close_the_key(
    bench: Workbench, request_: SignRequest, openings: Openings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its person would have to type the PIN again, for nothing of the key's."""
    monkeypatch.setattr("signing.network.RETRY_PAUSE_SECONDS", 0.0)
    down = replace(bench.network, timestamp_url=f"http://127.0.0.1:{free_port()}/tsa")
    with AgencySeal(bench.key(), bench.trust, down) as seal:
        for _ in range(2):
            with pytest.raises(TimestampUnavailable):
                seal.sign(replace(request_, level=Level.B_T))
        assert seal.is_open
        assert seal.sign(request_).verdict.overall is Indication.TOTAL_PASSED
    assert openings.count == 1


class Clock:
    """A timer that runs out when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.set: list[tuple[float, threading.Event]] = []
        clock = self

        class Timer:
            daemon = False

            def __init__(self, seconds: float, act: object, words: list[object]) -> None:
                self._act, self._words, self._ended = act, words, threading.Event()
                clock.set.append((seconds, self._ended))
                clock.last = self

            def start(self) -> None:
                return

            def cancel(self) -> None:
                self._ended.set()

            def run_out(self) -> None:
                assert callable(self._act)
                self._act(*self._words)

        self.last: Timer | None = None
        monkeypatch.setattr("desk.agency_seal.threading.Timer", Timer)


def test_an_unused_key_is_closed_and_opened_again_when_needed(
    bench: Workbench,
    request_: SignRequest,
    openings: Openings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    with AgencySeal(bench.key(), bench.trust, bench.network, idle_seconds=7.0) as seal:
        seal.sign(request_)
        first = clock.last
        seal.sign(request_)
        assert openings.count == 1
        assert [seconds for seconds, _ in clock.set] == [7.0, 7.0]
        assert first is not None
        # The timer of the first paper, come too late, closes nothing.
        first.run_out()
        seal.resume()
        assert seal.is_open
        assert clock.last is not None
        clock.last.run_out()
        # Its thread works in order: what was asked before is done.
        seal.resume()
        assert not seal.is_open
        seal.sign(request_)
        assert openings.count == 2
    clock.last.run_out()


def test_a_key_that_a_person_opened_stays_open(
    bench: Workbench,
    request_: SignRequest,
    openings: Openings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    secret = bench.key().passphrase
    assert isinstance(secret, Secret)
    monkeypatch.setattr("signing.secrets._has_terminal", lambda: True)
    monkeypatch.setattr("signing.secrets.getpass.getpass", lambda _question: secret.reveal())
    asked = replace(bench.key(), passphrase=SecretPrompt(question="Mật khẩu"))
    with AgencySeal(asked, bench.trust, bench.network) as seal:
        seal.sign(request_)
        assert clock.set == []
        assert seal.is_open


def hang_line(board: Board, signer: OpenSigner, reference: str) -> Line:
    """Open a batch of one paper at an officer's computer."""
    provider = signer.provider
    key = FarKey(
        certificate=provider.certificate,
        issuers=tuple(provider.issuers),
        padding=provider.padding,
    )
    paper = Paper(number=1, reference=reference, pdf_sha256="0" * 64, title="Giấy THỬ NGHIỆM")
    offer = Offer(batch=reference, station="THỬ NGHIỆM", count=1, papers=(paper,))
    line = Line(agent="pc", actor="chi.lan", offer=offer, key=key, declined=frozenset())
    board.hang(line)
    return line


def test_what_the_far_keys_holder_did_not_take_is_no_use_of_it_not_even_for_a_moment(
    bench: Workbench, request_: SignRequest
) -> None:
    """Noted as one, a paper that waits would be missing in the list that its holder sees next."""
    board, intended = Board(), list[Intended]()
    wanted = replace(request_, reference="s2/1/0")
    with (
        open_signer(bench.key(), apart=False) as signer,
        AgencySeal(None, bench.trust, bench.network, far=board.far_seal("pc")) as seal,
    ):
        first = hang_line(board, signer, "s1/1/0")
        seal.check(now())
        # The batch lies open at the seal: without this paper in it, and then over.
        for ended in ("", DONE):
            if ended:
                first.close(ended)
            with pytest.raises(PaperDeclined):
                seal.sign(wanted, intended.extend)
        assert intended == []
        second = hang_line(board, signer, "s2/1/0")
        seal.reopen()
        officer = threading.Thread(target=answer_once, args=(second, signer))
        officer.start()
        signed = seal.sign(wanted, intended.extend)
        officer.join()
    assert signed.verdict.overall is Indication.TOTAL_PASSED
    assert len(intended) == 1


def answer_once(line: Line, signer: OpenSigner) -> None:
    """Sign what a batch asks for first, as its officer's computer does."""
    (wanted,) = line.take_work(30.0)
    item = ToSign(title=wanted.title, data=decoded(wanted.data))
    (signature,) = signer.provider.sign([item])
    line.answer(wanted.number, item.digest.hex(), signature, "")
