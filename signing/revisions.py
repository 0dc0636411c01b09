"""Revisions that leave a document's metadata as they are.

pyHanko enters itself as producer, with this machine's time, in each revision that it writes: what
the archive stated of its copy would be restated by whoever signs it, and /Info would differ from
XMP. When and by whom a file was signed stands in the signature.
"""

from __future__ import annotations

from io import BufferedRandom

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.signers.constants import DEFAULT_MD
from pyhanko.sign.signers.pdf_signer import (
    PdfPostSignatureDocument,
    TimestampDSSContentSettings,
)
from pyhanko.sign.validation.dss import DocumentSecurityStore

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


async def complete(signed: PdfPostSignatureDocument, file: BufferedRandom) -> None:
    """Add what keeps a signature verifiable: proofs of its level, and a document timestamp.

    Does what ``PdfPostSignatureDocument.post_signature_processing`` does, through our writer.

    Args:
        signed: What is left to do after the signature.
        file: The signed document, open for reading and writing.
    """
    todo = signed.post_sign_instructions
    if todo is None:
        return
    writer = RevisionWriter(file, strict=todo.strict)
    proofs = todo.validation_info
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        paths=proofs.validation_paths,
        validation_context=signed.validation_context,
        ocsps=proofs.ocsps_to_embed,
        crls=proofs.crls_to_embed,
        embed_roots=todo.embed_roots,
    )
    if todo.timestamper is None:
        writer.write_in_place()  # type: ignore[no-untyped-call]  # pyHanko's
        return
    stamper = PdfTimeStamper(todo.timestamper, field_name=todo.timestamp_field_name)
    await stamper.async_timestamp_pdf(
        writer,
        todo.timestamp_md_algorithm or DEFAULT_MD,
        signed.validation_context,
        validation_paths=proofs.validation_paths,
        in_place=True,
        timestamper=todo.timestamper,
        dss_settings=_TIMESTAMP_SETTINGS,
        tight_size_estimates=todo.tight_size_estimates,
        embed_roots=todo.embed_roots,
    )
