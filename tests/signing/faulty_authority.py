"""A timestamp authority with faults, in front of a real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from asn1crypto import tsp

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
    honest_first: int = 0
    """So many answers are right before the fault comes."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/tsa"

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        question = await request.read()
        fault = ""
        if self.fault and self.honest_first:
            self.honest_first -= 1
        elif self.fault and self.faults_left:
            self.faults_left -= 1
            fault = self.fault
        if fault in _WITHOUT_ASKING:
            return _WITHOUT_ASKING[fault]()
        if fault == "hangs":
            await asyncio.sleep(60)
        if fault == "other":
            asked = tsp.TimeStampReq.load(question)
            asked["message_imprint"]["hashed_message"] = bytes(32)
            question = asked.dump(force=True)
        reply = await self.ask(question)
        if fault == "cut":
            return web.Response(body=reply[: len(reply) // 2], content_type=REPLY)
        self.first_reply = self.first_reply or reply
        if fault == "repeats":
            return web.Response(body=self.first_reply, content_type=REPLY)
        return web.Response(body=reply, content_type=REPLY)

    async def ask(self, question: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.real, data=question, headers=headers) as response,
        ):
            return await response.read()
