"""Engines of recognition that fail, named after their failures, and a journal of a token's key.

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


class KeyJournal:
    """Writes down what a token's key is given, before it signs: the journal of the token itself.

    Args:
        folder: an empty place.
    """

    _HOOK = """
import importlib.abc, importlib.util, os, sys

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "signing.pkcs11_key":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module
        def exec_module(module):
            run(module)
            sign = module._sign
            def journalled(opened, item, padding):
                journal = os.open({path!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
                os.write(journal, item.digest.hex().encode() + b"\\n")
                os.close(journal)
                return sign(opened, item, padding)
            module._sign = journalled
        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Finder())
"""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._path = folder / "journal"
        hook = self._HOOK.replace("{path!r}", repr(str(self._path)))
        # Python loads a module of this name before any program, in the key's own process too.
        (folder / "sitecustomize.py").write_text(hook, encoding="utf-8")
        self._folder = folder

    @property
    def environment(self) -> dict[str, str]:
        """What lets the key's process write it."""
        return {"PYTHONPATH": str(self._folder)}

    def digests(self) -> list[str]:
        """Return what the key was given so far."""
        if not self._path.exists():
            return []
        return self._path.read_text(encoding="ascii").splitlines()
