"""One's own password: by the one in use and a code, ending all else; and one that was only lent."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from config.vocabulary import EventType
from storage.accounts import WebRole
from tests.desk.web.conftest import PASSWORD, Web, proof_in

CHOSEN = "bốn con trâu ra đồng"


def change(web: Web, browser: TestClient, login: str, **typed: str) -> tuple[int, str]:
    """Ask for another password; return the status and what the page says."""
    told = {"password": PASSWORD, "new": CHOSEN, "again": CHOSEN, **typed}
    told.setdefault("code", web.code(login))
    told["proof"] = proof_in(browser.get("/mat-khau").text)
    answer = browser.post("/mat-khau", data=told, follow_redirects=False)
    return answer.status_code, answer.text


def enters(web: Web, login: str, password: str) -> TestClient | None:
    """Return a browser in which a password logs somebody in, or None."""
    browser = web.browser()
    told = {"login": login, "password": password, "code": web.code(login)}
    status = browser.post("/dang-nhap", data=told, follow_redirects=False).status_code
    return browser if status == 303 else None


def test_a_new_password_ends_every_other_session_and_is_an_event_without_it(web: Web) -> None:
    web.add("changing", WebRole.AUDITOR)
    here, elsewhere = web.logged_in("changing"), web.logged_in("changing")
    before = here.cookies["hoso"]
    assert change(web, here, "changing")[0] == 303
    assert "Đã đổi mật khẩu" in here.get("/mat-khau?xong=1").text
    assert here.cookies["hoso"] != before
    assert web.house.accounts.session(before) is None
    assert elsewhere.get("/", follow_redirects=False).status_code == 303
    assert enters(web, "changing", PASSWORD) is None
    assert enters(web, "changing", CHOSEN) is not None
    event = web.house.archive.events.newest_of(EventType.SETTING, "people")
    assert event is not None
    assert (event.actor, event.outcome) == ("changing (web)", "password changed")
    assert dict(event.detail) == {"login": "changing"}


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"password": "một câu sai hoàn toàn"}, 401),
        ({"code": "000000"}, 401),
        ({"again": CHOSEN + " "}, 422),
        ({"new": PASSWORD, "again": PASSWORD}, 422),
        ({"new": "mật khẩu dễ đoán", "again": "mật khẩu dễ đoán"}, 422),
        ({"new": "x" * 250 + "đủ nămchữ", "again": "x" * 250 + "đủ nămchữ"}, 422),
    ],
)
def test_what_is_not_right_changes_nothing(web: Web, typed: dict[str, str], status: int) -> None:
    web.clock.go(minutes=16)
    browser = web.logged_in("officer")
    kept = web.house.accounts.find("officer")
    answered, page = change(web, browser, "officer", **typed)
    assert answered == status
    assert 'role="alert"' in page
    assert not [word for word in (PASSWORD, CHOSEN) if word in page]
    now = web.house.accounts.find("officer")
    assert kept is not None
    assert now is not None
    assert now.password == kept.password
    assert browser.get("/", follow_redirects=False).status_code == 200


def test_a_session_left_open_guesses_five_times_only(web: Web) -> None:
    web.add("away", WebRole.AUDITOR)
    browser = web.logged_in("away")
    for number in range(5):
        assert change(web, browser, "away", password=f"lần đoán số {number}")[0] == 401
    assert change(web, browser, "away")[0] == 401
    web.clock.go(minutes=14)
    browser.get("/")
    web.clock.go(minutes=2)
    assert change(web, browser, "away")[0] == 303


def test_a_password_that_was_drawn_opens_the_form_of_a_new_one_only(web: Web) -> None:
    administrator = web.logged_in("administrator")
    web.add("lent", WebRole.OFFICER)
    told = {"proof": proof_in(administrator.get("/").text), "login": "lent"}
    page = administrator.post("/nguoi-dung/moi", data=told).text
    drawn, secret = re.findall(r'<dd class="code">([^<]+)</dd>', page)[:2]
    person = web.house.accounts.find("lent")
    assert person is not None
    opened = web.house.key.open(person.one_time)
    assert opened is not None
    web.secrets["lent"] = opened
    browser = enters(web, "lent", drawn)
    assert browser is not None
    for path in ("/", "/tim", "/duyet-ky", "/kiem-tra", "/phien"):
        answer = browser.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/mat-khau")
    assert secret not in browser.get("/mat-khau").text
    assert change(web, browser, "lent", password=drawn)[0] == 303
    assert browser.get("/tim", follow_redirects=False).status_code == 200
    assert enters(web, "lent", CHOSEN) is not None


def test_a_password_that_was_drawn_and_not_used_ends_after_a_week(web: Web) -> None:
    web.add("slow", WebRole.OFFICER)
    person = web.house.accounts.find("slow")
    assert person is not None
    accounts = web.house.accounts
    accounts.set_secrets(person.id, person.password, person.one_time, web.clock())
    web.clock.go(days=7, minutes=1)
    assert enters(web, "slow", PASSWORD) is None
    accounts.set_secrets(person.id, person.password, person.one_time, web.clock())
    assert enters(web, "slow", PASSWORD) is not None
