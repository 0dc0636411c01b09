"""What station and agent say to each other: JSON over TLS, closed tables, each value bounded.

Neither side believes the other's numbers: whatever does not fit is refused whole.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from config.codec import to_plain
from config.tables import Place, SettingsError, parse_table
from config.telling import one_line

MOST_PAPERS = 1000
"""Of one batch; more wait for the next one."""
MOST_BYTES = 8_000_000
"""Of one message."""
_LONGEST_TITLE = 300
_HEX_LETTERS = 64

OFFER, OPEN, WANTED, SIGNED, CLOSE, PAIR, LOGIN, LOGIN_SIGNED = (
    "/offer",
    "/open",
    "/wanted",
    "/signed",
    "/close",
    "/pair",
    "/login",
    "/login-signed",
)

Message = TypeVar("Message")


class BadMessage(Exception):
    """What the other side sent does not fit; nothing of it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper of a batch, as the officer sees it before the PIN is asked."""

    number: int
    """From 1, without gaps."""
    reference: str
    """What the station calls it; the same paper has the same name in every batch."""
    pdf_sha256: str
    """Digest of the PDF that is to be signed."""
    title: str
    """For people: kind, dossier, file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A released batch."""

    batch: str
    """Its name; an agent that was cut off finds it again under it."""
    station: str
    """Whose papers, for people."""
    count: int
    """How many papers; no more will be asked for."""
    papers: tuple[Paper, ...]
    """All of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What an agent says when its officer has opened the key."""

    batch: str
    """Which batch was shown."""
    count: int
    """How many papers were shown."""
    declined: tuple[str, ...]
    """Numbers that its officer will not have signed."""
    certificate: str
    """The signer's certificate, DER in base64."""
    issuers: tuple[str, ...]
    """What came with it."""
    padding: str
    """How an RSA key signs."""
    host: str
    """Name of the computer, as it calls itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One signature that the station asks for."""

    number: int
    """Which paper."""
    title: str
    """As it was shown."""
    data: str
    """The signed attributes of the CMS signature, DER in base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be done now."""

    wanted: tuple[Wanted, ...]
    """Signatures asked for; one that was not answered is asked for again."""
    is_ended: bool
    """Nothing more will come."""


class Refusal(StrEnum):
    """Why an agent does not sign what its station asks for."""

    UNSURE = "unsure"
    """The key may have been used for it before, and nobody knows."""
    SIGNED_BEFORE = "signed_before"
    """The key was used for this paper before, and the officer did not say again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What became of one of them."""

    batch: str
    """The batch."""
    number: int
    """Which paper."""
    digest: str
    """SHA-256 of the bytes that were asked for."""
    signature: str
    """In base64; empty where the agent does not sign it."""
    refused: str
    """Why not: a word of `Refusal`; empty where it is signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An agent ends a batch before its end."""

    batch: str
    """The batch."""
    reason: str
    """A word for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """An agent that brings the code of a pairing."""

    certificate: str
    """Its own certificate, PEM."""
    proof: str
    """Shows that it knows the code and sees the station's own certificate."""
    host: str
    """Name of the computer, as it calls itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The station's answer."""

    name: str
    """What the station calls the agent."""
    station: str
    """Whose station, for people."""
    proof: str
    """Shows that the station knows the code too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAsked:
    """An agent whose officer reads a code from the page of a login."""

    code: str
    """As it was typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginWanted:
    """What is to be signed for that login; the agent makes the bytes itself."""

    station: str
    """Whose station lets in."""
    address: str
    """Where its pages are."""
    nonce: str
    """A number used once."""
    until: str
    """When it is over, ISO 8601."""
    asked_from: str
    """Which browser waits, from where."""
    is_elsewhere: bool
    """Whether it asks from another address than the computer that signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSigned:
    """The answer to it."""

    answer: str
    """As `signing.login_challenge` writes it."""


def to_bytes(message: object) -> bytes:
    """Write a message."""
    return json.dumps(to_plain(message), ensure_ascii=False).encode()


def read(kind: type[Message], content: bytes) -> Message:
    """Read a message without lists of tables.

    Raises:
        BadMessage: it is none of this kind.
    """
    return _read_table(kind, _load(content))


def read_offer(content: bytes) -> Offer:
    """Read an offer that a person may be asked about: its list is what its count says.

    Raises:
        BadMessage: it contradicts itself, or is more than is ever signed at once.
    """
    plain = _load(content)
    offer = _read_table(Offer, plain | {"papers": []})
    papers = tuple(_read_table(Paper, entry) for entry in _list_of(plain, "papers"))
    if not 1 <= offer.count <= MOST_PAPERS or len(papers) != offer.count:
        raise BadMessage(f"{offer.count} papers are stated, {len(papers)} are listed")
    if [paper.number for paper in papers] != list(range(1, offer.count + 1)):
        raise BadMessage("the papers are not numbered from 1")
    if len({paper.reference for paper in papers}) != offer.count:
        raise BadMessage("a paper is listed twice")
    for paper in papers:
        _require(is_title(paper.title), "a title is missing, too long, or no plain line")
        _require(_is_digest(paper.pdf_sha256), "a digest is none")
    _require(is_title(offer.batch), "the batch has no name")
    _require(is_title(offer.station), "the station has no name")
    return Offer(batch=offer.batch, station=offer.station, count=offer.count, papers=papers)


def read_work(content: bytes) -> Work:
    """Read what is to be signed now.

    Raises:
        BadMessage: it is nothing of the kind.
    """
    plain = _load(content)
    work = _read_table(Work, plain | {"wanted": []})
    wanted = tuple(_read_table(Wanted, entry) for entry in _list_of(plain, "wanted"))
    return Work(wanted=wanted, is_ended=work.is_ended)


def encoded(content: bytes) -> str:
    """Write bytes into a message."""
    return base64.b64encode(content).decode()


def decoded(text: str) -> bytes:
    """Read bytes from a message.

    Raises:
        BadMessage: it is no base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadMessage("bytes are not base64") from error


def shown_title(parts: Sequence[str]) -> str:
    """Make a title of its parts: one plain line of bounded length."""
    return one_line(" · ".join(part for part in parts if part))[:_LONGEST_TITLE].strip() or "?"


def is_title(text: str) -> bool:
    """Tell whether a text can be shown to a person as it is."""
    return 0 < len(text) <= _LONGEST_TITLE and one_line(text) == text


def _is_digest(text: str) -> bool:
    return len(text) == _HEX_LETTERS and not text.strip("0123456789abcdef")


def _require(holds: object, why: str) -> None:
    if not holds:
        raise BadMessage(why)


def _load(content: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadMessage("no JSON") from error
    if len(content) > MOST_BYTES or not isinstance(plain, dict):
        raise BadMessage("no message")
    return plain


def _list_of(plain: dict[str, Any], name: str) -> list[Any]:
    entries = plain.get(name)
    if not isinstance(entries, list) or len(entries) > MOST_PAPERS:
        raise BadMessage(f"{name} is no list, or too long")
    return entries


def _read_table(kind: type[Message], plain: Any) -> Message:
    try:
        return parse_table(kind, plain, Place(file=kind.__name__))
    except SettingsError as error:
        raise BadMessage(error.en) from error
