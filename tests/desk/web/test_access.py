"""Each page, each role, own and foreign agency: a table made from that of the pages.

A new page without an entry fails: somebody must say who may ask for it, and what of it is scoped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from config.vocabulary import Role
from desk.views import view_dossier
from desk.web.pages import PAGES
from desk.web.routing import Page
from desk.web.views import records
from storage.accounts import WebRole
from storage.archive import Archive
from storage.login_means import KnownCertificate
from storage.model import NewLink, Record
from storage.register import Dossier, RegisterBatch
from tests.desk.web.addresses import address, record_of
from tests.desk.web.conftest import Web, proof_in

OFFICER, AUDITOR, ADMINISTRATOR = WebRole.OFFICER, WebRole.AUDITOR, WebRole.ADMINISTRATOR
READ = {OFFICER, AUDITOR}
EVERYBODY = {OFFICER, AUDITOR, ADMINISTRATOR}


@dataclass(frozen=True)
class Entry:
    """Who may ask for a page, and what it answers who may."""

    roles: set[WebRole] | None
    """None: anybody, logged in or not."""
    status: int = 200
    is_scoped: bool = False
    """Whether a foreign agency's paper is answered as one that does not exist."""


ENTRIES = {
    ("GET", "/"): Entry(EVERYBODY),
    ("GET", "/dang-nhap"): Entry(None),
    ("POST", "/dang-nhap"): Entry(None, 401),
    ("GET", "/dang-nhap/chung-thu"): Entry(None),
    ("POST", "/dang-nhap/chung-thu"): Entry(None, 401),
    ("GET", "/dang-nhap/ky"): Entry(None),
    ("POST", "/dang-nhap/ky"): Entry(None, 303),
    ("POST", "/dang-nhap/ky/xong"): Entry(None, 409),
    ("POST", "/dang-xuat"): Entry(EVERYBODY, 303),
    ("POST", "/ngon-ngu"): Entry(None, 303),
    ("GET", "/mat-khau"): Entry(EVERYBODY),
    ("POST", "/mat-khau"): Entry(EVERYBODY, 422),
    ("GET", "/phien"): Entry(EVERYBODY),
    ("POST", "/phien"): Entry(EVERYBODY, 422),
    ("GET", "/kiem-tra"): Entry(READ),
    ("POST", "/kiem-tra"): Entry(READ, 422),
    ("GET", "/kiem-tra/{asking}"): Entry(READ, 404),
    ("GET", "/kiem-tra/{asking}/{number:int}/bao-cao.{form}"): Entry(READ, 404),
    ("GET", "/kiem-tra/{asking}/hinh/{number:int}"): Entry(READ, 404),
    ("GET", "/duyet-ky"): Entry({OFFICER}),
    ("POST", "/duyet-ky"): Entry({OFFICER}, 409),
    ("POST", "/duyet-ky/xem-lai"): Entry({OFFICER}, 409),
    ("POST", "/duyet-ky/do-dang"): Entry({OFFICER}, 404),
    ("GET", "/duyet-ky/{submission}/{paper:int}.png"): Entry({OFFICER}, 200, is_scoped=True),
    ("GET", "/chung-minh"): Entry({AUDITOR}),
    ("POST", "/chung-minh/kiem-tra"): Entry({AUDITOR}),
    ("GET", "/chung-minh/chua-ket-thuc"): Entry({AUDITOR}),
    ("GET", "/chung-minh/noi-tiep"): Entry({AUDITOR}, 422),
    ("GET", "/chung-minh/su-kien"): Entry({AUDITOR}, 303),
    ("GET", "/chung-minh/su-kien/{seq:int}"): Entry({AUDITOR}),
    ("GET", "/chung-minh/su-kien/{seq:int}.json"): Entry({AUDITOR}),
    ("GET", "/chung-minh/han"): Entry(READ),
    ("GET", "/bao-cao"): Entry(READ),
    ("GET", "/bao-cao/so-hoa.csv"): Entry(READ),
    ("GET", "/bao-cao/bieu-do.svg"): Entry(READ),
    ("GET", "/nguoi-dung"): Entry({ADMINISTRATOR}),
    ("POST", "/nguoi-dung"): Entry({ADMINISTRATOR}, 409),
    ("POST", "/nguoi-dung/moi"): Entry({ADMINISTRATOR}, 404),
    ("POST", "/nguoi-dung/vai-tro"): Entry({ADMINISTRATOR}, 409),
    ("POST", "/nguoi-dung/dong"): Entry({ADMINISTRATOR}, 404),
    ("POST", "/nguoi-dung/chung-thu"): Entry({ADMINISTRATOR}, 409),
    ("POST", "/nguoi-dung/chung-thu/go"): Entry({ADMINISTRATOR}, 404),
    ("GET", "/he-thong"): Entry({ADMINISTRATOR}),
    ("GET", "/tim"): Entry(READ),
    ("POST", "/tim/danh-sach.csv"): Entry(READ),
    ("POST", "/tim/da-luu"): Entry(READ, 409),
    ("POST", "/tim/da-luu/xoa"): Entry(READ, 404),
    ("GET", "/ho-so/{code}"): Entry(READ, is_scoped=True),
    ("GET", "/giay/{record}"): Entry(READ, is_scoped=True),
    ("GET", "/giay/{record}/viec"): Entry(READ, is_scoped=True),
    ("GET", "/giay/{record}/sua"): Entry({OFFICER}, is_scoped=True),
    ("POST", "/giay/{record}/sua"): Entry({OFFICER}, 409, is_scoped=True),
    ("POST", "/giay/{record}/hoan-tac"): Entry({OFFICER}, 409, is_scoped=True),
    ("GET", "/giay/{record}/trang/{page}.png"): Entry(READ, is_scoped=True),
    ("GET", "/giay/{record}/trang/{page}/dong.png"): Entry(READ, is_scoped=True),
    ("GET", "/giay/{record}/truong/{number:int}.png"): Entry(READ, is_scoped=True),
    ("GET", "/tep/{record}.pdf"): Entry(READ, is_scoped=True),
    ("GET", "/tep/{record}/ban-goc"): Entry(READ, is_scoped=True),
    ("GET", "/tep/{record}/goi.zip"): Entry(READ, is_scoped=True),
    ("GET", "/ho-so/{code}/goi.zip"): Entry(READ, is_scoped=True),
}


