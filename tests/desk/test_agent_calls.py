"""What an agent makes of a line that breaks, and of a station that says no: over real TLS."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from desk.agent import messages
from desk.agent.calls import StationCalls, is_refusal
from desk.agent.identity import certificate_of, client_context, make_identity, server_context
from desk.errors import AgentNotPaired, DeskError, StationUnreachable
from desk.moments import now

_CHUNK = 65536


def cut_before_an_answer(line: ssl.SSLSocket) -> None:
    """The line breaks: the other end is gone and has said nothing, not even in TLS."""
    line.recv(_CHUNK)
    line.shutdown(socket.SHUT_RDWR)


def cut_in_an_answer(line: ssl.SSLSocket) -> None:
    line.recv(_CHUNK)
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    line.shutdown(socket.SHUT_RDWR)


def say_nothing_sensible(line: ssl.SSLSocket) -> None:
    """What comes is no TLS any more, as where somebody on the way writes into the line."""
    line.recv(_CHUNK)
    with socket.socket(fileno=line.detach()) as plain:
        plain.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n" * 9)


def cut_between_two_questions(line: ssl.SSLSocket) -> None:
    """The next question is written into a line that ended meanwhile."""
    while not line.recv(_CHUNK).endswith(b"{}"):
        pass
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    line.shutdown(socket.SHUT_RDWR)


def ask_again_and_again(calls: StationCalls) -> None:
    while calls.ask(messages.OFFER):
        pass


@contextmanager
def answering(context: ssl.SSLContext, behave: Callable[[ssl.SSLSocket], None]) -> Iterator[int]:
    """Behave so to one caller; yield the port."""

    def serve() -> None:
        near, _ = ear.accept()
        near.settimeout(20)
        with context.wrap_socket(near, server_side=True, do_handshake_on_connect=False) as line:
            try:
                line.do_handshake()
            except ssl.SSLError:
                # Closed with the question unread, the line would be reset, and the alert lost.
                line.settimeout(None)
                while os.read(line.fileno(), _CHUNK):
                    pass
            else:
                behave(line)

    with socket.create_server(("127.0.0.1", 0)) as ear:
        thread = threading.Thread(target=serve)
        thread.start()
        yield int(ear.getsockname()[1])
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A station's and an agent's key on the wire."""
    folder = tmp_path_factory.mktemp("pair")
    paths = folder / "station.pem", folder / "agent.pem"
    for path in paths:
        make_identity(path, f"{path.stem} THỬ NGHIỆM", now())
    return paths


def said_to(pair: tuple[Path, Path], known: Path, behave: Callable[[ssl.SSLSocket], None]) -> str:
    """Ask a station that knows one agent; return the name of what is raised."""
    station, agent = pair
    server = server_context(station, [certificate_of(known)])
    with answering(server, behave) as port:
        calls = StationCalls(("127.0.0.1", port), client_context(agent, certificate_of(station)))
        with closing(calls), pytest.raises(DeskError) as caught:
            ask_again_and_again(calls)
    return type(caught.value).__name__


@pytest.mark.parametrize(
    "behave",
    [cut_before_an_answer, cut_in_an_answer, cut_between_two_questions, say_nothing_sensible],
)
def test_a_line_that_breaks_is_tried_again_and_says_nothing_of_the_pairing(
    pair: tuple[Path, Path], behave: Callable[[ssl.SSLSocket], None]
) -> None:
    assert said_to(pair, pair[1], behave) == StationUnreachable.__name__


@pytest.mark.parametrize(
    ("reason", "refuses"),
    [
        ("TLSV1_ALERT_UNKNOWN_CA", True),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", True),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", True),
        ("TLSV1_ALERT_INTERNAL_ERROR", False),
        # What this side thinks of the other's certificate is no word of the other side.
        ("CERTIFICATE_VERIFY_FAILED", False),
        (None, False),
    ],
)
def test_only_an_alert_about_the_certificate_is_a_refusal(
    reason: str | None, refuses: bool
) -> None:
    error = ssl.SSLError(1, "thử nghiệm")
    error.reason = reason  # type: ignore[assignment]  # OpenSSL may have no word for it
    assert is_refusal(error) is refuses


def test_a_station_that_refuses_the_certificate_shown_says_so(pair: tuple[Path, Path]) -> None:
    assert said_to(pair, pair[0], cut_before_an_answer) == AgentNotPaired.__name__
