"""The validation processes of ETSI EN 319 102-1, run one after another until one settles.

pyHanko offers each process, but none alone is right for every file: its long-term process calls a
good B-T "NO_POE", its with-time process a good B-B "SIG_CONSTRAINTS_FAILURE".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, crl, ocsp, x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import IndirectObject, Reference
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed, AdESStatus, AdESSubIndic
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.sign.validation.ades import (
    AdESBasicValidationResult,
    ades_basic_validation,
    ades_lta_validation,
    ades_timestamp_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_tst_data_iter,
    message_imprint_checker,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    SignatureValidationSpec,
    bootstrap_validation_data_handlers,
)
from pyhanko.sign.validation.utils import DEFAULT_ALGORITHM_USAGE_POLICY
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.context import ValidationDataHandlers
from pyhanko_certvalidator.ltv.poe import POEManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from signing.certificates import identity_of
from signing.model import Indication, SubIndication, TimestampVerdict
from signing.older_kinds import OLDER_SUB_FILTERS, EnclosedDigest, open_older
from signing.policy import moment
from signing.structure import SignatureObject

_INDICATIONS = {
    AdESStatus.PASSED: Indication.TOTAL_PASSED,
    AdESStatus.FAILED: Indication.TOTAL_FAILED,
    AdESStatus.INDETERMINATE: Indication.INDETERMINATE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the processes say of one signature.

    Attributes:
        indication: Main indication.
        sub_indication: Reason where it is not passed.
        detail: What pyHanko adds, in English; empty for nothing.
        proven_time: Earliest time that a passed timestamp proves, None without one.
        timestamps: Timestamps on the signature.
        lists: Revocation lists at hand.
        responses: OCSP responses at hand.
        anchor: SHA-256 of the anchor of the signer's chain, None where none was believed.
    """

    indication: Indication
    sub_indication: SubIndication | None
    detail: str
    proven_time: datetime | None
    timestamps: tuple[TimestampVerdict, ...]
    lists: tuple[crl.CertificateList, ...]
    responses: tuple[ocsp.OCSPResponse, ...]
    anchor: bytes | None = None

    @property
    def is_passed(self) -> bool:
        """Whether the signature passed."""
        return self.indication is Indication.TOTAL_PASSED


