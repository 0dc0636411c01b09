"""Adding and closing the people of the pages: from the command line, and by an administrator."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from config.telling import one_line
from config.vietnamese import fold_unkept
from config.vocabulary import EventType
from desk.errors import AnswerRefused, UnknownCode
from desk.web.guessing import is_easily_guessed
from desk.web.house import House
from desk.web.one_time import address_of, new_secret
from desk.web.secrets import MAX_PASSWORD, MIN_PASSWORD, hash_password
from storage.accounts import NewPerson, Person, WebRole
from storage.login_means import KnownCertificate
from storage.model import NewEvent

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_LONGEST_NAME = 100
# A password of one letter over and over is none, however long.
_FEWEST_SIGNS = 5
# Two letters of a login stand in many a password that nobody guesses.
_LEAST_WORD = 4
# What whoever knows the program or the office tries first; as folded and without blanks.
_GUESSED_FIRST = ("hoso", "motcua", "matkhau", "password", "qwerty", "123456", "uyban", "ubnd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a person may do, and of whose papers."""

    role: WebRole
    agencies: tuple[str, ...]

    @property
    def told(self) -> str:
        """How the log tells of it."""
        return f"{self.role.value} {','.join(self.agencies)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who shall be added, and who says so."""

    login: str
    name: str
    role: WebRole
    agencies: tuple[str, ...]
    by: str
    """Who adds."""
    is_drawn: bool = False
    """Whether the password is one that the program drew, to be replaced at the first login."""


def add_person(house: House, asking: Asking, password: str) -> tuple[bytes, str]:
    """Add a person; return the secret of one-time codes and its `otpauth:` address.

    Raises:
        AnswerRefused: login or password will not do, or the login is taken.
    """
    login = asking.login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise AnswerRefused(
            f"Tên đăng nhập «{asking.login}» chỉ được gồm 2–40 chữ a–z, số, dấu . _ -.",
            f"the login {asking.login!r} must be 2-40 of a-z, digits, . _ -",
        )
    require_password(password, login, known_words(house, asking.name))
    secret = new_secret()
    added = house.accounts.add(
        NewPerson(
            login=login,
            name=one_line(asking.name)[:_LONGEST_NAME] or login,
            role=asking.role,
            agencies=asking.agencies,
            password=hash_password(password),
            one_time=house.key.seal(secret),
            is_drawn=asking.is_drawn,
        ),
        house.clock(),
    )
    if added is None:
        raise AnswerRefused(
            f"Đã có người dùng «{login}». Tên của tài khoản đã đóng cũng không dùng lại được.",
            f"there is already a person {login!r}; logins of closed accounts are not used again",
        )
    place = Place(role=asking.role, agencies=asking.agencies)
    tell_people(house, asking.by, added, "added", place=place.told)
    return secret, _address(house, secret, login)


def renew_secrets(
    house: House, login: str, password: str, by: str, *, is_drawn: bool = False
) -> tuple[bytes, str]:
    """Give a person a new password and secret; return the secret and its address.

    Raises:
        UnknownCode: there is nobody of that login.
        AnswerRefused: the password will not do.
    """
    person = find_person(house, login)
    require_password(password, person.login, known_words(house, person.name))
    secret = new_secret()
    drawn_at = house.clock() if is_drawn else None
    hashed = hash_password(password)
    house.accounts.set_secrets(person.id, hashed, house.key.seal(secret), drawn_at)
    tell_people(house, by, person, "secrets renewed")
    return secret, _address(house, secret, person.login)


def change_password(house: House, person: Person, password: str, by: str) -> None:
    """Keep the password that a person chose; every session of the person ends.

    Raises:
        AnswerRefused: the password will not do.
    """
    require_password(password, person.login, known_words(house, person.name))
    house.accounts.set_password(person.id, hash_password(password))
    tell_people(house, by, person, "password changed")


def place_person(house: House, login: str, place: Place, by: str) -> None:
    """Give a person another role and scope; the person's sessions end.

    Raises:
        UnknownCode: there is nobody of that login.
        AnswerRefused: the account is closed.
    """
    person = find_person(house, login)
    if person.closed_at is not None:
        raise AnswerRefused(
            f"Tài khoản «{login}» đã đóng nên không đổi vai trò được.",
            f"the account {login!r} is closed; it has no role to change",
        )
    house.accounts.set_place(person.id, place.role, place.agencies)
    tell_people(house, by, person, "placed", place=place.told)


