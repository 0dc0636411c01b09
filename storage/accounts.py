"""Who may use the pages, and who is logged in: people.db, beside the archive and no part of it.

People are never deleted, for the log names them; they are closed. Secrets arrive here hashed or
sealed; what a token of a session is, only its digest tells (OWASP ASVS 5, V7).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from storage.database import Database
from storage.login_means import Certificates, Challenges
from storage.open_sessions import OpenSessions, digest_of
from storage.people_schema import MIGRATIONS
from storage.saved_searches import SavedSearches
from storage.times import read_time, time_text

_SALT_BYTES = 16
TYPED = "password"
"""How a session began that a password and a one-time code opened, both typed."""
EVERYWHERE = "*"
"""In place of agencies: all that the archive holds."""


class WebRole(StrEnum):
    """What a person may do on the pages."""

    OFFICER = "officer"
    """Releases, signs, corrects (văn thư, lưu trữ)."""
    AUDITOR = "auditor"
    """Reads all of the scope, changes nothing (thanh tra, kiểm toán)."""
    ADMINISTRATOR = "administrator"
    """People, anchors, settings, health; no content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why somebody took data out."""

    mark: str
    """What the log holds of it: a salted digest, hex."""
    said: str
    """The reason."""
    at: datetime
    """When, aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody who shall use the pages."""

    login: str
    """What is typed; told apart without regard to case."""
    name: str
    role: WebRole
    agencies: tuple[str, ...]
    """Identifiers of the agencies whose papers are seen (QĐ 20/2020/QĐ-TTg), or `EVERYWHERE`."""
    password: str
    """Its hash, PHC string format; empty: no password opens it."""
    one_time: bytes
    """Sealed secret of one-time codes; empty: none."""
    is_drawn: bool = False
    """Whether the password was drawn by the program, to be replaced by who logs in with it."""
    language: str = "vi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who uses the pages."""

    id: int
    login: str
    name: str
    role: WebRole
    agencies: tuple[str, ...]
    password: str
    one_time: bytes
    last_step: int
    """The last one-time code that was taken, by its step; no code is taken twice."""
    language: str
    created_at: datetime
    closed_at: datetime | None
    drawn_at: datetime | None
    """When the password was drawn by the program; None: the person chose it."""

    @property
    def sees_everything(self) -> bool:
        """Whether papers of every agency are in the scope."""
        return EVERYWHERE in self.agencies


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session that shall begin."""

    token: str
    """What its browser shows; its digest is kept."""
    proof: str
    """What each of its forms carries."""
    means: str
    """How the person logged in."""
    place: str = ""
    """Where from, for the person's own eyes: address and browser, as far as known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is logged in."""

    person: Person
    proof: str
    """What each form of this session carries, against requests that others forge."""
    means: str
    """How the person logged in: `password`, or `certificate:<SHA-256>`."""
    begun_at: datetime
    seen_at: datetime


