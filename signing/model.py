"""The values of this package: what is to be signed, what was signed, what a verdict says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Level(StrEnum):
    """PAdES baseline levels (ETSI EN 319 142-1)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


class Indication(StrEnum):
    """Main indications of ETSI EN 319 102-1, and our word for a file without a signature."""

    TOTAL_PASSED = "TOTAL-PASSED"
    TOTAL_FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"
    NO_SIGNATURE_FOUND = "NO_SIGNATURE_FOUND"


class SubIndication(StrEnum):
    """Sub-indications of ETSI EN 319 102-1 clause 5.1.3."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    REVOCATION_OUT_OF_BOUNDS_NO_POE = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"
    GENERIC = "GENERIC"


class Kind(StrEnum):
    """What a filled signature field holds."""

    SIGNATURE = "signature"
    DOCUMENT_TIMESTAMP = "document_timestamp"


class Modification(StrEnum):
    """The gravest change made after a signature."""

    NONE = "none"
    LTA = "lta"
    FORM_FILLING = "form_filling"
    ANNOTATIONS = "annotations"
    OTHER = "other"


class RevocationStatus(StrEnum):
    """What is known about the signer's certificate at the moment that counts."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class BestTimeKind(StrEnum):
    """What a best signature time rests on."""

    CLAIMED = "claimed"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerIdentity:
    """Who a certificate names.

    Attributes:
        cn: Common name of the subject.
        organization: Organisation of the subject, None when it has none.
        serial: Serial number, upper-case hexadecimal.
        issuer: Common name of the issuing authority.
        issuer_organization: Organisation that runs the issuing authority.
    """

    cn: str
    organization: str | None
    serial: str
    issuer: str
    issuer_organization: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleBlock:
    """The visible text of a signature and its place.

    Attributes:
        page: Page number, 1 for the first.
        box: x0, y0, x1, y1 in points of PDF user space (origin bottom left).
        lines: Lines of text, top to bottom.
        font_points: Font size in points; 10 by NĐ 30/2020/NĐ-CP Phụ lục I.
    """

    page: int
    box: tuple[float, float, float, float]
    lines: tuple[str, ...]
    font_points: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedField:
    """An empty field for a later signature, made with an earlier one so that nothing moves then.

    Attributes:
        name: Name of the field, ASCII without periods.
        page: Page number, 1 for the first.
        box: x0, y0, x1, y1 in points of PDF user space (origin bottom left).
    """

    name: str
    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRequest:
    """One file to sign.

    Attributes:
        source: The PDF to sign; it is only read.
        target: The signed PDF to make.
        field_name: Name of the signature field, ASCII without periods.
        level: PAdES level to reach.
        block: Visible block, None for an invisible signature.
        reason: Reason entry of the signature, None for none.
        at: Signing time claimed in the file, aware.
        reserve: Fields that later signatures will fill; those that the file has stay as they are.
        title: What people call the paper; shown where a person is asked before the key is used.
        reference: What the asker's own list calls the paper, for keys that sign by lists.
        unstamped: Where a signature is kept whose timestamp is not to be had; None throws it away.
    """

    source: Path
    target: Path
    field_name: str
    level: Level
    block: VisibleBlock | None
    reason: str | None
    at: datetime
    reserve: tuple[ReservedField, ...] = ()
    title: str = ""
    reference: str = ""
    unstamped: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationEvidence:
    """What was used to learn the state of the certificates (kept by TT 15/2025 Art. 5.4).

    Attributes:
        certificate: The signer's certificate, DER.
        crls: Revocation lists, DER.
        ocsp_responses: OCSP responses, DER.
    """

    certificate: bytes
    crls: tuple[bytes, ...]
    ocsp_responses: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPdf:
    """A signed file that our own verdict has passed.

    Attributes:
        path: The signed PDF.
        sha256: Its SHA-256, lower-case hexadecimal.
        size_bytes: Its size in bytes.
        level: PAdES level reached.
        field_name: Name of the signed field.
        signer: Who signed.
        signed_at: Claimed signing time, aware.
        timestamp_time: Time of the signature timestamp, None without one.
        verdict: What our own judge said of the file.
        evidence: What was used to learn the state of the signer's certificate.
    """

    path: Path
    sha256: str
    size_bytes: int
    level: Level
    field_name: str
    signer: SignerIdentity
    signed_at: datetime
    timestamp_time: datetime | None
    verdict: FileVerdict
    evidence: RevocationEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something a reader of a verdict should know.

    Attributes:
        code: Stable upper-case word for programs.
        vi: The remark in Vietnamese.
        en: The same in English.
    """

    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyIdentity:
    """Under which rules a verdict was given.

    Attributes:
        id: Name of the rule set.
        version: Its version.
        sha256: Digest of the rules.
        anchors_sha256: Digest of the trust anchors used.
    """

    id: str
    version: str
    sha256: str
    anchors_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampVerdict:
    """A timestamp on a signature.

    Attributes:
        time: Time it states, aware.
        tsa: Common name of the authority.
        indication: Verdict on the timestamp.
        sub_indication: Reason where it is not passed.
        valid_to: End of validity of the authority's certificate, aware; None where not known.
    """

    time: datetime
    tsa: str
    indication: Indication
    sub_indication: SubIndication | None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrityVerdict:
    """Whether the signed bytes are what was signed, and what came after.

    Attributes:
        intact: True or False; None where it could not be judged.
        covers_whole_file: Whether the signature covers every byte of the file but itself.
        later_revisions: Number of revisions appended after the signed one.
        modification: Gravest later change, None where ``intact`` is not true.
        changed_fields: Names of form fields changed after signing.
        changed_pages: Numbers of pages that look different since, 1 for the first.
        signed_bytes: How many bytes the signed revision has; None where that is not sure.
    """

    intact: bool | None
    covers_whole_file: bool
    later_revisions: int
    modification: Modification | None
    changed_fields: tuple[str, ...]
    changed_pages: tuple[int, ...] = ()
    signed_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationVerdict:
    """What is known of revocation.

    Attributes:
        status: Good, revoked or unknown.
        source: "OCSP" or "CRL", None where unknown.
        time: Revocation time where revoked, else the issue time of the source.
    """

    status: RevocationStatus
    source: str | None
    time: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateVerdict:
    """The signer's certificate.

    Attributes:
        valid_from: Start of validity, aware.
        valid_to: End of validity, aware.
        valid_at_signing: Whether the best signing time lies within, and before any revocation.
        revocation: What is known of revocation.
        purpose_ok: Whether the certificate may be used for this.
        sha256: Its fingerprint, lower-case hexadecimal.
    """

    valid_from: datetime
    valid_to: datetime
    valid_at_signing: bool
    revocation: RevocationVerdict
    purpose_ok: bool
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureVerdict:
    """The verdict on one filled signature field.

    Attributes:
        field: Fully qualified field name.
        kind: Signature or document timestamp.
        level: PAdES level; None for document timestamps, other kinds of signature, unreadable ones.
        indication: Main indication.
        sub_indication: Reason where it is not passed.
        reasons: Reasons in plain words.
        signer: Who signed, None where unreadable.
        claimed_time: Time the signer claims, aware.
        best_time: Earliest proven time, else the claimed one.
        best_time_kind: What the best time rests on.
        timestamps: Timestamps on this signature.
        integrity: Integrity and later changes.
        certificate: The certificate, None where unreadable.
        warnings: Things to know that do not change the indication.
        profile: Hierarchy of the anchor that it chains to, None where none is known.
    """

    field: str
    kind: Kind
    level: Level | None
    indication: Indication
    sub_indication: SubIndication | None
    reasons: tuple[Remark, ...]
    signer: SignerIdentity | None
    claimed_time: datetime | None
    best_time: datetime | None
    best_time_kind: BestTimeKind | None
    timestamps: tuple[TimestampVerdict, ...]
    integrity: IntegrityVerdict
    certificate: CertificateVerdict | None
    warnings: tuple[Remark, ...]
    profile: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    """The verdict on one file.

    Attributes:
        path: The file.
        sha256: SHA-256 of its bytes, None where it cannot be read at all.
        size_bytes: Size, None where it cannot be read at all.
        readable: Whether it could be opened as a PDF.
        pages: Number of pages, None where not readable.
        validated_at: The moment the verdict speaks of, aware.
        policy: Rules and anchors used.
        overall: The worst indication.
        overall_sub: The sub-indication that goes with it.
        signatures: One verdict for each filled field.
        unsigned_fields: Signature fields without a value.
        warnings: Remarks on the file as a whole.
        online: Whether revocation could be asked for over the network.
    """

    path: Path
    sha256: str | None
    size_bytes: int | None
    readable: bool
    pages: int | None
    validated_at: datetime
    policy: PolicyIdentity
    overall: Indication
    overall_sub: SubIndication | None
    signatures: tuple[SignatureVerdict, ...]
    unsigned_fields: tuple[str, ...]
    warnings: tuple[Remark, ...]
    online: bool
