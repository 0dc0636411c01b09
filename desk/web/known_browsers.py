"""Browsers in which somebody logged in before: a storm of others' guesses keeps nobody out of them.

A cookie holds a number and the mark of login and number by the station's key. It opens nothing:
password and code are asked for all the same, and failures are counted for that browser alone.
"""

from __future__ import annotations

import hmac
import secrets

from starlette.responses import Response

from desk.web.house import Asked, House, cookie_named

_COOKIE = "hoso-may"
# Of people who share a computer.
_MOST_PEOPLE = 5
_NUMBER_BYTES = 16
_YEAR_SECONDS = 365 * 24 * 3600


def known_browser(asked: Asked, login: str) -> str:
    """Return by what a browser is known in which this login succeeded; empty where none did."""
    house = asked.house
    return next((number for number in _kept(asked) if _is_of(house, number, login)), "")


def remember_browser(asked: Asked, answer: Response, login: str) -> None:
    """Let a browser be known from now on."""
    house = asked.house
    others = [number for number in _kept(asked) if not _is_of(house, number, login)]
    drawn = secrets.token_hex(_NUMBER_BYTES)
    number = f"{drawn}{_mark(house, drawn, login)}"
    answer.set_cookie(
        cookie_named(_COOKIE, is_public=house.is_public),
        ".".join([number, *others][:_MOST_PEOPLE]),
        max_age=_YEAR_SECONDS,
        httponly=True,
        samesite="strict",
        secure=house.is_public,
        path="/",
    )


def _kept(asked: Asked) -> list[str]:
    name = cookie_named(_COOKIE, is_public=asked.house.is_public)
    kept = asked.request.cookies.get(name, "")
    return [number for number in kept.split(".")[:_MOST_PEOPLE] if number.isascii()]


def _is_of(house: House, number: str, login: str) -> bool:
    drawn, mark = number[: 2 * _NUMBER_BYTES], number[2 * _NUMBER_BYTES :]
    return hmac.compare_digest(mark, _mark(house, drawn, login))


def _mark(house: House, drawn: str, login: str) -> str:
    return house.key.mark(f"browser {drawn} {login.casefold()}")
