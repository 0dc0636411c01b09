"""The whole chain beside the reading alone: a demo station that signs and files its samples."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.rivals.programs import ROOT, Spent
from digitize.intake import Limits, receive

_LIMITS = Limits(max_bytes=500_000_000, max_pages=1000)
# What a station waits for by design: that a folder stands still, that nothing more comes.
_WAITS = ("still_seconds", "dossier_seconds")


def write_settings(folder: Path, engine: str) -> Path:
    """Make a folder whose `hoso.toml` names an engine; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hoso.toml").write_text(f'[reading]\nengine = "{engine}"\n', encoding="utf-8")
    return folder


def measure_station(work: Path) -> tuple[Spent, Spent]:
    """Return what `hoso run --once` takes on the samples, and `hoso read --pdf` on the same."""
    root = work / "station"
    _hoso("init", root, "--demo")
    scans = [path for path in sorted((root / "samples").rglob("*.*")) if _is_scan(path)]
    settings = root / "hoso.toml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    settings.write_text("\n".join(map(_without_wait, lines)) + "\n", encoding="utf-8")
    pages = sum(receive(path, path.name, _LIMITS).page_count for path in scans)
    out = work / "samples-out"
    out.mkdir()
    read = _measured(pages, "read", "--json", "--pdf", out, *scans)
    shutil.copytree(root / "samples", root / "1-cho-xu-ly", dirs_exist_ok=True)
    return _measured(pages, "run", "--once", "--json", "--station", root), read


def _is_scan(path: Path) -> bool:
    # The arrival that is signed already is verified and not read; the others are broken on purpose.
    return path.is_file() and not path.name.startswith(("loi-", "da-ky-so"))


def _without_wait(line: str) -> str:
    key = line.partition(" ")[0]
    return f"{key} = 0.0" if key in _WAITS else line


def _measured(pages: int, *arguments: object) -> Spent:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    _hoso(*arguments)
    seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(pages=pages, seconds=seconds, cpu_seconds=cpu)


def _hoso(*arguments: object) -> None:
    command: Sequence[str] = [sys.executable, "-m", "desk.cli.main", *map(str, arguments)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    # 1: a person must look at some, the broken samples for one.
    if finished.returncode not in (0, 1):
        raise RuntimeError(finished.stderr.decode("utf-8", "replace"))
