"""The agency's key in the engine: it ends with the batch, and stops after a token's error."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from desk import agency_seal
from desk.agency_seal import AgencySeal
from signing.errors import (
    CertificateRefused,
    KeyMaterialError,
    PinRefused,
    TimestampUnavailable,
    TokenLost,
)
from signing.key_names import SignerKey
from signing.model import Indication, Level, SignRequest
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
