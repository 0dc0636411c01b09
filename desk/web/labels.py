"""What the archive's words are called on the pages; the words themselves stay as they are."""

from __future__ import annotations

from collections.abc import Mapping


def worded(text: str) -> str:
    """Return a text that the catalogue translates when it is shown."""
    return text


ROLES: Mapping[str, str] = {
    "receipt": worded("Giấy tiếp nhận"),
    "component": worded("Thành phần"),
    "result": worded("Kết quả"),
}
VERDICTS: Mapping[str, tuple[str, str]] = {
    "TOTAL-PASSED": (worded("Chữ ký hợp lệ khi lưu kho"), "good"),
    "TOTAL-FAILED": (worded("Chữ ký không hợp lệ khi lưu kho"), "bad"),
    "INDETERMINATE": (worded("Chưa đủ căn cứ về chữ ký khi lưu kho"), "doubt"),
    "NO_SIGNATURE_FOUND": (worded("Không có chữ ký"), "doubt"),
}
INDICATIONS: Mapping[str, tuple[str, str]] = {
    "TOTAL-PASSED": (worded("hợp lệ"), "good"),
    "TOTAL-FAILED": (worded("không hợp lệ"), "bad"),
    "INDETERMINATE": (worded("chưa đủ căn cứ"), "doubt"),
    "NO_SIGNATURE_FOUND": (worded("không có chữ ký"), "doubt"),
}
"""What was said of one signature of a paper, beside the standard's own word."""
ANCHORS: Mapping[str, str] = {
    "signers": worded("người ký"),
    "timestamping": worded("dấu thời gian"),
    "login": worded("đăng nhập"),
}
"""What an anchor is believed for, by its folder."""
FACETS: Mapping[str, str] = {
    "agency": worded("Cơ quan"),
    "class_code": worded("Loại giấy tờ"),
    "procedure": worded("Thủ tục"),
    "year": worded("Năm lưu kho"),
    "verdict": worded("Chữ ký"),
    "role": worded("Vai trò"),
    "holder": worded("Chủ giấy tờ"),
    "dossier": worded("Hồ sơ"),
}
FIELDS: Mapping[str, str] = {
    "number": worded("Số"),
    "notation": worded("Ký hiệu"),
    "issue_date": worded("Ngày cấp, ngày ban hành"),
    "issuing_body": worded("Cơ quan ban hành"),
    "subject": worded("Trích yếu"),
    "signatory": worded("Người ký"),
    "holder": worded("Chủ giấy tờ"),
    "personal_number": worded("Số định danh cá nhân"),
    "birth_date": worded("Ngày sinh"),
    "registration_place": worded("Nơi đăng ký"),
    "registration_date": worded("Ngày đăng ký"),
    "mother": worded("Mẹ"),
    "father": worded("Cha"),
    "husband": worded("Chồng"),
    "wife": worded("Vợ"),
    "validity": worded("Thời hạn giá trị"),
    "purpose": worded("Mục đích"),
    "expiry_date": worded("Có giá trị đến"),
    "parcel": worded("Thửa đất số"),
    "map_sheet": worded("Tờ bản đồ số"),
    "area": worded("Diện tích"),
    "serial": worded("Số phát hành"),
    "business_code": worded("Mã số doanh nghiệp, hộ kinh doanh"),
    "dossier_code_qr": worded("Mã hồ sơ trong mã QR"),
    "dossier_code_label": worded("Mã hồ sơ in trên giấy"),
    "dossier_code": worded("Mã hồ sơ thấy ở chỗ khác trên giấy"),
    "business_name": worded("Tên doanh nghiệp, hộ kinh doanh"),
    "old_number": worded("Số CMND"),
    "passport_number": worded("Số hộ chiếu"),
    "signatory_title": worded("Chức vụ người ký"),
    "death_date": worded("Ngày chết"),
    "husband_birth_date": worded("Ngày sinh chồng"),
    "wife_birth_date": worded("Ngày sinh vợ"),
    "husband_number": worded("Số định danh chồng"),
    "wife_number": worded("Số định danh vợ"),
    "marital_status": worded("Tình trạng hôn nhân"),
    "scope": worded("Phạm vi có hiệu lực"),
    "entry_number": worded("Số vào sổ cấp giấy"),
    "transferor": worded("Bên chuyển nhượng, tặng cho"),
    "transferor_number": worded("Số định danh bên chuyển nhượng"),
    "agent": worded("Bên được ủy quyền"),
    "agent_number": worded("Số định danh bên được ủy quyền"),
}
ACTS: Mapping[str, str] = {
    "confirm": worded("xác nhận"),
    "correct": worded("sửa"),
    "reject": worded("không nhận"),
    "undo": worded("hoàn tác"),
}
"""What a person does with a description."""
VERSIONS: Mapping[str, str] = {
    "replacement": worded("bản quét thay bản này"),
    "version": worded("bản khác của giấy này"),
}
"""What a later paper is to an earlier one."""
EARLIER: Mapping[str, str] = {
    "replacement": worded("bản quét bị bản này thay"),
    "version": worded("một bản trước của giấy này"),
}
"""What an earlier paper is to a later one."""
SOURCES: Mapping[str, str] = {
    "ocr": worded("máy đọc"),
    "person": worded("người sửa"),
    "register": worded("sổ"),
    "qr": worded("mã QR"),
    "mrz": worded("vùng máy đọc"),
}
"""Where a field's value comes from."""
EVENTS: Mapping[str, str] = {
    "accession": worded("tiếp nhận vào kho"),
    "anchor": worded("neo thời gian"),
    "appraisal": worded("xem xét hủy"),
    "capture": worded("nhận bản quét"),
    "deletion": worded("xóa"),
    "digital signature generation": worded("ký số"),
    "digital signature validation": worded("kiểm tra chữ ký số"),
    "dissemination": worded("cấp bản xem"),
    "duplicate": worded("trùng bản quét"),
    "fixity check": worded("kiểm tra toàn vẹn"),
    "ingestion": worded("lưu kho"),
    "key use": worded("dùng khóa ký"),
    "login": worded("đăng nhập"),
    "message digest calculation": worded("tính mã băm"),
    "metadata extraction": worded("bóc tách dữ liệu"),
    "metadata modification": worded("sửa dữ liệu mô tả"),
    "normalization": worded("chuyển sang PDF/A"),
    "quarantine": worded("để riêng"),
    "recovery": worded("khôi phục"),
    "refusal": worded("từ chối"),
    "release": worded("duyệt ký"),
    "replication": worded("sao lưu"),
    "reuse": worded("hỏi giấy đã có chưa"),
    "search": worded("tìm kiếm"),
    "setting": worded("cài đặt"),
    "signing agent": worded("máy ký"),
    "signing session": worded("phiên ký cá nhân"),
    "transfer": worded("nộp vào Lưu trữ cơ quan"),
    "unquarantine": worded("lấy lại"),
    "validation": worded("kiểm tra PDF/A"),
    "view": worded("xem"),
    "virus check": worded("kiểm tra mã độc"),
    "withdrawal": worded("rút"),
}
"""By their PREMIS words, or ours where there is none."""
OUTCOMES: Mapping[str, str] = {
    **{indication: word for indication, (word, _) in INDICATIONS.items()},
    "success": worded("xong"),
    "failure": worded("không xong"),
    "automatic": worded("tự động"),
    "confirm": worded("xác nhận"),
    "correct": worded("sửa"),
    "reject": worded("không nhận"),
    "rejected": worded("không nhận"),
    "undo": worded("hoàn tác"),
    "accession": worded("tiếp nhận vào kho"),
    "retry": worded("làm lại"),
    "completed": worded("hoàn thành"),
    "begun": worded("bắt đầu phiên"),
    "ended": worded("kết thúc phiên"),
    "others ended": worded("kết thúc phiên khác của mình"),
    "own sessions": worded("xem phiên của mình"),
    "refused": worded("bị từ chối"),
    "closed": worded("đã đóng"),
    "added": worded("đã thêm"),
    "password changed": worded("đổi mật khẩu"),
    "placed": worded("đổi vai trò, phạm vi"),
    "role": worded("sai vai trò"),
    "record": worded("trang của giấy"),
    "events": worded("việc đã làm với giấy"),
    "dossier": worded("trang của hồ sơ"),
    "page": worded("hình một trang"),
    "line": worded("hình một dòng"),
    "field": worded("hình một trường"),
    "correction form": worded("mẫu sửa dữ liệu"),
    "download": worded("tải tệp"),
    "list": worded("xuất danh sách"),
    "papers": worded("tìm giấy tờ"),
    "dossiers": worded("tìm hồ sơ"),
    "missing": worded("hồ sơ thiếu kết quả"),
    "report": worded("báo cáo"),
    "log": worded("nhật ký"),
    "event": worded("một sự kiện"),
    "inclusion proof": worded("bằng chứng một sự kiện"),
    "consistency": worded("nhật ký nối tiếp"),
    "open captures": worded("bản quét chưa xử lý xong"),
    "ends of proof": worded("hạn chứng minh"),
    "verdict": worded("kết luận kiểm tra"),
    "system": worded("hệ thống"),
    "version": worded("có bản sau"),
    "replacement": worded("có bản quét thay"),
    "mended": worded("đã khôi phục tệp"),
    "restored": worded("đã khôi phục"),
    "destroyed": worded("đã hủy"),
    "evidence": worded("gói bằng chứng"),
    "before release": worded("xem trước khi duyệt ký"),
    "waiting for release": worded("xem giấy chờ duyệt ký"),
    "chosen for release": worded("chọn giấy để duyệt ký"),
    "used": worded("dùng khóa trong phiên"),
    "opened": worded("đã mở"),
    "intended": worded("sắp dùng khóa"),
    "unknown": worded("chưa rõ đã ký hay chưa"),
    "signed": worded("đã ký"),
    "failed": worded("không ký được"),
    "discarded": worded("đã ký nhưng bỏ đi"),
    "again": worded("cho ký lại"),
    "found": worded("tìm thấy tệp đã ký"),
    "given_up": worded("thôi ký"),
    "countersigned": worded("ký thêm"),
    "paired": worded("đã ghép máy"),
    "unpaired": worded("đã gỡ máy"),
    "batch opened": worded("mở đợt ký"),
    "batch closed": worded("kết thúc đợt ký"),
    "login signed": worded("ký để đăng nhập"),
    "login unknown": worded("mã đăng nhập sai"),
    "logged out": worded("kết thúc mọi phiên của một người"),
    "everybody logged out": worded("kết thúc mọi phiên"),
    "secrets renewed": worded("cấp lại mật khẩu và khóa"),
    "certificate added": worded("gắn chứng thư đăng nhập"),
    "certificate removed": worded("gỡ chứng thư đăng nhập"),
    "reading": worded("bản đọc"),
    "plain": worded("bản sao không chứng nhận"),
    "certified": worded("bản sao có chứng nhận"),
    "certified_copy": worded("bản sao có chứng nhận"),
    "asked": worded("xin bản sao"),
    "expired": worded("hết hạn"),
    "reading_copy": worded("bản đọc đã hết hạn"),
    "stray_reading_copy": worded("bản đọc không có trong sổ"),
    "export": worded("xuất gói"),
    "person_export": worded("trích xuất dữ liệu của một người"),
    "proposed": worded("đề nghị hủy"),
    "approved": worded("đồng ý hủy"),
    "kept": worded("giữ lại"),
    "withheld": worded("để lại, chưa hủy được"),
    "destroying": worded("đang hủy"),
    "decided": worded("đã quyết định"),
    "carried_out": worded("đã thực hiện"),
    "orphans": worded("dọn tệp không thuộc giấy nào"),
    "reasons": worded("xóa lý do xuất danh sách"),
    "receiver": worded("xóa nơi nhận hồ sơ"),
    "requests": worded("bỏ yêu cầu hỏng"),
}
"""How an event ended, or what of its kind it was; a word that is not here is shown as it is."""
STATES: Mapping[str, str] = {
    "in_work": worded("đang xử lý"),
    "awaiting_personal_signature": worded("chờ chữ ký cá nhân"),
    "awaiting_release": worded("chờ duyệt ký"),
    "awaiting_timestamp": worded("chờ dấu thời gian"),
    "to_confirm": worded("cần xác nhận"),
    "in_error": worded("lỗi cần xem"),
    "filed": worded("đã lưu kho"),
    "duplicate": worded("trùng bản quét"),
    "secret": worded("có dấu mật, để riêng"),
    "withdrawn": worded("đã rút"),
    "lost": worded("không còn trong sổ công việc"),
}
"""Where a scan stands."""
BACKUPS: Mapping[str, str] = {
    "backup": worded("sao lưu"),
    "check": worded("đọc lại bản sao lưu"),
    "restore": worded("khôi phục trạm"),
    "mend": worded("khôi phục một tệp"),
}
"""What is done with backups."""
TABLES: Mapping[str, Mapping[str, str]] = {
    "role": ROLES,
    "verdict": {name: words for name, (words, _) in VERDICTS.items()},
}
"""Facets whose values have names here."""
GROUPINGS: Mapping[str, str] = {
    "unit": worded("đơn vị"),
    "field": worded("lĩnh vực"),
    "month": worded("tháng"),
    "quarter": worded("quý"),
    "year": worded("năm"),
    "dossier": worded("hồ sơ"),
}
REPORT: tuple[str, ...] = (
    worded("Tiếp nhận"),
    worded("Chưa số hóa TPHS"),
    worded("Có số hóa TPHS"),
    worded("Có tái sử dụng thành phần"),
    worded("Có tái sử dụng từ Cổng DVCQG"),
    worded("Đã giải quyết"),
    worded("Kết quả chưa số hóa"),
    worded("Kết quả đã số hóa"),
    worded("Mã đơn vị"),
    worded("Đơn vị"),
    worded("Lĩnh vực"),
    worded("Tháng"),
    worded("Quý"),
    worded("Năm"),
    worded("Mã hồ sơ"),
    worded("Mã thủ tục"),
)
"""Headings of the report (`desk.report_pages`)."""
CHART: tuple[str, ...] = (
    worded("Thành phần hồ sơ đã số hóa"),
    worded("Kết quả đã số hóa"),
    worded("Số hóa hồ sơ từ %(begins)s đến %(ends)s"),
    worded("Còn %(count)s dòng không vẽ: dùng dạng csv. "),
    worded("Lập lúc %(at)s. %(agency)s"),
    worded("không có hồ sơ"),
    worded("Tổng cộng"),
    worded("(chưa rõ lĩnh vực)"),
)
"""What its chart says."""
UNMEASURED: tuple[str, ...] = (
    worded("không có hồ sơ nào để tính"),
    worded("không đo được ở đây: sổ hồ sơ không có cột electronic_result"),
    worded("không đo được ở đây: sổ hồ sơ không có cột synced_at"),
    worded("không đo được ở đây: sổ hồ sơ không có cột citizen_data"),
    worded("không đo được ở đây: chứng thực bản sao là việc khác, trạm không làm"),
)
"""Why an indicator has no number (`desk.reports`)."""
WEB_ROLES: Mapping[str, str] = {
    "officer": worded("Cán bộ văn thư, lưu trữ"),
    "auditor": worded("Thanh tra, kiểm toán"),
    "administrator": worded("Quản trị"),
}
