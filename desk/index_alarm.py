"""The alarm of a search index that stays behind what is filed."""

from __future__ import annotations

from storage.archive import Archive
from storage.errors import StorageError
from storage.submissions import Reason


def lagging(archive: Archive) -> Reason | None:
    """Return how far searches are behind, and what to do; None where the index has caught up."""
    try:
        behind, damaged = archive.index_lag(), archive.index_passed_over()
    except StorageError as error:
        return Reason(code="index_damaged", vi=error.vi, en=error.en)
    if damaged:
        return Reason(
            code="index_behind",
            vi=f"Chỉ mục tìm kiếm chưa theo kịp {behind} giấy tờ đã lưu, trong đó {damaged} giấy "
            "có dòng dữ liệu hỏng, không đọc được. Hãy chạy «hoso fixity» để biết giấy nào, "
            "rồi khôi phục từ bản sao lưu; đọc được thì chỉ mục tự nhận.",
            en=f"the search index is behind with {behind} filed papers; the rows of {damaged} of "
            "them are damaged: run `hoso fixity`, which names them, and restore them from a "
            "backup; what can be read again is indexed by itself",
        )
    if not behind:
        return None
    return Reason(
        code="index_behind",
        vi=f"Chỉ mục tìm kiếm chưa theo kịp {behind} giấy tờ đã lưu: tìm kiếm chưa thấy chúng, "
        "hoặc thấy theo nội dung cũ. Nếu vẫn báo sau vài phút, hãy chạy «hoso reindex»; sau đó vẫn "
        "còn thì chạy «hoso fixity» để biết giấy nào hỏng.",
        en=f"the search index is behind with {behind} filed papers: no search finds them, or it "
        "finds what they said before; if this stays for some minutes, run `hoso reindex`; if it "
        "stays after that, `hoso fixity` names the damaged ones",
    )
