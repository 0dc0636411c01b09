"""Do we already hold a valid digitised X of person Y (`hoso reuse`).

Staff may not ask for papers that are digitised already. Every question is an event, from which the
indicator of QĐ 766/QĐ-TTg is counted; the event tells persons apart, and names none.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from dataclasses import dataclass

from config.codes import is_dossier_code
from config.vocabulary import Classes, EventType
from desk.class_codes import require_class
from desk.cover_keys import ensure_cover_key
from desk.errors import UnknownCode
from desk.moments import now
from desk.station import Station
from desk.validity import Validity, judge_validity
from storage.archive import Archive
from storage.model import NewEvent, Record
from storage.reuse import EVENT_OBJECT, HELD, NOT_HELD, UNCLEAR, records_of_owner

# Personal numbers, numbers of old cards and passports, codes of businesses.
_OWNER = re.compile(r"[0-9A-Z](?:[0-9A-Z-]{4,18})[0-9A-Z]", re.ASCII)
# The key of cover sheets serves another purpose under another name.
_PURPOSE = b"hoso reuse 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose paper, of which kind, on which day."""

    owner: str
    """Personal number, number of a card, or code of a business."""
    class_code: str | None
    """None for any kind."""
    at: dt.date
    dossier_code: str | None = None
    """Mã hồ sơ that needs the paper: where it is held, that dossier counts as reusing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One paper of the owner."""

    record: Record
    validity: Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What is held."""

    outcome: str
    """`held`, `unclear` where a person must look, `not_held`."""
    holdings: tuple[Holding, ...]
    """Valid ones first, then the newest first."""


def ask_reuse(
    question: Question, station: Station, archive: Archive, classes: Classes, *, actor: str
) -> Holdings:
    """Answer whether a paper is held, and count the question.

    Raises:
        UnknownCode: the owner's number or the dossier's code cannot be one, or there is no such
            class.
        StationKeyUnusable: the key by which events tell owners apart cannot be read.
    """
    owner = plain_number(question.owner)
    if question.class_code is not None:
        require_class(question.class_code, classes)
    if question.dossier_code is not None and not is_dossier_code(question.dossier_code):
        raise UnknownCode(
            f"«{question.dossier_code}» không phải mã hồ sơ, ví dụ H15.50.05.13-261008-0975.",
            "this is no dossier code such as H15.50.05.13-261008-0975",
        )
    found = [
        Holding(record=record, validity=_validity(record, question.at, archive, classes))
        for record_id in records_of_owner(archive.db, owner, question.class_code)
        for record in (archive.records.get(record_id),)
    ]
    order = ("valid", "unknown", "invalid")
    ranked = tuple(sorted(found, key=lambda item: order.index(item.validity.standing)))
    standings = {item.validity.standing for item in ranked}
    outcome = HELD if "valid" in standings else UNCLEAR if "unknown" in standings else NOT_HELD
    detail = {
        "owner_mark": owner_mark(owner, ensure_cover_key(station, archive, actor=actor)),
        "class": question.class_code,
        "at": question.at.isoformat(),
        "found": len(ranked),
        "dossier": question.dossier_code,
    }
    archive.events.append(
        NewEvent(
            type=EventType.REUSE,
            object=EVENT_OBJECT,
            actor=actor,
            at=now(),
            outcome=outcome,
            detail=detail,
        )
    )
    return Holdings(outcome=outcome, holdings=ranked)


def plain_number(owner: str) -> str:
    """Return an owner's number as fields hold it.

    Raises:
        UnknownCode: it cannot be one.
    """
    plain = "".join(owner.split()).upper()
    if _OWNER.fullmatch(plain) is None:
        # Not repeated: it may be a person's number, and messages go to journals.
        raise UnknownCode(
            "Số của chủ giấy tờ phải là số định danh cá nhân 12 chữ số, số CMND, số hộ chiếu hoặc "
            "mã số doanh nghiệp.",
            "the owner's number must be a personal number, that of a card, or a business code",
        )
    return plain


def _validity(record: Record, at: dt.date, archive: Archive, classes: Classes) -> Validity:
    return judge_validity(record, classes.find(record.class_code), at, archive)


def owner_mark(owner: str, key: bytes) -> str:
    """Return what tells owners apart in the log: without the key nobody can try all numbers."""
    own = hmac.new(key, _PURPOSE, hashlib.sha256).digest()
    return hmac.new(own, owner.encode(), hashlib.sha256).hexdigest()
