"""Storms of guesses: they end, fill nothing, and keep nobody out of a browser that is known."""

from __future__ import annotations

import pytest
from starlette.datastructures import FormData
from starlette.requests import Request

from config.vocabulary import EventType
from desk.web.house import Asked
from desk.web.sweeping import sweep
from desk.web.views import entrance
from storage.accounts import WebRole
from tests.desk.web.conftest import PASSWORD, Web

WRONG = {"password": PASSWORD, "code": "000000"}


def asked_from(web: Web, address: str, login: str = "") -> Asked:
    """Return what somebody asks who is not logged in."""
    scope = {"type": "http", "headers": [], "client": (address, 1), "method": "POST"}
    return Asked(
        house=web.house,
        request=Request(scope),
        session=None,
        form=FormData({**WRONG, "login": login}),
        language="vi",
        at=web.clock.at,
    )


def guess(web: Web, login: str, address: str) -> None:
    """Guess once, from an address."""
    assert entrance.recognize(asked_from(web, address, login), login) is None


def logins(web: Web) -> list[str]:
    """Return how each login ended that the log tells of."""
    events = web.house.archive.events.events("web")
    return [event.outcome for event in events if event.type is EventType.LOGIN]


def failures(web: Web) -> int:
    """Return how many failures are kept."""
    return len(list(web.house.accounts._db.rows("SELECT * FROM failure")))


@pytest.mark.parametrize("tries", [1_000, pytest.param(20_000, marks=pytest.mark.soak)])
def test_a_thousand_guesses_from_everywhere_cost_few_hashes_lines_and_rows(
    web: Web, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.clock.go(minutes=16)
    sweep(web.house)
    known = web.logged_in("officer")
    hashed: list[str] = []
    monkeypatch.setattr(entrance, "_MOST_OF_ALL", 60)
    with monkeypatch.context() as patched:
        patched.setattr(entrance, "is_password", lambda _, typed: hashed.append(typed))
        told = len(logins(web))
        for number in range(tries):
            guess(web, f"storm{number % 97}", f"10.9.{number // 250}.{number % 250}")
    assert len(hashed) == 60
    assert logins(web)[told:] == ["refused"] * 60 + ["storm"]
    assert failures(web) == 3 * 60
    right = {"login": "officer", "password": PASSWORD, "code": web.code("officer")}
    assert web.browser().post("/dang-nhap", data=right).status_code == 401
    known.cookies.delete("hoso")
    assert known.post("/dang-nhap", data=right, follow_redirects=False).status_code == 303
    web.clock.go(minutes=15)
    web.logged_in("officer")
    sweep(web.house)
    assert failures(web) == 0


def test_guesses_of_others_keep_nobody_out_of_a_browser_that_is_known(web: Web) -> None:
    web.add("besieged", WebRole.AUDITOR)
    known = web.logged_in("besieged")
    known.cookies.delete("hoso")
    for number in range(5):
        guess(web, "besieged", f"10.8.0.{number}")
    right = {"login": "besieged", "password": PASSWORD, "code": web.code("besieged")}
    assert web.browser().post("/dang-nhap", data=right).status_code == 401
    right["code"] = web.code("besieged")
    assert known.post("/dang-nhap", data=right, follow_redirects=False).status_code == 303


def test_a_browser_that_is_known_has_five_tries_of_its_own(web: Web) -> None:
    web.add("forgetful", WebRole.AUDITOR)
    known = web.logged_in("forgetful")
    known.cookies.delete("hoso")
    for _ in range(5):
        assert known.post("/dang-nhap", data={**WRONG, "login": "Forgetful"}).status_code == 401
    right = {"login": "forgetful", "password": PASSWORD, "code": web.code("forgetful")}
    assert known.post("/dang-nhap", data=right).status_code == 401
    assert logins(web)[-1] == "closed"
    right["code"] = web.code("forgetful")
    assert web.browser().post("/dang-nhap", data=right, follow_redirects=False).status_code == 303


def test_a_browser_is_known_for_who_logged_in_there_and_cannot_be_claimed(web: Web) -> None:
    web.add("first", WebRole.AUDITOR)
    web.add("second", WebRole.AUDITOR)
    shared = web.logged_in("first")
    mine = shared.cookies["hoso-may"]
    assert "first" not in mine
    for number in range(5):
        guess(web, "second", f"10.7.0.{number}")
    right = {"login": "second", "password": PASSWORD, "code": web.code("second")}
    for claimed in (mine, mine[:32] + "0" * 32, "x", "é", ".".join([mine] * 20)):
        browser = web.browser()
        browser.cookies.set("hoso-may", claimed.encode("ascii", "replace").decode())
        assert browser.post("/dang-nhap", data=right).status_code == 401
    web.clock.go(minutes=16)
    shared.cookies.delete("hoso")
    right["code"] = web.code("second")
    assert shared.post("/dang-nhap", data=right, follow_redirects=False).status_code == 303
    # Both are known there now.
    shared.cookies.delete("hoso")
    for login in ("first", "second"):
        for number in range(5):
            guess(web, login, f"10.6.0.{number}")
        again = {"login": login, "password": PASSWORD, "code": web.code(login)}
        assert shared.post("/dang-nhap", data=again, follow_redirects=False).status_code == 303
        shared.cookies.delete("hoso")


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.1.2.3", "::ffff:10.1.2.4", False),
        ("10.1.2.3", "10.1.2.4", False),
        ("testclient", "elsewhere", False),
    ],
)
def test_addresses_of_one_network_are_one(
    web: Web, monkeypatch: pytest.MonkeyPatch, first: str, second: str, is_one: bool
) -> None:
    web.clock.go(minutes=16)
    monkeypatch.setattr(entrance, "_MOST_OF_ADDRESS", 2)
    for _ in range(2):
        entrance.count_failures(asked_from(web, first))
    assert entrance.is_storm(asked_from(web, first))
    assert entrance.is_storm(asked_from(web, second)) is is_one


def test_a_storm_of_certificates_of_nobody_fills_no_log(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.clock.go(minutes=16)
    sweep(web.house)
    monkeypatch.setattr(entrance, "_MOST_OF_ALL", 7)
    told = len(logins(web))
    for number in range(40):
        asked = asked_from(web, f"10.5.0.{number}")
        entrance.refuse_stranger(asked, "UNKNOWN_CERTIFICATE", f"certificate {number}")
    assert logins(web)[told:] == ["refused"] * 7 + ["storm"]
    assert failures(web) == 3 * 7