def log_out_person(house: House, login: str, by: str) -> None:
    """End every session of a person, who may log in again.

    Raises:
        UnknownCode: there is nobody of that login.
    """
    person = find_person(house, login)
    house.accounts.sessions.end_all(person.id)
    tell_people(house, by, person, "logged out")


def log_out_everybody(house: House, by: str) -> int:
    """End all sessions of the pages; return how many."""
    count = house.accounts.sessions.end_everybodys()
    event = NewEvent(
        type=EventType.SETTING,
        object="people",
        actor=by,
        at=house.clock(),
        outcome="everybody logged out",
        detail={"sessions": count},
    )
    house.log.tell(event)
    return count


def close_person(house: House, login: str, by: str) -> None:
    """Close an account.

    Raises:
        UnknownCode: there is nobody of that login.
    """
    person = find_person(house, login)
    house.accounts.set_closed(person.id, house.clock())
    tell_people(house, by, person, "closed")


def list_people(house: House) -> list[dict[str, Any]]:
    """Return everybody, closed ones too."""
    return [
        {
            "login": person.login,
            "name": person.name,
            "role": person.role.value,
            "agencies": list(person.agencies),
            "open": person.closed_at is None,
            "certificates": [
                certificate_json(known) for known in house.accounts.certificates.of(person.id)
            ],
        }
        for person in house.accounts.people()
    ]


def certificate_json(known: KnownCertificate) -> dict[str, Any]:
    """Return what is told of a certificate that logs somebody in."""
    return {
        "sha256": known.sha256,
        "subject": known.subject,
        "issuer": known.issuer_name,
        "serial": known.serial,
        "valid_from": known.valid_from,
        "valid_to": known.valid_to,
    }


def find_person(house: House, login: str) -> Person:
    """Return the person of a login, closed ones too.

    Raises:
        UnknownCode: there is nobody of that login.
    """
    person = house.accounts.find(login)
    if person is None:
        raise UnknownCode(
            f"Không có người dùng «{login}». Xem danh sách: `hoso people`.",
            f"there is no person {login!r}; see `hoso people`",
        )
    return person


def known_words(house: House, name: str) -> tuple[str, ...]:
    """Return what everybody knows of a person's name and office, and tries as a password."""
    return (name, house.station.settings.agency.name)


def require_password(password: str, login: str, known: Iterable[str] = ()) -> None:
    """Refuse a password that others would guess first.

    Args:
        password: as it was typed.
        login: whose.
        known: what else others know of that person.

    Raises:
        AnswerRefused: it is one of those, or too short or too long.
    """
    plain = fold_unkept(password).replace(" ", "")
    words = (login, *_GUESSED_FIRST) if len(login) >= _LEAST_WORD else _GUESSED_FIRST
    if any(word in plain for word in words):
        raise AnswerRefused(
            "Mật khẩu chứa tên đăng nhập hoặc từ dễ đoán (hoso, motcua, matkhau, 123456…). "
            "Hãy chọn mật khẩu khác.",
            "the password holds the login or a word that is guessed first; choose another one",
        )
    is_long_enough = MIN_PASSWORD <= len(password) <= MAX_PASSWORD
    if not is_long_enough or len(Counter(password)) < _FEWEST_SIGNS:
        raise AnswerRefused(
            f"Mật khẩu phải dài {MIN_PASSWORD}–{MAX_PASSWORD} ký tự, gồm ít nhất {_FEWEST_SIGNS} "
            "ký tự khác nhau.",
            f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters, {_FEWEST_SIGNS} of them "
            "different",
        )
    if is_easily_guessed(password, (login, *known)):
        raise AnswerRefused(
            "Mật khẩu này dễ đoán: ghép từ mật khẩu hay gặp, tên, ngày tháng, dãy phím hoặc chữ "
            "lặp lại. Hãy chọn một câu dài hơn, của riêng mình.",
            "this password is easily guessed: it is made of common passwords, names, dates, runs "
            "on the keyboard or repetitions; choose a longer sentence of your own",
        )


def _address(house: House, secret: bytes, login: str) -> str:
    issuer = house.station.settings.agency.name or "Hồ Sơ"
    return address_of(secret, login, issuer)


def tell_people(house: House, by: str, person: Person, outcome: str, **detail: str) -> None:
    """Write what was done to somebody's account as an event."""
    event = NewEvent(
        type=EventType.SETTING,
        object="people",
        actor=by,
        at=house.clock(),
        outcome=outcome,
        detail={"login": person.login, **detail},
    )
    house.log.tell(event)
