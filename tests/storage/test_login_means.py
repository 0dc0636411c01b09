"""Certificates and challenges of logins, kept in people.db beside those of an earlier version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage import login_means
from storage.accounts import Accounts, NewPerson, Person, WebRole
from storage.login_means import KnownCertificate, NewChallenge
from storage.people_schema import MIGRATIONS

AT = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.UTC)
SOON = AT + dt.timedelta(minutes=5)
LAN = NewPerson(
    login="lan",
    name="LAN THỬ NGHIỆM",
    role=WebRole.OFFICER,
    agencies=("*",),
    password="",
    one_time=b"",
)


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    made = Accounts(tmp_path / "people.db")
    yield made
    made.close()


def lan(accounts: Accounts) -> Person:
    person = accounts.add(LAN, AT)
    assert person is not None
    return person


def certificate(person: int, **change: str) -> KnownCertificate:
    told = {"sha256": "a" * 64, "issuer": "b" * 64, "serial": "1F", **change}
    return KnownCertificate(
        **told,
        person=person,
        subject="LAN THỬ NGHIỆM",
        issuer_name="CA THỬ NGHIỆM",
        valid_from=AT,
        valid_to=SOON,
    )


def test_people_of_an_earlier_version_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    with closing(Tables(path)) as tables:
        MIGRATIONS.apply(tables, stop_before="0003_certificates")
        tables.execute(
            "INSERT INTO person (login, name, role, agencies, password, one_time, last_step, "
            "language, created_at) VALUES ('lan', 'LAN', 'officer', '[]', '', x'', 0, 'vi', ?)",
            (AT.isoformat(),),
        )
        tables.conn.commit()
    with closing(Accounts(path)) as accounts:
        person = accounts.find("lan")
        assert person is not None
        assert accounts.certificates.add(certificate(person.id), AT)
        assert accounts.certificates.of(person.id) == [certificate(person.id)]


def test_one_number_of_an_issuer_is_one_certificate(accounts: Accounts) -> None:
    person = lan(accounts)
    assert accounts.certificates.add(certificate(person.id), AT)
    assert not accounts.certificates.add(certificate(person.id, sha256="c" * 64), AT)
    assert accounts.certificates.add(certificate(person.id, sha256="c" * 64, serial="20"), AT)
    assert not accounts.certificates.remove(person.id + 1, "c" * 64)
    assert accounts.certificates.remove(person.id, "c" * 64)
    assert not accounts.certificates.remove(person.id, "c" * 64)
    found = accounts.certificates.find("b" * 64, "1F")
    assert found is not None
    assert found.sha256 == "a" * 64


def test_a_challenge_is_answered_once_and_used_once(accounts: Accounts) -> None:
    waiting = accounts.challenges
    waiting.put("browser", NewChallenge(nonce="n", code="CODE", until=SOON))
    assert waiting.answer("n", "first", AT)
    assert not waiting.answer("n", "second", AT)
    found = waiting.of("browser", AT)
    assert found is not None
    assert found.answer == "first"
    assert waiting.of("another", AT) is None
    assert not waiting.take("another", "n", AT)
    assert not waiting.take("browser", "m", AT)
    assert waiting.take("browser", "n", AT)
    assert not waiting.take("browser", "n", AT)


def test_a_challenge_that_is_over_is_none(accounts: Accounts) -> None:
    waiting = accounts.challenges
    waiting.put("browser", NewChallenge(nonce="n", code="CODE", until=SOON))
    assert waiting.by_code("CODE", SOON) is None
    assert waiting.of("browser", SOON) is None
    assert not waiting.answer("n", "late", SOON)
    assert not waiting.take("browser", "n", SOON)
    waiting.forget(SOON + dt.timedelta(seconds=1))
    assert waiting.by_code("CODE", AT) is None


def test_no_storm_of_challenges_fills_the_disk(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_means, "_MOST_WAITING", 3)
    for number in range(5):
        until = SOON + dt.timedelta(seconds=number)
        new = NewChallenge(nonce=f"n{number}", code=f"c{number}", until=until)
        accounts.challenges.put(f"b{number}", new)
    kept = [accounts.challenges.by_code(f"c{number}", AT) is not None for number in range(5)]
    assert kept == [False, False, True, True, True]


@pytest.mark.parametrize("storm", ["192.0.2.66", "2001:db8:7::{number:x}"])
def test_a_storm_from_one_address_pushes_nobody_else_out(accounts: Accounts, storm: str) -> None:
    for number in range(200):
        until = SOON + dt.timedelta(seconds=number)
        address = storm.format(number=number) if number else "2001:db8:8::1"
        new = NewChallenge(nonce=f"n{number}", code=f"c{number}", until=until, address=address)
        accounts.challenges.put(f"b{number}", new)
    kept = [n for n in range(200) if accounts.challenges.by_code(f"c{n}", AT) is not None]
    assert kept == [0, *range(150, 200)]
