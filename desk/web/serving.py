"""Serving the pages: on loopback, or on a socket behind nginx."""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette

from desk.errors import PathUnusable
from desk.moments import now
from desk.station import Station
from desk.web.access_log import AccessLog
from desk.web.app import create_app
from desk.web.front_door import require_sound_front
from desk.web.house import House
from desk.web.page_pictures import PagePictures
from desk.web.pages import may_open
from desk.web.patience import PatientProtocol
from desk.web.secrets import WebKey
from desk.web.sweeping import Sweeper
from desk.web.turns import Turns
from desk.web.verdict_shelf import emptied, shelf_at
from desk.web.workers import Workers
from storage.accounts import Accounts
from storage.archive import open_archive
from storage.workshops import workshop

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_WAITING = 512
# Connections of a worker that are open at once, idle ones counted: a browser keeps up to six. What
# costs much waits in queues of its own (`desk.web.routing.Queue`).
_MOST_CONNECTIONS = 512
_END_SECONDS = 10
_SOCKET_MODE = 0o660


def accounts_of(station: Station) -> Path:
    """Return where the people of the pages stand."""
    return station.people


def web_key_of(station: Station) -> Path:
    """Return the key of the pages."""
    return station.root / "keys" / "web.key"


@contextmanager
def open_house(station: Station) -> Iterator[House]:
    """Open all that the pages need.

    Raises:
        PathUnusable: the key of the pages cannot be used.
    """
    memory_bytes = station.settings.reading.memory_megabytes * 1_000_000
    with (
        open_archive(station.archive) as archive,
        PagePictures(archive.staging, memory_bytes) as pictures,
    ):
        accounts = Accounts(accounts_of(station))
        try:
            yield House(
                station=station,
                archive=archive,
                accounts=accounts,
                key=WebKey(web_key_of(station)),
                log=AccessLog(archive.events.append),
                pictures=pictures,
                turns=Turns(station.archive / "web.turns"),
                clock=now,
                is_public=station.settings.web.address.startswith("https://"),
                may_open=may_open,
            )
        finally:
            accounts.close()


def app_of(house: House) -> Starlette:
    """Return the application for the names under which this station is reached."""
    public = urlsplit(house.station.settings.web.address).hostname
    return create_app(house, [*_LOOPBACK, *([public] if public else [])])


def serve(station: Station, on_ready: Callable[[str], None]) -> None:
    """Answer until the program is told to end, in as many processes as the settings say.

    Args:
        station: whose pages.
        on_ready: is told the address, once it listens.

    Raises:
        PathUnusable: the address is taken, or not this machine's; or others than nginx could say
            which certificate somebody holds.
    """
    settings = station.settings.web
    require_sound_front(settings)
    listening = _listen(settings.host, settings.port, settings.socket)
    with listening, emptied(shelf_at(station.archive)):
        on_ready(settings.address or _address(listening))
        if settings.workers > 1:
            Workers(settings.workers, partial(_answer, station, listening)).run()
        else:
            _answer(station, listening, 0)


def _answer(station: Station, listening: socket.socket, number: int) -> None:
    """Answer as one of the workers; the first one also removes what is over."""
    with (
        open_house(station) as house,
        _temporary(house),
        Sweeper(house) if number == 0 else nullcontext(),
    ):
        server_of(house).run(sockets=[listening])


def server_of(house: House) -> uvicorn.Server:
    """Return the server of one process, which does not listen yet."""
    config = uvicorn.Config(
        app_of(house),
        http=PatientProtocol,
        # Python's own takes twice as long for each request, half a millisecond more.
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(house.station.settings.web.socket),
        forwarded_allow_ips="*",
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_END_SECONDS,
        lifespan="off",
        ws="none",
    )
    return uvicorn.Server(config)


@contextmanager
def _temporary(house: House) -> Iterator[None]:
    """Let all that is written for a while lie beside the archive, never on another disk.

    The folder is marked as at work: an engine that starts meanwhile leaves it alone, and clears
    what a killed server left in it.
    """
    before = tempfile.tempdir
    with workshop(house.archive.staging, "web.") as folder:
        tempfile.tempdir = str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before


def _listen(host: str, port: int, path: str) -> socket.socket:
    try:
        if path:
            return _listen_at(Path(path))
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        raise PathUnusable(
            f"Không mở được {path or f'{host}:{port}'} cho trang web ({error.strerror}). "
            "Hãy sửa [web] trong hoso.toml.",
            f"cannot listen on {path or f'{host}:{port}'}: {error.strerror}; see [web]",
        ) from error
    listening.listen(_WAITING)
    return listening


def _listen_at(path: Path) -> socket.socket:
    """Listen at a socket; one that nobody answers any more is taken away first."""
    if path.is_socket():
        if _is_answered(path):
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        path.unlink()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    path.chmod(_SOCKET_MODE)
    listening.listen(_WAITING)
    return listening


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(str(path)) == 0


def _address(listening: socket.socket) -> str:
    if listening.family == socket.AF_UNIX:
        return str(listening.getsockname())
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}/"
