"""Before a page is asked anything: who asks, may they, is the request of this site's own forms.

One wrapper for every page, so that no page can forget it (OWASP ASVS 5, V3, V4, V7, V8).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive

from config.telling import ToldError
from config.vocabulary import EventType
from desk.errors import UnknownCode
from desk.web.answers import go_to, refuse
from desk.web.house import Asked, House, cookie_named, language_of
from desk.web.lines import Lines
from desk.web.routing import SMALL_BYTES, Page, Queue
from storage.accounts import TYPED, Session
from storage.errors import BadCursor, RecordNotFound

Endpoint = Callable[[Request], Awaitable[Response]]
LOGIN = "/dang-nhap"
OWN_ACCOUNT = "/mat-khau"
# A body that drips in for longer than this is an attack, or a line that will not bring it; who is
# not logged in sends small ones only.
_BODY_SECONDS = 120.0
_SMALL_BODY_SECONDS = 15.0
# Not at each request: a write of its own.
_SEEN_EVERY = dt.timedelta(seconds=30)
_MOST_FIELDS = 200
# Of one person at once: what is sent lies on the archive's disk until it is judged.
_MOST_UPLOADS = 2
_FOUND_NOTHING = (UnknownCode, RecordNotFound, BadCursor)


def cookie_name(house: House) -> str:
    """Return the name of the session's cookie."""
    return cookie_named("hoso", is_public=house.is_public)


def guarded(page: Page, house: House, lines: Lines) -> Endpoint:
    """Return what answers a page's address."""

    async def answer(request: Request) -> Response:
        if page.method == "GET" and page.queue is None:
            return await lines.quickly(_let_in_and_answer, page, request, house)
        asked, refusal = await lines.quickly(_let_in, page, request, house)
        if refusal is not None:
            return refusal
        if not page.most_files:
            return await _answered(page, asked, lines)
        with house.turns.one_of(f"upload-{asked.person.id}", _MOST_UPLOADS) as is_one_left:
            if not is_one_left:
                return refuse(asked, HTTPStatus.TOO_MANY_REQUESTS, *_TOO_MANY)
            return await _answered(page, asked, lines)

    return answer


async def _answered(page: Page, asked: Asked, lines: Lines) -> Response:
    if page.method == "POST":
        try:
            asked = await _with_form(asked, page)
        except _BadBody as error:
            return refuse(asked, error.status, *error.texts)
    try:
        if page.queue is None:
            return await lines.quickly(_answer, page, asked)
        return await lines.wait(page.queue, _answer_in_turn, page, page.queue, asked)
    finally:
        await asked.form.close()


def _answer_in_turn(page: Page, queue: Queue, asked: Asked) -> Response:
    """Answer, where one at once is one of the whole station when no other worker does."""
    if queue.at_once > 1:
        return _answer(page, asked)
    with asked.house.turns.wait(queue.name.lower()):
        return _answer(page, asked)


def _answer(page: Page, asked: Asked) -> Response:
    if page.method == "POST" and not _carries_proof(asked):
        return refuse(asked, HTTPStatus.FORBIDDEN, *_FORGED)
    try:
        return page.view(asked)
    except _FOUND_NOTHING:
        return refuse(asked, HTTPStatus.NOT_FOUND, *_NOTHING)
    except ToldError as error:
        return refuse(asked, HTTPStatus.CONFLICT, error.vi, error.en)


def _let_in_and_answer(page: Page, request: Request, house: House) -> Response:
    asked, refusal = _let_in(page, request, house)
    return _answer(page, asked) if refusal is None else refusal


def _let_in(page: Page, request: Request, house: House) -> tuple[Asked, Response | None]:
    """Return who asks, and why not; a refusal is an event, which waits for the disk."""
    asked = _asked(request, house)
    return asked, _refusal(page, asked)


def _asked(request: Request, house: House) -> Asked:
    at = house.clock()
    session = _session(request, house, at)
    return Asked(
        house=house,
        request=request,
        session=session,
        form=FormData(),
        language=language_of(request, session, is_public=house.is_public),
        at=at,
    )


def _session(request: Request, house: House, at: dt.datetime) -> Session | None:
    token = request.cookies.get(cookie_name(house), "")
    session = house.accounts.session(token) if token else None
    if session is None:
        return None
    idle = dt.timedelta(minutes=house.station.settings.web.idle_minutes)
    day = dt.timedelta(hours=house.station.settings.web.session_hours)
    if at - session.seen_at > idle or at - session.begun_at > day:
        house.accounts.end(token)
        return None
    if at - session.seen_at > _SEEN_EVERY:
        house.accounts.see(token, at)
    return session


