"""Sign a PDF (PAdES, ETSI EN 319 142-1) and let nothing out that our own verdict refuses.

The order: check certificate, timestamps and clock → sign into a temporary file → fsync → judge that
file → rename.
The source is only read; whatever fails, no partial file stays.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from io import BufferedRandom
from pathlib import Path
from typing import Self

from pyhanko.sign import fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import DSSContentSettings
from pyhanko_certvalidator import ValidationContext

from signing.admission import SELF_CONTAINED, Fresh, admit
from signing.appearance import VIETNAM, BlockStyle, block_style, check_fit, drawn_box
from signing.clock import TimestampSource, choose_timestamps, machine_clock
from signing.earlier import earlier_paths
from signing.errors import (
    AlreadySigned,
    BlockDoesNotFit,
    SigningError,
    TimestampUnavailable,
    UnreadablePdf,
)
from signing.explaining import explained
from signing.meeting import Intend, Meeting, Seat, note_nothing
from signing.model import (
    FileVerdict,
    Level,
    ReservedField,
    SignatureVerdict,
    SignedPdf,
    SignRequest,
    VisibleBlock,
)
from signing.network import Connections, Network, connect
from signing.output import require_room, temporary_beside
from signing.policy import DOCUMENT_KEY_USAGE
from signing.preflight import Preflight, check_certificate, open_context
from signing.providers import DIGEST
from signing.revisions import RevisionWriter, complete
from signing.signer import KeySigner, OpenSigner
from signing.structure import Structure, inspect
from signing.trust import TrustStore
from signing.unstamped import kept_for_later

# Hexadecimal digits kept for /Contents: chain and timestamp of the government PKI take half of it,
# and a space that is too small is an error after the key was used.
CONTENTS_DIGITS = 32768

# Revocation data collected for one signature serves the next ones of a batch for so long.
CONTEXT_LIFE = timedelta(minutes=10)

# No VRI entries: EN 319 142-1 leaves them out, and renewing them looks like tampering to verifiers.
STORE_SETTINGS = DSSContentSettings(include_vri=False)

_TIMESTAMPED = {Level.B_T, Level.B_LT, Level.B_LTA}


@dataclass(frozen=True, slots=True)
class _Context:
    made_at: datetime
    validation: ValidationContext
    preflight: Preflight


class Batch:
    """Signs many files with one open key, one connection and one collection of revocation data.

    Args:
        signer: The open key.
        trust: The anchors.
        network: Where timestamps and revocation data come from.
        intend: Called with what is about to be signed, right before the key is used for it.
    """

    def __init__(
        self,
        signer: OpenSigner,
        trust: TrustStore,
        network: Network,
        intend: Intend = note_nothing,
    ) -> None:
        self._signer = signer
        self._trust = trust
        self._network = network
        self._intend = intend
        self._runner = asyncio.Runner()
        self._exits = AsyncExitStack()
        self._connections: Connections | None = None
        self._context: _Context | None = None
        self._timestamps: TimestampSource | None = None
        self._checking = asyncio.Lock()

    def __enter__(self) -> Self:
        self._connections = self._runner.run(
            self._exits.enter_async_context(connect(self._network))
        )
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            self._runner.run(self._exits.aclose())
        finally:
            self._runner.close()

    def check(self, at: datetime, level: Level = Level.B_B) -> Preflight:
        """Check the certificate as ``preflight.check_signer`` does, for this batch.

        Args:
            at: Now, aware.
            level: Which level is to be reached: for most, a timestamp is fetched and clocks are
                compared.

        Raises:
            CertificateRefused: The certificate must not sign.
            TimestampUnavailable: The level needs a timestamp and none is to be had.
            ClockWrong: This machine's clock is off.
        """
        return self._runner.run(self._ready(at, level)).preflight

    def sign(self, request: SignRequest) -> SignedPdf:
        """Sign one file; see ``sign_pdf`` for what it raises.

        Args:
            request: What to sign and how.
        """
        (outcome,) = self.sign_all([request])
        if isinstance(outcome, SigningError):
            raise outcome
        return outcome

    def sign_all(self, requests: Sequence[SignRequest]) -> list[SignedPdf | SigningError]:
        """Sign several files with one use of the key; one that fails keeps no other from signing.

        Args:
            requests: What to sign and how, each into a file of its own.

        Returns:
            For each request, in order, the signed file or why there is none.
        """
        return self._runner.run(self._sign_all(requests))

    async def _sign_all(self, requests: Sequence[SignRequest]) -> list[SignedPdf | SigningError]:
        meeting = Meeting(self._signer.provider, len(requests), self._intend)
        outcomes = await asyncio.gather(
            *(self._sign_one(request, meeting) for request in requests), return_exceptions=True
        )
        known: list[SignedPdf | SigningError] = []
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, SigningError):
                raise outcome
            known.append(outcome)
        return known

    async def _sign_one(self, request: SignRequest, meeting: Meeting) -> SignedPdf:
        with meeting.seat(request) as seat:
            structure = inspect(request.source)
            _check_request(request, structure)
            require_room(request.target, request.source)
            before = machine_clock()
            with temporary_beside(request.target) as (path, file):
                try:
                    written = await self._write(request, structure, seat, (path, file))
                except TimestampUnavailable:
                    # The next paper asks for a timestamp before its key is used.
                    self._timestamps = None
                    raise
                context, timestamps = written
                fresh = Fresh(
                    request=request,
                    path=path,
                    collected=context.validation,
                    timestamps=timestamps,
                    before=before,
                )
                verdict, accepted = await self._admit(fresh)
        return SignedPdf(
            path=request.target,
            sha256=verdict.sha256 or "",
            size_bytes=verdict.size_bytes or 0,
            level=request.level,
            field_name=request.field_name,
            signer=self._signer.identity,
            signed_at=request.at,
            timestamp_time=accepted.timestamps[0].time if accepted.timestamps else None,
            verdict=verdict,
            evidence=context.preflight.evidence,
        )

    async def _admit(self, fresh: Fresh) -> tuple[FileVerdict, SignatureVerdict]:
        return await admit(fresh, self._trust)

    async def _ready(self, at: datetime, level: Level) -> _Context:
        # The papers of a batch ask at the same time; the first one's answer serves all.
        async with self._checking:
            return await self._ready_alone(at, level)

    async def _ready_alone(self, at: datetime, level: Level) -> _Context:
        assert self._connections is not None, "the batch is open"
        known = self._context
        if known is None or abs(at - known.made_at) >= CONTEXT_LIFE:
            reachable = None if self._network.offline else self._connections
            validation = open_context(self._trust, reachable, at)
            preflight = await check_certificate(self._signer, self._trust, validation, at)
            known = self._context = _Context(at, validation, preflight)
            self._timestamps = None
        if level in _TIMESTAMPED and self._timestamps is None:
            self._timestamps = await choose_timestamps(self._trust, self._connections)
        return known

    async def _write(
        self,
        request: SignRequest,
        structure: Structure,
        seat: Seat,
        output: tuple[Path, BufferedRandom],
    ) -> tuple[_Context, TimestampSource | None]:
        context, (path, file) = await self._ready(request.at, request.level), output
        # Another paper of the batch may lose the authority while this one is signed.
        timestamps = self._timestamps
        pdf_signer, signer = self._pdf_signer(request, structure, context, seat)
        certificate = self._signer.certificate
        with explained(request, certificate), request.source.open("rb") as source:
            writer = RevisionWriter(source, strict=False)
            session = pdf_signer.init_signing_session(writer)
            # What is claimed in the file is the moment the caller gives, not this machine's clock.
            session.system_time = request.at.astimezone(VIETNAM)
            info = await session.perform_presign_validation(writer)
            if request.level in SELF_CONTAINED and info is not None:
                info.validation_paths.extend(await earlier_paths(writer.prev, context.validation))
            prepared = session.prepare_tbs_document(info, CONTENTS_DIGITS)
            # After the signature's own field, so that the form lists them as they are signed.
            _reserve(writer, request, structure)
            digest, _ = prepared.digest_tbs_document(output=file)
            signed = await prepared.perform_signature(
                document_digest=digest.document_digest,
                pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=session.system_time),
            )
            with kept_for_later(request, path, file):
                if signer.missing_timestamp is not None:
                    raise signer.missing_timestamp
                await complete(signed, file)
            file.flush()
            os.fsync(file.fileno())
        return context, timestamps

    def _pdf_signer(
        self, request: SignRequest, structure: Structure, context: _Context, seat: Seat
    ) -> tuple[PdfSigner, KeySigner]:
        needs_time = request.level in _TIMESTAMPED
        metadata = PdfSignatureMetadata(
            field_name=request.field_name,
            md_algorithm=DIGEST,
            reason=request.reason,
            subfilter=fields.SigSeedSubFilter.PADES,
            embed_validation_info=request.level in SELF_CONTAINED,
            use_pades_lta=request.level is Level.B_LTA,
            timestamp_field_name=f"{request.field_name}_TS",
            validation_context=context.validation,
            signer_key_usage=DOCUMENT_KEY_USAGE,
            dss_settings=STORE_SETTINGS,
        )
        block, sign = request.block, partial(seat.sign, context.preflight)
        signer = KeySigner(self._signer.provider, request.title, sign, request.reference)
        pdf_signer = PdfSigner(
            metadata,
            signer=signer,
            timestamper=self._timestamps.timestamper if self._timestamps and needs_time else None,
            stamp_style=_style(block, structure),
            new_field_spec=None
            if request.field_name in structure.unsigned_fields
            else _new_field(request.field_name, block, structure),
        )
        return pdf_signer, signer


def sign_pdf(
    request: SignRequest, signer: OpenSigner, trust: TrustStore, network: Network
) -> SignedPdf:
    """Sign one PDF and judge it before anyone sees it.

    Args:
        request: What to sign and how.
        signer: The open key.
        trust: The anchors of our own verdict.
        network: Where timestamps and revocation data come from.

    Raises:
        UnreadablePdf: The source cannot be signed.
        AlreadySigned: The field holds a signature.
        BlockDoesNotFit: The visible block is too large, or off the page.
        CertificateRefused: The certificate must not sign.
        TimestampUnavailable: The level asks for a timestamp and none is to be had.
        ClockWrong: This machine's clock and the timestamp authority's differ too much.
        KeyDeviceError: The token or remote service cannot go on by itself.
        RevocationUnavailable: Nobody says whether a certificate of the chain stands.
        SignatureRejected: Our own verdict is not TOTAL-PASSED.
        OutputNotWritten: Disk full, or no permission.
    """
    with Batch(signer, trust, network) as batch:
        return batch.sign(request)


def _check_request(request: SignRequest, structure: Structure) -> None:
    if structure.is_encrypted:
        raise UnreadablePdf(
            f"Tệp {request.source} được mã hóa nên không ký được. Hãy bỏ mã hóa trước.",
            f"{request.source} is encrypted and cannot be signed; remove the encryption first",
        )
    filled = structure.field_names - set(structure.unsigned_fields)
    if not filled.isdisjoint({request.field_name, f"{request.field_name}_TS"}):
        raise AlreadySigned(
            f"Tệp {request.source} đã có chữ ký {request.field_name}. Không ký lại.",
            f"{request.source} already holds the signature {request.field_name}",
        )
    block = request.block
    if block is None:
        return
    if not 1 <= block.page <= structure.pages:
        raise BlockDoesNotFit(
            f"Tệp {request.source} không có trang {block.page}. Hãy chọn trang khác.",
            f"{request.source} has no page {block.page}; choose another one",
        )
    page = block.page - 1
    check_fit(block, structure.page_boxes[page], structure.page_turns[page])


def _style(block: VisibleBlock | None, structure: Structure) -> BlockStyle | None:
    if block is None:
        return None
    return block_style(block, structure.page_turns[block.page - 1])


def _new_field(
    name: str, place: VisibleBlock | ReservedField | None, structure: Structure
) -> fields.SigFieldSpec:
    if place is None:
        return fields.SigFieldSpec(name)
    box = drawn_box(place.box, structure.page_turns[place.page - 1])
    return fields.SigFieldSpec(
        name,
        on_page=place.page - 1,
        box=box,  # type: ignore[arg-type]  # a PDF rectangle may hold fractions
    )


def _reserve(writer: RevisionWriter, request: SignRequest, structure: Structure) -> None:
    for later in request.reserve:
        if later.name not in structure.field_names:
            fields.append_signature_field(writer, _new_field(later.name, later, structure))
