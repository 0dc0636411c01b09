"""A module of ours in a process of its own: asked by lines of JSON, it answers by lines.

Between the two are pipes that nobody else has. The process ends when what it is asked through ends.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from typing import Any

_END_SECONDS = 5.0


class LineChild:
    """A child process, running from the start.

    Args:
        module: What runs, `python -m …`.
        **options: Of `subprocess.Popen`.
    """

    def __init__(self, module: str, **options: Any) -> None:
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        # Our own interpreter and module, no shell.
        self._child = subprocess.Popen(  # noqa: S603
            # -P: code never comes from the folder that a person happens to stand in.
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **options,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._child.pid

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self._child.poll() is not None

    def ask(self, value: object) -> None:
        """Ask something; one that has ended is found out by its silence."""
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.write(json.dumps(value).encode() + b"\n")
            self._child.stdin.flush()

    def answer(self, seconds: float | None) -> bytes:
        """Wait for the next line; empty where it ended without, or took too long.

        Args:
            seconds: How long to wait; None waits for ever.
        """
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            self._child.kill()
            return b""

    def end(self) -> None:
        """End it: there is nothing more to ask, so it ends by itself; one that hangs is killed."""
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.close()
        try:
            self._child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._listener.join(_END_SECONDS)

    def _listen(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout:
            for line in self._child.stdout:
                self._answers.put(line)
        self._answers.put(b"")
