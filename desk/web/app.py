"""The web application: every page of the table behind the guard, and headers on every answer."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from importlib.resources import files

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.web.answers import refuse
from desk.web.guard import guarded
from desk.web.house import Asked, House, language_of
from desk.web.lines import Lines
from desk.web.pages import PAGES

# Nothing inline, nothing of others, no script at all: the pages need none.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
_ONLY_TLS = ("strict-transport-security", "max-age=31536000; includeSubDomains")
_STATIC_CACHE = b"public, max-age=86400"


def create_app(house: House, hosts: Iterable[str]) -> Starlette:
    """Return the application.

    Args:
        house: what the pages are given.
        hosts: names under which it may be asked; any other is refused (DNS rebinding).
    """
    lines = Lines()
    static = StaticFiles(directory=str(files("desk.web") / "static"))
    routes = [
        Route(
            page.path,
            guarded(page, house, lines),
            methods=[page.method],
            name=_name(page.method, page.path),
        )
        for page in PAGES
    ]

    async def missing(request: Request, error: Exception) -> Response:
        return refuse(_nobody(request, house), HTTPStatus.NOT_FOUND, *_MISSING)

    async def broken(request: Request, error: Exception) -> Response:
        # The edge of the pages: Starlette writes the trace to the server's log.
        return refuse(_nobody(request, house), HTTPStatus.INTERNAL_SERVER_ERROR, *_BROKEN)

    return Starlette(
        routes=[*routes, Mount("/static", static)],
        middleware=[
            Middleware(Headers, is_public=house.is_public, policy=_policy(house)),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
        ],
        exception_handlers={
            HTTPStatus.NOT_FOUND: missing,
            HTTPStatus.METHOD_NOT_ALLOWED: missing,
            HTTPStatus.INTERNAL_SERVER_ERROR: broken,
        },
    )


def _policy(house: House) -> str:
    """Return what browsers let the pages do.

    Logging in by certificate has a port of its own, and leads back to that of the pages.
    """
    web = house.station.settings.web
    own = [each for each in (web.address, web.certificate_address) if each]
    return " ".join([_POLICY, *own])


def _name(method: str, path: str) -> str:
    return f"{method} {path}"


def _nobody(request: Request, house: House) -> Asked:
    """Return the request of somebody who is not looked up: the answer tells nothing."""
    return Asked(
        house=house,
        request=request,
        session=None,
        form=FormData(),
        language=language_of(request, None, is_public=house.is_public),
        at=house.clock(),
    )


class Headers:
    """Puts the headers of safety on every answer, errors and pictures included."""

    def __init__(self, app: ASGIApp, *, is_public: bool, policy: str) -> None:
        self._app = app
        strict = (_ONLY_TLS,) if is_public else ()
        of_all = (*_HEADERS, ("content-security-policy", policy), *strict)
        self._of_all = [(name.encode(), value.encode()) for name, value in of_all]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_static = scope["path"].startswith("/static/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                told = {name for name, _ in headers}
                # What a person may see is kept by no browser, and by no server between.
                kept = (b"cache-control", _STATIC_CACHE if is_static else b"no-store")
                headers += [each for each in (*self._of_all, kept) if each[0] not in told]
            await send(message)

        await self._app(scope, receive, with_headers)


_MISSING = (
    "Không có trang này. Hãy quay lại trang đầu.",
    "There is no such page. Go back to the first page.",
)
_BROKEN = (
    "Lỗi chưa lường trước. Không có gì bị mất; hãy thử lại, và báo người quản trị nếu vẫn vậy.",
    "An unexpected error. Nothing is lost; try again, and tell the administrator if it stays.",
)
