"""The shipped systemd units: systemd takes them as they are, and they leave the service little."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ANALYZE = shutil.which("systemd-analyze")
# Of ten, by systemd's own count; lower is better.
MOST_EXPOSED = {"hoso@.service": 2.5, "hoso-web@.service": 2.0}

pytestmark = pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze of Debian's systemd")


@pytest.fixture(params=sorted(MOST_EXPOSED))
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A unit as `make install` writes it; its program is there."""
    program = tmp_path / "bin" / "hoso"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    name = str(request.param)
    shipped = (ROOT / "packaging" / name).read_text(encoding="utf-8")
    made = tmp_path / name
    made.write_text(shipped.replace("@PREFIX@", str(tmp_path)), encoding="utf-8")
    return made


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run(
        [ANALYZE, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_finds_nothing_wrong_with_it(unit: Path) -> None:
    found = analyze("verify", "--man=no", str(unit))
    assert (found.returncode, found.stdout + found.stderr) == (0, "")
    # A word that systemd does not know is told: silence means that all are known.
    unit.write_text(unit.read_text().replace("ProtectHome=", "ProtectHouse="), encoding="utf-8")
    assert "ProtectHouse" in analyze("verify", "--man=no", str(unit)).stderr


def test_little_is_left_to_whoever_takes_the_service_over(unit: Path) -> None:
    name = unit.name
    limit = round(MOST_EXPOSED[name] * 10)
    found = analyze("security", "--offline=true", "--no-pager", f"--threshold={limit}", str(unit))
    assert found.returncode == 0, found.stdout
    told = analyze("security", "--offline=true", "--no-pager", "--json=short", str(unit))
    unset = {item["json_field"] for item in json.loads(told.stdout) if item["set"] is False}
    assert not unset & {"NoNewPrivileges", "ProtectSystem", "CapabilityBoundingSet_CAP_SYS_ADMIN"}
