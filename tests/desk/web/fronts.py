"""The shipped configuration of nginx with its names put in, and certificates of several kinds."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from desk.moments import now
from tests.desk.conftest import ROOT

_PLACES = f"{ROOT}/.nginx/usr/sbin:{os.environ.get('PATH', '')}:/usr/sbin"
NGINX = shutil.which("nginx", path=_PLACES)
EASY = "rate=6000r/m"
"""Many logins of one address in a few seconds are the tests' own."""


@dataclass(frozen=True)
class Front:
    """Where nginx answers."""

    address: str
    login: str
    """Where it asks for certificates."""
    served: Path

    def browser(self, certificate: tuple[Path, Path] | None = None) -> httpx2.Client:
        """Return a browser; with a certificate and its key, one that asks to log in by it."""
        here = self.login if certificate else self.address
        trust = ssl.create_default_context(cafile=str(self.served))
        if certificate:
            trust.load_cert_chain(*certificate)
        headers = {"origin": here, "sec-fetch-site": "same-origin"}
        return httpx2.Client(base_url=here, verify=trust, headers=headers)


@dataclass(frozen=True)
class Wish:
    """A certificate that the demo's authority would not make."""

    subject: x509.Name
    issuer: x509.Name
    serial: int
    name: str = "forged"


def forge(folder: Path, wish: Wish) -> tuple[Path, Path]:
    """Make a certificate that says what is wished, signed by a key of nobody's."""
    key, issuer = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(wish.subject)
        .issuer_name(wish.issuer)
        .public_key(key.public_key())
        .serial_number(wish.serial)
        .not_valid_before(now() - dt.timedelta(days=1))
        .not_valid_after(now() + dt.timedelta(days=90))
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, False, False, False, False), True
        )
        .sign(issuer, hashes.SHA256())
    )
    return write_pair(folder / wish.name, made, key)


def name_of(text: str) -> x509.Name:
    """Return a name of one word."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a throw-away certificate of localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = name_of("localhost THỬ NGHIỆM")
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
    return write_pair(folder / "tls", certificate, key)


def write_pair(
    place: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> tuple[Path, Path]:
    """Write a certificate and its key beside each other."""
    paths = place.with_suffix(".pem"), place.with_suffix(".key")
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def write_configuration(folder: Path, ports: tuple[int, int], place: Path) -> Path:
    """Write the shipped configuration with its names put in, and what stands around it."""
    certificate, key = make_certificate(folder)
    text = (ROOT / "packaging" / "nginx-hoso.conf").read_text(encoding="utf-8")
    names = {
        "SOCKET": place,
        "CERTIFICATE": certificate,
        "KEY": key,
    }
    for name, value in names.items():
        text = text.replace(f"@{name}@", str(value))
    for word, port in zip(("PORT", "LOGINPORT"), ports, strict=True):
        text = text.replace(f"listen @{word}@", f"listen 127.0.0.1:{port}")
        text = text.replace(f"@{word}@", str(port))
    # Not at port 443, where addresses need none.
    text = text.replace("https://@NAME@$", f"https://localhost:{ports[0]}$")
    text = text.replace("@NAME@", "localhost")
    assert not re.findall(r"@[A-Z]+@", text)
    (folder / "site.conf").write_text(text.replace("rate=10r/m", EASY), encoding="utf-8")
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
