"""A session's rounds: sign what waits, wait, look again, until its time or number is over."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desk.moments import now
from desk.sign_sessions import SignSession
from signing.errors import RevocationUnavailable, TimestampUnavailable

_LOOK_SECONDS = 1.0
# A service that is down is not asked for each paper: the papers wait, and so does the session.
_SERVICE_SECONDS = 30.0


def sign_until(
    session: SignSession, stop: threading.Event, *, once: bool, report: Callable[[str], None]
) -> None:
    """Sign the person's papers as they come.

    Args:
        session: an open session.
        stop: set when no further paper shall be signed.
        once: end when nothing waits any more.
        report: told in Vietnamese what keeps it from signing.

    Raises:
        SigningError: the key or its certificate failed; with `once` also a service.
    """
    pause = _LOOK_SECONDS
    while not stop.is_set() and not session.is_over(now()):
        try:
            _sign_round(session, stop)
            pause = _LOOK_SECONDS
        except (TimestampUnavailable, RevocationUnavailable) as error:
            if once:
                raise
            report(error.vi)
            pause = _SERVICE_SECONDS
        if once:
            return
        stop.wait(pause)


def _sign_round(session: SignSession, stop: threading.Event) -> None:
    for paper in session.own():
        if stop.is_set() or session.is_over(now()):
            return
        session.sign(paper.submission_id, paper.paper)
