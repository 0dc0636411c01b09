"""What a key signs to log somebody in at this station: made for one browser, signed once."""

from __future__ import annotations

import datetime as dt
import secrets

from config.telling import one_line
from desk.remote.paired import station_name
from desk.station import Station
from signing.login_challenge import LoginChallenge
from storage.login_means import Challenges, WaitingLogin

CHALLENGE_MINUTES = 5
_NONCE_BYTES = 32
# No letter that is taken for another; 8 of them are 39 bits, open for five minutes.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ2345678"
_CODE_LETTERS = 8


def begin_challenge(challenges: Challenges, browser: str, at: dt.datetime) -> None:
    """Give a browser a challenge that nobody knew before; an earlier one of it is gone."""
    challenges.put(
        browser,
        nonce=secrets.token_hex(_NONCE_BYTES),
        code="".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS)),
        # Whole seconds: the time is signed as it is written.
        until=(at + dt.timedelta(minutes=CHALLENGE_MINUTES)).replace(microsecond=0),
    )


def challenge_of(station: Station, waiting: WaitingLogin) -> LoginChallenge:
    """Return what is to be signed for a browser that waits."""
    return LoginChallenge(
        station=one_line(station_name(station))[:100],
        address=one_line(station.settings.web.address)[:200],
        nonce=waiting.nonce,
        until=waiting.until,
    )


def plain_login_code(typed: str) -> str:
    """Return a code as it was given out, however it was typed."""
    return "".join(sign for sign in typed.upper() if sign in _LETTERS)
