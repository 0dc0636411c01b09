"""Papers that their own files will soon prove no longer: by when, and what is said of it.

No command renews a proof yet. So what is told promises nothing: the file is to be kept as it is,
and the timestamps over the archive's log stay what they are.
"""

from __future__ import annotations

import datetime as dt

from desk.moments import VIETNAM, now, show, vietnam
from desk.station import Station
from desk.validity import term_end
from storage.archive import Archive
from storage.proof_ends import count_ending_before
from storage.submissions import Reason

_NEAR_MONTHS, _FAR_MONTHS = 3, 12


def months_after(at: dt.datetime, months: int) -> dt.datetime:
    """Return the beginning of the day so many months later, on Vietnam's calendar."""
    day = term_end(vietnam(at).date(), months, "thang") or dt.date.max
    return dt.datetime.combine(day, dt.time(), VIETNAM)


def told_moments(at: dt.datetime) -> tuple[dt.datetime, dt.datetime, dt.datetime]:
    """Return by which moments papers are counted apart: now, in three months, in a year."""
    return at, months_after(at, _NEAR_MONTHS), months_after(at, _FAR_MONTHS)


def ending(station: Station, archive: Archive) -> Reason | None:
    """Return that the proof of papers ends within the months that are set; None where none does."""
    before = months_after(now(), station.settings.evidence.proof_months)
    count = count_ending_before(archive.db, before)
    if not count:
        return None
    day = show(before)[:10]
    return Reason(
        code="proof_ends",
        vi=f"Sắp hết hạn bằng chứng: {count} giấy tờ chỉ chứng minh được chữ ký bằng chính tệp đến "
        f"một ngày trước {day}, hoặc đã qua ngày ấy. Hãy giữ nguyên tệp và báo người phụ trách lưu "
        "trữ; dấu thời gian trên nhật ký của kho vẫn còn. Danh sách ở trang «Hạn chứng minh».",
        en=f"the files of {count} papers prove their signatures only until some day before {day}, "
        "or no longer: keep the files as they are and tell the archivist; the timestamps over the "
        "archive's log stay. The page «End of proof» lists them",
    )
