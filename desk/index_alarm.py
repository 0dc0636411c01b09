"""The alarm of a search index that stays behind what is filed."""

from __future__ import annotations

from storage.archive import Archive
from storage.errors import StorageError
from storage.submissions import Reason


def lagging(archive: Archive) -> Reason | None:
    """Return what searches do not find, and what to do; None where the index has caught up."""
    try:
        missing = archive.index_lag()
    except StorageError as error:
        return Reason(code="index_damaged", vi=error.vi, en=error.en)
    if not missing:
        return None
    return Reason(
        code="index_behind",
        vi=f"Chỉ mục tìm kiếm còn thiếu {missing} giấy tờ đã lưu: tìm kiếm chưa thấy chúng. Nếu "
        "vẫn báo sau vài phút, hãy chạy «hoso reindex»; sau đó vẫn còn thì chạy «hoso fixity» để "
        "biết giấy nào hỏng.",
        en=f"the search index lacks {missing} filed papers, and no search finds them; if this "
        "stays for some minutes, run `hoso reindex`; if it stays after that, `hoso fixity` names "
        "the damaged ones",
    )
