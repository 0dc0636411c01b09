"""Sessions of personal signatures: a person's own scans, for a limited time and number.

The key stays in the person's own process. Before each use the ledger is told; what was signed lies
in the session's folder until it is handed back to the engine. So a session may be killed at any
step: what is there is taken over, and a paper on which the key may have been used is never signed
again by itself.
"""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from config import codec
from config.rules import RuleSet
from config.vietnamese import fold
from config.vocabulary import EventType
from desk.agency_seal import AgencySeal
from desk.blocks import Wish, lay_blocks, no_free_place
from desk.identifiers import new_id
from desk.key_notes import KeyNote, Purpose
from desk.moments import now
from desk.people import current_device
from desk.personal import HANDED_BACK, PERSON_FIELD, STAGES, Asked, HandedBack, personal_level
from desk.sealing import AGENCY_FIELD, PAPERS_OWN, reference_of
from desk.session_folders import (
    PREFIX,
    ask_taking,
    hand_back,
    held_folder,
    is_live,
)
from desk.station import Station
from desk.unstamped import UNSTAMPED
from signing.errors import AlreadySigned, CertificateRefused, SigningError
from signing.model import ReservedField, SignerIdentity, SignRequest, VisibleBlock
from storage.archive import Archive
from storage.key_uses import OPEN, STANDING, Place, UseState
from storage.model import NewEvent
from storage.submissions import Reason, SubmissionState

