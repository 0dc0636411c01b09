"""Databases of people of every earlier version are brought up to date with all that they hold."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database as Tables

from storage.accounts import Accounts, NewPerson, NewSession, Person, WebRole
from storage.login_means import KnownCertificate, NewChallenge
from storage.people_schema import MIGRATIONS

AT = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.UTC)
LONG_AGO = AT - dt.timedelta(hours=1)
with closing(Tables(memory=True)) as _empty:
    VERSIONS = [migration.name for migration in MIGRATIONS.pending(_empty)]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of people of this version, with something in each of its tables."""
    path = tmp_path_factory.mktemp("people") / "people.db"
    with closing(Accounts(path)) as accounts:
        lan, hoa = added(accounts, "lan"), added(accounts, "hoa")
        accounts.set_closed(hoa.id, AT)
        new = NewSession(token="token", proof="proof", means="password", place="192.0.2.7")
        accounts.begin(lan, new, AT)
        accounts.fail("login lan", AT)
        accounts.keep_reason("vì công việc", AT)
        accounts.certificates.add(certificate(lan.id), AT)
        accounts.challenges.put("browser", NewChallenge(nonce="n", code="CODE", until=AT))
        accounts.searches.keep(lan.id, "Của tôi", "q=giay", AT)
    return path


def added(accounts: Accounts, login: str) -> Person:
    person = accounts.add(
        NewPerson(
            login=login,
            name=f"{login} THỬ NGHIỆM",
            role=WebRole.OFFICER,
            agencies=("H26.44",),
            password="$argon2id$",
            one_time=b"sealed",
        ),
        AT,
    )
    assert person is not None
    return person


def certificate(person: int) -> KnownCertificate:
    return KnownCertificate(
        sha256="a" * 64,
        issuer="b" * 64,
        serial="1F",
        person=person,
        subject="LAN THỬ NGHIỆM",
        issuer_name="CA THỬ NGHIỆM",
        valid_from=AT,
        valid_to=AT,
    )


def make_older(held: Path, path: Path, version: str) -> dict[str, list[dict[str, Any]]]:
    """Make a database as it was before a migration; return what of the newest fits into it."""
    kept: dict[str, list[dict[str, Any]]] = {}
    with closing(Tables(held)) as newest, closing(Tables(path)) as older:
        MIGRATIONS.apply(older, stop_before=version)
        for table in older.tables:
            if table.name.startswith(("_", "sqlite_")):
                continue
            known = [column.name for column in table.columns]
            kept[table.name] = [
                {name: row[name] for name in known} for row in newest.table(table.name).rows
            ]
            table.insert_all(kept[table.name])
        older.conn.commit()
    return kept


def schema(path: Path) -> set[tuple[Any, ...]]:
    query = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    with closing(Tables(path)) as tables:
        return {tuple(row.values()) for row in tables.query(query)}


def test_each_table_holds_something(held: Path) -> None:
    with closing(Tables(held)) as tables:
        own = [table for table in tables.tables if not table.name.startswith(("_", "sqlite_"))]
        assert len(own) == 7
        assert {table.name: table.count for table in own if not table.count} == {}


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_an_older_database_keeps_what_it_holds(held: Path, tmp_path: Path, version: str) -> None:
    path = tmp_path / "people.db"
    kept = make_older(held, path, version)
    with closing(Accounts(path)) as accounts:
        lan = accounts.find("lan")
        assert lan is not None
        session = accounts.session("token")
        assert session is not None
        assert session.person == lan
        (shown,) = accounts.sessions.of(lan.id, seen=LONG_AGO, begun=LONG_AGO)
        assert shown.place in ("", "192.0.2.7")
        assert accounts.failures("login lan", LONG_AGO) == 1
        assert accounts.certificates.of(lan.id) in ([], [certificate(lan.id)])
        accounts.set_password(lan.id, "$another$")
        assert accounts.session("token") is None
    assert schema(path) == schema(held)
    with closing(Tables(path)) as tables:
        for name in set(kept) - {"session", "person"}:
            found = [{key: row[key] for key in kept[name][0]} for row in tables.table(name).rows]
            assert found == kept[name]
        told = {row["login"]: row["closed_at"] for row in tables.table("person").rows}
        assert [told["lan"], bool(told["hoa"])] == [None, True]
