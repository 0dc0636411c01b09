"""Is this PDF's signature good? Our verdict: structure, integrity, processes, later changes.

pyHanko gives good parts and no verdict: its AdES result ignores changes made after signing, bytes
after the last revision and signatures it does not know. Each signature is judged alone, so that a
hostile one costs its own verdict only (TT 15/2025/TT-BKHCN Art. 6; ETSI EN 319 102-1).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BufferedReader
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator.fetchers import FetcherBackend

from signing.ades import Rules, attached_tokens, open_signature, stated_time, stored_knowledge
from signing.errors import UnreadablePdf
from signing.evidence_records import judge_record_beside
from signing.findings import SignatureFile, judge_one, unreadable_signature
from signing.integrity import RevisionReview
from signing.model import (
    BestTimeKind,
    FileVerdict,
    Indication,
    Kind,
    Remark,
    SignatureVerdict,
    SubIndication,
)
from signing.network import Network, connect
from signing.newest import newest
from signing.policy import policy_identity, signature_policy
from signing.structure import Structure, inspect, inspect_open
from signing.tables import disputed_tables
from signing.trust import TrustStore

_WORST_FIRST = (Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED)

# What a later passed chain of document timestamps heals in an older document timestamp.
_HEALED_BY_RENEWAL = {
    SubIndication.OUT_OF_BOUNDS_NO_POE,
    SubIndication.OUT_OF_BOUNDS_NOT_REVOKED,
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
    SubIndication.TRY_LATER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Under what a file is judged.

    Attributes:
        trust: The anchors.
        at: The moment of validation, aware.
        known: Revocation data and certificates known besides the file.
        backend: Where to ask for revocation data, None for nowhere.
    """

    trust: TrustStore
    at: datetime
    known: LocalKnowledge = field(default_factory=LocalKnowledge)
    backend: FetcherBackend | None = None


def judge(
    path: Path, trust: TrustStore, *, at: datetime, network: Network | None = None
) -> FileVerdict:
    """Judge every signature of a PDF; never raises for what the file holds.

    Args:
        path: The file; a missing or unreadable one gives an entry with ``readable`` false.
        trust: The anchors; without any, nothing passes.
        at: The moment of validation, aware; now, as a rule. For another moment, revocation data
            of that time is needed, and the long-term process stays on the careful side.
        network: Allows asking for revocation data; None judges with what the file holds.
    """
    return asyncio.run(_judge_alone(path, trust, at, network))


async def _judge_alone(
    path: Path, trust: TrustStore, at: datetime, network: Network | None
) -> FileVerdict:
    known = LocalKnowledge(known_certs=list(trust.intermediates))
    if network is None or network.offline:
        return await judge_file(path, Judgement(trust=trust, at=at, known=known))
    async with connect(network) as connections:
        return await judge_file(
            path,
            Judgement(trust=trust, at=at, known=known, backend=connections.revocation),
        )


async def judge_file(path: Path, judgement: Judgement) -> FileVerdict:
    """Judge a file in a running event loop.

    Args:
        path: The file.
        judgement: Anchors, moment, and what is known.
    """
    if path.is_dir():
        remark = Remark(
            code="FILE_UNREADABLE",
            vi="Đây là thư mục, hoặc không mở được thư mục này nên chưa kiểm tra gì trong đó. Hãy "
            "kiểm tra quyền đọc.",
            en="a folder, or one that cannot be opened, so nothing in it was judged; check that "
            "it may be read",
        )
        return _unreadable(path, judgement, remark)
    if path.exists() and not path.is_file():
        # A pipe has no end, and opening it would wait for somebody to write.
        remark = Remark(
            code="FILE_UNREADABLE",
            vi="Đây không phải tệp thường (ống dẫn, thiết bị). Hãy chỉ đúng tệp PDF.",
            en="not a regular file but a pipe or a device; name the PDF itself",
        )
        return _unreadable(path, judgement, remark)
    try:
        with path.open("rb") as file:
            return await _judge_open(path, file, judgement)
    except OSError as error:
        remark = Remark(
            code="FILE_UNREADABLE",
            vi=f"Không đọc được tệp: {error.strerror}. Hãy kiểm tra đường dẫn và quyền đọc.",
            en=f"cannot read the file: {error.strerror}; check path and permissions",
        )
        return _unreadable(path, judgement, remark)


