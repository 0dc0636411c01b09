"""Ends a piece of work as a kill does, at any transaction, change of a name, or write to disk."""

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
        self.names: list[str] = []
        self._kill_at = kill_at

    def step(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(self, statement: str) -> None:
        if statement.startswith(("BEGIN", "COMMIT")):
            self.step(statement.partition(" ")[0].rstrip(";").lower())

    def watch(self) -> None:
        """Let each transaction, change of a name and write to disk in this process be a step."""
        connect: Callable[[Database], Tables] = Database._connect

        def connected(database: Database) -> Tables:
            tables = connect(database)
            tables.conn.set_trace_callback(self.heard)
            return tables

        Database._connect = connected  # type: ignore[method-assign,assignment]  # child only
        for name in ("rename", "unlink", "replace"):
            self._wrap(name)
        sync = os.fsync

        def synced(descriptor: int) -> None:
            self.step("before sync")
            sync(descriptor)
            self.step("after sync")

        os.fsync = synced  # type: ignore[assignment]  # child only; nobody here syncs a file object

    def _wrap(self, name: str) -> None:
        plain = getattr(Path, name)

        def wrapped(path: Path, *args: Any, **kwargs: Any) -> Any:
            told = f"{name} {path.parent.name}/{path.name.partition('.')[0]}"
            self.step(f"before {told}")
            done = plain(path, *args, **kwargs)
            self.step(f"after {told}")
            return done

        setattr(Path, name, wrapped)


def run_killed(work: Callable[[], None], kill_at: int, counted: Path) -> int:
    """Do some work in a child that is killed at a step; return how many steps it took.

    Args:
        work: What is done; it opens what it needs itself.
        kill_at: The step, from 1.
        counted: A file for the child's word: the name of each step.

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
    return len(counted.read_text().splitlines())


def _end_in_child(work: Callable[[], None], kill_at: int, counted: Path) -> NoReturn:
    code = 1
    try:
        steps = _Steps(kill_at)
        steps.watch()
        work()
        counted.write_text("\n".join(steps.names))
        code = 0
    except BaseException:  # noqa: BLE001  # the child has no other way to tell
        counted.write_text(traceback.format_exc())
    finally:
        os._exit(code)
