"""Logging in with a certificate that nginx asked the browser for; no password, no code.

nginx has seen that the browser holds the key; all else is judged here. It hands the certificate
over in a header, and that header is believed only on a request that came through the socket, which
nobody but nginx reaches (`desk.web.front_door`): a secret between the two would have to be read by
both accounts and by no other, which is what is asked of the socket's folder already. nginx
overwrites the header on this path, and takes it away on all others; where it comes twice, it is
believed not at all.
"""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from starlette.responses import Response

from config.telling import ToldError
from desk.web.answers import page
from desk.web.certificates import Shown, ends_soon, person_of, recognize
from desk.web.house import Asked
from desk.web.routing import Page, Queue
from desk.web.views.entrance import (
    FAILURE_WINDOW,
    MOST_FAILURES,
    begin_session,
    count_failures,
    is_storm,
    refuse_stranger,
    tell_login,
)
from signing.errors import CertificateRefused, KeyMaterialError, TrustFolderError
from signing.login import LoginCertificate, read_login_certificate
from signing.model import SubIndication
from storage.accounts import Person
from storage.login_means import means_of

CERTIFICATE_LOGIN = "/dang-nhap/chung-thu"
_HEADER = "x-hoso-certificate"
_MEANS = "certificate"


def show_certificate(asked: Asked) -> Response:
    """Show which certificate the browser holds, before it is used; or that one is logged in."""
    if asked.session is not None:
        return _entered(asked)
    try:
        shown = _shown_certificate(asked)
    except KeyMaterialError as error:
        return refused_page(asked, error)
    return _page(asked, HTTPStatus.OK, shown=shown)


def enter_by_certificate(asked: Asked) -> Response:
    """Begin the session of whoever holds the certificate."""
    try:
        certificate = _shown_certificate(asked)
        if certificate is None:
            return _page(asked, HTTPStatus.UNAUTHORIZED, shown=None)
        person = let_in(asked, Shown(certificate=certificate))
    except (CertificateRefused, KeyMaterialError, TrustFolderError) as error:
        return refused_page(asked, error)
    path = path_after(asked, certificate)
    return begin_session(asked, person, means_of(certificate.sha256), path)


def let_in(asked: Asked, shown: Shown) -> Person:
    """Return whom a certificate lets in whose key is held by who asks; refusals are counted.

    Raises:
        CertificateRefused, KeyMaterialError, TrustFolderError: nobody, and why.
    """
    house, certificate = asked.house, shown.certificate
    subject = f"certificate {certificate.sha256}"
    if is_storm(asked):
        raise _too_many()
    if house.accounts.failures(subject, asked.at - FAILURE_WINDOW) >= MOST_FAILURES:
        count_failures(asked)
        tell_login(asked, person_of(house, certificate), "closed", _MEANS)
        raise _too_many()
    try:
        entering = recognize(house, shown, asked.at)
    except (CertificateRefused, KeyMaterialError, TrustFolderError) as error:
        reason = str(getattr(error, "sub_indication", type(error).__name__))
        # That an authority does not answer is no fault of who asks.
        subjects = () if reason == SubIndication.TRY_LATER else (subject,)
        person = person_of(house, certificate)
        if person is None:
            refuse_stranger(asked, reason, *subjects)
        else:
            count_failures(asked, *subjects)
            tell_login(asked, person, "refused", _MEANS, reason)
        raise
    house.accounts.forgive(subject)
    return entering


def refused_page(asked: Asked, error: ToldError) -> Response:
    """Say why a certificate lets nobody in."""
    text = error.en if asked.language == "en" else error.vi
    return _page(asked, HTTPStatus.UNAUTHORIZED, shown=None, refused=text)


def _page(
    asked: Asked, status: HTTPStatus, *, shown: LoginCertificate | None, refused: str = ""
) -> Response:
    return page(
        asked,
        "certificate_login.html",
        status,
        shown=shown,
        refused=refused,
        ends_soon=shown is not None and ends_soon(shown.valid_to, asked.at),
        address=asked.house.station.settings.web.address,
    )


def path_after(asked: Asked, certificate: LoginCertificate) -> str:
    """Return what to see after logging in: the first page, or that a certificate ends soon."""
    if ends_soon(certificate.valid_to, asked.at):
        return CERTIFICATE_LOGIN
    # This port, or the other one: the pages are at their own.
    return asked.house.station.settings.web.address + "/"


def _entered(asked: Asked) -> Response:
    address = asked.house.station.settings.web.address + "/"
    return page(asked, "entered.html", address=address, ends=_end_of(asked))


def _end_of(asked: Asked) -> dt.datetime | None:
    """Return when the certificate of a session ends, where that is soon."""
    assert asked.session is not None, "asked only of who is logged in"
    for known in asked.house.accounts.certificates.of(asked.person.id):
        if means_of(known.sha256) == asked.session.means and ends_soon(known.valid_to, asked.at):
            return known.valid_to
    return None


def _shown_certificate(asked: Asked) -> LoginCertificate | None:
    """Return the certificate that nginx saw; None where it saw none, or it was not nginx.

    Raises:
        KeyMaterialError: it is none that can be read.
    """
    said = asked.request.headers.getlist(_HEADER)
    if not _came_by_socket(asked) or len(said) != 1 or not said[0]:
        return None
    return read_login_certificate(unquote_to_bytes(said[0]))


def _came_by_socket(asked: Asked) -> bool:
    """Tell whether a request came through the socket of the settings: it has no port then."""
    server = asked.request.scope.get("server")
    web = asked.house.station.settings.web
    is_wanted = bool(web.socket and web.certificate_address)
    return is_wanted and server is not None and tuple(server) == (web.socket, None)


def _too_many() -> CertificateRefused:
    return CertificateRefused(
        "Đã từ chối quá nhiều lần. Hãy chờ 15 phút rồi thử lại.",
        "refused too often; wait 15 minutes, then try again",
        "TOO_MANY",
    )


PAGES = (
    Page(path=CERTIFICATE_LOGIN, view=show_certificate, roles=None),
    Page(
        path=CERTIFICATE_LOGIN,
        view=enter_by_certificate,
        roles=None,
        method="POST",
        queue=Queue.CERTIFY,
    ),
)
