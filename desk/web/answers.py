"""How pages answer: a page, another address, a refusal in words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from desk.web.house import Asked


def page(
    asked: Asked, template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any
) -> Response:
    """Answer with a page."""
    return HTMLResponse(asked.draw(template, **values), status_code=status)


def go_to(path: str) -> Response:
    """Send the browser to another page of ours, by GET."""
    return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)


def refuse(asked: Asked, status: HTTPStatus, vi: str, en: str) -> Response:
    """Say why not, and what to do."""
    text = en if asked.language == "en" else vi
    return page(asked, "refused.html", status, text=text)
