"""Logging in by signing: with the token behind `hoso agent login`, or a key by `hoso login`.

A browser asks for a challenge and keeps a cookie; the key signs what names this station, and the
answer comes back through the paired computer or is pasted. One look at an answer uses the challenge
up, whatever comes of it.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus

from starlette.responses import Response

from desk.logins import CHALLENGE_MINUTES, challenge_of, new_challenge
from desk.web.answers import go_to, page
from desk.web.certificates import Shown
from desk.web.house import Asked
from desk.web.places import address_of, browser_of
from desk.web.routing import Page, Queue
from desk.web.views.certificate_login import let_in, path_after, refused_page
from desk.web.views.entrance import begin_session, is_storm, refuse_stranger
from signing.errors import CertificateRefused, KeyMaterialError, TrustFolderError
from signing.login import read_login_certificate
from signing.login_challenge import LoginAnswer, is_answered_by, read_answer
from storage.login_means import WaitingLogin, means_of

CHALLENGE_LOGIN = "/dang-nhap/ky"
_TOKEN_BYTES = 32
_CODE_GROUP = 4


def show_challenge(asked: Asked) -> Response:
    """Show what is to be signed, or how this works."""
    if asked.session is not None:
        return go_to("/")
    return _page(asked, HTTPStatus.OK)


def begin(asked: Asked) -> Response:
    """Give this browser a challenge."""
    if is_storm(asked):
        return refused_page(asked, _bad_signature())
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    place = (address_of(asked.request), browser_of(asked.request))
    asked.house.accounts.challenges.put(token, new_challenge(asked.at, *place))
    answer = go_to(CHALLENGE_LOGIN)
    answer.set_cookie(
        _cookie(asked),
        token,
        max_age=CHALLENGE_MINUTES * 60,
        httponly=True,
        samesite="strict",
        secure=asked.house.is_public,
        path="/",
    )
    return answer


def finish(asked: Asked) -> Response:
    """Begin the session of whoever signed what this browser waits with."""
    waiting = _waiting(asked)
    text = asked.said("answer") or (waiting.answer if waiting else "")
    if waiting is None or not text:
        return _page(asked, HTTPStatus.CONFLICT, unsigned=True)
    challenges = asked.house.accounts.challenges
    if not challenges.take(_token(asked), waiting.nonce, asked.at):
        return _page(asked, HTTPStatus.CONFLICT, unsigned=True)
    try:
        answer = read_answer(text)
        return _let_in(asked, waiting, answer)
    except (CertificateRefused, KeyMaterialError, TrustFolderError) as error:
        return refused_page(asked, error)


def _let_in(asked: Asked, waiting: WaitingLogin, answer: LoginAnswer) -> Response:
    certificate = read_login_certificate(answer.key.certificate.dump())
    if not is_answered_by(challenge_of(asked.house.station, waiting), answer):
        # Whose certificate it is, anybody may write: nobody's count but the address' goes up.
        refuse_stranger(asked, "SIGNATURE")
        raise _bad_signature()
    issuers = tuple(issuer.dump() for issuer in answer.key.issuers)
    person = let_in(asked, Shown(certificate=certificate, issuers=issuers))
    path = path_after(asked, certificate)
    return begin_session(asked, person, means_of(certificate.sha256), path)


def _page(asked: Asked, status: HTTPStatus, *, unsigned: bool = False) -> Response:
    waiting = _waiting(asked)
    code = waiting.code if waiting else ""
    return page(
        asked,
        "challenge_login.html",
        status,
        waiting=waiting,
        code=f"{code[:_CODE_GROUP]}-{code[_CODE_GROUP:]}",
        text=challenge_of(asked.house.station, waiting).to_text() if waiting else "",
        minutes=CHALLENGE_MINUTES,
        unsigned=unsigned,
    )


def _waiting(asked: Asked) -> WaitingLogin | None:
    token = _token(asked)
    return asked.house.accounts.challenges.of(token, asked.at) if token else None


def _token(asked: Asked) -> str:
    return asked.request.cookies.get(_cookie(asked), "")


def _cookie(asked: Asked) -> str:
    return "__Host-hoso-ky" if asked.house.is_public else "hoso-ky"


def _bad_signature() -> CertificateRefused:
    return CertificateRefused(
        "Chữ ký không đúng với thử thách này. Hãy bắt đầu lại và ký thử thách mới.",
        "the signature is not on this challenge; begin again and sign a new one",
        "SIGNATURE",
    )


PAGES = (
    Page(path=CHALLENGE_LOGIN, view=show_challenge, roles=None),
    Page(path=CHALLENGE_LOGIN, view=begin, roles=None, method="POST"),
    Page(
        path=f"{CHALLENGE_LOGIN}/xong",
        view=finish,
        roles=None,
        method="POST",
        queue=Queue.CERTIFY,
    ),
)
