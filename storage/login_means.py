"""Certificates that let people in, and challenges that wait for a signature: tables of people.db.

A certificate belongs to one person; it is found by issuer and serial number, and it is the one
only where its digest is the same, too. A challenge belongs to one browser, is answered once, and is
gone with the first look at its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Database
from storage.networks import network_of
from storage.open_sessions import digest_of
from storage.times import read_time, time_text

# Anybody may ask for a challenge: what waits is bounded, whoever came first goes first.
_MOST_WAITING = 1000
# Behind one address sits a whole office; what one address asks for pushes out its own only.
_MOST_OF_ADDRESS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCertificate:
    """A certificate that lets a person in."""

    sha256: str
    """Its fingerprint, hex."""
    issuer: str
    """Digest of its issuer's name, hex."""
    serial: str
    """Its serial number, hex."""
    person: int
    """Whose it is."""
    subject: str
    """Whom it names, for people."""
    issuer_name: str
    """Who issued it, for people."""
    valid_from: datetime
    """Aware."""
    valid_to: datetime
    """Aware."""


class Certificates:
    """Which certificates let whom in.

    Args:
        db: people.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, new: KnownCertificate, at: datetime) -> bool:
        """Let a certificate in; False where it, or one of its issuer and number, is known."""
        with self._db.transaction():
            if self.find(new.issuer, new.serial) is not None:
                return False
            self._db.execute(
                "INSERT INTO certificate VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    new.sha256,
                    new.issuer,
                    new.serial,
                    new.person,
                    new.subject,
                    new.issuer_name,
                    time_text(new.valid_from),
                    time_text(new.valid_to),
                    time_text(at),
                ),
            )
        return True

    def find(self, issuer: str, serial: str) -> KnownCertificate | None:
        """Return the certificate of an issuer and a serial number, or None."""
        query = "SELECT * FROM certificate WHERE issuer = ? AND serial = ?"
        row = self._db.row(query, (issuer, serial))
        return _certificate(row) if row else None

    def of(self, person: int) -> list[KnownCertificate]:
        """Return a person's certificates, the one that lasts longest first."""
        query = "SELECT * FROM certificate WHERE person = ? ORDER BY valid_to DESC, sha256"
        return [_certificate(row) for row in self._db.rows(query, (person,))]

    def remove(self, person: int, sha256: str) -> bool:
        """Let a person's certificate in no more, and end what it began; False: there is none."""
        with self._db.transaction():
            query = "DELETE FROM certificate WHERE person = ? AND sha256 = ?"
            is_gone = self._db.execute(query, (person, sha256)).rowcount == 1
            query = "DELETE FROM session WHERE person = ? AND means = ?"
            self._db.execute(query, (person, means_of(sha256)))
        return is_gone


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChallenge:
    """A challenge for a browser."""

    nonce: str
    """What is to be signed."""
    code: str
    """What a person types at the computer that signs."""
    until: datetime
    """When it is over, aware."""
    address: str = ""
    """From where the browser asked, as far as is known."""
    browser_name: str = ""
    """What kind of browser it is, in words of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLogin(NewChallenge):
    """A challenge that a browser waits with."""

    answer: str
    """What came from that computer; empty where nothing came yet."""


class Challenges:
    """What browsers wait for: a challenge each, until it is answered or over.

    Args:
        db: people.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, browser: str, new: NewChallenge) -> None:
        """Give a browser a challenge; an earlier one of it is gone.

        Args:
            browser: what the browser alone knows; its digest is kept.
            new: the challenge.
        """
        query = (
            "INSERT OR REPLACE INTO challenge (browser, nonce, code, until, answer, address, "
            "browser_name) VALUES (?, ?, ?, ?, '', ?, ?)"
        )
        place = (new.address, new.browser_name)
        too_many = (
            "DELETE FROM challenge WHERE browser IN "
            "(SELECT browser FROM challenge ORDER BY until DESC LIMIT -1 OFFSET ?)"
        )
        with self._db.transaction():
            told = (digest_of(browser), new.nonce, new.code, time_text(new.until), *place)
            self._db.execute(query, told)
            self._push_out(network_of(new.address))
            self._db.execute(too_many, (_MOST_WAITING,))

    def _push_out(self, network: str) -> None:
        """Let the oldest challenges go that one network has too many of."""
        rows = self._db.rows("SELECT browser, address FROM challenge ORDER BY until DESC")
        theirs = [row["browser"] for row in rows if network_of(row["address"]) == network]
        query = "DELETE FROM challenge WHERE browser = ?"
        self._db.execute_each(query, [(browser,) for browser in theirs[_MOST_OF_ADDRESS:]])

    def by_code(self, code: str, at: datetime) -> WaitingLogin | None:
        """Return what waits under a code, or None."""
        query = "SELECT * FROM challenge WHERE code = ? AND until > ?"
        return _waiting(self._db.row(query, (code, time_text(at))))

    def of(self, browser: str, at: datetime) -> WaitingLogin | None:
        """Return what a browser waits for, or None."""
        query = "SELECT * FROM challenge WHERE browser = ? AND until > ?"
        return _waiting(self._db.row(query, (digest_of(browser), time_text(at))))

    def answer(self, nonce: str, answer: str, at: datetime) -> bool:
        """Lay down an answer for the browser that waits; False where none waits, or has one."""
        query = "UPDATE challenge SET answer = ? WHERE nonce = ? AND until > ? AND answer = ''"
        return self._db.execute(query, (answer, nonce, time_text(at))).rowcount == 1

    def take(self, browser: str, nonce: str, at: datetime) -> bool:
        """Use a browser's challenge up; False where it is over, another one, or used before."""
        query = "DELETE FROM challenge WHERE browser = ? AND nonce = ? AND until > ?"
        return self._db.execute(query, (digest_of(browser), nonce, time_text(at))).rowcount == 1

    def forget(self, before: datetime) -> None:
        """Forget what was over before a moment."""
        self._db.execute("DELETE FROM challenge WHERE until < ?", (time_text(before),))


def means_of(sha256: str) -> str:
    """Return how a session says by which certificate it was begun."""
    return f"certificate:{sha256}"


def _waiting(row: dict[str, Any] | None) -> WaitingLogin | None:
    if row is None:
        return None
    return WaitingLogin(
        nonce=row["nonce"],
        code=row["code"],
        until=read_time(row["until"]),
        answer=row["answer"],
        address=row["address"],
        browser_name=row["browser_name"],
    )


def _certificate(row: dict[str, Any]) -> KnownCertificate:
    return KnownCertificate(
        sha256=row["sha256"],
        issuer=row["issuer"],
        serial=row["serial"],
        person=row["person"],
        subject=row["subject"],
        issuer_name=row["issuer_name"],
        valid_from=read_time(row["valid_from"]),
        valid_to=read_time(row["valid_to"]),
    )
