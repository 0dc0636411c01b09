"""Runs `hoso` in forks of one process that has everything loaded; may kill it at any commit.

The program knows nothing of this: what is wrapped are the calls of Python that make a change last
(renames, removals, fsync, SQLite's COMMIT) and those that start other programs. A fork is a run of
its own: its own process group, its own rights, SIGKILL for the whole group at the n-th such call.

As a program: one JSON `Job` a line on stdin, one JSON `Done` a line on stdout.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Self

ROOT = Path(__file__).resolve().parents[2]
_CALLS = ("rename", "replace", "unlink", "remove", "mkdir", "rmdir", "fsync", "link", "open")
SIGNED = ".part') PosixPath("
"""Where a trace tells that a signed file gets its name; before it, nobody can know of the key."""
_TRACE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND
_PR_CAPBSET_DROP, _CAPABILITIES, _CAPABILITY_VERSION_3 = 24, 64, 0x20080522


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of a command."""

    argv: list[str]
    out: str
    """File that gets stdout; its name with `.err` gets stderr, with `.trace` the commits."""
    kill_at: int = 0
    """SIGKILL at this commit, from 1; 0: never."""
    kill_before: bool = True
    """Before the call, else right after it."""
    kill_on: str = ""
    """SIGKILL at the first commit whose trace holds this; empty: never."""
    kill_after_seconds: float = 0.0
    """SIGKILL after this time; 0: never."""
    unprivileged: bool = False
    """Without root's right to pass by permissions, as a service's account runs."""
    act: list[str] = field(default_factory=list)
    """Command to run at that commit instead of SIGKILL."""
    environment: dict[str, str] = field(default_factory=dict)
    """Added to the environment of this run."""
    only_environment: bool = False
    """Nothing but that."""
    cwd: str = ""
    """Folder of this run; empty for the repository."""
    clock_seconds: int = 0
    """How far the clock of this run is ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a run ended."""

    code: int
    """Exit code; negative: the signal that ended it."""
    out: str
    err: str
    commits: list[str]
    """What was reached, in order."""
    seconds: float
    peak_bytes: int
    """Most memory of the run, or of one program that it started and waited for."""

    @property
    def killed(self) -> bool:
        """SIGKILL ended it."""
        return self.code == -signal.SIGKILL


class Forks:
    """The process that forks; a context manager.

    Args:
        work: folder for what the runs print.
        environment: added to the environment of every run.
    """

    def __init__(self, work: Path, environment: dict[str, str] | None = None) -> None:
        self._work = work
        self._environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **(environment or {})}
        self._count = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.desk.forked"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *raised: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def hoso(self, *argv: str | Path, **options: Any) -> Done:
        """Run a command; `options` are those of `Job`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._count += 1
        out = self._work / f"run-{self._count}"
        job = Job(argv=[str(part) for part in argv], out=str(out), **options)
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        ended = json.loads(self._process.stdout.readline())
        return Done(
            code=os.waitstatus_to_exitcode(ended["status"]),
            seconds=ended["seconds"],
            peak_bytes=ended["peak_kilobytes"] * 1024,
            out=out.read_text(encoding="utf-8"),
            err=out.with_suffix(".err").read_text(encoding="utf-8"),
            commits=out.with_suffix(".trace").read_text(encoding="utf-8").splitlines(),
        )


class _Commits:
    """Counts the calls that make a change last, and kills at one of them."""

    def __init__(self, job: Job, trace: int) -> None:
        self._job, self._trace = job, trace
        self._lock = threading.Lock()
        self._count = 0

    def around(self, name: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make a call, counted."""
        with self._lock:
            self._count += 1
            shown = [repr(part) for part in args[:2] if not isinstance(part, subprocess.Popen)]
            line = f"{self._count} {name} {' '.join(shown)}\n"
            here = self._count == self._job.kill_at or self._is_meant(line)
            os.write(self._trace, line.encode())
        if here and self._job.kill_before:
            self._strike()
            here = False
        try:
            return call(*args, **kwargs)
        finally:
            if here:
                self._strike()

    def _is_meant(self, line: str) -> bool:
        return bool(self._job.kill_on) and self._job.kill_on in line

    def _strike(self) -> None:
        if not self._job.act:
            _kill_group()
        child = os.posix_spawnp(self._job.act[0], self._job.act, os.environ)
        assert os.waitpid(child, 0)[1] == 0, self._job.act

    def wrap(self) -> None:
        """Put the counter around the calls."""
        for name in _CALLS:
            setattr(os, name, self._wrapped(name, getattr(os, name)))
        start: Any = subprocess.Popen.__init__
        subprocess.Popen.__init__ = self._wrapped("start", start)  # type: ignore[method-assign]  # no other way round a class that many modules hold
        connect = sqlite3.connect
        counted = _connection_class(self)

        def connected(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*args, **{"factory": counted, **kwargs})
            return connection

        sqlite3.connect = connected  # type: ignore[assignment]  # the same call, with our class

    def _wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            # To open for reading or locking is no change.
            if name == "open" and not args[1] & os.O_CREAT:
                return call(*args, **kwargs)
            return self.around(name, call, *args, **kwargs)

        return wrapped


