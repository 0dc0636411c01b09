"""Logging in and out: by the right words only, once a code, and not by storms."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.vocabulary import EventType
from desk.web.sweeping import sweep
from desk.web.verdict_shelf import emptied, shelf_of
from desk.web.views import entrance
from storage.accounts import WebRole
from tests.desk.web.conftest import PASSWORD, Web, proof_in


def outcomes(web: Web) -> list[tuple[str, str]]:
    return [
        (event.actor, event.outcome)
        for event in web.house.archive.events.events("web")
        if event.type is EventType.LOGIN
    ]


def test_who_is_not_logged_in_sees_the_form_only(web: Web) -> None:
    browser = web.browser()
    answer = browser.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dang-nhap")
    form = browser.get("/dang-nhap")
    assert form.status_code == 200
    assert 'name="password"' in form.text


def test_password_and_code_open_the_first_page_and_are_an_event(web: Web) -> None:
    told = len(outcomes(web))
    browser = web.logged_in("officer")
    home = browser.get("/")
    assert home.status_code == 200
    assert "officer THỬ NGHIỆM" in home.text
    proof = proof_in(home.text)
    assert browser.post("/dang-xuat", data={"proof": proof}).status_code == 200
    assert browser.get("/", follow_redirects=False).status_code == 303
    assert outcomes(web)[told:] == [("officer (web)", "begun"), ("officer (web)", "ended")]


def test_a_code_is_taken_once(web: Web) -> None:
    told = {"login": "officer", "password": PASSWORD, "code": web.code("officer")}
    first, second = web.browser(), web.browser()
    assert first.post("/dang-nhap", data=told, follow_redirects=False).status_code == 303
    assert second.post("/dang-nhap", data=told, follow_redirects=False).status_code == 401


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("officer", PASSWORD, "000000"),
        ("officer", PASSWORD, ""),
        ("officer", PASSWORD, "٠٠٠٠٠٠"),
        ("officer", "sai mật khẩu rồi", None),
        ("officer", "", None),
        ("nobody", PASSWORD, "000000"),
        ("' OR 1=1 --", PASSWORD, "000000"),
    ],
)
def test_anything_else_does_not_and_all_refusals_look_alike(
    web: Web, login: str, password: str, code: str | None
) -> None:
    right = web.code("officer") if code is None else code
    web.clock.go(minutes=16)  # so that the cases before do not count
    told = {"login": login, "password": password, "code": right}
    answer = web.browser().post("/dang-nhap", data=told, follow_redirects=False)
    assert answer.status_code == 401
    assert "không đúng" in answer.text
    assert "set-cookie" not in answer.headers


def test_five_failures_close_a_login_for_a_quarter_of_an_hour(web: Web) -> None:
    web.add("closing", WebRole.AUDITOR)
    wrong = {"login": "Closing", "password": PASSWORD, "code": "000000"}
    for _ in range(5):
        assert web.browser().post("/dang-nhap", data=wrong).status_code == 401
    right = {**wrong, "code": web.code("closing")}
    assert web.browser().post("/dang-nhap", data=right).status_code == 401
    assert outcomes(web)[-1] == ("closing (web)", "closed")
    web.logged_in("officer")
    web.clock.go(minutes=15)
    web.logged_in("closing")


def test_an_idle_session_ends_and_no_session_lasts_for_ever(web: Web) -> None:
    browser = web.logged_in("officer")
    web.clock.go(minutes=14)
    assert browser.get("/", follow_redirects=False).status_code == 200
    web.clock.go(minutes=16)
    assert browser.get("/", follow_redirects=False).status_code == 303
    busy = web.logged_in("officer")
    for _ in range(61):
        web.clock.go(minutes=10)
        status = busy.get("/", follow_redirects=False).status_code
    assert status == 303


def test_a_session_that_was_chosen_beforehand_is_none(web: Web) -> None:
    browser = web.browser()
    browser.cookies.set("hoso", "a-token-of-somebody-else")
    told = {"login": "officer", "password": PASSWORD, "code": web.code("officer")}
    answer = browser.post("/dang-nhap", data=told, follow_redirects=False)
    assert "a-token-of-somebody-else" not in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]


def test_a_closed_person_is_out_at_once(web: Web) -> None:
    web.add("leaving", WebRole.OFFICER)
    browser = web.logged_in("leaving")
    person = web.house.accounts.find("leaving")
    assert person is not None
    web.house.accounts.set_closed(person.id, web.clock())
    assert browser.get("/", follow_redirects=False).status_code == 303
    told = {"login": "leaving", "password": PASSWORD, "code": web.code("leaving")}
    assert web.browser().post("/dang-nhap", data=told).status_code == 401


def test_another_language_is_remembered(web: Web) -> None:
    web.add("reading", WebRole.OFFICER)
    browser = web.logged_in("reading")
    proof = proof_in(browser.get("/").text)
    told = {"proof": proof, "language": "en", "back": "//evil.example/"}
    answer = browser.post("/ngon-ngu", data=told, follow_redirects=False)
    assert answer.headers["location"] == "/"
    assert '<html lang="en">' in browser.get("/").text
    assert '<html lang="en">' in web.logged_in("reading").get("/").text


def test_what_is_tried_while_a_login_is_closed_keeps_nobody_out_for_longer(web: Web) -> None:
    web.add("waiting", WebRole.AUDITOR)
    wrong = {"login": "waiting", "password": PASSWORD, "code": "000000"}
    for _ in range(5):
        web.browser().post("/dang-nhap", data=wrong)
    web.clock.go(minutes=10)
    assert web.browser().post("/dang-nhap", data=wrong).status_code == 401
    web.clock.go(minutes=5)
    web.logged_in("waiting")


def test_a_storm_costs_neither_hashes_nor_lines_of_the_log(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.clock.go(minutes=16)
    monkeypatch.setattr(entrance, "_MOST_OF_ADDRESS", 6)
    hashed: list[str] = []

    def is_password(known: str, typed: str) -> bool:
        hashed.append(typed)
        return False

    monkeypatch.setattr(entrance, "is_password", is_password)
    told = len(outcomes(web))
    browser = web.browser()
    for number in range(40):
        wrong = {"login": f"storm{number}", "password": "x", "code": "000000"}
        assert browser.post("/dang-nhap", data=wrong).status_code == 401
    assert (len(hashed), len(outcomes(web)) - told) == (6, 6)
    web.clock.go(minutes=16)


def test_many_guesses_at_once_are_counted_one_by_one(web: Web) -> None:
    web.clock.go(minutes=16)
    web.add("guessed", WebRole.AUDITOR)
    wrong = {"login": "guessed", "password": "sai mật khẩu", "code": "000000"}
    told = len(outcomes(web))
    with web.browser() as browser, ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(browser.post, "/dang-nhap", data=wrong) for _ in range(12)]
        assert {answer.result().status_code for answer in answers} == {401}
    kinds = [outcome for _, outcome in outcomes(web)[told:]]
    assert (kinds.count("refused"), kinds.count("closed")) == (5, 7)
    web.clock.go(minutes=16)


def test_whoever_logs_in_again_leaves_no_session_open(web: Web) -> None:
    browser = web.logged_in("officer")
    before = browser.cookies["hoso"]
    told = {"login": "officer", "password": PASSWORD, "code": web.code("officer")}
    assert browser.post("/dang-nhap", data=told, follow_redirects=False).status_code == 403
    told["proof"] = proof_in(browser.get("/").text)
    answer = browser.post("/dang-nhap", data=told, follow_redirects=False)
    assert answer.status_code == 303
    assert browser.cookies["hoso"] != before
    assert web.house.accounts.session(before) is None


def test_what_is_over_is_swept_away(web: Web) -> None:
    web.add("idle", WebRole.AUDITOR)
    idle, busy = web.logged_in("idle"), web.logged_in("officer")
    assert web.browser().post("/dang-nhap", data={"login": "x"}).status_code == 401
    shelf = shelf_of(web.house.archive)
    left = shelf.new_folder() / "tmp" / "0.pdf"
    left.parent.mkdir()
    left.write_bytes(b"%PDF-")
    os.utime(left.parent.parent, times=(web.clock.at.timestamp(),) * 2)
    web.clock.go(minutes=14)
    assert busy.get("/", follow_redirects=False).status_code == 200
    web.clock.go(minutes=2)
    sweep(web.house)
    sessions = web.house.accounts
    assert left.exists()
    assert sessions.session(idle.cookies["hoso"]) is None
    assert sessions.session(busy.cookies["hoso"]) is not None
    assert list(sessions._db.rows("SELECT * FROM failure")) == []
    with emptied(shelf):
        assert not left.exists()
    left.parent.mkdir(parents=True)
    os.utime(left.parent.parent, times=(web.clock.at.timestamp() - 1801,) * 2)
    sweep(web.house)
    assert not left.parent.exists()
