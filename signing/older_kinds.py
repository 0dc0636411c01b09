"""Kinds of signature that PDF 2.0 gave up, and that older papers bear (ISO 32000-1 clause 12.8.3).

`adbe.pkcs7.sha1` encloses a SHA-1 digest of the file; `adbe.x509.rsa_sha1` is a bare RSA value with
a certificate beside it. Both are read and judged like others, so that an officer learns who signed
and whether the file is whole; what is weak in them is named, and keeps them from passing.
"""

from __future__ import annotations

from typing import Any

from asn1crypto import algos, cms, core, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, extract_contents

from signing.model import Remark, SubIndication

ENCLOSED_DIGEST, BARE_RSA = "/adbe.pkcs7.sha1", "/adbe.x509.rsa_sha1"
OLDER_SUB_FILTERS = {ENCLOSED_DIGEST, BARE_RSA}

WEAK_DIGEST = Remark(
    code="WEAK_DIGEST",
    vi="Chữ ký kiểu cũ, băm nội dung tệp bằng SHA-1: có thể làm ra tệp khác có cùng giá trị băm.",
    en="an older kind of signature that digests the file with SHA-1, which can be forged",
)
UNBOUND_CERTIFICATE = Remark(
    code="UNBOUND_CERTIFICATE",
    vi="Chữ ký kiểu cũ (adbe.x509.rsa_sha1): không gì gắn chứng thư với chữ ký.",
    en="an older kind of signature (adbe.x509.rsa_sha1): nothing binds the certificate to it",
)
# What each is told for.
FLAWS = {ENCLOSED_DIGEST: WEAK_DIGEST, BARE_RSA: UNBOUND_CERTIFICATE}


def why_not_enough(sub_filter: str, *, allows_sha1: bool) -> tuple[SubIndication, Remark] | None:
    """Tell why a signature of a kind does not pass, whatever else is good; None where it may.

    Args:
        sub_filter: The kind.
        allows_sha1: Whether the rules believe SHA-1.
    """
    if sub_filter == BARE_RSA:
        return SubIndication.SIG_CONSTRAINTS_FAILURE, UNBOUND_CERTIFICATE
    if sub_filter == ENCLOSED_DIGEST and not allows_sha1:
        return SubIndication.CRYPTO_CONSTRAINTS_FAILURE, WEAK_DIGEST
    return None


class NotOfItsKind(ValueError):
    """A signature that holds something else than the kind that it states."""


class OlderSignature(EmbeddedPdfSignature):
    """A signature of an older kind, in the form of the newer ones."""

    def is_intact(self) -> bool:
        """Tell whether the covered bytes are those that were digested."""
        raise NotImplementedError


class EnclosedDigest(OlderSignature):
    """A CMS structure that encloses the SHA-1 digest of the covered bytes."""

    def is_intact(self) -> bool:
        """Tell whether the enclosed digest is that of the covered bytes."""
        enclosed: object = self.signed_data["encap_content_info"]["content"].native
        return enclosed == self.compute_digest("sha1")


class BareRsa(OlderSignature):
    """An RSA value and a certificate, put into a CMS structure so that both can be judged.

    Args:
        reader: The file.
        sig_field: The signature field.
        name: Its name.
    """

    def __init__(
        self, reader: PdfFileReader, sig_field: generic.DictionaryObject, name: str
    ) -> None:
        place = sig_field.raw_get("/V")
        entries = place.get_object()
        contents = extract_contents(entries)
        value = core.OctetString.load(contents).native
        certificates = _certificates(entries["/Cert"])
        self._stated = _digest_info(certificates[0], value)
        made = _structure(certificates, value, self._stated["digest_algorithm"])
        field: Any = generic.DictionaryObject(sig_field)  # type: ignore[no-untyped-call]  # untyped in pyHanko
        field[generic.pdf_name("/V")] = _Translated(place, entries, made)
        super().__init__(reader, field, name)
        # What stands in the file, by whose length the coverage is reckoned.
        self.pkcs7_content = contents

    def is_intact(self) -> bool:
        """Tell whether the RSA value is of the digest of the covered bytes."""
        stated: object = self._stated["digest"].native
        return stated == self.compute_digest()


class _Translated(generic.IndirectObject):
    """A reference to a signature dictionary that gives other contents."""

    def __init__(
        self, place: generic.IndirectObject, entries: generic.DictionaryObject, contents: bytes
    ) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # untyped in pyHanko
            place.idnum,
            place.generation,
            place.get_pdf_handler(),  # type: ignore[no-untyped-call]  # untyped in pyHanko
        )
        self._entries: Any = generic.DictionaryObject(entries)  # type: ignore[no-untyped-call]  # untyped in pyHanko
        self._entries[generic.pdf_name("/Contents")] = generic.ByteStringObject(contents)

    def get_object(self) -> Any:
        """Give the dictionary."""
        return self._entries


def open_older(
    sub_filter: str, reader: PdfFileReader, entry: generic.DictionaryObject, name: str
) -> OlderSignature:
    """Open a signature of an older kind.

    Args:
        sub_filter: One of OLDER_SUB_FILTERS.
        reader: The file.
        entry: The signature field.
        name: Its name.

    Raises:
        NotOfItsKind: Its parts are not what the kind demands.
    """
    if sub_filter == ENCLOSED_DIGEST:
        return EnclosedDigest(reader, entry, name)
    try:
        return BareRsa(reader, entry, name)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotOfItsKind(f"no RSA value and certificate: {error}") from error


def _certificates(entry: Any) -> list[x509.Certificate]:
    """Read /Cert: the signer's certificate first, then its chain."""
    parts = entry if isinstance(entry, generic.ArrayObject) else [entry]
    loaded = [x509.Certificate.load(part.original_bytes) for part in parts]
    if not loaded:
        raise ValueError("no certificate stands beside the signature")
    return loaded


def _digest_info(certificate: x509.Certificate, value: bytes) -> algos.DigestInfo:
    """Read what an RSA value states: which digest, by which algorithm."""
    key = load_der_public_key(certificate.public_key.dump())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("the certificate beside the signature has no RSA key")
    try:
        stated = key.recover_data_from_signature(value, padding.PKCS1v15(), None)
        return algos.DigestInfo.load(stated, strict=True)
    except (InvalidSignature, ValueError):
        # No such signature of this key; its algorithm is what the kind's name says.
        return algos.DigestInfo({"digest_algorithm": {"algorithm": "sha1"}, "digest": b""})


def _structure(
    certificates: list[x509.Certificate], value: bytes, digest: algos.DigestAlgorithm
) -> bytes:
    name = digest["algorithm"].native
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {
                            "issuer": certificates[0].issuer,
                            "serial_number": certificates[0].serial_number,
                        }
                    )
                }
            ),
            "digest_algorithm": {"algorithm": name},
            "signature_algorithm": {"algorithm": f"{name}_rsa"},
            "signature": value,
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": name}],
            "encap_content_info": {"content_type": "data"},
            "certificates": certificates,
            "signer_infos": [signer],
        }
    )
    made: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return made
