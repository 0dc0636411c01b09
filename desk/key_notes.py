"""A key is never used without a note of it: what is about to be signed stands in the ledger first.

The agency's key and a person's go the same way. What was noted and did not end, because a program
was killed or a device never answered, stays open until it is found or a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.codec import to_plain
from config.vocabulary import EventType
from desk.moments import now
from signing.errors import (
    AlreadySigned,
    KeyDeviceError,
    KeyMaterialError,
    PaperDeclined,
    SigningError,
)
from signing.meeting import Intended
from signing.preflight import Preflight
from storage.archive import Archive
from storage.key_uses import STANDING, KeyUse, NewKeyUse, Place, Proof, UseState
from storage.model import NewEvent

# What whoever holds the key says when it did not sign; any other error comes after the signature.
_NOT_MADE = (KeyDeviceError, KeyMaterialError, PaperDeclined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a key is used for, and by whom."""

    place: Place
    actor: str
    """As events tell."""
    holder: str = ""
    """The session that holds the key; empty for the engine."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """JSON: what whoever goes on needs to know."""


class KeyNote:
    """The note of one use of a key.

    Args:
        archive: whose ledger.
        purpose: what for.
    """

    def __init__(self, archive: Archive, purpose: Purpose) -> None:
        self._archive = archive
        self._purpose = purpose
        self.use: KeyUse | None = None
        self._is_unknown = False

    def intend(self, uses: Sequence[Intended]) -> None:
        """Write down what is about to be signed; called right before the key is touched.

        Raises:
            AlreadySigned: another use for the same signature has not ended.
        """
        (intended,) = uses
        told = self._purpose
        new = NewKeyUse(
            place=told.place,
            digest=intended.digest,
            holder=told.holder,
            actor=told.actor,
            at=now(),
            checked=_check_of(intended.checked),
            notes=told.notes,
        )
        with self._archive.db.transaction():
            self.use = self._archive.key_uses.intend(new, _proofs_of(intended.checked))
            if self.use is not None and told.holder:
                self._archive.events.append(_of_session(self.use, "used"))
        if self.use is None:
            raise AlreadySigned(
                "Giấy này đang được ký ở nơi khác, hoặc chưa rõ lần ký trước ra sao. Không ký lại.",
                "this paper is being signed elsewhere, or its last signing is not settled",
            )

    @property
    def made(self) -> KeyUse:
        """The use, once something was signed."""
        assert self.use is not None, "nothing is signed without a note"
        return self.use

    @property
    def is_unknown(self) -> bool:
        """Whether the key may have been used and nobody knows."""
        return self._is_unknown

    def fail(self, error: SigningError) -> None:
        """Note how a use failed.

        Nothing was signed; or what was signed is thrown away, for its timestamp, say, is not to be
        had; or the device never answered, and nobody knows.
        """
        if self.use is None:
            return
        if isinstance(error, KeyDeviceError) and not error.is_answer:
            self._is_unknown = True
            find_unknown(self.use, self._archive, type(error).__name__)
            return
        state, word = UseState.DISCARDED, "discarded"
        if isinstance(error, _NOT_MADE):
            state, word = UseState.FAILED, "not signed"
        is_of_session = bool(self.use.holder)
        told = _of_session(self.use, word) if is_of_session else use_event(self.use, word)
        event = replace(told, detail={**told.detail, "error": type(error).__name__})
        self._archive.key_uses.end(self.use.number, state, now(), event)


def discarded_uses(place: Place, archive: Archive) -> list[int]:
    """Return the numbers of the uses whose signature was made and thrown away, the oldest first."""
    uses = archive.key_uses.of(place.subject, place.paper)
    return [use.number for use in uses if use.place == place and use.state is UseState.DISCARDED]


def find_unknown(use: KeyUse, archive: Archive, why: str) -> None:
    """Note that nobody knows how a use ended, once."""
    told = use_event(use, "unknown")
    event = replace(told, detail={**told.detail, "why": why})
    archive.key_uses.end(use.number, UseState.UNKNOWN, now(), event, of=STANDING)


def use_event(use: KeyUse, outcome: str, actor: str = "hoso") -> NewEvent:
    """Tell what became of a use of a key."""
    return NewEvent(
        type=EventType.KEY_USE,
        object=use.place.subject,
        actor=actor,
        at=now(),
        outcome=outcome,
        detail=use_detail(use),
    )


def use_detail(use: KeyUse) -> dict[str, Any]:
    """Return what identifies a use of a key in the log."""
    return {
        "use": use.number,
        "paper": use.place.paper,
        "field": use.place.field,
        "pdf_sha256": use.place.pdf_sha256,
        "digest": use.digest,
    }


def proof_detail(number: int | None, archive: Archive) -> dict[str, Any]:
    """Return what the event of a signature carries of the use of the key that made it.

    Args:
        number: of the use; None where what was signed was noted by an older program.
        archive: whose uses.
    """
    return {} if number is None else archive.key_uses.told(number)


def _check_of(found: Preflight) -> dict[str, Any]:
    """Write what was found of a certificate, as docs/json.md says."""
    return {
        "signer": to_plain(found.identity),
        "valid_from": to_plain(found.valid_from),
        "valid_to": to_plain(found.valid_to),
        "revocation_source": found.revocation_source,
        "revocation_time": to_plain(found.revocation_time),
        "checked_at": to_plain(found.checked_at),
    }


def _proofs_of(found: Preflight) -> tuple[Proof, ...]:
    """Return the certificate, lists and responses that a check rested on."""
    evidence = found.evidence
    return (
        Proof(kind="certificate", der=evidence.certificate),
        *(Proof(kind="crl", der=der) for der in evidence.crls),
        *(Proof(kind="ocsp", der=der) for der in evidence.ocsp_responses),
    )


def _of_session(use: KeyUse, outcome: str) -> NewEvent:
    told = use_event(use, outcome, use.actor)
    detail = {**told.detail, "session": use.holder}
    return replace(told, type=EventType.SIGNING_SESSION, detail=detail)
