"""What a key signs to log somebody in at this station: made for one browser, signed once."""

from __future__ import annotations

import datetime as dt
import secrets

from config.telling import one_line
from desk.remote.paired import station_name
from desk.station import Station
from signing.login_challenge import LoginChallenge
from storage.login_means import NewChallenge, WaitingLogin

CHALLENGE_MINUTES = 5
_NONCE_BYTES = 32
# No letter that is taken for another; 8 of them are 39 bits, open for five minutes.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ2345678"
_CODE_LETTERS = 8


def new_challenge(at: dt.datetime, address: str, browser_name: str) -> NewChallenge:
    """Return a challenge that nobody knew before.

    Args:
        at: now, aware.
        address: from where a browser asks for it.
        browser_name: what kind of browser that is.
    """
    return NewChallenge(
        nonce=secrets.token_hex(_NONCE_BYTES),
        code="".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS)),
        # Whole seconds: the time is signed as it is written.
        until=(at + dt.timedelta(minutes=CHALLENGE_MINUTES)).replace(microsecond=0),
        address=address,
        browser_name=browser_name,
    )


def challenge_of(station: Station, waiting: WaitingLogin) -> LoginChallenge:
    """Return what is to be signed for a browser that waits."""
    place = (waiting.address, waiting.browser_name)
    return LoginChallenge(
        station=one_line(station_name(station))[:100],
        address=one_line(station.settings.web.address)[:200],
        nonce=waiting.nonce,
        until=waiting.until,
        asked_from=one_line(" · ".join(filter(None, place)))[:100],
    )


def plain_login_code(typed: str) -> str:
    """Return a code as it was given out, however it was typed."""
    return "".join(sign for sign in typed.upper() if sign in _LETTERS)
