"""What a CMS structure must hold before anything in it is believed (ETSI EN 319 142-1 clause 6.3).

pyHanko stops at the first thing that it does not like, with an error of its own parser; here each
fault is named, and a signature that is none is told from one that cannot be judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from asn1crypto import cms

from signing.model import Remark
from signing.older_kinds import ENCLOSED_DIGEST

_CERTIFICATE_REFERENCES = {"signing_certificate", "signing_certificate_v2"}
_REFERENCE_NEEDED = "/ETSI.CAdES.detached"
_SHA1_BYTES = 20
_KNOWN_DIGESTS = {
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha3_224",
    "sha3_256",
    "sha3_384",
    "sha3_512",
}


def find_faults(contents: bytes, sub_filter: str, *, is_timestamp: bool) -> Iterator[Remark]:
    """List what is wrong with a signature's CMS structure.

    Args:
        contents: Value of /Contents, padding included.
        sub_filter: The kind of signature that the file states, with its slash.
        is_timestamp: Whether it is a document timestamp, which encloses what it states.
    """
    try:
        yield from _faults_of(contents, sub_filter, is_timestamp=is_timestamp)
    except (ValueError, TypeError, KeyError) as error:
        # asn1crypto parses when it is asked: a broken part shows only here.
        vi = "Nội dung chữ ký không phải cấu trúc CMS hợp lệ."
        yield Remark(code="CONTENTS", vi=vi, en=f"the signature is no CMS structure: {error}")


def _faults_of(contents: bytes, sub_filter: str, *, is_timestamp: bool) -> Iterator[Remark]:
    message = cms.ContentInfo.load(contents)
    if message["content_type"].native != "signed_data":
        yield Remark(
            code="CONTENTS",
            vi="Nội dung chữ ký không phải dữ liệu đã ký (SignedData).",
            en="the signature is no SignedData",
        )
        return
    signed = message["content"]
    count = len(signed["signer_infos"])
    if count != 1:
        yield Remark(
            code="CONTENTS",
            vi=f"Một chữ ký phải có đúng một người ký; ở đây có {count}.",
            en=f"a signature has exactly one signer; here are {count}",
        )
        return
    enclosed = signed["encap_content_info"]["content"].native
    if sub_filter == ENCLOSED_DIGEST:
        if not isinstance(enclosed, bytes) or len(enclosed) != _SHA1_BYTES:
            yield Remark(
                code="CONTENTS",
                vi="Chữ ký kiểu adbe.pkcs7.sha1 phải chứa giá trị băm SHA-1 của tệp.",
                en="a signature of the kind adbe.pkcs7.sha1 encloses a SHA-1 digest",
            )
    elif not is_timestamp and enclosed is not None:
        yield Remark(
            code="CONTENT_ENCLOSED",
            vi="Chữ ký tách rời mà lại chứa nội dung bên trong: phần mềm ký làm sai chuẩn.",
            en="a detached signature encloses content: the signing tool breaks the standard",
        )
    yield from _faults_of_signer(signed["signer_infos"][0], sub_filter)


def _faults_of_signer(signer: cms.SignerInfo, sub_filter: str) -> Iterator[Remark]:
    attributes = [attribute["type"].native for attribute in signer["signed_attrs"]]
    if "message_digest" not in attributes:
        yield Remark(
            code="CONTENTS",
            vi="Chữ ký không có thuộc tính giá trị băm nên không ký nội dung nào.",
            en="without a message digest among its attributes it signs no content",
        )
    if sub_filter == _REFERENCE_NEEDED and not _CERTIFICATE_REFERENCES & set(attributes):
        yield Remark(
            code="NO_CERTIFICATE_REFERENCE",
            vi="Chữ ký PAdES thiếu tham chiếu chứng thư được ký: chứng thư có thể bị tráo.",
            en="a PAdES signature without a signed reference to its certificate",
        )
    digest = signer["digest_algorithm"]["algorithm"].native
    if digest not in _KNOWN_DIGESTS:
        yield Remark(
            code="UNKNOWN_ALGORITHM",
            vi=f"Thuật toán băm «{digest}» không được biết.",
            en=f"the digest algorithm {digest!r} is not known",
        )
