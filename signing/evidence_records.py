"""Evidence records (RFC 4998): one timestamp proves for many files that they existed at a time.

A record `<file>.ers` or `<name>.ers` beside a PDF is read with it: the file's digest must lead to
what each timestamp is of, and each timestamp must have stood when the next one covered it. What it
proves is told as a remark. It is no evidence for the signatures inside the PDF: those are judged by
what the PDF itself holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from asn1crypto import cms, core, tsp
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from signing.ades import Outcome, Rules, judge_token, stated_time
from signing.model import Remark, SubIndication
from signing.texts import describe_sub_indication

_MOST_BYTES = 1 << 24


class _Chain(core.SequenceOf):  # type: ignore[misc]  # asn1crypto ships no types
    _child_spec = tsp.ArchiveTimeStamp


class _Chains(core.SequenceOf):  # type: ignore[misc]  # as above
    _child_spec = _Chain


class EvidenceRecord(core.Sequence):  # type: ignore[misc]  # as above
    """The record as the standard has it: asn1crypto's own leaves out the chains."""

    _fields = [  # noqa: RUF012  the form that asn1crypto asks for
        ("version", core.Integer),
        ("digest_algorithms", tsp.DigestAlgorithms),
        ("crypto_infos", tsp.Attributes, {"implicit": 0, "optional": True}),
        ("encryption_info", tsp.EncryptionInfo, {"implicit": 1, "optional": True}),
        ("chains", _Chains),
    ]


