"""Logging in by password and one-time code, logging out, choosing the language.

Whatever is wrong, the answer is the same and takes as long: neither says whether there is such a
person (OWASP ASVS 5, V6.3). Five failures within a quarter of an hour close a login (TCVN 14423: at
most five), fifty an address, and 500 from everywhere all logins, until the quarter is over. What is
tried while it is closed counts no more. An address that is closed, and a storm from everywhere,
cost neither a hash nor a line of the log. A browser in which a login succeeded before has a count
of its own, so that others' guesses keep nobody out for ever.
"""

from __future__ import annotations

import datetime as dt
import secrets
from http import HTTPStatus

from starlette.responses import Response

from config.vocabulary import EventType
from desk.web.answers import go_to, page
from desk.web.certificates import can_use_certificates
from desk.web.guard import LOGIN, cookie_name
from desk.web.house import LANGUAGE_COOKIE, Asked, actor_of, cookie_named
from desk.web.known_browsers import known_browser, remember_browser
from desk.web.one_time import matching_step
from desk.web.places import address_of, place_of
from desk.web.routing import ALL, Page, Queue
from desk.web.secrets import is_password
from desk.web.words import LANGUAGES
from storage.accounts import TYPED, NewSession, Person
from storage.model import NewEvent
from storage.networks import network_of

MOST_FAILURES = 5
FAILURE_WINDOW = dt.timedelta(minutes=15)
# Behind one address sits a whole office.
_MOST_OF_ADDRESS = 50
_MOST_OF_ALL = 500
_EVERYWHERE = "everywhere"
_STRANGERS = "certificates of nobody"
# A password that an administrator saw, and that nobody came to replace.
_DRAWN_LASTS = dt.timedelta(days=7)
_TOKEN_BYTES = 32
_YEAR_SECONDS = 365 * 24 * 3600


def show_login(asked: Asked) -> Response:
    """Show the form."""
    if asked.session is not None:
        return go_to("/")
    return _form(asked, HTTPStatus.OK, failed=False, login="")


def log_in(asked: Asked) -> Response:
    """Begin a session, where password and code are right."""
    login = asked.said("login")[:100]
    person = recognize(asked, login)
    if person is None:
        return _form(asked, HTTPStatus.UNAUTHORIZED, failed=True, login=login)
    answer = begin_session(asked, person, TYPED)
    remember_browser(asked, answer, person.login)
    return answer


def _form(asked: Asked, status: HTTPStatus, *, failed: bool, login: str) -> Response:
    has_certificates = can_use_certificates(asked.house)
    address = asked.house.station.settings.web.certificate_address
    return page(
        asked,
        "login.html",
        status,
        failed=failed,
        login=login,
        can_sign=has_certificates,
        certificate_address=address if has_certificates else "",
    )


def begin_session(asked: Asked, person: Person, means: str, path: str = "/") -> Response:
    """Begin a session with a token that nobody knew before, and go to a page."""
    house = asked.house
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    proof = secrets.token_urlsafe(_TOKEN_BYTES)
    # Whoever logs in anew on this browser leaves nothing open behind.
    house.accounts.end(asked.request.cookies.get(cookie_name(house), ""))
    new = NewSession(token=token, proof=proof, means=means, place=place_of(asked.request))
    house.accounts.begin(person, new, asked.at)
    tell_login(asked, person, "begun", means)
    answer = go_to(path)
    answer.set_cookie(
        cookie_name(house), token, httponly=True, samesite="lax", secure=house.is_public, path="/"
    )
    return answer


def log_out(asked: Asked) -> Response:
    """End the session."""
    house = asked.house
    asked.house.accounts.end(asked.request.cookies.get(cookie_name(house), ""))
    tell_login(asked, asked.person, "ended", "")
    answer = go_to(LOGIN)
    answer.headers["clear-site-data"] = '"cache", "storage"'
    answer.delete_cookie(cookie_name(house), path="/", secure=house.is_public, httponly=True)
    return answer


def choose_language(asked: Asked) -> Response:
    """Read on in another language."""
    chosen = asked.said("language")
    answer = go_to(_back(asked))
    if chosen in LANGUAGES:
        if asked.session is not None:
            asked.house.accounts.set_language(asked.person.id, chosen)
        answer.set_cookie(
            cookie_named(LANGUAGE_COOKIE, is_public=asked.house.is_public),
            chosen,
            max_age=_YEAR_SECONDS,
            httponly=True,
            samesite="lax",
            secure=asked.house.is_public,
        )
    return answer


