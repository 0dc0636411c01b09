"""One's own sessions: seen, and ended one by one or all but this (OWASP ASVS 5, V7.5.2).

Whoever ends others' has shown who they are a short while ago, or shows it now: a browser that was
left open throws nobody out of theirs.
"""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

from starlette.responses import Response

from config.telling import ToldError
from config.vocabulary import EventType
from desk.errors import AnswerRefused, UnknownCode
from desk.web.answers import go_to, page
from desk.web.guard import cookie_name
from desk.web.house import Asked
from desk.web.routing import ALL, Page, Queue
from desk.web.sweeping import open_since
from desk.web.views.entrance import recognize, tell_login
from storage.open_sessions import OpenSession, mark_of

_PATH = "/phien"
_ENDED = "xong"
_OTHERS = "others"
_FRESH = dt.timedelta(minutes=10)


def show_sessions(asked: Asked) -> Response:
    """Show where one is logged in."""
    asked.tell(EventType.VIEW, "web", outcome="own sessions")
    return _shown(asked, HTTPStatus.OK)


def end_sessions(asked: Asked) -> Response:
    """End those that were chosen, or all but this one."""
    accounts, person = asked.house.accounts, asked.person
    chosen = {mark for mark in asked.form.getlist("mark") if isinstance(mark, str)}
    try:
        is_all = asked.said("which") == _OTHERS
        if not is_all:
            _require_others(asked, chosen)
        _require_person(asked)
    except AnswerRefused as error:
        return _shown(asked, HTTPStatus.UNPROCESSABLE_ENTITY, error)
    if is_all:
        accounts.sessions.end_others(person.id, _mark_here(asked))
    else:
        for mark in chosen:
            accounts.sessions.end_one(person.id, mark)
    tell_login(asked, person, "others ended", "")
    return go_to(f"{_PATH}?{_ENDED}=1")


def _require_others(asked: Asked, chosen: set[str]) -> None:
    """Let sessions of one's own be ended that are open, and not the one that asks.

    Raises:
        AnswerRefused: none was chosen, or this one.
        UnknownCode: one is nobody's, or somebody else's.
    """
    if not chosen:
        raise AnswerRefused("Chưa chọn phiên nào.", "no session was chosen")
    if _mark_here(asked) in chosen:
        raise AnswerRefused(
            "Phiên đang dùng thì kết thúc bằng nút Đăng xuất.",
            "this very session is ended by logging out",
        )
    if not chosen <= {known.mark for known in _open(asked)}:
        raise UnknownCode("Phiên đó không còn mở.", "that session is not open any more")


def _require_person(asked: Asked) -> None:
    """Have who asks say who they are, where they did not do so a short while ago.

    Raises:
        AnswerRefused: it is not right, or cannot be asked here.
    """
    if _is_fresh(asked):
        return
    if not asked.person.password:
        raise AnswerRefused(
            "Hãy đăng nhập lại bằng chứng thư, rồi làm việc này trong 10 phút.",
            "log in again by certificate, then do this within 10 minutes",
        )
    if recognize(asked, asked.person.login) is None:
        raise AnswerRefused(
            "Mật khẩu hoặc mã dùng một lần không đúng, hoặc mã đã dùng rồi: hãy đợi mã mới.",
            "the password or the one-time code is wrong, or the code was used before: wait for "
            "the next one",
        )


def _is_fresh(asked: Asked) -> bool:
    session = asked.session
    return session is not None and asked.at - session.begun_at <= _FRESH


def _open(asked: Asked) -> list[OpenSession]:
    seen, begun = open_since(asked.house, asked.at)
    return asked.house.accounts.sessions.of(asked.person.id, seen=seen, begun=begun)


def _mark_here(asked: Asked) -> str:
    return mark_of(asked.request.cookies.get(cookie_name(asked.house), ""))


def _shown(asked: Asked, status: HTTPStatus, refused: ToldError | None = None) -> Response:
    return page(
        asked,
        "own_sessions.html",
        status,
        refused=refused,
        is_ended=bool(asked.asked_for(_ENDED)),
        sessions=_open(asked),
        here=_mark_here(asked),
        is_fresh=_is_fresh(asked),
    )


PAGES = (
    Page(path=_PATH, view=show_sessions, roles=ALL),
    Page(path=_PATH, view=end_sessions, roles=ALL, method="POST", queue=Queue.ENTER),
)
