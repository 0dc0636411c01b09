"""A remote signing service (CSC API v1 and v2) on the loopback address, with a throw-away key."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from signing.key_names import RemoteKey
from signing.pkcs12 import Pkcs12Key
from signing.secrets import Secret, obtain
from tests.signing.workbench import free_port

ACCESS, PIN, CREDENTIAL = "ma-truy-cap", "246810", "khoa-thu-nghiem"
_PSS_OID = "1.2.840.113549.1.1.10"
_PREHASHED = utils.Prehashed(hashes.SHA256())


@dataclass(slots=True)
class RemoteService:
    """What the service does, and what it was asked."""

    key: Pkcs12Key
    port: int
    multisign: int = 5
    fault: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _granted: dict[str, list[str]] = field(default_factory=dict)

    def remote_key(self, version: int = 1, **changes: object) -> RemoteKey:
        plain: dict[str, object] = {
            "url": f"http://127.0.0.1:{self.port}/csc/v{version}",
            "credential": CREDENTIAL,
            "access": Secret(ACCESS),
            "pin": Secret(PIN),
        }
        return RemoteKey(**(plain | changes))  # type: ignore[arg-type]  # fields by name

    def count(self, path: str) -> int:
        return sum(1 for called, _ in self.calls if called == path)

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        path, is_second = request.match_info["path"], request.match_info["version"] == "v2"
        self.calls.append((path, body))
        if request.headers.get("Authorization") != f"Bearer {ACCESS}":
            return web.json_response({"error": "invalid_token"}, status=401)
        if self.fault == "hangs" and path == "signatures/signHash":
            await asyncio.sleep(60)
        if self.fault == "no json":
            return web.Response(text="<html>", content_type="text/html")
        match path:
            case "credentials/info":
                return web.json_response(self._info(is_second=is_second))
            case "credentials/authorize":
                return self._authorize(body, is_second=is_second)
            case _:
                return self._sign(body, is_second=is_second)

    def _load(self) -> tuple[Any, list[Any]]:
        secret = obtain(self.key.passphrase).reveal().encode()
        private, own, others = pkcs12.load_key_and_certificates(self.key.path.read_bytes(), secret)
        return private, [own, *others]

    def _info(self, *, is_second: bool) -> dict[str, Any]:
        _, chain = self._load()
        encoded = [base64.b64encode(item.public_bytes(Encoding.DER)).decode() for item in chain]
        info: dict[str, Any] = {
            "key": {"status": "disabled" if self.fault == "disabled" else "enabled"},
            "cert": {"status": "valid", "certificates": encoded},
            "multisign": self.multisign,
        }
        if is_second:
            objects = [{"type": "Password", "id": "PIN", "format": "N"}]
            return info | {"auth": {"mode": "explicit", "expression": "PIN", "objects": objects}}
        return info | {"authMode": "explicit", "PIN": {"presence": "true"}}

    def _authorize(self, body: dict[str, Any], *, is_second: bool) -> web.Response:
        hashed = body["hashes"] if is_second else body["hash"]
        pin = body.get("PIN")
        if is_second:
            pin = {item["id"]: item["value"] for item in body["authData"]}.get("PIN")
        if pin != PIN:
            return web.json_response({"error": "invalid_pin"}, status=400)
        if len(hashed) != body["numSignatures"] or len(hashed) > self.multisign:
            return web.json_response({"error": "invalid_request"}, status=400)
        granted = f"SAD-{len(self._granted)}"
        self._granted[granted] = hashed
        return web.json_response({"SAD": granted, "expiresIn": 300})

    def _sign(self, body: dict[str, Any], *, is_second: bool) -> web.Response:
        hashed = body["hashes"] if is_second else body["hash"]
        if self._granted.pop(body["SAD"], None) != hashed:
            return web.json_response({"error": "invalid_request"}, status=400)
        private, _ = self._load()
        made = [self._sign_one(private, item, body["signAlgo"]) for item in hashed]
        if self.fault == "mixes up":
            made.reverse()
        if self.fault == "forgets one":
            made.pop()
        return web.json_response({"signatures": made})

    def _sign_one(self, private: Any, hashed: str, algorithm: str) -> str:
        digest = base64.b64decode(hashed)
        if isinstance(private, rsa.RSAPrivateKey):
            scheme: Any = padding.PKCS1v15()
            if algorithm == _PSS_OID:
                scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            signature = private.sign(digest, scheme, _PREHASHED)
        else:
            signature = private.sign(digest, ec.ECDSA(_PREHASHED))
        return base64.b64encode(signature).decode()


@contextmanager
def running(key: Pkcs12Key) -> Iterator[RemoteService]:
    """Run the service in a thread of its own."""
    service = RemoteService(key=key, port=free_port())
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> web.AppRunner:
        application = web.Application()
        application.router.add_post("/csc/{version}/{path:.*}", service.answer)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", service.port).start()
        ready.set()
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(serve())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(30), "the service starts"
        yield service
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
