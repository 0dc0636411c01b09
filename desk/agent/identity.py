"""Who a station or an agent is on the wire: a key and a certificate that it made for itself.

No authority vouches for either: each keeps the other's certificate since they were paired, and
believes that one only. The code of a pairing proves each certificate to the other side, so whoever
stands between them and shows another certificate is found out.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import ssl
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from signing.keys import write_private

# The certificate is recognised, not judged: its time must not end a pairing.
_VALID = dt.timedelta(days=20 * 365)
_EARLIER = dt.timedelta(days=2)
_LONGEST_NAME = 60
# 80 bits: what was overheard of a pairing cannot be searched for the code.
_CODE_BYTES = 10
_GROUP = 4
_PURPOSE = b"hoso agent pairing 1"


def make_identity(path: Path, name: str, at: dt.datetime) -> None:
    """Write a new key with its certificate; an existing file is never replaced.

    Args:
        path: PEM file, mode 0600.
        name: for people who look at the certificate.
        at: now, aware.

    Raises:
        KeyMaterialError: the file cannot be written.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    number = x509.random_serial_number()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name[:_LONGEST_NAME] or "hoso"),
            # Computers are often named alike, and TLS looks certificates up by their subjects.
            x509.NameAttribute(NameOID.SERIAL_NUMBER, f"{number:x}"),
        ]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(at - _EARLIER)
        .not_valid_after(at + _VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(path, private + made.public_bytes(serialization.Encoding.PEM))


def certificate_of(path: Path) -> str:
    """Return the certificate of an identity, PEM."""
    made = x509.load_pem_x509_certificate(path.read_bytes())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def fingerprint(certificate: str | bytes) -> str:
    """Return the SHA-256 of a certificate (PEM text, or DER), lower-case hexadecimal.

    Raises:
        ValueError: it is none.
    """
    if isinstance(certificate, str):
        made = x509.load_pem_x509_certificate(certificate.encode())
        certificate = made.public_bytes(serialization.Encoding.DER)
    return hashlib.sha256(certificate).hexdigest()


def to_pem(certificate: bytes) -> str:
    """Write a DER certificate as PEM."""
    return ssl.DER_cert_to_PEM_cert(certificate)


def server_context(identity: Path, paired: Sequence[str]) -> ssl.SSLContext:
    """Return the TLS of a station: whoever shows a certificate must be paired.

    Args:
        identity: the station's key and certificate.
        paired: the agents' certificates, PEM.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(identity)
    # Optional: who comes to be paired has nothing to show yet.
    context.verify_mode = ssl.CERT_OPTIONAL
    for certificate in paired:
        trust_too(context, certificate)
    return context


def trust_too(context: ssl.SSLContext, certificate: str) -> None:
    """Believe one certificate more, from the next connection on."""
    context.load_verify_locations(cadata=certificate)


def client_context(identity: Path, station: str) -> ssl.SSLContext:
    """Return the TLS of a paired agent: it shows its own and believes one certificate only.

    Args:
        identity: the agent's key and certificate.
        station: the station's certificate, PEM.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # The certificate is the name: stations move between addresses.
    context.check_hostname = False
    context.load_cert_chain(identity)
    context.load_verify_locations(cadata=station)
    return context


def meeting_context() -> ssl.SSLContext:
    """Return the TLS of an agent that is not paired yet: what it sees is proved by the code."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def new_code() -> str:
    """Return a code for one pairing, in groups that can be read out."""
    letters = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def plain_code(typed: str) -> str:
    """Return a code as it was meant, however it was typed."""
    digits = str.maketrans("018", "OLB")
    return "".join(sign for sign in typed.upper() if sign.isalnum()).translate(digits)


def proof_of(code: str, side: str, station: str, agent: str) -> str:
    """Prove that one knows the code and sees both certificates.

    Args:
        code: the code of the pairing.
        side: who proves: `station` or `agent`.
        station: fingerprint of the station's certificate.
        agent: fingerprint of the agent's certificate.
    """
    words = b"\0".join((_PURPOSE, side.encode(), station.encode(), agent.encode()))
    return hmac.new(plain_code(code).encode(), words, hashlib.sha256).hexdigest()


def is_proof(given: str, wanted: str) -> bool:
    """Compare proofs in constant time."""
    return hmac.compare_digest(given.encode(), wanted.encode())