def _back(asked: Asked) -> str:
    """Return the page that the choice was made on, where it is one of ours."""
    path = asked.said("back")
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def is_storm(asked: Asked) -> bool:
    """Tell whether so much failed from an address that it is asked nothing more for a while."""
    since = asked.at - FAILURE_WINDOW
    return asked.house.accounts.failures(_address_of(asked), since) >= _MOST_OF_ADDRESS


def count_failures(asked: Asked, *subjects: str) -> None:
    """Count a login that failed: against where it came from, and against whose it was."""
    for failed in (*subjects, _address_of(asked)):
        asked.house.accounts.fail(failed, asked.at)


def refuse_stranger(asked: Asked, reason: str, *subjects: str) -> None:
    """Count and tell that a certificate of nobody's was refused.

    Anybody makes such certificates without end: in a storm from everywhere they cost nothing more.
    """
    accounts, since = asked.house.accounts, asked.at - FAILURE_WINDOW
    if accounts.failures(_STRANGERS, since) >= _MOST_OF_ALL:
        return
    count_failures(asked, _STRANGERS, *subjects)
    tell_login(asked, None, "refused", "certificate", reason)
    if accounts.failures(_STRANGERS, since) == _MOST_OF_ALL:
        tell_login(asked, None, "storm", "certificate")


def _address_of(asked: Asked) -> str:
    """Return from where somebody asks, as failures are counted."""
    return f"address {network_of(address_of(asked.request))}"


def recognize(asked: Asked, login: str) -> Person | None:
    """Return whose login, password and one-time code are said; None for all else, and count it."""
    accounts, since = asked.house.accounts, asked.at - FAILURE_WINDOW
    browser = known_browser(asked, login)
    subject = f"browser {browser}" if browser else f"login {login.casefold()}"
    is_closed = accounts.failures(subject, since) >= MOST_FAILURES
    is_stormy = is_storm(asked) or accounts.failures(_EVERYWHERE, since) >= _MOST_OF_ALL
    if is_stormy and (is_closed or not browser):
        return None
    person = accounts.find(login)
    is_right = _is_right(asked, person)
    is_open = person is not None and person.closed_at is None and not _is_stale(asked, person)
    if person is not None and is_right and is_open and not is_closed:
        accounts.forgive(subject)
        return person
    count_failures(asked, _EVERYWHERE, *(() if is_closed else (subject,)))
    tell_login(asked, person, "closed" if is_closed else "refused", TYPED)
    if accounts.failures(_EVERYWHERE, since) == _MOST_OF_ALL:
        tell_login(asked, None, "storm", TYPED)
    return None


def _is_stale(asked: Asked, person: Person) -> bool:
    """Tell whether a password that the program drew was left unused for too long."""
    return person.drawn_at is not None and asked.at - person.drawn_at > _DRAWN_LASTS


def _is_right(asked: Asked, person: Person | None) -> bool:
    has_password = is_password(person.password if person else "", asked.typed("password"))
    secret = asked.house.key.open(person.one_time) if person and person.one_time else None
    if person is None or secret is None or not has_password:
        return False
    step = matching_step(secret, asked.said("code"), asked.at)
    return step is not None and asked.house.accounts.take_step(person.id, step)


def tell_login(
    asked: Asked, person: Person | None, outcome: str, means: str, reason: str = ""
) -> None:
    """Write a login, or its refusal, as an event; it names a person that is known, or nobody.

    What was typed is never written: people type passwords into the wrong line.
    """
    detail = {
        "means": means.partition(":")[0],
        "by": "web",
        **({"reason": reason} if reason else {}),
    }
    event = NewEvent(
        type=EventType.LOGIN,
        object="web",
        actor=actor_of(person) if person is not None else "unknown (web)",
        at=asked.at,
        outcome=outcome,
        detail=detail,
    )
    asked.house.log.tell(event)


PAGES = (
    Page(path=LOGIN, view=show_login, roles=None),
    Page(path=LOGIN, view=log_in, roles=None, method="POST", queue=Queue.ENTER),
    Page(path="/dang-xuat", view=log_out, roles=ALL, method="POST", is_for_new=True),
    Page(path="/ngon-ngu", view=choose_language, roles=None, method="POST"),
)
