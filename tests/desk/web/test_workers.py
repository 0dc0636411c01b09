"""Several processes for the pages: who dies is replaced, all end together, turns are shared."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

import pytest

from desk.web.turns import Turns
from tests.desk.conftest import ROOT

PROGRAM = """
import os, signal, sys
from desk.web import workers
workers._PAUSE_SECONDS = 0.01

def work(number):
    os.write(1, f"{number} {os.getpid()}\\n".encode())
    signal.sigwait({signal.SIGUSR1, signal.SIGTERM})

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM})
workers.Workers(2, work).run()
print("ended", flush=True)
"""


@contextmanager
def program() -> Iterator[subprocess.Popen[str]]:
    """Run a program with two workers that wait."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def next_worker(running: subprocess.Popen[str]) -> tuple[int, int]:
    """Return the number and the process of the worker that begins next."""
    assert running.stdout is not None
    number, process = running.stdout.readline().split()
    return int(number), int(process)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_who_dies_is_replaced_and_all_end_together(ending: signal.Signals) -> None:
    with program() as running:
        alive = dict(next_worker(running) for _ in range(2))
        assert set(alive) == {0, 1}
        os.kill(alive[1], signal.SIGKILL)
        number, process = next_worker(running)
        assert number == 1
        assert process != alive[1]
        running.send_signal(ending)
        assert running.stdout is not None
        assert running.stdout.read() == "ended\n"
        assert running.wait() == 0
    for ended in (alive[0], process):
        with pytest.raises(ProcessLookupError):
            os.kill(ended, 0)


def test_workers_do_not_outlive_a_program_that_is_killed() -> None:
    with program() as running:
        alive = dict(next_worker(running) for _ in range(2))
        running.kill()
        # The pipe ends when the last who holds it does.
        assert running.stdout is not None
        assert running.stdout.read() == ""
    assert len(alive) == 2


HOLDER = """
import signal, sys
from pathlib import Path
from desk.web.turns import Turns

with Turns(Path(sys.argv[1])).wait("judge"):
    print("held", flush=True)
    signal.pause()
"""


def test_a_turn_is_one_of_all_processes_and_ends_with_its_holder(tmp_path: Path) -> None:
    turns, asked, killed = Turns(tmp_path), Event(), Event()

    def wait() -> bool:
        asked.set()
        with turns.wait("judge"):
            return killed.is_set()

    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holding,
        ThreadPoolExecutor(1) as pool,
    ):
        assert holding.stdout is not None
        assert holding.stdout.readline() == "held\n"
        has_it_after = pool.submit(wait)
        assert asked.wait(60)
        killed.set()
        holding.kill()
        assert has_it_after.result()


def test_only_so_many_turns_are_given(tmp_path: Path) -> None:
    turns, others = Turns(tmp_path), Turns(tmp_path)
    with ExitStack() as held:
        given = [held.enter_context(one.one_of("upload-7", 2)) for one in (turns, others, turns)]
        assert given == [True, True, False]
        assert held.enter_context(turns.one_of("upload-8", 2))
    with others.one_of("upload-7", 1) as again:
        assert again
