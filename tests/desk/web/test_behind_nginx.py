"""The shipped configuration of a real nginx, with TLS, in front of `hoso serve` on its socket."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from desk.moments import now
from desk.station import Station, open_station
from storage.accounts import WebRole
from tests.desk.conftest import ROOT
from tests.desk.tiny import change_settings
from tests.desk.web.conftest import PASSWORD, Web, opened
from tests.signing.workbench import free_port

_PLACES = f"{ROOT}/.nginx/usr/sbin:{os.environ.get('PATH', '')}:/usr/sbin"
NGINX = shutil.which("nginx", path=_PLACES)
pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx here")


@dataclass(frozen=True)
class Front:
    """Where nginx answers."""

    address: str
    trust: ssl.SSLContext

    def browser(self) -> httpx2.Client:
        headers = {"origin": self.address, "sec-fetch-site": "same-origin"}
        return httpx2.Client(base_url=self.address, verify=self.trust, headers=headers)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a throw-away certificate of localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost THỬ NGHIỆM")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - dt.timedelta(days=1))
        .not_valid_after(now() + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "tls.pem", folder / "tls.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def write_configuration(folder: Path, port: int, place: Path) -> Path:
    """Write the shipped configuration with its names put in, and what stands around it."""
    certificate, key = make_certificate(folder)
    text = (ROOT / "packaging" / "nginx-hoso.conf").read_text(encoding="utf-8")
    names = {
        "SOCKET": place,
        "NAME": "localhost",
        "PORT": f"127.0.0.1:{port}",
        "CERTIFICATE": certificate,
        "KEY": key,
    }
    for name, value in names.items():
        text = text.replace(f"@{name}@", str(value))
    assert not re.findall(r"@[A-Z]+@", text)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    whole = folder / "nginx.conf"
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(
        f"daemon off;\nuser root;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{ }}\nhttp {{\naccess_log off;\n{places}include {folder}/site.conf;\n}}\n",
        encoding="utf-8",
    )
    return whole


@pytest.fixture(scope="module")
def station(web_station: Station, tmp_path_factory: pytest.TempPathFactory) -> Station:
    # The name of a socket may not be long.
    place = tmp_path_factory.mktemp("s") / "hoso.sock"
    address = f"https://localhost:{free_port()}"
    change_settings(web_station.root, web={"socket": str(place), "address": address})
    return open_station(web_station.root)


@pytest.fixture(scope="module")
def people(station: Station) -> Iterator[Web]:
    with opened(station) as web:
        yield web


@pytest.fixture(scope="module")
def front(
    station: Station, people: Web, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    address = station.settings.web.address
    place = Path(station.settings.web.socket)
    configuration = write_configuration(folder, int(address.rpartition(":")[2]), place)
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
        yield Front(address=address, trust=trust)
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
        assert "max-age" in home.headers["strict-transport-security"]


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
        front.trust.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        line.sendall(head.encode())
        assert b" 413 " in line.recv(1000)


def test_there_is_nobody_without_a_role(people: Web) -> None:
    assert {person.role for person in people.house.accounts.people()} == set(WebRole)
