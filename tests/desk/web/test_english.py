"""Who reads English meets no Vietnamese of ours; what is Vietnamese by nature says so (`lang`).

A screen reader speaks each piece in its own tongue (WCAG 2.2, 3.1.2), and no page forgets a word.
"""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from desk.web.pages import PAGES
from desk.web.routing import Page
from storage.accounts import WebRole
from tests.desk.web.addresses import address, record_of
from tests.desk.web.conftest import Web, proof_in

# The program's name is a name in every tongue; a title of a page can hold no mark.
_OWN_NAME = " · Hồ Sơ"
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
_SPOKEN = ("alt", "aria-label", "placeholder", "title")


class Reader(HTMLParser):
    """Collects what is said in English, by the nearest `lang`."""

    def __init__(self) -> None:
        super().__init__()
        self.tongues: list[tuple[str, str]] = [("", "")]
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        tongue = told.get("lang", self.tongues[-1][1])
        spoken = [told[name] for name in _SPOKEN if name in told]
        if tag == "input" and told.get("type", "text") not in ("hidden", "radio", "checkbox"):
            spoken.append(told.get("value", ""))
        if tongue == "en":
            self.said += spoken
        if tag not in _VOID:
            self.tongues.append((tag, tongue))

    def handle_endtag(self, tag: str) -> None:
        assert self.tongues.pop()[0] == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        tag, tongue = self.tongues[-1]
        if tongue == "en" and data.strip():
            self.said.append(data.removesuffix(_OWN_NAME) if tag == "title" else data.strip())


def vietnamese(page: str) -> list[str]:
    """Return what a page says in Vietnamese and calls English."""
    reader = Reader()
    reader.feed(page)
    assert reader.tongues == [("", "")], "something was never closed"
    assert reader.said, "the page says nothing in English"
    return [text for text in reader.said if any(s.isalpha() and not s.isascii() for s in text)]


@pytest.fixture(scope="module")
def readers(web: Web) -> dict[WebRole, TestClient]:
    """A browser of each role that reads English."""
    for role in WebRole:
        person = web.house.accounts.find(role.value)
        assert person is not None
        web.house.accounts.set_language(person.id, "en")
    return {role: web.logged_in(role.value) for role in WebRole}


def reading(page: Page) -> WebRole | None:
    """Return who shall read a page: the officer where that may be, who has most to do there."""
    return None if page.roles is None else max(page.roles, key=lambda role: role.value)


READ = [
    page
    for page in PAGES
    if page.method == "GET" and "." not in page.path and not page.path.startswith("/tep/")
]


@pytest.mark.parametrize("page", READ, ids=lambda page: page.path)
def test_no_page_forgets_its_english(
    web: Web, readers: dict[WebRole, TestClient], page: Page
) -> None:
    role = reading(page)
    browser = web.browser() if role is None else readers[role]
    browser.cookies.update({"ngon-ngu": "en"})
    found = vietnamese(browser.get(address(web, page)).text)
    assert not found, found


MORE = {
    WebRole.OFFICER: (
        "/khong-co",
        "/tim?q=thử+nghiệm&near=1&order=relevance",
        "/tim?q=khongcogiodau",
        "/tim?kind=dossiers",
        "/tim?missing=result",
        "/tim?class_code=GTN&role=receipt&verdict=TOTAL-PASSED&year=2026&holder=A",
        "/bao-cao?theo=unit",
        "/bao-cao?theo=field",
        "/bao-cao?theo=month",
        "/bao-cao?theo=dossier",
        "/bao-cao?tu=x",
        "/giay/{record}?trang=1&dong=2",
        "/giay/{record}?trang=9",
    ),
    WebRole.AUDITOR: (
        "/chung-minh/su-kien/3?cay=7",
        "/chung-minh/noi-tiep?tu=3",
        "/chung-minh?den=3",
        "/duyet-ky",
        "/giay/{record}",
    ),
    WebRole.ADMINISTRATOR: ("/tim",),
}


@pytest.mark.parametrize("role", WebRole)
def test_what_is_asked_for_and_what_is_refused_is_told_in_english(
    web: Web, readers: dict[WebRole, TestClient], role: WebRole
) -> None:
    found = {}
    for path in MORE[role]:
        answer = readers[role].get(path.replace("{record}", record_of(web).id))
        found[path] = vietnamese(answer.text)
    assert {path: said for path, said in found.items() if said} == {}


def test_the_chart_of_the_report_is_drawn_in_english(
    web: Web, readers: dict[WebRole, TestClient]
) -> None:
    drawn = readers[WebRole.AUDITOR].get("/bao-cao/bieu-do.svg?theo=month").text
    said = drawn.replace(web.house.station.settings.agency.name, "")
    assert "Digitisation of dossiers from" in said
    assert [sign for sign in said if sign.isalpha() and not sign.isascii()] == []


@pytest.mark.parametrize(
    "path",
    [page.path for page in PAGES if page.method == "POST" and page.roles is not None],
)
def test_what_a_form_without_words_is_answered_is_english(
    web: Web, readers: dict[WebRole, TestClient], path: str
) -> None:
    page = next(page for page in PAGES if page.method == "POST" and page.path == path)
    role = next(iter(page.roles or ()))
    if path in ("/dang-xuat", "/ngon-ngu"):
        return
    browser = readers[role]
    told = {"proof": proof_in(browser.get("/").text)}
    answer = browser.post(address(web, page), data=told)
    if answer.headers["content-type"].startswith("text/html"):
        found = vietnamese(answer.text)
        assert not found, found
