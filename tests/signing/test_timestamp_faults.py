"""Timestamp authorities that are down, slow, broken, or lie."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from asn1crypto import algos, tsp

from fixtures.keys.loopback import answering
from signing.errors import TimestampUnavailable
from signing.model import Indication, Level, SignedPdf
from signing.network import Network
from signing.pades import Batch, sign_pdf
from tests.signing.faulty_authority import FaultyAuthority
from tests.signing.workbench import Workbench, make_pdf


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signing.network.RETRY_PAUSE_SECONDS", 0.0)


@pytest.fixture
def authority(bench: Workbench) -> Iterator[FaultyAuthority]:
    authority = FaultyAuthority(real=bench.services.timestamp_url)
    with answering("/tsa", authority.answer) as port:
        authority.port = port
        yield authority


def network_of(bench: Workbench, authority: FaultyAuthority) -> Network:
    seconds = 0.5 if authority.fault == "hangs" else 20.0
    return replace(bench.network, timestamp_url=authority.url, timeout_seconds=seconds)


FAULTS = ("missing", "garbage", "page", "cut", "repeats", "refuses", "other")


@pytest.mark.parametrize("fault", [*FAULTS, "hangs"])
def test_a_faulty_authority_signs_nothing_and_says_so(
    bench: Workbench, authority: FaultyAuthority, tmp_path: Path, fault: str
) -> None:
    authority.fault = fault
    # An old answer to another question: the first one is honest.
    authority.first_reply = b"" if fault != "repeats" else _old_reply(bench)
    request = bench.request(make_pdf(tmp_path / "a.pdf", 1), tmp_path / "b.pdf", Level.B_T)
    with bench.signer() as signer, pytest.raises(TimestampUnavailable) as caught:
        sign_pdf(request, signer, bench.trust, network_of(bench, authority))
    assert "chưa được ký" in caught.value.vi
    assert authority.asked == 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.parametrize("fault", ["missing", "garbage"])
def test_an_authority_that_recovers_is_asked_again(
    bench: Workbench, authority: FaultyAuthority, tmp_path: Path, fault: str
) -> None:
    authority.fault, authority.faults_left = fault, 2
    request = bench.request(make_pdf(tmp_path / "a.pdf", 1), tmp_path / "b.pdf", Level.B_T)
    with bench.signer() as signer:
        signed = sign_pdf(request, signer, bench.trust, network_of(bench, authority))
    assert signed.verdict.overall is Indication.TOTAL_PASSED


@pytest.mark.parametrize("fault", ["missing", "garbage", "repeats"])
def test_an_authority_that_fails_in_mid_batch_costs_no_paper_its_timestamp_silently(
    bench: Workbench, authority: FaultyAuthority, tmp_path: Path, fault: str
) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf", 1), tmp_path / "b.pdf", Level.B_T)
    with (
        bench.signer() as signer,
        Batch(signer, bench.trust, network_of(bench, authority)) as batch,
    ):
        batch.check(request.at, Level.B_T)
        authority.fault = fault
        with pytest.raises(TimestampUnavailable) as caught:
            batch.sign(replace(request, target=tmp_path / "c.pdf"))
        assert "chưa được ký" in caught.value.vi
        assert not (tmp_path / "c.pdf").exists()
        authority.fault = ""
        assert isinstance(batch.sign(request), SignedPdf)


def _old_reply(bench: Workbench) -> bytes:
    question = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": bytes(32),
            },
            "nonce": 1,
            "cert_req": True,
        }
    )
    faultless = FaultyAuthority(real=bench.services.timestamp_url)
    return asyncio.run(faultless.ask(question.dump()))
