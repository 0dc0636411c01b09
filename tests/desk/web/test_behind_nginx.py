"""The shipped configuration of a real nginx, with TLS, in front of `hoso serve` on its socket."""

from __future__ import annotations

import datetime as dt
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from cryptography import x509
from starlette.testclient import TestClient

from config.vocabulary import EventType
from desk.moments import now
from desk.station import Station
from desk.web.certificates import add_certificate, known_certificate
from signing.errors import CertificateRefused
from signing.login import read_login_certificate
from storage.accounts import WebRole
from storage.login_means import KnownCertificate, means_of
from tests.desk.conftest import ROOT
from tests.desk.tiny import make_tiny
from tests.desk.web.browsers import NEEDED, chromium_started
from tests.desk.web.conftest import PASSWORD, Web, opened, proof_in
from tests.desk.web.fronts import (
    NGINX,
    Front,
    Wish,
    forge,
    name_of,
    write_configuration,
)
from tests.signing.workbench import free_port

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx here")
ENTER = "/dang-nhap/chung-thu"
Pair = tuple[Path, Path]


@pytest.fixture(scope="module")
def station(template: Path, authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Station:
    # The name of a socket may not be long.
    place = tmp_path_factory.mktemp("s") / "hoso.sock"
    web = {
        "socket": str(place),
        "address": f"https://localhost:{free_port()}",
        "certificate_address": f"https://localhost:{free_port()}",
    }
    station = make_tiny(template, tmp_path_factory.mktemp("front") / "station", web=web)
    return station


@pytest.fixture(scope="module")
def people(station: Station) -> Iterator[Web]:
    with opened(station) as web:
        yield web


def held(authority: Path, name: str) -> Pair:
    """Return the certificate of a person of the demo, and its key."""
    keys = {"agency": "agency", "officer2": "rsa3072", "officer3": "p256"}
    certificate = authority / "certs" / "congvu" / f"{name}.cert.pem"
    return certificate, authority / "keys" / f"{keys.get(name, 'rsa2048')}.pem"


def give(people: Web, login: str, certificate: Path) -> KnownCertificate:
    """Give a certificate to somebody, whatever it is worth."""
    person, shown = (
        people.house.accounts.find(login),
        read_login_certificate(certificate.read_bytes()),
    )
    assert person is not None
    known = known_certificate(shown, person)
    people.house.accounts.certificates.add(known, now())
    return known


@pytest.fixture(scope="module")
def front(
    station: Station, people: Web, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    address = station.settings.web.address
    place = Path(station.settings.web.socket)
    login = station.settings.web.certificate_address
    ports = int(address.rpartition(":")[2]), int(login.rpartition(":")[2])
    configuration = write_configuration(folder, ports, place)
    served = subprocess.Popen(
        [sys.executable, "-m", "desk.cli.main", "serve", "--station", str(station.root)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert served.stderr is not None
    assert address in served.stderr.readline()
    assert NGINX is not None
    nginx = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(configuration)])
    trust = ssl.create_default_context(cafile=str(folder / "tls.pem"))
    try:
        transport = httpx2.HTTPTransport(verify=trust, retries=20)
        with httpx2.Client(transport=transport) as first:
            assert first.get(f"{address}/dang-nhap").status_code == 200
        yield Front(address=address, login=login, served=folder / "tls.pem")
    finally:
        for process in (nginx, served):
            process.send_signal(signal.SIGTERM)
        ended = [process.wait(30) for process in (nginx, served)]
        served.stderr.close()
    assert ended == [0, 0]


def test_one_logs_in_through_tls_with_a_cookie_bound_to_this_host(
    front: Front, people: Web
) -> None:
    with front.browser() as browser:
        told = {"login": "officer", "password": PASSWORD, "code": people.code("officer")}
        answer = browser.post("/dang-nhap", data=told)
        assert answer.status_code == 303, answer.text
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-hoso=")
        assert "Secure" in cookie
        home = browser.get("/")
        assert home.status_code == 200
        assert "officer THỬ NGHIỆM" in home.text
        assert home.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_what_a_browser_claims_of_itself_is_not_believed(front: Front, people: Web) -> None:
    told = {"login": "nobody-here", "password": PASSWORD, "code": "000000"}
    with front.browser() as browser:
        forged = {"x-forwarded-for": "203.0.113.7", "host": "localhost:1"}
        assert browser.post("/dang-nhap", data=told, headers=forged).status_code == 403
        answer = browser.post("/dang-nhap", data=told, headers={"x-forwarded-for": "203.0.113.7"})
    assert answer.status_code == 401
    accounts = people.house.accounts
    hour_ago = now() - dt.timedelta(hours=1)
    assert accounts.failures("address 203.0.113.7", hour_ago) == 0
    assert accounts.failures("address 127.0.0.1", hour_ago) == 1


def test_a_body_that_is_too_long_never_reaches_the_pages(front: Front) -> None:
    port = int(front.address.rpartition(":")[2])
    head = (
        f"POST /kiem-tra HTTP/1.1\r\nHost: localhost:{port}\r\n"
        "Content-Length: 2000000000\r\nConnection: close\r\n\r\n"
    )
    with (
        socket.create_connection(("127.0.0.1", port), 30) as plain,
        ssl.create_default_context(cafile=str(front.served)).wrap_socket(
            plain, server_hostname="localhost"
        ) as line,
    ):
        line.sendall(head.encode())
        assert b" 413 " in line.recv(1000)


def test_there_is_nobody_without_a_role(people: Web) -> None:
    assert {person.role for person in people.house.accounts.people()} == set(WebRole)


def enter(front: Front, certificate: Pair) -> httpx2.Response:
    with front.browser(certificate) as browser:
        return browser.post(ENTER)


def logins(people: Web) -> list[tuple[str, str, str]]:
    return [
        (event.actor, event.outcome, str(event.detail.get("reason", "")))
        for event in people.house.archive.events.events("web")
        if event.type is EventType.LOGIN
    ]


@pytest.mark.parametrize("name", ["officer1", "officer3"])
def test_a_certificate_alone_logs_in_whom_it_was_given_to(
    front: Front, people: Web, authority: Path, name: str
) -> None:
    pair = held(authority, name)
    add_certificate(people.house, "auditor", pair[0].read_bytes(), "thử nghiệm")
    with front.browser(pair) as browser:
        form = browser.get(ENTER)
        assert form.status_code == 200
        assert "THỬ NGHIỆM" in form.text
        answer = browser.post(ENTER)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{front.address}/")
        assert answer.headers["set-cookie"].startswith("__Host-hoso=")
        token = browser.cookies["__Host-hoso"]
    session = people.house.accounts.session(token)
    assert session is not None
    assert session.means == means_of(read_login_certificate(pair[0].read_bytes()).sha256)
    with front.browser() as browser:
        home = browser.get("/", headers={"cookie": f"__Host-hoso={token}"})
        assert "auditor THỬ NGHIỆM" in home.text
    assert logins(people)[-1] == ("auditor (web)", "begun", "")


@pytest.mark.parametrize(
    ("name", "reason", "word"),
    [
        ("expired", "EXPIRED", "hết hạn"),
        ("future", "NOT_YET_VALID", "chưa có hiệu lực"),
        ("revoked", "REVOKED", "thu hồi"),
        ("server", "CHAIN_CONSTRAINTS_FAILURE", "mục đích"),
    ],
)
def test_a_bad_certificate_is_refused_and_told_why(
    front: Front, people: Web, authority: Path, name: str, reason: str, word: str
) -> None:
    pair = held(authority, name)
    with pytest.raises(CertificateRefused, match=word):
        add_certificate(people.house, "officer", pair[0].read_bytes(), "thử nghiệm")
    give(people, "officer", pair[0])
    answer = enter(front, pair)
    assert answer.status_code == 401
    assert word in answer.text
    assert "set-cookie" not in answer.headers
    assert logins(people)[-1] == ("officer (web)", "refused", reason)


def test_what_was_given_to_nobody_opens_nothing(front: Front, people: Web, authority: Path) -> None:
    answer = enter(front, held(authority, "officer2"))
    assert answer.status_code == 401
    assert "chưa gắn" in answer.text
    assert logins(people)[-1] == ("unknown (web)", "refused", "UNKNOWN_CERTIFICATE")


def test_a_closed_person_is_told_as_little(front: Front, people: Web, authority: Path) -> None:
    people.add("closed", WebRole.OFFICER)
    pair = held(authority, "agency")
    give(people, "closed", pair[0])
    assert enter(front, pair).status_code == 303
    person = people.house.accounts.find("closed")
    assert person is not None
    people.house.accounts.set_closed(person.id, now())
    answer = enter(front, pair)
    assert answer.status_code == 401
    assert "chưa gắn" in answer.text


def test_the_same_names_and_number_under_another_key_open_nothing(
    front: Front, people: Web, authority: Path, tmp_path: Path
) -> None:
    true = x509.load_pem_x509_certificate(held(authority, "officer1")[0].read_bytes())
    give(people, "auditor", held(authority, "officer1")[0])
    twin = forge(tmp_path, Wish(true.subject, true.issuer, true.serial_number, "twin"))
    answer = enter(front, twin)
    assert (answer.status_code, "chưa gắn" in answer.text) == (401, True)
    # Even where an administrator was fooled: the chain does not stand.
    other = forge(tmp_path, Wish(true.subject, true.issuer, 4711, "other"))
    foreign = forge(tmp_path, Wish(name_of("X"), name_of("CA nước khác"), 1, "foreign"))
    for pair in (other, foreign):
        give(people, "auditor", pair[0])
        answer = enter(front, pair)
        assert answer.status_code == 401
        assert "không do tổ chức được tin" in answer.text or "không hợp lệ" in answer.text
        assert "set-cookie" not in answer.headers


def test_a_certificate_that_is_only_claimed_is_not_believed(
    front: Front, people: Web, authority: Path
) -> None:
    pair = held(authority, "officer1")
    give(people, "auditor", pair[0])
    claim = {"X-Hoso-Certificate": quote(pair[0].read_text())}
    with front.browser() as browser:
        assert browser.post(ENTER, headers=claim).status_code == 401
    own = {"origin": front.login, "sec-fetch-site": "same-origin", **claim}
    trust = ssl.create_default_context(cafile=str(front.served))
    with httpx2.Client(base_url=front.login, verify=trust, headers=own) as browser:
        assert "chưa đưa chứng thư" in browser.post(ENTER).text
    # Over TCP, without nginx: this process' own pages.
    forger = TestClient(people.app, base_url=front.login, headers=own)
    answer = forger.post(ENTER)
    assert answer.status_code == 401
    assert "chưa đưa chứng thư" in answer.text
    # One that is no certificate's holder gets no further than TLS.
    wrong_key = pair[0], held(authority, "officer3")[1]
    with pytest.raises(ssl.SSLError):
        front.browser(wrong_key)


def test_the_other_pages_are_at_their_own_port(front: Front, authority: Path) -> None:
    with front.browser(held(authority, "officer1")) as browser:
        answer = browser.get("/nguoi-dung")
        assert answer.headers["location"] == f"{front.address}/nguoi-dung"


def test_a_session_that_was_open_before_is_not_kept(
    front: Front, people: Web, authority: Path
) -> None:
    pair = held(authority, "officer1")
    give(people, "auditor", pair[0])
    with front.browser(pair) as browser:
        planted = {"cookie": "__Host-hoso=a-token-of-somebody-else"}
        answer = browser.post(ENTER, headers=planted)
        assert "a-token-of-somebody-else" not in answer.headers["set-cookie"]
        first = browser.cookies["__Host-hoso"]
        assert browser.post(ENTER).status_code == 403
        proof = proof_in(browser.get(ENTER).text)
        assert browser.post(ENTER, data={"proof": proof}).status_code == 303
        assert browser.cookies["__Host-hoso"] != first
    assert people.house.accounts.session(first) is None


@NEEDED
def test_a_browser_goes_on_to_the_pages_which_have_another_port(
    front: Front, people: Web, authority: Path
) -> None:
    pair = held(authority, "officer1")
    give(people, "auditor", pair[0])
    with chromium_started() as chromium:
        context = chromium.new_context(
            ignore_https_errors=True,
            client_certificates=[{"origin": front.login, "certPath": pair[0], "keyPath": pair[1]}],
        )
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type} {message.text}"))
        page.goto(f"{front.address}/dang-nhap")
        page.click("main a[href$='/dang-nhap/chung-thu']")
        assert page.url == f"{front.login}{ENTER}"
        page.click("main button")
        page.wait_for_url(f"{front.address}/")
        assert "auditor THỬ NGHIỆM" in page.content()
        # Whoever reads on in another language at that port, or leaves there, comes back here.
        page.goto(f"{front.login}{ENTER}")
        page.click("header button[value=en]")
        assert page.url == f"{front.login}{ENTER}"
        page.click("header form[action='/dang-xuat'] button")
        page.wait_for_url(f"{front.address}/dang-nhap")
        context.close()
    # A policy that a page breaks is an error.
    assert [line for line in said if line.startswith("error")] == []
