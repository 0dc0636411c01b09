"""A demo station's pages, asked in this process; people of each role, logged in by their codes."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from desk.demo import pki
from desk.moments import now
from desk.station import Station, open_station
from desk.web.house import House
from desk.web.one_time import code_at, step_of
from desk.web.people import Asking, add_person
from desk.web.serving import app_of, open_house
from storage.accounts import EVERYWHERE, WebRole
from tests.desk.forked import Forks
from tests.desk.tiny import HALVES, change_settings, drop_half, make_tiny

PASSWORD = "câu dài thử nghiệm 26"
SITE = "http://localhost"


class Clock:
    """A clock that a test moves on; what was signed before it was is not of the future."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> dt.datetime:
        return self.at

    def go(self, **ahead: float) -> None:
        self.at += dt.timedelta(**ahead)


@dataclass(frozen=True)
class Web:
    """The pages, and how to be somebody there."""

    house: House
    clock: Clock
    secrets: dict[str, bytes]
    app: Starlette

    def browser(self, address: str = "testclient") -> TestClient:
        """Return a browser that nobody logged in with."""
        headers = {"origin": SITE, "sec-fetch-site": "same-origin"}
        return TestClient(self.app, base_url=SITE, headers=headers, client=(address, 50_000))

    def add(self, login: str, role: WebRole, *agencies: str) -> None:
        """Add a person."""
        asking = Asking(
            login=login,
            name=f"{login} THỬ NGHIỆM",
            role=role,
            agencies=agencies or (EVERYWHERE,),
            by="thử nghiệm",
        )
        self.secrets[login], _ = add_person(self.house, asking, PASSWORD)

    def code(self, login: str) -> str:
        """Return the code of this moment; the clock goes on, for no code is taken twice."""
        self.clock.go(seconds=30)
        return code_at(self.secrets[login], step_of(self.clock.at))

    def logged_in(self, login: str) -> TestClient:
        """Return a browser of somebody who is logged in."""
        browser = self.browser()
        told = {"login": login, "password": PASSWORD, "code": self.code(login)}
        answer = browser.post("/dang-nhap", data=told, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return browser


def proof_in(page: str) -> str:
    """Return the proof that the forms of a page carry."""
    found = re.search(r'name="proof" value="([^"]+)"', page)
    assert found is not None, page
    return found.group(1)


@pytest.fixture(scope="session")
def filed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Station:
    """A demo station that filed three papers and waits for a release of a fourth; to be copied."""
    station = make_tiny(template, tmp_path_factory.mktemp("filed") / "station")
    with pki.Services(template / "authority"), Forks(tmp_path_factory.mktemp("forks")) as forks:
        for sample in HALVES[:3]:
            drop_half(station, sample)
        done = forks.hoso("run", "--once", "--json", "--station", station.root)
        assert done.code == 0, (done.out, done.err)
        change_settings(station.root, signing={"release": "person"})
        drop_half(station, HALVES[3])
        done = forks.hoso("run", "--once", "--json", "--station", station.root)
        assert done.code == 0, (done.out, done.err)
    return open_station(station.root)


@pytest.fixture(scope="module")
def web_station(filed: Station, tmp_path_factory: pytest.TempPathFactory) -> Station:
    """A copy of it for the tests of one file."""
    root = tmp_path_factory.mktemp("web") / "station"
    shutil.copytree(filed.root, root)
    return open_station(root)


@contextmanager
def opened(station: Station) -> Iterator[Web]:
    """Open the pages of a station, with one person of each role."""
    clock = Clock()
    with open_house(station) as house:
        house = replace(house, clock=clock)
        web = Web(house=house, clock=clock, secrets={}, app=app_of(house))
        for role in WebRole:
            web.add(role.value, role)
        yield web


@pytest.fixture(scope="module")
def web(web_station: Station) -> Iterator[Web]:
    """The pages of a station."""
    with opened(web_station) as web:
        yield web
