"""Proofs for the signatures that a file holds already, gathered when a later one closes it.

A later signature of level LT makes the file self-contained; without the proofs of the earlier ones
too, those could not be judged any more once their authorities are gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath


async def earlier_paths(reader: PdfFileReader, context: ValidationContext) -> list[ValidationPath]:
    """Validate the certificates behind the signatures of a file; revocation data stays in context.

    What does not validate is left out: the verdict on the finished file says so.

    Args:
        reader: The file before the new signature.
        context: The context of the new signature.
    """
    paths = []
    for certificate, others in _certificates(reader):
        validator = CertificateValidator(
            certificate, intermediate_certs=others, validation_context=context
        )
        try:
            paths.append(await validator.async_validate_path())
        except (PathError, ValidationError):
            continue
    return paths


def _certificates(
    reader: PdfFileReader,
) -> Iterator[tuple[x509.Certificate, list[x509.Certificate]]]:
    for signature in reader.embedded_signatures:
        try:
            yield signature.signer_cert, signature.other_embedded_certs
            for stamp in extract_tst_data_iter(signature.signer_info, signed=False):
                yield _signer_of(stamp)
        except (ValueError, KeyError):
            # A signature that cannot be read has no proofs to gather; the verdict names it.
            continue


def _signer_of(signed: cms.SignedData) -> tuple[x509.Certificate, list[x509.Certificate]]:
    found = extract_certificate_info(signed)
    return found.signer_cert, list(found.other_certs)
