"""What pyHanko's errors and our own verdict on a fresh signature mean for the person who signs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko_certvalidator.errors import (
    InsufficientRevinfoError,
    InvalidCertificateError,
    PathBuildingError,
    PathValidationError,
)

from signing.errors import (
    RevocationUnavailable,
    SignatureRejected,
    TimestampUnavailable,
    UnreadablePdf,
)
from signing.model import (
    FileVerdict,
    Indication,
    SignatureVerdict,
    SignRequest,
    SubIndication,
)
from signing.preflight import refusal, sub_indication_of
from signing.texts import describe_sub_indication


def accept(verdict: FileVerdict, request: SignRequest) -> SignatureVerdict:
    """Take a fresh signature that our own verdict passes at the level that was asked for.

    Args:
        verdict: The verdict on the file just signed.
        request: What was asked for.

    Raises:
        SignatureRejected: It does not pass, or reaches another level.
        TimestampUnavailable: Its timestamp does not pass.
    """
    ours = next((s for s in verdict.signatures if s.field == request.field_name), None)
    if ours is not None and ours.indication is Indication.TOTAL_PASSED:
        stamp = next((s for s in verdict.signatures if s.field == f"{request.field_name}_TS"), ours)
        _accept_timestamps(ours, request)
        if stamp.indication is Indication.TOTAL_PASSED and ours.level is request.level:
            return ours
        ours = stamp
    reason = (ours.sub_indication if ours else None) or SubIndication.GENERIC
    vi, en = describe_sub_indication(reason)
    raise SignatureRejected(
        f"Chữ ký vừa tạo cho {request.source} không đạt kiểm tra: {vi}. Tệp chưa được ký.",
        f"the signature just made for {request.source} does not pass: {en}; nothing was kept",
        reason,
    )


def _accept_timestamps(signature: SignatureVerdict, request: SignRequest) -> None:
    """A signature may pass although its timestamp does not; ours may not."""
    for stamp in signature.timestamps:
        if stamp.indication is not Indication.TOTAL_PASSED:
            raise _untrusted_timestamp(request.source, stamp.tsa)


@contextmanager
def explained(request: SignRequest, certificate: x509.Certificate) -> Iterator[None]:
    """Say what pyHanko's errors mean for the person who signs with a certificate."""
    try:
        yield
    except (TimestampRequestError, TimeoutError) as error:
        raise _no_timestamp(request) from error
    except PyHankoSigningError as error:
        cause = error.__cause__ or error
        if isinstance(cause, Exception) and cause is not error:
            raise refusal(certificate, sub_indication_of(cause)) from error
        raise UnreadablePdf(
            f"Không ký được tệp {request.source}. Hãy kiểm tra tệp PDF.",
            f"cannot sign {request.source}: {error}",
        ) from error
    except InsufficientRevinfoError as error:
        raise RevocationUnavailable(
            "Chưa kiểm tra được tình trạng thu hồi của dịch vụ dấu thời gian. Hãy thử lại sau.",
            "the revocation state of the timestamp authority is unknown; try again later",
        ) from error
    except (PathBuildingError, PathValidationError, InvalidCertificateError) as error:
        raise _untrusted_timestamp(request.source, str(error)) from error
    except PdfError as error:
        raise UnreadablePdf(
            f"Tệp PDF {request.source} có lỗi cấu trúc nên không ký được. Hãy tạo lại tệp.",
            f"PDF {request.source} is malformed and cannot be signed: {error}",
        ) from error


def _no_timestamp(request: SignRequest) -> TimestampUnavailable:
    source = request.source
    if request.unstamped is not None and request.unstamped.exists():
        return TimestampUnavailable(
            "Dịch vụ dấu thời gian không trả lời; chữ ký đã có và được giữ lại, chỉ còn chờ dấu "
            "thời gian. Không phải nhập PIN hay ký lại.",
            f"the timestamp authority does not answer; the signature of {source} is made and kept, "
            "only its timestamp is missing; the key is not needed again",
        )
    return TimestampUnavailable(
        f"Dịch vụ dấu thời gian không trả lời; tệp {source} chưa được ký. Hãy thử lại sau.",
        f"the timestamp authority does not answer; {source} was not signed, try again later",
    )


def _untrusted_timestamp(source: Path, detail: str) -> TimestampUnavailable:
    return TimestampUnavailable(
        f"Dịch vụ dấu thời gian không thuộc danh sách tin cậy; tệp {source} chưa được ký. "
        "Hãy kiểm tra thư mục trust/timestamping.",
        f"the timestamp authority is not trusted ({detail}); {source} was not signed, "
        "check trust/timestamping",
    )
