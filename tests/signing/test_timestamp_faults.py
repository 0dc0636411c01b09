"""Timestamp authorities that are down, slow, broken, or lie."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from asn1crypto import algos, tsp

from fixtures.keys.loopback import answering
from signing.errors import TimestampUnavailable
from signing.model import Indication, Level, SignedPdf
from signing.network import Network
from signing.pades import Batch, sign_pdf
from tests.signing.workbench import Workbench, make_pdf

REPLY = "application/timestamp-reply"


# A status of rejection and nothing else: SEQUENCE { SEQUENCE { INTEGER 2 } }.
_REFUSAL = bytes.fromhex("30053003020102")
_WITHOUT_ASKING: dict[str, Callable[[], web.Response]] = {
    "missing": lambda: web.Response(status=404),
    "garbage": lambda: web.Response(body=b"khong phai DER", content_type=REPLY),
    "page": lambda: web.Response(text="<html>Đăng nhập mạng</html>", content_type="text/html"),
    "refuses": lambda: web.Response(body=_REFUSAL, content_type=REPLY),
}


@dataclass(slots=True)
class FaultyAuthority:
    """Passes questions on to a real authority, with a fault."""

    real: str
    fault: str = ""
    port: int = 0
    asked: int = 0
    first_reply: bytes = b""
    faults_left: int = 1_000_000

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/tsa"

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        question = await request.read()
        is_faulty, self.faults_left = self.faults_left > 0, self.faults_left - 1
        fault = self.fault if is_faulty else ""
        if fault in _WITHOUT_ASKING:
            return _WITHOUT_ASKING[fault]()
        if fault == "hangs":
            await asyncio.sleep(60)
        if fault == "other":
            asked = tsp.TimeStampReq.load(question)
            asked["message_imprint"]["hashed_message"] = bytes(32)
            question = asked.dump(force=True)
        reply = await self._ask(question)
        if fault == "cut":
            return web.Response(body=reply[: len(reply) // 2], content_type=REPLY)
        self.first_reply = self.first_reply or reply
        if fault == "repeats":
            return web.Response(body=self.first_reply, content_type=REPLY)
        return web.Response(body=reply, content_type=REPLY)

    async def _ask(self, question: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.real, data=question, headers=headers) as response,
        ):
            return await response.read()


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
    return asyncio.run(faultless._ask(question.dump()))
