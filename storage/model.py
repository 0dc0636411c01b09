"""The frozen values of the archive: what is filed, and what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from config.vocabulary import EventType, Role

Box = tuple[float, float, float, float]
Detail = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """One described field of a paper (TT 01/2023/TT-VPCP Art. 9)."""

    name: str
    """Field name, English identifier."""
    value: str | None
    """Value as text; None where the paper has none."""
    confidence: float
    """Certainty, 0 to 1."""
    page: int | None = None
    """Page on which it was read, from 1."""
    box: Box | None = None
    """Left, top, right, bottom in PDF points from the top left of the page."""
    source: Literal["ocr", "qr", "mrz", "person", "register"] = "ocr"
    """Who says so: the print, a card's QR code or machine-readable rows, a person, the register."""
    read: str = ""
    """What the engine read, where that was repaired; empty for a value as it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The place of a record in one dossier."""

    dossier_code: str
    """Mã hồ sơ."""
    role: Role
    """Component, result or receipt."""
    ordinal: int
    """Ordinal of the paper in the dossier, from 1."""
    procedure_result_code: str | None = None
    """`<mã hồ sơ>-KQ(n)` for results (NĐ 45/2020/NĐ-CP Art. 14.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A place asked for in a dossier; the archive gives the ordinal."""

    dossier_code: str
    """Mã hồ sơ."""
    role: Role
    """Component, result or receipt."""
    procedure_result_code: str | None = None
    """`<mã hồ sơ>-KQ(n)` for results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """The text of one page."""

    number: int
    """Page number, from 1."""
    text: str
    """Recognised or embedded text, lines parted by newlines."""
    overlay_text: str = ""
    """What was read in seals, stamps and pen strokes; no part of the paper's text."""
    as_read: str = ""
    """Words as the engine read them, where a repair changed letters and not only their marks: on
    the lines on which the repaired words stand in `text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRef:
    """An object of the store, by its digests."""

    sha256: str
    """SHA-256, hex: its address."""
    sha512: str
    """SHA-512, hex, for the day SHA-256 weakens."""
    size_bytes: int
    """Length in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureSummary:
    """One signature of the filed PDF, as judged at filing (ETSI EN 319 102-1 words)."""

    field: str
    """Name of the signature field."""
    level: str | None
    """PAdES level: B-B, B-T, B-LT, B-LTA."""
    indication: str
    """TOTAL-PASSED, TOTAL-FAILED or INDETERMINATE."""
    sub_indication: str | None = None
    """ETSI sub-indication, where there is one."""
    signer: str | None = None
    """Common name of the signer."""
    signed_at: datetime | None = None
    """Best signing time known."""
    best_time_kind: str | None = None
    """`claimed` or `timestamp`."""
    proven_until: datetime | None = None
    """Until when it can be proved by the PDF alone, without renewal; None where not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecord:
    """A described, signed paper that is to be filed."""

    id: str
    """UUIDv7."""
    submission_id: str
    """The submission it came in."""
    paper: int
    """Which paper of that submission, from 1."""
    class_code: str
    """Mã loại giấy tờ."""
    class_name: str
    """Vietnamese name of the class."""
    title: str
    """Title of this paper."""
    original: ObjectRef
    """What arrived."""
    original_name: str
    """Its file name."""
    original_media_type: str
    """Its media type."""
    pdf: ObjectRef
    """The filed PDF; equals `original` for a signed arrival."""
    pages: tuple[PageText, ...]
    """Texts of the pages."""
    page_count: int
    """Pages of the filed PDF."""
    mean_confidence: float | None = None
    """Mean word confidence, 0 to 1; None where nothing was recognised."""
    fields: tuple[FieldValue, ...] = ()
    """Described fields."""
    signatures: tuple[SignatureSummary, ...] = ()
    """Signatures of the filed PDF."""
    verdict: str
    """Overall indication at filing."""
    rule_set: str
    """Version of the dated rule set applied."""
    classes_version: str
    """Version of the document classes applied."""
    digitisation_code: str | None = None
    """Mã kết quả số hóa (TT 01/2023/TT-VPCP Art. 10)."""
    duty: Literal["must", "on_request", "must_not", "unknown"] = "unknown"
    """Whether the law wants it digitised (TT 01/2023/TT-VPCP Art. 4)."""
    warnings: tuple[str, ...] = ()
    """Warning codes."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Facts of the run worth keeping, as personal_signing=off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(NewRecord):
    """A filed paper."""

    number: int
    """Filing number of this archive, ascending; it orders lists, and is not evidence."""
    filed_at: datetime
    """Time of filing, UTC."""
    links: tuple[Link, ...]
    """Its places in dossiers, the first one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """Something that happened and is to be logged for good."""

    type: EventType
    """PREMIS event type."""
    object: str
    """Submission id, record id, or `archive`."""
    actor: str
    """Who or what did it."""
    at: datetime
    """When, aware."""
    outcome: str = "success"
    """`success`, `failure` or a word of the event's own."""
    detail: Detail = field(default_factory=dict)
    """JSON: identifiers and digests, never personal data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(NewEvent):
    """A logged event."""

    seq: int
    """Number in the log, from 1, without gaps."""
    leaf: str
    """Leaf hash in the Merkle tree (RFC 9162), hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in the archive that is not as it was left."""

    kind: Literal["object", "record", "index", "event", "node", "head", "anchor", "witness"]
    """What is wrong."""
    identifier: str
    """Object digest, record id, number of an event, first and last of those under a node of their
    tree, index entry, or file of a head or timestamp."""
    vi: str
    """What is wrong with it, Vietnamese."""
    en: str
    """The same in English."""