async def _judge_open(path: Path, file: BufferedReader, judgement: Judgement) -> FileVerdict:
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    size = file.tell()
    try:
        structure = inspect_open(file, path)
    except UnreadablePdf as error:
        remark = Remark(code="FILE_UNREADABLE", vi=error.vi, en=error.en)
        return replace(_unreadable(path, judgement, remark), sha256=sha256, size_bytes=size)
    signatures: tuple[SignatureVerdict, ...] = ()
    warnings = list(_file_warnings(structure))
    if structure.signatures:
        signatures, more = await _judge_signatures(file, structure, judgement)
        warnings += more
    if record := await judge_record_beside(path, file, _rules(judgement, judgement.known)):
        warnings.append(record)
    overall, overall_sub = _overall(signatures)
    return FileVerdict(
        path=path,
        sha256=sha256,
        size_bytes=size,
        readable=True,
        pages=structure.pages,
        validated_at=judgement.at,
        policy=policy_identity(judgement.trust),
        overall=overall,
        overall_sub=overall_sub,
        signatures=signatures,
        unsigned_fields=structure.unsigned_fields,
        warnings=tuple(warnings),
        online=judgement.backend is not None,
    )


async def _judge_signatures(
    file: BufferedReader, structure: Structure, judgement: Judgement
) -> tuple[tuple[SignatureVerdict, ...], list[Remark]]:
    opened = _open_reader(file)
    if isinstance(opened, Remark):
        return tuple(unreadable_signature(found, opened) for found in structure.signatures), []
    reader, warnings = opened
    known = _all_knowledge(reader, judgement, warnings)
    shared = SignatureFile(
        reader=reader,
        file=file,
        structure=structure,
        review=RevisionReview(file, structure.size_bytes, disputed_tables(reader, file)),
        rules=_rules(judgement, known),
    )
    results = [await judge_one(found, shared) for found in structure.signatures]
    return _heal(tuple(results)), warnings


def _rules(judgement: Judgement, known: LocalKnowledge) -> Rules:
    trust, backend = judgement.trust, judgement.backend
    return Rules(
        spec=signature_policy(trust, newest(known, judgement.at), backend),
        whole=signature_policy(trust, known, backend),
        at=judgement.at,
        profiles=trust.profiles,
    )


def _open_reader(file: BufferedReader) -> tuple[PdfFileReader, list[Remark]] | Remark:
    """Open strictly; a file that only a lenient reading accepts is judged with a warning."""
    # Hostile files raise anything; a second, lenient try follows.
    with contextlib.suppress(Exception):
        reader = PdfFileReader(file, strict=True)
        if not reader.xrefs.hybrid_xrefs_present:
            return reader, []
    warning = Remark(
        code="LENIENT_READING",
        vi="Tệp không hoàn toàn đúng chuẩn PDF; đã đọc theo cách dễ dãi.",
        en="the file is not strictly well-formed; it was read leniently",
    )
    try:
        return PdfFileReader(file, strict=False), [warning]
    except Exception as error:  # noqa: BLE001  the second failure is the verdict: FORMAT_FAILURE
        return Remark(
            code="FILE_STRUCTURE",
            vi="Cấu trúc tệp sai nên không kiểm tra được chữ ký.",
            en=f"the file's structure is wrong: {error}",
        )


def _all_knowledge(
    reader: PdfFileReader, judgement: Judgement, warnings: list[Remark]
) -> LocalKnowledge:
    known = judgement.known
    try:
        stored = stored_knowledge(reader, known.known_certs)
    except Exception as error:  # noqa: BLE001  a broken security store must not end the verdict
        warnings.append(
            Remark(
                code="SECURITY_STORE_UNREADABLE",
                vi="Kho bằng chứng (DSS) trong tệp bị hỏng nên không được dùng.",
                en=f"the security store of the file is damaged and was not used: {error}",
            )
        )
        return known
    return LocalKnowledge(
        known_crls=[*known.known_crls, *stored.known_crls],
        known_ocsps=[*known.known_ocsps, *stored.known_ocsps],
        known_certs=stored.known_certs,
    )


