"""One signature judged alone: format, integrity, processes, later changes, certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from signing.ades import (
    NOT_RUN,
    Outcome,
    Rules,
    attached_tokens,
    judge_document_timestamp,
    judge_signature,
    open_signature,
)
from signing.afterwards import gone_since, has_foreign_bytes, has_later_timestamp, not_allowed
from signing.certificates import identity_of
from signing.integrity import (
    UNCHANGED,
    Changes,
    RevisionReview,
    has_revocation_data,
    has_stray_padding,
    is_der_ordered,
)
from signing.model import (
    BestTimeKind,
    Indication,
    IntegrityVerdict,
    Kind,
    Level,
    Modification,
    Remark,
    SignatureVerdict,
    SubIndication,
)
from signing.older_kinds import FLAWS, NotOfItsKind, OlderSignature, why_not_enough
from signing.revocation import find_source
from signing.settled import Settled, failed, remark_of, undecided
from signing.standing import judge_certificate
from signing.structure import (
    KNOWN_SUB_FILTERS,
    PADES_SUB_FILTERS,
    SignatureObject,
    Structure,
)
from signing.texts import describe_sub_indication
from signing.time_rules import (
    at_claimed_time,
    at_judged_moment,
    at_proven_time,
    ended_since,
    forged_stamps,
    mistaken_zone,
)

_UNKNOWN_INTEGRITY = IntegrityVerdict(
    intact=None,
    covers_whole_file=False,
    later_revisions=0,
    modification=None,
    changed_fields=(),
)


_CHANGED_CONTENT = failed(SubIndication.HASH_FAILURE, remark_of(SubIndication.HASH_FAILURE))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFile:
    """What all signatures of a file share.

    Attributes:
        reader: pyHanko's reader.
        file: The open file.
        structure: What the bytes say.
        review: Differences between revisions.
        rules: Policy and moment.
    """

    reader: PdfFileReader
    file: BinaryIO
    structure: Structure
    review: RevisionReview
    rules: Rules


async def judge_one(found: SignatureObject, shared: SignatureFile) -> SignatureVerdict:
    """Judge one filled field; whatever is wrong with it stays its own.

    Args:
        found: The field.
        shared: The file around it.
    """
    if found.faults:
        return _without_reading(found, failed(SubIndication.FORMAT_FAILURE, *found.faults))
    try:
        if found.sub_filter not in KNOWN_SUB_FILTERS:
            raise NotOfItsKind(found.sub_filter)
        return await _Finding(found, shared).judge()
    except NotOfItsKind:
        remark = Remark(
            code="UNKNOWN_SUB_FILTER",
            vi=f"Kiểu chữ ký «{found.sub_filter}» không được hỗ trợ nên chưa kết luận.",
            en=f"signatures of the kind {found.sub_filter!r}, as it is here, are not supported",
        )
        return _without_reading(found, undecided(SubIndication.GENERIC, remark))
    except SignatureValidationError as error:
        reason = SubIndication.GENERIC
        if error.ades_subindication is not None:
            reason = SubIndication(error.ades_subindication.standard_name)
        return _without_reading(found, undecided(reason, remark_of(reason, error.failure_message)))
    except PdfError as error:
        vi = "Cấu trúc tệp sai nên không đọc được chữ ký."
        remark = Remark(code="FILE_STRUCTURE", vi=vi, en=f"malformed: {error}")
        return _without_reading(found, failed(SubIndication.FORMAT_FAILURE, remark))
    except Exception as error:  # noqa: BLE001  hostile input raises anything; it costs this one only
        vi, en = describe_sub_indication(SubIndication.GENERIC)
        remark = Remark(code="UNREADABLE", vi=f"Lỗi: {vi}.", en=f"{en}: {error!r}")
        return _without_reading(found, undecided(SubIndication.GENERIC, remark))


def unreadable_signature(found: SignatureObject, reason: Remark) -> SignatureVerdict:
    """Give the verdict on a signature of a file that pyHanko cannot open.

    Args:
        found: The field.
        reason: Why not.
    """
    return _without_reading(found, failed(SubIndication.FORMAT_FAILURE, reason))


class _Finding:
    """One signature on its way to a verdict."""

    def __init__(self, found: SignatureObject, shared: SignatureFile) -> None:
        self.found = found
        self.shared = shared
        self.signature = open_signature(found, shared.reader)
        self.signature.compute_integrity_info(  # type: ignore[no-untyped-call]  # untyped in pyHanko
            skip_diff=True
        )
        self.coverage: SignatureCoverageLevel = self.signature.evaluate_signature_coverage()
        self.certificate: x509.Certificate = self.signature.signer_cert
        self.is_timestamp = found.kind is Kind.DOCUMENT_TIMESTAMP

    async def judge(self) -> SignatureVerdict:
        intact = _is_intact(self.signature, is_timestamp=self.is_timestamp)
        # Of changed content nothing else needs to be asked, and much of it could not be read.
        outcome = await self._run() if intact else NOT_RUN
        changes = self._changes() if intact else UNCHANGED
        best_time, kind = self._best_time(outcome)
        standing = judge_certificate(
            self.certificate,
            outcome,
            best_time or self.shared.rules.at,
            for_timestamps=self.is_timestamp,
        )
        settled = self._settle(outcome, changes) if intact else _CHANGED_CONTENT
        if settled.indication is Indication.TOTAL_PASSED and kind is BestTimeKind.TIMESTAMP:
            settled = at_proven_time(settled, standing, best_time)
        settled = at_claimed_time(settled, standing, self._claimed_time())
        settled = at_judged_moment(
            settled,
            outcome,
            best_time if self.is_timestamp else self._claimed_time(),
            self.shared.rules.at,
        )
        return SignatureVerdict(
            field=self.found.field,
            kind=self.found.kind,
            level=self._level(),
            indication=settled.indication,
            sub_indication=settled.sub_indication,
            reasons=settled.reasons,
            signer=identity_of(self.certificate),
            claimed_time=self._claimed_time(),
            best_time=best_time,
            best_time_kind=kind,
            timestamps=outcome.timestamps,
            integrity=self._integrity(changes, intact=intact),
            certificate=standing,
            warnings=(
                *self._warnings(outcome),
                *ended_since(settled, standing, self.shared.rules.at),
            ),
            profile=self.shared.rules.profile_of(outcome),
        )

    async def _run(self) -> Outcome:
        if self.is_timestamp:
            return await judge_document_timestamp(self.signature, self.shared.rules)
        return await judge_signature(
            self.signature,
            self.shared.rules,
            # The long-term process knows the newer kinds alone.
            has_later_timestamp=self._has_later_timestamp() and self.found.sub_filter not in FLAWS,
        )

    def _settle(self, outcome: Outcome, changes: Changes) -> Settled:
        if faults := tuple(self._format_faults()):
            return failed(SubIndication.FORMAT_FAILURE, *faults)
        if outcome.indication is Indication.TOTAL_FAILED:
            return _from(outcome, self)
        if changes.level is Modification.OTHER:
            told = (*changes.faults, *_remarks(changes, Modification.OTHER))
            return failed(SubIndication.FORMAT_FAILURE, *told)
        allows_sha1 = self.shared.rules.allows_digest("sha1")
        flaw = why_not_enough(self.found.sub_filter, allows_sha1=allows_sha1)
        if outcome.is_passed and flaw is not None:
            return undecided(*flaw)
        if outcome.is_passed and (left := self._left(changes)):
            return undecided(SubIndication.SIG_CONSTRAINTS_FAILURE, *left)
        if outcome.is_passed and (stamps := tuple(forged_stamps(outcome))):
            return undecided(SubIndication.SIG_CONSTRAINTS_FAILURE, *stamps)
        return _from(outcome, self)

    def _format_faults(self) -> Iterator[Remark]:
        if has_stray_padding(self.signature):
            vi, en = "Có byte lạ sau chữ ký trong /Contents.", "stray bytes in /Contents"
            yield Remark(code="STRAY_BYTES", vi=vi, en=en)
        if not is_der_ordered(self.signature):
            vi = "Thuộc tính được ký không theo thứ tự DER."
            yield Remark(code="NOT_DER", vi=vi, en="signed attributes are not DER ordered")
        if not self._covers_its_revision():
            yield Remark(
                code="COVERAGE",
                vi="Chữ ký không bao trùm toàn bộ phiên bản đã ký.",
                en="the signature does not cover its whole revision",
            )
        elif has_foreign_bytes(
            self.shared.file, self.shared.structure, self._covered_end(), self._later_revisions()
        ):
            yield Remark(
                code="FOREIGN_BYTES",
                vi="Sau phần đã ký có dữ liệu không thuộc phiên bản hợp lệ nào.",
                en="bytes follow the signed part that belong to no proper revision",
            )

    def _covers_its_revision(self) -> bool:
        return self.coverage.value >= SignatureCoverageLevel.ENTIRE_REVISION.value

    def _covered_end(self) -> int:
        byte_range = self.found.byte_range
        assert byte_range is not None
        return byte_range[2] + byte_range[3]

    def _later_revisions(self) -> int:
        revisions: int = self.shared.reader.xrefs.total_revisions
        signed: int = self.signature.signed_revision
        return revisions - 1 - signed

    def _changes(self) -> Changes:
        if self.coverage is SignatureCoverageLevel.ENTIRE_FILE:
            return UNCHANGED
        return self.shared.review.since(self._covered_end(), self.signature)

    def _left(self, changes: Changes) -> tuple[Remark, ...]:
        """List what was done since that the signer did not allow."""
        gone = gone_since(self.shared.structure, self._covered_end())
        return (*gone, *not_allowed(changes, self.signature.docmdp_level))

    def _has_later_timestamp(self) -> bool:
        return has_later_timestamp(self.shared.structure, self._covered_end())

    def _level(self) -> Level | None:
        if self.is_timestamp or self.found.sub_filter not in PADES_SUB_FILTERS:
            return None
        if next(attached_tokens(self.signature), None) is None:
            return Level.B_B
        if not has_revocation_data(self.shared.reader):
            return Level.B_T
        return Level.B_LTA if self._has_later_timestamp() else Level.B_LT

    def _claimed_time(self) -> datetime | None:
        if self.is_timestamp:
            return None
        claimed = self.signature.self_reported_timestamp
        if claimed is not None and claimed.tzinfo is None:
            return claimed.replace(tzinfo=UTC)
        return claimed

    def _best_time(self, outcome: Outcome) -> tuple[datetime | None, BestTimeKind | None]:
        proven = [
            stamp.time
            for stamp in outcome.timestamps
            if stamp.indication is Indication.TOTAL_PASSED
        ]
        if outcome.proven_time is not None:
            proven.append(outcome.proven_time)
        if proven:
            return min(proven), BestTimeKind.TIMESTAMP
        claimed = self._claimed_time()
        return claimed, BestTimeKind.CLAIMED if claimed else None

    def _integrity(self, changes: Changes, *, intact: bool) -> IntegrityVerdict:
        return IntegrityVerdict(
            intact=intact,
            covers_whole_file=self.coverage is SignatureCoverageLevel.ENTIRE_FILE,
            later_revisions=self._later_revisions(),
            modification=changes.level if intact else None,
            changed_fields=changes.fields,
            changed_pages=changes.pages,
            signed_bytes=self._covered_end() if self._covers_its_revision() else None,
        )

    def _warnings(self, outcome: Outcome) -> Iterator[Remark]:
        if self.found.same_as:
            names = ", ".join((self.found.field, *self.found.same_as))
            yield Remark(
                code="SAME_DICTIONARY",
                vi=f"Một chữ ký được dùng cho nhiều trường: {names}.",
                en=f"one signature dictionary stands in several fields: {names}",
            )
        if self.found.sub_filter in FLAWS:
            yield FLAWS[self.found.sub_filter]
        for stamp in outcome.timestamps:
            if stamp.sub_indication is not None:
                vi, en = describe_sub_indication(stamp.sub_indication)
                yield Remark(
                    code="TIMESTAMP_NOT_PASSED",
                    vi=f"Dấu thời gian của {stamp.tsa} không được công nhận: {vi}.",
                    en=f"the timestamp of {stamp.tsa} is not accepted: {en}",
                )
        claimed, (best, kind) = self._claimed_time(), self._best_time(outcome)
        if claimed is None or best is None or kind is not BestTimeKind.TIMESTAMP:
            return
        yield from mistaken_zone(claimed, best)


def _remarks(changes: Changes, level: Modification) -> tuple[Remark, ...]:
    return tuple(change.remark for change in changes.shown if change.level is level)


def _is_intact(signature: EmbeddedPdfSignature, *, is_timestamp: bool) -> bool:
    if isinstance(signature, OlderSignature):
        return signature.is_intact()
    if is_timestamp:
        info = signature.signed_data["encap_content_info"]["content"].parsed
        stated: bytes = info["message_imprint"]["hashed_message"].native
    else:
        stated = find_unique_cms_attribute(
            signature.signer_info["signed_attrs"], "message_digest"
        ).native
    return stated == signature.compute_digest()


def _from(outcome: Outcome, finding: _Finding) -> Settled:
    reason = outcome.sub_indication
    if reason is None:
        return Settled(indication=outcome.indication, sub_indication=None, reasons=())
    if reason is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE:
        reason = _sharper(reason, outcome, finding)
    return Settled(
        indication=outcome.indication,
        sub_indication=reason,
        reasons=(remark_of(reason, outcome.detail),),
    )


def _sharper(reason: SubIndication, outcome: Outcome, finding: _Finding) -> SubIndication:
    """PyHanko's general word hides two cases for which the standard has its own."""
    certificate = finding.certificate
    if finding.shared.rules.at < certificate.not_valid_before:
        return SubIndication.NOT_YET_VALID
    if find_source(certificate, outcome.lists, outcome.responses) is None:
        return SubIndication.TRY_LATER
    return reason


def _without_reading(found: SignatureObject, settled: Settled) -> SignatureVerdict:
    return SignatureVerdict(
        field=found.field,
        kind=found.kind,
        level=None,
        indication=settled.indication,
        sub_indication=settled.sub_indication,
        reasons=settled.reasons,
        signer=None,
        claimed_time=None,
        best_time=None,
        best_time_kind=None,
        timestamps=(),
        integrity=_UNKNOWN_INTEGRITY,
        certificate=None,
        warnings=(),
    )
