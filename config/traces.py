"""Where a defect happened, without what was being worked on.

Texts of exceptions hold paths, and paths hold names of people; whoever reads a journal, or is sent
what a command printed, is not meant to learn them.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import traceback
from collections.abc import Iterator
from types import TracebackType


class TracedError(Exception):
    """An error of another process, whose text is what `trace_of` wrote there."""


class NamelessFormatter(logging.Formatter):
    """Writes errors that any library logs as `trace_of` does."""

    def formatException(  # logging names it so
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Return the calls that led to a logged error, without its text."""
        return "" if ei[1] is None else trace_of(ei[1])


def trace_of(error: BaseException) -> str:
    """Return the calls that led to an error, and to those that caused it; none of their texts."""
    return "\n".join(part for link in _chain(error) for part in _told(link))


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error behind those that it came from."""
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return links[::-1]


def _told(error: BaseException) -> Iterator[str]:
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    yield f"{type(error).__module__}.{type(error).__qualname__}{_cause(error)}"
    if isinstance(error, TracedError):
        yield str(error)
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield trace_of(inner)


def _cause(error: BaseException) -> str:
    """Return the word that the system or the database has for it."""
    if isinstance(error, OSError) and error.errno is not None:
        return f" [{errno.errorcode.get(error.errno, error.errno)}]"
    if isinstance(error, sqlite3.Error):
        return f" [{getattr(error, 'sqlite_errorname', 'unknown')}]"
    return ""
