"""Judging in processes of their own, with limits: a time-out is a verdict too, never a hang."""

from __future__ import annotations

import contextlib
import hashlib
import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from config import codec
from signing.judging import CPU_SECONDS, MEMORY_BYTES, network_to_plain
from signing.line_child import LineChild
from signing.model import FileVerdict, Indication, Remark, SubIndication
from signing.network import Network
from signing.policy import policy_identity
from signing.trust import load_trust

# Waiting for an authority takes no processor time; beyond this nothing more is to be hoped for.
WALL_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """On what files are judged, and what one file may cost.

    Attributes:
        trust: Folder of the anchors, None for none.
        network: Allows asking for revocation data; None judges with what the file holds.
        cpu_seconds: Processor time of one file.
        memory_bytes: Memory beyond what the program itself takes.
        wall_seconds: Time of one file, waiting included.
    """

    trust: Path | None
    network: Network | None = None
    cpu_seconds: int = CPU_SECONDS
    memory_bytes: int = MEMORY_BYTES
    wall_seconds: float = WALL_SECONDS


class Judge:
    """One judging process; a context manager. A process that a file ended is replaced.

    Args:
        ground: Anchors and limits.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        # Read here too: anchors that cannot be read are the caller's error, not a file's.
        self._policy = policy_identity(load_trust(ground.trust))
        self._child: LineChild | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def judge(self, path: Path, at: datetime) -> FileVerdict:
        """Judge a file as ``verdict.judge`` does; what oversteps the limits is INDETERMINATE.

        Args:
            path: The file.
            at: The moment of validation, aware.
        """
        if self._child is not None and self._child.has_ended:
            self.close()  # it ended while nothing was asked; that says nothing of this file
        if self._child is None:
            self._child = self._start()
        self._child.ask({"path": str(path), "at": at.isoformat()})
        line = self._child.answer(self._ground.wall_seconds)
        if line:
            return codec.from_plain(FileVerdict, json.loads(line))
        self.close()
        return self._overstepped(path, at)

    def _start(self) -> LineChild:
        ground = {
            "trust": str(self._ground.trust.resolve()) if self._ground.trust else None,
            "network": network_to_plain(self._ground.network),
            "cpu_seconds": self._ground.cpu_seconds,
            "memory_bytes": self._ground.memory_bytes,
        }
        child = LineChild(
            "signing.judging",
            # What a hostile file makes a library say belongs in the verdict, not on the screen.
            stderr=subprocess.DEVNULL,
            # Ctrl-C ends the program, not the verdict on a file that it still finishes.
            start_new_session=True,
        )
        child.ask(ground)
        return child

    def _overstepped(self, path: Path, at: datetime) -> FileVerdict:
        remark = Remark(
            code="LIMIT_OVERSTEPPED",
            vi="Tệp đòi quá nhiều thời gian hoặc bộ nhớ để kiểm tra nên chưa kết luận được.",
            en="the file takes more time or memory than judging it may take",
        )
        digest = size = None
        with contextlib.suppress(OSError), path.open("rb") as file:
            digest, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
        return FileVerdict(
            path=path,
            sha256=digest,
            size_bytes=size,
            readable=True,
            pages=None,
            validated_at=at,
            policy=self._policy,
            overall=Indication.INDETERMINATE,
            overall_sub=SubIndication.GENERIC,
            signatures=(),
            unsigned_fields=(),
            warnings=(remark,),
            online=self._ground.network is not None,
        )

    def close(self) -> None:
        """End the process; the next file gets a new one."""
        child, self._child = self._child, None
        if child is not None:
            child.end()


class KeptJudge:
    """Judges for several threads, each file in a process; one that is idle waits for the next file.

    A context manager: at its end no process is left.

    Args:
        ground: Anchors and limits.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._guard = threading.Lock()
        self._idle: Judge | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._keep(None)

    def judge(self, path: Path, at: datetime) -> FileVerdict:
        """Judge a file as ``Judge.judge`` does; who comes at the same time waits for nobody.

        Args:
            path: The file.
            at: The moment of validation, aware.
        """
        with self._guard:
            judge, self._idle = self._idle or Judge(self._ground), None
        try:
            return judge.judge(path, at)
        finally:
            self._keep(judge)

    def _keep(self, judge: Judge | None) -> None:
        with self._guard:
            earlier, self._idle = self._idle, judge
        if earlier is not None:
            earlier.close()


def judge_many(
    paths: Sequence[Path], ground: Ground, at: datetime, judges: int
) -> Iterator[FileVerdict]:
    """Judge files side by side; verdicts come in the order of the files, as they are ready.

    Args:
        paths: The files.
        ground: Anchors and limits.
        at: The moment of validation, aware.
        judges: How many processes at most.
    """
    count = max(min(judges, len(paths)), 1)
    free: queue.SimpleQueue[Judge] = queue.SimpleQueue()

    def one(path: Path) -> FileVerdict:
        judge = free.get()
        try:
            return judge.judge(path, at)
        finally:
            free.put(judge)

    with contextlib.ExitStack() as opened, ThreadPoolExecutor(count) as threads:
        for _ in range(count):
            free.put(opened.enter_context(Judge(ground)))
        yield from threads.map(one, paths)
