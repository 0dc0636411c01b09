"""What every page is guarded by: roles, forms of this site only, sizes, headers on every answer."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from desk.errors import PathUnusable
from desk.web.pages import PAGES
from desk.web.serving import _listen, _temporary
from storage.errors import DatabaseBusy
from storage.workshops import is_at_work
from tests.desk.web.addresses import record_of
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
        {"origin": SITE.replace("http:", "https:")},
        {"origin": SITE, "sec-fetch-site": "same-site"},
        {},
    ],
    ids=[
        "cross-site",
        "other origin",
        "null origin",
        "other scheme",
        "same site",
        "no word of the browser",
    ],
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


def test_nothing_is_shown_that_the_log_cannot_tell(
    web: Web, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = web.house.archive.records.newest(1)[0]
    code = record.links[0].dossier_code
    auditor, administrator = web.logged_in("auditor"), web.logged_in("administrator")
    places = [
        (browser, f"/giay/{record.id}"),
        (browser, f"/giay/{record.id}/trang/1.png"),
        (browser, f"/tep/{record.id}.pdf"),
        (browser, f"/tep/{record.id}/ban-goc"),
        (browser, f"/ho-so/{code}"),
        (browser, f"/ho-so/{code}/goi.zip"),
        (browser, "/tim?q=a"),
        (browser, "/tim?missing=result"),
        (browser, "/bao-cao"),
        (browser, "/bao-cao/so-hoa.csv"),
        (browser, "/duyet-ky"),
        (auditor, "/chung-minh"),
        (auditor, "/chung-minh/su-kien/1"),
        (auditor, "/chung-minh/su-kien/1.json"),
        (auditor, "/chung-minh/noi-tiep?tu=1"),
        (administrator, "/nguoi-dung"),
        (administrator, "/he-thong"),
    ]

    def refuse(*_: object) -> None:
        raise DatabaseBusy("Kho đang bận.", "the archive is busy")

    monkeypatch.setattr(web.house.archive.events, "append", refuse)
    monkeypatch.setattr(web.house.log, "_append", refuse)
    for asking, path in places:
        answer = asking.get(path)
        assert answer.status_code == 409, path
        assert "Kho đang bận" in answer.text
        assert code not in answer.text.replace(path, "")


def test_more_uploads_at_once_than_one_person_may_send_are_refused(
    web: Web, browser: TestClient
) -> None:
    person = web.house.accounts.find("officer")
    assert person is not None
    name, proof = f"upload-{person.id}", proof_in(browser.get("/").text)
    with ExitStack() as sending:
        for _ in range(2):
            assert sending.enter_context(web.house.turns.one_of(name, 2))
        answer = browser.post("/kiem-tra", data={"proof": proof})
        assert (answer.status_code, "đang gửi tệp khác" in answer.text) == (429, True)
        auditor = web.logged_in("auditor")
        told = {"proof": proof_in(auditor.get("/").text)}
        assert auditor.post("/kiem-tra", data=told).status_code == 422
    assert browser.post("/kiem-tra", data={"proof": proof}).status_code == 422


def test_a_name_of_a_file_is_no_header_and_turns_no_text_round(
    web: Web, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = web.house.archive.records.newest(1)[0]
    name = 'a"; filename=b.exe\r\nset-cookie: x=1\u202egnp.\ud800'
    hostile = replace(record, original_name=name)
    monkeypatch.setattr(web.house.archive.records, "get", lambda _: hostile)
    answer = browser.get(f"/tep/{record.id}/ban-goc")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert not set(disposition.removeprefix("attachment; ")) & set('" ;\r\n')
    assert (
        int(answer.headers["content-length"]) == len(answer.content) == record.original.size_bytes
    )


def test_a_file_that_has_changed_is_not_given_out(web: Web, browser: TestClient) -> None:
    record = web.house.archive.records.newest(1)[0]
    path = web.house.archive.objects.path(record.pdf.sha256)
    whole = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(whole[:-1] + b"?")
    try:
        for place in (f"/tep/{record.id}.pdf", f"/giay/{record.id}/trang/1.png"):
            answer = browser.get(place)
            assert (answer.status_code, "đã bị thay đổi" in answer.text) == (409, True)
    finally:
        path.write_bytes(whole)
        path.chmod(0o444)


def test_the_reason_of_an_export_is_read_by_auditors_and_stands_not_in_the_log(
    web: Web, browser: TestClient
) -> None:
    reason = "Theo yêu cầu của bà XOẮN THỬ NGHIỆM"
    told = {"proof": proof_in(browser.get("/").text), "reason": reason}
    assert browser.post("/tim/danh-sach.csv", data=told).status_code == 200
    event = web.house.archive.events.events("web")[-1]
    assert event.outcome == "list"
    assert b"XO" not in web.house.archive.events.body(event.seq)
    page = web.logged_in("auditor").get(f"/chung-minh/su-kien/{event.seq}")
    assert reason in page.text
    mark = str(event.detail["reason"])
    web.house.accounts._db.execute("UPDATE reason SET said = 'khác' WHERE mark = ?", (mark,))
    assert web.house.accounts.reason(mark) is None


def test_what_looked_at_a_paper_is_told_to_auditors_and_makes_no_page_long(
    web: Web, browser: TestClient
) -> None:
    record = web.house.archive.records.newest(2)[-1]
    for _ in range(3):
        page = browser.get(f"/giay/{record.id}").text
    assert ">xem</td>" not in page
    assert ">lưu kho</td>" in page
    shown = web.logged_in("auditor").get(f"/giay/{record.id}").text
    assert shown.count(">xem</td>") >= 3


def test_a_list_is_given_whole_whatever_page_of_it_was_looked_at(
    web: Web, browser: TestClient
) -> None:
    told = {"proof": proof_in(browser.get("/").text), "reason": "thử nghiệm"}
    for query in ("after=xyz", "kind=dossiers", "q=a&after=2"):
        answer = browser.post(f"/tim/danh-sach.csv?{query}", data=told)
        assert answer.status_code == 200, query
        assert answer.text.count("\r\n") > 1


def test_filters_are_told_apart_in_the_log_and_name_nobody(web: Web, browser: TestClient) -> None:
    marks = []
    for holder in ("XOẮN THỬ NGHIỆM", "XOẮN THỬ NGHIỆM", "KHOẮNG THỬ NGHIỆM"):
        assert browser.get(f"/tim?holder={quote(holder)}").status_code == 200
        event = web.house.archive.events.events("web")[-1]
        assert "NGHI" not in str(event.detail)
        marks.append(event.detail["filters"])
    assert marks[0] == marks[1] != marks[2]


def test_a_socket_that_is_served_is_not_taken_over(tmp_path: Path) -> None:
    place = tmp_path / "s"
    with _listen("", 0, str(place)):
        with pytest.raises(PathUnusable, match="already in use"):
            _listen("", 0, str(place))
        assert place.is_socket()
    _listen("", 0, str(place)).close()


def test_what_is_written_for_a_while_lies_where_no_engine_clears_it(web: Web) -> None:
    with _temporary(web.house):
        folder = Path(tempfile.gettempdir())
        assert folder.is_relative_to(web.house.archive.staging)
        assert is_at_work(folder.parent)
    assert not folder.parent.exists()
    assert Path(tempfile.gettempdir()) != folder


@pytest.mark.parametrize("digits", [13, 30, 5_000])
def test_a_number_that_is_longer_than_any_names_nothing(web: Web, digits: int) -> None:
    number = "9" * digits
    reader = web.logged_in("auditor")
    for path in (
        f"/chung-minh/su-kien/{number}",
        f"/chung-minh/su-kien/{number}.json",
        f"/giay/{'0' * 36}/truong/{number}.png",
        f"/kiem-tra/{'A' * 32}/hinh/{number}",
    ):
        assert reader.get(path).status_code == 404
    assert reader.get(f"/chung-minh?den={number}").status_code == 200
    assert reader.get(f"/giay/{record_of(web).id}/viec?truoc={number}").status_code == 200
