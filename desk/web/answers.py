"""How pages answer: a page, another address, a refusal in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from desk.web.house import Asked

_CHUNK_BYTES = 1 << 18


def page(
    asked: Asked, template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any
) -> Response:
    """Answer with a page."""
    return HTMLResponse(asked.draw(template, **values), status_code=status)


def go_to(path: str) -> Response:
    """Send the browser to another page of ours, by GET."""
    return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)


def give_file(path: Path, kind: str, disposition: str) -> Response:
    """Answer with a file, piece by piece: it may be larger than what memory there is.

    It is opened at once: it may be deleted before the last piece is sent.
    """
    file = path.open("rb")
    headers = {"content-length": str(path.stat().st_size), "content-disposition": disposition}
    return _Given(file, kind, headers)


class _Given(StreamingResponse):
    """A file that is given, and closed when it was, or when nobody takes it any more."""

    def __init__(self, file: BinaryIO, kind: str, headers: Mapping[str, str]) -> None:
        super().__init__(_pieces(file), media_type=kind, headers=headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with self._file:
            await super().__call__(scope, receive, send)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_CHUNK_BYTES):
        yield piece


def refuse(asked: Asked, status: HTTPStatus, vi: str, en: str) -> Response:
    """Say why not, and what to do."""
    text = en if asked.language == "en" else vi
    return page(asked, "refused.html", status, text=text)
