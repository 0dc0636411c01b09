"""What every page is guarded by: roles, forms of this site only, sizes, headers on every answer."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from desk.web.pages import PAGES
from tests.desk.web.conftest import SITE, Web, proof_in


@pytest.fixture(scope="module")
def browser(web: Web) -> TestClient:
    """A browser of an officer who is logged in."""
    return web.logged_in("officer")


@pytest.fixture(scope="module")
def other(web: Web) -> str:
    """The proof of somebody else's session."""
    return proof_in(web.logged_in("auditor").get("/").text)


WRITING = [page.path for page in PAGES if page.method == "POST"]


@pytest.mark.parametrize("path", WRITING)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": SITE, "sec-fetch-site": "same-site"},
        {},
    ],
    ids=["cross-site", "other origin", "null origin", "same site", "no word of the browser"],
)
def test_a_form_of_another_site_is_refused(
    browser: TestClient, path: str, headers: dict[str, str]
) -> None:
    proof = proof_in(browser.get("/").text)
    forged = TestClient(browser.app, base_url=SITE, cookies=dict(browser.cookies))
    answer = forged.post(path, data={"proof": proof}, headers=headers)
    assert answer.status_code == 403
    assert browser.get("/", follow_redirects=False).status_code == 200


@pytest.mark.parametrize("path", [path for path in WRITING if path != "/dang-nhap"])
def test_a_form_without_its_sessions_proof_is_refused(
    browser: TestClient, other: str, path: str
) -> None:
    for data in ({}, {"proof": ""}, {"proof": other}):
        assert browser.post(path, data=data).status_code == 403


@pytest.mark.parametrize(
    "path", ["/", "/dang-nhap", "/khong-co", "/static/style.css", "/static/none.css"]
)
def test_every_answer_carries_the_headers_of_safety(web: Web, path: str) -> None:
    headers = web.browser().get(path, follow_redirects=False).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    is_static = path.startswith("/static/")
    assert ("no-store" in headers["cache-control"]) != is_static


def test_nothing_of_a_page_is_inline(web: Web) -> None:
    for page in (web.browser().get("/dang-nhap"), web.logged_in("officer").get("/")):
        assert " style=" not in page.text
        assert "<script" not in page.text
        assert " onclick" not in page.text


def test_another_name_of_this_machine_is_refused(web: Web) -> None:
    assert web.browser().get("/dang-nhap", headers={"host": "evil.example"}).status_code == 400


def test_more_than_a_form_may_send_is_refused_unread(web: Web) -> None:
    answer = web.browser().post("/dang-nhap", data={"login": "x" * 100_000})
    assert answer.status_code == 413


def test_a_body_without_a_length_is_refused(web: Web) -> None:
    answer = web.browser().post("/dang-nhap", content=iter([b"login=x"]))
    assert answer.status_code == 413


def test_the_stylesheet_is_small(web: Web) -> None:
    assert len(web.browser().get("/static/style.css").content) < 30_000


HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\x00\u202e\ud800",
    "x" * 20_000,
    "' OR '1'='1",
    "../../../etc/passwd",
    "javascript:alert(1)//",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_typed_into_a_search_is_shown_as_text(browser: TestClient, text: str) -> None:
    sent = text.encode("utf-8", "surrogatepass")
    for name in ("q", "holder", "class_code", "dossier", "agency", "kind", "order", "after"):
        answer = browser.get(f"/tim?{name}={quote(sent)}")
        assert answer.status_code in (200, 404), name
        assert "<script" not in answer.text
        assert "<img src=x" not in answer.text
        assert ">49" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/giay/..%2f..%2fetc",
        "/giay/%00",
        "/ho-so/%3Cscript%3E",
        "/tep/a%2fb.pdf",
        "/static/../app.py",
    ],
)
def test_a_path_of_tricks_leads_nowhere(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "<script" not in answer.text
