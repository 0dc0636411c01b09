"""One's own sessions: seen with where from, ended one by one or all but this; nobody else's."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from config.vocabulary import EventType
from desk.web.one_time import code_at, step_of
from storage.accounts import NewSession, WebRole
from storage.login_means import means_of
from storage.open_sessions import mark_of
from tests.desk.web.conftest import PASSWORD, Web, proof_in

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


def is_in(browser: TestClient) -> bool:
    return browser.get("/", follow_redirects=False).status_code == 200


def marks(page: str) -> list[str]:
    return re.findall(r'name="mark" value="([^"]+)"', page)


def end(browser: TestClient, *chosen: str, **typed: str) -> int:
    """Ask for sessions to be ended; return the status."""
    data = {"proof": proof_in(browser.get("/phien").text), "mark": list(chosen), **typed}
    return browser.post("/phien", data=data, follow_redirects=False).status_code


def test_others_are_shown_and_ended_one_by_one_or_all(web: Web) -> None:
    web.add("many", WebRole.AUDITOR)
    here, second, third = (web.logged_in("many") for _ in range(3))
    second.headers["user-agent"] = FIREFOX
    away = web.browser()
    away.headers["user-agent"] = f"{FIREFOX} <script>alert(1)</script>"
    told = {"login": "many", "password": PASSWORD, "code": web.code("many")}
    away.post("/dang-nhap", data=told)
    page = here.get("/phien").text
    assert "testclient · Firefox · Windows" in page
    assert "script" not in page
    assert [here.cookies["hoso"] in page, "phiên này" in page] == [False, True]
    assert len(marks(page)) == 3
    assert end(here, mark_of(second.cookies["hoso"])) == 303
    assert [is_in(each) for each in (here, second, third, away)] == [True, False, True, True]
    assert end(here, which="others") == 303
    assert [is_in(each) for each in (here, third, away)] == [True, False, False]
    event = web.house.archive.events.newest_of(EventType.LOGIN, "web")
    assert event is not None
    assert (event.actor, event.outcome) == ("many (web)", "others ended")
    assert dict(event.detail) == {"means": "", "by": "web"}


def test_nobody_ends_a_session_of_somebody_else_or_what_is_none(web: Web) -> None:
    web.add("mine", WebRole.OFFICER)
    web.add("yours", WebRole.OFFICER)
    mine, other, yours = (web.logged_in(login) for login in ("mine", "mine", "yours"))
    foreign = mark_of(yours.cookies["hoso"])
    for mark, status in ((foreign, 404), ("0" * 16, 404), ("%", 404), ("", 404)):
        assert end(mine, mark, mark_of(other.cookies["hoso"])) == status
    assert end(mine, mark_of(mine.cookies["hoso"])) == 422
    assert end(mine) == 422
    assert [is_in(each) for each in (mine, other, yours)] == [True, True, True]
    assert foreign not in mine.get("/phien").text


def test_a_browser_that_was_left_open_throws_nobody_out(web: Web) -> None:
    web.add("left", WebRole.AUDITOR)
    here, other = web.logged_in("left"), web.logged_in("left")
    for _ in range(2):
        web.clock.go(minutes=6)
        assert is_in(here)
        assert is_in(other)
    assert 'type="password"' in here.get("/phien").text
    assert end(here, which="others") == 422
    assert end(here, which="others", password=PASSWORD, code="000000") == 422
    assert is_in(other)
    code = web.code("left")
    assert end(here, which="others", password=PASSWORD, code=code) == 303
    assert [is_in(here), is_in(other)] == [True, False]


@pytest.mark.parametrize(("minutes", "status"), [(9, 303), (11, 422)])
def test_who_has_no_password_logs_in_anew_first(web: Web, minutes: int, status: int) -> None:
    login = f"token{minutes}"
    web.add(login, WebRole.OFFICER)
    accounts = web.house.accounts
    person = accounts.find(login)
    assert person is not None
    accounts.set_secrets(person.id, "", b"")
    browser = web.browser()
    for token in ("here", "there"):
        new = NewSession(token=token + login, proof="proof", means=means_of("a" * 64))
        accounts.begin(person, new, web.clock())
    browser.cookies.set("hoso", f"here{login}")
    web.clock.go(minutes=minutes)
    assert end(browser, which="others", code=code_at(b"", step_of(web.clock()))) == status
    assert len(marks(browser.get("/phien").text)) == (0 if status == 303 else 1)


def test_what_is_over_is_not_shown_as_open(web: Web) -> None:
    web.add("idle", WebRole.AUDITOR)
    web.logged_in("idle")
    web.clock.go(minutes=16)
    assert marks(web.logged_in("idle").get("/phien").text) == []
