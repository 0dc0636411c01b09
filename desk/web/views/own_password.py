"""Choosing one's own password, by the one in use and a one-time code (OWASP ASVS 5, V6.2).

Who came in by a password that an administrator saw is let to no other page before. A wrong try
counts as one at the door: a session that was left open lets nobody guess.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from config.telling import ToldError
from desk.errors import AnswerRefused
from desk.web.answers import page
from desk.web.guard import OWN_ACCOUNT, has_drawn_password
from desk.web.house import Asked
from desk.web.people import change_password, known_words, require_password
from desk.web.routing import ALL, Page, Queue
from desk.web.views.entrance import begin_session, recognize

_CHANGED = "xong"


def show_own_password(asked: Asked) -> Response:
    """Show the form, or that it is done."""
    return _form(asked, HTTPStatus.OK)


def choose_password(asked: Asked) -> Response:
    """Keep a new password; every session ends, and one begins here with a token of its own."""
    assert asked.session is not None, "the table of pages lets nobody else come here"
    try:
        password = _chosen(asked)
    except AnswerRefused as error:
        return _form(asked, HTTPStatus.UNPROCESSABLE_ENTITY, error)
    if recognize(asked, asked.person.login) is None:
        return _form(asked, HTTPStatus.UNAUTHORIZED, _wrong())
    change_password(asked.house, asked.person, password, asked.actor)
    return begin_session(asked, asked.person, asked.session.means, f"{OWN_ACCOUNT}?{_CHANGED}=1")


def _chosen(asked: Asked) -> str:
    """Return the password that is wanted; looked at first, so that no code is used up in vain.

    Raises:
        AnswerRefused: it will not do.
    """
    current, wanted, again = (asked.typed(name) for name in ("password", "new", "again"))
    if wanted != again:
        raise AnswerRefused(
            "Hai lần gõ mật khẩu mới không giống nhau. Hãy gõ lại.",
            "the new password was not typed the same way twice; type it again",
        )
    if wanted == current:
        raise AnswerRefused(
            "Mật khẩu mới trùng mật khẩu đang dùng. Hãy chọn mật khẩu khác.",
            "the new password is the one in use; choose another one",
        )
    require_password(wanted, asked.person.login, known_words(asked.house, asked.person.name))
    return wanted


def _form(asked: Asked, status: HTTPStatus, refused: ToldError | None = None) -> Response:
    return page(
        asked,
        "own_password.html",
        status,
        refused=refused,
        is_changed=bool(asked.asked_for(_CHANGED)),
        is_drawn=has_drawn_password(asked),
        has_password=bool(asked.person.password),
    )


def _wrong() -> AnswerRefused:
    return AnswerRefused(
        "Mật khẩu đang dùng hoặc mã dùng một lần không đúng, hoặc mã đã dùng rồi: hãy đợi mã mới. "
        "Sai năm lần thì phải chờ 15 phút.",
        "the password in use or the one-time code is wrong, or the code was used before: wait for "
        "the next one; after five failures wait 15 minutes",
    )


PAGES = (
    Page(path=OWN_ACCOUNT, view=show_own_password, roles=ALL, is_for_new=True),
    Page(
        path=OWN_ACCOUNT,
        view=choose_password,
        roles=ALL,
        method="POST",
        queue=Queue.ENTER,
        is_for_new=True,
    ),
)
