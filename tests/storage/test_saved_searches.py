"""Searches that people keep: each their own, not too many, gone with their person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.accounts import Accounts, NewPerson, WebRole
from storage.saved_searches import MOST

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    with closing(Accounts(tmp_path / "people.db")) as accounts:
        yield accounts


def added(accounts: Accounts, login: str) -> int:
    new = NewPerson(
        login=login,
        name="THỬ NGHIỆM",
        role=WebRole.AUDITOR,
        agencies=("*",),
        password="",
        one_time=b"",
    )
    person = accounts.add(new, AT)
    assert person is not None
    return person.id


def names(accounts: Accounts, person: int) -> list[str]:
    return [search.name for search in accounts.searches.of(person)]


def test_each_person_has_their_own(accounts: Accounts) -> None:
    lan, mai = added(accounts, "lan"), added(accounts, "mai")
    assert accounts.searches.keep(lan, "khai sinh", "q=khai+sinh", AT)
    assert accounts.searches.keep(mai, "khai sinh", "q=a", AT)
    (kept,) = accounts.searches.of(lan)
    assert (kept.name, kept.query) == ("khai sinh", "q=khai+sinh")
    assert not accounts.searches.delete(mai, kept.id)
    assert names(accounts, lan) == ["khai sinh"]
    assert accounts.searches.delete(lan, kept.id)
    assert not accounts.searches.delete(lan, kept.id)
    assert (names(accounts, lan), names(accounts, mai)) == ([], ["khai sinh"])


def test_a_name_is_kept_once_and_too_many_are_refused(accounts: Accounts) -> None:
    lan = added(accounts, "lan")
    kept = [accounts.searches.keep(lan, f"{n:02}", f"q={n}", AT) for n in range(MOST + 1)]
    assert kept == [True] * MOST + [False]
    assert accounts.searches.keep(lan, "07", "q=other", AT)
    assert {search.name: search.query for search in accounts.searches.of(lan)}["07"] == "q=other"
    assert len(accounts.searches.of(lan)) == MOST


def test_they_go_with_their_person_alone(accounts: Accounts) -> None:
    lan, mai = added(accounts, "lan"), added(accounts, "mai")
    for person in (lan, mai):
        accounts.searches.keep(person, "một", "q=1", AT)
    accounts.set_closed(lan, AT)
    accounts.set_closed(lan, None)
    assert (names(accounts, lan), names(accounts, mai)) == ([], ["một"])
