"""Engines of recognition that fail, named after their failures: programs put before the real one.

Everything else that fails here is provoked for real: a full disk is a full disk.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


class _Engine:
    """A program named `tesseract` in a folder of its own.

    Args:
        folder: an empty place that every user may read.
    """

    script: str

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o755, parents=True)
        real = shutil.which("tesseract")
        assert real is not None
        program = folder / "tesseract"
        text = self.script.format(real=real, folder=folder)
        program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
        self.folder = folder

    @property
    def environment(self) -> dict[str, str]:
        """What puts it before the real one."""
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}


class CrashingOcr(_Engine):
    """Dies of a segmentation fault on every page."""

    script = "kill -SEGV $$"


class HangingOcr(_Engine):
    """Never ends by itself."""

    script = "exec sleep 600"


class CountingOcr(_Engine):
    """The real one; keeps the arguments of each call."""

    script = 'printf "%s\\n" "$*" >> "{folder}/calls"\nexec "{real}" "$@"'

    def take(self) -> list[str]:
        """Return the arguments of each call since the last time."""
        calls = self.folder / "calls"
        lines = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return lines
