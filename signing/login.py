"""Who a certificate lets in: read, checked as one that logs in, never as one that signs papers.

The chain, its revocation and its algorithms are judged as for signatures (`signing.preflight`); the
anchors are those of `login/` in the trust folder alone, and the purpose is another: the key may
sign what a server asks (digitalSignature), and where purposes are named, client authentication is
one of them.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import pem, x509

from signing.anchor_files import read_folder
from signing.certificates import identity_of, is_self_signed
from signing.errors import CertificateRefused, KeyMaterialError
from signing.model import SubIndication
from signing.network import Network, connect
from signing.preflight import check_chain, open_context
from signing.texts import Words
from signing.trust import TrustStore, load_trust

LOGIN_FOLDER = "login"
"""Anchors of certificates that log in, under the trust folder."""
_KEY_USAGE = frozenset({"digital_signature"})
_PURPOSES = frozenset({"client_auth", "any_extended_key_usage"})
MOST_CERTIFICATE_BYTES = 16_384
"""Certificates of persons have 1 to 3 kB."""
_REASONS: dict[str, Words] = {
    SubIndication.EXPIRED: (
        "Chứng thư này đã hết hạn. Hãy đăng nhập bằng chứng thư còn hạn hoặc bằng mật khẩu.",
        "this certificate has expired; log in with one in force, or with a password",
    ),
    SubIndication.NOT_YET_VALID: (
        "Chứng thư này chưa có hiệu lực. Hãy chờ đến ngày hiệu lực, hoặc đăng nhập bằng mật khẩu.",
        "this certificate is not yet valid; wait, or log in with a password",
    ),
    SubIndication.REVOKED: (
        "Chứng thư này đã bị thu hồi. Hãy báo người quản trị và đơn vị cấp chứng thư.",
        "this certificate is revoked; tell the administrator and whoever issued it",
    ),
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: (
        "Chứng thư này không dùng để đăng nhập được (sai mục đích). Hãy chọn chứng thư khác.",
        "this certificate is not made for logging in; choose another",
    ),
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: (
        "Chứng thư này không do tổ chức được tin để đăng nhập cấp. Hãy chọn chứng thư khác, hoặc "
        "hỏi người quản trị.",
        "no authority that is trusted for logging in issued this certificate; choose another, or "
        "ask the administrator",
    ),
    SubIndication.TRY_LATER: (
        "Chưa biết chứng thư này có bị thu hồi không, nên chưa cho đăng nhập. Hãy thử lại sau, "
        "hoặc đăng nhập bằng mật khẩu.",
        "nobody says whether this certificate is revoked, so it lets nobody in; try later, or log "
        "in with a password",
    ),
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE: (
        "Chứng thư này dùng thuật toán không còn được chấp nhận. Hãy xin cấp chứng thư mới.",
        "this certificate uses an algorithm that is no longer accepted; have a new one issued",
    ),
}
_GENERIC: Words = (
    "Chứng thư này không hợp lệ. Hãy chọn chứng thư khác, hoặc hỏi người quản trị.",
    "this certificate is not valid; choose another, or ask the administrator",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginCertificate:
    """What a certificate says, before anybody believes it.

    Attributes:
        der: The certificate.
        sha256: Its fingerprint, hex.
        issuer_sha256: Digest of its issuer's name (DER), hex: equal names have equal digests.
        serial: Its serial number, hex.
        subject: Whose it is.
        issuer: Who issued it, for people.
        valid_from: Start of validity, aware.
        valid_to: End of validity, aware.
    """

    der: bytes
    sha256: str
    issuer_sha256: str
    serial: str
    subject: str
    issuer: str
    valid_from: datetime
    valid_to: datetime


def read_login_certificate(content: bytes) -> LoginCertificate:
    """Read a certificate, PEM or DER, whole.

    Raises:
        KeyMaterialError: It is none.
    """
    try:
        certificate = _parse(content)
        identity = identity_of(certificate)
        return LoginCertificate(
            der=certificate.dump(),
            sha256=certificate.sha256.hex(),
            issuer_sha256=hashlib.sha256(certificate.issuer.dump()).hexdigest(),
            serial=identity.serial,
            subject=identity.cn or "",
            issuer=identity.issuer or "",
            valid_from=certificate.not_valid_before,
            valid_to=certificate.not_valid_after,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise KeyMaterialError(
            "Không đọc được chứng thư (cần tệp PEM hoặc DER). Hãy xuất lại chứng thư từ token.",
            "the certificate cannot be read (PEM or DER is wanted); export it again",
        ) from error


def _parse(content: bytes) -> x509.Certificate:
    if len(content) > MOST_CERTIFICATE_BYTES:
        raise ValueError("longer than any certificate")
    der = pem.unarmor(content)[2] if pem.detect(content) else content
    certificate = x509.Certificate.load(der, strict=True)
    certificate.native  # noqa: B018  parsing is lazy; a broken certificate must show here
    return certificate


def load_login_trust(folder: Path) -> TrustStore:
    """Read the anchors of certificates that log in.

    Args:
        folder: The trust folder. Its `login/` holds the anchors; certificates that anchor nothing
            help to build chains wherever in it they lie.

    Raises:
        TrustFolderError: A file of it cannot be used.
    """
    everything = load_trust(folder)
    own = tuple(anchor.certificate for anchor in read_folder(folder / LOGIN_FOLDER))
    between = tuple(each for each in own if not is_self_signed(each))
    return TrustStore(
        signers=tuple(each for each in own if is_self_signed(each)),
        timestamping=(),
        intermediates=(*between, *everything.intermediates),
        anchors_sha256=hashlib.sha256(b"".join(sorted(each.sha256 for each in own))).hexdigest(),
        rules=everything.rules,
    )


def check_login(
    certificate: LoginCertificate,
    issuers: Sequence[bytes],
    trust: TrustStore,
    network: Network,
    at: datetime,
) -> None:
    """Check that a certificate may log somebody in now: validity, purpose, chain, revocation.

    Args:
        certificate: What was shown.
        issuers: Certificates that came with it, DER; they prove nothing by themselves.
        trust: From ``load_login_trust``.
        network: Where revocation data may be asked for.
        at: Now, aware.

    Raises:
        CertificateRefused: It may not; ``sub_indication`` says why, TRY_LATER among others.
        KeyMaterialError: A certificate that came with it is none.
    """
    own = _parse(certificate.der)
    _refuse_on_sight(own, at)
    try:
        helping = [_parse(issuer) for issuer in issuers]
    except (ValueError, TypeError) as error:
        raise KeyMaterialError(
            "Không đọc được chứng thư kèm theo. Hãy kiểm tra token hoặc tệp khóa.",
            "a certificate that came with it cannot be read; check the token or key file",
        ) from error
    try:
        asyncio.run(_check(own, helping, trust, network, at))
    except CertificateRefused as error:
        raise login_refused(error.sub_indication) from error


async def _check(
    certificate: x509.Certificate,
    issuers: Sequence[x509.Certificate],
    trust: TrustStore,
    network: Network,
    at: datetime,
) -> None:
    async with connect(network) as connections:
        context = open_context(trust, None if network.offline else connections, at)
        await check_chain(certificate, issuers, trust, context, _KEY_USAGE)


def _refuse_on_sight(certificate: x509.Certificate, at: datetime) -> None:
    if at > certificate.not_valid_after:
        raise login_refused(SubIndication.EXPIRED)
    if at < certificate.not_valid_before:
        raise login_refused(SubIndication.NOT_YET_VALID)
    usage, purposes = certificate.key_usage_value, certificate.extended_key_usage_value
    may_sign = usage is not None and usage.native >= _KEY_USAGE
    is_for_clients = purposes is None or not _PURPOSES.isdisjoint(purposes.native)
    if not may_sign or not is_for_clients or certificate.ca:
        raise login_refused(SubIndication.CHAIN_CONSTRAINTS_FAILURE)
    if is_self_signed(certificate):
        raise login_refused(SubIndication.NO_CERTIFICATE_CHAIN_FOUND)


def login_refused(reason: str) -> CertificateRefused:
    """Make the error for a certificate that lets nobody in.

    Args:
        reason: The standard's word.
    """
    return CertificateRefused(*_REASONS.get(reason, _GENERIC), reason)