NOT_RUN = Outcome(
    indication=Indication.TOTAL_FAILED,
    sub_indication=SubIndication.HASH_FAILURE,
    detail="",
    proven_time=None,
    timestamps=(),
    lists=(),
    responses=(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Under what rules and at what moment a signature is judged.

    Attributes:
        spec: pyHanko's form of the policy, with what the file itself brings.
        at: The moment of validation, aware.
        profiles: Hierarchy of an anchor by its SHA-256.
        whole: The same with older lists and responses too, by which the past is proven; None
            where there are none.
    """

    spec: SignatureValidationSpec
    at: datetime
    profiles: Mapping[bytes, str] = field(default_factory=dict)
    whole: SignatureValidationSpec | None = None

    def profile_of(self, outcome: Outcome) -> str | None:
        """Name the hierarchy that a signer belongs to, where its chain was believed."""
        return self.profiles.get(outcome.anchor) if outcome.anchor else None

    def allows_digest(self, name: str) -> bool:
        """Tell whether the rules allow a digest at the moment of validation."""
        algorithm = algos.DigestAlgorithm({"algorithm": name})
        policy = self.spec.signature_algorithm_policy or DEFAULT_ALGORITHM_USAGE_POLICY
        return bool(policy.digest_algorithm_allowed(algorithm, self.at))

    def handlers(self) -> ValidationDataHandlers:
        """Give fresh stores for one process; «now» is the moment of validation, not the clock."""
        return bootstrap_validation_data_handlers(
            self.spec,
            timing_info=moment(self.at),
            poe_manager_override=POEManager(current_dt_override=self.at),
        )


async def judge_signature(
    signature: EmbeddedPdfSignature, rules: Rules, *, has_later_timestamp: bool
) -> Outcome:
    """Run basic, with-time and long-term validation until one settles.

    Args:
        signature: The signature; its integrity was computed.
        rules: Policy and moment.
        has_later_timestamp: Whether a document timestamp follows it.
    """
    handlers = rules.handlers()
    stamps = tuple([stamp async for stamp in _judge_timestamps(signature, rules, handlers)])
    # A timestamp of something else proves nothing, and must not be taken for changed content.
    is_stamped = bool(stamps) and not any(
        stamp.indication is Indication.TOTAL_FAILED for stamp in stamps
    )
    outcome = await _with_time(signature, rules) if is_stamped else None
    if outcome is None or not outcome.is_passed:
        basic = await _basic(signature, rules, handlers)
        outcome = basic if outcome is None else _better(basic, outcome)
    outcome = replace(outcome, timestamps=stamps)
    if outcome.indication is Indication.TOTAL_FAILED:
        return outcome
    if has_later_timestamp and (not outcome.is_passed or outcome.proven_time is None):
        outcome = _better(outcome, await _long_term(signature, rules))
    return outcome


async def judge_document_timestamp(signature: EmbeddedPdfSignature, rules: Rules) -> Outcome:
    """Judge a timestamp over the whole document (ETSI EN 319 102-1 clause 5.4).

    Args:
        signature: The document timestamp.
        rules: Policy and moment.
    """
    return await judge_token(signature.signed_data, rules, signature.compute_digest)


async def judge_token(
    token: cms.SignedData, rules: Rules, imprint: Callable[[str], bytes]
) -> Outcome:
    """Judge a timestamp token.

    Args:
        token: The token.
        rules: Policy and moment.
        imprint: Gives the digest of what was stamped, by the name of the algorithm.
    """
    handlers = rules.handlers()
    result = await ades_timestamp_validation(
        token,
        rules.spec,
        imprint,
        timing_info=moment(rules.at),
        validation_data_handlers=handlers,
    )
    return replace(_outcome(result, handlers), proven_time=stated_time(token))


def open_signature(found: SignatureObject, reader: PdfFileReader) -> EmbeddedPdfSignature:
    """Open a signature in pyHanko's form.

    Args:
        found: The field as our own reading found it.
        reader: pyHanko's reader of the same file.

    Raises:
        ValueError: The field is not an object of its own, or what pyHanko raises of its contents.
    """
    if found.field_id is None:
        raise ValueError("the signature field is not an indirect object")
    number, generation = found.field_id
    place = Reference(number, generation, reader)
    entry = reader.get_object(place)  # type: ignore[no-untyped-call]  # untyped in pyHanko
    if found.sub_filter in OLDER_SUB_FILTERS:
        return open_older(found.sub_filter, reader, entry, found.field)
    return EmbeddedPdfSignature(reader, entry, found.field)


def stated_time(token: cms.SignedData) -> datetime:
    """Read the time that a timestamp token states, aware."""
    time: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return time


def attached_tokens(signature: EmbeddedPdfSignature) -> Iterator[cms.SignedData]:
    """List the timestamp tokens on a signature."""
    yield from extract_tst_data_iter(signature.signer_info, signed=False)


def stored_knowledge(
    reader: PdfFileReader, certificates: Iterable[x509.Certificate]
) -> LocalKnowledge:
    """Read certificates and revocation data that the file brings in its security store.

    Args:
        reader: The open file.
        certificates: Certificates known besides.

    Raises:
        ValueError: A part of the store is damaged, or what else pyHanko raises of it.
    """
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return LocalKnowledge(known_certs=list(certificates))
    lists = [
        CRLContainer(crl_data=crl.CertificateList.load(_stored(part, DecodePurpose.CRL)))
        for part in store.crls
    ]
    responses = [
        container
        for part in store.ocsps
        for container in OCSPContainer.load_multi(
            ocsp.OCSPResponse.load(_stored(part, DecodePurpose.OCSP_RESPONSE))
        )
    ]
    embedded = list(store.load_certs())
    # Parsing is lazy; a broken part must show here, not in the middle of a process.
    for certificate in embedded:
        _ = (certificate.subject.native, certificate.issuer.native, certificate.public_key.native)
    for listing in lists:
        _ = listing.crl_data.issuer.native
    return LocalKnowledge(
        known_crls=lists, known_ocsps=responses, known_certs=[*certificates, *embedded]
    )


def _stored(part: IndirectObject, purpose: DecodePurpose) -> bytes:
    stream = part.get_object()  # type: ignore[no-untyped-call]  # untyped in pyHanko
    content: bytes = stream.read_data(purpose)
    return content


async def _judge_timestamps(
    signature: EmbeddedPdfSignature, rules: Rules, handlers: ValidationDataHandlers
) -> AsyncIterator[TimestampVerdict]:
    for token in attached_tokens(signature):
        result = await ades_timestamp_validation(
            token,
            rules.spec,
            message_imprint_checker(signature.signer_info),
            timing_info=moment(rules.at),
            validation_data_handlers=handlers,
        )
        outcome = _outcome(result, handlers)
        authority = extract_certs_for_validation(token).signer_cert
        yield TimestampVerdict(
            time=stated_time(token),
            tsa=identity_of(authority).cn,
            indication=outcome.indication,
            sub_indication=outcome.sub_indication,
            valid_to=authority.not_valid_after,
        )


async def _basic(
    signature: EmbeddedPdfSignature, rules: Rules, handlers: ValidationDataHandlers
) -> Outcome:
    result = await ades_basic_validation(
        signature.signed_data,
        rules.spec,
        timing_info=moment(rules.at),
        raw_digest=_raw_digest(signature),
        validation_data_handlers=handlers,
    )
    return _outcome(result, handlers)


def _raw_digest(signature: EmbeddedPdfSignature) -> bytes | None:
    """Give the digest that the structure must state; None where it encloses what it states."""
    return None if isinstance(signature, EnclosedDigest) else signature.compute_digest()


async def _with_time(signature: EmbeddedPdfSignature, rules: Rules) -> Outcome:
    """Run the process for signatures with time, which begins with the basic one."""
    handlers = rules.handlers()
    result = await ades_with_time_validation(
        signature.signed_data,
        rules.spec,
        timing_info=moment(rules.at),
        raw_digest=_raw_digest(signature),
        validation_data_handlers=handlers,
    )
    outcome = _outcome(result, handlers)
    if outcome.is_passed:
        return replace(outcome, proven_time=result.best_signature_time)
    return outcome


async def _long_term(signature: EmbeddedPdfSignature, rules: Rules) -> Outcome:
    handlers = rules.handlers()
    result = await ades_lta_validation(
        signature,
        PdfSignatureValidationSpec(rules.whole or rules.spec, diff_policy=None),
        timing_info=moment(rules.at),
    )
    outcome = _outcome(result, handlers)
    is_proven = result.oldest_evidence_record_timestamp is not None
    time = result.best_signature_time if outcome.is_passed and is_proven else None
    return replace(outcome, proven_time=time)


def _better(before: Outcome, after: Outcome) -> Outcome:
    """Take the later process where it settles, else keep what was known and why."""
    settled = after if after.is_passed or after.indication is Indication.TOTAL_FAILED else before
    return replace(
        settled,
        timestamps=before.timestamps or after.timestamps,
        proven_time=after.proven_time or before.proven_time,
        lists=before.lists,
        responses=before.responses,
    )


def _outcome(result: AdESBasicValidationResult[Any], handlers: ValidationDataHandlers) -> Outcome:
    word: AdESSubIndic = result.ades_subindic
    known = handlers.revinfo_manager
    return Outcome(
        indication=_INDICATIONS[word.status],
        sub_indication=None if word is AdESPassed.OK else SubIndication(word.standard_name),
        detail=result.failure_msg or "",
        proven_time=None,
        timestamps=(),
        lists=tuple(known.crls),
        responses=tuple(known.ocsps),
        anchor=_anchor(result),
    )


def _anchor(result: AdESBasicValidationResult[Any]) -> bytes | None:
    path = result.api_status.validation_path if result.api_status is not None else None
    anchor = path.trust_anchor if path is not None else None
    return anchor.certificate.sha256 if isinstance(anchor, CertTrustAnchor) else None
