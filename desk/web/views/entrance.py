"""Logging in by password and one-time code, logging out, choosing the language.

Whatever is wrong, the answer is the same and takes as long: neither says whether there is such a
person (OWASP ASVS 5, V6.3). Five failures within a quarter of an hour close a login (TCVN 14423: at
most five), and fifty an address, until the quarter is over. What is tried while it is closed counts
no more: nobody is kept out for longer by trying again. An address that is closed costs neither a
hash nor a line of the log, so that a storm fills no disk.
"""

from __future__ import annotations

import datetime as dt
import secrets
from http import HTTPStatus

from starlette.responses import Response

from config.vocabulary import EventType
from desk.web.answers import go_to, page
from desk.web.guard import LOGIN, cookie_name
from desk.web.house import Asked, House, actor_of
from desk.web.one_time import matching_step
from desk.web.routing import ALL, Page, Queue
from desk.web.secrets import is_password
from desk.web.words import LANGUAGES
from storage.accounts import Person
from storage.model import NewEvent

MOST_FAILURES = 5
FAILURE_WINDOW = dt.timedelta(minutes=15)
# Behind one address sits a whole office.
_MOST_OF_ADDRESS = 50
_TOKEN_BYTES = 32
_YEAR_SECONDS = 365 * 24 * 3600


def show_login(asked: Asked) -> Response:
    """Show the form."""
    if asked.session is not None:
        return go_to("/")
    return page(asked, "login.html", failed=False, login="")


def log_in(asked: Asked) -> Response:
    """Begin a session, where password and code are right."""
    login = asked.said("login")[:100]
    person = _recognize(asked, login)
    if person is None:
        return page(asked, "login.html", HTTPStatus.UNAUTHORIZED, failed=True, login=login)
    return begin_session(asked, person, "password")


def begin_session(asked: Asked, person: Person, means: str) -> Response:
    """Begin a session with a token that nobody knew before, and go to the first page."""
    house = asked.house
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    proof = secrets.token_urlsafe(_TOKEN_BYTES)
    # Whoever logs in anew on this browser leaves nothing open behind.
    house.accounts.end(asked.request.cookies.get(cookie_name(house), ""))
    house.accounts.begin(person, token, proof=proof, means=means, at=asked.at)
    _tell(house, actor_of(person), "begun", asked.at, means)
    answer = go_to("/")
    answer.set_cookie(
        cookie_name(house), token, httponly=True, samesite="lax", secure=house.is_public, path="/"
    )
    return answer


def log_out(asked: Asked) -> Response:
    """End the session."""
    house = asked.house
    asked.house.accounts.end(asked.request.cookies.get(cookie_name(house), ""))
    _tell(house, asked.actor, "ended", asked.at, "")
    answer = go_to(LOGIN)
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
            "ngon-ngu",
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


def _recognize(asked: Asked, login: str) -> Person | None:
    accounts, since = asked.house.accounts, asked.at - FAILURE_WINDOW
    address = f"address {asked.request.client.host if asked.request.client else ''}"
    subject = f"login {login.casefold()}"
    if accounts.failures(address, since) >= _MOST_OF_ADDRESS:
        return None
    is_closed = accounts.failures(subject, since) >= MOST_FAILURES
    person = accounts.find(login)
    is_right = _is_right(asked, person)
    if person is not None and is_right and not is_closed and person.closed_at is None:
        accounts.forgive(subject)
        return person
    for failed in (address,) if is_closed else (subject, address):
        accounts.fail(failed, asked.at)
    # No login is written: people type passwords into the wrong line.
    known = actor_of(person) if person is not None else "unknown (web)"
    _tell(asked.house, known, "closed" if is_closed else "refused", asked.at, "password")
    return None


def _is_right(asked: Asked, person: Person | None) -> bool:
    typed = asked.form.get("password")
    password = typed if isinstance(typed, str) else ""
    has_password = is_password(person.password if person else "", password)
    secret = asked.house.key.open(person.one_time) if person and person.one_time else None
    if person is None or secret is None or not has_password:
        return False
    step = matching_step(secret, asked.said("code"), asked.at)
    return step is not None and asked.house.accounts.take_step(person.id, step)


def _tell(house: House, actor: str, outcome: str, at: dt.datetime, means: str) -> None:
    detail = {"means": means.partition(":")[0], "by": "web"}
    event = NewEvent(
        type=EventType.LOGIN, object="web", actor=actor, at=at, outcome=outcome, detail=detail
    )
    house.log.tell(event)


PAGES = (
    Page(path=LOGIN, view=show_login, roles=None),
    Page(path=LOGIN, view=log_in, roles=None, method="POST", queue=Queue.ENTER),
    Page(path="/dang-xuat", view=log_out, roles=ALL, method="POST"),
    Page(path="/ngon-ngu", view=choose_language, roles=None, method="POST"),
)