def _refusal(page: Page, asked: Asked) -> Response | None:
    """Return why a page is not answered, before anything of the request's body is read."""
    if page.method == "POST" and not _is_ours(asked):
        return refuse(asked, HTTPStatus.FORBIDDEN, *_FORGED)
    if page.roles is None:
        return None
    if asked.session is None:
        return go_to(LOGIN)
    if asked.person.role not in page.roles:
        asked.tell(EventType.REFUSAL, "web", outcome="role", page=page.path)
        return refuse(asked, HTTPStatus.FORBIDDEN, *_NOT_YOURS)
    if has_drawn_password(asked) and not page.is_for_new:
        return go_to(OWN_ACCOUNT)
    return None


def has_drawn_password(asked: Asked) -> bool:
    """Tell whether who asks came in by a password that others saw, and has yet to choose one."""
    session = asked.session
    return session is not None and session.means == TYPED and session.person.drawn_at is not None


def _is_ours(asked: Asked) -> bool:
    """Tell whether a form was sent by a page of this very site, as the browser says.

    A browser that says neither Origin nor Sec-Fetch-Site is none that is supported.
    """
    headers = asked.request.headers
    site = headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = headers.get("origin")
    if origin is None:
        return site is not None
    here = ("https" if asked.house.is_public else "http", headers.get("host"))
    return urlsplit(origin)[:2] == here


def _carries_proof(asked: Asked) -> bool:
    """Tell whether a form carries its session's proof; without one there is nothing to abuse."""
    if asked.session is None:
        return True
    return hmac.compare_digest(asked.said("proof"), asked.session.proof)


class _BadBody(Exception):
    """A body that is not taken."""

    def __init__(self, status: HTTPStatus, texts: tuple[str, str]) -> None:
        super().__init__(status)
        self.status, self.texts = status, texts


async def _with_form(asked: Asked, page: Page) -> Asked:
    request = asked.request
    megabytes = asked.house.station.settings.web.upload_megabytes
    most_bytes = megabytes * 1_000_000 if page.most_files else SMALL_BYTES
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit() or int(length) > most_bytes:
        raise _BadBody(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
    sent = Request(request.scope, _counted(request.receive, most_bytes))
    try:
        async with asyncio.timeout(_BODY_SECONDS if page.most_files else _SMALL_BODY_SECONDS):
            form = await sent.form(
                max_files=page.most_files, max_fields=_MOST_FIELDS, max_part_size=SMALL_BYTES
            )
    except TimeoutError as error:
        raise _BadBody(HTTPStatus.REQUEST_TIMEOUT, _TOO_SLOW) from error
    except (HTTPException, MultiPartException, ClientDisconnect) as error:
        raise _BadBody(HTTPStatus.BAD_REQUEST, _UNREADABLE) from error
    return replace(asked, form=form)


def _counted(receive: Receive, most_bytes: int) -> Receive:
    """Count what comes: a body sent in pieces may be longer than its head says (RFC 9112, 6.3)."""
    came = 0

    async def counted() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > most_bytes:
            raise _BadBody(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
        return message

    return counted


_FORGED = (
    "Yêu cầu không đến từ trang này. Hãy tải lại trang rồi làm lại.",
    "The request did not come from this site. Load the page again and repeat.",
)
_NOT_YOURS = (
    "Vai trò của ông/bà không dùng trang này. Nếu cần, hãy hỏi người quản trị.",
    "Your role does not use this page. Ask the administrator if you need it.",
)
_NOTHING = (
    "Không có gì ở đây, hoặc không thuộc phạm vi của ông/bà. Hãy kiểm tra lại mã.",
    "There is nothing here, or it is outside your scope. Check the code.",
)
_TOO_LARGE = (
    "Dữ liệu gửi lên lớn hơn mức cho phép. Hãy gửi ít tệp hơn.",
    "More was sent than is allowed. Send fewer files.",
)
_TOO_MANY = (
    "Ông/bà đang gửi tệp khác. Hãy đợi xong rồi gửi tiếp.",
    "You are sending other files. Wait until they are done, then send these.",
)
_TOO_SLOW = (
    "Dữ liệu gửi lên quá chậm nên đã dừng. Hãy kiểm tra đường truyền rồi gửi lại.",
    "What was sent came too slowly. Check the connection and send it again.",
)
_UNREADABLE = (
    "Không đọc được dữ liệu gửi lên, hoặc có quá nhiều tệp. Hãy tải lại trang rồi gửi ít tệp hơn.",
    "What was sent cannot be read, or has too many files. Load the page again and send fewer.",
)
