"""Words for people: what each standard sub-indication means, Vietnamese first."""

from __future__ import annotations

from enum import StrEnum

from config.signature_policy import Profile
from signing.model import Indication, Kind, Modification, RevocationStatus, SubIndication

Words = tuple[str, str]
"""What is said in Vietnamese, and the same in English."""


class Language(StrEnum):
    """In which language people are told."""

    VI = "vi"
    EN = "en"

    def of(self, words: Words) -> str:
        """Choose between the two."""
        return words[0] if self is Language.VI else words[1]


# Endings of «Chứng thư «…» …»: why it must not sign, and what to do.
REFUSALS: dict[SubIndication, Words] = {
    SubIndication.EXPIRED: (
        "đã hết hạn. Hãy dùng chứng thư còn hạn hoặc xin gia hạn.",
        "has expired; use one in force or have it renewed",
    ),
    SubIndication.NOT_YET_VALID: (
        "chưa có hiệu lực. Hãy kiểm tra đồng hồ máy hoặc chờ đến ngày hiệu lực.",
        "is not yet valid; check the clock or wait",
    ),
    SubIndication.REVOKED: (
        "đã bị thu hồi. Không được ký; hãy liên hệ đơn vị quản lý chứng thư.",
        "is revoked; do not sign, call the unit that manages certificates",
    ),
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: (
        "không dùng để ký văn bản (sai mục đích). Hãy dùng chứng thư ký số.",
        "is not made for signing documents; use a signing certificate",
    ),
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: (
        "không do tổ chức trong danh sách tin cậy cấp. Hãy kiểm tra thư mục trust.",
        "was not issued by a trusted authority; check the trust folder",
    ),
    SubIndication.TRY_LATER: (
        "chưa kiểm tra được tình trạng thu hồi. Hãy kiểm tra kết nối mạng rồi thử lại.",
        "could not be checked for revocation; check the network and try again",
    ),
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE: (
        "dùng thuật toán không còn được chấp nhận. Hãy xin cấp chứng thư mới.",
        "uses an algorithm that is no longer accepted; have a new one issued",
    ),
    SubIndication.GENERIC: (
        "không hợp lệ. Hãy liên hệ đơn vị quản lý chứng thư.",
        "is not valid; call the unit that manages certificates",
    ),
}

INDICATIONS: dict[Indication, Words] = {
    Indication.TOTAL_PASSED: ("Hợp lệ", "Valid"),
    Indication.TOTAL_FAILED: ("Không hợp lệ", "Not valid"),
    Indication.INDETERMINATE: ("Chưa kết luận được", "Not settled"),
    Indication.NO_SIGNATURE_FOUND: ("Không có chữ ký", "No signature"),
}

