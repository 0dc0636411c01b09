"""Ends a piece of work as a power cut does, at any transaction or change of a name."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from sqlite_utils import Database as Tables

from storage.database import Database


class _Steps:
    """Counts the steps of a run, and ends it at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.count = 0
        self._kill_at = kill_at

    def step(self) -> None:
        self.count += 1
        if self.count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(self, statement: str) -> None:
        if statement.startswith(("BEGIN", "COMMIT")):
            self.step()

    def watch(self) -> None:
        """Let every transaction and every change of a name in this process be a step."""
        connect: Callable[[Database], Tables] = Database._connect

        def connected(database: Database) -> Tables:
            tables = connect(database)
            tables.conn.set_trace_callback(self.heard)
            return tables

        Database._connect = connected  # type: ignore[method-assign,assignment]  # child only
        for name in ("rename", "unlink", "replace"):
            self._wrap(name)

    def _wrap(self, name: str) -> None:
        plain = getattr(Path, name)

        def wrapped(path: Path, *args: Any, **kwargs: Any) -> Any:
            self.step()
            done = plain(path, *args, **kwargs)
            self.step()
            return done

        setattr(Path, name, wrapped)


def run_killed(work: Callable[[], None], kill_at: int, counted: Path) -> int:
    """Do some work in a child that is killed at a step; return how many steps it took.

    Args:
        work: What is done; it opens what it needs itself.
        kill_at: The step, from 1.
        counted: A file for the child's word.

    Returns:
        0 where the child was killed.
    """
    child = os.fork()
    if child == 0:
        _end_in_child(work, kill_at, counted)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return 0
    assert os.WEXITSTATUS(status) == 0, counted.read_text()
    return int(counted.read_text())


def _end_in_child(work: Callable[[], None], kill_at: int, counted: Path) -> NoReturn:
    code = 1
    try:
        steps = _Steps(kill_at)
        steps.watch()
        work()
        counted.write_text(str(steps.count))
        code = 0
    except BaseException:  # noqa: BLE001  # the child has no other way to tell
        counted.write_text(traceback.format_exc())
    finally:
        os._exit(code)