class Accounts:
    """People and their sessions.

    Args:
        path: people.db; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._db = Database(path)
        self._db.migrate(MIGRATIONS)
        path.chmod(0o600)
        self.certificates = Certificates(self._db)
        self.searches = SavedSearches(self._db)
        self.challenges = Challenges(self._db)
        self.sessions = OpenSessions(self._db)

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def add(self, new: NewPerson, at: datetime) -> Person | None:
        """Add a person; None where the login is taken, also by one who was closed."""
        with self._db.transaction():
            if self.find(new.login) is not None:
                return None
            self._db.execute(
                "INSERT INTO person (login, name, role, agencies, password, one_time, last_step, "
                "language, created_at, drawn_at) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
                (
                    new.login,
                    new.name,
                    new.role.value,
                    json.dumps(sorted(new.agencies)),
                    new.password,
                    new.one_time,
                    new.language,
                    time_text(at),
                    time_text(at) if new.is_drawn else None,
                ),
            )
        return self.find(new.login)

    def find(self, login: str) -> Person | None:
        """Return the person with a login, closed ones too, or None."""
        row = self._db.row("SELECT * FROM person WHERE login = ?", (login,))
        return _person(row) if row else None

    def get(self, number: int) -> Person | None:
        """Return a person by number, or None."""
        row = self._db.row("SELECT * FROM person WHERE id = ?", (number,))
        return _person(row) if row else None

    def people(self) -> list[Person]:
        """Return all, closed ones too, by login."""
        return [_person(row) for row in self._db.rows("SELECT * FROM person ORDER BY login")]

    def set_language(self, number: int, language: str) -> None:
        """Remember in which language a person reads."""
        self._db.execute("UPDATE person SET language = ? WHERE id = ?", (language, number))

    def set_place(self, number: int, role: WebRole, agencies: Sequence[str]) -> None:
        """Give a person another role and scope; sessions end."""
        with self._db.transaction():
            told = (role.value, json.dumps(sorted(agencies)), number)
            self._db.execute("UPDATE person SET role = ?, agencies = ? WHERE id = ?", told)
            self._end_all(number)

    def set_secrets(
        self, number: int, password: str, one_time: bytes, drawn_at: datetime | None = None
    ) -> None:
        """Give a person new secrets, drawn by the program or chosen; sessions end."""
        drawn = time_text(drawn_at) if drawn_at else None
        with self._db.transaction():
            told = (password, one_time, drawn, number)
            query = "UPDATE person SET password = ?, one_time = ?, drawn_at = ? WHERE id = ?"
            self._db.execute(query, told)
            self._end_all(number)

    def set_password(self, number: int, password: str) -> None:
        """Keep the password that a person chose; sessions end."""
        with self._db.transaction():
            query = "UPDATE person SET password = ?, drawn_at = NULL WHERE id = ?"
            self._db.execute(query, (password, number))
            self._end_all(number)

    def set_closed(self, number: int, at: datetime | None) -> None:
        """Close a person's account, or open it again (None); sessions end."""
        with self._db.transaction():
            closed = time_text(at) if at else None
            if at:
                self.searches.forget(number)
            self._db.execute("UPDATE person SET closed_at = ? WHERE id = ?", (closed, number))
            self._end_all(number)

    def take_step(self, number: int, step: int) -> bool:
        """Take a one-time code by its step; False where it, or a later one, was taken before."""
        query = "UPDATE person SET last_step = ? WHERE id = ? AND last_step < ?"
        return self._db.execute(query, (step, number, step)).rowcount == 1

    def begin(self, person: Person, new: NewSession, at: datetime) -> None:
        """Begin a session."""
        moment = time_text(at)
        told = (digest_of(new.token), person.id, new.proof, new.means, moment, moment, new.place)
        self._db.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)", told)

    def session(self, token: str) -> Session | None:
        """Return the session of a token, or None; a closed person has none."""
        query = (
            "SELECT person.*, session.proof, session.means, session.begun_at, session.seen_at "
            "FROM session JOIN person ON person.id = session.person "
            "WHERE token_sha256 = ? AND person.closed_at IS NULL"
        )
        row = self._db.row(query, (digest_of(token),))
        if row is None:
            return None
        return Session(
            person=_person(row),
            proof=row["proof"],
            means=row["means"],
            begun_at=read_time(row["begun_at"]),
            seen_at=read_time(row["seen_at"]),
        )

    def see(self, token: str, at: datetime) -> None:
        """Note that a session was used."""
        query = "UPDATE session SET seen_at = ? WHERE token_sha256 = ?"
        self._db.execute(query, (time_text(at), digest_of(token)))

    def end(self, token: str) -> None:
        """End a session."""
        self._db.execute("DELETE FROM session WHERE token_sha256 = ?", (digest_of(token),))

    def end_old(self, *, seen: datetime, begun: datetime) -> None:
        """End the sessions that were not used since a moment, or began before another."""
        query = "DELETE FROM session WHERE seen_at < ? OR begun_at < ?"
        self._db.execute(query, (time_text(seen), time_text(begun)))

    def fail(self, subject: str, at: datetime) -> None:
        """Note a login that failed; `subject` is whose, or from where."""
        told = (digest_of(subject), time_text(at))
        self._db.execute("INSERT INTO failure (subject, at) VALUES (?, ?)", told)

    def failures(self, subject: str, since: datetime) -> int:
        """Return how many logins failed since a moment."""
        query = "SELECT count(*) AS n FROM failure WHERE subject = ? AND at >= ?"
        row = self._db.row(query, (digest_of(subject), time_text(since)))
        return int(row["n"]) if row else 0

    def forgive(self, subject: str) -> None:
        """Forget a subject's failures, after it logged in."""
        self._db.execute("DELETE FROM failure WHERE subject = ?", (digest_of(subject),))

    def forget_failures(self, before: datetime) -> None:
        """Forget everybody's failures of long ago."""
        self._db.execute("DELETE FROM failure WHERE at < ?", (time_text(before),))

    def keep_reason(self, said: str, at: datetime) -> str:
        """Keep why somebody took data out; return the mark that the log may hold for ever.

        A reason may name people: it stands here, where it can be erased, and its salted digest in
        the log.
        """
        salt = secrets.token_hex(_SALT_BYTES)
        mark = digest_of(salt + said)
        told = (mark, salt, said, time_text(at))
        self._db.execute("INSERT INTO reason VALUES (?, ?, ?, ?)", told)
        return mark

    def reason(self, mark: str) -> str | None:
        """Return the reason of a mark; None where there is none, or it was changed since."""
        row = self._db.row("SELECT salt, said FROM reason WHERE mark = ?", (mark,))
        is_it = row is not None and digest_of(row["salt"] + row["said"]) == mark
        return str(row["said"]) if row is not None and is_it else None

    def reasons(self) -> list[Reason]:
        """Return all reasons that are kept, the newest first."""
        rows = self._db.rows("SELECT mark, said, at FROM reason ORDER BY at DESC, mark")
        return [Reason(mark=row["mark"], said=row["said"], at=read_time(row["at"])) for row in rows]

    def erase_reasons(self, marks: Collection[str]) -> None:
        """Erase reasons, salts included: their marks in the log tell nothing from then on."""
        with self._db.transaction():
            for mark in marks:
                self._db.execute("DELETE FROM reason WHERE mark = ?", (mark,))
        self._db.truncate_log()

    def _end_all(self, number: int) -> None:
        self.sessions.end_all(number)


def _person(row: dict[str, Any]) -> Person:
    return Person(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        role=WebRole(row["role"]),
        agencies=tuple(json.loads(row["agencies"])),
        password=row["password"],
        one_time=row["one_time"],
        last_step=row["last_step"],
        language=row["language"],
        created_at=read_time(row["created_at"]),
        closed_at=read_time(row["closed_at"]) if row["closed_at"] else None,
        drawn_at=read_time(row["drawn_at"]) if row["drawn_at"] else None,
    )
