"""Certificates that log people in: whose they are, and whether they let them in now.

A certificate is given to one person by an administrator. Whoever shows it is that person only
where issuer, serial number and digest are the same, and its chain stands now: what merely bears the
same names was never given to anybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from desk.errors import AnswerRefused, UnknownCode
from desk.networks import station_network
from desk.web.house import House
from desk.web.people import find_person, tell_people
from signing.errors import CertificateRefused
from signing.login import (
    LOGIN_FOLDER,
    LoginCertificate,
    check_login,
    load_login_trust,
    read_login_certificate,
)
from signing.model import SubIndication
from signing.network import Network
from storage.accounts import Person
from storage.login_means import KnownCertificate

# Somebody waits before the screen: what an authority does not say by then is unknown.
_SECONDS = 10.0
_ENDS_SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A certificate that somebody holds the key of."""

    certificate: LoginCertificate
    issuers: Sequence[bytes] = ()
    """What came with it, DER."""


def known_certificate(shown: LoginCertificate, person: Person) -> KnownCertificate:
    """Return how a certificate is kept that is a person's."""
    return KnownCertificate(
        sha256=shown.sha256,
        issuer=shown.issuer_sha256,
        serial=shown.serial,
        person=person.id,
        subject=shown.subject,
        issuer_name=shown.issuer,
        valid_from=shown.valid_from,
        valid_to=shown.valid_to,
    )


def add_certificate(house: House, login: str, content: bytes, by: str) -> KnownCertificate:
    """Let a certificate log a person in.

    Its revocation may be unknown now: that is asked at each login.

    Raises:
        UnknownCode: there is nobody of that login.
        AnswerRefused: it is given to somebody already.
        KeyMaterialError, CertificateRefused, TrustFolderError: it could log nobody in.
    """
    person = find_person(house, login)
    shown, at = read_login_certificate(content), house.clock()
    try:
        _check(house, Shown(certificate=shown), at)
    except CertificateRefused as error:
        if error.sub_indication != SubIndication.TRY_LATER:
            raise
    known = known_certificate(shown, person)
    if not house.accounts.certificates.add(known, at):
        raise AnswerRefused(
            "Chứng thư này đã gắn với một người dùng. Hãy gỡ ở người đó trước: hoso people.",
            "this certificate, or one of its issuer and number, is given to somebody already",
        )
    tell_people(house, by, person, "certificate added", certificate=known.sha256)
    return known


def remove_certificate(house: House, login: str, sha256: str, by: str) -> None:
    """Let a certificate log a person in no more; the sessions that it began end.

    Raises:
        UnknownCode: there is nobody of that login, or no such certificate of that person.
    """
    person = find_person(house, login)
    if not house.accounts.certificates.remove(person.id, sha256.lower()):
        raise UnknownCode(
            f"«{login}» không có chứng thư {sha256}. Xem danh sách: `hoso people`.",
            f"{login!r} has no certificate {sha256}; see `hoso people`",
        )
    tell_people(house, by, person, "certificate removed", certificate=sha256.lower())


def recognize(house: House, shown: Shown, at: dt.datetime) -> Person:
    """Return whose certificate is shown, where it lets that person in now.

    Raises:
        CertificateRefused: it does not; `person_of` may still say whose it is, for the log.
        KeyMaterialError, TrustFolderError: it, or what it is judged by, cannot be read.
    """
    person = person_of(house, shown.certificate)
    if person is None or person.closed_at is not None:
        raise CertificateRefused(
            "Chứng thư này chưa gắn với người dùng nào. Hãy nhờ người quản trị gắn, hoặc đăng "
            "nhập bằng mật khẩu.",
            "this certificate is given to nobody; ask the administrator, or log in with a password",
            "UNKNOWN_CERTIFICATE",
        )
    _check(house, shown, at)
    return person


def person_of(house: House, shown: LoginCertificate) -> Person | None:
    """Return to whom a certificate was given; closed persons too."""
    known = house.accounts.certificates.find(shown.issuer_sha256, shown.serial)
    if known is None or known.sha256 != shown.sha256:
        return None
    return house.accounts.get(known.person)


def ends_soon(valid_to: dt.datetime, at: dt.datetime) -> bool:
    """Tell whether a new certificate should be asked for, by when one ends."""
    return valid_to - at < _ENDS_SOON


def can_use_certificates(house: House) -> bool:
    """Tell whether any authority is trusted for logging in."""
    with suppress(OSError):
        # A note alone, such as says what belongs here, trusts nobody.
        folder = house.station.trust / LOGIN_FOLDER
        return any(path.suffix != ".txt" for path in folder.iterdir())
    return False


def _check(house: House, shown: Shown, at: dt.datetime) -> None:
    trust = load_login_trust(house.station.trust)
    check_login(shown.certificate, shown.issuers, trust, _network(house), at)


def _network(house: House) -> Network:
    network = station_network(house.station)
    return replace(network, timeout_seconds=min(network.timeout_seconds, _SECONDS))
