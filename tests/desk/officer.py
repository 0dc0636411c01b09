"""An officer at another computer: `hoso agent` in a process and a terminal of its own.

The program asks for the PIN at its terminal, as it asks a person; so there is one here, and a test
types into it. It knows nothing of this. SIGKILL may come at any write to its journal.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Self

from fixtures.keys.soft_token import PIN, SoftToken
from signing.key_names import Pkcs11Key

ROOT = Path(__file__).resolve().parents[2]
PIN_ASKED = "mã PIN"
_PATIENCE_SECONDS = 90.0


def key_name(key: Pkcs11Key) -> str:
    """Name a key on a token as an officer's settings do."""
    assert key.object_id is not None
    label = (key.token or "").replace(" ", "%20")
    return f"pkcs11:token={label};id={key.object_id.decode()}?module-path={key.module}"


@dataclass(slots=True)
class Computer:
    """An officer's computer: a folder, and a token in it."""

    folder: Path
    token: SoftToken
    signer: str = "agency"

    def run(self, *argv: str, typed: str = "", kill_at: int = 0) -> Terminal:
        """Start `hoso agent` with a terminal."""
        return Terminal.open(self, ("agent", *argv, "--folder", str(self.folder)), typed, kill_at)

    def join(self, address: str, code: str) -> str:
        """Pair it with a station; return what it said."""
        key = key_name(self.token.key(self.signer))
        with self.run("join", address, "--key", key, typed=f"{code}\n") as terminal:
            return terminal.ended(0)

    def sign(self, *argv: str, pin: str = PIN, typed: str = "", code: int = 0) -> str:
        """Sign what waits, the PIN typed when it is asked for; return what was said."""
        with self.run("--once", *argv, typed=typed) as terminal:
            terminal.await_text(PIN_ASKED)
            terminal.type(f"{pin}\n")
            return terminal.ended(code)

    def journal(self) -> list[dict[str, Any]]:
        """Return the last line on each use of the key."""
        path = self.folder / "so-ky.jsonl"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        return list({entry["digest"]: entry for entry in map(json.loads, lines)}.values())


@dataclass(slots=True)
class Terminal:
    """A running program and the terminal that it sees."""

    process: subprocess.Popen[bytes]
    screen: int
    seen: str = field(default="")

    @classmethod
    def open(cls, computer: Computer, argv: tuple[str, ...], typed: str, kill_at: int) -> Terminal:
        """Start a program that has a terminal; what is typed ahead comes to its standard input."""
        screen, keys = os.openpty()
        settings = computer.token.folder.parent / "softhsm2.conf"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.desk.officer", os.ttyname(keys), str(kill_at), *argv],
            cwd=ROOT,
            env={**os.environ, "SOFTHSM2_CONF": str(settings), "TERM": "dumb"},
            stdin=subprocess.PIPE,
            stdout=keys,
            stderr=keys,
            start_new_session=True,
        )
        os.close(keys)
        assert process.stdin is not None
        process.stdin.write(typed.encode())
        process.stdin.close()
        return cls(process=process, screen=screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.screen)

    def await_text(self, text: str) -> None:
        """Wait until the program says something; what was waited for before does not count."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while text not in self.seen:
            assert time.monotonic() < until, self.seen
            assert self._read(1.0), self.seen
        self.seen = self.seen.partition(text)[2]

    def sees(self, text: str) -> bool:
        """Wait until the program says something; False where it ends without."""
        while text not in self.seen:
            if not self._read(1.0):
                return text in self.seen
        return True

    def type(self, text: str) -> None:
        """Type at the terminal."""
        os.write(self.screen, text.encode())

    def ended(self, code: int | None = None) -> str:
        """Wait for the end; return what was said since the last wait."""
        while self._read(_PATIENCE_SECONDS):
            pass
        ended = self.process.wait(_PATIENCE_SECONDS)
        assert code is None or ended == code, (ended, self.seen)
        return self.seen

    def kill(self) -> None:
        """End it as a power cut does, the process that holds its key too."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _read(self, seconds: float) -> bool:
        """Take what the program said; False when it ended."""
        if not select.select([self.screen], [], [], seconds)[0]:
            return self.process.poll() is None
        try:
            said = os.read(self.screen, 65536)
        except OSError:  # the other side of the terminal is closed
            return False
        self.seen += said.decode("utf-8", errors="replace").replace("\r\n", "\n")
        return bool(said)


def _main(terminal: str, kill_at: int, argv: list[str]) -> NoReturn:
    from desk.cli.main import main

    # The first terminal that a new session opens is its own, and stays so while it is open.
    os.open(terminal, os.O_RDWR)
    flush, count = os.fsync, 0

    def counted(descriptor: int) -> None:
        nonlocal count
        for is_before in (True, False):
            count += 1
            if count == kill_at:
                os.killpg(0, signal.SIGKILL)
            if is_before:
                flush(descriptor)

    vars(os)["fsync"] = counted
    sys.exit(main(argv))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
