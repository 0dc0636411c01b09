"""What is sent too long, too slowly, too often: refused early, with nothing of it kept."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from desk.web import guard, patience
from desk.web.serving import _listen, _temporary, server_of
from tests.desk.web.conftest import Web, proof_in

MEGABYTE = 1_000_000
_KEPT = " (deleted)"


@pytest.fixture(scope="module")
def address(web: Web) -> Iterator[tuple[str, int]]:
    """Where a real server answers, of this process."""
    server = server_of(web.house)
    with _listen("127.0.0.1", 0, "") as listening, _temporary(web.house):
        answering = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        answering.start()
        try:
            yield listening.getsockname()[:2]
        finally:
            # At once: whoever is still connected is of these tests.
            server.should_exit = server.force_exit = True
            answering.join()


@pytest.fixture(scope="module")
def cookie(web: Web) -> str:
    """The cookie of an officer who is logged in."""
    return f"cookie: hoso={web.logged_in('officer').cookies['hoso']}\r\n"


def head(path: str, *more: str) -> bytes:
    """Return the beginning of a request of a page of ours, whose body follows."""
    site = "origin: http://localhost\r\nsec-fetch-site: same-origin\r\n"
    return f"POST {path} HTTP/1.1\r\nhost: localhost\r\n{site}{''.join(more)}\r\n".encode()


def multipart(length: int) -> str:
    """Return the headers of a form with files, of a length."""
    return f"content-type: multipart/form-data; boundary=x\r\ncontent-length: {length}\r\n"


def send(connection: socket.socket, piece: bytes, most: int) -> int:
    """Send a piece over and over until the other side has enough; return how much it took."""
    sent = 0
    connection.settimeout(60)
    with suppress(ConnectionError):
        while sent < most:
            sent += connection.send(piece)
    return sent


def answer(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    connection.settimeout(60)
    told = b""
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            told += piece
    return told


def open_files() -> list[str]:
    """Return the names of the files that this process has open."""
    found = []
    for place in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(str(place.readlink()))
    return found


def open_uploads() -> list[str]:
    """Return those that have no name any more: parts of what was sent."""
    return [name for name in open_files() if name.endswith(_KEPT) and "/web." in name]


@pytest.mark.parametrize(
    "most", [40 * MEGABYTE, pytest.param(2000 * MEGABYTE, marks=pytest.mark.soak)]
)
def test_two_gigabytes_that_are_announced_are_refused_unread(
    address: tuple[str, int], cookie: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with socket.create_connection(address) as connection:
        connection.sendall(head("/kiem-tra", cookie, multipart(2000 * MEGABYTE)))
        connection.settimeout(60)
        assert b" 413 " in connection.recv(65536).partition(b"\r\n")[0]
        # What is sent all the same is thrown away for a moment, then the line is cut.
        with suppress(ConnectionError):
            while True:
                connection.sendall(b"x")
    with socket.create_connection(address) as connection:
        connection.sendall(head("/kiem-tra", cookie, multipart(most)))
        send(connection, b"\0" * MEGABYTE, most)
    assert open_uploads() == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize("path", ["/kiem-tra", "/dang-nhap"])
@pytest.mark.parametrize(
    "most", [110 * MEGABYTE, pytest.param(2000 * MEGABYTE, marks=pytest.mark.soak)]
)
def test_a_body_in_pieces_that_is_longer_than_it_says_is_cut(
    address: tuple[str, int], cookie: str, path: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Where no file is taken, its head alone is refused: a value is read until it is too long.
    file = b'; filename="a.pdf"' if path == "/kiem-tra" else b""
    part = b'--x\r\ncontent-disposition: form-data; name="files"%s\r\n\r\n' % file
    piece = b"%x\r\n%s\r\n" % (MEGABYTE, b"\0" * MEGABYTE)
    told = "transfer-encoding: chunked\r\n"
    with socket.create_connection(address) as connection:
        connection.sendall(head(path, cookie if path == "/kiem-tra" else "", multipart(100), told))
        connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        send(connection, piece, most)
        assert answer(connection).startswith(b"HTTP/1.1 413 ")
    assert open_uploads() == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_body_that_drips_is_cut_and_nothing_of_it_is_kept(
    address: tuple[str, int], cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_BODY_SECONDS", 0.3)
    monkeypatch.setattr(guard, "_SMALL_BODY_SECONDS", 0.3)
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)
    for path in ("/kiem-tra", "/dang-nhap"):
        with socket.create_connection(address) as connection:
            connection.sendall(head(path, cookie, multipart(60_000)) + b"--x\r\n")
            assert answer(connection).startswith(b"HTTP/1.1 408 ")
    assert open_uploads() == []


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nhost: localh"])
def test_a_head_that_never_comes_holds_no_connection(
    address: tuple[str, int], begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    with socket.create_connection(address) as connection:
        connection.sendall(begun)
        assert answer(connection) == b""


def test_a_head_that_drips_after_a_page_holds_none_either(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)
    with socket.create_connection(address) as connection:
        connection.settimeout(60)
        connection.sendall(b"GET /dang-nhap HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        with suppress(ConnectionError):
            while True:
                connection.sendall(b"G")
                if _now(connection) == b"":
                    break


def _now(connection: socket.socket) -> bytes | None:
    """Return what came meanwhile: b"" at the end, None for nothing yet."""
    connection.settimeout(0.05)
    try:
        return connection.recv(65536)
    except TimeoutError:
        return None


def test_an_answer_that_nobody_takes_is_given_up(
    web: Web, address: tuple[str, int], cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "ANSWER_SECONDS", 0.3)
    record = web.house.archive.records.newest(1)[0]
    big = web.house.archive.root / "big.pdf"
    with big.open("wb") as file:
        file.truncate(60 * MEGABYTE)
    monkeypatch.setattr(web.house.archive.objects, "verify", lambda _: True)
    monkeypatch.setattr(web.house.archive.objects, "path", lambda _: big)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    request = f"GET /tep/{record.id}.pdf HTTP/1.1\r\nhost: localhost\r\n{cookie}\r\n".encode()
    with socket.create_connection(address) as connection:
        connection.sendall(request)
        connection.recv(10)
        while str(big) in open_files():
            threading.Event().wait(0.05)
        taken = len(answer(connection))
    big.unlink()
    assert taken < 60 * MEGABYTE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


def test_more_files_than_one_form_may_bring_are_refused_in_words(web: Web) -> None:
    browser = web.logged_in("officer")
    proof = proof_in(browser.get("/kiem-tra").text)
    files = [("files", (f"{number}.pdf", b"%PDF-", "application/pdf")) for number in range(51)]
    told = browser.post("/kiem-tra", data={"proof": proof}, files=files)
    assert (told.status_code, "quá nhiều tệp" in told.text) == (400, True)