def key_of(page: Page) -> tuple[str, str]:
    return page.method, page.path


def test_every_page_has_its_entry() -> None:
    assert {key_of(page) for page in PAGES} == set(ENTRIES)


def ask(web: Web, page: Page, browser: TestClient, *, is_known: bool) -> int:
    path = address(web, page)
    if page.method == "GET":
        return browser.get(path, follow_redirects=False).status_code
    data = {"proof": proof_in(browser.get("/").text)} if is_known else {}
    if page.path.endswith(".csv"):
        data["reason"] = "thử nghiệm"
    return browser.post(path, data=data, follow_redirects=False).status_code


@pytest.fixture(scope="module")
def browsers(web: Web) -> dict[WebRole, TestClient]:
    """A browser of each role, logged in."""
    return {role: web.logged_in(role.value) for role in WebRole}


@pytest.fixture
def foreign(web: Web) -> TestClient:
    """A browser of somebody of another agency; logged in anew: other logins took their minutes."""
    if web.house.accounts.find("foreign") is None:
        web.add("foreign", OFFICER, "H99.01")
    return web.logged_in("foreign")


@pytest.mark.parametrize("page", PAGES, ids=key_of)
def test_nobody_unknown_gets_more_than_the_form(web: Web, page: Page) -> None:
    status = ask(web, page, web.browser(), is_known=False)
    assert status == (
        303 if ENTRIES[key_of(page)].roles is not None else ENTRIES[key_of(page)].status
    )


@pytest.mark.parametrize("role", WebRole)
@pytest.mark.parametrize("page", PAGES, ids=key_of)
def test_a_page_answers_its_roles_and_no_others(
    web: Web, browsers: dict[WebRole, TestClient], page: Page, role: WebRole
) -> None:
    entry = ENTRIES[key_of(page)]
    if page.path.startswith(("/dang-nhap", "/dang-xuat")):
        return  # who is logged in is sent on, or out: tested with the entrance
    status = ask(web, page, browsers[role], is_known=True)
    assert status == (entry.status if entry.roles is None or role in entry.roles else 403)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if ENTRIES[key_of(page)].is_scoped], ids=key_of
)
def test_what_is_of_another_agency_is_as_what_does_not_exist(
    web: Web, foreign: TestClient, page: Page
) -> None:
    path = address(web, page)
    record = record_of(web)
    none = path.replace(record.id, "0" * 8 + record.id[8:])
    none = none.replace(record.links[0].dossier_code, "H26.99-261105-9999")
    told = {"proof": proof_in(foreign.get("/").text)} if page.method == "POST" else None
    theirs, absent = (foreign.request(page.method, place, data=told) for place in (path, none))
    assert (theirs.status_code, absent.status_code) == (404, 404)
    assert theirs.content.replace(path.encode(), b"") == absent.content.replace(none.encode(), b"")