_STATE = SubmissionState.AWAITING_PERSONAL_SIGNATURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A paper that waits for a person."""

    submission_id: str
    paper: int
    signer: str
    """Account of the person."""
    name: str
    """Name of the scan."""
    folder: str
    pdf_sha256: str
    used_by: str | None
    """Session that may have used its key on it, without a result; a person must say what now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a session may do."""

    person: str
    """Account whose scans these are."""
    actor: str
    """Who opened it, as events tell."""
    papers: int
    until: dt.datetime
    """Aware."""


def waiting_for(archive: Archive) -> list[Waiting]:
    """Return every paper that waits for a person, the oldest first.

    Not those of which a row cannot be read: it may say that they were signed.
    """
    ledger = archive.ledger
    damaged = ledger.damaged_outcomes(_STATE, *STAGES) | {*ledger.damaged_in(_STATE)}
    done = {(found.submission_id, found.paper) for found in ledger.outcomes_in(_STATE, "personal")}
    handed_back = archive.requests.pending(HANDED_BACK)
    done |= {(request.body["submission_id"], request.body["paper"]) for request in handed_back}
    # What came back and still waits here does not pass, or waits for its timestamp.
    returned = ledger.outcomes_in(_STATE, "personal_returned")
    rejected = {(r.submission_id, r.paper): str(r.body["session"]) for r in returned}
    done |= {(r.submission_id, r.paper) for r in returned if not r.body.get("is_stamped", True)}
    uses = {use.place: use.holder for use in archive.key_uses.in_state(*OPEN)}
    live = {session for session in set(uses.values()) if is_live(archive, session)}
    waiting = []
    for found in ledger.outcomes_in(_STATE, "personal_asked"):
        key = (found.submission_id, found.paper)
        asked = codec.from_plain(Asked, found.body)
        used_by = uses.get(_place(*key, asked), rejected.get(key))
        if key in done or used_by in live or found.submission_id in damaged:
            continue
        item = ledger.get(found.submission_id)
        waiting.append(
            Waiting(
                submission_id=item.id,
                paper=found.paper,
                signer=asked.signer,
                name=item.name,
                folder=item.folder,
                pdf_sha256=asked.pdf.sha256,
                used_by=used_by,
            )
        )
    return waiting


def _place(submission_id: str, paper: int, asked: Asked) -> Place:
    return Place(
        subject=submission_id, paper=paper, field=PERSON_FIELD, pdf_sha256=asked.pdf.sha256
    )


def allow_again(waiting: Waiting, archive: Archive, actor: str) -> None:
    """Let a paper be signed on which a key may have been used before: a person says so."""
    detail = {"paper": waiting.paper, "session": waiting.used_by}
    place = Place(
        subject=waiting.submission_id,
        paper=waiting.paper,
        field=PERSON_FIELD,
        pdf_sha256=waiting.pdf_sha256,
    )
    with archive.db.transaction():
        event = _event(waiting.submission_id, "again", actor, detail)
        use = archive.key_uses.standing(place)
        if use is not None:
            archive.key_uses.end(use.number, UseState.AGAIN, now(), event, of=STANDING)
        archive.ledger.forget_outcomes(
            waiting.submission_id,
            ("personal_returned",),
            paper=waiting.paper,
            events=() if use is not None else (event,),
        )


class SignSession:
    """One session; a context manager that says in the log when it begins and ends.

    Args:
        station: whose papers.
        archive: its archive.
        seal: the person's key.
        rules: where blocks stand.
        limits: whose scans, how many, until when.

    Raises:
        SigningError: On entering: the key does not open, or must not sign.
    """

    def __init__(
        self, station: Station, archive: Archive, seal: AgencySeal, rules: RuleSet, limits: Limits
    ) -> None:
        self.id = new_id()
        self.limits = limits
        self.used = 0
        self.signed = 0
        self._station, self._archive, self._seal, self._rules = station, archive, seal, rules
        self._folder = archive.staging / f"{PREFIX}{self.id}"
        self._exits = ExitStack()
        self._one_at_a_time = threading.Lock()
        self._signer: SignerIdentity | None = None

    @property
    def signer(self) -> SignerIdentity:
        """Who the certificate names."""
        assert self._signer is not None, "the session is not open"
        return self._signer

    def __enter__(self) -> Self:
        self._signer = self._seal.check(now()).identity
        _require_person(self._signer, self._station)
        self._exits.enter_context(held_folder(self._folder))
        detail = {
            "person": self.limits.person,
            "signer": self._signer.cn,
            "serial": self._signer.serial,
            "until": codec.to_plain(self.limits.until),
            "papers": self.limits.papers,
            "device": codec.to_plain(current_device()),
        }
        self._archive.events.append(_event(self.id, "opened", self.limits.actor, detail))
        return self

    def __exit__(self, *raised: object) -> None:
        detail = {"used": self.used, "signed": self.signed}
        self._archive.events.append(_event(self.id, "closed", self.limits.actor, detail))
        self._exits.close()

    def is_over(self, at: dt.datetime) -> bool:
        """Tell whether nothing more may be signed."""
        return self.used >= self.limits.papers or at >= self.limits.until

    def own(self) -> list[Waiting]:
        """Return the papers that wait for this person and may be signed."""
        return [
            found
            for found in waiting_for(self._archive)
            if found.signer == self.limits.person and found.used_by is None
        ]

    def sign(self, submission_id: str, paper: int) -> None:
        """Sign one paper and hand it back; one that is not this person's to sign is left alone.

        Raises:
            SigningError: the key, its certificate or a service failed; the paper is unsigned.
        """
        with self._one_at_a_time:
            stored = self._archive.ledger.outcome(submission_id, paper, "personal_asked")
            asked = codec.from_plain(Asked, stored) if stored else None
            if asked is None or asked.signer != self.limits.person or self.is_over(now()):
                return
            self._sign(submission_id, paper, asked)

    def _sign(self, submission_id: str, paper: int, asked: Asked) -> None:
        place = _place(submission_id, paper, asked)
        if self._archive.key_uses.standing(place) is not None:
            return  # another was there first
        source = self._archive.objects.path(asked.pdf.sha256)
        blocks = self._lay(source, asked)
        if blocks is None:
            self._refuse(submission_id, paper, asked, no_free_place())
            return
        target = self._folder / f"{submission_id}.{paper}.pdf"
        note = KeyNote(self._archive, self._purpose(place, blocks))
        try:
            request = replace(
                self._request(source, target, blocks),
                reference=reference_of(place),
                unstamped=target.with_suffix(UNSTAMPED),
            )
            self._seal.sign(request, note.intend)
        except AlreadySigned:
            return  # another was there first
        except PAPERS_OWN as error:
            note.fail(error)
            reason = Reason(code="personal_refused", vi=error.vi, en=error.en)
            self._refuse(submission_id, paper, asked, reason)
            return
        except SigningError as error:
            left = target.with_suffix(UNSTAMPED)
            if left.is_file():
                # Only its timestamp is missing: the engine has it stamped, the key is done.
                hand_back(left, note.made, self._archive)
                self.signed += 1
                raise
            # Known to have failed, and nothing was kept: it may be tried again.
            note.fail(error)
            raise
        finally:
            self.used += note.use is not None
        hand_back(target, note.made, self._archive)
        self.signed += 1

    def _purpose(self, place: Place, blocks: dict[str, VisibleBlock]) -> Purpose:
        return Purpose(
            place=place,
            actor=self.limits.actor,
            holder=self.id,
            notes={"agency_box": list(blocks["right"].box)},
        )

    def _lay(self, source: Path, asked: Asked) -> dict[str, VisibleBlock] | None:
        settings = self._station.settings
        person = Wish(
            corner="left",
            name=self.signer.cn,
            at=asked.copied_at,
            copy_type=None,
            rules=self._rules.personal_block,
        )
        agency = Wish(
            corner="right",
            name=settings.agency.name,
            at=asked.copied_at,
            copy_type=settings.signing.copy_type or None,
            rules=self._rules.block,
        )
        return lay_blocks(source, (person, agency), asked.written)

    def _request(self, source: Path, target: Path, blocks: dict[str, VisibleBlock]) -> SignRequest:
        return SignRequest(
            source=source,
            target=target,
            field_name=PERSON_FIELD,
            level=personal_level(self._station.settings.signing.timestamp),
            block=blocks["left"],
            reason=None,
            at=now(),
            reserve=(ReservedField(name=AGENCY_FIELD, page=1, box=blocks["right"].box),),
        )

    def _refuse(self, submission_id: str, paper: int, asked: Asked, reason: Reason) -> None:
        back = HandedBack(source_sha256=asked.pdf.sha256, session=self.id, refused=reason)
        detail = {"paper": paper, "session": self.id, "reason": reason.code}
        self._archive.events.append(_event(submission_id, "refused", self.limits.actor, detail))
        ask_taking(submission_id, paper, back, (self._archive, self.limits.actor))


def _require_person(signer: SignerIdentity, station: Station) -> None:
    """Refuse the agency's own certificate: a person signs as that person."""
    if fold(signer.cn) == fold(station.settings.agency.name):
        raise CertificateRefused(
            f"Chứng thư «{signer.cn}» là của cơ quan. Hãy dùng chứng thư cá nhân của người quét.",
            f"the certificate {signer.cn!r} is the agency's; use the person's own",
            "CHAIN_CONSTRAINTS_FAILURE",
        )


def _event(about: str, outcome: str, actor: str, detail: dict[str, Any]) -> NewEvent:
    return NewEvent(
        type=EventType.SIGNING_SESSION,
        object=about,
        actor=actor,
        at=now(),
        outcome=outcome,
        detail=detail,
    )
