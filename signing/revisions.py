"""Revisions that leave a document's metadata as they are.

pyHanko enters itself as producer, with this machine's time, in each revision that it writes: what
the archive stated of its copy would be restated by whoever signs it, and /Info would differ from
XMP. When and by whom a file was signed stands in the signature.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BufferedRandom

from asn1crypto import crl, ocsp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.signers.constants import DEFAULT_MD
from pyhanko.sign.signers.pdf_signer import (
    PdfPostSignatureDocument,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

_LAST_OF_PDF_1 = (1, 7)
# Proofs of the document timestamp go into its own revision: what follows it would be unprotected.
_TIMESTAMP_SETTINGS = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)


class RevisionWriter(IncrementalPdfFileWriter):
    """Adds a revision to a PDF, and nothing to what the PDF says of itself."""

    def _update_meta(self) -> None:
        """Leave /Info and the XMP packet alone."""

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        """Keep a PDF 1 what it is.

        PDF/A-2 is PDF 1.7 at most; of 2.0 a signature with an elliptic curve needs the name of the
        algorithm only, which every reader knows.

        Args:
            version: What pyHanko wishes, as (major, minor).
        """
        allowed = version if self.prev.input_version > _LAST_OF_PDF_1 else _LAST_OF_PDF_1
        super().ensure_output_version(min(version, allowed))  # type: ignore[no-untyped-call]  # pyHanko's


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What keeps a signature verifiable once its authorities are gone.

    Attributes:
        paths: Chains of the certificates behind the signatures and timestamps.
        context: Holds what was collected, and checks the document timestamp's own chain.
        ocsps: Responses to keep.
        crls: Lists to keep.
    """

    paths: Iterable[ValidationPath]
    context: ValidationContext
    ocsps: Iterable[ocsp.OCSPResponse]
    crls: Iterable[crl.CertificateList]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStamp:
    """A document timestamp that is wanted.

    Attributes:
        timestamper: Who is asked.
        field_name: Name of its field.
    """

    timestamper: TimeStamper
    field_name: str


async def complete(signed: PdfPostSignatureDocument, file: BufferedRandom) -> None:
    """Add what keeps a signature verifiable: proofs of its level, and a document timestamp.

    Does what ``PdfPostSignatureDocument.post_signature_processing`` does, through our writer.

    Args:
        signed: What is left to do after the signature.
        file: The signed document, open for reading and writing.
    """
    todo, context = signed.post_sign_instructions, signed.validation_context
    if todo is None:
        return
    assert context is not None, "proofs were collected in it"
    collected = todo.validation_info
    proofs = Proofs(
        paths=collected.validation_paths,
        context=context,
        ocsps=collected.ocsps_to_embed,
        crls=collected.crls_to_embed,
    )
    stamp = None
    if todo.timestamper is not None and todo.timestamp_field_name is not None:
        stamp = DocumentStamp(timestamper=todo.timestamper, field_name=todo.timestamp_field_name)
    await add_proofs(file, proofs, stamp)


def _store_again(store: DocumentSecurityStore, proofs: Proofs, writer: RevisionWriter) -> None:
    """Store a certificate again where an earlier signature brought the very same proofs.

    Verifiers that count only what was stored after a signature would call it B-T; EU DSS tells two
    stores apart by the numbers of the objects in them.
    """
    path = next(iter(proofs.paths), None)
    if path is None:
        return
    stream = generic.StreamObject(stream_data=path.last.dump())
    held = store.as_pdf_object()  # type: ignore[no-untyped-call]  # pyHanko's
    held["/Certs"].append(writer.add_object(stream))
    writer.update_container(held)


async def add_proofs(file: BufferedRandom, proofs: Proofs, stamp: DocumentStamp | None) -> None:
    """Add a revision with proofs, under a document timestamp where one is wanted.

    Args:
        file: The signed document, open for reading and writing.
        proofs: What is kept.
        stamp: The document timestamp, None for none.
    """
    writer = RevisionWriter(file, strict=False)
    store = DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        paths=proofs.paths,
        validation_context=proofs.context,
        ocsps=proofs.ocsps,
        crls=proofs.crls,
        embed_roots=False,
    )
    if not store.modified:
        _store_again(store, proofs, writer)
    if stamp is None:
        writer.write_in_place()  # type: ignore[no-untyped-call]  # pyHanko's
        return
    await PdfTimeStamper(stamp.timestamper, field_name=stamp.field_name).async_timestamp_pdf(
        writer,
        DEFAULT_MD,
        proofs.context,
        validation_paths=proofs.paths,
        in_place=True,
        timestamper=stamp.timestamper,
        dss_settings=_TIMESTAMP_SETTINGS,
        embed_roots=False,
    )
