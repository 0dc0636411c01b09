"""Demo stations for the tests of the desk: one that ran over all samples, and fresh small ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, render_settings
from desk.demo import pki
from desk.demo.founding import found_demo
from desk.endings import Ending
from desk.engine.session import run_station
from desk.moments import now
from desk.station import Station, open_station
from fixtures.keys.soft_token import SoftToken, configured, make_token
from storage.archive import Archive, open_archive
from tests.desk.forked import Forks

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "desk" / "demo" / "samples"
TRUTH = ROOT / "fixtures" / "truth"


def hoso(
    *arguments: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run the real command, as a person would, but for its start: that is a fork's."""
    (forks,) = _FORKS
    done = forks.hoso(
        *arguments,
        environment=dict(os.environ if env is None else env),
        only_environment=True,
        cwd=str(cwd),
    )
    return subprocess.CompletedProcess(arguments, done.code, done.out, done.err)


_FORKS: list[Forks] = []
"""The process that forks for all tests of this one: it loads the program once."""


@pytest.fixture(scope="session", autouse=True)
def _commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with Forks(tmp_path_factory.mktemp("commands")) as forks:
        _FORKS.append(forks)
        yield
        _FORKS.clear()


@pytest.fixture(scope="session")
def program(_commands: None) -> Forks:
    """The forks of the loaded program, for tests that kill it or give it an environment."""
    (forks,) = _FORKS
    return forks


def hoso_json(*arguments: str | Path) -> Any:
    """Run a command with `--json` and parse its stdout, which holds nothing else."""
    return json.loads(hoso(*arguments, "--json").stdout)


@dataclass(frozen=True, slots=True)
class Ran:
    """A demo station that worked once, and what `hoso run --once --json` said."""

    station: Station
    endings: list[dict[str, Any]]
    exit_code: int

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        with open_archive(self.station.archive) as archive:
            yield archive

    def truth(self, sample: str) -> dict[str, Any]:
        text = (TRUTH / f"{sample}.json").read_text(encoding="utf-8")
        return dict(json.loads(text))


def _run_over_samples(folder: Path, *, flat: bool) -> Ran:
    station = found_demo(folder / "station", now()).station
    for path in sorted((station.root / "samples").rglob("*")):
        if path.is_file():
            place = station.inbox if flat else station.inbox / path.parent.name
            place.mkdir(exist_ok=True)
            shutil.copy(path, place / path.name)
    finished = hoso("run", "--once", "--json", "--station", station.root)
    assert finished.stderr == ""
    return Ran(station, json.loads(finished.stdout), finished.returncode)


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All samples in folders named by their dossiers."""
    return _run_over_samples(tmp_path_factory.mktemp("ran"), flat=False)


@pytest.fixture(scope="session")
def ran_flat(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All samples without their folders: only what is on the paper tells the dossier."""
    return _run_over_samples(tmp_path_factory.mktemp("flat"), flat=True)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A founded demo station that no test touches; tests copy it."""
    return found_demo(tmp_path_factory.mktemp("template") / "station", now()).station.root


@dataclass(slots=True)
class SmallStation:
    """A fresh station of one test."""

    station: Station
    endings: list[Ending] = field(default_factory=list)

    @classmethod
    def of(cls, template: Path, root: Path) -> SmallStation:
        """Copy a founded station whose services run already."""
        shutil.copytree(template, root)
        made = cls(open_station(root))
        still = {"still_seconds": 0.2, "dossier_seconds": 0.2, "incomplete_seconds": 1.0}
        off = {"personal": "off", "scans_of": ()}
        # A timestamp a day is tested where it is meant; elsewhere it would cost each run one.
        daily = {"anchor": "off"}
        made.set(
            intake=still,
            reading={"workers": 1},
            demo={"authority": ""},
            signing=off,
            evidence=daily,
        )
        return made

    def set(self, **sections: dict[str, Any]) -> None:
        """Change settings, as an operator edits hoso.toml."""
        settings: Settings = self.station.settings
        changed = {
            name: replace(getattr(settings, name), **values) for name, values in sections.items()
        }
        text = render_settings(replace(settings, **changed))
        (self.station.root / "hoso.toml").write_text(text, encoding="utf-8")
        self.station = open_station(self.station.root)

    def drop(self, sample: str, folder: str | None = None, name: str | None = None) -> Path:
        """Drop a sample `<dossier>/<file>` into the inbox, by default into its dossier's folder."""
        source = SAMPLES / sample
        place = self.station.inbox / (source.parent.name if folder is None else folder)
        place.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(source, place / (name or source.name)))

    def run(self) -> list[Ending]:
        """Run the engine once in this process; return this run's endings."""
        self.endings = []
        run_station(self.station, self.endings.append, threading.Event(), once=True)
        return self.endings

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        with open_archive(self.station.archive) as archive:
            yield archive

    def files(self, tray: Path) -> list[str]:
        """List a tray's files, relative to it; the slip of the day left out."""
        return sorted(
            path.relative_to(tray).as_posix()
            for path in tray.rglob("*")
            if path.is_file() and not path.name.startswith("PHIEU-NGAY-")
        )


@pytest.fixture(scope="module")
def services(template: Path) -> Iterator[None]:
    """The services of the throw-away PKI of the template and its copies."""
    with pki.Services(template / "authority"):
        yield


@pytest.fixture
def small(template: Path, services: None, tmp_path: Path) -> SmallStation:
    """A copy of the founded station: same keys, empty trays, services that run already."""
    return SmallStation.of(template, tmp_path / "station")


@pytest.fixture(scope="module")
def authority(template: Path) -> Iterator[Path]:
    """The demo's authority, answering."""
    with pki.Services(template / "authority"):
        yield template / "authority"


@pytest.fixture(scope="module")
def token(authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    """A token with the keys of that authority."""
    folder = tmp_path_factory.mktemp("token")
    with configured(folder) as tokens:
        yield make_token(folder, tokens, "Token THỬ NGHIỆM", authority)
