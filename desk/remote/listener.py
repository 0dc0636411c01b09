"""The station's ear for agents: HTTP over TLS in a thread of its own.

Who shows no certificate may bring the code of a pairing and nothing else; who shows one must be
paired now, whatever TLS remembers from earlier.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from aiohttp import web

from desk.agent import messages
from desk.agent.identity import server_context, trust_too
from desk.agent.messages import BadMessage
from desk.errors import PathUnusable
from desk.remote.agency_work import agent_of
from desk.remote.answers import Answers, Desk
from desk.remote.paired import (
    PairedAgent,
    certificates_ever,
    ensure_identity,
    find_paired,
    identity_path,
)
from desk.remote.refusal import Refused
from desk.station import Station
from signing.errors import KeyMaterialError

log = logging.getLogger("hoso.agents")

_START_SECONDS = 30.0
_END_SECONDS = 2.0

# How often ended batches are told of, and agents that vanished are noticed.
_SWEEP_SECONDS = 5.0

Call = Callable[[PairedAgent, bytes], bytes]
CallFrom = Callable[[PairedAgent, bytes, str], bytes]


class Listener:
    """Answers agents.

    Args:
        station: whose identity, and who is paired.
        answers: what is answered.
    """

    def __init__(self, station: Station, answers: Answers) -> None:
        self._station, self._answers = station, answers
        ensure_identity(station)
        self._context = server_context(identity_path(station), certificates_ever(station))
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._error: OSError | None = None
        self.port = 0

    @contextmanager
    def listening(self, host: str, port: int) -> Iterator[Listener]:
        """Listen until the block ends.

        Args:
            host: address to listen on; empty for all.
            port: 0 takes a free one.

        Raises:
            PathUnusable: the address is taken, or not this machine's.
        """
        thread = threading.Thread(target=self._run, args=(host, port), name="agents", daemon=True)
        thread.start()
        try:
            assert self._ready.wait(_START_SECONDS), "the loop starts"
            if self._error is not None:
                raise PathUnusable(
                    f"Không mở được cổng {port} cho máy ký ({self._error.strerror}). Hãy sửa "
                    "[agents] trong hoso.toml.",
                    f"cannot listen on {host or '*'}:{port} for agents: {self._error}",
                ) from self._error
            yield self
        finally:
            if self._error is None:
                self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(_START_SECONDS)

    def _run(self, host: str, port: int) -> None:
        try:
            runner = self._loop.run_until_complete(self._start(host, port))
        except OSError as error:
            self._error = error
            self._loop.close()
            self._ready.set()
            return
        self._ready.set()
        sweeping = self._loop.create_task(self._sweep())
        self._loop.run_forever()
        sweeping.cancel()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _start(self, host: str, port: int) -> web.AppRunner:
        application = web.Application(client_max_size=messages.MOST_BYTES)
        application.router.add_post(messages.PAIR, self._pair)
        answers = self._answers
        for path, call in (
            (messages.OFFER, answers.offer),
            (messages.OPEN, answers.open),
            (messages.WANTED, answers.wanted),
            (messages.SIGNED, answers.signed),
            (messages.CLOSE, answers.close),
            (messages.LOGIN_SIGNED, answers.logins.signed),
        ):
            application.router.add_post(path, self._for_paired(_from_anywhere(call)))
        application.router.add_post(messages.LOGIN, self._for_paired(answers.logins.wanted))
        runner = web.AppRunner(application, shutdown_timeout=_END_SECONDS, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, host or None, port, ssl_context=self._context)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            await asyncio.to_thread(self._answers.sweep)

    async def _pair(self, request: web.Request) -> web.Response:
        content = await request.read()
        try:
            certificate, answer = await asyncio.to_thread(self._answers.pair, content)
        except (BadMessage, Refused):
            return web.Response(status=HTTPStatus.FORBIDDEN)
        trust_too(self._context, certificate)
        return web.Response(body=answer, content_type="application/json")

    def _for_paired(self, call: CallFrom) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            shown = _shown_certificate(request)
            agent = await asyncio.to_thread(find_paired, self._station, shown) if shown else None
            if agent is None:
                return web.Response(status=HTTPStatus.FORBIDDEN)
            try:
                content = await asyncio.to_thread(
                    call, agent, await request.read(), request.remote or ""
                )
            except Refused as refused:
                return web.Response(status=HTTPStatus.GONE, text=refused.vi)
            except BadMessage as error:
                log.warning("agent %s: %s", agent.name, error)
                return web.Response(status=HTTPStatus.BAD_REQUEST)
            return web.Response(body=content, content_type="application/json")

        return answer


@contextmanager
def open_agents(desk: Desk) -> Iterator[None]:
    """Listen to agents where the settings name a port; at the end all batches end.

    Raises:
        KeyMaterialError: the agency's key lies at an agent, and no port is named.
        PathUnusable: the port cannot be listened on.
    """
    settings = desk.station.settings.agents
    if not settings.port:
        if agent_of(desk.station.settings.signing.key) is not None:
            raise KeyMaterialError(
                "Khóa ký của cơ quan nằm ở máy ký nhưng trạm chưa mở cổng cho máy ký. Hãy ghi "
                "[agents] port trong hoso.toml, ví dụ 8443.",
                "the agency's key lies at an agent, but no port is open: set [agents] port",
            )
        yield
        return
    answers = Answers(desk)
    with Listener(desk.station, answers).listening(settings.host, settings.port):
        try:
            yield
        finally:
            desk.board.close()
            answers.sweep()


def _from_anywhere(call: Call) -> CallFrom:
    """Return a call for which it is all one from where it comes."""
    return lambda agent, content, _address: call(agent, content)


def _shown_certificate(request: web.Request) -> bytes | None:
    line = request.transport.get_extra_info("ssl_object") if request.transport else None
    if not isinstance(line, ssl.SSLObject):
        return None
    return line.getpeercert(binary_form=True)