def test_a_search_of_another_agency_finds_and_counts_nothing(web: Web, foreign: TestClient) -> None:
    code = record_of(web).links[0].dossier_code
    agency = code.partition("-")[0]
    for query in ("", code, "hộ tịch", "a"):
        for more in ("", f"&agency={agency}", "&kind=dossiers", f"&dossier={code}", "&near=1"):
            answer = foreign.get(f"/tim?q={query}{more}").text
            assert 'role="status">0 kết quả' in answer
            assert 'href="/giay/' not in answer
            assert 'href="/ho-so/' not in answer
            assert f">{agency}<" not in answer.partition("<aside")[2]
    missing = foreign.get("/tim?missing=result").text
    assert 'href="/ho-so/' not in missing


THERE, THEIR_APPLICANT = "H98.02-261105-0009", "KHOẮNG XOẮN THỬ NGHIỆM"


@pytest.fixture(scope="module")
def shared(web: Web) -> Record:
    """A paper that lies in dossiers of two agencies, the other one's first."""
    archive = web.house.archive
    record = archive.records.newest(3)[-1]
    entry = Dossier(
        code=THERE,
        title="Khoắng thử nghiệm",
        procedure_code="9.999999",
        agency_code="H98.02",
        agency_name="UBND phường Khác",
        applicant=THEIR_APPLICANT,
    )
    archive.register.load(RegisterBatch(dossiers=(entry,)))
    archive.link(
        record.id,
        NewLink(dossier_code=THERE, role=Role.RESULT),
        actor="thử nghiệm",
        at=web.clock(),
    )
    archive.catch_up()
    return archive.records.get(record.id)


OTHERS = (THERE, "H98.02", "9.999999", THEIR_APPLICANT, "UBND phường Khác", "Khoắng thử nghiệm")


def test_of_a_shared_paper_only_the_own_places_are_told(web: Web, shared: Record) -> None:
    home = shared.links[0].dossier_code
    for login, agency, code, role in (
        ("here", home.partition("-")[0], home, WebRole.OFFICER),
        ("here-auditor", home.partition("-")[0], home, WebRole.AUDITOR),
    ):
        web.add(login, role, agency)
        browser = web.logged_in(login)
        pages = [
            f"/giay/{shared.id}",
            f"/giay/{shared.id}/viec",
            f"/ho-so/{code}",
            "/",
            "/phien",
            "/chung-minh/han",
            "/chung-minh/han?sau=1970-01-01T00:00:00.000000Z~0",
            "/tim",
            "/tim?missing=result",
            "/tim?kind=dossiers",
            "/bao-cao?theo=unit",
            "/bao-cao?theo=dossier",
            "/bao-cao/so-hoa.csv?theo=dossier",
            "/bao-cao/bieu-do.svg?theo=dossier",
            *(["/chung-minh"] if role is WebRole.AUDITOR else ["/duyet-ky"]),
        ]
        for path in pages:
            answer = browser.get(path)
            assert answer.status_code == 200, path
            assert not [word for word in OTHERS if word in answer.text], path
        # Correcting it is left to those who see all of its places.
        form = browser.get(f"/giay/{shared.id}/sua")
        assert form.status_code == (409 if role is WebRole.OFFICER else 403)
        assert not [word for word in OTHERS if word in form.text]
        proof = proof_in(browser.get("/").text)
        told = {"proof": proof, "reason": "thử nghiệm"}
        table = browser.post("/tim/danh-sach.csv?q=", data=told).text
        assert code in table
        assert THERE not in table
        # A package holds the record as it was filed, with all its places.
        assert browser.get(f"/tep/{shared.id}/goi.zip").status_code == 409
        assert browser.get(f"/ho-so/{code}/goi.zip").status_code == 409
        assert browser.get(f"/tep/{shared.id}/ban-goc").status_code == 409
        assert browser.get(f"/tep/{shared.id}.pdf").status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        f"q={THERE}",
        f"dossier={THERE}",
        "procedure=9.999999",
        "role=result",
        f"q={THEIR_APPLICANT}",
        "q=xoắn",
        "q=khoắn*",
        "q=9.999999",
    ],
)
def test_a_shared_paper_is_not_found_by_what_is_told_of_the_other_place(
    web: Web, shared: Record, asked: str
) -> None:
    agency = shared.links[0].dossier_code.partition("-")[0]
    if web.house.accounts.find("finding") is None:
        web.add("finding", WebRole.AUDITOR, agency)
    link = f'href="/giay/{shared.id}'
    everywhere = web.logged_in("auditor").get(f"/tim?{asked}").text
    assert link in everywhere
    answer = web.logged_in("finding").get(f"/tim?{asked}").text
    assert link not in answer
    assert 'role="status">0 kết quả' in answer
    assert link in web.logged_in("finding").get(f"/tim?dossier={shared.links[0].dossier_code}").text


