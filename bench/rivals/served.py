"""A demo station that is served: its workers, what they take, and who is logged in there."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path

from bench.rivals.programs import ROOT
from config.settings import load_settings, render_settings
from desk.moments import now
from desk.station import Station, open_station
from desk.web.serving import accounts_of
from storage.accounts import EVERYWHERE, Accounts, NewPerson, NewSession, Person, WebRole

WORKERS = 2
_TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """`hoso serve` of a station; a context manager."""

    def __init__(self, station: Station, port: int) -> None:
        self._station, self.port = station, port

    def __enter__(self) -> Server:
        command = [sys.executable, "-m", "desk.cli.main", "serve", "--station"]
        self._process = subprocess.Popen(
            [*command, str(self._station.root)], cwd=ROOT, stderr=subprocess.PIPE
        )
        assert self._process.stderr is not None
        self._process.stderr.readline()
        while len(self.workers()) < WORKERS:
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def workers(self) -> list[int]:
        """Return the workers' processes."""
        number = self._process.pid
        told = Path(f"/proc/{number}/task/{number}/children").read_text()
        return [int(child) for child in told.split()]

    def cpu_seconds(self) -> float:
        """Return what the workers and their own processes took so far."""
        return sum(_cpu_ticks(worker) for worker in self.workers()) / _TICKS

    def memory(self) -> tuple[float, float]:
        """Return megabytes of all processes: pages they share counted in each, and once."""
        processes = [self._process.pid, *self.workers()]
        return _megabytes(processes, "Rss"), _megabytes(processes, "Pss")


def _cpu_ticks(process: int) -> int:
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])


def _megabytes(processes: Sequence[int], name: str) -> float:
    texts = [Path(f"/proc/{process}/smaps_rollup").read_text() for process in processes]
    lines = [line.split() for text in texts for line in text.splitlines()]
    return sum(int(line[1]) for line in lines if line[0] == f"{name}:") * 1024 / 1e6


class Browser:
    """Somebody who is logged in, on one connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"cookie": f"hoso={token}", "host": "localhost"}

    def get(self, path: str) -> tuple[int, int]:
        """Return the status and the length of an answer."""
        try:
            answer = self._ask(path)
        except RemoteDisconnected:
            # The line was let go while something else was measured; browsers make a new one too.
            answer = self._ask(path)
        return answer.status, len(answer.read())

    def _ask(self, path: str) -> HTTPResponse:
        self._connection.request("GET", path, headers=self._headers)
        return self._connection.getresponse()


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A station that is served, and who is logged in there."""

    server: Server
    tokens: dict[WebRole, str]

    def browser(self, role: WebRole) -> Browser:
        """Return a browser of somebody of a role."""
        return Browser(self.server.port, self.tokens[role])


@contextmanager
def served(station: Station, port: int) -> Iterator[Served]:
    """Serve a station, with somebody of each role logged in."""
    accounts = Accounts(accounts_of(station))
    tokens = {role: _log_in(accounts, role) for role in WebRole}
    accounts.close()
    with Server(station, port) as server:
        yield Served(server=server, tokens=tokens)


def _log_in(accounts: Accounts, role: WebRole) -> str:
    login, token = f"bench-{role.value}", secrets.token_urlsafe(32)
    person = accounts.find(login) or accounts.add(_person(login, role), now())
    assert isinstance(person, Person)
    accounts.begin(person, NewSession(token=token, proof=token, means="password"), now())
    return token


def _person(login: str, role: WebRole) -> NewPerson:
    return NewPerson(
        login=login, name=f"{login} THỬ NGHIỆM", role=role,
        agencies=(EVERYWHERE,), password="", one_time=b"",
    )  # fmt: skip


def make_station(root: Path, port: int) -> Station:
    """Make a demo station that filed its samples, served by two workers."""
    _hoso("init", root, "--demo")
    path = root / "hoso.toml"
    settings = load_settings(path)
    web = replace(settings.web, port=port, workers=WORKERS)
    path.write_text(render_settings(replace(settings, web=web)), encoding="utf-8")
    shutil.copytree(root / "samples", root / "1-cho-xu-ly", dirs_exist_ok=True)
    _hoso("run", "--once", "--station", root)
    return open_station(root)


def _hoso(*arguments: object) -> None:
    command = [sys.executable, "-m", "desk.cli.main", *map(str, arguments)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    # 1: a person must look at some of the samples, which are broken on purpose.
    if finished.returncode not in (0, 1):
        raise RuntimeError(finished.stderr.decode("utf-8", "replace"))
