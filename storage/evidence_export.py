"""The export for outsiders: the log, or what concerns one record, with all that proves it.

It holds identifiers and digests only, as the events do; titles, texts and pictures stay here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain, pairwise
from pathlib import Path

from storage import anchors
from storage.archive import Archive
from storage.canonical import canonical_json
from storage.errors import RecordNotFound, TargetNotEmpty
from storage.heads import PrivateKey, public_pem
from storage.model import Event
from storage.outsider import package
from storage.outsider.anchor_checks import SUFFIX
from storage.outsider.proofs import EventProof, GrowthProof, Proofs
from storage.outsider_pack import pack_program
from storage.safe_files import write_whole
from storage.times import time_text

README = "DOC-TOI.txt"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an export is signed with, and whose timestamps it explains."""

    key: PrivateKey
    """The station's key: signs the head and the manifest."""
    trust: Path
    """Folder of certificates that are trusted for timestamps."""
    at: datetime
    """Now, aware."""


def export_log(archive: Archive, target: Path, ground: Ground) -> package.Manifest:
    """Write the whole log with heads and anchors into an empty folder.

    Raises:
        TargetNotEmpty: The folder holds something.
    """
    _make(target)
    archive.sign_head(ground.key, ground.at)
    head = archive.events.head()
    with archive.db.snapshot():
        _write_log(archive, target, head.size)
    _write_common(archive, target, ground, sizes=None)
    return _seal(target, ground, ("log", head.size, head.root_hash.hex()))


def export_record(
    archive: Archive, record_id: str, target: Path, ground: Ground
) -> package.Manifest:
    """Write the events of one record with proofs, and no other event, into an empty folder.

    A record that was destroyed since is proved all the same: its events stay.

    Raises:
        RecordNotFound: No event tells of such a record.
        TargetNotEmpty: The folder holds something.
    """
    events = _events_of(archive, record_id)
    if not events:
        raise RecordNotFound(
            f"Nhật ký không có sự kiện nào về {record_id}. Hãy kiểm tra lại mã.",
            f"the log has no event about {record_id}; check the identifier",
        )
    _make(target)
    head = archive.sign_head(ground.key, ground.at)
    assert head is not None, "there are events"
    sizes = sorted({*_anchored_after(archive, events), head.size})
    proofs = Proofs(
        events=list(_event_proofs(archive, events, sizes)),
        growth=[
            GrowthProof(old=old, new=new, path=archive.events.consistency_proof(old, new))
            for old, new in pairwise(sizes)
        ],
    )
    (target / package.PROOF).write_bytes(canonical_json(asdict(proofs)))
    _write_common(archive, target, ground, sizes=sizes)
    return _seal(target, ground, ("record", head.size, head.root))


def _events_of(archive: Archive, record_id: str) -> list[Event]:
    """Return the events of a record and of the submission that it came in, in order."""
    own = archive.events.events(record_id)
    submissions = {str(event.detail.get("submission_id", record_id)) for event in own}
    earlier = (archive.events.events(name) for name in submissions - {record_id})
    return sorted(chain(own, *earlier), key=lambda event: event.seq)


def _anchored_after(archive: Archive, events: Sequence[Event]) -> set[int]:
    """Return for each event the size of the earliest timestamped head that covers it."""
    stamped = [int(size) for size in anchors.read_anchors(archive)]
    covering = ([size for size in stamped if size >= event.seq] for event in events)
    return {min(sizes) for sizes in covering if sizes}


def _event_proofs(
    archive: Archive, events: Sequence[Event], sizes: Sequence[int]
) -> Iterator[EventProof]:
    for event in events:
        size = min(size for size in sizes if size >= event.seq)
        path = archive.events.inclusion_proof(event.seq, size)
        body = archive.events.body(event.seq).decode()
        yield EventProof(body=body, size=size, path=path)


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


def _write_common(
    archive: Archive, target: Path, ground: Ground, *, sizes: Sequence[int] | None
) -> None:
    """Write heads and anchors (of some sizes, or all), key, certificates and the program."""
    wanted = None if sizes is None else {str(size) for size in sizes}
    kept = (
        (package.HEADS, ".json", anchors.read_heads(archive)),
        (package.ANCHORS, SUFFIX, anchors.read_anchors(archive)),
    )
    for folder, suffix, found in kept:
        (target / folder).mkdir()
        for size, data in found.items():
            if wanted is None or size in wanted:
                (target / folder / f"{size}{suffix}").write_bytes(data)
    (target / package.TRUST).mkdir()
    for number, path in enumerate(anchors.certificate_paths(ground.trust), start=1):
        # Numbered: two folders may hold files of one name.
        (target / package.TRUST / f"{number}-{path.name}").write_bytes(path.read_bytes())
    (target / package.PUBLIC_KEY).write_bytes(public_pem(ground.key))
    (target / package.PROGRAM).write_bytes(pack_program())
    (target / README).write_bytes(_README.replace("\n", "\r\n").encode("utf-8-sig"))


def _seal(target: Path, ground: Ground, log: tuple[str, int, str]) -> package.Manifest:
    kind, size, root = log
    manifest = package.Manifest(
        kind=kind,
        made_at=time_text(ground.at),
        size=size,
        root=root,
        files=package.hash_files(target),
    )
    signature = ground.key.sign(package.manifest_statement(manifest))
    write_whole(target / package.MANIFEST, package.manifest_bytes(manifest, signature))
    return manifest


def _make(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TargetNotEmpty(
            f"«{target}» đã có nội dung. Hãy chọn một thư mục mới hoặc trống.",
            f"{target} holds something already; choose a new or empty folder",
        )
    target.mkdir(parents=True, exist_ok=True)