def test_an_auditor_of_one_agency_reads_no_events_of_another(web: Web, shared: Record) -> None:
    web.logged_in("auditor").get(f"/ho-so/{THERE}")
    seen = web.house.archive.events.events(THERE)[-1]
    browser = web.logged_in("here-auditor")
    assert browser.get(f"/chung-minh/su-kien/{seen.seq}").status_code == 404
    assert browser.get(f"/chung-minh/su-kien/{seen.seq}.json").status_code == 404
    assert web.logged_in("auditor").get(f"/chung-minh/su-kien/{seen.seq}").status_code == 200


def test_names_in_certificates_and_of_people_are_shown_as_text(web: Web) -> None:
    hostile = '"><script>alert(1)</script>%(login)s %s {{ 7*7 }} \u202etxt'
    web.add("named", OFFICER)
    person = web.house.accounts.find("named")
    assert person is not None
    known = KnownCertificate(
        sha256="a" * 64,
        issuer="b" * 64,
        serial="1F",
        person=person.id,
        subject=hostile,
        issuer_name=hostile,
        valid_from=web.clock(),
        valid_to=web.clock(),
    )
    assert web.house.accounts.certificates.add(known, web.clock())
    for language in ("vi", "en"):
        browser = web.logged_in("administrator")
        told = {"proof": proof_in(browser.get("/").text), "language": language}
        browser.post("/ngon-ngu", data=told)
        page = browser.get("/nguoi-dung").text
        assert "<script" not in page
        assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;%(login)s %s {{ 7*7 }}") == 3
    assert web.house.accounts.certificates.remove(person.id, known.sha256)


@pytest.mark.parametrize("role", [OFFICER, AUDITOR])
def test_a_kept_search_is_nobody_elses_to_see_or_delete(web: Web, role: WebRole) -> None:
    searches, at = web.house.accounts.searches, web.clock()
    owner = web.house.accounts.find("auditor" if role is OFFICER else "officer")
    assert owner is not None
    name = f"Của {owner.login} KHOẮNG"
    assert searches.keep(owner.id, name, "q=khoang", at)
    (kept,) = [search for search in searches.of(owner.id) if search.name == name]
    browser = web.logged_in(role.value)
    assert name not in browser.get("/tim").text
    proof = proof_in(browser.get("/").text)
    theirs, absent = (
        browser.post("/tim/da-luu/xoa", data={"proof": proof, "number": number})
        for number in (kept.id, 987654)
    )
    assert (theirs.status_code, absent.status_code) == (404, 404)
    assert theirs.content == absent.content
    assert kept in searches.of(owner.id)


def test_a_dossier_tells_of_its_destroyed_papers(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    code = record_of(web).links[0].dossier_code
    gone = {
        "class_name": "Bản sao THỬ NGHIỆM",
        "page_count": 2,
        "destroyed_at": "2026-11-20T08:00:00+07:00",
    }

    def with_destroyed(code: str, archive: Archive, of_record: Any) -> dict[str, Any]:
        kept = [{**gone, "decision": {"number": "12/QĐ"}}, {**gone, "decision": None}]
        return {**view_dossier(code, archive, of_record), "destroyed": kept}

    monkeypatch.setattr(records, "view_dossier", with_destroyed)
    page = web.logged_in("auditor").get(f"/ho-so/{code}").text
    assert page.count("Bản sao THỬ NGHIỆM") == 2
    assert page.count("quyết định 12/QĐ") == 1
    assert "20/11/2026" in page


def test_what_is_of_others_is_not_even_read(
    web: Web, foreign: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = record_of(web)
    read: list[str] = []
    get = web.house.archive.records.get

    def counting(identifier: str) -> Record:
        read.append(identifier)
        return get(identifier)

    monkeypatch.setattr(web.house.archive.records, "get", counting)
    for page in PAGES:
        if "{record}" in page.path and page.method == "GET":
            assert foreign.get(address(web, page)).status_code == 404
    assert read == []
    assert web.logged_in("auditor").get(f"/giay/{record.id}").status_code == 200
    assert record.id in read