SUB_INDICATIONS: dict[SubIndication, Words] = {
    SubIndication.FORMAT_FAILURE: (
        "cấu trúc tệp hoặc chữ ký sai, hoặc nội dung đã bị sửa sau khi ký",
        "file or signature is malformed, or was changed after signing",
    ),
    SubIndication.HASH_FAILURE: ("nội dung đã bị thay đổi", "the content was changed"),
    SubIndication.SIG_CRYPTO_FAILURE: (
        "chữ ký không khớp với chứng thư",
        "the signature does not match the certificate",
    ),
    SubIndication.REVOKED: (
        "chứng thư đã bị thu hồi trước khi ký",
        "the certificate was revoked before signing",
    ),
    SubIndication.REVOKED_NO_POE: (
        "chứng thư đã bị thu hồi, không rõ ký trước hay sau",
        "the certificate is revoked; whether before signing is unknown",
    ),
    SubIndication.REVOKED_CA_NO_POE: (
        "chứng thư của tổ chức cấp đã bị thu hồi",
        "the issuer's certificate is revoked",
    ),
    SubIndication.EXPIRED: ("chứng thư đã hết hạn khi ký", "the certificate had expired"),
    SubIndication.NOT_YET_VALID: (
        "chứng thư chưa có hiệu lực khi ký",
        "the certificate was not yet valid",
    ),
    SubIndication.OUT_OF_BOUNDS_NO_POE: (
        "chứng thư không còn (hoặc chưa) hiệu lực, không có bằng chứng thời gian ký",
        "the certificate is out of its validity and nothing proves when it was used",
    ),
    SubIndication.OUT_OF_BOUNDS_NOT_REVOKED: (
        "chứng thư đã hết hạn, không bị thu hồi, không có bằng chứng thời gian ký",
        "the certificate has expired unrevoked and nothing proves when it was used",
    ),
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE: (
        "thông tin thu hồi đã cũ, không có bằng chứng thời gian",
        "the revocation data is out of date and nothing proves when it was used",
    ),
    SubIndication.NO_POE: (
        "không có bằng chứng tồn tại tại thời điểm cần thiết",
        "nothing proves that it existed at the time that counts",
    ),
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: (
        "tổ chức cấp chứng thư không có trong danh sách tin cậy",
        "the issuer is not among the trusted ones",
    ),
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: (
        "chữ ký không kèm chứng thư của người ký",
        "the signer's certificate is missing",
    ),
    SubIndication.TRY_LATER: (
        "không kiểm tra được tình trạng thu hồi",
        "the revocation state could not be learnt",
    ),
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: (
        "không kiểm tra được chuỗi chứng thư",
        "the certificate chain could not be checked",
    ),
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: (
        "chứng thư sai mục đích sử dụng",
        "the certificate is not made for this use",
    ),
    SubIndication.SIG_CONSTRAINTS_FAILURE: (
        "có thay đổi sau khi ký mà quy tắc không cho phép tự kết luận",
        "changes after signing that the rules do not decide",
    ),
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE: (
        "thuật toán không còn được chấp nhận",
        "an algorithm is no longer accepted",
    ),
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: (
        "thuật toán không còn được chấp nhận, không có bằng chứng thời gian",
        "an algorithm is no longer accepted and nothing proves when it was used",
    ),
    SubIndication.TIMESTAMP_ORDER_FAILURE: (
        "thứ tự các dấu thời gian mâu thuẫn",
        "the timestamps contradict each other",
    ),
    SubIndication.GENERIC: (
        "không đọc được chữ ký này để kết luận",
        "this signature could not be read to the end",
    ),
}

KINDS: dict[Kind, Words] = {
    Kind.SIGNATURE: ("Chữ ký số", "Digital signature"),
    Kind.DOCUMENT_TIMESTAMP: ("Dấu thời gian của tài liệu", "Timestamp of the document"),
}

MODIFICATIONS: dict[Modification, Words] = {
    Modification.NONE: ("không có thay đổi nào sau khi ký", "nothing was changed after signing"),
    Modification.LTA: (
        "sau khi ký chỉ thêm bằng chứng lưu trữ lâu dài (được phép)",
        "after signing only evidence for the long term was added (allowed)",
    ),
    Modification.FORM_FILLING: (
        "sau khi ký có thêm chữ ký hoặc điền biểu mẫu",
        "after signing further signatures were added or a form was filled in",
    ),
    Modification.ANNOTATIONS: (
        "sau khi ký có thêm ghi chú",
        "after signing annotations were added",
    ),
    Modification.OTHER: (
        "sau khi ký nội dung đã bị sửa",
        "after signing the content was changed",
    ),
}

PROFILES: dict[Profile, Words] = {
    Profile.OFFICIAL: ("chuyên dùng công vụ", "official use (state bodies)"),
    Profile.PUBLIC: ("công cộng", "public (licensed authorities)"),
}

REVOCATIONS: dict[RevocationStatus, Words] = {
    RevocationStatus.GOOD: ("chưa bị thu hồi", "not revoked"),
    RevocationStatus.REVOKED: ("ĐÃ BỊ THU HỒI", "REVOKED"),
    RevocationStatus.UNKNOWN: (
        "KHÔNG KIỂM TRA ĐƯỢC tình trạng thu hồi",
        "the revocation state could NOT BE CHECKED",
    ),
}


def describe_sub_indication(reason: SubIndication) -> Words:
    """Give the Vietnamese and English words for a sub-indication."""
    return SUB_INDICATIONS.get(reason, SUB_INDICATIONS[SubIndication.GENERIC])