def latest_stated_time(path: Path) -> datetime | None:
    """Read the latest time that any timestamp of a file states, unproven; None without one."""
    stated: list[datetime] = []
    structure = inspect(path)
    with path.open("rb") as file:
        reader = PdfFileReader(file, strict=False)
        for found in structure.signatures:
            signature = open_signature(found, reader)
            if found.kind is Kind.DOCUMENT_TIMESTAMP:
                stated.append(stated_time(signature.signed_data))
            stated.extend(stated_time(token) for token in attached_tokens(signature))
    return max(stated, default=None)


def _file_warnings(structure: Structure) -> list[Remark]:
    warnings = []
    if structure.unreached:
        warnings.append(
            Remark(
                code="UNREACHED_SIGNATURE",
                vi=f"Trong tệp có {len(structure.unreached)} chữ ký không thuộc trường nào: "
                "có thể một chữ ký đã bị gỡ.",
                en=f"{len(structure.unreached)} signatures in the file belong to no field: "
                "one may have been removed",
            )
        )
    if structure.trailing_bytes:
        warnings.append(
            Remark(
                code="TRAILING_BYTES",
                vi=f"Có {structure.trailing_bytes} byte sau dấu kết thúc tệp.",
                en=f"{structure.trailing_bytes} bytes follow the end of the file",
            )
        )
    return warnings


def _overall(
    signatures: tuple[SignatureVerdict, ...],
) -> tuple[Indication, SubIndication | None]:
    """The worst signature speaks for the file."""
    for indication in _WORST_FIRST:
        for signature in signatures:
            if signature.indication is indication:
                return indication, signature.sub_indication
    return Indication.NO_SIGNATURE_FOUND, None


def _heal(results: tuple[SignatureVerdict, ...]) -> tuple[SignatureVerdict, ...]:
    """Pass an outdated document timestamp that a later, passed one protects.

    That is what renewal is for (ETSI EN 319 142-1 clause 5.5): the later timestamp covers the
    older one, with its certificates and lists, while they were still good. It is believed only
    where the long-term process of a signature has validated the chain.
    """
    is_chain_proven = any(
        result.kind is Kind.SIGNATURE
        and result.indication is Indication.TOTAL_PASSED
        and result.best_time_kind is BestTimeKind.TIMESTAMP
        for result in results
    )
    last_passed = max(
        (
            result.best_time
            for result in results
            if result.kind is Kind.DOCUMENT_TIMESTAMP
            and result.indication is Indication.TOTAL_PASSED
            and result.best_time is not None
        ),
        default=None,
    )
    if last_passed is None or not is_chain_proven:
        return results
    return tuple(
        _healed(result) if _is_renewed(result, last_passed) else result for result in results
    )


def _is_renewed(result: SignatureVerdict, later: datetime) -> bool:
    certificate = result.certificate
    return (
        result.kind is Kind.DOCUMENT_TIMESTAMP
        and result.sub_indication in _HEALED_BY_RENEWAL
        and result.best_time is not None
        and certificate is not None
        and result.best_time < later <= certificate.valid_to
    )


def _healed(result: SignatureVerdict) -> SignatureVerdict:
    remark = Remark(
        code="RENEWED",
        vi="Dấu thời gian này đã hết hạn nhưng được dấu thời gian sau bảo vệ khi còn hạn.",
        en="this timestamp is out of date, but a later one protected it while it was good",
    )
    return replace(
        result,
        indication=Indication.TOTAL_PASSED,
        sub_indication=None,
        reasons=(),
        warnings=(*result.warnings, remark),
    )


def _unreadable(path: Path, judgement: Judgement, remark: Remark) -> FileVerdict:
    return FileVerdict(
        path=path,
        sha256=None,
        size_bytes=None,
        readable=False,
        pages=None,
        validated_at=judgement.at,
        policy=policy_identity(judgement.trust),
        overall=Indication.TOTAL_FAILED,
        overall_sub=SubIndication.FORMAT_FAILURE,
        signatures=(),
        unsigned_fields=(),
        warnings=(remark,),
        online=judgement.backend is not None,
    )