def _connection_class(commits: _Commits) -> type[sqlite3.Connection]:
    class Counted(sqlite3.Connection):
        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            run = super().execute
            if sql.strip().upper().startswith("COMMIT"):
                return commits.around("COMMIT", run, sql)  # type: ignore[no-any-return]  # what execute returns
            return run(sql, parameters)

    return Counted


def _kill_group() -> NoReturn:
    os.killpg(0, signal.SIGKILL)
    time.sleep(60)  # until it arrives
    raise AssertionError("SIGKILL did not come")


def _drop_capabilities() -> None:
    """Give up every capability for good (capabilities(7)), as `setpriv --bounding-set=-all` does.

    Not another user id: an interpreter below /root could not be read any more.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_CAPABILITIES):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # an unknown one is refused: no matter
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    assert libc.capset(header, bytes(24)) == 0, os.strerror(ctypes.get_errno())


def _shift_clock(seconds: int) -> None:
    """Let what asks for the time of day get another; the monotonic clock goes as it goes."""
    true = dt.datetime

    class Kind(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, true)

    class Shifted(true, metaclass=Kind):  # type: ignore[misc,valid-type]  # the class in force
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return true.now(tz) + dt.timedelta(seconds=seconds)

    dt.datetime = Shifted  # type: ignore[misc]  # for this run only


def _kill_later(seconds: float) -> None:
    time.sleep(seconds)
    _kill_group()


def _run(job: Job) -> NoReturn:
    from desk.cli.main import main  # loaded by the parent, once

    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for descriptor, suffix in ((1, ""), (2, ".err")):
        opened = os.open(job.out + suffix, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(opened, descriptor)
    trace = os.open(job.out + ".trace", _TRACE_FLAGS, 0o644)
    if job.only_environment:
        os.environ.clear()
    os.environ.update(job.environment)
    os.chdir(job.cwd or ROOT)
    if job.clock_seconds:
        _shift_clock(job.clock_seconds)
    if job.unprivileged:
        _drop_capabilities()
    _Commits(job, trace).wrap()
    if job.kill_after_seconds:
        threading.Thread(target=_kill_later, args=(job.kill_after_seconds,), daemon=True).start()
    code = 99
    try:
        code = main(job.argv)
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _serve() -> None:
    from desk.cli.main import load_commands  # the forks find everything loaded

    load_commands()

    for line in sys.stdin:
        job = Job(**json.loads(line))
        child = os.fork()
        if child == 0:
            _run(job)
        started = time.monotonic()
        _, status, usage = os.wait4(child, 0)
        ended = {
            "status": status,
            "seconds": time.monotonic() - started,
            "peak_kilobytes": usage.ru_maxrss,
        }
        sys.stdout.write(json.dumps(ended) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
