"""Searches kept under a name on the pages: run in the scope of that moment, one's own alone."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from storage.accounts import WebRole
from storage.saved_searches import MOST
from tests.desk.web.conftest import Web, proof_in

QUERY = "q=khai+sinh&class_code=GTN&order=relevance"


@pytest.fixture(scope="module")
def officer(web: Web) -> TestClient:
    return web.logged_in("officer")


def keep(browser: TestClient, query: str, name: str) -> int:
    proof = proof_in(browser.get("/tim").text)
    told = {"proof": proof, "name": name}
    return browser.post(f"/tim/da-luu?{query}", data=told, follow_redirects=False).status_code


def test_a_search_is_kept_run_and_deleted(web: Web, officer: TestClient) -> None:
    assert 'action="/tim/da-luu' not in officer.get("/tim").text
    assert f'action="/tim/da-luu?{QUERY}'.replace("&", "&amp;") in officer.get(f"/tim?{QUERY}").text
    assert keep(officer, f"{QUERY}&after=xyz&evil=1", " Giấy  khai sinh ") == 303
    page = officer.get("/tim").text
    link = f'<a href="/tim?{QUERY}" lang="vi">Giấy khai sinh</a>'.replace("&", "&amp;")
    assert link in page
    assert officer.get(f"/tim?{QUERY}").status_code == 200
    number = re.search(r'name="number" value="(\d+)"', page)
    assert number is not None
    told = {"proof": proof_in(page), "number": number.group(1)}
    other = web.logged_in("auditor")
    theirs = {**told, "proof": proof_in(other.get("/tim").text)}
    assert "Giấy khai sinh" not in other.get("/tim").text
    foreign = other.post("/tim/da-luu/xoa", data=theirs)
    absent = other.post("/tim/da-luu/xoa", data={**theirs, "number": "999999"})
    assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert officer.post("/tim/da-luu/xoa", data=told, follow_redirects=False).status_code == 303
    assert link not in officer.get("/tim").text
    assert officer.post("/tim/da-luu/xoa", data=told).status_code == 404


def test_what_cannot_be_kept_is_refused_in_words(web: Web, officer: TestClient) -> None:
    assert keep(officer, "q=a", "") == 409
    assert keep(officer, "&".join(f"dossier=H26.99-{n:06}-0001" for n in range(200)), "dài") == 409
    person = officer_of(web)
    for n in range(MOST):
        web.house.accounts.searches.keep(person, f"{n:02}", "q=a", web.clock())
    assert keep(officer, "q=a", "một nữa") == 409
    web.house.accounts.searches.forget(person)


def officer_of(web: Web) -> int:
    person = web.house.accounts.find("officer")
    assert person is not None
    return person.id


def test_a_kept_search_finds_nothing_outside_the_scope_of_that_moment(web: Web) -> None:
    web.add("moved", WebRole.OFFICER)
    browser = web.logged_in("moved")
    assert keep(browser, "q=&agency=H26.99", "của xã") == 303
    assert 'href="/giay/' in browser.get("/tim?agency=H26.99").text
    person = web.house.accounts.find("moved")
    assert person is not None
    web.house.accounts.set_place(person.id, WebRole.OFFICER, ["H99.01"])
    browser = web.logged_in("moved")
    page = browser.get("/tim").text
    assert "của xã" in page
    (query,) = re.findall(r'href="/tim\?([^"]+)" lang="vi">của xã', page)
    answer = browser.get(f"/tim?{query}").text
    assert 'role="status">0 kết quả' in answer
    assert 'href="/giay/' not in answer


def test_a_name_is_text_and_stands_in_no_log(web: Web, officer: TestClient) -> None:
    hostile = "<script>alert(1)</script> XOẮN"
    assert keep(officer, "q=a", hostile) == 303
    page = officer.get("/tim").text
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; XOẮN" in page
    events = web.house.archive.events
    newest = events.between(max(1, events.size() - 20), events.size()).events
    assert not [event for event in newest if b"XO" in events.body(event.seq)]
