"""The export for outsiders: the log, or what concerns one record, with all that proves it.

It holds identifiers and digests only, as the events do; titles, texts and pictures stay here.
"""

from __future__ import annotations

from pathlib import Path

from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.evidence_parts import Ground, events_of, make_empty, seal, write_common, write_proofs
from storage.outsider import package

_README = """GÓI BẰNG CHỨNG CỦA NHẬT KÝ SỰ KIỆN (evidence export)

Kiểm tra, chỉ cần Python 3.11 trở lên, không cần mạng:
    python kiem-tra.pyz .
Nên thêm những gì anh/chị giữ từ trước, không lấy trong gói:
    python kiem-tra.pyz . --key station.pub --trust CHUNG-THU --witness PHIEU.txt
Một tệp có đúng là tệp kho đã nhận hoặc đã ký không:
    python kiem-tra.pyz . --file GIAY.pdf
kiem-tra.pyz là mã nguồn nén (zip), mở ra đọc được. Đừng tin bản trong gói nếu nghi ngờ người
giao gói: hãy lấy bản cùng phiên bản từ nơi phát hành chương trình.

Check it with Python 3.11 or later and nothing else, offline, as above. Bring your own copy of the
station's key, of the timestamp certificates and of a witness file where you have them: what is
packed here came from the station itself.
"""


def export_log(archive: Archive, target: Path, ground: Ground) -> package.Manifest:
    """Write the whole log with heads and anchors into an empty folder.

    Raises:
        TargetNotEmpty: The folder holds something.
    """
    make_empty(target)
    archive.sign_head(ground.key, ground.at)
    head = archive.events.head()
    with archive.db.snapshot():
        _write_log(archive, target, head.size)
    write_common(archive, target, ground, sizes=None, readme=_README)
    return seal(target, ground, (package.LOG, head.size, head.root_hash.hex()))


def export_record(
    archive: Archive, record_id: str, target: Path, ground: Ground
) -> package.Manifest:
    """Write the events of one record with proofs, and no other event, into an empty folder.

    A record that was destroyed since is proved all the same: its events stay.

    Raises:
        RecordNotFound: No event tells of such a record.
        TargetNotEmpty: The folder holds something.
    """
    events = events_of(archive, record_id)
    if not events:
        raise RecordNotFound(
            f"Nhật ký không có sự kiện nào về {record_id}. Hãy kiểm tra lại mã.",
            f"the log has no event about {record_id}; check the identifier",
        )
    make_empty(target)
    head = archive.sign_head(ground.key, ground.at)
    assert head is not None, "there are events"
    sizes = write_proofs(archive, target, events, head)
    write_common(archive, target, ground, sizes=sizes, readme=_README)
    return seal(target, ground, (package.RECORD, head.size, head.root))


def _write_log(archive: Archive, target: Path, size: int) -> None:
    with (
        (target / package.EVENTS).open("wb") as events,
        (target / package.LEAVES).open("wb") as leaves,
    ):
        for row in archive.db.iterate(
            "SELECT CAST(body AS BLOB) AS body, leaf FROM event WHERE seq <= ? ORDER BY seq",
            (size,),
        ):
            events.write(row["body"] + b"\n")
            leaves.write(row["leaf"])