class _Foreign(Exception):
    """The file's digest does not lead to a timestamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stamp:
    """One timestamp of a record.

    Attributes:
        token: The token.
        digest: Name of the digest.
        root: What it must be of.
    """

    token: cms.SignedData
    digest: str
    root: bytes


async def judge_record_beside(path: Path, file: BinaryIO, rules: Rules) -> Remark | None:
    """Judge the evidence record that lies beside a file; None where there is none.

    Args:
        path: The file.
        file: The same, open; its position is moved.
        rules: Policy and moment.
    """
    names = (path.with_name(f"{path.name}.ers"), path.with_suffix(".ers"))
    beside = next((name for name in names if name != path and name.is_file()), None)
    if beside is None:
        return None
    try:
        with beside.open("rb") as record:
            stamps = tuple(_stamps(record.read(_MOST_BYTES), file))
        return await _judge(beside, stamps, _with_lists(rules, stamps))
    except _Foreign:
        vi = f"Tệp bằng chứng {beside.name} không phải của tệp này, hoặc tệp đã bị sửa."
        en = f"the evidence record {beside.name} is of another file, or the file was changed"
        return Remark(code="EVIDENCE_RECORD_FOREIGN", vi=vi, en=en)
    except Exception as error:  # noqa: BLE001  hostile records raise anything; one costs itself only
        vi = f"Không đọc được tệp bằng chứng {beside.name}."
        en = f"the evidence record {beside.name} cannot be read: {error}"
        return Remark(code="EVIDENCE_RECORD_UNREADABLE", vi=vi, en=en)


async def _judge(beside: Path, stamps: Sequence[_Stamp], rules: Rules) -> Remark:
    """Hold each timestamp to the moment at which the next one covered it, the last to now."""
    times = [stated_time(stamp.token) for stamp in stamps]
    if times != sorted(times):
        return _not_passed(beside, SubIndication.TIMESTAMP_ORDER_FAILURE)
    for stamp, until in zip(stamps, [*times[1:], rules.at], strict=True):
        if not rules.allows_digest(stamp.digest):
            return _not_passed(beside, SubIndication.CRYPTO_CONSTRAINTS_FAILURE)
        outcome = await _judge_stamp(stamp, rules, until)
        if not outcome.is_passed:
            return _not_passed(beside, outcome.sub_indication or SubIndication.GENERIC)
    since = times[0].isoformat()
    return Remark(
        code="EVIDENCE_RECORD",
        vi=f"Tệp bằng chứng {beside.name} chứng minh tệp này đã có từ {since}, không đổi từ đó.",
        en=f"the record {beside.name} proves that this file exists, unchanged, since {since}",
    )


async def _judge_stamp(stamp: _Stamp, rules: Rules, until: datetime) -> Outcome:
    def imprint(digest: str) -> bytes:
        return stamp.root if digest == stamp.digest else b""

    return await judge_token(stamp.token, replace(rules, at=until), imprint)


def _with_lists(rules: Rules, stamps: Sequence[_Stamp]) -> Rules:
    """Add the lists that tokens bring: each proves those before it, and itself."""
    spec = rules.whole or rules.spec
    known = spec.local_knowledge
    lists = [
        CRLContainer(crl_data=one.chosen)
        for stamp in stamps
        for one in stamp.token["crls"]
        if one.name == "crl"
    ]
    known = replace(known, known_crls=[*known.known_crls, *lists])
    return replace(rules, spec=replace(spec, local_knowledge=known))


def _not_passed(beside: Path, reason: SubIndication) -> Remark:
    vi, en = describe_sub_indication(reason)
    return Remark(
        code="EVIDENCE_RECORD_NOT_PASSED",
        vi=f"Dấu thời gian trong tệp bằng chứng {beside.name} không được công nhận: {vi}.",
        en=f"a timestamp of the evidence record {beside.name} is not accepted: {en}",
    )


def _stamps(record: bytes, file: BinaryIO) -> Iterator[_Stamp]:
    """List the timestamps, each with what it must be of (RFC 4998 clauses 4.3 and 5.3)."""
    chains = EvidenceRecord.load(record, strict=True)["chains"]
    if not len(chains) or not all(len(chain) for chain in chains):
        raise ValueError("a record without a timestamp")
    for number, chain in enumerate(chains):
        before: bytes | None = None
        for stamp in chain:
            digest, token = _digest_of(stamp), stamp["time_stamp"]
            if before is None:
                covered = _first_covered(file, digest, chains, number)
            else:
                # The next timestamp of a chain covers the one before it.
                covered = _hashed(digest, before)
            root = _root(stamp["reduced_hashtree"], covered, digest)
            if root != _imprint(token):
                raise _Foreign
            yield _Stamp(token=token["content"], digest=digest, root=root)
            before = token.dump()


def _first_covered(file: BinaryIO, digest: str, chains: _Chains, number: int) -> bytes:
    """Give what the first timestamp of a chain covers: the file, and all chains before it."""
    covered = _digest_file(file, digest)
    if not number:
        return covered
    return _hashed(digest, covered + _hashed(digest, _encoded(chains, number)))


def _imprint(token: cms.ContentInfo) -> bytes:
    info = token["content"]["encap_content_info"]["content"].parsed
    stated: bytes = info["message_imprint"]["hashed_message"].native
    return stated


def _root(tree: tsp.PartialHashtrees, covered: bytes, digest: str) -> bytes:
    """Climb a reduced hash tree; without one a timestamp is of the digest itself."""
    lists = [[leaf.native for leaf in leaves] for leaves in tree] if tree.native else []
    if lists and covered not in lists[0]:
        raise _Foreign
    value = covered
    for number, leaves in enumerate(lists):
        group = sorted(leaves if number == 0 else {*leaves, value})
        value = group[0] if len(group) == 1 else _hashed(digest, b"".join(group))
    return value


def _digest_of(stamp: tsp.ArchiveTimeStamp) -> str:
    algorithm = stamp["digest_algorithm"]
    if algorithm.native is None:
        # What is not stated is that of the timestamp.
        info = stamp["time_stamp"]["content"]["encap_content_info"]["content"].parsed
        algorithm = info["message_imprint"]["hash_algorithm"]
    name: str = algorithm["algorithm"].native
    return name


def _encoded(chains: _Chains, count: int) -> bytes:
    """Encode the first chains as a sequence of their own."""
    made: bytes = _Chains([chains[at] for at in range(count)]).dump()
    return made


def _digest_file(file: BinaryIO, digest: str) -> bytes:
    file.seek(0)
    made: bytes = hashlib.file_digest(file, digest).digest()  # type: ignore[arg-type]  # any binary file
    return made


def _hashed(digest: str, content: bytes) -> bytes:
    return hashlib.new(digest, content).digest()
