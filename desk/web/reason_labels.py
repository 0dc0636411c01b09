"""Why a scan was put aside, in words: events hold the codes of reasons, of which there may be many.

The whole reason, with what was read, stands on the slip beside the scan.
"""

from __future__ import annotations

from collections.abc import Mapping

from desk.web.labels import OUTCOMES, worded

REASONS: Mapping[str, str] = {
    "AlreadySigned": worded("đang được ký ở nơi khác"),
    "BlockDoesNotFit": worded("khối chữ ký không đặt vừa trang"),
    "DamagedFile": worded("tệp hỏng"),
    "EmptyFile": worded("tệp rỗng"),
    "EncryptedFile": worded("tệp có mật khẩu"),
    "EngineMissing": worded("máy thiếu chương trình đọc chữ"),
    "IncompleteFile": worded("tệp chưa đủ"),
    "InfectedFile": worded("tệp có mã độc"),
    "NotArchival": worded("không chuyển được sang PDF/A"),
    "RecognitionFailed": worded("không đọc được chữ"),
    "RecognitionTimeout": worded("đọc chữ quá lâu"),
    "SignatureRejected": worded("chữ ký vừa làm không đạt kiểm tra"),
    "TooLarge": worded("tệp quá lớn"),
    "UnreadablePdf": worded("PDF không đọc được"),
    "UnsupportedType": worded("loại tệp không nhận"),
    "VirusCheckRefused": worded("không kiểm tra được mã độc"),
    "arrival_not_passed": worded("tệp đến có chữ ký chưa đạt"),
    "birth_differs": worded("ngày sinh khác nhau"),
    "class_unsure": worded("chưa rõ loại giấy tờ"),
    "copy_mark": worded("có dấu bản sao"),
    "cover_class_differs": worded("tờ bìa ghi loại giấy khác"),
    "cover_not_ours": worded("tờ bìa không do trạm này in"),
    "cover_without_paper": worded("tờ bìa không có giấy đi kèm"),
    "dossier_code_cited": worded("mã hồ sơ chỉ thấy trong lời văn"),
    "dossier_code_unsure": worded("mã hồ sơ có thể đọc nhầm"),
    "dossier_conflict": worded("hai mã hồ sơ khác nhau"),
    "doubtful_mark": worded("có dấu chưa đọc được, cần người xem"),
    "drawing_too_coarse": worded("trang vẽ quá thô để đọc"),
    "identity_differs": worded("số giấy tờ khác nhau"),
    "key": worded("khóa ký chưa dùng được"),
    "key_holder": worded("chờ người giữ khóa"),
    "nested_dossier_folders": worded("thư mục của nhiều hồ sơ lồng nhau"),
    "no_dossier_code": worded("không thấy mã hồ sơ"),
    "no_free_place": worded("không còn chỗ đặt khối chữ ký"),
    "no_room": worded("đĩa gần đầy"),
    "not_in_backup": worded("không có trong bản sao lưu"),
    "page_count_differs": worded("số trang khác tờ bìa"),
    "personal": worded("chờ chữ ký của người sao chụp"),
    "personal_refused": worded("người sao chụp chưa ký được"),
    "personal_rejected": worded("chữ ký người sao chụp không đạt"),
    "personal_unproven": worded("chữ ký người sao chụp chưa đủ bằng chứng"),
    "release": worded("chờ duyệt ký"),
    "rescan": worded("giống giấy đã có, cần người xem"),
    "result_day_differs": worded("ngày cấp khác sổ"),
    "result_has_record": worded("kết quả đã có giấy khác"),
    "result_not_in_register": worded("kết quả chưa có trong sổ"),
    "result_number_differs": worded("số của giấy khác sổ"),
    "result_taken": worded("kết quả đã gắn với giấy khác"),
    "result_unclear": worded("chưa rõ là kết quả nào"),
    "role_unclear": worded("chưa rõ là giấy nộp hay kết quả"),
    "scan_unreadable": worded("bản quét quá mờ"),
    "secret_mark": worded("có dấu mật"),
    "several_dossier_codes": worded("có nhiều mã hồ sơ"),
    "shared_data": worded("dữ liệu dùng chung"),
    "shown_only": worded("giấy chỉ xuất trình"),
    "signature_unproven": worded("chữ ký chưa đủ bằng chứng"),
    "signing_given_up": worded("thôi ký"),
    "timestamp": worded("chờ dấu thời gian"),
    "unexpected": worded("lỗi ngoài dự kiến"),
    "unknown_signature": worded("chưa rõ đã ký hay chưa"),
    "unreadable_page": worded("có trang không đọc được"),
    "unregistered_dossier": worded("hồ sơ chưa có trong sổ"),
    "virus_scanner": worded("chưa kiểm tra được mã độc"),
}


def outcome_words(outcome: str) -> list[str]:
    """Return what an event's outcome says, to be translated; nothing for what is only a code."""
    if outcome in OUTCOMES:
        return [OUTCOMES[outcome]]
    codes = outcome.split("+")
    return [REASONS[code] for code in codes] if REASONS.keys() >= set(codes) else []
