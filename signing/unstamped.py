"""A signature whose timestamp was not to be had: kept as it was made, and stamped later.

The timestamp of a signature is none of what the key signs (RFC 3161 Appendix A): the authority
stamps the signature's value, and the token is laid beside it. So a key that was used once is not
needed again, nor its person's PIN, however long the authority stays away.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import InsufficientRevinfoError

from signing.admission import SELF_CONTAINED, Fresh, admit
from signing.clock import TimestampSource, choose_timestamps, machine_clock
from signing.earlier import earlier_paths
from signing.errors import UnreadablePdf
from signing.explaining import explained
from signing.model import FileVerdict, Level, SignRequest
from signing.network import Network, connect
from signing.output import publish, require_room, temporary_beside
from signing.preflight import open_context
from signing.providers import DIGEST
from signing.revisions import DocumentStamp, Proofs, add_proofs
from signing.trust import TrustStore

_TOKEN = "signature_time_stamp_token"  # noqa: S105  # the attribute's name in CMS, no secret
# What it looks like when a service of timestamps or revocation data is to blame.
_SERVICES_FAULT = (TimestampRequestError, TimeoutError, InsufficientRevinfoError)


@contextmanager
def kept_for_later(request: SignRequest, path: Path, file: BufferedRandom) -> Iterator[None]:
    """Keep the signature that a file holds, where what follows it fails for want of a service.

    Args:
        request: Where it is kept; what was added meanwhile is not.
        path: The temporary file.
        file: The same, open.
    """
    made = file.seek(0, os.SEEK_END)
    try:
        yield
    except _SERVICES_FAULT:
        if request.unstamped is not None:
            file.truncate(made)
            file.flush()
            os.fsync(file.fileno())
            publish(path, request.unstamped, like=request.source)
        raise


def stamp_kept(request: SignRequest, trust: TrustStore, network: Network) -> FileVerdict:
    """Give a kept signature its timestamp and proofs, judge the file, and only then name it.

    Args:
        request: The kept file as source, and the level that was asked for; ``at`` is now.
        trust: The anchors.
        network: Where timestamps and revocation data come from.

    Raises:
        TimestampUnavailable: Still no timestamp; the kept file stays as it is.
        RevocationUnavailable: Nobody says whether a certificate stands; it stays too.
        ClockWrong: The clocks differ; it stays too.
        SignatureRejected: With its timestamp it does not pass: revoked meanwhile, say.
        UnreadablePdf: The kept file is none of ours.
        OutputNotWritten: Disk full, or no permission.
    """
    return asyncio.run(_stamp_kept(request, trust, network))


async def _stamp_kept(request: SignRequest, trust: TrustStore, network: Network) -> FileVerdict:
    require_room(request.target, request.source)
    async with connect(network) as connections:
        timestamps = await choose_timestamps(trust, connections)
        collected = open_context(trust, connections, request.at)
        before = machine_clock()
        with temporary_beside(request.target) as (path, file):
            with request.source.open("rb") as kept:
                shutil.copyfileobj(kept, file)
            await _complete(file, request, timestamps, collected)
            file.flush()
            os.fsync(file.fileno())
            fresh = Fresh(
                request=request,
                path=path,
                collected=collected,
                timestamps=timestamps,
                before=before,
            )
            verdict, _ = await admit(fresh, trust)
    return verdict


async def _complete(
    file: BufferedRandom,
    request: SignRequest,
    timestamps: TimestampSource,
    collected: ValidationContext,
) -> None:
    signature = _signature(file, request)
    with explained(request, signature.signer_cert):
        await _lay_beside(signature, file, timestamps.timestamper)
        # A reader of its own: the first one remembers the signature as it was.
        paths = await earlier_paths(PdfFileReader(file, strict=False), collected)
        if request.level not in SELF_CONTAINED:
            return
        stamp = None
        if request.level is Level.B_LTA:
            name = f"{request.field_name}_TS"
            stamp = DocumentStamp(timestamper=timestamps.timestamper, field_name=name)
        proofs = Proofs(paths=paths, context=collected, ocsps=collected.ocsps, crls=collected.crls)
        await add_proofs(file, proofs, stamp)


def _signature(file: BufferedRandom, request: SignRequest) -> EmbeddedPdfSignature:
    reader = PdfFileReader(file, strict=False)
    found: list[EmbeddedPdfSignature] = reader.embedded_regular_signatures
    for signature in found:
        if signature.field_name == request.field_name:
            return signature
    raise UnreadablePdf(
        f"Tệp {request.source} không có chữ ký {request.field_name} để đóng dấu thời gian. Hãy báo "
        "người quản trị.",
        f"{request.source} holds no signature {request.field_name} to be stamped",
    )


async def _lay_beside(
    signature: EmbeddedPdfSignature, file: BufferedRandom, timestamper: TimeStamper
) -> None:
    """Have the signature's value stamped, and write the token into the space kept for it.

    A token that is there already tells of an earlier moment: it stays.
    """
    info = signature.signer_info
    if info["unsigned_attrs"].native:
        return
    digest = hashes.Hash(hashes.SHA256())
    digest.update(info["signature"].native)
    token = await timestamper.async_timestamp(digest.finalize(), DIGEST)
    beside = cms.CMSAttribute({"type": _TOKEN, "values": [token]})
    info["unsigned_attrs"] = cms.CMSAttributes([beside])
    signed = cms.ContentInfo({"content_type": "signed_data", "content": signature.signed_data})
    _, start, end, _ = signature.byte_range
    content = signed.dump().hex().upper().encode()
    space = int(end) - int(start) - len("<>")
    if len(content) > space:
        raise UnreadablePdf(
            "Chỗ dành cho chữ ký trong tệp không đủ cho dấu thời gian. Hãy báo người quản trị.",
            f"{len(content)} digits do not fit into the {space} that are reserved",
        )
    file.seek(int(start) + 1)
    file.write(content.ljust(space, b"0"))
